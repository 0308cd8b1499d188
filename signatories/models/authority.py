"""Who may sign for an organisation, and who granted it (SIG-who)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.models import Membership
from portal.models.ledger import AuditEvent
from portal.models.people import Organisation, User
from portal.models.tenant import TenantManager, TenantModel, TenantQuerySet
from portal.models.verbs import verb
from portal.permissions import Role
from protocols.models import Protocol


def in_force(today, prefix="") -> models.Q:
    """Not ended, and today is in its days; `prefix` names the way to another authority."""
    return models.Q(models.Q(**{f"{prefix}valid_to__isnull": True}) | models.Q(**{f"{prefix}valid_to__gte": today})) & (
        models.Q(**{f"{prefix}valid_from__lte": today, f"{prefix}ended_at__isnull": True})
    )


def representing(user, organisation) -> models.Exists:
    """Is the person of this column a representative of the organisation of that one, now?"""
    return models.Exists(
        Membership.objects.live().filter(
            framework=models.OuterRef("framework"),
            user=models.OuterRef(user),
            organisation=models.OuterRef(organisation),
            role=Role.REPRESENTATIVE,
        )
    )


class AuthorityQuerySet(TenantQuerySet["Authority"]):
    """Recorded authorities of one framework."""

    def valid(self, now):
        """In force at this moment, and so is the authority under which it was delegated."""
        return self.valid_on(clock.london_date(now))

    def valid_on(self, today):
        """The same, of a day in London."""
        above = models.Q(delegated_from__isnull=True) | in_force(today, "delegated_from__")
        return self.filter(in_force(today), above)

    def usable(self, now):
        """Valid, and both the holder and whoever delegated it are still representatives of the organisation: what an
        authority is worth once a role has ended (SIG-who)."""
        return self.usable_on(clock.london_date(now))

    def usable_on(self, today):
        """The same, of a day in London."""
        return self.valid_on(today).filter(
            representing("user", "organisation"),
            models.Q(delegated_from__isnull=True) | models.Q(representing("delegated_from__user", "organisation")),
        )

    def covering(self, protocol):
        """Those for the whole framework, and those for this protocol only."""
        return self.filter(models.Q(protocol__isnull=True) | models.Q(protocol=protocol))

    def of(self, user, organisation, now, *, protocol):
        """The authority under which this person may sign this protocol for this organisation now, or None. A person's
        own comes before one that was delegated."""
        return self.of_person(user, organisation, clock.london_date(now), protocol).first()

    def of_person(self, user, organisation, today, protocol):
        """Every one of these, the one that counts first."""
        held = self.usable_on(today).covering(protocol).filter(user=user, organisation=organisation)
        own_first = models.F("delegated_from_id").asc(nulls_first=True)
        return held.select_related("recorded_by").order_by(own_first, "-valid_from", "-pk")

    def grant(self, *, by, now, **facts) -> "Authority":
        """Record an authority. No one records their own (SIG-who)."""
        authority = self.create(recorded_by=by, recorded_at=now, **facts)
        AuditEvent.objects.record(
            "signatories.authority:granted",
            authority,
            by=by,
            now=now,
            # ids only: the chain keeps its rows for good, names of people must stay erasable
            user=authority.user_id,
            organisation=authority.organisation_id,
            delegated_from=authority.delegated_from_id,
            protocol=authority.protocol_id,
        )
        return authority


AuthorityManager = TenantManager.from_queryset(AuthorityQuerySet)


class Authority(TenantModel):
    """A person of chief-officer rank, or delegated by one, with who granted it, for what, from and to when.

    delegated_from: the authority of the representative who granted this one; empty for what a secretary recorded.
    protocol: the one protocol that it covers; empty for the whole framework.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    capacity = models.CharField(_("Capacity, as it stands beside the signature"), max_length=200)
    granted_by = models.CharField(_("Granted by (name and office of the chief officer)"), max_length=200)
    scope = models.CharField(_("Scope"), max_length=300)
    valid_from = models.DateField(_("From"))
    valid_to = models.DateField(_("To"), null=True, blank=True)
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    recorded_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    delegated_from = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="delegations")
    protocol = models.ForeignKey(Protocol, null=True, on_delete=models.PROTECT, related_name="+")

    objects = AuthorityManager()  # type: ignore[misc]

    class Meta:
        verbose_name_plural = "authorities"
        ordering = ["organisation", "user"]
        indexes = [models.Index(fields=["framework", "organisation", "user"], name="authority_lookup")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=models.F("valid_from")),
                name="authority_from_to",
            ),
            models.CheckConstraint(
                condition=~models.Q(user=models.F("recorded_by")), name="authority_not_recorded_by_oneself"
            ),
            models.CheckConstraint(
                condition=models.Q(delegated_from__isnull=True) | models.Q(valid_to__isnull=False),
                name="authority_delegated_has_an_end",
            ),
        ]

    def __str__(self):
        # stands in the ledger for good: no name
        return f"{self.organisation}: {self._meta.verbose_name} {self.pk}"

    @verb
    def end(self, *, by, now):
        """End the authority from this moment; signatures made under it stand."""
        self.ended_at = now
        self.save(update_fields=["ended_at"])
        AuditEvent.objects.record("signatories.authority:ended", self, by=by, now=now)
