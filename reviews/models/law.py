"""A change of law that an administrator records, beside the catalogue (HAM-law)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal import laws
from portal.models.people import User
from portal.models.tenant import TenantModel


class LawChange(TenantModel):
    """What changes in a law of the catalogue, and from when. Never changed afterwards."""

    class What(models.TextChoices):
        """What happens to the law."""

        AMENDED = "amended", _("It is amended")
        IN_FORCE = "in-force", _("It comes into force")
        REPEALED = "repealed", _("It is repealed or replaced")

    law = models.CharField(_("Law"), max_length=60)  # key in portal/data/laws.json
    what = models.CharField(_("What changes?"), max_length=10, choices=What.choices)
    on = models.DateField(_("From"))
    note = models.CharField(_("By what, and what it means"), max_length=300)
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["-on", "-pk"]
        constraints = [models.UniqueConstraint(fields=["framework", "law", "what", "on"], name="law_change_once")]

    def __str__(self):
        return f"{self.title}, {self.on}"

    @property
    def title(self) -> str:
        """The law's name."""
        return laws.CATALOGUE[self.law].title if self.law in laws.CATALOGUE else self.law
