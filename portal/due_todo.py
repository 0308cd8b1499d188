"""Deadlines among what needs doing: those of one's organisations, and for board secretaries those that nobody owns."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, prefetch_related_objects

from portal import clock, due, subjects, todo
from portal.db.statements import prepared
from portal.meetings import MINUTES
from portal.models import Deadline, Meeting, Membership, User
from portal.permissions import ROLE_PERMISSIONS, Access, Perm


def accesses(user: User) -> list[Access]:
    """What the person may do in each framework of the scope, by their live roles; one statement."""
    held: dict[int, list[Membership]] = {}
    for role in roles_of(user):
        held.setdefault(role.framework_id, []).append(role)
    return [
        Access(
            user,
            roles[0].framework,
            tuple(sorted({role.organisation_id for role in roles})),
            frozenset().union(*(ROLE_PERMISSIONS[role.role] for role in roles)),
            frozenset(role.role for role in roles),
        )
        for roles in held.values()
    ]


@prepared
def roles_of(user):
    """The person's live roles."""
    return Membership.objects.live().filter(user=user).select_related("framework").order_by("framework_id", "pk")


def mine(access: Access) -> Q:
    """The deadlines that the person sees to: of their organisations, or of nobody if they record decisions; about
    something that they may see."""
    owned = Q(owner__in=access.organisations)
    if access.can(Perm.DECIDE):
        owned |= Q(owner__isnull=True)
    return Q(framework=access.framework) & owned & subjects.visible(access)


def worded_by_meetings() -> Q:
    """Minutes of a meeting: portal.meeting_todo says whether they are to be written or circulated."""
    return Q(rule=MINUTES, subject_type=ContentType.objects.get_for_model(Meeting))


@todo.register
def deadlines(user: User) -> list[todo.Item]:
    """Open deadlines, with the way to where each is met: the page of its subject."""
    now, found = clock.now(), []
    for access in accesses(user):
        framework: Any = access.framework
        calendars = due.Calendars(framework)
        if rows := owed(access):
            prefetch_related_objects(rows, due.subjects_of(access))
        for deadline in rows:
            href = due.subject_href(deadline, framework) or due.href(deadline, framework)
            note = " · ".join(filter(None, [due.subject_words(deadline), *due.marks(deadline)]))
            distance = due.distance(deadline, calendars, now=now)
            timed = due.in_hours(deadline)
            found.append(todo.Item(due.duty(deadline), href, deadline.due_at, framework, note, distance, timed))
    return found


@prepared
def owed(access):
    """Open deadlines of the person, soonest first, without those that portal.meeting_todo words."""
    found = Deadline.objects.open().filter(mine(access)).exclude(worded_by_meetings())
    return found.select_related("owner").order_by("due_at", "pk")
