"""Notice of intention: a party writes before signature that it intends to sign, or that it does not (HAR-r2)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.models.ledger import AuditEvent
from portal.models.people import User
from portal.models.tenant import TenantManager, TenantModel, TenantQuerySet
from portal.permissions import Perm
from protocols.models.party import Party


class IntentionQuerySet(TenantQuerySet["Intention"]):
    """Notices of one framework; the newest of a party holds."""

    def visible_to(self, access):
        """Those who see every protocol, and the party itself: no party is put under pressure by another's answer."""
        if not access.member:
            return self.none()
        mine = self.filter(framework=access.framework)
        return mine if access.can(Perm.VIEW_ALL) else mine.filter(party__organisation__in=access.organisations)

    def newest(self):
        """The newest notice of each party."""
        latest = Intention._base_manager.filter(party=models.OuterRef("party")).order_by("-made_at", "-pk")
        return self.filter(pk=models.Subquery(latest.values("pk")[:1]))

    def record(self, party, *, will_sign, sign_by, note, by, now) -> "Intention":
        """Record a notice; earlier ones stay as they are."""
        intention = self.create(
            framework_id=party.framework_id, party=party, will_sign=will_sign, sign_by=sign_by, note=note,
            made_by=by, made_at=now,
        )  # fmt: skip
        AuditEvent.objects.record(
            "protocols.intention:given", party, by=by, now=now, will_sign=will_sign, organisation=party.name,
            sign_by=sign_by.isoformat() if sign_by else None, note=note,
        )  # fmt: skip
        return intention


IntentionManager = TenantManager.from_queryset(IntentionQuerySet)


class Intention(TenantModel):
    """ "We intend to sign by …", or "We do not intend to sign". Not binding, never edited, changed by a newer one."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="intentions")
    will_sign = models.BooleanField(_("Does the organisation intend to sign?"))
    sign_by = models.DateField(_("By when"), null=True, blank=True)
    note = models.TextField(_("Note"), blank=True, max_length=2_000)
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()

    objects = IntentionManager()  # type: ignore[misc]

    class Meta:
        ordering = ["made_at", "pk"]
        indexes = [models.Index(fields=["framework", "party", "-made_at"], name="intention_newest")]

    def __str__(self):
        return f"{self.party}: {self.will_sign}"
