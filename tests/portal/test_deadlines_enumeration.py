"""The deadline engine against a second implementation that only walks day by day (quality.md, "Deadlines")."""

import sys
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.clock import LONDON, end_of_day
from portal.deadlines import RULES, Override, Unit, add_months, due
from portal.working_days import NATIONS, calendar_for
from tests.portal import enumeration

FIRST, LAST = date(2019, 1, 1), date(2030, 12, 31)
DAYS = st.dates(FIRST, LAST)
NATION = st.sampled_from(sorted(NATIONS))
MOMENTS = st.datetimes(datetime(2019, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
THOROUGH = settings(max_examples=1000, deadline=None)


@THOROUGH
@given(st.sampled_from([key for key, rule in RULES.items() if rule.unit is not Unit.HOURS]), DAYS, NATION)
def test_dates_agree_with_enumeration(key, start, nation):
    """READ-1, READ-2, READ-3, READ-12 against a dumb walk: all rules in days and months, 2019–2030, three nations."""
    rule, answer = RULES[key], due(key, start, nation=nation)
    amount = rule.amount + rule.every
    if amount == 0:
        expected = start
    else:
        walk = {Unit.CALENDAR_DAYS: enumeration.calendar_days, Unit.MONTHS: enumeration.months}
        expected = (
            enumeration.working_days(start, amount, nation)
            if rule.unit is Unit.WORKING_DAYS
            else walk[rule.unit](start, amount)
        )
    if rule.rolled:
        expected = enumeration.rolled(expected, nation)
    assert answer.due_date == expected
    assert answer.due_at == enumeration.last_second(expected)
    assert answer.provisional == (expected > LAST and (rule.unit is Unit.WORKING_DAYS or rule.rolled))
    assert answer.warn_date <= answer.due_date


@THOROUGH
@given(DAYS, st.integers(1, 60), NATION, st.frozensets(DAYS, max_size=30))
def test_working_days_with_closures_agree_with_enumeration(start, amount, nation, closures):
    """READ-1, READ-10: any length, any closure days of the framework."""
    overrides = {"breach.report": Override(amount, "6.2")}
    answer = due("breach.report", start, calendar=calendar_for(nation, closures=closures), overrides=overrides)
    assert answer.due_date == enumeration.working_days(start, amount, nation, closures)


@THOROUGH
@given(DAYS, st.integers(1, 140))
def test_months_agree_with_enumeration(start, months):
    """READ-3: up to twelve years of months, always from the anchor."""
    assert add_months(start, months) == enumeration.months(start, months)


@THOROUGH
@given(MOMENTS)
def test_hours_agree_with_enumeration(start):
    """READ-2: any moment in either zone gives the same instant, 72 turns of the hour hand later."""
    expected = enumeration.hours(start, 72)
    assert due("breach.notify_ico", start).due_at == expected
    assert due("breach.notify_ico", start.astimezone(LONDON)).due_at == expected


@pytest.mark.parametrize("year", range(2019, 2031))
def test_hours_around_both_clock_changes(year):
    """READ-2: every hour of the four days before each change of the clocks, 2019–2030."""
    day = date(year, 1, 1)
    days = (day + timedelta(days=n) for n in range(365))
    changes = [day for day in days if end_of_day(day) - end_of_day(day - timedelta(days=1)) != timedelta(days=1)]
    assert len(changes) == 2
    for change in changes:
        start = end_of_day(change) - timedelta(days=4)
        for hour in range(96):
            moment = start + timedelta(hours=hour)
            assert due("breach.notify_ico", moment.astimezone(LONDON)).due_at == enumeration.hours(moment, 72)


MANY = 120_000


@pytest.mark.slow
def test_very_many_random_deadlines():
    """Every rule, 2019–2030, three nations, closure days, every hour of the days before both clock changes: 120,000
    random deadlines, the same answer by the day-by-day walk for each."""
    chance, told = Random(4), Counter()
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    changes = [day for day in days if end_of_day(day) - end_of_day(day - timedelta(days=1)) != timedelta(days=1)]
    assert len(changes) == 24
    for _ in range(MANY):
        rule, nation, day = chance.choice(list(RULES.values())), chance.choice(sorted(NATIONS)), chance.choice(days)
        if chance.random() < 0.2:
            day = chance.choice(changes) - timedelta(days=chance.randrange(4))
        moment = datetime.combine(day, time(chance.randrange(24), chance.randrange(60)), tzinfo=UTC)
        closures = frozenset(day + timedelta(days=chance.randrange(60)) for _ in range(chance.randrange(4)))
        answer = due(
            rule.key, moment if rule.unit is Unit.HOURS else day, calendar=calendar_for(nation, closures=closures), n=2
        )
        if rule.unit is Unit.HOURS:
            assert answer.due_at == enumeration.hours(moment, rule.amount)
        else:
            expected = walked(rule, day, nation, closures)
            assert (answer.due_date, answer.due_at) == (expected, enumeration.last_second(expected)), (rule.key, day)
        told[rule.key] += 1
        told["near a change of the clocks"] += day in changes
    sys.stdout.write(f"{sum(told[key] for key in RULES):,} deadlines agree: {dict(told)}\n")


def walked(rule, day, nation, closures) -> date:
    """The dumb answer for a rule in days or months."""
    amount = rule.amount + 2 * rule.every
    if amount == 0:
        return day
    if rule.unit is Unit.WORKING_DAYS:
        return enumeration.working_days(day, amount, nation, closures)
    found = enumeration.months(day, amount) if rule.unit is Unit.MONTHS else enumeration.calendar_days(day, amount)
    return enumeration.rolled(found, nation, closures) if rule.rolled else found
