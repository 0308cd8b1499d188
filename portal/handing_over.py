"""Whose minutes are circulated (HAR-6.6): the meeting's own, or those of the one thing that it was about.

A meeting that takes nothing but one thing, which has minutes of its own (a breach), would owe them twice. Its duty is then
handed over: the app of that thing says when (`hand_over`) and when its minutes are circulated (`circulated_with`). As soon
as something else is on the agenda again, the meeting has its own duty back. Every function takes `by` and `now`, locks the
meeting's row and needs the framework's scope.
"""

from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from portal.errors import StateError
from portal.models import AgendaItem, AuditEvent, Deadline, Meeting, Minute, User

MINUTES = "meeting.minutes"
MEETING = "breach.meeting"  # what owes a meeting keeps the minutes of it (HAR-6.3, HAR-6.6)


def duty(meeting: Meeting):
    """The deadline of circulating the meeting's own minutes; one that was handed over is no longer there."""
    content_type = ContentType.objects.get_for_model(Meeting)
    rows = Deadline.objects.filter(rule=MINUTES, subject_type=content_type, subject_id=meeting.pk)
    return rows.filter(dropped_at__isnull=True)


def start_duty(meeting: Meeting, *, by: User | None, now: datetime) -> None:
    """From the day of the meeting, in working days of the nation of what it belongs to."""
    nation = getattr(meeting.board.subject, "nation", None) or meeting.framework.nation
    Deadline.objects.start(
        MINUTES, meeting, framework=meeting.framework, start=meeting.starts_at, now=now, by=by, nation=nation
    )


def lock(meeting: Meeting) -> Meeting:
    """Its row, under its lock."""
    rows = Meeting.objects.select_for_update(of=("self",)).select_related("board", "framework")
    return rows.get(pk=meeting.pk)


def only_item(meeting: Meeting, subject) -> AgendaItem | None:
    """The item of the subject, if the meeting was about nothing else: no other item, no minutes and no decision here."""
    items = list(AgendaItem.objects.filter(meeting=meeting).standing()[:2])
    kind = ContentType.objects.get_for_model(type(subject))
    if [(one.subject_type_id, one.subject_id) for one in items] != [(kind.pk, subject.pk)]:
        return None
    if Minute.objects.filter(item__meeting=meeting).exists() or meeting.decisions.exists():
        return None
    return items[0]


def with_own_minutes(items):
    """Those items of an agenda that are about something with minutes of its own."""
    owed = Deadline.objects.filter(
        rule=MEETING, subject_type=OuterRef("subject_type"), subject_id=OuterRef("subject_id")
    )
    return items.filter(Exists(owed))


def counted_elsewhere(meeting: Meeting, items) -> AgendaItem | None:
    """The one of these items that the meeting was about alone, if that has minutes of its own: it says as well who counted
    and how many were needed, since whom it concerns may count in neither (HAR-6.3)."""
    for item in with_own_minutes(items.filter(meeting=meeting)):
        if item.pk == meeting.minuted_with_id or only_item(meeting, item.subject) == item:
            return item
    return None


@transaction.atomic
def hand_over(meeting: Meeting, subject, *, by: User | None, now: datetime) -> bool:
    """From now the minutes of the subject are the meeting's, if it was about nothing else. Returns whether they are."""
    held = lock(meeting)
    item = only_item(held, subject)
    if held.status != Meeting.Status.HELD or item is None:
        return False
    if held.minuted_with_id is None:
        held.minuted_with = item
        held.save(update_fields=["minuted_with"])
        AuditEvent.objects.record("portal.meeting:handed-over", held, by=by, now=now)
        duty(held).drop(now=now)
    return True


@transaction.atomic
def take_back(meeting: Meeting, *, by: User | None, now: datetime) -> None:
    """Something else is on the agenda, or what was is not: the meeting owes minutes of its own again, by the same day."""
    held = lock(meeting)
    if held.minuted_with_id is None or held.status != Meeting.Status.HELD:
        return
    held.minuted_with = None
    held.save(update_fields=["minuted_with"])
    AuditEvent.objects.record("portal.meeting:taken-back", held, by=by, now=now)
    start_duty(held, by=by, now=now)


@transaction.atomic
def circulated_with(meeting: Meeting, subject, *, by: User | None, now: datetime) -> bool:
    """The minutes of the subject are circulated, and with them the meeting's, without a second round of mails. Nothing
    happens to a meeting that has minutes of its own. Returns whether it was circulated."""
    if not hand_over(meeting, subject, by=by, now=now):
        take_back(meeting, by=by, now=now)
        return False
    held = lock(meeting)
    with held.transition(Meeting.Status.MINUTED, by=by, now=now):
        pass
    with held.transition(Meeting.Status.CIRCULATED, by=by, now=now):
        pass
    return True


def require_own(meeting: Meeting) -> None:
    """Raises StateError for a meeting whose minutes are those of what it was about."""
    if meeting.minuted_with_id is not None:
        raise StateError(
            _("%(meeting)s was about one thing alone, and its minutes are kept there.") % {"meeting": meeting},
            _("Follow the link on the page of the meeting."),
        )
