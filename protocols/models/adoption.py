"""A document that one organisation adopts by a decision of its own, and nobody signs (DUD-7, DUD-8)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.models.people import User
from portal.models.tenant import TenantModel
from protocols.models.party import Party
from protocols.models.version import Version


class Adoption(TenantModel):
    """Who adopted a version, by which decision of its own. A row is never changed."""

    version = models.OneToOneField(Version, on_delete=models.PROTECT, related_name="adoption")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    adopted_by = models.CharField(_("Organisation"), max_length=200)  # as the text names it
    body = models.CharField(_("Who decided in the organisation"), max_length=200)
    decided_on = models.DateField(_("Date of its decision"))
    reference = models.CharField(_("Minute or decision reference"), max_length=100)
    statement = models.CharField(max_length=400, blank=True)  # that it is bound by a parent outside the portal (HAR-10)
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    recorded_at = models.DateTimeField()

    def __str__(self):
        return f"{self.adopted_by}, {self.decided_on}, {self.reference}"
