"""What is due to a board of the documents: approvals that wait for it, urgent approvals to be ratified (HAR-2.3)."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from portal import agenda, boards, clock
from portal.agenda import Entry
from portal.models import Board
from protocols import workflow
from protocols.models import Publication, Tier, Version

APPROVAL, RATIFICATION = "protocols.approval", "protocols.ratification"


def waiting_for(board: Board):
    """Versions on which this body decides, that wait for its approval or its ratification."""
    own = Q(protocol__tier__decided_by=Tier.DecidedBy.BODY, protocol__tier__deciding_body=board)
    partnerships = Q(protocol__tier__decided_by=Tier.DecidedBy.PARTNERSHIP, protocol__partnership__board=board)
    waits = Q(status=Version.Status.APPROVAL) | Q(approval__outcome="urgent")
    found = Version.objects.filter(own | partnerships, waits, framework=board.framework_id)
    return found.select_related("protocol", "framework", "approval").order_by("pk")


@agenda.register
def approvals(board, meeting):
    """Approvals asked for, and urgent approvals that the body has still to ratify."""
    sitting = set(boards.organisations_of(board).values_list("pk", flat=True))
    for version in waiting_for(board):
        words = {"reference": version.protocol.reference, "name": version.name, "title": version.protocol.title}
        if version.status == Version.Status.APPROVAL:
            kind, title, due = APPROVAL, _("Approval of %(reference)s %(name)s: %(title)s") % words, None
        elif (urgent := workflow.to_ratify(version)) is not None:
            kind, title = RATIFICATION, _("Ratification of %(reference)s %(name)s: %(title)s") % words
            due = clock.end_of_day(urgent.ratify_by) if urgent.ratify_by else None
        else:
            continue
        href = reverse("version", args=[version.framework.slug, version.protocol.reference, version.number])
        yield Entry(kind, title, href, version, due, restricted=not known_to(version, sitting))


def known_to(version, sitting: set[int]) -> bool:
    """May everybody on the board know of the version: is the protocol published, or are they all its parties?"""
    published = Publication.objects.filter(
        version__protocol=version.protocol_id, version__status=Version.Status.IN_FORCE
    ).order_by("decided_at", "pk")
    level = published.values_list("level", flat=True).last()
    if level and level != Publication.Level.NONE:
        return True
    parties = set(version.parties.values_list("organisation", flat=True))
    return version.circulated_at is not None and sitting <= parties
