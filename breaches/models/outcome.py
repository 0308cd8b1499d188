"""What comes of the closed session, for everybody: the recall, sanctions and actions, minutes (HAR-6.5, HAR-6.6)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from breaches.models.breach import Breach
from breaches.models.session import Proposal
from portal.models import Organisation, StoredFile, User
from portal.models.tenant import TenantManager, TenantModel, TenantQuerySet


class Recall(TenantModel):
    """The organisation in breach was recalled and told the outcome: who told whom, when (HAR-6.5). Append-only."""

    breach = models.OneToOneField(Breach, on_delete=models.PROTECT, related_name="recall")
    outcome = models.TextField(_("Outcome"), max_length=10_000)
    told_by = models.CharField(_("Who told it"), max_length=200)
    told_to = models.CharField(_("Who was told"), max_length=200)
    told_at = models.DateTimeField(_("When"))
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    recorded_at = models.DateTimeField()

    def __str__(self):
        return f"{self.breach.reference}, {self.told_at:%Y-%m-%d}"


class SanctionQuerySet(TenantQuerySet["Sanction"]):
    """Sanctions of one framework."""

    def suspending(self, organisation: int, protocol: int):
        """Suspensions of this organisation from this protocol (ids) that nobody has lifted."""
        kind = Proposal.Kind.SUSPENSION
        return self.filter(
            kind=kind, organisation=organisation, breach__protocol=protocol, lifted_at__isnull=True
        ).order_by("pk")


SanctionManager = TenantManager.from_queryset(SanctionQuerySet)


class Sanction(TenantModel):
    """A sanction or action that was carried. It exists only from the recall on, so nobody can see it before."""

    breach = models.ForeignKey(Breach, on_delete=models.PROTECT, related_name="sanctions")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("Name of organisation"), max_length=200)
    kind = models.CharField(max_length=12, choices=Proposal.Kind.choices)
    text = models.TextField(_("What"), max_length=5_000)
    owner = models.CharField(_("Who does it"), max_length=200, blank=True)
    due_on = models.DateField(_("By when"), null=True)
    done_at = models.DateTimeField(null=True)
    done_note = models.CharField(_("What was done"), max_length=500, blank=True)
    # a suspension alone is lifted (HAR-6.6)
    lifted_at = models.DateTimeField(null=True)
    lifted_by_decision = models.CharField(_("Reference of the decision"), max_length=200, blank=True)

    objects = SanctionManager()  # type: ignore[misc]

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(lifted_at__isnull=True)
                | (models.Q(kind="suspension") & ~models.Q(lifted_by_decision="")),
                name="sanction_lifted_by_decision",
            )
        ]

    def __str__(self):
        return f"{self.get_kind_display()}, {self.name}"

    @property
    def ledger_chain(self) -> str:
        """The breach's."""
        return self.breach.ledger_chain

    @property
    def is_open(self) -> bool:
        """Something is still to be done."""
        return bool(self.due_on) and self.done_at is None

    @property
    def suspends(self) -> bool:
        """A suspension that nobody has lifted."""
        return self.kind == Proposal.Kind.SUSPENSION and self.lifted_at is None


class Minutes(TenantModel):
    """The minutes as they are circulated (HAR-6.6). Append-only: a later one corrects."""

    breach = models.ForeignKey(Breach, on_delete=models.PROTECT, related_name="minutes")
    number = models.PositiveSmallIntegerField()
    text = models.TextField(_("Minutes"), max_length=50_000)
    written_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "minutes"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["breach", "number"], name="minutes_number_once")]

    def __str__(self):
        return f"{self.breach.reference}, {self.number}"

    @property
    def file(self) -> StoredFile | None:
        """Their PDF, once the worker has made it."""
        return StoredFile.objects.filter(subject_type=self._meta.label_lower, subject_id=self.pk).first()
