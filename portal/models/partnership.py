"""Partnerships inside a framework: owners of its tier 2 protocols (KEN-4.3iii)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.models.board import Board
from portal.models.people import Organisation
from portal.models.tenant import TenantModel


class Partnership(TenantModel):
    """Organisations of a framework that run one field together, as "Safer Communities", under a board of their own."""

    name = models.CharField(_("Name"), max_length=150)
    board = models.ForeignKey(Board, on_delete=models.PROTECT, related_name="partnerships")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint("framework", models.functions.Lower("name"), name="partnership_name_once")
        ]

    def __str__(self):
        return self.name


class PartnershipMember(TenantModel):
    """An organisation in a partnership."""

    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE, related_name="members")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["organisation__name"]
        constraints = [models.UniqueConstraint(fields=["partnership", "organisation"], name="partnership_member_once")]

    def __str__(self):
        return f"{self.organisation}"
