"""A month as weeks of days, with deadlines and meetings on them. Monday first; every date is London's."""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from operator import itemgetter

FIRST, LAST = date(2000, 1, 1), date(2100, 12, 31)
MOST = 8  # entries that one day shows


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing on a day. kind: how it is marked."""

    text: str
    href: str
    kind: str
    note: str = ""
    hidden: str = ""


def asked(words: str, today: date) -> date:
    """The first day of the month of an address ("2027-03"), or of this month if that is none."""
    try:
        day = date.fromisoformat(f"{words}-01")
    except ValueError:
        return today.replace(day=1)
    return day if FIRST <= day <= LAST else today.replace(day=1)


def last_day(first: date) -> date:
    """The last day of the month."""
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])


def earlier(first: date) -> date | None:
    """The month before, unless it is too far away."""
    before = (first - timedelta(days=1)).replace(day=1)
    return before if before >= FIRST else None


def later(first: date) -> date | None:
    """The month after, unless it is too far away."""
    after = last_day(first) + timedelta(days=1)
    return after if after <= LAST else None


def weeks(first: date, entries: Iterable[tuple[date, Entry]], *, today: date) -> list[dict]:
    """Weeks: `is_empty`, and seven `days`: `day` (None outside the month), `entries`, `more` (how many are left out),
    `is_today`."""
    found: dict[date, list[Entry]] = {}
    for day, entry in sorted(entries, key=itemgetter(0)):
        found.setdefault(day, []).append(entry)
    made = []
    for week in calendar.Calendar().monthdatescalendar(first.year, first.month):
        days = [cell(day, found, today) if day.month == first.month else {"day": None} for day in week]
        made.append({"days": days, "is_empty": not any(one.get("entries") for one in days)})
    return made


def cell(day: date, found: dict[date, list[Entry]], today: date) -> dict:
    """One day of the month."""
    all_of_it = found.get(day, [])
    return {
        "day": day,
        "entries": all_of_it[:MOST],
        "more": len(all_of_it[MOST:]),
        "is_today": day == today,
    }
