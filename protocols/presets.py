"""Arrangements of tiers that a framework may take as they stand (HAR-2.1, KEN-4.1)."""

from django.db import transaction
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal.errors import StateError
from portal.models import AuditEvent, Board, Framework
from protocols.models import Tier

# Preset → (order, level, name) per tier. "General and individual" leaves the middle one out (HAM-2t).
TIERS = {
    Framework.Preset.GENERAL_INDIVIDUAL: (
        (1, Tier.Level.OVERARCHING, _("General protocol")),
        (2, Tier.Level.OPERATIONAL, _("Individual protocol")),
    ),
}


def apply(framework, *, by, now, board_name: str = "") -> list[Tier]:
    """Give the framework the tiers of its preset, and the board that decides on all of them (HAR-2.1, HAR-2.3).

    Needs the framework's scope. board_name: default is the framework's name with "Board". Returns the tiers in
    order. Raises StateError when the framework has tiers already: protocols may hang on them.
    """
    with transaction.atomic():
        # two administrators at once: the second waits here and is then refused
        Framework.objects.select_for_update().get(pk=framework.pk)
        if Tier.objects.filter(framework=framework).exists():
            raise StateError(_t("%(framework)s has its tiers already.") % {"framework": framework.name})
        name = board_name or _t("%(framework)s Board") % {"framework": framework.name}
        board, _created = Board.objects.get_or_create(framework=framework, name=name)
        tiers = [
            Tier.objects.create(framework=framework, order=order, level=level, name=str(words), deciding_body=board)
            for order, level, words in TIERS[framework.preset]
        ]
        AuditEvent.objects.record(
            "protocols.tiers:made", framework, by=by, now=now, preset=framework.preset, board=board.name
        )
    return tiers
