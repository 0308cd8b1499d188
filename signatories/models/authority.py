"""Who may sign for an organisation, and who granted it (SIG-who)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.models.ledger import AuditEvent
from portal.models.people import Organisation, User
from portal.models.tenant import TenantManager, TenantModel, TenantQuerySet
from portal.models.verbs import verb


class AuthorityQuerySet(TenantQuerySet["Authority"]):
    """Recorded authorities of one framework."""

    def valid(self, now):
        """In force at this moment."""
        today = clock.london_date(now)
        return self.filter(
            models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=today),
            valid_from__lte=today,
            ended_at__isnull=True,
        )

    def of(self, user, organisation, now):
        """The authority under which this person may sign for this organisation now, or None."""
        return self.valid(now).filter(user=user, organisation=organisation).order_by("-valid_from", "-pk").first()

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
        )
        return authority


AuthorityManager = TenantManager.from_queryset(AuthorityQuerySet)


class Authority(TenantModel):
    """A person of chief-officer rank, or delegated by one, with who granted it, for what, from and to when."""

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
