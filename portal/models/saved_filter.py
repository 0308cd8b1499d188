"""Filters of the deadlines that a person keeps under a name."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.models.people import User
from portal.models.tenant import TenantModel


class SavedFilter(TenantModel):
    """A name for the filters of an address. It belongs to one person, and grants nothing: the list asks again."""

    MOST = 20  # for one person in one framework

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("Name"), max_length=60)
    query = models.CharField(max_length=500, blank=True)
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint("framework", "user", models.functions.Lower("name"), name="saved_filter_name_once")
        ]

    def __str__(self):
        return self.name
