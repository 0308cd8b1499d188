"""Deadlines as people look at them: which a reader may see, filtered, and how far each is (READ-11, READ-8, READ-2)."""

from datetime import date, timedelta

import pytest
from django.db import transaction

from portal import due, due_todo, subjects
from portal.models import BankHoliday, ClosureDay, Deadline
from portal.permissions import Access, Role
from protocols.models import Protocol
from tests.builders import NOW, make_framework, make_member
from tests.portal.duties import Duties, at

pytestmark = pytest.mark.django_db


@pytest.fixture
def duties():
    """A framework with deadlines to come."""
    return Duties()


def seen(duties, user, *, now=NOW, **asked) -> list[int]:
    """Ids of what the person finds."""
    with duties.scope(), transaction.atomic():
        access = Access.of(user, duties.framework)
        return [one.pk for one in due.wanted(access, due.Wanted(**asked), now=now)]


def distance(duties, deadline, now) -> str:
    """How far a deadline is."""
    with duties.scope(), transaction.atomic():
        return due.distance(deadline, due.Calendars(duties.framework), now=now)


def test_only_what_is_about_something_visible(duties):
    """A representative finds what is about the protocol of their organisation, not what is about a draft of others."""
    mine, hidden = duties.owe(), duties.owe(subject=duties.other)
    secretary, partner = duties.member(), duties.member(Role.REPRESENTATIVE, duties.partner)
    assert {mine.pk, hidden.pk} <= set(seen(duties, secretary))
    assert hidden.pk not in seen(duties, partner)
    assert mine.pk in seen(duties, partner)
    assert seen(duties, make_member(make_framework(), Role.SECRETARY)) == []
    with duties.scope(), transaction.atomic():  # what nobody owes waits for those who record decisions
        for user, waits in ((secretary, True), (duties.member(Role.DRAFTER), False)):
            owed = Deadline.objects.filter(due_todo.mine(Access.of(user, duties.framework)))
            assert owed.filter(pk=mine.pk).exists() is waits


def test_a_subject_that_nobody_registered_is_not_shown(duties, monkeypatch):
    """Closed by default."""
    duties.owe()
    monkeypatch.delitem(subjects.KINDS, Protocol._meta.label_lower)
    assert seen(duties, duties.member()) == []


def test_states_are_asked_of_the_moment(duties):
    """READ-11: overdue from the second after its last one; soon up to the end of the fifth working day; later after it."""
    first, second = duties.owe(start=at(2026, 12, 18)), duties.owe(start=at(2026, 12, 24))  # 29 December, 5 January
    secretary = duties.member()

    def found(state, now):
        return [pk for pk in seen(duties, secretary, now=now, state=state) if pk in (first.pk, second.pk)]

    friday = at(2026, 12, 18)
    assert found(due.SOON, friday) == [first.pk]
    assert found(due.LATER, friday) == [second.pk]
    assert found(due.OVERDUE, first.due_at) == []
    assert found(due.OVERDUE, first.due_at + timedelta(seconds=1)) == [first.pk]
    with duties.scope(), transaction.atomic():
        Deadline.objects.get(pk=first.pk).meet(by=None, now=friday)
    assert found(due.DONE, friday) == [first.pk]
    assert found("", friday) == [second.pk]
    assert found(due.ALL, friday) == [first.pk, second.pk]


def test_filters(duties):
    """Rule, organisation, protocol and dates; each alone narrows, a foreign name finds nothing."""
    minutes = duties.owe(owner=duties.partner)
    notice = duties.owe("audit.notice", subject=duties.other, owner=duties.lead, start=at(2027, 3, 1))
    secretary = duties.member()
    both = {minutes.pk, notice.pk}

    def found(**asked):
        return set(seen(duties, secretary, **asked)) & both

    assert found() == both
    assert found(rule="audit.notice") == {notice.pk}
    assert found(organisation=duties.partner.pk) == {minutes.pk}
    assert found(protocol="ref-two") == {notice.pk}
    assert found(protocol="REF-NONE") == set()
    assert found(first=date(2027, 4, 1), last=date(2027, 4, 1)) == {notice.pk}
    assert found(last=date(2027, 3, 31)) == {minutes.pk}
    assert found(partnership=1) == set()


def test_a_filter_shows_nothing_hidden(duties):
    """Naming a protocol that one may not see finds nothing, as if it were not there."""
    duties.owe(subject=duties.other)
    assert seen(duties, duties.member(Role.REPRESENTATIVE, duties.partner), protocol="REF-TWO") == []


@pytest.mark.parametrize(
    "rule, start, now, words",
    [
        ("meeting.minutes", at(2026, 12, 18), at(2026, 12, 18), "in 11 days"),
        ("meeting.minutes", at(2026, 12, 18), at(2026, 12, 31), "overdue by 2 working days"),
        ("meeting.minutes", at(2026, 12, 18), at(2027, 1, 3), "overdue by 2 working days"),
        ("indemnity.response", at(2026, 12, 18), at(2027, 1, 3), "overdue by 12 days"),
        ("breach.notify_ico", at(2027, 3, 26, 12), at(2027, 3, 28, 5), "in 31 hours"),
        ("breach.notify_ico", at(2027, 3, 26, 12), at(2027, 3, 29, 17), "overdue by 5 hours"),
        ("breach.notify_ico", at(2027, 3, 26, 12), at(2027, 3, 29, 11), "in 1 hour"),
    ],
)
def test_how_far_by_the_unit_of_the_rule(duties, rule, start, now, words):
    """experience.md: "in 53 days", "overdue by 2 working days"; READ-2: hours for the regulator's clock."""
    assert distance(duties, duties.owe(rule, start=start), now) == words


def test_late_working_days_leave_out_closure_days_and_late_bank_holidays(duties):
    """READ-1, READ-8: 30 and 31 December do not count where the bodies are closed."""
    deadline = duties.owe(start=at(2026, 12, 18))
    with duties.scope(), transaction.atomic():
        ClosureDay.objects.create(framework=duties.framework, date=date(2026, 12, 30), title="Closed")
    BankHoliday.objects.create(nation=duties.framework.nation, date=date(2026, 12, 31), title="Jubilee")
    assert distance(duties, deadline, at(2027, 1, 5)) == "overdue by 2 working days"
    # past due, but no working day has gone by: days of the calendar
    assert distance(duties, deadline, at(2026, 12, 31)) == "overdue by 2 days"


def test_counts_of_the_front_page(duties):
    """Overdue, within 5 working days, in the next three months."""
    for start in (at(2026, 12, 1), at(2026, 12, 18), at(2027, 1, 15)):
        duties.owe("meeting.minutes", start=start)
    duties.owe("review.first", subject=duties.other, start=at(2026, 12, 18))
    with duties.scope(), transaction.atomic():
        Deadline.objects.filter(rule="review.first", subject_id=duties.protocol.pk).drop(now=NOW)
        found = due.counts(Access.of(duties.member(), duties.framework), now=at(2026, 12, 28))
    assert found == {"overdue": 1, "soon": 1, "months": 2}
