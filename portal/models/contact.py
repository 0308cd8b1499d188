"""Who stands in for whom, and who was skipped because nothing reaches them any more."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.models.people import Organisation, User
from portal.models.tenant import TenantModel


class Deputy(TenantModel):
    """At one organisation of one framework: who is told when a person does not act or cannot be reached.

    It outlives the person's role, so that somebody stands in when they have left. It counts only while the deputy holds
    a live role for the organisation.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    deputy = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    named_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["framework", "organisation", "user"], name="one_deputy"),
            models.CheckConstraint(condition=~models.Q(user=models.F("deputy")), name="nobody_is_their_own_deputy"),
        ]

    def __str__(self):
        # without names: the ledger keeps this label for good
        return f"{self.organisation}"


class Skipped(TenantModel):
    """Somebody whom reminders pass over: the next contact is told instead, and an administrator hears of it."""

    class Reason(models.TextChoices):
        """Why nothing reaches them."""

        BOUNCED = "bounced", _("Their mail came back")
        LEFT = "left", _("They no longer hold the role")

    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=10, choices=Reason.choices)
    since = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-since", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["framework", "user", "organisation", "reason"],
                condition=models.Q(cleared_at__isnull=True),
                nulls_distinct=False,
                name="skipped_once",
            )
        ]

    def __str__(self):
        return f"{self.get_reason_display()}"
