"""The deadline engine: every vector and every reading of rules.md section 4 that needs no screen."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from portal.clock import end_of_day
from portal.deadline_words import length_in_words
from portal.deadlines import (
    RULES,
    STARTS,
    DeadlineError,
    DeadlineRule,
    DeadlineRules,
    Override,
    Unit,
    add_months,
    due,
    earlier_warning,
    strict_and_practical,
)
from portal.working_days import calendar_for

ENGLAND, SCOTLAND = "england-and-wales", "scotland"


# --- the table


def test_the_table_is_that_of_the_rules():
    """Section 4 word for word: key, source, length and unit of all twelve duties; and the end of a pilot (DUD-11), the
    review of effectiveness (HAR-r5) and the actions of a review (HAR-5.5)."""
    table = {rule.key: (rule.source, rule.amount, rule.unit.value, rule.every) for rule in RULES.values()}
    assert table == {
        "breach.notify_partners": ("HAR-6.1", 5, "working_days", 0),
        "breach.report": ("HAR-6.2", 10, "working_days", 0),
        "breach.meeting": ("HAR-6.3", 20, "working_days", 0),
        "meeting.minutes": ("HAR-6.6", 5, "working_days", 0),
        "review.first": ("HAR-5.1", 6, "months", 0),
        "review.annual": ("HAR-5.1", 6, "months", 12),
        "review.findings": ("HAR-5.3", 1, "months", 0),
        "review.effectiveness": ("HAR-r5", 0, "calendar_days", 0),
        "review.action": ("HAR-5.5", 0, "calendar_days", 0),
        "audit.notice": ("HAR-5.9", 1, "months", 0),
        "indemnity.response": ("HAR-11.1b", 4, "calendar_days", 0),
        "assurance.expiry": ("HAR-4.2, HAR-11.2, HAM-train", 0, "calendar_days", 0),
        "breach.notify_ico": ("UK-33", 72, "hours", 0),
        "complaint.acknowledge": ("UK-164A", 30, "calendar_days", 0),
        "pilot.outcome": ("DUD-11", 0, "calendar_days", 0),
    }


def test_the_printed_table_is_the_same():
    """docs/deadlines.md prints key, source, duty, start and length of each rule as the engine has them."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "deadlines.md").read_text(encoding="utf-8")
    printed = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in page.splitlines()]
    rows = {row[0]: row[1:] for row in printed if row[0] in RULES}
    assert list(rows) == list(RULES)
    for key, rule in RULES.items():
        source, duty, starts, length = rows[key]
        assert (source, duty, starts) == (rule.source, str(rule.duty), str(STARTS[rule.starts]))
        assert length.startswith(length_in_words(rule.amount, rule.unit.value))


def test_a_table_with_a_doubled_key_or_a_nameless_start_is_refused():
    """A rule that could be shadowed or not explained never loads."""
    rule = DeadlineRule("a", 1, Unit.MONTHS, source="HAR-5.1", starts="completed", duty="Do it")
    with pytest.raises(ValueError, match="key of its own"):
        DeadlineRules(rule, rule)
    with pytest.raises(ValueError, match="named start"):
        DeadlineRules(DeadlineRule("a", 1, Unit.MONTHS, source="HAR-5.1", starts="whenever", duty="Do it"))


# --- vectors


@pytest.mark.parametrize(
    "start, five, ten, twenty, scotland_ten, scotland_twenty",
    [
        ("2026-12-18", "2026-12-29", "2027-01-06", "2027-01-20", "2027-01-07", "2027-01-21"),
        ("2026-12-19", "2026-12-29", "2027-01-06", "2027-01-20", "2027-01-07", "2027-01-21"),
        ("2026-12-24", "2027-01-05", "2027-01-12", "2027-01-26", "2027-01-13", "2027-01-27"),
    ],
)
def test_christmas_vectors(start, five, ten, twenty, scotland_ten, scotland_twenty):
    """READ-1, HAR-6.1, HAR-6.2, HAR-6.3: the printed table of both nations."""
    day = date.fromisoformat(start)
    assert due("breach.notify_partners", day).due_date.isoformat() == five
    assert due("breach.report", day).due_date.isoformat() == ten
    assert due("breach.meeting", day).due_date.isoformat() == twenty
    assert due("breach.report", day, nation=SCOTLAND).due_date.isoformat() == scotland_ten
    assert due("breach.meeting", day, nation=SCOTLAND).due_date.isoformat() == scotland_twenty


@pytest.mark.parametrize(
    "anchor, months, last_day",
    [
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 8, 31), 18, date(2028, 2, 29)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 31), 12, date(2027, 12, 31)),
        (date(2026, 6, 30), 6, date(2026, 12, 30)),  # the same number, not "the last day"
    ],
)
def test_month_vectors(anchor, months, last_day):
    """READ-3: same day number, else the last day of the month."""
    assert add_months(anchor, months) == last_day


def test_annual_reviews_are_counted_from_completion_never_from_the_review_before():
    """READ-3, HAR-5.1: 31 August keeps its 31 through every February."""
    completion = date(2026, 8, 31)
    dates = [due("review.annual", completion, n=n).due_date for n in range(4)]
    assert dates == [date(2027, 2, 28), date(2028, 2, 29), date(2029, 2, 28), date(2030, 2, 28)]
    assert due("review.first", completion).due_date == dates[0]
    assert due("review.annual", date(2026, 8, 30), n=1).due_date == date(2028, 2, 29)


# --- readings


@pytest.mark.parametrize(
    "start, end",
    [
        ("2027-03-26T12:00+00:00", "2027-03-29T13:00+01:00"),  # 71 on a London clock face
        ("2027-10-29T12:00+01:00", "2027-11-01T11:00+00:00"),  # 73
        ("2026-12-24T17:30+00:00", "2026-12-27T17:30+00:00"),  # weekend and bank holidays count
    ],
)
def test_hours_are_elapsed_hours(start, end):
    """READ-2, UK-33: 72 hours are added in UTC, through both clock changes and every holiday."""
    answer = due("breach.notify_ico", datetime.fromisoformat(start))
    assert answer.due_at == datetime.fromisoformat(end)
    assert answer.due_at.tzinfo is UTC
    assert answer.due_at - datetime.fromisoformat(start) == timedelta(hours=72)


def test_days_and_months_run_to_the_last_second_in_london():
    """READ-2: 23:59:59 Europe/London, which is 22:59:59 UTC in summer."""
    assert due("breach.report", date(2026, 6, 1)).due_at == datetime(2026, 6, 15, 22, 59, 59, tzinfo=UTC)
    assert due("review.first", date(2026, 6, 1)).due_at == datetime(2026, 12, 1, 23, 59, 59, tzinfo=UTC)


def test_a_moment_is_taken_as_its_london_date():
    """READ-2: 23:30 UTC on 1 June is 2 June in London, and the count begins there."""
    late = datetime(2026, 6, 1, 23, 30, tzinfo=UTC)
    assert due("breach.notify_partners", late).due_date == due("breach.notify_partners", date(2026, 6, 2)).due_date


def test_a_review_on_a_day_off_stays_with_a_note():
    """READ-3: Sunday 28 February 2027 is not moved, and the reader is told."""
    answer = due("review.first", date(2026, 8, 28))
    assert answer.due_date == date(2027, 2, 28)
    assert answer.note == "Sunday 28 February 2027 is not a working day (weekend). The date stays."
    assert due("review.first", date(2026, 8, 26)).note == ""


def test_a_breach_found_late_keeps_its_strict_miss_and_shows_a_practical_date():
    """READ-4, HAR-6.1, HAR-6.2, HAR-6.3: the worked example."""
    occurred, identified = date(2026, 11, 2), date(2026, 11, 18)
    assert due("breach.notify_partners", identified).due_date == date(2026, 11, 25)
    report = strict_and_practical("breach.report", occurred, identified)
    assert report.strict.due_date == date(2026, 11, 16)
    assert report.practical.due_date == date(2026, 12, 2)
    assert report.missed_on_arrival
    assert report.statement == "could not be met: found late"
    assert report.practical_label == "practical date, counted from the identification"
    meeting = strict_and_practical("breach.meeting", occurred, identified)
    assert (meeting.strict.due_date, meeting.practical.due_date) == (date(2026, 11, 30), date(2026, 12, 16))
    assert not meeting.missed_on_arrival
    assert meeting.statement == ""


def test_a_breach_found_at_once_has_one_date():
    """READ-4: found on the day, or on the very last day of the strict date, nothing "could not be met"."""
    same_day = strict_and_practical("breach.report", date(2026, 11, 2), date(2026, 11, 2))
    assert (same_day.practical, same_day.practical_label, same_day.statement) == (None, "", "")
    last_day = strict_and_practical("breach.report", date(2026, 11, 2), datetime(2026, 11, 16, 18, tzinfo=UTC))
    assert not last_day.missed_on_arrival


def test_an_unknown_date_of_the_breach_is_assumed_and_said():
    """READ-5: counted from identification, marked; once corrected the strict date stands beside the practical one."""
    identified = date(2026, 11, 18)
    assumed = strict_and_practical("breach.report", None, identified)
    assert assumed.assumed
    assert assumed.statement.startswith("assumed")
    assert assumed.strict.due_date == date(2026, 12, 2)
    assert assumed.practical is None
    corrected = strict_and_practical("breach.report", date(2026, 11, 2), identified)
    assert corrected.strict.due_date < assumed.strict.due_date == corrected.practical.due_date


def test_strict_and_practical_refuses_what_makes_no_sense():
    """READ-4: other duties have one start; nothing is identified before it happened."""
    for key in ("breach.notify_partners", "review.first", "no.such"):
        with pytest.raises(DeadlineError, match="does not count from the breach"):
            strict_and_practical(key, date(2026, 11, 2), date(2026, 11, 3))
    with pytest.raises(DeadlineError, match="before it happened"):
        strict_and_practical("breach.report", date(2026, 11, 2), date(2026, 11, 1))


@pytest.mark.parametrize(
    "completed, meeting, expected",
    [
        ("2026-11-20", None, "2026-12-20"),
        ("2026-11-20", "2026-12-03", "2026-12-03"),
        ("2026-11-20", "2026-12-20", "2026-12-20"),
        ("2026-11-20", "2026-12-21", "2026-12-20"),  # the month is sooner
        ("2026-11-20", "2026-11-20", "2026-12-20"),  # same day, order unknown
        ("2026-11-20", "2026-11-01", "2026-12-20"),  # held before
        ("2026-11-20T10:00+00:00", "2026-11-20T14:00+00:00", "2026-11-20"),
        ("2026-11-20T14:00+00:00", "2026-11-20T14:00+00:00", "2026-12-20"),
        ("2026-11-20T14:00+00:00", "2026-11-20T10:00+00:00", "2026-12-20"),
        ("2026-11-20T14:00+00:00", "2026-11-20", "2026-12-20"),
        ("2026-11-20", "2026-12-03T10:00+00:00", "2026-12-03"),
    ],
)
def test_findings_are_due_at_the_next_meeting_or_in_a_month(completed, meeting, expected):
    """READ-6, HAR-5.3: whichever is sooner; a meeting on the day of completion only if it is after it."""

    def moment(text):
        return text and (datetime if "T" in text else date).fromisoformat(text)

    answer = due("review.findings", moment(completed), next_meeting=moment(meeting))
    assert answer.due_date.isoformat() == expected
    assert answer.due_at == end_of_day(answer.due_date)


def test_minutes_and_indemnity_count_different_days():
    """READ-7: over a weekend, 5 working days of HAR-6.6 and 4 plain days of HAR-11.1b."""
    friday = date(2026, 11, 20)
    assert due("meeting.minutes", friday).due_date == date(2026, 11, 27)
    assert due("indemnity.response", friday).due_date == date(2026, 11, 24)


def test_beyond_the_table_a_date_is_provisional():
    """READ-8: only weekdays are known there; dates that no bank holiday can move are certain."""
    answer = due("breach.report", date(2030, 12, 24))
    assert (answer.due_date, answer.provisional) == (date(2031, 1, 9), True)
    assert "provisional" in answer.explanation
    assert not due("breach.notify_partners", date(2030, 12, 20)).provisional
    assert due("complaint.acknowledge", date(2030, 12, 10)).provisional
    for key in ("review.first", "indemnity.response", "assurance.expiry"):
        assert not due(key, date(2030, 12, 30)).provisional
    assert not due("breach.notify_ico", datetime(2030, 12, 30, tzinfo=UTC)).provisional


def test_a_late_declared_holiday_moves_the_date_but_not_the_warnings():
    """READ-8: recalculated visibly with other inputs; warnings keep the earlier date, whichever way it moved."""
    start = date(2027, 6, 7)
    before = due("breach.notify_partners", start, nation=SCOTLAND)
    late = calendar_for(SCOTLAND, extra_holidays={date(2027, 6, 14): "Late"})
    after = due("breach.notify_partners", start, calendar=late)
    assert (before.due_date, after.due_date) == (date(2027, 6, 14), date(2027, 6, 15))
    assert earlier_warning(before.warn_date, after) == before.due_date
    assert earlier_warning(after.warn_date, before) == before.due_date
    assert earlier_warning(None, after) == after.due_date
    assert "Monday 14 June 2027 (Late)" in after.explanation


def test_the_regulators_clock_is_a_duty_of_its_own():
    """READ-9, UK-33: its own start, in hours, by law; no partner rule shares its start or its unit."""
    regulator = RULES["breach.notify_ico"]
    assert regulator.statutory
    others = [rule for rule in RULES.values() if rule is not regulator]
    assert all(rule.starts != regulator.starts and rule.unit is not Unit.HOURS for rule in others)


def test_a_protocol_may_have_lengths_of_its_own():
    """READ-10: its length, unit and rounds replace ours and its clause is named; other rules keep theirs."""
    overrides = {
        "breach.report": Override(15, "6.2"),
        "indemnity.response": Override(2, "11.1 b)", unit=Unit.WORKING_DAYS),
        "review.annual": Override(12, "5.1", every=24),
    }
    friday = date(2026, 11, 20)
    answer = due("breach.report", friday, overrides=overrides)
    assert answer.due_date == date(2026, 12, 11)
    assert answer.explanation.startswith("15 working days (as clause 6.2 of the protocol says) from Friday 20 November")
    assert answer.inputs["clause"] == "6.2"
    assert due("indemnity.response", friday, overrides=overrides).due_date == date(2026, 11, 24)
    assert due("review.annual", friday, n=2, overrides=overrides).due_date == date(2031, 11, 20)
    assert due("breach.meeting", friday, overrides=overrides) == due("breach.meeting", friday)
    late = strict_and_practical("breach.report", friday, date(2026, 11, 23), overrides=overrides)
    assert (late.strict.due_date, late.practical.due_date) == (date(2026, 12, 11), date(2026, 12, 14))


@pytest.mark.parametrize("key", ["breach.notify_ico", "complaint.acknowledge"])
def test_a_protocol_cannot_change_the_law(key):
    """READ-10, UK-33, UK-164A: statutory lengths are refused an override."""
    with pytest.raises(DeadlineError, match="set by law"):
        due(key, datetime(2026, 11, 20, tzinfo=UTC), overrides={key: Override(96, "6.9")})


def test_overdue_is_asked_of_a_moment():
    """READ-11: kept in the last second, overdue after it; nothing is stored."""
    answer = due("breach.notify_partners", date(2026, 11, 18))
    assert not answer.overdue(datetime(2026, 11, 25, 23, 59, 59, tzinfo=UTC))
    assert answer.overdue(datetime(2026, 11, 26, tzinfo=UTC))


def test_a_complaint_is_acknowledged_by_the_next_working_day_after_thirty_days():
    """READ-12, UK-164A: the worked example; warnings keep day 29."""
    answer = due("complaint.acknowledge", date(2026, 11, 26))
    assert answer.due_date == date(2026, 12, 29)
    assert answer.warn_date == date(2026, 12, 25)
    assert answer.note == "Warnings work towards Friday 25 December 2026."
    assert due("complaint.acknowledge", date(2026, 11, 3)).due_date == date(2026, 12, 3)


# --- words and records


def test_the_explanation_names_the_days_that_do_not_count():
    """Each bank holiday and closure day in between is named, and what day 0 or day 1 is."""
    calendar = calendar_for(ENGLAND, closures={date(2026, 12, 29): "Civic Centre closed"})
    assert due("breach.notify_partners", date(2026, 12, 19), calendar=calendar).explanation == (
        "5 working days from Saturday 19 December 2026, not counting weekends, Friday 25 December 2026 (Christmas Day), "
        "Monday 28 December 2026 (Boxing Day, substitute day) and Tuesday 29 December 2026 (Civic Centre closed). "
        "Saturday 19 December 2026 is not a working day (weekend), so day 1 is Monday 21 December 2026. "
        "The deadline is the end of Wednesday 30 December 2026."
    )
    assert due("breach.report", date(2026, 11, 2)).explanation == (
        "10 working days from Monday 2 November 2026, not counting weekends. Monday 2 November 2026 is day 0. "
        "The deadline is the end of Monday 16 November 2026."
    )


@pytest.mark.parametrize("key", RULES)
def test_every_rule_explains_itself_and_records_its_inputs(key):
    """READ-5, READ-8: what a date was counted from is kept as plain JSON, enough to count it again."""
    start = datetime(2026, 12, 24, 9, 30, tzinfo=UTC)
    answer = due(key, start, nation=SCOTLAND)
    assert "24 December 2026" in answer.explanation
    kept = json.loads(json.dumps(answer.inputs))
    assert (kept["rule"], kept["nation"], kept["holidays_until"]) == (key, SCOTLAND, "2030-12-31")
    again = due(kept["rule"], datetime.fromisoformat(kept["start"]), nation=kept["nation"], n=kept["round"] or 1)
    assert again == answer


@pytest.mark.parametrize(
    "key, start, options, message",
    [
        ("breach.lunch", date(2026, 1, 1), {}, "no deadline rule"),
        ("breach.report", date(2026, 1, 1), {"nation": "wales"}, "no bank holidays"),
        ("breach.report", datetime(2026, 1, 1), {}, "offset"),  # noqa: DTZ001 - naive on purpose
        ("breach.notify_ico", date(2026, 1, 1), {}, "bare date"),
        ("review.findings", date(2026, 1, 1), {"next_meeting": datetime(2026, 1, 2)}, "offset"),  # noqa: DTZ001 - naive on purpose
        ("review.annual", date(2026, 1, 1), {"n": -1}, "from 0"),
        ("review.annual", date(2026, 1, 1), {"n": 9000}, "too far"),
        ("breach.report", date(9999, 12, 30), {}, "too far"),
        ("indemnity.response", date.max, {}, "too far"),
        ("breach.notify_ico", datetime.max.replace(tzinfo=UTC), {}, "too far"),
        ("breach.report", date(2026, 1, 1), {"overrides": {"breach.report": Override(-1, "6.2")}}, "negative"),
    ],
)
def test_what_cannot_be_counted_says_why(key, start, options, message):
    """A wrong rule, nation, start or length is a DeadlineError with a sentence for people, never another exception."""
    with pytest.raises(DeadlineError, match=message):
        due(key, start, **options)
