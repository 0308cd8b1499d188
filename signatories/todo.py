"""What waits for a representative: "2 to sign" (experience.md); what a refusal leaves with the drafters."""

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal import clock, todo
from portal.db.statements import prepared
from portal.models import Framework, Membership
from portal.permissions import ROLE_PERMISSIONS, Perm, Role
from protocols import bars
from protocols.models import Party, Version
from signatories.obstacles import SIGNABLE


def address(name, party) -> str:
    """The page of that name about one party."""
    version = party.version
    return reverse(name, args=[version.framework.slug, version.protocol.reference, version.number, party.pk])


@todo.register
def to_sign(user):
    """Open versions on which the person represents a party that was asked and has not answered."""
    counts: dict[Framework, int] = {}
    waiting = unsigned(user)
    barred = bars.barring(waiting)
    for party in waiting:
        if party.pk in barred:  # nothing to do: only the parties can lift it (HAR-6.6)
            continue
        version = party.version
        yield todo.Item(
            _("Sign %(title)s %(number)s") % {"title": version.protocol.title, "number": version.number},
            address("sign", party),
            clock.end_of_day(version.sign_by) if version.sign_by else None,
            version.framework,
            _("%(reference)s for %(organisation)s")
            % {"reference": version.protocol.reference, "organisation": party.name},
        )
        counts[version.framework] = counts.get(version.framework, 0) + 1
    for framework, count in counts.items():
        if count > 1:
            title = _("Sign several documents in one act")
            note = ngettext("%(count)d document waits", "%(count)d documents wait", count) % {"count": count}
            yield todo.Item(title, reverse("sign-several", args=[framework.slug]), None, framework, note)


@prepared
def unsigned(user):
    """Parties that were asked and have not answered, which the person represents."""
    mine = Membership.objects.live().filter(
        framework=OuterRef("framework"), organisation=OuterRef("organisation"), user=user, role=Role.REPRESENTATIVE
    )
    found = Party.objects.filter(Exists(mine), status=Party.Status.INVITED, version__status__in=SIGNABLE)
    return found.select_related("version__protocol", "version__framework")


@todo.register
def declined(user):
    """Open versions that a required party declined: for drafters, who invite again, withdraw or go on without it."""
    for party in refusals(user):
        version = party.version
        facts = {"organisation": party.name, "reference": version.protocol.reference, "number": version.number}
        yield todo.Item(
            _("%(organisation)s declined to sign %(reference)s %(number)s") % facts,
            reverse("signatures", args=[version.framework.slug, version.protocol.reference, version.number]),
            None,
            version.framework,
            _("Read why, and invite it again"),
        )


@prepared
def refusals(user):
    """Required parties that declined, where the person drafts."""
    roles = [role for role, perms in ROLE_PERMISSIONS.items() if Perm.DRAFT in perms]
    mine = Membership.objects.live().filter(framework=OuterRef("framework"), user=user, role__in=roles)
    found = Party.objects.filter(
        Exists(mine), status=Party.Status.DECLINED, required=True, version__status=Version.Status.OPEN_FOR_SIGNATURE
    )
    return found.select_related("version__protocol", "version__framework")
