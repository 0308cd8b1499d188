"""Closure days and late bank holidays: shown before, counted after, for each framework in its own scope (READ-1, READ-8)."""

from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from portal import closures, tenancy
from portal.deadlines import Override
from portal.jobs import JOBS
from portal.models import AuditEvent, BankHoliday, ClosureDay, Deadline, Job
from portal.permissions import Role
from tests.builders import NOW
from tests.portal.duties import Duties, at

pytestmark = pytest.mark.django_db
FRIDAY, DAY = at(2026, 12, 18), date(2026, 12, 29)  # five working days after it, in England and Wales


@pytest.fixture
def duties(client):
    """A framework whose administrator is signed in."""
    duties = Duties()
    duties.admin, duties.client = duties.member(Role.FRAMEWORK_ADMIN), client
    client.force_login(duties.admin)
    return duties


def url(duties, *args):
    """The list of closure days, or the page that removes one."""
    return f"/{duties.framework.slug}/closure-days/" + "".join(f"{one}/" for one in args)


def day_of(deadline) -> date:
    """The day on which it is due now."""
    with tenancy.scope(deadline.framework_id), transaction.atomic():
        return Deadline.objects.get(pk=deadline.pk).due_at.date()


def fields(answer) -> dict:
    """The hidden fields of a preview."""
    return answer.context["fields"]


SENT = {"date": "29 December 2026", "title": "Council offices closed", "kind": "closure"}


def test_what_moves_is_shown_and_nothing_changed_before_the_confirmation(duties):
    """READ-8: every affected open deadline with old and new date; what does not move is not listed; then it is counted."""
    moves = duties.owe(start=FRIDAY)
    stays, plain = duties.owe(start=at(2027, 1, 4)), duties.owe("indemnity.response", start=FRIDAY)
    answer = duties.client.post(url(duties), SENT)
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert [row[0]["link"] for row in answer.context["rows"]] == [f"/{duties.framework.slug}/deadlines/{moves.pk}/"]
    assert "29 December 2026" in shown
    assert "30 December 2026" in shown
    with duties.scope(), transaction.atomic():
        assert not ClosureDay.objects.exists()
    assert day_of(moves) == DAY
    assert duties.client.post(url(duties), fields(answer)).status_code == 302
    assert [day_of(one) for one in (moves, stays, plain)] == [date(2026, 12, 30), date(2027, 1, 11), date(2026, 12, 22)]
    with duties.scope(), transaction.atomic():
        change = moves.changes.get()
        assert change.reason == "Closure day added: 29 December 2026, Council offices closed"
        assert change.changed_by == duties.admin
        assert Deadline.objects.get(pk=moves.pk).warn_on == DAY  # warnings keep the earlier date
        verbs = list(AuditEvent.objects.order_by("-pk").values_list("verb", flat=True)[:2])
    assert set(verbs) == {"portal.closureday:created", "portal.deadline:recounted"}
    assert "Council offices closed" in duties.client.get(url(duties)).content.decode()


def test_only_administrators_change_the_list(duties):
    """Others read it: no form, no way to take a day off, and what they send is turned away."""
    duties.client.force_login(duties.member(Role.SECRETARY))
    shown = duties.client.get(url(duties))
    assert shown.context["form"] is None
    assert duties.client.post(url(duties), SENT).status_code == 403
    with tenancy.scope(duties.framework.pk):
        assert not ClosureDay.objects.exists()


def test_a_late_bank_holiday_counts_for_its_nation_alone(duties):
    """READ-8, READ-1: of two deadlines in one framework, the one that is counted in Scotland stays."""
    english = duties.owe(start=FRIDAY)
    with duties.scope(), transaction.atomic():
        scottish = Deadline.objects.start(
            "meeting.minutes", duties.protocol, framework=duties.framework, start=FRIDAY, now=NOW, nation="scotland"
        )
    page = duties.client.get(url(duties)).content.decode()
    assert "A bank holiday declared late: Scotland" in page
    assert "Northern Ireland" not in page
    answer = duties.client.post(url(duties), SENT | {"kind": "england-and-wales", "title": "Jubilee"})
    assert len(answer.context["rows"]) == 1
    assert duties.client.post(url(duties), fields(answer)).status_code == 302
    assert (day_of(english), day_of(scottish)) == (date(2026, 12, 30), DAY)
    with duties.scope(), transaction.atomic():
        assert "Jubilee" in Deadline.objects.get(pk=english.pk).explanation
        assert AuditEvent.objects.filter(verb="portal.closureday:declared").count() == 1


def test_a_known_bank_holiday_and_a_day_on_the_list_are_refused(duties):
    """Each day once; Christmas Day needs no declaring; what was typed is still there."""
    known = duties.client.post(url(duties), SENT | {"date": "25 December 2026", "kind": "england-and-wales"})
    assert "known as a bank holiday already" in known.content.decode()
    with duties.scope(), transaction.atomic():
        closures.add(duties.framework, DAY, "Closed", by=None, now=NOW)
    again = duties.client.post(url(duties), SENT)
    assert "on the list already" in again.content.decode()
    assert "Council offices closed" in again.content.decode()
    with duties.scope(), transaction.atomic(), pytest.raises(closures.StateError):
        closures.add(duties.framework, DAY, "Closed", by=None, now=NOW)


def test_nobody_confirms_what_they_have_not_seen(duties):
    """A deadline that came meanwhile: the list is shown again, nothing is changed."""
    duties.owe(start=FRIDAY)
    answer = duties.client.post(url(duties), SENT)
    late = duties.owe("breach.notify_partners", start=FRIDAY)
    again = duties.client.post(url(duties), fields(answer))
    assert again.status_code == 200
    assert "Deadlines have changed since you looked" in again.content.decode()
    assert day_of(late) == DAY
    assert duties.client.post(url(duties), fields(again)).status_code == 302
    assert day_of(late) == date(2026, 12, 30)
    with duties.scope(), transaction.atomic(), pytest.raises(closures.Changed):
        closures.add(duties.framework, date(2026, 12, 30), "Closed", shown="seen nothing", by=None, now=NOW)


def test_removing_a_day_counts_back(duties):
    """The same way back: preview, confirmation, an event for each; warnings are already as early as that."""
    moves = duties.owe(start=FRIDAY)
    with duties.scope(), transaction.atomic():
        closures.add(duties.framework, DAY, "Closed", by=None, now=NOW)
        day = ClosureDay.objects.get()
    answer = duties.client.get(url(duties, day.pk, "remove"))
    assert "30 December 2026" in answer.content.decode()
    assert day_of(moves) == date(2026, 12, 30)
    assert duties.client.post(url(duties, day.pk, "remove"), {}).status_code == 200  # nothing was shown to confirm
    assert duties.client.post(url(duties, day.pk, "remove"), fields(answer)).status_code == 302
    assert day_of(moves) == DAY
    with duties.scope(), transaction.atomic():
        assert [one.reason for one in moves.changes.all()][-1] == "No longer a day off: 29 December 2026, Closed"
        assert not ClosureDay.objects.exists()
        with pytest.raises(closures.StateError):
            closures.remove(day, by=None, now=NOW)


def test_what_is_hidden_from_the_administrator_is_counted_and_not_listed(duties, monkeypatch):
    """Closed by default: the preview shows no deadline about a subject that is not registered, and says no number."""
    hidden = duties.owe(start=FRIDAY)
    monkeypatch.setattr("portal.subjects.KINDS", {})
    answer = duties.client.post(url(duties), SENT)
    shown = answer.content.decode()
    assert "What you may not see is counted again as well" in shown
    assert "Circulate the minutes" not in shown
    duties.client.post(url(duties), fields(answer))
    assert day_of(hidden) == date(2026, 12, 30)


def test_the_practical_date_moves_with_its_own_event(duties):
    """READ-4 with READ-8: the strict date is past and stays; the practical one moves, and the page says which."""
    with duties.scope(), transaction.atomic():
        late = Deadline.objects.start_from_breach(
            "breach.report", duties.protocol, framework=duties.framework, occurred=date(2026, 11, 2),
            identified=at(2026, 11, 18), now=at(2026, 11, 18), nation=duties.framework.nation,
        )  # fmt: skip
        found = closures.moves(duties.framework, added=ClosureDay(date=date(2026, 11, 30), title="Closed"))
        assert [(one.practical, one.was.date(), one.now.date()) for one in found] == [
            (True, date(2026, 12, 2), date(2026, 12, 3))
        ]
        closures.add(duties.framework, date(2026, 11, 30), "Closed", by=None, now=NOW)
        late.refresh_from_db()
        assert (late.due_at.date(), late.practical_at.date(), late.found_late) == (
            date(2026, 11, 16), date(2026, 12, 3), True,
        )  # fmt: skip
        assert late.changes.get().practical
    page = duties.client.get(f"/{duties.framework.slug}/deadlines/{late.pk}/").content.decode()
    assert "Practical date moved from 2 December 2026 to 3 December 2026" in page


def test_a_length_of_the_protocols_own_is_kept(duties):
    """READ-10: counted again with the clause's length, not with the table's."""
    own = duties.owe(start=FRIDAY, overrides={"meeting.minutes": Override(3, "6.6")})
    with duties.scope(), transaction.atomic():
        closures.add(duties.framework, date(2026, 12, 23), "Closed", by=None, now=NOW)
    assert day_of(own) == date(2026, 12, 24)


def test_the_operator_adds_to_the_table_and_every_framework_is_counted_by_its_own_job(duties, capsys):
    """A job for each framework; run twice it moves nothing more; an unchanged table is an error."""
    other = Duties()
    mine, theirs = duties.owe(start=FRIDAY), other.owe(start=FRIDAY)
    words = ["bank_holiday", "add", "england-and-wales", "2026-12-29", "Jubilee"]
    call_command(*words, "--dry-run")
    assert f"{duties.framework.slug}: 1 dates move" in capsys.readouterr().out
    assert not BankHoliday.objects.filter(date=DAY).exists()
    call_command(*words)
    with tenancy.installation(), transaction.atomic():
        assert AuditEvent.objects.filter(verb="portal.bankholiday:added").count() == 1
    for one in (duties, other):
        with one.scope():
            with transaction.atomic():
                planned = Job.objects.get(kind=closures.KIND)
            for _n in range(2):
                JOBS[closures.KIND](planned, NOW + timedelta(hours=1))
    assert (day_of(mine), day_of(theirs)) == (date(2026, 12, 30), date(2026, 12, 30))
    with duties.scope(), transaction.atomic():
        assert mine.changes.get().reason == "Bank holidays were changed: 29 December 2026"
    christmas = ["scotland", "2026-12-25"]  # belongs to this release: neither added again nor taken away
    adding, removing = ["bank_holiday", "add", *christmas, "Christmas"], ["bank_holiday", "remove", *christmas]
    for wrong in (words, adding, removing, [*words[:3], "x", "y"]):
        with pytest.raises(CommandError):
            call_command(*wrong)
    call_command("bank_holiday", "list")
    assert "2026-12-29 england-and-wales Jubilee" in capsys.readouterr().out
    call_command("bank_holiday", "remove", "england-and-wales", "2026-12-29")
    assert not BankHoliday.objects.filter(date=DAY).exists()
    with pytest.raises(CommandError):
        call_command("bank_holiday", "remove", "england-and-wales", "2026-12-29")
