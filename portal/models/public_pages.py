"""What a framework's own bodies say on its public pages: whom to ask, who is responsible, what is not accessible yet."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.models.tenant import TenantModel


class PublicPages(TenantModel):
    """One row for each framework that has filled them in; without it the pages show their default texts."""

    class Status(models.TextChoices):
        """Nobody claims the first without an audit."""

        FULLY = "fully", _("Fully compliant, shown by an audit")
        PARTIALLY = "partially", _("Partially compliant")
        NOT = "not", _("Not compliant")

    contact_name = models.CharField(_("Team or person to ask"), max_length=150, blank=True)
    contact_email = models.EmailField(_("Email address"), max_length=254, blank=True)
    contact_telephone = models.CharField(_("Telephone number"), max_length=40, blank=True)
    reply_days = models.PositiveSmallIntegerField(_("Working days until you answer"), default=10)
    accessibility_status = models.CharField(
        _("How far this site keeps to WCAG 2.2 AA"), max_length=10, choices=Status.choices, default=Status.PARTIALLY
    )
    accessibility_text = models.TextField(_("What is not accessible yet"), max_length=10_000, blank=True)
    accessibility_reviewed_on = models.DateField(_("Last reviewed on"), null=True, blank=True)
    controllers = models.TextField(_("Who is responsible for the personal data"), max_length=2_000, blank=True)
    protection_officer = models.TextField(_("Data protection officer"), max_length=1_000, blank=True)
    privacy_text = models.TextField(_("Anything to add to the privacy notice"), max_length=10_000, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["framework"], name="public_pages_once")]

    def __str__(self):
        return "Public pages"
