"""Meetings as dated records, and what is told when one moves (HAR-5.3, READ-6)."""

from datetime import timedelta

import pytest
from django.db import transaction

from portal import meetings
from portal.errors import StateError, TransitionNotAllowed
from portal.models import AuditEvent, Board, Meeting
from portal.tenancy import scope
from tests import builders
from tests.builders import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def board():
    """A board of a framework, inside its scope."""
    framework = builders.make_framework()
    with scope(framework.pk), transaction.atomic():
        yield Board.objects.get_or_create(framework=framework, name="Strategic Partnership Board")[0]


@pytest.fixture
def told(monkeypatch):
    """Meetings that a listener was told of, with the state that it saw."""
    heard = []
    monkeypatch.setattr(meetings, "LISTENERS", [lambda meeting, *, by, now: heard.append((meeting.pk, meeting.status))])
    return heard


def test_the_next_meeting_is_the_first_planned_one_after_a_moment(board):
    """READ-6: a meeting counts only if it is after the moment; cancelled ones and other boards' do not."""
    other = Board.objects.create(framework=board.framework, name="Another board")
    first, second = (meetings.plan(board, starts_at=NOW + timedelta(days=days), by=None, now=NOW) for days in (10, 40))
    meetings.plan(other, starts_at=NOW + timedelta(days=1), by=None, now=NOW)
    assert Meeting.objects.next_after(board, NOW) == first
    assert Meeting.objects.next_after(board, first.starts_at) == second
    meetings.cancel(second, reason="No business", by=None, now=NOW)
    assert Meeting.objects.next_after(board, first.starts_at) is None


def test_each_change_is_told_and_recorded_in_its_transaction(board, told):
    """Planned, moved, held: one row of the ledger and one call of the listeners each."""
    meeting = meetings.plan(board, starts_at=NOW + timedelta(days=10), by=None, now=NOW)
    meetings.move(meeting, starts_at=NOW + timedelta(days=3), reason="Room", by=None, now=NOW)
    meetings.hold(meeting, by=None, now=NOW + timedelta(days=4))
    assert told == [(meeting.pk, "planned"), (meeting.pk, "planned"), (meeting.pk, "held")]
    verbs = AuditEvent.objects.about(meeting).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == [
        "portal.meeting:planned",
        "portal.meeting:moved",
        "portal.meeting:held",
        "portal.deadline:started",
    ]


def test_what_was_held_is_neither_moved_nor_cancelled_and_nothing_is_held_before_its_date(board):
    """Refusals leave no trace."""
    meeting = meetings.plan(board, starts_at=NOW + timedelta(days=10), by=None, now=NOW)
    with pytest.raises(StateError):
        meetings.hold(meeting, by=None, now=NOW)
    meeting.refresh_from_db()
    meetings.hold(meeting, by=None, now=NOW + timedelta(days=11))
    with pytest.raises(StateError):
        meetings.move(meeting, starts_at=NOW + timedelta(days=12), by=None, now=NOW)
    with pytest.raises(TransitionNotAllowed):
        meetings.cancel(meeting, reason="Late", by=None, now=NOW)
    assert AuditEvent.objects.about(meeting).count() == 3
