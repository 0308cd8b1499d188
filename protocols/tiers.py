"""The tiers of a framework: shown to its members, named by its administrators while no protocol hangs on them."""

from django.db import transaction
from django.utils.translation import gettext as _

from portal.errors import NotReady, StateError
from portal.models import AuditEvent
from protocols.models import Protocol, Tier


def in_use(tier) -> bool:
    """Does a protocol belong to this tier? Its name then stands in texts, also in signed ones."""
    return Protocol.objects.filter(tier=tier).exists()


def require_free(tier):
    """Raises StateError for a tier with protocols."""
    if in_use(tier):
        raise StateError(
            _("The tier “%(tier)s” has protocols, so it cannot be changed.") % {"tier": tier},
            _("Its name and who decides stand in their texts."),
        )


@transaction.atomic
def change(tier, *, name, deciding_body, by, now):
    """Another name or deciding body. Raises StateError once a protocol belongs to the tier.

    deciding_body: a Board; None only where the boards of partnerships decide (KEN-4.3iii).
    """
    tier.refresh_from_db(from_queryset=Tier._base_manager.select_for_update(of=("self",)))
    require_free(tier)
    if deciding_body is None and tier.decided_by == Tier.DecidedBy.BODY:
        raise NotReady(_("A tier needs a body that decides on it."))
    was = {"name": tier.name, "body": str(tier.deciding_body or "")}
    tier.name = name
    tier.deciding_body = deciding_body if tier.decided_by == Tier.DecidedBy.BODY else None
    tier.save(update_fields=["name", "deciding_body"])
    AuditEvent.objects.record(
        "protocols.tier:changed", tier, by=by, now=now, name=name, body=str(tier.deciding_body or ""), was=was
    )
