"""The meeting of the parties of one protocol: a board of its own, made on first need (HAR-2.3, HAR-6.3)."""

from typing import cast

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils.translation import gettext as _

from portal import boards
from portal.models import AuditEvent, Board, Framework
from protocols.models import Party, Protocol


def board_of(protocol: Protocol, *, by=None, now) -> Board:
    """The meeting of the parties of a protocol. Seen by those who may see the protocol. Needs the scope."""
    content_type = ContentType.objects.get_for_model(Protocol)
    with transaction.atomic():
        Framework.objects.select_for_update().get(pk=protocol.framework_id)
        board, made = Board.objects.get_or_create(
            framework_id=protocol.framework_id,
            subject_type=content_type,
            subject_id=protocol.pk,
            defaults={
                "kind": Board.Kind.PARTIES,
                "name": _("Meeting of the parties of %(reference)s") % {"reference": protocol.reference},
            },
        )
        if made:
            AuditEvent.objects.record("portal.board:created", board, by=by, now=now)
    return board


@boards.members(Board.Kind.PARTIES)
def parties_now(board: Board):
    """The parties bound by the version in force; before one is in force, those of the newest version."""
    protocol = cast(Protocol, board.subject)
    version = protocol.in_force
    if version is not None:
        return version.parties.filter(status__in=Party.HELD).values("organisation")
    newest = protocol.latest
    return newest.parties.values("organisation") if newest else []
