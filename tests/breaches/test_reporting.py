"""Five questions, one transaction: the breach, its clocks, its notices (HAR-6.1, UK-33a, READ-4, READ-5, READ-9)."""

from collections import Counter
from datetime import date, time, timedelta

import pytest

from breaches import reporting
from breaches.clocks import clocks_of, headline
from breaches.forms import DataForm, time_of, time_words
from breaches.models import Breach, PartyNotice, ReportDraft
from breaches.presenters import clock_rows, deliveries, delivery_words, due_lines, notice_rows
from portal import notices
from portal.errors import NotReady, StateError
from portal.models import AuditEvent, Deadline, OutgoingEmail
from portal.permissions import Role
from portal.templatetags.dates import longdate
from tests.breaches.cases import at
from tests.breaches.test_views import client_of
from tests.builders import make_member, make_organisation, make_party

pytestmark = pytest.mark.django_db


def by_rule(breach, now):
    return {one.deadline.rule: one for one in clocks_of(breach, now=now)}


def test_report(case):
    """HAR-6.1: the breach, its ledger and its clocks; every other party in force is told, the duty is met at once."""
    breach = case.report()
    assert (breach.reference, breach.status, breach.guilty()) == ("BR-001", "reported", [case.trust.pk])
    assert {one.organisation for one in breach.notices.all()} == {case.council, case.police, case.school}
    clocks = by_rule(breach, case.now)
    assert set(clocks) == {"breach.notify_partners", "breach.report", "breach.meeting"}
    assert clocks["breach.notify_partners"].state == "met"
    assert clocks["breach.report"].owner == "Trust"
    assert clocks["breach.meeting"].owner == "Council"
    told = {mail.user for mail in OutgoingEmail.objects.filter(kind="breaches.reported")}
    assert told == {case.secretary, case.drafter, case.officer, case.teacher, case.guilty}
    verbs = set(AuditEvent.objects.filter(chain=breach.ledger_chain).values_list("verb", flat=True))
    assert {"breaches.breach:reported", "breaches.breach:parties-told", "portal.deadline:started"} <= verbs


def test_mail_says_nothing_of_what_happened(case):
    """Reference and one link; who has lost access by the time of sending is told nothing."""
    breach = case.report()
    mail = OutgoingEmail.objects.get(kind="breaches.reported", user=case.officer)
    text = notices.render(mail)
    assert "BR-001" in text.subject and f"/breaches/{breach.number}/" in text.body
    assert "wrong address" not in text.body and case.protocol.title not in text.body + text.subject
    assert "acknowledge" in text.body
    case.framework.memberships.filter(user=case.officer).update(ended_at=case.now)
    assert notices.render(mail) is None


@pytest.mark.parametrize("answer", ["yes", "not-known"])
def test_clock_of_each_controller(case, answer):
    """UK-33a: 72 hours for each controller, from when that controller became aware; shown first (READ-9)."""
    seen = case.now - timedelta(days=2)
    breach = case.report(
        personal_data=answer, data_kinds="addresses", controllers=[case.trust.pk, case.police.pk],
        identified_on=seen.date(), occurred_from=seen.date(),
    )  # fmt: skip
    clocks = clocks_of(breach, now=case.now)
    law = [one for one in clocks if one.deadline.rule == "breach.notify_ico"]
    assert clocks[:2] == law
    due = {one.owner: one.deadline.due_at for one in law}
    # the reporter's own organisation has known since the identification, the other is told now
    assert due == {"Trust": at(seen.date(), 0) + timedelta(hours=72), "Police": case.now + timedelta(hours=72)}


def test_no_clock_without_personal_data(case):
    """UK-33a: a breach of the protocol is not always a personal data breach."""
    breach = case.report(personal_data="no", controllers=[case.trust.pk])
    assert not breach.controllers.exists()
    assert "No clock runs towards the regulator." in headline(clocks_of(breach, now=case.now))


def test_partner_clock_never_speaks_for_the_regulator(case):
    """READ-9: everything done for the partners, the regulator's clock past: the sentence says so first."""
    breach = case.report(personal_data="yes", data_kinds="x", controllers=[case.trust.pk])
    Deadline.objects.open().exclude(rule="breach.notify_ico").meet(by=None, now=case.now)
    words = headline(clocks_of(breach, now=case.now + timedelta(days=4)))
    assert words.startswith("The 72 hours for the regulator have passed.")
    assert "in time" not in words.split(".")[0]


VECTORS = [
    (date(2026, 12, 18), date(2026, 12, 18), "england-and-wales", "6 January 2027", "20 January 2027", "29 December 2026"),
    (date(2026, 12, 19), date(2026, 12, 19), "england-and-wales", "6 January 2027", "20 January 2027", "29 December 2026"),
    (date(2026, 12, 24), date(2026, 12, 24), "england-and-wales", "12 January 2027", "26 January 2027", "5 January 2027"),
    (date(2026, 12, 18), date(2026, 12, 18), "scotland", "7 January 2027", "21 January 2027", None),
    (date(2026, 12, 19), date(2026, 12, 19), "scotland", "7 January 2027", "21 January 2027", None),
    (date(2026, 12, 24), date(2026, 12, 24), "scotland", "13 January 2027", "27 January 2027", None),
]  # fmt: skip


@pytest.mark.parametrize(("occurred", "identified", "nation", "report", "meeting", "notify"), VECTORS)
def test_vectors_as_shown(case, time_machine, occurred, identified, nation, report, meeting, notify):
    """READ-1, READ-4: the vectors of rules.md stand in the table that page and PDF show."""
    now = at(identified, 12)
    time_machine.move_to(now, tick=False)
    case.protocol.nation = nation
    case.protocol.save(update_fields=["nation"])
    breach = case.report(now=now, occurred_from=occurred, identified_on=identified)
    clocks = by_rule(breach, now)
    shown = {rule: due_lines(one) for rule, one in clocks.items()}
    assert shown["breach.report"] == [report]
    assert shown["breach.meeting"] == [meeting]
    if notify:
        assert shown["breach.notify_partners"] == [notify]


def test_found_late(case, time_machine):
    """READ-4: breach Monday 2, identified Wednesday 18 November 2026: strict stays and says so, practical is labelled."""
    now = at(date(2026, 11, 18), 12)
    time_machine.move_to(now, tick=False)
    breach = case.report(now=now, occurred_from=date(2026, 11, 2), identified_on=date(2026, 11, 18))
    shown = {rule: due_lines(one) for rule, one in by_rule(breach, now).items()}
    assert shown["breach.notify_partners"] == ["25 November 2026"]
    assert shown["breach.report"] == [
        "16 November 2026",
        "could not be met: found late",
        "2 December 2026: practical date, counted from the identification",
    ]
    assert shown["breach.meeting"] == [
        "30 November 2026",
        "16 December 2026: practical date, counted from the identification",
    ]
    assert by_rule(breach, now)["breach.report"].state == "overdue"
    assert clock_rows(clocks_of(breach, now=now))


def test_range_counts_from_its_first_day(case):
    """READ-5: a breach over a range: strict = first known day."""
    first = case.now.date() - timedelta(days=5)
    one_day = case.report(occurred_from=first)
    several = case.report(occurred="range", occurred_from=first, occurred_until=case.now.date())
    due = [by_rule(one, case.now)["breach.report"].deadline.due_at for one in (one_day, several)]
    assert due[0] == due[1]
    assert "between" in several.occurred_words


def test_unknown_date_is_assumed(case):
    """READ-5: counted from the identification and marked assumed."""
    breach = case.report(occurred="unknown", occurred_from=None)
    lines = due_lines(by_rule(breach, case.now)["breach.report"])
    assert lines[1].startswith("assumed:")


def test_sending_twice_gives_the_first_result(case):
    """HAR-6.1: the same draft sent again is the same breach, and nobody is told twice."""
    draft = reporting.begin(case.framework, by=case.guilty, now=case.now)
    for key, answers in case.answers().items():
        reporting.keep(draft, key, answers, now=case.now)
    access = case.access(case.guilty)
    first, again = (reporting.submit(draft, access, by=case.guilty, now=case.now) for _time in range(2))
    assert first == again
    assert Breach.objects.count() == 1
    draft.refresh_from_db()
    with pytest.raises(StateError):
        reporting.keep(draft, "containment", {"containment": ["other"]}, now=case.now)
    with pytest.raises(StateError):
        reporting.discard(draft, now=case.now)


@pytest.mark.parametrize("step", ["happened", "identified", "protocol", "organisations", "data", "containment"])
def test_incomplete_report_leaves_no_trace(case, step):
    """Each question is needed; a refused report tells nobody and starts no clock."""
    draft = reporting.begin(case.framework, by=case.guilty, now=case.now)
    for key, answers in case.answers().items():
        if key != step:
            reporting.keep(draft, key, answers, now=case.now)
    events = AuditEvent.objects.count()
    with pytest.raises(NotReady):
        reporting.submit(draft, case.access(case.guilty), by=case.guilty, now=case.now)
    assert (Breach.objects.count(), OutgoingEmail.objects.count(), AuditEvent.objects.count()) == (0, 0, events)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"identified_on": date(2026, 7, 14)}, "before it happened"),
        ({"identified_time": "9 o'clock"}, "like 14:30"),
        ({"identified_time": "23:59"}, "not come yet"),
        ({"occurred": "range", "occurred_until": date(2026, 7, 1)}, "after the first"),
        ({"personal_data": "yes", "data_kinds": "x"}, "controller"),
        ({"what_happened": "It was about NHS number 943 476 5919."}, "an NHS number"),
        ({"containment": "We wrote to jo@example.org."}, "an email address"),
        ({"containment": "Child, DOB 3/4/2025, moved."}, "a date of birth"),
    ],
)
def test_wrong_answers(case, fields, text):
    """What does not fit is refused in words; what looks like a person is warned of."""
    draft = reporting.begin(case.framework, by=case.guilty, now=case.now)
    for key, answers in case.answers(**fields).items():
        reporting.keep(draft, key, answers, now=case.now)
    with pytest.raises(NotReady) as refused:
        reporting.submit(draft, case.access(case.guilty), by=case.guilty, now=case.now)
    assert text in " ".join(refused.value.missing)


@pytest.mark.parametrize(
    ("typed", "found", "printed"),
    [
        ("14:30", time(14, 30), "2:30pm"), ("2.30", time(2, 30), "2:30am"), ("3pm", time(15), "3pm"),
        ("11:30 AM", time(11, 30), "11:30am"), ("midday", time(12), "midday"), ("midnight", time(0), "midnight"),
        ("12am", time(0), "midnight"), ("25:00", None, "25:00"), ("13pm", None, "13pm"), ("", None, ""),
    ],
)  # fmt: skip
def test_times_are_read_as_they_are_printed(typed, found, printed):
    """What the portal prints it reads, and what was typed it prints in its own way."""
    assert (time_of(typed), time_words(typed)) == (found, printed)


def test_what_an_answer_makes_necessary_is_not_optional(case):
    """HAR-6.1: kinds of data and controllers are needed by the answer above them."""
    names = {name for name in DataForm().fields if DataForm()[name].is_optional}
    assert names == {"people"}


def test_a_warning_can_be_confirmed(case):
    """It warns, it does not block: the confirmation is kept with the answers."""
    answers = case.answers(containment="Ring 943 476 5919.")
    answers["containment"]["no_person"] = ["on"]
    draft = reporting.begin(case.framework, by=case.guilty, now=case.now)
    for key, one in answers.items():
        reporting.keep(draft, key, one, now=case.now)
    assert (
        reporting.submit(draft, case.access(case.guilty), by=case.guilty, now=case.now).containment
        == "Ring 943 476 5919."
    )


def test_anybody_who_may_see_the_protocol_reports(case):
    """READ-9: a viewer of a party may; somebody of another body cannot choose the protocol; a draft is its author's."""
    assert case.report(by=case.teacher).reported_for == case.school
    stranger = make_member(case.framework, Role.VIEWER)
    with pytest.raises(NotReady):
        case.report(by=stranger)
    assert not ReportDraft.objects.visible_to(case.access(case.auditor)).exists()


def test_who_sees_a_breach(case):
    """Parties, the organisation in breach, board secretary and auditor; a drafter of a body that is no party does not."""
    breach = case.report()
    other = make_member(case.framework, Role.DRAFTER)
    seeing = [case.guilty, case.officer, case.teacher, case.secretary, case.auditor, case.drafter]
    assert all(Breach.objects.visible_to(case.access(one)).filter(pk=breach.pk).exists() for one in seeing)
    assert not Breach.objects.visible_to(case.access(other)).exists()


def test_party_without_people_is_told_otherwise(case):
    """HAR-6.1: nobody to write to: the duty stays open until somebody records how they were told; delivery is shown."""
    empty = make_organisation("Empty body", framework=case.framework)
    party = make_party(case.version, empty, order=9, status="signed", signed_at=case.now, bound_from=case.now)
    breach = case.report()
    notice = breach.notices.get(organisation=empty)
    assert notice.told_at is None
    assert delivery_words(notice, deliveries(breach).get(notice.pk, Counter())) == "nobody there to write to"
    assert by_rule(breach, case.now)["breach.notify_partners"].state == "running"
    page = f"/{case.framework.slug}/breaches/{breach.number}/notices/{notice.pk}/told/"
    assert client_of(case.officer).get(page).status_code == 404  # neither the board's secretary nor lead nor in breach
    reporting.tell_otherwise(notice, how="by telephone", by=case.secretary, now=case.now)
    assert by_rule(breach, case.now)["breach.notify_partners"].state == "met"
    assert party.name == notice.name


def test_who_was_told_stays_told_when_the_mails_are_gone(case):
    """HAR-6.1: a mail that is no longer kept is not one that came back: nobody is asked to tell the party again."""
    breach = case.report()
    notice = breach.notices.get(organisation=case.police)
    OutgoingEmail.objects.filter(kind="breaches.reported").delete()
    assert delivery_words(notice, Counter()) == f"told on {longdate(notice.told_at)}"
    told = [row[1] for row in notice_rows(breach, may_tell=True) if row[0] == notice.name]
    assert told == [{"value": f"told on {longdate(notice.told_at)}"}]


def test_acknowledgement(case):
    """HAR-6.1: kept once, with who and when."""
    notice = case.report().notices.get(organisation=case.police)
    reporting.acknowledge(notice, by=case.officer, now=case.now)
    reporting.acknowledge(notice, by=case.secretary, now=case.now + timedelta(days=1))
    kept = PartyNotice.objects.get(pk=notice.pk)
    assert (kept.acknowledged_by, kept.acknowledged_at) == (case.officer, case.now)
    assert AuditEvent.objects.filter(verb="breaches.notice:acknowledged").count() == 1
