"""Related documents as a reader may see them (HAR-9)."""

from django.db.models import Exists, OuterRef
from django.urls import reverse

from protocols.documents import iso
from protocols.models import Protocol
from protocols.reading import related_row


def related_rows(version, access) -> list[list]:
    """Title as it is printed, owner, date. A protocol of this portal is a link only for those who may see it; its own title
    is never read. The rows cannot change once the text is frozen, so they say what the signed text says."""
    seen = Protocol.objects.visible_to(access).filter(pk=OuterRef("protocol"))
    rows = version.related_documents.annotate(seen=Exists(seen)).select_related("protocol")
    return [
        related_row({"title": row.title, "owner": row.owner, "dated": iso(row.dated), "link": link_of(row, access)})
        for row in rows
    ]


def link_of(row, access) -> str:
    """Inside the portal, elsewhere, or nowhere."""
    if row.protocol_id and row.seen:
        return reverse("protocol", args=[access.framework.slug, row.protocol.reference])
    return row.link
