"""Every open deadline with a ladder is reminded of, with no code of its own (READ-11)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from portal import clock, notices, reminders, tenancy
from portal.models import Deadline, Job, OutgoingEmail, Reminder
from portal.permissions import Role
from portal.working_days import calendar_for
from tests.builders import NOW, make_framework, make_member, make_organisation, make_protocol

pytestmark = pytest.mark.django_db


@pytest.fixture
def framework():
    """A framework whose scope is entered for the whole test."""
    framework = make_framework()
    with tenancy.scope(framework.pk), transaction.atomic():
        yield framework


@pytest.fixture
def lead(framework):
    return make_organisation("Borough of Anytown", framework)


@pytest.fixture
def protocol(framework, lead):
    return make_protocol(framework, lead=lead)


@pytest.fixture
def drafter(framework, lead):
    return make_member(framework, Role.DRAFTER, lead, full_name="Dana Drafter")


def start(rule, protocol, *, at=NOW, now=None, **options) -> Deadline:
    """A deadline that the lead owes."""
    return Deadline.objects.start(
        rule, protocol, framework=protocol.framework, start=at, now=now or at, nation="england-and-wales",
        owner=protocol.lead_organisation, **options,
    )  # fmt: skip


def steps(framework, now) -> list[tuple[int, str]]:
    """(person, step) of what a run at that moment makes."""
    before = set(Reminder.objects.values_list("pk", flat=True))
    reminders.remind(framework, now=now)
    return sorted(Reminder.objects.exclude(pk__in=before).values_list("user", "step"))


def test_a_review_is_reminded_of(framework, protocol, drafter, time_machine):
    """HAR-5.1, KEN-1.2: the lead's drafters, not those of others, each step once; one mail that names no title."""
    make_member(framework, Role.DRAFTER)
    make_member(framework, Role.VIEWER, protocol.lead_organisation)
    deadline = start("review.first", protocol)  # due on 15 December 2026
    assert steps(framework, NOW) == []
    moment = datetime(2026, 9, 15, 7, tzinfo=UTC)
    assert steps(framework, moment) == [(drafter.pk, "3-months-before")]
    assert steps(framework, moment + timedelta(hours=1)) == []
    mail = OutgoingEmail.objects.get(kind="portal.reminder")
    time_machine.move_to(moment, tick=False)
    message = notices.render(mail)
    assert message.subject == f"Reminder: Hold the first review: {protocol.reference}"
    assert "due 15 December 2026" in message.body
    assert protocol.title not in message.body
    deadline.meet(by=None, now=moment)
    assert notices.render(mail) is None
    assert steps(framework, datetime(2026, 12, 20, 9, tzinfo=UTC)) == []


def test_the_run_is_planned_by_the_deadline(framework, protocol, drafter):
    """Starting a deadline plans the run of its first step: three months before, or at once for a breach."""
    start("review.first", protocol)
    assert [job.run_at for job in Job.objects.filter(kind=reminders.KIND)] == [datetime(2026, 9, 15, 7, tzinfo=UTC)]
    start("breach.notify_partners", protocol)
    job = Job.objects.filter(kind=reminders.KIND).earliest("run_at")
    assert job.run_at == NOW
    reminders.run(job, NOW)
    assert Reminder.objects.get().step == "at-once"
    third = datetime(2026, 6, 18, 7, tzinfo=UTC)
    assert Job.objects.filter(kind=reminders.KIND, run_at__gt=NOW).earliest("run_at").run_at == third


def test_a_second_duty_at_the_moment_of_a_run_has_a_run_of_its_own(framework, protocol, drafter):
    """A run that has begun may have looked before the act: another one follows."""
    start("breach.notify_partners", protocol)
    [job] = Job.objects.claim(now=NOW)
    reminders.run(job, NOW)
    job.mark_done(now=NOW)
    start("breach.notify_ico", protocol)
    [again] = Job.objects.claim(now=NOW)
    reminders.run(again, NOW)
    assert Reminder.objects.count() == 2


def test_reminded_anew_only_if_the_date_changed(framework, protocol, drafter):
    """READ-5, READ-8: a recount that gives the same date says nothing; another date is told anew, with the step of now."""
    deadline = start("breach.report", protocol)  # due on 29 June
    moment = NOW + timedelta(hours=1)
    assert steps(framework, moment) == [(drafter.pk, "at-once")]
    deadline.recount(by=None, now=moment, reason="Checked")
    assert steps(framework, moment) == []
    closed = calendar_for("england-and-wales", closures=[date(2026, 6, 22)])
    assert deadline.recount(by=None, now=moment, reason="Closed on Monday", calendar=closed)
    assert Job.objects.filter(kind=reminders.KIND, run_at=moment).exists()
    assert steps(framework, moment) == [(drafter.pk, "at-once")]
    assert deadline.warn_on == date(2026, 6, 29)  # and warnings still work towards the earlier date


def test_warnings_count_towards_the_earlier_date(framework, protocol, drafter):
    """READ-8: due on 30 June since a closure, but the last warning comes on the 29th as before; overdue after the 30th."""
    deadline = start("breach.report", protocol)
    closed = calendar_for("england-and-wales", closures=[date(2026, 6, 22)])
    deadline.recount(by=None, now=NOW, reason="Closed on Monday", calendar=closed)
    assert [step for _user, step in steps(framework, datetime(2026, 6, 29, 9, tzinfo=UTC))] == ["on-the-day"]
    assert steps(framework, datetime(2026, 6, 30, 9, tzinfo=UTC)) == []
    assert [step for _user, step in steps(framework, datetime(2026, 7, 1, 9, tzinfo=UTC))] == ["overdue-1"]


def test_a_framework_administrator_hears_when_nobody_else_can(framework, protocol):
    """Nobody drafts for the lead: the next contact up the chain is told in the same run; after weeks he hears anyway."""
    admin = make_member(framework, Role.FRAMEWORK_ADMIN)
    start("review.first", protocol)
    assert steps(framework, datetime(2026, 9, 15, 7, tzinfo=UTC)) == [(admin.pk, "3-months-before")]
    drafter = make_member(framework, Role.DRAFTER, protocol.lead_organisation)
    fourth_week = datetime(2027, 1, 6, 9, tzinfo=UTC)
    assert steps(framework, fourth_week) == sorted([(admin.pk, "overdue-4"), (drafter.pk, "overdue-4")])


def test_the_secretary_for_what_the_board_does(framework, protocol, drafter):
    """HAR-6.3: the meeting is convened by the board's secretary, whatever organisation owes it; weekly, but this at once."""
    secretary = make_member(framework, Role.SECRETARY)
    start("breach.meeting", protocol)
    assert steps(framework, NOW + timedelta(minutes=1)) == [(secretary.pk, "at-once")]


def test_in_hours_the_mail_says_the_time(framework, protocol, drafter, time_machine):
    """UK-33: 72 elapsed hours, told with the time of day."""
    start("breach.notify_ico", protocol)
    steps(framework, NOW)
    time_machine.move_to(NOW, tick=False)
    assert "due 18 June 2026 at 11am" in notices.render(OutgoingEmail.objects.get(kind="portal.reminder")).body


def test_statements_do_not_grow_with_the_deadlines(framework, lead, drafter):
    """Twenty deadlines cost the statements of two."""
    moment = datetime(2026, 9, 15, 8, tzinfo=UTC)

    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            reminders.due(framework, now=moment)
            reminders.plan(framework, now=moment)
        return len(seen)

    for _ in range(2):
        start("review.first", make_protocol(framework, lead=lead))
    cost()  # plans the run
    few = cost()
    for _ in range(18):
        start("review.first", make_protocol(framework, lead=lead))
    assert len(reminders.due(framework, now=moment)[drafter.pk]) == 20
    assert cost() == few


def test_a_digest_says_the_overdue_and_shortest_first(framework, lead, drafter, time_machine):
    """One mail for everything, sorted by date."""
    for days in (30, 0, 10):
        start("indemnity.response", make_protocol(framework, lead=lead), at=NOW + timedelta(days=days), now=NOW)
    moment = NOW + timedelta(days=14)
    assert reminders.remind(framework, now=moment) == 1
    time_machine.move_to(moment, tick=False)
    body = notices.render(OutgoingEmail.objects.get(kind="portal.reminder")).body
    dates = [line.rpartition("due ")[2] for line in body.splitlines() if line.startswith("- ")]
    assert dates == ["19 June 2026", "29 June 2026", "19 July 2026"]
    assert clock.london_date(moment) == date(2026, 6, 29)
