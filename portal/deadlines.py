"""Deadline rules as data, and the one engine that counts them. Pure: no models, no clock.

``RULES`` is the only place in the project where "5 working days" or "72 hours" may stand. ``due()`` counts,
and can explain itself in plain English. Dates are calendar dates in London; instants are aware and in UTC.
"""

import calendar as months_of
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from functools import cached_property
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal import clock
from portal.deadline_words import explain, note_of
from portal.working_days import ENGLAND_AND_WALES, NATIONS, WorkingCalendar, calendar_for


class DeadlineError(ValueError):
    """A start, nation, rule or length that the engine cannot count from. The message is for people."""


class Unit(Enum):
    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"
    MONTHS = "months"
    HOURS = "hours"


@dataclass(frozen=True)
class DeadlineRule:
    """One duty with a length.

    ``source`` is the ID in rules.md; ``starts`` names the event it counts from. ``every`` is the length of each
    later round (months). ``rolled``: a last day that is no working day moves to the next one (READ-12).
    ``or_next_meeting``: the next meeting, if it comes sooner (HAR-5.3). ``late_start``: may be past when it becomes
    known, so a practical date is shown beside it (READ-4). ``statutory``: a protocol cannot change it (READ-10).
    """

    key: str
    amount: int
    unit: Unit
    source: str
    starts: str
    duty: str | Promise
    every: int = 0
    rolled: bool = False
    or_next_meeting: bool = False
    late_start: bool = False
    statutory: bool = False


@dataclass(frozen=True)
class Override:
    """A length of a protocol's own (READ-10): frozen with the version, shown with the ``clause`` it comes from."""

    amount: int
    clause: str
    unit: Unit | None = None
    every: int | None = None


#: What a deadline counts from, in words that follow "from".
STARTS = {
    "identified": gettext_lazy("the day the breach was identified"),
    "occurred": gettext_lazy("the breach"),
    "aware": gettext_lazy("the moment the controller became aware"),
    "met": gettext_lazy("the meeting"),
    "completed": gettext_lazy("the contract completion date"),
    "reviewed": gettext_lazy("the day the review was completed"),
    "asked_for": gettext_lazy("the day asked for at approval"),
    "planned": gettext_lazy("the day in the implementation plan"),
    "notice_received": gettext_lazy("the day the notice was received"),
    "received": gettext_lazy("the day the complaint was received"),
    "expires": gettext_lazy("the expiry date"),
    "pilot_ends": gettext_lazy("the last day of the pilot"),
}


class DeadlineRules(dict[str, DeadlineRule]):
    """The rules by key. Raises ValueError for a key given twice or a start that has no name."""

    def __init__(self, *rules: DeadlineRule):
        super().__init__({rule.key: rule for rule in rules})
        if len(self) != len(rules) or any(rule.starts not in STARTS for rule in rules):
            raise ValueError("Every deadline rule needs a key of its own and a named start.")


RULES = DeadlineRules(
    DeadlineRule("breach.notify_partners", 5, Unit.WORKING_DAYS, source="HAR-6.1", starts="identified",
                 duty=gettext_lazy("Report the breach to the other partners")),
    DeadlineRule("breach.report", 10, Unit.WORKING_DAYS, source="HAR-6.2", starts="occurred", late_start=True,
                 duty=gettext_lazy("Prepare and distribute the report of the breach")),
    DeadlineRule("breach.meeting", 20, Unit.WORKING_DAYS, source="HAR-6.3", starts="occurred", late_start=True,
                 duty=gettext_lazy("Hold the meeting of the partners")),
    DeadlineRule("meeting.minutes", 5, Unit.WORKING_DAYS, source="HAR-6.6", starts="met",
                 duty=gettext_lazy("Circulate the minutes with action and sanctions")),
    DeadlineRule("review.first", 6, Unit.MONTHS, source="HAR-5.1", starts="completed",
                 duty=gettext_lazy("Hold the first review")),
    DeadlineRule("review.annual", 6, Unit.MONTHS, source="HAR-5.1", starts="completed", every=12,
                 duty=gettext_lazy("Hold the annual review")),
    DeadlineRule("review.findings", 1, Unit.MONTHS, source="HAR-5.3", starts="reviewed", or_next_meeting=True,
                 duty=gettext_lazy("Report the findings of the review in writing")),
    DeadlineRule("review.effectiveness", 0, Unit.CALENDAR_DAYS, source="HAR-r5", starts="asked_for",
                 duty=gettext_lazy("Hold the review of effectiveness")),
    DeadlineRule("review.action", 0, Unit.CALENDAR_DAYS, source="HAR-5.5", starts="planned",
                 duty=gettext_lazy("Carry out the action agreed after the review")),
    DeadlineRule("audit.notice", 1, Unit.MONTHS, source="HAR-5.9", starts="notice_received",
                 duty=gettext_lazy("Give help in the audit")),
    DeadlineRule("indemnity.response", 4, Unit.CALENDAR_DAYS, source="HAR-11.1b", starts="notice_received",
                 duty=gettext_lazy("Respond as an alleged contributor")),
    DeadlineRule("assurance.expiry", 0, Unit.CALENDAR_DAYS, source="HAR-4.2, HAR-11.2, HAM-train", starts="expires",
                 duty=gettext_lazy("Renew the registration, insurance or training")),
    DeadlineRule("breach.notify_ico", 72, Unit.HOURS, source="UK-33", starts="aware", statutory=True,
                 duty=gettext_lazy("Notify the regulator of the personal data breach")),
    DeadlineRule("complaint.acknowledge", 30, Unit.CALENDAR_DAYS, source="UK-164A", starts="received", rolled=True,
                 statutory=True, duty=gettext_lazy("Acknowledge the complaint")),
    DeadlineRule("pilot.outcome", 0, Unit.CALENDAR_DAYS, source="DUD-11", starts="pilot_ends",
                 duty=gettext_lazy("Evaluate the pilot, and decide whether it is rolled out or ended")),
)  # fmt: skip


@dataclass(frozen=True)
class Due:
    """The answer of the engine.

    ``due_at``: last second in which the duty is kept, aware UTC; ``due_date``: its London date; ``warn_date``: the
    date warnings work towards, never later than ``due_date`` (READ-8, READ-12); ``provisional``: bank holidays
    beyond the known ones could move it (READ-8); ``inputs``: everything it was counted from, as plain JSON values.
    ``explanation`` and ``note`` are put into words when asked for, in the language then active.
    """

    rule: DeadlineRule
    start: date | datetime
    due_at: datetime
    due_date: date
    warn_date: date
    provisional: bool
    inputs: Mapping[str, Any]
    amount: int
    unit: Unit
    last_day: date
    calendar: WorkingCalendar
    clause: str = ""
    meeting: date | None = None
    every: int = 0
    rounds: int = 0

    @cached_property
    def explanation(self) -> str:
        return explain(self)

    @cached_property
    def note(self) -> str:
        return note_of(self)

    def overdue(self, at: datetime) -> bool:
        """Whether the deadline has passed at the given instant (READ-11: asked, never stored)."""
        return at > self.due_at


def add_months(anchor: date, months: int) -> date:
    """Same day number so many months later, else the last day of that month (READ-3). Always from the anchor."""
    years, month = divmod(anchor.month - 1 + months, 12)
    year, month = anchor.year + years, month + 1
    return date(year, month, min(anchor.day, months_of.monthrange(year, month)[1]))


def _counted_meeting(start: date | datetime, meeting: date | datetime | None) -> date | None:
    """The London date of the meeting, or None if it is not after the start (READ-6).

    On the day of completion only a meeting known to be later that day counts: both need their time.
    """
    if meeting is None:
        return None
    if isinstance(start, datetime) and isinstance(meeting, datetime):
        return clock.london_date(meeting) if meeting > start else None
    day = _london_day(meeting)
    return day if day > _london_day(start) else None


def _london_day(moment: date | datetime) -> date:
    return clock.london_date(moment) if isinstance(moment, datetime) else moment


def due(
    rule_key: str,
    start: date | datetime,
    *,
    nation: str = ENGLAND_AND_WALES,
    calendar: WorkingCalendar | None = None,
    n: int = 1,
    next_meeting: date | datetime | None = None,
    overrides: Mapping[str, Override] | None = None,
) -> Due:
    """When the duty of ``rule_key`` that starts at ``start`` must be done (rules.md section 4).

    ``start`` is a London date, or an aware datetime (taken as its London date unless the rule counts hours, which
    need one). ``calendar`` wins over ``nation``. ``n`` counts the rounds of a repeated rule. Raises DeadlineError.
    """
    rule = RULES.get(rule_key)
    if rule is None:
        raise DeadlineError(_("There is no deadline rule “%(key)s”.") % {"key": rule_key})
    for moment in (start, next_meeting):
        if isinstance(moment, datetime) and moment.tzinfo is None:
            raise DeadlineError(_("A date and time needs an offset from UTC, such as +00:00."))
    if calendar is None:
        if nation not in NATIONS:
            raise DeadlineError(_("There are no bank holidays for a nation called “%(nation)s”.") % {"nation": nation})
        calendar = calendar_for(nation)
    override = (overrides or {}).get(rule_key)
    if override is not None and rule.statutory:
        raise DeadlineError(_("“%(key)s” is set by law: a protocol cannot change it.") % {"key": rule_key})
    if n < 0:
        raise DeadlineError(_("Rounds are counted from 0."))
    try:
        return _count(rule, override, start, calendar, n, next_meeting)
    except OverflowError as error:
        raise DeadlineError(_("That date is too far away to count from.")) from error


def _count(
    rule: DeadlineRule,
    override: Override | None,
    start: date | datetime,
    calendar: WorkingCalendar,
    n: int,
    next_meeting: date | datetime | None,
) -> Due:
    amount, every = rule.amount, rule.every
    unit = rule.unit
    if override is not None:
        amount, unit = override.amount, override.unit or rule.unit
        every = rule.every if override.every is None else override.every
        if amount < 0 or every < 0:
            raise DeadlineError(_("A length cannot be negative."))
    amount += every * n
    meeting = None
    warn_date = None
    provisional = False
    if unit is Unit.HOURS:
        if not isinstance(start, datetime):
            raise DeadlineError(_("Hours are counted from a date and time with an offset, not from a bare date."))
        due_at = start.astimezone(UTC) + timedelta(hours=amount)
        last_day = due_date = clock.london_date(due_at)
    else:
        day = _london_day(start)
        if unit is Unit.WORKING_DAYS:
            last_day = due_date = calendar.add_working_days(day, amount)
            provisional = calendar.is_provisional(day, due_date)
        elif unit is Unit.CALENDAR_DAYS:
            last_day = due_date = day + timedelta(days=amount)
        else:
            last_day = due_date = _months_later(day, amount)
        if rule.or_next_meeting:
            meeting = _counted_meeting(start, next_meeting)
            if meeting is not None and meeting <= last_day:
                due_date = meeting
        if rule.rolled:
            due_date = calendar.next_working_day(last_day)
            provisional = calendar.is_provisional(last_day, due_date)
            warn_date = last_day - timedelta(days=1)
        due_at = clock.end_of_day(due_date)
    inputs = {
        "rule": rule.key,
        "source": rule.source,
        "start": start.isoformat(),
        "nation": calendar.nation,
        "amount": amount,
        "unit": unit.value,
        "clause": override.clause if override else None,
        "every": every or None,
        "round": n if every else None,
        "next_meeting": next_meeting.isoformat() if next_meeting else None,
        "holidays_until": calendar.horizon.isoformat(),
    }
    return Due(
        rule=rule, start=start, due_at=due_at, due_date=due_date, warn_date=warn_date or due_date,
        provisional=provisional, inputs=inputs, amount=amount, unit=unit, last_day=last_day, calendar=calendar,
        clause=override.clause if override else "", meeting=meeting, every=every, rounds=n if every else 0,
    )  # fmt: skip


def _months_later(day: date, months: int) -> date:
    try:
        return add_months(day, months)
    except ValueError as error:  # the year 10000
        raise OverflowError from error


def earlier_warning(warned: date | None, recounted: Due) -> date:
    """The date for warnings after a recalculation: the earlier of the old and the new (READ-8)."""
    return recounted.warn_date if warned is None else min(warned, recounted.warn_date)


@dataclass(frozen=True)
class StrictAndPractical:
    """The two dates of a duty that counts from a breach (READ-4, READ-5).

    ``strict`` is counted from the breach and always shown. ``practical``, if there is one, is counted from the
    identification and carries its label. ``missed_on_arrival``: the strict date had passed before anybody knew.
    ``assumed``: the date of the breach is unknown, so the strict date is counted from the identification for now.
    """

    strict: Due
    practical: Due | None
    missed_on_arrival: bool
    assumed: bool

    @property
    def statement(self) -> str:
        """What must stand beside the strict date, or nothing."""
        if self.assumed:
            return _("assumed: the date of the breach is not known, so this counts from its identification")
        return _("could not be met: found late") if self.missed_on_arrival else ""

    @property
    def practical_label(self) -> str:
        return _("practical date, counted from the identification") if self.practical else ""


def strict_and_practical(
    rule_key: str,
    occurred: date | datetime | None,
    identified: date | datetime,
    *,
    nation: str = ENGLAND_AND_WALES,
    calendar: WorkingCalendar | None = None,
    overrides: Mapping[str, Override] | None = None,
) -> StrictAndPractical:
    """Both dates of HAR-6.2 or HAR-6.3. ``occurred``: the breach, the first known day of a range, or None if unknown.

    Raises DeadlineError for a rule that does not count from the breach, or a breach identified before it happened.
    """
    if rule_key not in RULES or not RULES[rule_key].late_start:
        raise DeadlineError(_("“%(key)s” does not count from the breach.") % {"key": rule_key})
    from_identification = due(rule_key, identified, nation=nation, calendar=calendar, overrides=overrides)
    if occurred is None:
        return StrictAndPractical(from_identification, None, missed_on_arrival=False, assumed=True)
    if _london_day(identified) < _london_day(occurred):
        raise DeadlineError(_("A breach cannot be identified before it happened."))
    strict = due(rule_key, occurred, nation=nation, calendar=calendar, overrides=overrides)
    return StrictAndPractical(
        strict,
        from_identification if from_identification.due_date > strict.due_date else None,
        missed_on_arrival=strict.due_date < _london_day(identified),
        assumed=False,
    )
