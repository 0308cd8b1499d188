"""Deadlines are about meetings: the minutes that are to be circulated (portal.subjects)."""

from portal import subjects
from portal.models import Meeting
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
