"""What there is to do about breaches (portal.todo)."""

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from breaches.models import PartyNotice, ReportDraft
from portal import todo
from portal.models import Membership


@todo.register
def to_acknowledge(user):
    """Reports that nobody of the person's organisation has acknowledged (HAR-6.1)."""
    mine = Membership.objects.live().filter(
        framework=OuterRef("framework"), organisation=OuterRef("organisation"), user=user
    )
    waiting = PartyNotice.objects.filter(Exists(mine), acknowledged_at__isnull=True)
    for notice in waiting.select_related("breach", "framework"):
        yield todo.Item(
            _("Acknowledge breach %(reference)s for %(organisation)s")
            % {"reference": notice.breach.reference, "organisation": notice.name},
            reverse("breach", args=[notice.framework.slug, notice.breach.number]),
            None,
            notice.framework,
        )


@todo.register
def unsent_reports(user):
    """Reports that the person began and has not sent."""
    for draft in ReportDraft.objects.waiting().filter(author=user).select_related("framework"):
        if not Membership.objects.live().filter(framework=draft.framework, user=user).exists():
            continue
        yield todo.Item(
            _("Finish your report of a breach"),
            reverse("breach-report-check", args=[draft.framework.slug, draft.pk]),
            None,
            draft.framework,
            _("It has not been sent, so nobody has been told"),
        )
