"""Ten years of one framework with 200 protocols: the clock jumps from event to event, hour by hour around each, with
outages of an hour to fourteen days. Every reminder against a dumb model of its own: 0 wrong, 0 missed, 0 repeated; after an
outage one digest for each person at most (READ-11). Only in `script/test slow`."""

import os
import sys
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from portal import sweep as sweeping
from portal import tenancy
from portal.models import Deadline, Job, OutgoingEmail, Reminder
from portal.permissions import Role
from tests.builders import join, make_framework, make_organisation, make_protocol, make_user
from tests.portal import enumeration

pytestmark = pytest.mark.slow
LONDON = ZoneInfo("Europe/London")
NATION = "england-and-wales"
FIRST, LAST = (
    datetime(2026, 1, 5, 9, tzinfo=UTC),
    datetime(2026 + int(os.environ.get("TT_YEARS", "10")), 1, 5, 9, tzinfo=UTC),
)
# TT_PROTOCOLS and TT_YEARS make a smaller story, to look into a finding
PROTOCOLS, BODIES = int(os.environ.get("TT_PROTOCOLS", "200")), 20
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# What the docs say (docs/deadlines.md), written down a second time: key, unit, how many before (after: +), again, urgent
LADDERS = {
    "review.first": [("3-months-before", "months", -3, 0, False), ("1-month-before", "months", -1, 0, False),
                     ("1-week-before", "days", -7, 0, False), ("on-the-day", "days", 0, 0, False),
                     ("overdue", "days", 1, 7, True)],
    "breach.notify_partners": [("at-once", "at once", 0, 0, True), ("2-working-days-before", "working days", -2, 0, True),
                               ("1-working-day-before", "working days", -1, 0, True), ("overdue", "days", 1, 1, True)],
    "breach.report": [("at-once", "at once", 0, 0, True), ("1-week-before", "days", -7, 0, False),
                      ("2-working-days-before", "working days", -2, 0, False), ("on-the-day", "days", 0, 0, False),
                      ("overdue", "days", 1, 1, True)],
    "breach.notify_ico": [("at-once", "at once", 0, 0, True), ("48-hours-before", "hours", -48, 0, True),
                          ("24-hours-before", "hours", -24, 0, True), ("6-hours-before", "hours", -6, 0, True),
                          ("overdue", "hours", 1, 24, True)],
    "complaint.acknowledge": [("at-once", "at once", 0, 0, True), ("2-weeks-before", "days", -14, 0, False),
                              ("1-week-before", "days", -7, 0, False), ("1-day-before", "days", -1, 0, True),
                              ("overdue", "days", 1, 1, True)],
}  # fmt: skip
LADDERS["review.annual"] = LADDERS["review.first"]


def morning(day: date) -> datetime:
    """8:00 in London."""
    return datetime.combine(day, time(8), tzinfo=LONDON).astimezone(UTC)


def months_before(day: date, count: int) -> date:
    """Walk back day by day: the same number in that month, or its last day."""
    year, month = day.year, day.month
    for _ in range(count):
        month, year = (12, year - 1) if month == 1 else (month - 1, year)
    number = day.day
    while True:
        try:
            return date(year, month, number)
        except ValueError:
            number -= 1


def told_from(moment: datetime, pace: str, urgent: bool) -> datetime:
    """When a step that comes at a moment is told at a pace: walk from morning to morning."""
    if urgent or pace == "at-once":
        return moment
    day = moment.astimezone(LONDON).date()
    while morning(day) < moment or (pace == "weekly" and day.strftime("%a") != "Mon"):
        day += DAY
    return morning(day)


class Duty:
    """What the model knows of one deadline: the engine's date is checked elsewhere (test_deadlines_enumeration)."""

    def __init__(self, row: Deadline, known: datetime, owner: int):
        self.pk, self.rule, self.owner, self.known, self.closed = row.pk, row.rule, owner, known, None
        self.due_at, self.warn = row.due_at, row.warn_on
        self.listed: tuple[datetime, list] = (known, [])  # steps up to a moment, since walking to them takes long

    def steps(self, until: datetime, pace: str) -> list[tuple[datetime, datetime, str]]:
        """(told from, comes at, name) of every step that comes since it was known, one after the other."""
        found, due_on = [], self.due_at.astimezone(LONDON).date()
        for key, unit, count, again, urgent in LADDERS[self.rule]:
            if unit == "at once":
                found.append((told_from(self.known, pace, urgent), self.known, key))
                continue
            day = due_on if count > 0 else self.warn
            if unit == "months":
                day = months_before(day, -count)
            elif unit == "days":
                day += timedelta(days=count)
            elif unit == "working days":
                left = -count
                while left:
                    day -= DAY
                    left -= enumeration.works(day, NATION)
            at, number = (self.due_at + timedelta(hours=count) if unit == "hours" else morning(day)), 1
            while at <= until:
                if at > self.known:
                    name = f"{key}-{number}" if again else key
                    found.append((told_from(at, pace, urgent), at, name))
                if not again:
                    break
                number += 1
                if unit == "hours":
                    at += timedelta(hours=again)
                else:
                    day += timedelta(days=again)
                    at = morning(day)
        return found

    def following(self, now: datetime, pace: str) -> datetime | None:
        """The next moment at which one of the steps is told."""
        self.latest(now, pace)
        return min([told for told, _at, _name in self.listed[1] if told > now], default=None)

    def latest(self, now: datetime, pace: str) -> str | None:
        """The step that came last of those that are told by now."""
        if self.listed[0] <= now:
            until = max(now, self.due_at) + timedelta(days=40)
            self.listed = (until, self.steps(until, pace))
        come = [(at, index, name) for index, (told, at, name) in enumerate(self.listed[1]) if told <= now]
        return max(come)[2] if come else None


class Story:
    """The framework, its people, and what happens in ten years."""

    def __init__(self):
        self.chance = Random(2026)
        self.framework = make_framework(nation=NATION)
        self.bodies = [make_organisation(framework=self.framework) for _ in range(BODIES)]
        self.pace: dict[int, str] = {}
        self.people = {body.pk: self.person(body, n) for n, body in enumerate(self.bodies)}
        self.duties: dict[int, Duty] = {}
        self.waiting: dict[int, Duty] = {}  # those that are open
        self.made: set[tuple[int, int, str]] = set()  # (person, deadline, step) that the model has told
        self.outages = self.plan_outages()
        self.figures = Counter()

    def person(self, body, number) -> int:
        """The drafter of a body; each at a pace of their own."""
        user = make_user(mfa=False)
        user.reminder_pace = self.pace[user.pk] = ("at-once", "daily", "weekly")[number % 3]
        user.save()
        join(user, self.framework, body, Role.DRAFTER, now=FIRST)
        return user.pk

    def plan_outages(self) -> list[tuple[datetime, datetime]]:
        """One in about two months, of one hour to fourteen days."""
        found, at = [], FIRST + timedelta(days=20)
        while at < LAST:
            length = timedelta(hours=self.chance.choice([1, 2, 5, 12, 24, 50, 100, 200, 336]))
            found.append((at, at + length))
            at += length + timedelta(days=self.chance.randrange(20, 80), hours=self.chance.randrange(24))
        return found

    def down(self, at: datetime) -> bool:
        """Is nothing running?"""
        return any(start <= at < end for start, end in self.outages)

    def events(self) -> list[tuple[datetime, str, object]]:
        """What people do: every protocol is completed, reviewed year by year (on time, late, very late), and now and then
        has a breach or a complaint."""
        found = []
        for n in range(PROTOCOLS):
            begun = FIRST + timedelta(days=self.chance.randrange(700), hours=self.chance.randrange(24))
            found.append((begun, "completed", n))
            at = begun + timedelta(days=self.chance.randrange(1200))
            while at < LAST:
                rule = self.chance.choice(
                    ["breach.notify_partners", "breach.report", "breach.notify_ico", "complaint.acknowledge"]
                )
                found.append((at, rule, n))
                at += timedelta(days=self.chance.randrange(600, 2600), minutes=self.chance.randrange(1440))
        return found


@pytest.fixture
def story(own_database):
    """Everything that is there at the beginning."""
    story = Story()
    with tenancy.scope(story.framework.pk), transaction.atomic():
        story.protocols = [
            make_protocol(story.framework, lead=story.bodies[n % BODIES], reference=f"TT-{n:04}")
            for n in range(PROTOCOLS)
        ]
    return story


def test_ten_years(story, time_machine, settings):
    """0 wrong, 0 missed, 0 repeated; one digest for each person and run at most."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    agenda = sorted(story.events(), key=lambda event: (event[0], str(event[2])))
    for _start, end in story.outages:
        agenda.append((end, "up again", None))
    agenda.sort(key=lambda event: event[0])
    queue, now = agenda, FIRST
    closings: list[tuple[datetime, int]] = []
    wake: set[datetime] = set()
    while now < LAST:
        moments = [queue[0][0]] if queue else []
        moments += [min(closings)[0]] if closings else []
        moments += [min(wake)] if wake else []
        now = max(now, min([*moments, LAST]))
        time_machine.move_to(now, tick=False)
        with tenancy.scope(story.framework.pk), transaction.atomic():
            while closings and min(closings)[0] <= now:
                closing = min(closings)
                closings.remove(closing)
                close(story, closing[1], now, closings)
            while queue and queue[0][0] <= now:
                _at, what, n = queue.pop(0)
                if n is not None:
                    begin(story, what, n, now, closings)
        wake = {moment for moment in wake if moment > now}
        if not story.down(now):
            swept(story, now)
            wake |= ahead(story, now)
    figures = dict(story.figures)
    sys.stdout.write(f"{PROTOCOLS} protocols, {len(story.duties)} deadlines, {len(story.outages)} outages: {figures}\n")
    assert figures["reminders"] > len(story.duties)
    assert figures.get("wrong", 0) == figures.get("missed", 0) == figures.get("repeated", 0) == 0


def begin(story, what, n, now, closings) -> None:
    """A protocol is completed, or something happens that must be reported; it is done on time, or late."""
    rule = "review.first" if what == "completed" else what
    open_deadline(story, rule, n, now, now, closings)


def open_deadline(story, rule, n, start, now, closings, rounds=0) -> None:
    """Start it, and decide when it will be done."""
    protocol = story.protocols[n]
    row = Deadline.objects.start(
        rule, protocol, framework=story.framework, start=start, now=now, nation=NATION, owner=protocol.lead_organisation,
        **({"n": rounds} if rounds else {}),
    )  # fmt: skip
    story.duties[row.pk] = Duty(row, now, story.people[protocol.lead_organisation_id])
    story.duties[row.pk].about = (n, start, rounds)
    story.waiting[row.pk] = story.duties[row.pk]
    late = story.chance.choice([-20, -3, -1, 0, 1, 2, 9, 30]) * DAY
    done = max(now + HOUR, row.due_at + (late if row.due_at - now > 30 * DAY else late / 10))
    closings.append((done.replace(minute=17, second=0, microsecond=0), row.pk))


def close(story, pk, now, closings) -> None:
    """It is done; a review starts the next one, counted from the completion (READ-3)."""
    row = Deadline.objects.get(pk=pk)
    row.meet(by=None, now=now)
    duty = story.duties[pk]
    duty.closed = now
    del story.waiting[pk]
    n, start, number = duty.about
    if duty.rule.startswith("review."):
        open_deadline(story, "review.annual", n, start, now, closings, rounds=number + 1)


def ahead(story, now) -> set[datetime]:
    """When to look next: hour by hour around whatever the portal has planned, and around what the model expects."""
    with tenancy.scope(story.framework.pk), transaction.atomic():
        planned = list(
            Job.objects.filter(done_at=None, run_at__gt=now).order_by("run_at").values_list("run_at", flat=True)[:2]
        )
    found = {moment + offset * HOUR for moment in planned for offset in (-1, 0, 1)}
    expected = [duty.following(now, story.pace[duty.owner]) for duty in story.waiting.values()]
    soonest = min([moment for moment in expected if moment], default=None)
    found |= {soonest + offset * HOUR for offset in (-1, 0, 1)} if soonest else set()
    return {moment for moment in found if moment > now}


def swept(story, now) -> None:
    """One sweep; what it made against what the model says; at most one mail for each person."""
    with tenancy.scope(story.framework.pk), transaction.atomic():
        last = Reminder.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        mails = OutgoingEmail.objects.count()
    sweeping.sweep(now=now)
    with tenancy.scope(story.framework.pk), transaction.atomic():
        made = list(Reminder.objects.filter(pk__gt=last).values_list("user_id", "subject_id", "step"))
        people = list(
            OutgoingEmail.objects.order_by("-pk")[: OutgoingEmail.objects.count() - mails].values_list(
                "user_id", flat=True
            )
        )
    wanted = set()
    for duty in story.waiting.values():
        step = duty.latest(now, story.pace[duty.owner])
        if step and (duty.owner, duty.pk, step) not in story.made:
            wanted.add((duty.owner, duty.pk, step))
    counted = Counter(made)
    story.figures["sweeps"] += 1
    story.figures["reminders"] += len(made)
    story.figures["mails"] += len(people)
    story.figures["repeated"] += sum(counted.values()) - len(counted) + len(set(made) & story.made)
    story.figures["wrong"] += len(set(made) - wanted)
    story.figures["missed"] += len(wanted - set(made))
    story.made |= wanted | set(made)
    assert max(Counter(people).values(), default=0) <= 1, "more than one digest"
    assert not wanted - set(made), (now, sorted(wanted - set(made))[:3])
    assert not set(made) - wanted, (now, sorted(set(made) - wanted)[:3])
