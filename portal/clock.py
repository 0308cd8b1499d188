"""The only source of time, and the two ways between instants and calendar dates.

Instants are aware datetimes in UTC. Dates are calendar dates in the United Kingdom. Nothing else in the
project asks the system for the time (``tests/test_lint.py``), so a test moves one clock and moves everything.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def london_date(instant: datetime) -> date:
    """The calendar date in London at an aware instant. Raises ValueError for a naive one."""
    if instant.tzinfo is None:
        raise ValueError("A date and time without an offset from UTC names no instant.")
    return instant.astimezone(LONDON).date()


def today(instant: datetime | None = None) -> date:
    """London's calendar date at ``instant``, or now."""
    return london_date(instant or now())


def start_of_day(day: date) -> datetime:
    """00:00:00 Europe/London of that day, in UTC. Never ambiguous: London's clocks change at 01:00 UTC."""
    return datetime.combine(day, time.min, tzinfo=LONDON).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """23:59:59 Europe/London of that day, in UTC: the last second in which a deadline in days is kept (READ-2)."""
    return start_of_day(day + timedelta(days=1)) - timedelta(seconds=1)
