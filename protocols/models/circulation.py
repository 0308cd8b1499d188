"""Numbered drafts as they were circulated: which, when, to whom, and the text itself (SIG-num, HAR-¶9)."""

import json

from django.db import models

from portal.models import Organisation, StoredFile, User
from portal.models.tenant import TenantManager, TenantModel, TenantQuerySet
from portal.permissions import Perm
from protocols.models.version import Version


class DraftIssueQuerySet(TenantQuerySet["DraftIssue"]):
    """Circulated drafts of one framework."""

    def visible_to(self, access):
        """With VIEW_ALL every one; else those that the reader's organisation got. They stay readable afterwards,
        also while the next draft is on the drafter's desk, and to an organisation that is no party any more."""
        if not access.member:
            return self.none()
        mine = self.filter(framework=access.framework)
        if access.can(Perm.VIEW_ALL):
            return mine
        got = DraftRecipient._base_manager.filter(issue=models.OuterRef("pk"), organisation__in=access.organisations)
        return mine.filter(models.Exists(got))


DraftIssueManager = TenantManager.from_queryset(DraftIssueQuerySet)


class DraftIssue(TenantModel):
    """One circulation of a numbered draft ("Draft 5", HAR-¶9). Its text is kept as it went out, and never changed.

    The text of a draft cannot change between its consultation and its approval, so a draft has one circulation.
    """

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="issues")
    number = models.PositiveSmallIntegerField()
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    change = models.CharField(max_length=300, blank=True)
    # canonical JSON; null only for drafts that were circulated before texts were kept
    canonical = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")

    objects = DraftIssueManager()  # type: ignore[misc]

    class Meta:
        ordering = ["number", "issued_at"]
        constraints = [models.UniqueConstraint(fields=["version", "number"], name="draft_issued_once")]

    def __str__(self):
        return f"Draft {self.number}"

    @property
    def ledger_chain(self) -> str:
        """The protocol's chain."""
        return self.version.ledger_chain

    def text(self) -> dict:
        """The canonical JSON as it was circulated. Raises OSError or ValueError when the kept file is gone or damaged,
        LookupError for a draft whose text was not kept."""
        if self.canonical is None:
            raise LookupError(f"The text of {self.version} draft {self.number} was not kept.")
        return json.loads(self.canonical.content())


class DraftRecipient(TenantModel):
    """An organisation that a numbered draft was circulated to, by the name it had then."""

    issue = models.ForeignKey(DraftIssue, on_delete=models.PROTECT, related_name="recipients")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["issue", "organisation"], name="draft_recipient_once")]

    def __str__(self):
        return self.name
