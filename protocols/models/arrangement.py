"""What the partners put in place to carry a protocol out (HAR-8): procedures and the managers who answer for them.

They belong to the protocol and not to a version: the text, frozen when it is signed, says that there are to be procedures;
these rows say how far they are, before and after signing.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.models.history import history
from portal.models.people import Organisation, User
from portal.models.tenant import TenantModel
from protocols.models.protocol import Protocol


class Arrangement(TenantModel):
    """A procedure or a designated manager. For a manager `title` is the name and `owner` the job title."""

    class Kind(models.TextChoices):
        """HAR-8.1, HAR-8.2, HAR-8.3."""

        LOCAL = "local", _("Local procedure")
        JOINT = "joint", _("Joint procedure")
        MANAGER = "manager", _("Senior manager")

    class Status(models.TextChoices):
        """How far it is."""

        NOT_STARTED = "not-started", _("Not started")
        IN_PREPARATION = "in-preparation", _("In preparation")
        IN_PLACE = "in-place", _("In place")

    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="arrangements")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(_("Title"), max_length=200)
    status = models.CharField(_("Status"), max_length=15, choices=Status.choices, default=Status.NOT_STARTED)
    owner = models.CharField(_("Owner"), blank=True, max_length=200)
    link = models.CharField(_("Link"), blank=True, max_length=500)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    history = history()

    class Meta:
        ordering = ["kind", "title", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="joint", organisation__isnull=True)
                | (~models.Q(kind="joint") & models.Q(organisation__isnull=False)),
                name="arrangement_joint_or_of_one",
            )
        ]
        indexes = [models.Index(fields=["framework", "protocol"], name="arrangement_protocol")]

    def __str__(self):
        # the ledger's labels hold no names of persons
        return str(self.get_kind_display()) if self.kind == self.Kind.MANAGER else self.title

    @property
    def ledger_chain(self) -> str:
        """The protocol's chain."""
        return self.protocol.ledger_chain
