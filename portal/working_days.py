"""Arithmetic of working days over a set of dates (READ-1, READ-8). Pure: no models, no settings, no clock.

A calendar knows the bank holidays of one nation and the closure days of one framework, between ``first``
and ``horizon``. Outside of these it counts Monday to Friday only, and says so: the date is provisional.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from django.utils.translation import gettext_lazy, gettext_noop

ENGLAND_AND_WALES, SCOTLAND, NORTHERN_IRELAND = "england-and-wales", "scotland", "northern-ireland"
#: The three sets of bank holidays in the United Kingdom, and their names for people.
NATIONS = {
    ENGLAND_AND_WALES: gettext_lazy("England and Wales"),
    SCOTLAND: gettext_lazy("Scotland"),
    NORTHERN_IRELAND: gettext_lazy("Northern Ireland"),
}
BANK_HOLIDAYS_FILE = Path(__file__).resolve().parent / "data" / "bank_holidays.json"

#: Every title in the committed table, marked for translation.
HOLIDAY_TITLES = (
    gettext_noop("New Year’s Day"),
    gettext_noop("New Year’s Day, substitute day"),
    gettext_noop("2nd January"),
    gettext_noop("2nd January, substitute day"),
    gettext_noop("St Patrick’s Day"),
    gettext_noop("St Patrick’s Day, substitute day"),
    gettext_noop("Good Friday"),
    gettext_noop("Easter Monday"),
    gettext_noop("Early May bank holiday"),
    gettext_noop("Early May bank holiday (VE day)"),
    gettext_noop("Coronation of King Charles III"),
    gettext_noop("Spring bank holiday"),
    gettext_noop("Platinum Jubilee bank holiday"),
    gettext_noop("World Cup bank holiday"),
    gettext_noop("Battle of the Boyne (Orangemen’s Day)"),
    gettext_noop("Battle of the Boyne (Orangemen’s Day), substitute day"),
    gettext_noop("Summer bank holiday"),
    gettext_noop("State funeral of Queen Elizabeth II"),
    gettext_noop("St Andrew’s Day"),
    gettext_noop("St Andrew’s Day, substitute day"),
    gettext_noop("Christmas Day"),
    gettext_noop("Christmas Day, substitute day"),
    gettext_noop("Boxing Day"),
    gettext_noop("Boxing Day, substitute day"),
)

ONE_DAY = timedelta(days=1)
SATURDAY = 5


@dataclass(frozen=True)
class WorkingCalendar:
    """Which days are working days: Monday to Friday, not in ``holidays``, not in ``closures`` (READ-1).

    ``titles`` names the days that do not count, for explanations. Bank holidays are known from ``first``
    to ``horizon``, both included.
    """

    holidays: frozenset[date]
    closures: frozenset[date]
    horizon: date
    first: date = date.min
    nation: str = ""
    titles: Mapping[date, str] = field(default_factory=dict, compare=False)

    def is_working_day(self, day: date) -> bool:
        return day.weekday() < SATURDAY and day not in self.holidays and day not in self.closures

    def next_working_day(self, day: date) -> date:
        """The day itself if it is a working day, else the first working day after it (the roll of READ-12)."""
        while not self.is_working_day(day):
            day += ONE_DAY
        return day

    def add_working_days(self, start: date, n: int) -> date:
        """The ``n``-th working day after ``start``, which is day 0 whatever day of the week it is (READ-1).

        ``n`` = 0 is the start itself. Raises ValueError for a negative ``n``, OverflowError past the year 9999.
        """
        if n < 0:
            raise ValueError("Working days are counted forwards only.")
        day = start
        while n:
            day += ONE_DAY
            n -= self.is_working_day(day)
        return day

    def not_counted(self, start: date, end: date) -> list[date]:
        """The weekdays after ``start`` up to and including ``end`` that are bank holidays or closure days."""
        return sorted(day for day in self.holidays | self.closures if start < day <= end and day.weekday() < SATURDAY)

    def is_provisional(self, start: date, end: date) -> bool:
        """Whether a count from ``start`` to ``end`` leaves the days for which bank holidays are known (READ-8)."""
        return end > self.horizon or start < self.first


@dataclass(frozen=True)
class HolidayTable:
    """The committed table: for each nation its bank holidays with titles, from ``first`` to ``horizon``."""

    first: date
    horizon: date
    nations: Mapping[str, Mapping[date, str]]


@lru_cache(maxsize=1)
def committed_table() -> HolidayTable:
    """The table of ``data/bank_holidays.json``, read once. It is remade by ``script/make_bank_holidays.py``."""
    data = json.loads(BANK_HOLIDAYS_FILE.read_text(encoding="utf-8"))
    return HolidayTable(
        first=date.fromisoformat(data["first"]),
        horizon=date.fromisoformat(data["horizon"]),
        nations={
            nation: {date.fromisoformat(row["date"]): row["title"] for row in rows}
            for nation, rows in data["nations"].items()
        },
    )


def _titled(days: Mapping[date, str] | Iterable[date]) -> dict[date, str]:
    return dict(days) if isinstance(days, Mapping) else dict.fromkeys(days, "")


def calendar_for(
    nation: str,
    extra_holidays: Mapping[date, str] | Iterable[date] = (),
    closures: Mapping[date, str] | Iterable[date] = (),
) -> WorkingCalendar:
    """The calendar of a nation: the committed table, later-declared holidays, and a framework's closure days.

    ``extra_holidays`` and ``closures`` are dates, or a mapping of dates to titles. Raises KeyError for an unknown nation.
    """
    if not extra_holidays and not closures:
        return _plain_calendar(nation)
    table = committed_table()
    extra, closed = _titled(extra_holidays), _titled(closures)
    known = table.nations[nation]
    return WorkingCalendar(
        holidays=frozenset(known) | frozenset(extra),
        closures=frozenset(closed),
        horizon=table.horizon,
        first=table.first,
        nation=nation,
        titles={**closed, **extra, **known},
    )


@lru_cache(maxsize=8)
def _plain_calendar(nation: str) -> WorkingCalendar:
    table = committed_table()
    known = table.nations[nation]
    return WorkingCalendar(frozenset(known), frozenset(), table.horizon, table.first, nation, known)
