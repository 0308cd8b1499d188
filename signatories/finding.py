"""From an address to a party that its reader may act for, or act on. Everything else is "not found"."""

from django.http import Http404

from protocols.finding import find_version
from protocols.models import Party
from signatories.obstacles import representatives


def own_party(request, reference, number, pk) -> Party:
    """The party that the reader represents; someone else's party is not found, even for a member (SIG-who)."""
    version = find_version(request, reference, number)
    mine = representatives().filter(user=request.user).values("organisation")
    return _party(version, version.parties.filter(organisation__in=mine), pk)


def any_party(request, reference, number, pk) -> Party:
    """A party of a version that the reader may see, for drafters and secretaries."""
    version = find_version(request, reference, number)
    return _party(version, version.parties, pk)


def _party(version, parties, pk):
    party = parties.select_related("organisation").filter(pk=pk).first()
    if party is None:
        raise Http404
    party.version = version
    return party
