"""A report that is being written: the answers so far, for its author alone (save and come back)."""

from django.db import models

from breaches.models.breach import Breach
from portal.models import User
from portal.models.tenant import TenantManager, TenantModel, TenantQuerySet


class ReportDraftQuerySet(TenantQuerySet["ReportDraft"]):
    """Drafts of one framework."""

    def visible_to(self, access):
        """Its author's own. Administrators and auditors included: nobody reads what another is still writing."""
        if not access.member:
            return self.none()
        return self.filter(framework=access.framework, author=access.user)

    def waiting(self):
        """Not sent yet."""
        return self.filter(breach__isnull=True)


ReportDraftManager = TenantManager.from_queryset(ReportDraftQuerySet)


class ReportDraft(TenantModel):
    """answers: of each step, as they were typed. breach: what it became; a second sending gives the same one."""

    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    answers = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    breach = models.OneToOneField(Breach, null=True, on_delete=models.PROTECT, related_name="draft")

    objects = ReportDraftManager()  # type: ignore[misc]

    class Meta:
        ordering = ["-saved_at", "-pk"]

    def __str__(self):
        return f"draft {self.pk}"
