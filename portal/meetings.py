"""Meetings are planned, moved, cancelled and held; what depends on their dates is told in the same transaction.

One transaction each, recorded in the ledger; needs the framework's scope. An app that counts from meetings registers a
listener (`on_change`); it is called after each change, before the commit (READ-6: visible recalculation).
"""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from portal.errors import StateError
from portal.models import AuditEvent, Board, Meeting, User

Listener = Callable[..., None]
LISTENERS: list[Listener] = []


def on_change(listener: Listener) -> Listener:
    """Register `listener(meeting, *, by, now)`: called when a meeting was planned, moved, cancelled or held."""
    if listener not in LISTENERS:
        LISTENERS.append(listener)
    return listener


def tell(meeting: Meeting, *, by: User | None, now: datetime) -> None:
    """Call every listener."""
    for listener in LISTENERS:
        listener(meeting, by=by, now=now)


@transaction.atomic
def plan(board: Board, *, starts_at: datetime, place: str = "", by: User | None, now: datetime) -> Meeting:
    """A meeting of the board on an aware moment."""
    meeting = Meeting.objects.create(framework_id=board.framework_id, board=board, starts_at=starts_at, place=place)
    AuditEvent.objects.record("portal.meeting:planned", meeting, by=by, now=now, starts_at=starts_at.isoformat())
    tell(meeting, by=by, now=now)
    return meeting


@transaction.atomic
def move(
    meeting: Meeting, *, starts_at: datetime, place: str = "", reason: str = "", by: User | None, now: datetime
) -> None:
    """Another moment or place for a planned meeting. Raises StateError once it is not planned any more."""
    held = Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
    if held.status != Meeting.Status.PLANNED:
        raise StateError(
            _("Only a planned meeting can be moved. This one is: %(state)s.")
            % {"state": held.get_status_display().lower()}
        )
    was = held.starts_at
    held.starts_at, held.place = starts_at, place
    held.save(update_fields=["starts_at", "place"])
    AuditEvent.objects.record(
        "portal.meeting:moved",
        held,
        by=by,
        now=now,
        was=was.isoformat(),
        starts_at=starts_at.isoformat(),
        reason=reason,
    )
    meeting.starts_at, meeting.place = starts_at, place
    tell(held, by=by, now=now)


@transaction.atomic
def cancel(meeting: Meeting, *, reason: str, by: User | None, now: datetime) -> None:
    """It does not take place."""
    with meeting.transition(Meeting.Status.CANCELLED, by=by, now=now, reason=reason):
        pass
    tell(meeting, by=by, now=now)


@transaction.atomic
def hold(meeting: Meeting, *, by: User | None, now: datetime) -> None:
    """It took place. Raises StateError before its date."""
    with meeting.transition(Meeting.Status.HELD, by=by, now=now):
        if meeting.starts_at > now:
            raise StateError(_("This meeting has not begun yet."))
    tell(meeting, by=by, now=now)
