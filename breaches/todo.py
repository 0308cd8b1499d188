"""What there is to do about breaches (portal.todo)."""

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from breaches.finding import place
from breaches.models import Breach, Hearing, PartyNotice, ReportDraft
from breaches.models.session import attended
from portal import todo
from portal.db.statements import prepared
from portal.due_todo import accesses
from portal.models import Meeting, Membership
from portal.permissions import Perm


@todo.register
def to_acknowledge(user):
    """Reports that nobody of the person's organisation has acknowledged (HAR-6.1)."""
    for notice in unacknowledged(user):
        yield todo.Item(
            _("Acknowledge breach %(reference)s for %(organisation)s")
            % {"reference": notice.breach.reference, "organisation": notice.name},
            reverse("breach", args=[notice.framework.slug, notice.breach.number]),
            None,
            notice.framework,
        )


@prepared
def unacknowledged(user):
    """What was sent to the person's organisations about open breaches and nobody there has acknowledged."""
    mine = Membership.objects.live().filter(
        framework=OuterRef("framework"), organisation=OuterRef("organisation"), user=user
    )
    found = PartyNotice.objects.filter(Exists(mine), acknowledged_at__isnull=True, breach__in=Breach.objects.open())
    return found.select_related("breach", "framework")


@todo.register
def unsent_reports(user):
    """Reports that the person began and has not sent."""
    for draft in unsent(user):
        yield todo.Item(
            _("Finish your report of a breach"),
            reverse("breach-report-check", args=[draft.framework.slug, draft.pk]),
            None,
            draft.framework,
            _("It has not been sent, so nobody has been told"),
        )


@prepared
def unsent(user):
    """Drafts of the person, in frameworks where they still have a role."""
    member = Membership.objects.live().filter(framework=OuterRef("framework"), user=user)
    return ReportDraft.objects.waiting().filter(Exists(member), author=user).select_related("framework")


SESSION: dict[str, tuple] = {
    Breach.Status.PRESENTED: (gettext_lazy("Close the session on breach %(reference)s"), "breach-session-begin"),
    Breach.Status.IN_CLOSED_SESSION: (gettext_lazy("Closed session on breach %(reference)s"), "breach-session"),
    Breach.Status.RECALLED: (gettext_lazy("Write the minutes on breach %(reference)s"), "breach-minutes"),
    Breach.Status.MINUTED: (gettext_lazy("Circulate the minutes on breach %(reference)s"), "breach-minutes"),
}


@todo.register
def sessions(user):
    """What the chair and the secretary of a session see to, while they may be in it (HAR-6.4). That the session has decided
    is not said here. Whoever keeps the board's records has the duty of the minutes on their home anyway."""
    rows = held_by(user)
    for access in accesses(user) if rows else []:
        open_ = set(attended(access).filter(pk__in=[row.breach_id for row in rows]).values_list("pk", flat=True))
        for row in rows:
            keeps = row.breach.status in {Breach.Status.RECALLED, Breach.Status.MINUTED} and access.can(Perm.DECIDE)
            if row.framework != access.framework or row.breach_id not in open_ or keeps:
                continue
            title, name = SESSION[row.breach.status]
            row.breach.framework = row.framework
            yield todo.Item(
                title % {"reference": row.breach.reference},
                place(row.breach, name),
                None,
                row.framework,
                _("You chair it") if row.chair_id == user.pk else _("You keep its record"),
            )


@prepared
def held_by(user):
    """The newest hearing of each breach that stands at one of these steps, if the person chairs it or keeps its record."""
    mine = Hearing.objects.filter(Q(chair=user) | Q(secretary=user), breach__status__in=SESSION).exclude(
        meeting__status=Meeting.Status.CANCELLED
    )
    later = Hearing.objects.filter(breach=OuterRef("breach"), pk__gt=OuterRef("pk"))
    mine = mine.exclude(Exists(later.exclude(meeting__status=Meeting.Status.CANCELLED)))
    return mine.select_related("breach", "framework")
