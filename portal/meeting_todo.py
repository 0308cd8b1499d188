"""What waits for board secretaries: agendas to publish, meetings to record, minutes to write and to circulate, the next
meeting to plan (HAR-6.6)."""

from datetime import timedelta

from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from portal import agenda, clock, handing_over, subjects, todo
from portal.db.statements import prepared
from portal.due_todo import accesses
from portal.meeting_subjects import within
from portal.meetings import MINUTES
from portal.models import AgendaItem, Board, Deadline, Meeting, Membership
from portal.permissions import ROLE_PERMISSIONS, Perm
from portal.templatetags.dates import longdate

# an agenda is published in good time: five clear days are usual (LGA 1972 s.100B), and people plan in weeks
AGENDA_DAYS = 14
SECRETARIES = [role for role, perms in ROLE_PERMISSIONS.items() if Perm.DECIDE in perms]


def secretary(user):
    """Roles of the person by which they record decisions, in the framework of the outer row."""
    return Membership.objects.live().filter(framework=OuterRef("framework"), user=user, role__in=SECRETARIES)


@todo.register
def meetings(user):
    """From the agenda to the circulated minutes."""
    now, rows = clock.now(), unfinished(user)
    closed, alone = minuted_elsewhere(user, [one for one in rows if one.status != Meeting.Status.PLANNED])
    for meeting in rows:
        title, page, due = what(meeting, now=now)
        if not title or meeting.pk in closed:
            continue
        named = title % {"board": within(meeting.board), "day": longdate(meeting.starts_at)}
        item = alone.get(meeting.pk)
        href = item.href if item else reverse(page, args=[meeting.framework.slug, meeting.pk])
        yield todo.Item(named, href, due, meeting.framework, item.title if item else "")


@prepared
def unfinished(user):
    """Meetings whose minutes are not circulated yet, where the person records decisions; `due`: by when, or None."""
    status = Meeting.Status
    duty = Deadline.objects.open().filter(
        rule=MINUTES, subject_type=ContentType.objects.get_for_model(Meeting), subject_id=OuterRef("pk")
    )
    waiting = Meeting.objects.filter(status__in=[status.PLANNED, status.HELD, status.MINUTED])
    found = waiting.filter(Exists(secretary(user)), minuted_with__isnull=True)
    return found.annotate(due=Subquery(duty.values("due_at")[:1])).select_related("board", "framework")


def minuted_elsewhere(user, held):
    """Of meetings that were held: those with an item that is closed to the person, whose minutes somebody else sees to
    (HAR-6.4); and, by meeting, the one item that it was about, where that has minutes of its own and its own page leads
    to them (HAR-6.6)."""
    closed, alone = set(), {}
    by_id = {one.pk: one for one in held}
    for access in accesses(user) if held else []:
        items = AgendaItem.objects.standing().filter(meeting__in=by_id, framework=access.framework)
        closed.update(items.filter(agenda.hidden(access)).values_list("meeting", flat=True))
        for item in handing_over.with_own_minutes(items.filter(subjects.visible(access))):
            if handing_over.only_item(by_id[item.meeting_id], item.subject) == item:
                alone[item.meeting_id] = item
    return closed, alone


def what(meeting, *, now):
    """(title with places for board and day, page, due) of the next step, or nothing."""
    if meeting.status == Meeting.Status.HELD:
        return _("Write the minutes of %(board)s, %(day)s"), "minutes", meeting.due
    if meeting.status == Meeting.Status.MINUTED:
        return _("Circulate the minutes of %(board)s, %(day)s"), "minutes", meeting.due
    if meeting.starts_at < now:
        return _("Record that %(board)s met on %(day)s, and who was there"), "meeting-hold", None
    if meeting.agenda_sent_at is None and meeting.starts_at - now < timedelta(days=AGENDA_DAYS):
        return _("Publish the agenda of %(board)s, %(day)s"), "meeting", meeting.starts_at
    return "", "", None


@todo.register
def next_meetings(user):
    """Boards that have met and have no meeting to come. The parties of one protocol meet only when there is something."""
    for board in without_next(user):
        href = f"{reverse('meeting-new', args=[board.framework.slug])}?board={board.pk}"
        yield todo.Item(_("Plan the next meeting of %(board)s") % {"board": board}, href, None, board.framework)


@prepared
def without_next(user):
    """Boards that have met and have no meeting planned, where the person records decisions."""
    to_come = Meeting.objects.filter(board=OuterRef("pk"), status=Meeting.Status.PLANNED)
    met = Meeting.objects.filter(board=OuterRef("pk")).exclude(status__in=["planned", "cancelled"])
    boards = Board.objects.standing().filter(Exists(secretary(user)), Exists(met), ~Exists(to_come))
    return boards.select_related("framework")
