"""Documents that a protocol stands beside: others of this portal, or anything elsewhere (HAR-9)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.models.history import history
from portal.models.tenant import TenantModel
from protocols.models.protocol import Protocol
from protocols.models.version import Version


class RelatedDocument(TenantModel):
    """One related document of a version. Title and owner are the drafter's words and are printed; `protocol` is only the
    way to a page for those who may see it, so that no title is ever taken from a protocol that a reader may not see."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="related_documents")
    protocol = models.ForeignKey(Protocol, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(_("Title"), blank=True, max_length=300)
    owner = models.CharField(_("Owner"), blank=True, max_length=200)
    dated = models.DateField(_("Date"), null=True, blank=True)
    link = models.CharField(_("Link"), blank=True, max_length=500)

    history = history()

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return self.title or self.link or self.owner
