"""Ladders of reminders as data: when people are reminded of a duty, who, and who is told next. Pure: no models, no clock.

The only file where steps of reminders may stand. A step comes at a moment. `latest` is the step
that came last (READ-11: "due and not yet reminded", never "due exactly today"), `next_run` the moment to look again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum, StrEnum
from functools import lru_cache

from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.deadlines import RULES, add_months
from portal.permissions import Perm
from portal.working_days import WorkingCalendar

MORNING = time(8, 0)  # London: steps that come on a day come then
PREPARE_REVIEW = 3  # months before its date: a review is opened, so that it is prepared in time (KEN-1.2)
REMIND_OF_COMMENTS = 3  # days before its closing date: who has not commented on a draft is reminded (HAR-¶9)


class Level(IntEnum):
    """How far up the chain a step is told; everybody below is told too. Found by permission, never by name."""

    OWNER = 0
    DEPUTY = 1
    ORGANISATION = 2
    FRAMEWORK = 3


class Pace(StrEnum):
    """How often a person wants to hear. An urgent step waits for nobody's pace."""

    AT_ONCE = "at-once"
    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True, eq=False)  # there is one of each: compared by what it is, not field by field
class Step:
    """One step. Exactly one of the lengths counts, from the date that warnings work towards (READ-8, READ-12) when it
    is not positive, from the due date when it is: `months`, `working_days`, `days`, or `hours` (from the due moment).

    at_once: when the duty became known. every: days after which it comes again, for ever. urgent: whatever the pace.
    reach: (number, level): from which repetition on who else is told.
    """

    key: str
    days: int | None = None
    months: int | None = None
    working_days: int | None = None
    hours: int | None = None
    at_once: bool = False
    every: int = 0
    urgent: bool = False
    reach: tuple[tuple[int, Level], ...] = ()

    def level(self, number: int) -> Level:
        """Who is told of the number-th time."""
        return max((level for first, level in self.reach if number >= first), default=Level.OWNER)

    def name(self, number: int) -> str:
        """Its name in the table of reminders; a repeated step has its number in it."""
        return f"{self.key}-{number}" if self.every else self.key

    @property
    def counts_back(self) -> bool:
        """From the date that warnings work towards, which may be earlier than the deadline?"""
        return self.months is not None or self.working_days is not None or (self.days is not None and self.days <= 0)


@dataclass(frozen=True)
class Ladder:
    """The steps of one duty, and the permission whose holders at the organisation that owes it are reminded.

    everywhere: holders in the whole framework, whatever organisation owes it (what a board's secretary does).
    """

    perm: Perm
    steps: tuple[Step, ...]
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class Timing:
    """What a ladder counts from. since: when the duty became known: what had come by then is past. calendar: for steps
    in working days."""

    due_at: datetime
    since: datetime
    warn_on: date | None = None
    calendar: WorkingCalendar | None = None
    due_on: date = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "due_on", clock.london_date(self.due_at))


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A step that comes at a moment."""

    at: datetime
    step: Step
    number: int

    @property
    def name(self) -> str:
        return self.step.name(self.number)

    @property
    def level(self) -> Level:
        return self.step.level(self.number)


UP_THE_CHAIN = ((1, Level.DEPUTY), (2, Level.ORGANISATION), (4, Level.FRAMEWORK))
AT_ONCE = Step("at-once", at_once=True, urgent=True)
ON_THE_DAY = Step("on-the-day", days=0)
DAILY_OVERDUE = Step("overdue", days=1, every=1, urgent=True, reach=UP_THE_CHAIN)
WEEKLY_OVERDUE = Step("overdue", days=1, every=7, urgent=True, reach=UP_THE_CHAIN)
#: KEN-1.2, KEN-5.4, DUD-5: protocols were never reviewed; the lead is told three months before
REVIEW = (
    Step("3-months-before", months=-3),
    Step("1-month-before", months=-1),
    Step("1-week-before", days=-7),
    ON_THE_DAY,
    WEEKLY_OVERDUE,
)
#: HAR-6.1: its third and fourth working day are the second and first before its end
OF_FIVE_DAYS = (
    AT_ONCE,
    Step("2-working-days-before", working_days=-2, urgent=True, reach=((1, Level.DEPUTY),)),
    Step("1-working-day-before", working_days=-1, urgent=True, reach=((1, Level.ORGANISATION),)),
    DAILY_OVERDUE,
)
OF_SOME_WEEKS = (
    Step("1-week-before", days=-7),
    Step("2-working-days-before", working_days=-2, reach=((1, Level.DEPUTY),)),
    ON_THE_DAY,
    DAILY_OVERDUE,
)

#: The ladder of each duty, first step first.
LADDERS: dict[str, Ladder] = {
    # HAR-r4: told by authority to sign (signatories.reminders)
    "signature.sign_by": Ladder(
        Perm.REPRESENT,
        (
            Step("4-weeks-before", days=-28),
            Step("1-week-before", days=-7),
            ON_THE_DAY,
            Step("overdue", days=7, every=7),
        ),
    ),
    "breach.notify_partners": Ladder(Perm.DRAFT, OF_FIVE_DAYS),
    "breach.report": Ladder(Perm.DRAFT, (AT_ONCE, *OF_SOME_WEEKS)),
    "breach.meeting": Ladder(Perm.DECIDE, (AT_ONCE, *OF_SOME_WEEKS), everywhere=True),
    "meeting.minutes": Ladder(
        Perm.DECIDE,
        (Step("2-working-days-before", working_days=-2), ON_THE_DAY, DAILY_OVERDUE),
        everywhere=True,
    ),
    "review.first": Ladder(Perm.DRAFT, REVIEW),
    "review.annual": Ladder(Perm.DRAFT, REVIEW),
    "review.findings": Ladder(Perm.DRAFT, OF_SOME_WEEKS),
    "review.effectiveness": Ladder(Perm.DRAFT, REVIEW),
    "review.action": Ladder(Perm.REPRESENT, REVIEW[1:]),
    "audit.notice": Ladder(Perm.DRAFT, (AT_ONCE, *OF_SOME_WEEKS)),
    "indemnity.response": Ladder(
        Perm.DRAFT,
        (
            AT_ONCE,
            Step("2-days-before", days=-2, urgent=True, reach=((1, Level.DEPUTY),)),
            Step("1-day-before", days=-1, urgent=True, reach=((1, Level.ORGANISATION),)),
            DAILY_OVERDUE,
        ),
    ),
    "assurance.expiry": Ladder(
        Perm.ORGANISATION,
        (Step("2-months-before", months=-2), Step("1-month-before", months=-1), Step("1-week-before", days=-7),
         ON_THE_DAY, WEEKLY_OVERDUE),
    ),
    "breach.notify_ico": Ladder(
        Perm.DRAFT,
        (
            AT_ONCE,
            Step("48-hours-before", hours=-48, urgent=True, reach=((1, Level.DEPUTY),)),
            Step("24-hours-before", hours=-24, urgent=True, reach=((1, Level.ORGANISATION),)),
            Step("6-hours-before", hours=-6, urgent=True, reach=((1, Level.FRAMEWORK),)),
            Step("overdue", hours=1, every=1, urgent=True, reach=((1, Level.FRAMEWORK),)),
        ),
    ),
    "complaint.acknowledge": Ladder(
        Perm.DRAFT,
        (AT_ONCE, Step("2-weeks-before", days=-14), Step("1-week-before", days=-7),
         Step("1-day-before", days=-1, urgent=True, reach=((1, Level.DEPUTY),)), DAILY_OVERDUE),
    ),
    "pilot.outcome": Ladder(Perm.DRAFT, REVIEW[1:]),
}  # fmt: skip


def day_of(step: Step, timing: Timing) -> date:
    """The first day of a step that comes on a day."""
    warn_on = min(timing.warn_on or timing.due_on, timing.due_on)
    if step.months is not None:
        return add_months(warn_on, step.months)
    if step.working_days is not None:
        return working_days_before(warn_on, -step.working_days, timing.calendar)
    assert step.days is not None
    return (timing.due_on if step.days > 0 else warn_on) + timedelta(days=step.days)


def working_days_before(day: date, count: int, calendar: WorkingCalendar | None) -> date:
    """The count-th working day before a day; without a calendar weekends alone are left out."""
    while count:
        day -= timedelta(days=1)
        count -= calendar.is_working_day(day) if calendar else day.weekday() < 5
    return day


@lru_cache(maxsize=10_000)  # many deadlines share the same mornings
def morning_of(day: date) -> datetime:
    """The moment on a day at which its steps come."""
    return datetime.combine(day, MORNING, tzinfo=clock.LONDON).astimezone(UTC)


@lru_cache(maxsize=10_000)
def last_morning(moment: datetime) -> date:
    """The day of the last morning that has come."""
    local = moment.astimezone(clock.LONDON)
    return local.date() - timedelta(days=local.time() < MORNING)


@lru_cache(maxsize=10_000)
def boundary(pace: Pace, moment: datetime) -> datetime:
    """What came by then is told at this pace: now, this morning, or last Monday's morning."""
    if pace is Pace.AT_ONCE:
        return moment
    day = last_morning(moment)
    return morning_of(day - timedelta(days=day.weekday() if pace is Pace.WEEKLY else 0))


@lru_cache(maxsize=10_000)
def slot(pace: Pace, moment: datetime) -> datetime:
    """When a step that comes at this moment is told at a pace."""
    edge = boundary(pace, moment)
    if edge == moment:
        return edge
    return morning_of(last_morning(edge) + timedelta(days=7 if pace is Pace.WEEKLY else 1))


@dataclass(frozen=True, slots=True)
class Coming:
    """A step, and when it comes for the first time: its moment, and the day of one that comes on days. Neither of one that
    comes when the duty becomes known."""

    step: Step
    first: datetime | None
    day: date | None


@lru_cache(maxsize=8_000)  # a run looks at every open deadline, and at most of them as the last run did
def comings(
    steps: tuple[Step, ...], due_at: datetime, warn_on: date | None, calendar: WorkingCalendar | None
) -> tuple[Coming, ...]:
    """The steps of a ladder with their first moments."""
    timing, found = Timing(due_at, due_at, warn_on, calendar), []
    for step in steps:
        if step.at_once:
            found.append(Coming(step, None, None))
        elif step.hours is not None:
            found.append(Coming(step, due_at + timedelta(hours=step.hours), None))
        else:
            day = day_of(step, timing)
            found.append(Coming(step, morning_of(day), day))
    return tuple(found)


def comings_of(rule: str, timing: Timing) -> tuple[Coming, ...]:
    """Of a duty."""
    return comings(LADDERS[rule].steps, timing.due_at, timing.warn_on, timing.calendar)


def came_last(come: Coming, since: datetime, until: datetime) -> Occurrence | None:
    """The last time that a step came up to a moment, if it came since the duty was known."""
    step, at, number = come.step, come.first, 1
    if at is None:
        return Occurrence(since, step, 1) if since <= until else None
    if step.every and at <= until:
        if come.day is None:
            number += (until - at) // timedelta(days=step.every)
            at += timedelta(days=step.every) * (number - 1)
        else:
            number += (last_morning(until) - come.day).days // step.every
            at = morning_of(come.day + timedelta(days=step.every * (number - 1)))
    return Occurrence(at, step, number) if since < at <= until else None


def comes_after(come: Coming, since: datetime, after: datetime) -> datetime | None:
    """The first moment later than `after` (and than the duty became known) at which a step comes."""
    step, at = come.step, come.first
    if at is None:
        return since if since > after else None
    after = max(after, since)
    if at > after:
        return at
    if not step.every:
        return None
    if come.day is None:
        return at + timedelta(days=step.every) * ((after - at) // timedelta(days=step.every) + 1)
    day = come.day + timedelta(days=step.every * ((last_morning(after) - come.day).days // step.every + 1))
    return morning_of(day)


def latest(rule: str, timing: Timing, now: datetime, *, pace: Pace = Pace.AT_ONCE) -> Occurrence | None:
    """The step that came last and is to be told by now, at a person's pace; None before the first (READ-11)."""
    edge = boundary(pace, now)
    found = None
    for one in comings_of(rule, timing):
        until = now if one.step.urgent else edge
        if one.first is not None and one.first > until:
            continue
        come = came_last(one, timing.since, until)
        if come is not None and (found is None or come.at >= found.at):
            found = come
    return found


def next_run(rule: str, timing: Timing, now: datetime, *, paces: Iterable[Pace] = tuple(Pace)) -> datetime | None:
    """The first moment after now at which a step is told at one of the paces; None when none comes any more."""
    found = []
    chosen = {Pace.AT_ONCE, *paces}
    for one in comings_of(rule, timing):
        for pace in (Pace.AT_ONCE,) if one.step.urgent else chosen:
            at = comes_after(one, timing.since, boundary(pace, now))
            if at is not None:
                found.append(slot(pace, at))
    return min((moment for moment in found if moment > now), default=None)


#: Steps in words, for lists of who was reminded; a repeated one has its number in it.
STEP_WORDS = {
    "at-once": _("At once"),
    "on-the-day": _("On the day"),
    "4-weeks-before": _("4 weeks before the deadline"),
    "2-weeks-before": _("2 weeks before the deadline"),
    "1-week-before": _("1 week before the deadline"),
    "3-months-before": _("3 months before the deadline"),
    "2-months-before": _("2 months before the deadline"),
    "1-month-before": _("1 month before the deadline"),
    "2-days-before": _("2 days before the deadline"),
    "1-day-before": _("1 day before the deadline"),
    "2-working-days-before": _("2 working days before the deadline"),
    "1-working-day-before": _("1 working day before the deadline"),
    "48-hours-before": _("48 hours before the deadline"),
    "24-hours-before": _("24 hours before the deadline"),
    "6-hours-before": _("6 hours before the deadline"),
    "overdue": _("Overdue"),
}


def step_words(name: str) -> str:
    """The words of a step's name."""
    words = STEP_WORDS.get(name)
    return str(words if words is not None else STEP_WORDS[name.rpartition("-")[0]])


if unknown := LADDERS.keys() - RULES.keys() - {"signature.sign_by"}:
    raise ValueError(f"Ladders without a rule: {sorted(unknown)}")
