"""Arrangements of tiers that a framework may take as they stand (KEN-4.1, HAM-2t, HAR-2.1, DUD-7, DUD-8)."""

from typing import NamedTuple

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal.errors import StateError
from portal.models import AuditEvent, Board, Framework, Partnership
from protocols.models import Tier

BOARD, GROUP, PARTNERSHIP = "board", "group", "partnership"


class Row(NamedTuple):
    """A tier of a preset. decided_by: the governing board, the information governance group, or the board of the
    partnership that owns the protocol. adopted: by one organisation, and signed by nobody."""

    order: int
    level: str
    name: Promise
    decided_by: str
    adopted: bool = False


# An officer under a named scheme of delegation may decide in every tier (HAR-2.3), so no row says it
TIERS: dict[str, tuple[Row, ...]] = {
    Framework.Preset.THREE_TIER: (
        Row(1, Tier.Level.OVERARCHING, _("Tier 1 overarching protocol"), BOARD),
        Row(2, Tier.Level.PARTNERSHIP, _("Tier 2 partnership protocol"), PARTNERSHIP),
        Row(3, Tier.Level.OPERATIONAL, _("Tier 3 operational protocol"), GROUP),
    ),
    # the next two leave the middle one out (HAM-2t)
    Framework.Preset.TWO_TIER: (
        Row(1, Tier.Level.OVERARCHING, _("First tier: general parameters"), BOARD),
        Row(2, Tier.Level.OPERATIONAL, _("Second tier: particular work"), GROUP),
    ),
    Framework.Preset.GENERAL_INDIVIDUAL: (
        Row(1, Tier.Level.OVERARCHING, _("General protocol"), BOARD),
        Row(2, Tier.Level.OPERATIONAL, _("Individual protocol"), BOARD),
    ),
    # strategic, managerial, operational (DUD-8); the policy is one organisation's own
    Framework.Preset.PROTOCOL_POLICY_EXCHANGE: (
        Row(1, Tier.Level.OVERARCHING, _("Information sharing protocol"), BOARD),
        Row(2, Tier.Level.PARTNERSHIP, _("Information sharing policy"), BOARD, adopted=True),
        Row(3, Tier.Level.OPERATIONAL, _("Data exchange agreement"), GROUP),
    ),
}


def apply(framework, *, by, now, board_name: str = "") -> list[Tier]:
    """Give the framework the tiers of its preset, and the bodies that decide on them (HAR-2.1, HAR-2.3).

    Needs the framework's scope. board_name: default is the framework's name with "Board". Returns the tiers in
    order. Raises StateError when the framework has tiers already: protocols may hang on them.
    """
    with transaction.atomic():
        # two administrators at once: the second waits here and is then refused
        Framework.objects.select_for_update().get(pk=framework.pk)
        if Tier.objects.filter(framework=framework).exists():
            raise StateError(_t("%(framework)s has its tiers already.") % {"framework": framework.name})
        words = {"framework": framework.name}
        names = {
            BOARD: board_name or _t("%(framework)s Board") % words,
            GROUP: _t("%(framework)s Information Governance Group") % words,
        }
        rows = TIERS[framework.preset]
        bodies = {kind: body(framework, names[kind]) for kind in names if any(row.decided_by == kind for row in rows)}
        tiers = [
            Tier.objects.create(
                framework=framework,
                order=row.order,
                level=row.level,
                name=str(row.name),
                adopted=row.adopted,
                decided_by=Tier.DecidedBy.PARTNERSHIP if row.decided_by == PARTNERSHIP else Tier.DecidedBy.BODY,
                deciding_body=bodies.get(row.decided_by),
            )
            for row in rows
        ]
        AuditEvent.objects.record(
            "protocols.tiers:made",
            framework,
            by=by,
            now=now,
            preset=framework.preset,
            board=names[BOARD],
            tiers=[tier.name for tier in tiers],
        )
    return tiers


def body(framework, name) -> Board:
    """The deciding body of that name, made if it is not there."""
    return Board.objects.get_or_create(framework=framework, name=name[:200])[0]


def has_partnerships(framework) -> bool:
    """Has the framework a tier that belongs to partnerships, or a partnership? Needs its scope."""
    by_partnership = Tier.objects.filter(framework=framework, decided_by=Tier.DecidedBy.PARTNERSHIP)
    return by_partnership.exists() or Partnership.objects.filter(framework=framework).exists()
