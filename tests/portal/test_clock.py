"""The only source of time, and the borders of London's days."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
import time_machine

from portal import clock
from tests.portal import enumeration


def test_now_is_aware_and_moves_with_the_clock():
    """Everything downstream may rely on UTC; browser tests move the server by moving this."""
    moment = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)
    with time_machine.travel(moment, tick=False):
        assert clock.now() == moment
        assert clock.now().tzinfo is UTC
        assert clock.today() == date(2027, 3, 28)


@pytest.mark.parametrize(
    "instant, day",
    [
        ("2026-06-01T22:59:59+00:00", date(2026, 6, 1)),
        ("2026-06-01T23:00:00+00:00", date(2026, 6, 2)),
        ("2026-12-01T23:59:59+00:00", date(2026, 12, 1)),
        ("2026-12-02T05:00:00+06:00", date(2026, 12, 1)),
    ],
)
def test_the_date_is_londons(instant, day):
    """READ-2: in summer the day begins at 23:00 UTC; the offset of the instant does not matter."""
    assert clock.london_date(datetime.fromisoformat(instant)) == clock.today(datetime.fromisoformat(instant)) == day


def test_a_naive_moment_has_no_date():
    """Without an offset it names no instant."""
    with pytest.raises(ValueError, match="names no instant"):
        clock.london_date(datetime(2026, 6, 1))  # noqa: DTZ001 - naive on purpose


def test_every_day_of_twelve_years_joins_the_next():
    """READ-2: no second is lost or doubled between two days, through both clock changes, 2019–2030."""
    day = date(2019, 1, 1)
    while day <= date(2030, 12, 31):
        start, end = clock.start_of_day(day), clock.end_of_day(day)
        assert start.tzinfo is end.tzinfo is UTC
        assert clock.london_date(start) == clock.london_date(end) == day
        assert end + timedelta(seconds=1) == clock.start_of_day(day + timedelta(days=1))
        day += timedelta(days=1)


@pytest.mark.parametrize("day", [date(2027, 3, 28), date(2027, 10, 31), date(2026, 7, 1), date(2026, 12, 25)])
def test_the_end_of_the_day_is_its_last_second(day):
    """READ-2: found second by second."""
    assert clock.end_of_day(day) == enumeration.last_second(day)
    assert clock.end_of_day(day).astimezone(timezone(timedelta(0))) == clock.end_of_day(day)
