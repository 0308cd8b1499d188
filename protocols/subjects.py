"""Deadlines are about protocols, items of agendas about versions (portal.subjects)."""

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.urls import reverse

from portal import subjects
from portal.models import Board
from protocols.models import Protocol, Tier, Version

subjects.register(
    Protocol,
    subjects.Kind(
        visible_to=Protocol.objects.visible_to,
        words=str,
        href=Protocol.get_absolute_url,
        protocol=lambda protocol: protocol.pk,
        mail_words=lambda protocol: protocol.reference,
        to_protocol="pk",
        meets=True,
    ),
)
subjects.register(
    Version,
    subjects.Kind(
        visible_to=Version.objects.visible_to,
        words=lambda version: f"{version.protocol.reference} {version.name}",
        href=lambda version: reverse(
            "version", args=[version.framework.slug, version.protocol.reference, version.number]
        ),
        protocol=lambda version: version.protocol_id,
        to_protocol="protocol",
    ),
)


def of_board(board: int):
    """Protocols on which a board decides (HAR-2.3, KEN-4.3iii; as `Protocol.deciding_body`, for many), or whose parties it
    is the meeting of."""
    by_partnership = Q(tier__decided_by=Tier.DecidedBy.PARTNERSHIP)
    content_type = ContentType.objects.get_for_model(Protocol)
    its_own = Board.objects.filter(pk=board, subject_type=content_type).values("subject_id")
    return Protocol.objects.filter(
        (by_partnership & Q(partnership__board=board))
        | (~by_partnership & Q(tier__deciding_body=board))
        | Q(pk__in=its_own)
    )


subjects.PROTOCOLS |= {
    "reference": lambda reference: Protocol.objects.filter(reference_key__contains=reference.upper()),
    "partnership": lambda partnership: Protocol.objects.filter(partnership=partnership),
    "board": of_board,
}
