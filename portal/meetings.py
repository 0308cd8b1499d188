"""Meetings are planned, moved, cancelled and held; what depends on their dates is told in the same transaction.

One transaction each, recorded in the ledger; needs the framework's scope. An app that counts from meetings registers a
listener (`on_change`); it is called after each change, before the commit (READ-6: visible recalculation).
"""

from collections.abc import Callable, Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from portal import agendas, boards, handing_over, meeting_notices
from portal.errors import StateError
from portal.models import Attendance, AuditEvent, Board, Meeting, User

Listener = Callable[..., None]
LISTENERS: list[Listener] = []
GUARDS: list[Listener] = []
MINUTES = handing_over.MINUTES  # HAR-6.6


def on_change(listener: Listener) -> Listener:
    """Register `listener(meeting, *, by, now)`: called when a meeting was planned, moved, cancelled or held."""
    if listener not in LISTENERS:
        LISTENERS.append(listener)
    return listener


def guard(asked: Listener) -> Listener:
    """Register `asked(meeting, *, by, present=None)`: called before a meeting is moved, cancelled, held or its attendance is
    put right. It raises StateError for somebody who must not (HAR-6.4). present: who is to have been there."""
    if asked not in GUARDS:
        GUARDS.append(asked)
    return asked


def ask(meeting: Meeting, *, by: User | None, present: Collection[int] | None = None) -> None:
    """Ask every guard, before any row is locked."""
    for asked in GUARDS:
        asked(meeting, by=by, present=present)


def tell(meeting: Meeting, *, by: User | None, now: datetime) -> None:
    """Call every listener."""
    for listener in LISTENERS:
        listener(meeting, by=by, now=now)


@transaction.atomic
def plan(board: Board, *, starts_at: datetime, place: str = "", by: User | None, now: datetime) -> Meeting:
    """A meeting of the board on an aware moment."""
    meeting = Meeting.objects.create(framework_id=board.framework_id, board=board, starts_at=starts_at, place=place)
    AuditEvent.objects.record("portal.meeting:planned", meeting, by=by, now=now, starts_at=starts_at.isoformat())
    agendas.compile_due(meeting, by=by, now=now)
    tell(meeting, by=by, now=now)
    return meeting


@transaction.atomic
def move(
    meeting: Meeting, *, starts_at: datetime, place: str = "", reason: str = "", by: User | None, now: datetime
) -> None:
    """Another moment or place for a planned meeting. Raises StateError once it is not planned any more."""
    ask(meeting, by=by)
    held = Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
    require_planned(held)
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
    agendas.compile_due(held, by=by, now=now)  # more or less is due by the new date
    if held.agenda_sent_at and was != starts_at:
        meeting_notices.tell_changed(held, now=now)


def require_planned(meeting: Meeting) -> None:
    """Raises StateError once the meeting is not planned any more."""
    if meeting.status != Meeting.Status.PLANNED:
        raise StateError(
            _("Only a planned meeting can be moved. This one is: %(state)s.")
            % {"state": meeting.get_status_display().lower()}
        )


def require_begun(meeting: Meeting, *, now: datetime) -> None:
    """Raises StateError unless it is planned and its time has come."""
    meeting.require_step(Meeting.Status.HELD)
    if meeting.starts_at > now:
        raise StateError(_("This meeting has not begun yet."), _("If it is held earlier, move it first."))


def was_of(move: AuditEvent) -> datetime:
    """When a meeting was to begin before a move."""
    return datetime.fromisoformat(move.payload["was"])


@transaction.atomic
def change_rules(
    board: Board, *, quorum_percent: int, majority: str, headings: list[str], by: User | None, now: datetime
) -> None:
    """Quorum, majority and the headings of papers, as data of the body (HAR-6.3, DUD-17)."""
    board.quorum_percent, board.majority, board.paper_headings = quorum_percent, majority, headings
    board.save(update_fields=["quorum_percent", "majority", "paper_headings"])
    AuditEvent.objects.record(
        "portal.board:rules-changed", board, by=by, now=now, quorum_percent=quorum_percent, majority=majority,
        headings=headings,
    )  # fmt: skip


@transaction.atomic
def cancel(meeting: Meeting, *, reason: str, by: User | None, now: datetime) -> None:
    """It does not take place."""
    ask(meeting, by=by)
    with meeting.transition(Meeting.Status.CANCELLED, by=by, now=now, reason=reason):
        pass
    if meeting.agenda_sent_at:
        meeting_notices.tell_changed(meeting, now=now)
    tell(meeting, by=by, now=now)


@transaction.atomic
def hold(meeting: Meeting, *, present: dict[int, str] | None = None, by: User | None, now: datetime) -> None:
    """It took place. present: organisation → by whom; the other organisations of the board were not there. The duty to
    circulate the minutes starts (HAR-6.6). Raises StateError before its date."""
    ask(meeting, by=by)
    with meeting.transition(Meeting.Status.HELD, by=by, now=now):
        require_begun(meeting, now=now)
        came = present or {}
        for organisation in boards.organisations_of(meeting.board):
            Attendance.objects.create(
                framework_id=meeting.framework_id, meeting=meeting, organisation=organisation,
                present=organisation.pk in came, people=came.get(organisation.pk, ""),
            )  # fmt: skip
    handing_over.start_duty(meeting, by=by, now=now)
    tell(meeting, by=by, now=now)


@transaction.atomic
def correct_attendance(meeting: Meeting, *, present: dict[int, str], by: User | None, now: datetime) -> None:
    """Put right who was there, until the minutes are circulated. Raises StateError if a recorded decision would then be
    one of a meeting that was not quorate (HAR-6.3)."""
    ask(meeting, by=by, present=present)
    held = agendas.locked(meeting, Meeting.Status.HELD, Meeting.Status.MINUTED)
    for row in held.attendance.all():
        row.present, row.people = row.organisation_id in present, present.get(row.organisation_id, "")
        row.save(update_fields=["present", "people"])
    if held.decisions.exists() and not held.quorum().reached:
        raise StateError(
            _("Decisions of this meeting are recorded, and with this attendance it was not quorate."),
            _("Check who was there. A decision that was not taken has to be recorded as withdrawn first."),
        )
    AuditEvent.objects.record("portal.meeting:attendance-corrected", held, by=by, now=now)
