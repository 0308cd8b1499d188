"""What the law asks of each controller (UK-33a to UK-33d): its clock, and records that are never changed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from breaches.models.breach import Breach
from portal.models import Organisation, User
from portal.models.tenant import TenantManager, TenantModel, TenantQuerySet


class ControllerQuerySet(TenantQuerySet["Controller"]):
    """Controllers of one framework's breaches."""

    def visible_to(self, access):
        """Whoever may see the breach sees whose clock runs."""
        return self.filter(breach__in=Breach.objects.visible_to(access))

    def running(self):
        """Those who answered yes or "not known yet" (UK-33a)."""
        return self.exclude(answer=Breach.PersonalData.NO)


ControllerManager = TenantManager.from_queryset(ControllerQuerySet)


class Controller(TenantModel):
    """An organisation that decides about the data, and since when it is aware. Its answers are in ControllerRecord."""

    class Risk(models.TextChoices):
        """To the people concerned."""

        NOT_ASSESSED = "", _("Not assessed yet")
        NONE = "none", _("A risk is unlikely")
        RISK = "risk", _("A risk")
        HIGH = "high", _("A high risk")

    breach = models.ForeignKey(Breach, on_delete=models.PROTECT, related_name="controllers")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("Name of organisation"), max_length=200)
    answer = models.CharField(_("Is personal data affected?"), max_length=10, choices=Breach.PersonalData.choices)
    aware_at = models.DateTimeField(_("When it became aware"))
    risk = models.CharField(_("Risk to people"), max_length=5, choices=Risk.choices, blank=True, default="")

    objects = ControllerManager()  # type: ignore[misc]

    class Meta:
        ordering = ["aware_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["breach", "organisation"], name="controller_once")]

    def __str__(self):
        return f"{self.breach.reference}, {self.name}"

    def get_absolute_url(self) -> str:
        """Where its duties stand."""
        self.breach.framework = self.framework
        return f"{self.breach.get_absolute_url()}regulator/"

    @property
    def ledger_chain(self) -> str:
        """The breach's."""
        return self.breach.ledger_chain


class ControllerRecord(TenantModel):
    """One thing that a controller (or a processor) did or decided. Append-only; the portal itself never writes to the
    regulator: reference and moment are what the controller got from it (UK-33b)."""

    class Kind(models.TextChoices):
        """UK-33a to UK-33d."""

        ASSESSED = "assessed", _("Answer, awareness and risk stated")
        NOTIFIED = "notified", _("Notified to the regulator")
        PHASE = "phase", _("Further information given to the regulator")
        NOT_NOTIFIED = "not-notified", _("Decided not to notify the regulator")
        PEOPLE_TOLD = "people-told", _("The people concerned were told")
        PEOPLE_NOT_TOLD = "people-not-told", _("Decided that the people concerned need not be told")
        CONTROLLER_TOLD = "controller-told", _("The processor told its controller")

    controller = models.ForeignKey(Controller, on_delete=models.PROTECT, related_name="records")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    at = models.DateTimeField(_("When"))
    reference = models.CharField(_("Reference"), max_length=100, blank=True)
    reasons = models.TextField(_("Reasons"), blank=True, max_length=5_000)
    details = models.JSONField(default=dict)
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["recorded_at", "pk"]

    def __str__(self):
        return f"{self.get_kind_display()}, {self.controller}"
