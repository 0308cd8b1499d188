"""What a drafter has typed and not saved: theirs alone, and no part of the draft."""

from datetime import timedelta

from django.db import models

from portal.models.people import User
from portal.models.tenant import TenantManager, TenantModel, TenantQuerySet

KEPT_FOR = timedelta(days=90)


class UnsavedDraftQuerySet(TenantQuerySet["UnsavedDraft"]):
    """The database shows a person's own rows only (a restrictive policy beside that of the tenant)."""

    def of(self, user, version, place):
        """What a person typed on one form."""
        return self.filter(user=user, version=version, place=place)

    def keep(self, version, *, user, place, fields, now) -> "UnsavedDraft":
        """Keep the newest words of a form; those that were left for three months go."""
        self.filter(user=user, saved_at__lt=now - KEPT_FOR).delete()
        kept, _created = self.update_or_create(
            framework_id=version.framework_id, version=version, user=user, place=place,
            defaults={"fields": fields, "saved_at": now},
        )  # fmt: skip
        return kept


UnsavedDraftManager = TenantManager.from_queryset(UnsavedDraftQuerySet)


class UnsavedDraft(TenantModel):
    """place: the address of the form below that of the version. fields: what stood in its boxes, and what it was
    loaded from (revision, base), so that saving it later finds a clash as the form itself would have."""

    # the foreign key is the migration's own: it deletes with the draft also what the deleting person cannot see
    version = models.ForeignKey(
        "protocols.Version", on_delete=models.DO_NOTHING, db_constraint=False, related_name="unsaved"
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    place = models.CharField(max_length=300)
    fields = models.JSONField()
    saved_at = models.DateTimeField()

    objects = UnsavedDraftManager()  # type: ignore[misc]

    class Meta:
        ordering = ["-saved_at"]
        constraints = [models.UniqueConstraint(fields=["version", "user", "place"], name="unsaved_draft_once")]

    def __str__(self):
        return self.place
