"""Every other party in force is told of a breach, each with delivery and acknowledgement (HAR-6.1)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from breaches.models.breach import Breach
from portal.models import AuditEvent, Organisation, User
from portal.models.tenant import TenantManager, TenantModel, TenantQuerySet
from portal.models.verbs import verb


class PartyNoticeQuerySet(TenantQuerySet["PartyNotice"]):
    """Notices of one framework."""

    def visible_to(self, access):
        """Whoever may see the breach sees who was told of it."""
        return self.filter(breach__in=Breach.objects.visible_to(access))

    def untold(self):
        """Nobody there could be written to, and nobody told them in another way."""
        return self.filter(told_at__isnull=True)


PartyNoticeManager = TenantManager.from_queryset(PartyNoticeQuerySet)


class PartyNotice(TenantModel):
    """One party that is told. told_at: a mail was queued, or somebody told them in another way (how)."""

    breach = models.ForeignKey(Breach, on_delete=models.PROTECT, related_name="notices")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("Name of organisation"), max_length=200)
    told_at = models.DateTimeField(null=True)
    how = models.CharField(_("How they were told"), max_length=200, blank=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = PartyNoticeManager()  # type: ignore[misc]

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["breach", "organisation"], name="party_notice_once")]
        indexes = [models.Index(fields=["framework", "organisation"], name="party_notice_organisation")]

    def __str__(self):
        return self.name

    @property
    def ledger_chain(self) -> str:
        """The breach's."""
        return self.breach.ledger_chain

    @verb
    def acknowledge(self, *, by, now) -> None:
        """Somebody of the party has read it. A second time keeps the first."""
        held = type(self)._base_manager.select_for_update(of=("self",)).get(pk=self.pk)
        if held.acknowledged_at is None:
            held.acknowledged_at, held.acknowledged_by = now, by
            held.told_at = held.told_at or now
            held.save(update_fields=["acknowledged_at", "acknowledged_by", "told_at"])
            AuditEvent.objects.record("breaches.notice:acknowledged", held, by=by, now=now, organisation=self.name)
        self.acknowledged_at, self.acknowledged_by, self.told_at = (
            held.acknowledged_at,
            held.acknowledged_by,
            held.told_at,
        )

    @verb
    def came_back(self, *, by, now) -> bool:
        """Every mail of it came back: the party has not been told after all. Not once somebody there has acknowledged it, or
        it was told in another way. Returns whether it had been taken for told."""
        held = type(self)._base_manager.select_for_update(of=("self",)).get(pk=self.pk)
        lost = held.told_at is not None and held.acknowledged_at is None and not held.how
        if lost:
            held.told_at = None
            held.save(update_fields=["told_at"])
            AuditEvent.objects.record("breaches.notice:came-back", held, by=by, now=now, organisation=self.name)
        self.told_at = held.told_at
        return lost

    @verb
    def tell_otherwise(self, *, how, by, now) -> None:
        """They were told in another way, because nobody there could be written to."""
        held = type(self)._base_manager.select_for_update(of=("self",)).get(pk=self.pk)
        held.told_at, held.how = held.told_at or now, how
        held.save(update_fields=["told_at", "how"])
        AuditEvent.objects.record(
            "breaches.notice:told-otherwise", held, by=by, now=now, organisation=self.name, how=how
        )
        self.told_at, self.how = held.told_at, held.how
