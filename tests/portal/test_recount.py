"""Deadlines that are counted again keep the dates they had (READ-5, READ-6, READ-8)."""

from datetime import UTC, date, datetime

import pytest
from django.db import transaction

from portal.models import AuditEvent, ClosureDay, Deadline
from portal.tenancy import scope
from tests import builders
from tests.builders import NOW

pytestmark = pytest.mark.django_db
FRIDAY = datetime(2026, 12, 18, 12, tzinfo=UTC)


@pytest.fixture
def protocol():
    """A protocol, inside its framework's scope."""
    framework = builders.make_framework()
    with scope(framework.pk), transaction.atomic():
        yield builders.make_protocol(framework)


def start(protocol, rule="meeting.minutes", **options):
    """A deadline on the protocol."""
    return Deadline.objects.start(
        rule, protocol, framework=protocol.framework, start=FRIDAY, now=NOW, nation=protocol.nation, **options
    )


def london(deadline):
    """The day on which it is due."""
    return deadline.due_at.astimezone(UTC).date()


def test_a_closure_day_moves_the_date_and_the_old_one_is_kept(protocol):
    """READ-8: 29 December closes, so the fifth working day is the 30th; the old date stays, and warnings work towards it."""
    deadline = start(protocol)
    assert london(deadline) == date(2026, 12, 29)
    ClosureDay.objects.create(framework=protocol.framework, date=date(2026, 12, 29), title="Closed")
    assert deadline.recount(by=None, now=NOW, reason="Closure day added")
    assert london(deadline) == date(2026, 12, 30)
    assert deadline.warn_on == date(2026, 12, 29)
    change = deadline.changes.get()
    assert (change.was_due_at.date(), change.due_at, change.reason) == (
        date(2026, 12, 29), deadline.due_at, "Closure day added",
    )  # fmt: skip
    assert "Closed" in deadline.explanation
    assert "Closed" not in change.was_explanation
    assert AuditEvent.objects.filter(verb="portal.deadline:recounted").count() == 1


def test_nothing_is_recorded_when_nothing_moves(protocol):
    """A count with the same result is no event."""
    deadline = start(protocol)
    assert not deadline.recount(by=None, now=NOW, reason="Looked again")
    assert not deadline.changes.exists()
    assert not AuditEvent.objects.filter(verb="portal.deadline:recounted").exists()


def test_what_is_met_or_dropped_is_not_counted_again(protocol):
    """Its date is history."""
    for close in ("meet", "drop"):
        deadline = start(protocol)
        if close == "meet":
            deadline.meet(by=None, now=NOW)
        else:
            Deadline.objects.filter(pk=deadline.pk).drop(now=NOW)
        assert not deadline.recount(by=None, now=NOW, reason="Late", start=datetime(2027, 1, 4, 12, tzinfo=UTC))
        assert london(deadline) == date(2026, 12, 29)


def test_a_later_start_and_a_nearer_meeting_count(protocol):
    """READ-5 and READ-6: the same row, counted from another start or to another meeting."""
    minutes, findings = start(protocol), start(protocol, "review.findings")
    assert minutes.recount(by=None, now=NOW, reason="Date corrected", start=datetime(2026, 12, 24, 12, tzinfo=UTC))
    assert london(minutes) == date(2027, 1, 5)
    assert london(findings) == date(2027, 1, 18)
    assert findings.recount(
        by=None, now=NOW, reason="Meeting planned", next_meeting=datetime(2027, 1, 6, 10, tzinfo=UTC)
    )
    assert london(findings) == date(2027, 1, 6)
    assert findings.recount(by=None, now=NOW, reason="Meeting cancelled", next_meeting=None)
    assert london(findings) == date(2027, 1, 18)


def test_meeting_a_duty_twice_is_one_event(protocol):
    """The first one counts."""
    deadline = start(protocol)
    deadline.meet(by=None, now=NOW)
    deadline.meet(by=None, now=FRIDAY)
    assert deadline.met_at == NOW
    assert AuditEvent.objects.filter(verb="portal.deadline:met").count() == 1
