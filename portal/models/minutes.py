"""Minutes: text for each item, frozen when they are circulated; corrections afterwards are new rows (HAR-6.6)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.models.agenda_item import AgendaItem
from portal.models.meeting import Meeting
from portal.models.people import Organisation, User
from portal.models.tenant import TenantModel


class Minute(TenantModel):
    """What is minuted on one item. A trigger refuses every change once the minutes are circulated."""

    item = models.OneToOneField(AgendaItem, on_delete=models.PROTECT, related_name="minute")
    text = models.TextField(_("Minutes"), max_length=20_000)
    revision = models.PositiveIntegerField(default=1)  # optimistic locking
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    def __str__(self):
        return str(self.item)


class MinuteCorrection(TenantModel):
    """A correction of circulated minutes: a new record beside the old one. Append-only."""

    item = models.ForeignKey(AgendaItem, on_delete=models.PROTECT, related_name="corrections")
    text = models.TextField(_("Corrected minutes"), max_length=20_000)
    reason = models.CharField(_("Reason"), max_length=500)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["made_at", "pk"]

    def __str__(self):
        return str(self.item)


class Circulation(TenantModel):
    """The minutes were sent round: the first time, and again after corrections. Append-only."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="circulations")
    number = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["meeting", "number"], name="circulation_once")]

    def __str__(self):
        return f"{self.meeting} ({self.number})"


class Recipient(TenantModel):
    """Who got a circulation, for which organisation; the state of delivery is that of the mail in the outbox. Append-only."""

    circulation = models.ForeignKey(Circulation, on_delete=models.PROTECT, related_name="recipients")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")  # none: nobody to tell

    class Meta:
        ordering = ["organisation__name", "pk"]
        constraints = [models.UniqueConstraint(fields=["circulation", "organisation", "user"], name="recipient_once")]

    def __str__(self):
        return f"{self.organisation}"
