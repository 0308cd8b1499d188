"""Whoever the parties have suspended or excluded does not sign in the meantime (HAR-6.6, protocols.bars)."""

from django.db.models import Exists, OuterRef, Q

from breaches.models import Breach, Proposal, Sanction
from portal.db.statements import prepared
from protocols import bars
from protocols.models import Party


@bars.register
def of_sanctions(organisations, protocols):
    """Suspensions that nobody has lifted, and exclusions."""
    for organisation, protocol, kind, since, number in sanctions(organisations, protocols):
        excluded = kind == Proposal.Kind.EXCLUSION
        yield bars.Bar(organisation, protocol, excluded, since, Breach(number=number).reference)


@prepared
def sanctions(organisations, protocols):
    """(organisation, protocol, kind, since, number of the breach) of those that may still hold: an exclusion no longer does
    when the organisation has come back, by a signature that is newer."""
    held = Sanction.objects.filter(organisation__in=organisations, breach__protocol__in=protocols)
    came_back = Party.objects.filter(
        organisation=OuterRef("organisation"),
        version__protocol=OuterRef("breach__protocol"),
        signed_at__gt=OuterRef("breach__recall__recorded_at"),
    ).exclude(status=Party.Status.EXCLUDED)
    excluded = Q(~Exists(came_back), kind=Proposal.Kind.EXCLUSION)
    holding = Q(kind=Proposal.Kind.SUSPENSION, lifted_at__isnull=True) | excluded
    return held.filter(holding, breach__recall__isnull=False).values_list(
        "organisation", "breach__protocol", "kind", "breach__recall__recorded_at", "breach__number"
    )
