"""The written report of an organisation in breach: details and actions taken (HAR-6.2). Never edited: the next one
corrects it. And corrections of what the five questions said (READ-5)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from breaches.models.breach import Breach
from portal.models import Organisation, StoredFile, User
from portal.models.tenant import TenantManager, TenantModel, TenantQuerySet


class WrittenReportQuerySet(TenantQuerySet["WrittenReport"]):
    """Reports of one framework."""

    def visible_to(self, access):
        """Distributed to the parties: whoever may see the breach."""
        return self.filter(breach__in=Breach.objects.visible_to(access))


WrittenReportManager = TenantManager.from_queryset(WrittenReportQuerySet)


class WrittenReport(TenantModel):
    """One report as it was sent. number: 1 is the report, later ones correct it. The row is append-only."""

    breach = models.ForeignKey(Breach, on_delete=models.PROTECT, related_name="reports")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("Name of organisation"), max_length=200)
    number = models.PositiveSmallIntegerField()
    details = models.TextField(_("Details of the breach"), max_length=20_000)
    actions = models.TextField(_("Actions taken"), max_length=20_000)
    why = models.CharField(_("What this corrects"), max_length=500, blank=True)
    submitted_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    submitted_at = models.DateTimeField()
    once = models.CharField(max_length=64)  # of the form: sending it twice gives the first result

    objects = WrittenReportManager()  # type: ignore[misc]

    class Meta:
        ordering = ["submitted_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["breach", "organisation", "number"], name="written_report_number_once"),
            models.UniqueConstraint(fields=["breach", "once"], name="written_report_once"),
        ]

    def __str__(self):
        return f"{self.breach.reference}, {self.name}, {self.number}"

    @property
    def file(self) -> StoredFile | None:
        """Its PDF, once the worker has made it."""
        return StoredFile.objects.filter(subject_type=self._meta.label_lower, subject_id=self.pk).first()


class Correction(TenantModel):
    """What the report of the breach should have said: append-only, beside what it said (READ-5)."""

    breach = models.ForeignKey(Breach, on_delete=models.PROTECT, related_name="corrections")
    was = models.CharField(_("What was said"), max_length=200, blank=True)
    now_said = models.CharField(_("What is said now"), max_length=200, blank=True)
    text = models.TextField(_("Correction"), max_length=5_000)
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["made_at", "pk"]

    def __str__(self):
        return f"{self.breach.reference}, {self.made_at:%Y-%m-%d}"
