"""Who was consulted beside the parties: events with groups and counts (HAM-consult), bodies that are no party (KEN-5.2)."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from portal.models.tenant import TenantModel
from protocols.models.version import Version


class Consulted(TenantModel):
    """One event, or one body, on a version; printed in document control, so it stands when the text is frozen."""

    class Kind(models.TextChoices):
        """What it was."""

        EVENT = "event", _("Event")
        BODY = "body", _("Body that is no party")

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="consulted")
    kind = models.CharField(_("What was it?"), max_length=5, choices=Kind.choices)
    name = models.CharField(_("Name of the event or body"), max_length=200)
    held_on = models.DateField(_("Date"), null=True, blank=True)
    groups = models.JSONField(default=list)  # [{"name": "children", "people": 236}]; no names of persons

    class Meta:
        ordering = ["kind", "held_on", "pk"]
        verbose_name_plural = "consulted"

    def __str__(self):
        return self.name

    @property
    def ledger_chain(self) -> str:
        """The protocol's chain."""
        return self.version.ledger_chain


def people_words(groups) -> list[str]:
    """The groups in words: "236 children", "103 parents"."""
    return [f"{group['people']} {group['name']}" for group in groups]


def total_words(groups) -> str:
    """How many people in all."""
    total = sum(group["people"] for group in groups)
    return ngettext("%(count)d person", "%(count)d people", total) % {"count": total} if total else ""
