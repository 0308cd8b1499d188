"""Tiers and protocols (KEN-4.1, HAR-2.1)."""

from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.models import Board, Organisation, Partnership
from portal.models.history import history
from portal.models.people import Nation
from portal.models.tenant import TenantManager, TenantModel, TenantQuerySet
from portal.permissions import Perm
from protocols.models.party import Party


class Tier(TenantModel):
    """A level of a framework's protocols; each names its deciding body as data."""

    class Level(models.TextChoices):
        """The three tiers of KEN-4.1; a framework may leave the middle one out (HAM-2t)."""

        OVERARCHING = "overarching", _("Overarching")
        PARTNERSHIP = "partnership", _("Partnership")
        OPERATIONAL = "operational", _("Operational")

    class DecidedBy(models.TextChoices):
        """Where the deciding body is found (KEN-4.3iii)."""

        BODY = "body", _("The deciding body of the tier")
        PARTNERSHIP = "partnership", _("The board of the partnership that owns the protocol")

    level = models.CharField(max_length=12, choices=Level.choices)
    name = models.CharField(_("Name"), max_length=100)
    order = models.PositiveSmallIntegerField()
    decided_by = models.CharField(max_length=12, choices=DecidedBy.choices, default=DecidedBy.BODY)
    deciding_body = models.ForeignKey(Board, null=True, on_delete=models.PROTECT, related_name="+")
    adopted = models.BooleanField(default=False)  # by one organisation's own decision, and signed by nobody (DUD-8)

    class Meta:
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["framework", "order"], name="tier_order_once")]

    def __str__(self):
        return self.name

    @property
    def needs_parent(self) -> bool:
        """Every tier but the first has a parent one tier up (KEN-4.1)."""
        return self.order > 1


class ProtocolQuerySet(TenantQuerySet["Protocol"]):
    """Protocols of one framework, or of several under the cross scope."""

    def visible_to(self, access):
        """What the reader may see: all of them with VIEW_ALL; else those circulated to or bound on their organisation."""
        if not access.member:
            return self.none()
        mine = self.filter(framework=access.framework)
        return mine if access.can(Perm.VIEW_ALL) else mine.of_organisations(access.organisations)

    def of_organisations(self, organisations):
        """Protocols on which one of these organisations is a party of a version that left the drafter's desk."""
        party = Party._base_manager.filter(version__protocol=models.OuterRef("pk"), organisation__in=organisations)
        return self.filter(models.Exists(party.exclude(version__status="draft")))


ProtocolManager = TenantManager.from_queryset(ProtocolQuerySet)


class Protocol(TenantModel):
    """A protocol: its identity. The text, the parties and the state are in its versions."""

    tier = models.ForeignKey(Tier, on_delete=models.PROTECT, related_name="protocols")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    partnership = models.ForeignKey(  # owner of a tier 2 protocol (KEN-4.3iii)
        Partnership, null=True, blank=True, on_delete=models.PROTECT, related_name="protocols"
    )
    external_parent = models.CharField(_("Parent outside the portal"), max_length=200, blank=True)
    external_parent_dated = models.DateField(_("Date of the parent"), null=True, blank=True)
    reference = models.CharField(
        _("Reference"),
        max_length=40,
        validators=[
            RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9-]*$", _("Use letters, digits and hyphens only, like HSP-ISP-014."))
        ],
    )
    # How it is looked up, whatever its case: under row-level security PostgreSQL uses no index for upper(reference), since
    # the function is not leakproof, and reads every protocol.
    reference_key = models.GeneratedField(
        expression=models.functions.Upper("reference"), output_field=models.CharField(max_length=40), db_persist=True
    )
    title = models.CharField(_("Title"), max_length=200)
    lead_organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    nation = models.CharField(_("Nation"), max_length=20, choices=Nation.choices)
    created_at = models.DateTimeField()

    objects = ProtocolManager()  # type: ignore[misc]
    history = history(excluded_fields=["reference_key"])

    class Meta:
        ordering = ["reference"]
        constraints = [
            models.UniqueConstraint(
                models.F("framework"), models.functions.Upper("reference"), name="protocol_reference_once"
            ),
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | models.Q(external_parent=""),
                name="protocol_one_kind_of_parent",
            ),
        ]
        indexes = [
            models.Index(fields=["framework", "reference"], name="protocol_framework_reference"),
            models.Index(fields=["framework", "reference_key"], name="protocol_reference_key"),
        ]

    def __str__(self):
        return f"{self.reference} {self.title}"

    def get_absolute_url(self) -> str:
        """Its page for members; lists of what needs doing lead there."""
        return reverse("protocol", args=[self.framework.slug, self.reference])

    @property
    def ledger_chain(self) -> str:
        """Each protocol has a chain of its own, so writers of different protocols never wait for each other."""
        return f"protocol:{self.pk}"

    @property
    def deciding_body(self) -> Board | None:
        """Who decides on its versions: the tier's body, or the board of its partnership (HAR-2.3, KEN-4.3iii)."""
        if self.tier.decided_by == Tier.DecidedBy.PARTNERSHIP:
            return self.partnership.board if self.partnership else None
        return self.tier.deciding_body

    @property
    def in_force(self):
        """The version in force, or None."""
        return self.versions.filter(status="in-force").first()

    @property
    def latest(self):
        """The newest version, whatever its state."""
        return self.versions.order_by("-major", "-minor").first()


class RetiredReference(TenantModel):
    """The reference of a protocol that was deleted before anybody else saw it: it stays used (SIG-num). Append-only;
    a trigger refuses a protocol that takes it."""

    reference = models.CharField(max_length=40)
    retired_at = models.DateTimeField()

    class Meta:
        ordering = ["reference"]
        constraints = [
            models.UniqueConstraint(
                models.F("framework"), models.functions.Upper("reference"), name="retired_reference_once"
            )
        ]

    def __str__(self):
        return self.reference
