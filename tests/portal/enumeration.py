"""A second, dumb implementation of every unit: it only ever walks forwards and looks (quality.md, "Deadlines").

It shares nothing with the engine, not even the table of bank holidays: that comes from the ``holidays`` package.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays

LAST_KNOWN = date(2030, 12, 31)
PARTS = {"england-and-wales": "WLS", "scotland": "SCT", "northern-ireland": "NIR"}
BANK_HOLIDAYS = {
    nation: frozenset(holidays.country_holidays("GB", subdiv=part, years=range(2019, 2031)))
    for nation, part in PARTS.items()
}


def days_after(start: date):
    """Every day after the start, without end."""
    while True:
        start += timedelta(days=1)
        yield start


def works(day: date, nation: str, closures=frozenset()) -> bool:
    return day.strftime("%a") not in {"Sat", "Sun"} and day not in BANK_HOLIDAYS[nation] and day not in closures


def working_days(start: date, count: int, nation: str, closures=frozenset()) -> date:
    """READ-1: cross off one working day after another."""
    for day in days_after(start):
        if works(day, nation, closures):
            count -= 1
        if count == 0:
            return day
    raise AssertionError


def calendar_days(start: date, count: int) -> date:
    for day in days_after(start):
        count -= 1
        if count == 0:
            return day
    raise AssertionError


def months(start: date, count: int) -> date:
    """READ-3: walk until the month has changed so many times, then look for the day number, else keep the last day."""
    candidate = None
    for day in days_after(start):
        if day.day == 1:
            count -= 1
            if count < 0:
                return candidate
        if count == 0:
            candidate = day
            if day.day == start.day:
                return day
    raise AssertionError


def rolled(day: date, nation: str, closures=frozenset()) -> date:
    """READ-12."""
    while not works(day, nation, closures):
        day += timedelta(days=1)
    return day


def hours(start: datetime, count: int) -> datetime:
    """READ-2: an hour hand on a clock that shows UTC, where no hour is ever left out or doubled."""
    moment = start.astimezone(UTC)
    for _ in range(count):
        moment += timedelta(hours=1)
    return moment


def last_second(day: date) -> datetime:
    """READ-2: the last second, in UTC, at which a London calendar still shows the day."""
    london = ZoneInfo("Europe/London")
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    for step in (timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)):
        while (moment + step).astimezone(london).date() == day:
            moment += step
    return moment
