"""What a version says: clauses with identity, definitions, purposes, data items."""

import re
import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.models.history import history
from portal.models.tenant import TenantManager, TenantModel, TenantQuerySet
from protocols.models.version import Version

CLAUSE_REFERENCE = re.compile(r"\{\{clause:([0-9a-f-]{36})\}\}")
SCHEDULE = re.compile(r"^\s*\{\{schedule:(parties|signatures)\}\}\s*$")


class ClauseQuerySet(TenantQuerySet["Clause"]):
    """Clauses in reading order."""

    def tree(self) -> list["Clause"]:
        """Top-level clauses in order, each with `.below` (its children in order, likewise), in one query."""
        rows = list(self.order_by("order", "pk"))
        by_id = {row.pk: row for row in rows}
        tops: list[Clause] = []
        for row in rows:
            row.below = []
        for row in rows:
            (by_id[row.parent_id].below if row.parent_id in by_id else tops).append(row)
        return tops


ClauseManager = TenantManager.from_queryset(ClauseQuerySet)


class Clause(TenantModel):
    """A piece of the text. `uid` is kept from version to version; redline, comments and history hang on it."""

    class Kind(models.TextChoices):
        """How it is printed."""

        HEADING = "heading", _("Heading")
        CLAUSE = "clause", _("Numbered clause")
        ITEM = "item", _("Item of a list")
        UNNUMBERED = "unnumbered", _("Paragraph without number")

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="clauses")
    uid = models.UUIDField(default=uuid.uuid4, editable=False)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="children")
    order = models.PositiveIntegerField()
    kind = models.CharField(_("Kind"), max_length=12, choices=Kind.choices)
    label = models.CharField(_("Number or letter as printed"), max_length=20, blank=True)
    title = models.CharField(_("Title"), max_length=200, blank=True)
    text = models.TextField(_("Text"), blank=True)

    below: list["Clause"]  # set by ClauseQuerySet.tree()

    objects = ClauseManager()  # type: ignore[misc]
    history = history()

    class Meta:
        ordering = ["order", "pk"]
        constraints = [models.UniqueConstraint(fields=["version", "uid"], name="clause_uid_once")]
        indexes = [models.Index(fields=["framework", "version", "order"], name="clause_framework_version")]

    def __str__(self):
        return " ".join(filter(None, [self.label, self.title])) or str(self.text)[:60]


class Term(TenantModel):
    """A definition (HAR-1)."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="terms")
    term = models.CharField(_("Term"), blank=True, max_length=200)
    text = models.TextField(_("Meaning"), blank=True, max_length=5_000)

    history = history()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["version", "term"], condition=~models.Q(term=""), name="term_once")
        ]

    def __str__(self):
        return self.term or str(self.text)[:60]


class Purpose(TenantModel):
    """A purpose of sharing, citable as P1, P2 … (HAR-3.4, HAR-3.6)."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="purposes")
    label = models.CharField(_("Label"), max_length=10)
    text = models.TextField(_("Purpose"), max_length=2_000)

    history = history()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["version", "label"], name="purpose_label_once")]

    def __str__(self):
        return f"{self.label} {self.text}"


class DataItem(TenantModel):
    """A kind of information that is shared, by the three levels of HAR-3.7."""

    class Level(models.IntegerChoices):
        """HAR-3.7 a–c."""

        AGGREGATE = 1, _("Aggregate and management information")
        MINIMUM = 2, _("Minimum data requirements")
        DETAILED = 3, _("Detailed and sensitive information")

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="data_items")
    label = models.CharField(_("Label"), max_length=10)
    level = models.PositiveSmallIntegerField(_("Level"), choices=Level.choices, null=True, blank=True)
    name = models.CharField(_("Data item"), blank=True, max_length=300)
    detail = models.TextField(_("Detail"), blank=True, max_length=2_000)

    history = history()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["version", "label"], name="data_item_label_once")]

    def __str__(self):
        return f"{self.label} {self.name}"
