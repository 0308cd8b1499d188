"""Nothing is public until a publication decision says so (UK-pub)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.models.job import Job
from portal.models.ledger import AuditEvent
from portal.models.people import User
from portal.models.tenant import TenantManager, TenantModel, TenantQuerySet
from protocols.models.version import Version


class PublicationQuerySet(TenantQuerySet["Publication"]):
    """Publication decisions; the newest on a version holds."""

    def in_effect(self):
        """The newest decision of each version."""
        newest = Publication._base_manager.filter(version=models.OuterRef("version")).order_by("-decided_at", "-pk")
        return self.filter(pk=models.Subquery(newest.values("pk")[:1]))

    def decide(self, version, *, by, now, **facts) -> "Publication":
        """Record a decision; older ones stay as they are. "In full" plans the sealed public copy.

        On the review date those who decide are reminded to look again, if the decision still holds then (UK-pub).
        """
        publication = self.create(
            framework_id=version.framework_id, version=version, decided_by=by, decided_at=now, **facts
        )
        AuditEvent.objects.record(
            "protocols.publication:decided", version, by=by, now=now, level=publication.level, reason=publication.reason
        )
        Job.objects.plan(
            "protocols.publication_review",
            framework=version.framework,
            subject_id=publication.pk,
            run_at=clock.start_of_day(publication.review_on),
            key=f"publication-review:{publication.pk}",
        )
        if publication.level == Publication.Level.FULL:
            Job.objects.plan(
                "protocols.seal_public",
                framework=version.framework,
                subject_id=version.pk,
                run_at=now,
                key=f"public:{version.pk}",
            )
        return publication


PublicationManager = TenantManager.from_queryset(PublicationQuerySet)


class Publication(TenantModel):
    """full / summary only / not published, with reason and review date."""

    class Level(models.TextChoices):
        """What the public sees."""

        FULL = "full", _("Published in full")
        SUMMARY = "summary", _("Summary only")
        NONE = "none", _("Not published")

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="publications")
    level = models.CharField(_("What is published"), max_length=10, choices=Level.choices)
    summary = models.TextField(_("Plain-language summary"), blank=True, max_length=5_000)
    reason = models.TextField(_("Reason (name the FOI exemption if it is not published in full)"), max_length=2_000)
    review_on = models.DateField(_("Look at this decision again on"))
    show_standings = models.BooleanField(_("Say publicly which organisations are suspended or excluded"), default=False)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField()

    objects = PublicationManager()  # type: ignore[misc]

    class Meta:
        ordering = ["decided_at"]
        indexes = [models.Index(fields=["framework", "version", "-decided_at"], name="publication_newest")]

    def __str__(self):
        return f"{self.version}: {self.get_level_display()}"
