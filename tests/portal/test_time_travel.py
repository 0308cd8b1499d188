"""Ten years of one framework with 200 protocols: the clock jumps from event to event, hour by hour around each, with
outages of an hour to fourteen days. Every reminder, and every line of every mail, against a dumb model of its own: 0 wrong,
0 missed, 0 repeated; after an outage one digest for each person at most (READ-11). Only in `script/test slow`.

The controls tell the same story, shorter, to a portal that is broken on purpose: the model must see it.
"""

import os
import re
import sys
import time as stopwatch
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from heapq import heappop, heappush
from random import Random
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import transaction

from portal import ladders, reminders, tenancy
from portal import sweep as sweeping
from portal.models import Deadline, Job, OutgoingEmail, Reminder
from portal.permissions import Role
from tests.builders import join, make_framework, make_organisation, make_protocol, make_user
from tests.portal import enumeration

pytestmark = pytest.mark.slow
LONDON = ZoneInfo("Europe/London")
NATION = "england-and-wales"
FIRST = datetime(2026, 1, 5, 9, tzinfo=UTC)
# TT_PROTOCOLS and TT_YEARS make a smaller story, to look into a finding
PROTOCOLS, YEARS, BODIES = int(os.environ.get("TT_PROTOCOLS", "200")), int(os.environ.get("TT_YEARS", "10")), 20
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AROUND = (-HOUR, timedelta(0), HOUR)
LINE = re.compile(r"^- .*(TT-\d{4})", re.MULTILINE)
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
HAPPENS = [rule for rule in LADDERS if not rule.startswith("review.")]
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
        self.step, self.changes_at = None, known  # what was told last; when the next is told
        self.about: tuple = ()

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

    def told(self, now: datetime, pace: str) -> str | None:
        """The step that came last of those that are told by now; the same until the next is told."""
        if now >= self.changes_at:
            steps = self.steps(max(now, self.due_at) + 40 * DAY, pace)
            come = [(at, index, name) for index, (told, at, name) in enumerate(steps) if told <= now]
            self.step = max(come)[2] if come else None
            self.changes_at = min([told for told, _at, _name in steps if told > now], default=now + 30 * DAY)
        return self.step


class Story:
    """The framework, its people, and what happens in so many years."""

    def __init__(self, protocols, years):
        self.chance, self.number = Random(2026), protocols
        self.last = FIRST.replace(year=FIRST.year + years)
        self.framework = make_framework(nation=NATION)
        self.bodies = [make_organisation(framework=self.framework) for _ in range(BODIES)]
        self.pace: dict[int, str] = {}
        self.addresses: dict[str, int] = {}
        self.people = {body.pk: self.person(body, n) for n, body in enumerate(self.bodies)}
        with self.inside():
            self.protocols = [
                make_protocol(self.framework, lead=self.bodies[n % BODIES], reference=f"TT-{n:04}")
                for n in range(protocols)
            ]
        self.waiting: dict[int, Duty] = {}  # those that are open
        self.made: set[tuple[int, int, str]] = set()  # (person, deadline, step) that the model has told
        self.agenda: list[tuple[datetime, int, object]] = []  # a heap: moment, number, what happens then
        self.looks: set[datetime] = set()
        self.outages = self.plan_outages()
        self.figures, self.findings = Counter(), []

    @contextmanager
    def inside(self):
        """Scope and transaction."""
        with tenancy.scope(self.framework.pk), transaction.atomic():
            yield

    def person(self, body, number) -> int:
        """The drafter of a body; each at a pace of their own."""
        user = make_user(mfa=False)
        user.reminder_pace = self.pace[user.pk] = ("at-once", "daily", "weekly")[number % 3]
        user.save()
        self.addresses[user.email] = user.pk
        join(user, self.framework, body, Role.DRAFTER, now=FIRST)
        return user.pk

    def plan_outages(self) -> list[tuple[datetime, datetime]]:
        """One in about two months, of one hour to fourteen days."""
        found, at = [], FIRST + 20 * DAY
        while at < self.last:
            length = timedelta(hours=self.chance.choice([1, 2, 5, 12, 24, 50, 100, 200, 336]))
            found.append((at, at + length))
            self.look(at, at + length)
            at += length + timedelta(days=self.chance.randrange(20, 80), hours=self.chance.randrange(24))
        return found

    def down(self, at: datetime) -> bool:
        """Is nothing running?"""
        return any(start <= at < end for start, end in self.outages)

    def look(self, *moments, after=FIRST) -> None:
        """Have the portal looked at at a moment, and an hour before and after."""
        for at in {moment + offset for moment in moments for offset in AROUND} - self.looks:
            if at > after:
                self.looks.add(at)
                heappush(self.agenda, (at, 0, None))

    def happens(self, at: datetime, act) -> None:
        """Somebody does something at a moment."""
        self.figures["events"] += 1
        heappush(self.agenda, (at, self.figures["events"], act))
        self.look(at)

    def tell(self) -> None:
        """Every protocol is completed, reviewed year by year (on time, late, very late), and now and then has a breach or
        a complaint."""
        for n in range(self.number):
            begun = FIRST + timedelta(days=self.chance.randrange(700), hours=self.chance.randrange(24))
            self.happens(begun, partial(self.begin, "review.first", n))
            at = begun + timedelta(days=self.chance.randrange(1200))
            while at < self.last:
                self.happens(at, partial(self.begin, self.chance.choice(HAPPENS), n))
                at += timedelta(days=self.chance.randrange(600, 2600), minutes=self.chance.randrange(1440))

    def begin(self, rule, n, now, *, start=None, rounds=0) -> None:
        """A deadline starts; decide when it will be done: on time, or late."""
        start, protocol = start or now, self.protocols[n]
        row = Deadline.objects.start(
            rule, protocol, framework=self.framework, start=start, now=now, nation=NATION,
            owner=protocol.lead_organisation, **({"n": rounds} if rounds else {}),
        )  # fmt: skip
        duty = self.waiting[row.pk] = Duty(row, now, self.people[protocol.lead_organisation_id])
        duty.about = (n, start, rounds)
        self.figures["deadlines"] += 1
        late = self.chance.choice([-20, -3, -1, 0, 1, 2, 9, 30]) * DAY
        done = max(now + HOUR, row.due_at + (late if row.due_at - now > 30 * DAY else late / 10))
        self.happens(done.replace(minute=17, second=0, microsecond=0), partial(self.close, row))

    def close(self, row, now) -> None:
        """It is done; a review starts the next one, counted from the completion (READ-3)."""
        row.meet(by=None, now=now)
        duty = self.waiting.pop(row.pk)
        n, start, rounds = duty.about
        if duty.rule.startswith("review."):
            self.begin("review.annual", n, now, start=start, rounds=rounds + 1)

    def wanted(self, now) -> set[tuple[int, int, str]]:
        """What the model says that is due and not yet told."""
        steps = ((duty.owner, duty.pk, duty.told(now, self.pace[duty.owner])) for duty in self.waiting.values())
        return {row for row in steps if row[2] and row not in self.made}

    def swept(self, now) -> None:
        """One sweep; what it made and what its mails say against what the model says; one mail for each person. Then look
        ahead, hour by hour around whatever the portal has planned next, and around what the model expects next."""
        mail.outbox.clear()
        sweeping.sweep(now=now)
        with self.inside():
            rows = Reminder.objects.filter(reminded_at=now).values_list("user_id", "subject_id", "step")
            made = Counter(rows)
            planned = (
                Job.objects.filter(done_at=None, run_at__gt=now).order_by("run_at").values_list("run_at", flat=True)
            )
            self.look(*planned[:2], after=now)
        wanted = self.wanted(now)
        self.look(*[min(duty.changes_at for duty in self.waiting.values())] if self.waiting else [], after=now)
        self.figures["sweeps"] += 1
        self.figures["reminders"] += made.total()
        self.figures["mails"] += len(mail.outbox)
        self.find("repeated", now, {row for row in made if made[row] > 1 or row in self.made})
        self.find("wrong", now, made.keys() - wanted - self.made)
        self.find("missed", now, wanted - made.keys())
        readers = [self.addresses[to] for message in mail.outbox for to in message.to]
        self.find("more than one digest", now, {user for user, times in Counter(readers).items() if times > 1})
        lines = Counter(
            (user, reference)
            for user, message in zip(readers, mail.outbox, strict=True)
            for reference in LINE.findall(message.body)
        )
        told = Counter((user, f"TT-{self.waiting[pk].about[0]:04}") for user, pk, _step in made if pk in self.waiting)
        self.find("mail", now, set((lines - told) + (told - lines)))
        self.made |= wanted | made.keys()

    def find(self, word, now, rows) -> None:
        """Keep what is not as the model says."""
        self.figures[word] += len(rows)
        self.findings += [(word, now, row) for row in sorted(rows)[:3]]

    def run(self, time_machine) -> None:
        """From the first day to the last."""
        self.tell()
        while self.agenda and self.agenda[0][0] < self.last:
            now, acts = self.agenda[0][0], []
            while self.agenda and self.agenda[0][0] == now:
                acts.append(heappop(self.agenda)[2])
            time_machine.move_to(now, tick=False)
            if any(acts):
                with self.inside():
                    for act in filter(None, acts):
                        act(now)
            if not self.down(now):
                self.swept(now)


def test_ten_years(own_database, time_machine):
    """READ-11: 0 wrong, 0 missed, 0 repeated; every mail says what was due, and one digest for each person at most."""
    began, story = stopwatch.process_time(), Story(PROTOCOLS, YEARS)
    story.run(time_machine)
    seconds = stopwatch.process_time() - began
    words = (
        f"{PROTOCOLS} protocols, {YEARS} years, {len(story.outages)} outages: {dict(story.figures)}, {seconds:.0f} s"
    )
    sys.stdout.write(f"{words} of this process\n")
    assert story.figures["reminders"] > story.figures["deadlines"]
    assert not story.findings, (words, story.findings[:10])
    with story.inside():
        assert set(OutgoingEmail.objects.values_list("status", flat=True)) == {"sent"}


def without_a_step(monkeypatch):
    """The ladder of reviews has lost its week."""
    for rule in ("review.first", "review.annual"):
        steps = [step for step in ladders.LADDERS[rule].steps if step.key != "1-week-before"]
        monkeypatch.setitem(ladders.LADDERS, rule, replace(ladders.LADDERS[rule], steps=tuple(steps)))


def a_day_early(monkeypatch):
    """Days are counted from the day before."""
    real = ladders.day_of
    monkeypatch.setattr(ladders, "day_of", lambda step, timing: real(step, timing) - DAY)


def exactly_today(monkeypatch):
    """What READ-11 forbids: a step is told on its day alone, so an outage swallows it."""
    real = ladders.came_last

    def on_its_day(coming, since, until):
        come = real(coming, since, until)
        return come if come and until - come.at < DAY else None

    monkeypatch.setattr(ladders, "came_last", on_its_day)


def forgetful(monkeypatch):
    """What was told is told again, in another mail."""
    monkeypatch.setattr(reminders, "already_made", lambda steps: {})
    monkeypatch.setattr(reminders, "lines_of", every_line)


def every_line(email):
    """The reminders of a person, whenever they were made."""
    rows = list(Reminder.objects.filter(user=email.user).select_related("user"))
    return list(reminders.SOURCES[rows[0].subject_type][1](rows).values())


@pytest.mark.parametrize(
    ("broken", "word"),
    [(without_a_step, "missed"), (a_day_early, "wrong"), (exactly_today, "missed"), (forgetful, "mail")],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_broken_portal_is_found(own_database, time_machine, monkeypatch, broken, word):
    """The control: the same story, shorter, is not told of a portal that reminds wrongly without the model's seeing it."""
    broken(monkeypatch)
    ladders.comings.cache_clear()
    story = Story(10, 2)
    story.run(time_machine)
    ladders.comings.cache_clear()
    assert story.figures[word], story.figures
