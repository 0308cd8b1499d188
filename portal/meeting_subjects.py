"""Deadlines are about meetings: the minutes that are to be circulated (portal.subjects); how meetings are named."""

from django.utils.translation import gettext as _

from portal import subjects
from portal.forms import lower_first
from portal.models import Board, Meeting
from portal.templatetags.dates import longdate

subjects.register(
    Meeting,
    subjects.Kind(
        visible_to=Meeting.objects.visible_to,
        words=lambda meeting: f"{meeting.board}, {longdate(meeting.starts_at)}",
        href=Meeting.get_absolute_url,
        protocol=lambda meeting: meeting.board.subject_id,
        related=("board",),
    ),
)


def within(board: Board) -> str:
    """A board within a sentence: "Strategic Board", "the meeting of the parties of AISB-T1-001"."""
    if board.kind != Board.Kind.PARTIES:
        return board.name
    return _("the %(meeting)s") % {"meeting": lower_first(board.name)}


def meeting_of(board: Board) -> str:
    """ "meeting of Strategic Board", "meeting of the parties of AISB-T1-001"."""
    return lower_first(board.name) if board.kind == Board.Kind.PARTIES else _("meeting of %(board)s") % {"board": board}


def in_calendars(board: Board) -> str:
    """ "Meeting: Strategic Board", "Meeting of the parties of AISB-T1-001"."""
    return board.name if board.kind == Board.Kind.PARTIES else _("Meeting: %(board)s") % {"board": board}
