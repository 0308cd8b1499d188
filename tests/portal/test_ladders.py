"""Ladders of reminders as data (READ-11): every step of every rule at its moment, by another way of counting."""

from datetime import UTC, date, datetime, timedelta

import pytest

from portal import clock
from portal.deadlines import RULES, due
from portal.ladders import LADDERS, Level, Pace, Timing, boundary, latest, next_run, slot, step_words
from portal.permissions import ROLE_PERMISSIONS
from portal.working_days import calendar_for

CALENDAR = calendar_for("england-and-wales")


def timing_of(rule, start) -> Timing:
    """As a deadline of that rule has it that is recorded when it starts."""
    counted = due(rule, start, calendar=CALENDAR)
    return Timing(counted.due_at, start, counted.warn_date, CALENDAR)


def told(rule, start, until, *, pace=Pace.AT_ONCE) -> list[tuple[str, str]]:
    """(London time, step) of all that is told hour by hour until then: the dumb way."""
    timing, moment, found = timing_of(rule, start), start, []
    while moment <= until:
        come = latest(rule, timing, moment, pace=pace)
        if come is not None and (not found or found[-1][1] != come.name):
            found.append((f"{moment.astimezone(clock.LONDON):%a %d %b %H:%M}", come.name))
        moment += timedelta(hours=1)
    return found


def test_every_rule_has_a_ladder():
    """Every deadline of the table is reminded of, by a permission that some role has, with words for each step."""
    assert RULES.keys() <= LADDERS.keys()
    for ladder in LADDERS.values():
        assert any(ladder.perm in perms for perms in ROLE_PERMISSIONS.values())
        assert all(step_words(step.name(3)) for step in ladder.steps)
        assert len({step.key for step in ladder.steps}) == len(ladder.steps)


def test_a_review():
    """KEN-1.2, KEN-5.4, DUD-5, HAR-5.1: three months, a month and a week before, on the day, then every week; up the chain."""
    start = datetime(2026, 1, 31, 12, tzinfo=UTC)  # due on 31 July
    assert told("review.first", start, datetime(2026, 8, 16, tzinfo=UTC)) == [
        ("Thu 30 Apr 08:00", "3-months-before"),
        ("Tue 30 Jun 08:00", "1-month-before"),
        ("Fri 24 Jul 08:00", "1-week-before"),
        ("Fri 31 Jul 08:00", "on-the-day"),
        ("Sat 01 Aug 08:00", "overdue-1"),
        ("Sat 08 Aug 08:00", "overdue-2"),
        ("Sat 15 Aug 08:00", "overdue-3"),
    ]
    overdue = LADDERS["review.first"].steps[-1]
    assert [overdue.level(number) for number in (1, 2, 3, 4, 9)] == [
        Level.DEPUTY, Level.ORGANISATION, Level.ORGANISATION, Level.FRAMEWORK, Level.FRAMEWORK
    ]  # fmt: skip


def test_a_breach():
    """HAR-6.1: at once, on the third and fourth working day, daily when overdue (over Christmas)."""
    start = datetime(2026, 12, 18, 15, tzinfo=UTC)  # the third is 23 December, the fourth the 24th, due on the 29th
    assert told("breach.notify_partners", start, datetime(2026, 12, 31, 12, tzinfo=UTC)) == [
        ("Fri 18 Dec 15:00", "at-once"),
        ("Wed 23 Dec 08:00", "2-working-days-before"),
        ("Thu 24 Dec 08:00", "1-working-day-before"),
        ("Wed 30 Dec 08:00", "overdue-1"),
        ("Thu 31 Dec 08:00", "overdue-2"),
    ]


def test_the_regulator():
    """UK-33: in hours, over the March clock change; the framework administrator hears six hours before."""
    start = datetime(2027, 3, 26, 12, tzinfo=UTC)
    assert told("breach.notify_ico", start, datetime(2027, 3, 30, 14, tzinfo=UTC)) == [
        ("Fri 26 Mar 12:00", "at-once"),
        ("Sat 27 Mar 12:00", "48-hours-before"),
        ("Sun 28 Mar 13:00", "24-hours-before"),
        ("Mon 29 Mar 07:00", "6-hours-before"),
        ("Mon 29 Mar 14:00", "overdue-1"),
        ("Tue 30 Mar 14:00", "overdue-2"),
    ]


def test_a_complaint_is_warned_of_before_day_29():
    """READ-12: due on Tuesday 29 December, but the steps before it count towards day 29, Christmas Day."""
    start = datetime(2026, 11, 26, 9, tzinfo=UTC)
    assert told("complaint.acknowledge", start, datetime(2026, 12, 30, 9, tzinfo=UTC)) == [
        ("Thu 26 Nov 09:00", "at-once"),
        ("Fri 11 Dec 08:00", "2-weeks-before"),
        ("Fri 18 Dec 08:00", "1-week-before"),
        ("Thu 24 Dec 08:00", "1-day-before"),
        ("Wed 30 Dec 08:00", "overdue-1"),
    ]


def test_paces():
    """A weekly person hears on Monday mornings, a daily one in the morning; what is urgent waits for nobody's pace."""
    monday, thursday = datetime(2026, 6, 15, 7, tzinfo=UTC), datetime(2026, 6, 18, 12, tzinfo=UTC)  # 8:00 in London
    assert boundary(Pace.WEEKLY, thursday) == monday
    assert boundary(Pace.WEEKLY, monday) == monday
    assert boundary(Pace.WEEKLY, monday - timedelta(seconds=1)) == monday - timedelta(days=7)
    assert boundary(Pace.DAILY, thursday) == datetime(2026, 6, 18, 7, tzinfo=UTC)
    assert slot(Pace.DAILY, thursday) == datetime(2026, 6, 19, 7, tzinfo=UTC)
    assert slot(Pace.WEEKLY, thursday) == monday + timedelta(days=7)
    assert slot(Pace.WEEKLY, monday) == monday
    start = datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert told("review.first", start, datetime(2026, 8, 2, tzinfo=UTC), pace=Pace.WEEKLY) == [
        ("Mon 04 May 08:00", "3-months-before"),
        ("Mon 06 Jul 08:00", "1-month-before"),
        ("Mon 27 Jul 08:00", "1-week-before"),
        ("Sat 01 Aug 08:00", "overdue-1"),
    ]


@pytest.mark.parametrize("rule", sorted(RULES))
@pytest.mark.parametrize("pace", list(Pace))
def test_the_next_run_is_never_too_late(rule, pace):
    """Looking only at the moments that next_run gives finds all that looking every hour finds, both clock changes in
    it; and each of those moments lies ahead."""
    for start in (datetime(2027, 3, 19, 22, tzinfo=UTC), datetime(2027, 10, 20, 5, tzinfo=UTC)):
        timing = timing_of(rule, start)
        until = timing.due_at + timedelta(days=30)
        dumb = [name for _at, name in told(rule, start, until, pace=pace)]
        moment, found = start, []
        while moment is not None and moment <= until:
            come = latest(rule, timing, moment, pace=pace)
            if come is not None and (not found or found[-1] != come.name):
                found.append(come.name)
            after = next_run(rule, timing, moment, paces=[pace])
            assert after is None or after > moment
            moment = after
        assert found == dumb


def test_a_duty_known_late_skips_what_was_before():
    """What came before a duty became known is past; the next step comes as for everybody."""
    timing = Timing(clock.end_of_day(date(2026, 7, 31)), datetime(2026, 7, 26, 9, tzinfo=UTC))
    assert latest("review.first", timing, datetime(2026, 7, 30, 9, tzinfo=UTC)) is None
    assert next_run("review.first", timing, datetime(2026, 7, 26, 9, tzinfo=UTC)) == datetime(
        2026, 7, 31, 7, tzinfo=UTC
    )
