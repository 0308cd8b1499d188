"""Working days and the committed table of bank holidays."""

import json
from datetime import date, timedelta

import pytest

from portal.working_days import (
    BANK_HOLIDAYS_FILE,
    HOLIDAY_TITLES,
    NATIONS,
    WorkingCalendar,
    calendar_for,
    committed_table,
)
from tests.portal import enumeration

ENGLAND = calendar_for("england-and-wales")
SCOTLAND = calendar_for("scotland")
NORTHERN_IRELAND = calendar_for("northern-ireland")


@pytest.mark.parametrize(
    "day, nations",
    [
        (date(2020, 5, 8), "E S N"),  # VE day: moved from Monday
        (date(2020, 5, 4), ""),
        (date(2020, 7, 13), "N"),  # 12 July was a Sunday
        (date(2021, 12, 27), "E S N"),
        (date(2021, 12, 28), "E S N"),
        (date(2022, 1, 4), "S"),
        (date(2022, 5, 30), ""),  # spring bank holiday moved to 2 June
        (date(2022, 6, 2), "E S N"),
        (date(2022, 6, 3), "E S N"),
        (date(2022, 9, 19), "E S N"),
        (date(2023, 5, 8), "E S N"),  # coronation
        (date(2024, 12, 2), "S"),  # 30 November was a Saturday
        (date(2025, 4, 21), "E N"),  # Easter Monday is no bank holiday in Scotland
        (date(2026, 3, 17), "N"),
        (date(2026, 6, 15), "S"),  # declared in 2026, Scotland only
        (date(2026, 8, 3), "S"),
        (date(2026, 8, 31), "E N"),
        (date(2026, 12, 28), "E S N"),
        (date(2027, 1, 4), "S"),
    ],
)
def test_days_that_are_easy_to_get_wrong(day, nations):
    """READ-1: one-off, moved and national bank holidays are right in each nation's table."""
    off = {"E": ENGLAND, "S": SCOTLAND, "N": NORTHERN_IRELAND}
    assert " ".join(letter for letter, calendar in off.items() if not calendar.is_working_day(day)) == nations


@pytest.mark.parametrize("nation", NATIONS)
def test_the_committed_table_is_that_of_the_holidays_package(nation):
    """READ-1, READ-8: weekdays 2019 to 2030 agree with an independent source, day by day."""
    day, calendar = date(2019, 1, 1), calendar_for(nation)
    while day <= date(2030, 12, 31):
        assert calendar.is_working_day(day) == enumeration.works(day, nation), day
        day += timedelta(days=1)


def test_the_table_knows_its_span_and_every_title_can_be_translated():
    """READ-8: the horizon is data; titles printed in explanations go through gettext."""
    table = committed_table()
    assert (table.first, table.horizon) == (date(2019, 1, 1), date(2030, 12, 31))
    titles = {row["title"] for rows in json.loads(BANK_HOLIDAYS_FILE.read_text())["nations"].values() for row in rows}
    assert titles == set(HOLIDAY_TITLES)


@pytest.mark.parametrize("nation", NATIONS)
@pytest.mark.parametrize("count", [1, 5, 10, 20])
def test_every_start_of_twelve_years_agrees_with_enumeration(nation, count):
    """READ-1: every day from 2019 to 2030 as the start, against a dumb walk."""
    calendar, day = calendar_for(nation), date(2019, 1, 1)
    while day <= date(2030, 12, 31):
        assert calendar.add_working_days(day, count) == enumeration.working_days(day, count, nation), day
        day += timedelta(days=1)


def test_the_day_of_the_event_is_day_zero():
    """READ-1: one working day from a Monday is Tuesday; none is the day itself."""
    monday = date(2026, 11, 2)
    assert ENGLAND.add_working_days(monday, 1) == date(2026, 11, 3)
    assert ENGLAND.add_working_days(monday, 0) == monday


@pytest.mark.parametrize("start", [date(2026, 12, 25), date(2026, 12, 26), date(2026, 12, 27), date(2026, 12, 28)])
def test_a_start_on_a_day_off_counts_from_the_next_working_day_as_day_one(start):
    """READ-1: Christmas Friday to the substitute Monday all have Tuesday 29 December as day 1."""
    assert ENGLAND.add_working_days(start, 1) == date(2026, 12, 29)
    assert ENGLAND.add_working_days(start, 2) == date(2026, 12, 30)


def test_closure_days_of_the_framework_do_not_count():
    """READ-1: a recorded closure day is skipped like a bank holiday, in that framework only."""
    closed = calendar_for("england-and-wales", closures={date(2026, 12, 29): "Offices closed"})
    assert closed.add_working_days(date(2026, 12, 24), 1) == date(2026, 12, 30)
    assert ENGLAND.add_working_days(date(2026, 12, 24), 1) == date(2026, 12, 29)
    assert closed.titles[date(2026, 12, 29)] == "Offices closed"


def test_a_late_declared_holiday_is_added_and_keeps_the_known_title():
    """READ-8: dates from the database join the committed ones; a date known to both keeps its printed title."""
    late = calendar_for("scotland", extra_holidays=[date(2027, 6, 14), date(2026, 12, 25)])
    assert not late.is_working_day(date(2027, 6, 14))
    assert late.titles[date(2026, 12, 25)] == "Christmas Day"
    assert SCOTLAND.is_working_day(date(2027, 6, 14))


def test_counts_that_leave_the_table_are_provisional():
    """READ-8: past the last known day, or from before the first one."""
    assert not ENGLAND.is_provisional(date(2030, 12, 1), date(2030, 12, 31))
    assert ENGLAND.is_provisional(date(2030, 12, 1), date(2031, 1, 1))
    assert ENGLAND.is_provisional(date(2018, 12, 31), date(2019, 1, 8))


def test_only_weekdays_are_named_as_not_counted():
    """READ-1: explanations name the bank holidays and closures among the weekdays after the start."""
    calendar = WorkingCalendar(
        holidays=frozenset({date(2026, 12, 25), date(2026, 12, 26), date(2026, 12, 28)}),
        closures=frozenset({date(2026, 12, 29)}),
        horizon=date(2030, 12, 31),
    )
    named = calendar.not_counted(date(2026, 12, 25), date(2026, 12, 29))
    assert named == [date(2026, 12, 28), date(2026, 12, 29)]


def test_the_roll_leaves_a_working_day_alone():
    """READ-12: next_working_day moves a day off forwards, and nothing else."""
    assert ENGLAND.next_working_day(date(2026, 12, 24)) == date(2026, 12, 24)
    assert ENGLAND.next_working_day(date(2026, 12, 26)) == date(2026, 12, 29)


def test_impossible_counts_are_refused():
    """Backwards counts and unknown nations are errors of the caller."""
    with pytest.raises(ValueError, match="forwards"):
        ENGLAND.add_working_days(date(2026, 1, 1), -1)
    with pytest.raises(KeyError):
        calendar_for("wales")
    with pytest.raises(OverflowError):
        ENGLAND.add_working_days(date(9999, 12, 30), 5)
