"""How information flows between the parties of a version (HAR-3.8)."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.models.history import history
from portal.models.tenant import TenantModel
from protocols.models.version import Version

# In the place of an organisation: any of the parties gives, every other party gets, those that join later included
EVERYBODY = "all"


class DataFlow(TenantModel):
    """One flow: from whom to whom, which data items, for which purpose (HAR-4.8), how, how often, whether it may go on
    (HAR-7.3), under which power or duty (KEN-2.2), and who may look and how they are checked (HAM-voice).

    Data items and purposes are cited by label, parties by the id of their organisation, so that a flow can be copied
    as it stands; what it cites and the draft no longer has is a gap when the draft is submitted.
    """

    class Onward(models.TextChoices):
        """May the receiver pass it on to somebody who is no party?"""

        NONE = "none", _("No, never outside the parties")
        LISTED = "listed", _("Only to those listed here")

    # What a drafter writes of it
    DRAFTED: ClassVar[tuple[str, ...]] = (
        "source", "recipients", "items", "purposes", "method", "frequency", "onward", "onward_to", "power", "readers",
        "vetting",
    )  # fmt: skip

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="data_flows")
    label = models.CharField(_("Label"), max_length=10)
    source = models.CharField(_("From"), max_length=20, blank=True)
    recipients = ArrayField(models.CharField(max_length=20), verbose_name=_("To"), default=list, blank=True)
    items = ArrayField(models.CharField(max_length=10), verbose_name=_("Data items"), default=list, blank=True)
    purposes = ArrayField(models.CharField(max_length=10), verbose_name=_("Purposes"), default=list, blank=True)
    method = models.CharField(_("How"), max_length=300, blank=True)
    frequency = models.CharField(_("How often"), max_length=200, blank=True)
    onward = models.CharField(_("Passed on"), max_length=10, choices=Onward.choices, blank=True)
    onward_to = models.TextField(_("To whom it may be passed on"), max_length=2_000, blank=True)
    power = models.TextField(_("Power or duty"), max_length=2_000, blank=True)
    readers = models.TextField(_("Who may look"), max_length=2_000, blank=True)
    vetting = models.TextField(_("How they are checked"), max_length=2_000, blank=True)

    history = history()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["version", "label"], name="data_flow_label_once")]

    def __str__(self):
        return self.label

    @property
    def roles(self) -> list[str]:
        """Who may look, one role to a line."""
        return [line.strip() for line in self.readers.splitlines() if line.strip()]
