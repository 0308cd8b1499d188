"""A counted deadline in plain English: how it was counted and which days did not count.

Kept apart from the engine so that a change of wording cannot change a date. The texts are made in the
language that is active when they are asked for.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.utils.dateformat import format as format_date
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.clock import LONDON, london_date
from portal.templatetags.dates import londontime
from portal.working_days import NATIONS, SATURDAY, WorkingCalendar

if TYPE_CHECKING:
    from portal.deadlines import Due


def long_date(day: date) -> str:
    """As "Monday 2 November 2026"."""
    return format_date(day, "l j F Y")


def length_in_words(amount: int, unit: str) -> str:
    """A number and its unit; ``unit`` is the value of a Unit."""
    if unit == "working_days":
        words = ngettext("%(count)d working day", "%(count)d working days", amount)
    elif unit == "calendar_days":
        words = ngettext("%(count)d day", "%(count)d days", amount)
    elif unit == "months":
        words = ngettext("%(count)d month", "%(count)d months", amount)
    else:
        words = ngettext("%(count)d hour", "%(count)d hours", amount)
    return words % {"count": amount}


def explain(due: "Due") -> str:
    """How the date was reached, one or more sentences."""
    unit = due.unit.value
    length = length_in_words(due.amount, unit)
    if due.rounds:
        length = _("%(length)s (%(first)d + %(rounds)d × %(every)d)") % {
            "length": length,
            "first": due.amount - due.rounds * due.every,
            "rounds": due.rounds,
            "every": due.every,
        }
    if due.clause:
        length = _("%(length)s (as clause %(clause)s of the protocol says)") % {"length": length, "clause": due.clause}
    if isinstance(due.start, datetime) and unit == "hours":
        return _hours(due.start, length)
    start = london_date(due.start) if isinstance(due.start, datetime) else due.start
    if due.rule.or_next_meeting:
        sentences = [_findings(due, start, length)]
    elif unit == "working_days":
        sentences = _working_days(due, start, length)
    elif due.amount == 0:
        sentences = [_("The day itself, %(day)s.") % {"day": long_date(start)}]
    else:
        sentences = [_calendar(due, start, length)]
    if not due.rule.or_next_meeting and due.due_date != start:
        sentences.append(_("The deadline is the end of %(day)s.") % {"day": long_date(due.due_date)})
    if due.provisional:
        sentences.append(_provisional(due.calendar))
    return " ".join(sentences)


def note_of(due: "Due") -> str:
    """What a reader of the date should know besides: a day off that stays (READ-3), earlier warnings (READ-12)."""
    if due.rule.rolled:
        return _("Warnings work towards %(day)s.") % {"day": long_date(due.warn_date)}
    if due.unit.value in {"months", "calendar_days"} and not due.calendar.is_working_day(due.due_date):
        reason = _why_not_working(due.due_date, due.calendar)
        return _("%(day)s is not a working day (%(reason)s). The date stays.") % {
            "day": long_date(due.due_date),
            "reason": reason,
        }
    return ""


def _hours(start: datetime, length: str) -> str:
    local = start.astimezone(LONDON)
    return _(
        "%(length)s from %(time)s on %(day)s, London time, counted hour by hour through nights, weekends, "
        "bank holidays and clock changes."
    ) % {"length": length, "time": londontime(start), "day": long_date(local.date())}


def _working_days(due: "Due", start: date, length: str) -> list[str]:
    named = [_named(day, due.calendar) for day in due.calendar.not_counted(start, due.due_date)]
    excluded = get_text_list([_("weekends"), *named], _("and"))
    sentences = [
        _("%(length)s from %(day)s, not counting %(excluded)s.")
        % {"length": length, "day": long_date(start), "excluded": excluded}
    ]
    if due.calendar.is_working_day(start):
        sentences.append(_("%(day)s is day 0.") % {"day": long_date(start)})
    else:
        sentences.append(
            _("%(day)s is not a working day (%(reason)s), so day 1 is %(first)s.")
            % {
                "day": long_date(start),
                "reason": _why_not_working(start, due.calendar),
                "first": long_date(due.calendar.next_working_day(start)),
            }
        )
    return sentences


def _calendar(due: "Due", start: date, length: str) -> str:
    facts = {"length": length, "day": long_date(start), "last": long_date(due.last_day)}
    if due.unit.value == "months":
        if due.last_day.day != start.day:
            return _("%(length)s from %(day)s; that month is shorter, so its last day counts.") % facts
        return _("%(length)s from %(day)s, to the same day of the month.") % facts
    if due.due_date != due.last_day:
        facts["reason"] = _why_not_working(due.last_day, due.calendar)
        return (
            _(
                "%(length)s from %(day)s, counting every day, end on %(last)s. That is not a working day (%(reason)s), "
                "so the next working day counts."
            )
            % facts
        )
    return _("%(length)s from %(day)s, counting every day.") % facts


def _findings(due: "Due", start: date, length: str) -> str:
    facts = {"length": length, "day": long_date(start), "last": long_date(due.last_day)}
    if due.meeting is not None:
        facts["meeting"] = long_date(due.meeting)
        if due.meeting == due.due_date:
            return _("The next meeting, on %(meeting)s, comes no later than %(length)s from %(day)s.") % facts
        return (
            _("%(length)s from %(day)s is %(last)s, sooner than the next meeting on %(meeting)s. It is the deadline.")
            % facts
        )
    return _("%(length)s from %(day)s is %(last)s, and no meeting is known to come sooner.") % facts


def _provisional(calendar: WorkingCalendar) -> str:
    return _(
        "This date is provisional: bank holidays are known only from %(first)s to %(last)s, and others could move it."
    ) % {"first": long_date(calendar.first), "last": long_date(calendar.horizon)}


def _title(day: date, calendar: WorkingCalendar) -> str:
    title = calendar.titles.get(day, "")
    if title:
        return _(title)
    return _("bank holiday") if day in calendar.holidays else _("closure day")


def _named(day: date, calendar: WorkingCalendar) -> str:
    return _("%(day)s (%(title)s)") % {"day": long_date(day), "title": _title(day, calendar)}


def _why_not_working(day: date, calendar: WorkingCalendar) -> str:
    if day.weekday() >= SATURDAY:
        return _("weekend")
    title = _title(day, calendar)
    if day in calendar.holidays and calendar.nation in NATIONS:
        return _("%(title)s, %(nation)s") % {"title": title, "nation": NATIONS[calendar.nation]}
    return title
