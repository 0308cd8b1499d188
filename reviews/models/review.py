"""A review of a protocol (HAR-5.1 to HAR-5.5): opened when it is to be prepared, held, reported, decided on, followed up."""

from typing import ClassVar

from django.db import models
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.models import Deadline, Decision, StoredFile
from portal.models.lifecycle import Lifecycle
from portal.models.people import Organisation, User
from portal.models.tenant import TenantManager, TenantModel, TenantQuerySet
from portal.permissions import Perm
from protocols.models import Party, Protocol, Version

# Standings in which an organisation is a party in force: it takes part in reviews
IN_FORCE = (*Party.AGREED, Party.Status.ADOPTED)
# Those who may read a review: the same, and parties that are suspended for a time
READERS = (*IN_FORCE, Party.Status.SUSPENDED)


class ReviewQuerySet(TenantQuerySet["Review"]):
    """Reviews of one framework."""

    def visible_to(self, access):
        """With VIEW_ALL every review; else those of versions to which the reader's organisation is a party in force, and
        of protocols that the reader may see."""
        mine = self.filter(framework=access.framework)
        if access.can(Perm.VIEW_ALL):
            return mine
        party = Party._base_manager.filter(
            version=OuterRef("version"), organisation__in=access.organisations, status__in=READERS
        )
        seen = Version.objects.visible_to(access)
        return mine.filter(Exists(party), version__in=seen.order_by().values("pk"))

    def unfinished(self):
        """Neither held yet nor dropped."""
        return self.filter(status__in=[Review.Status.OPEN, Review.Status.IN_PROGRESS])

    def running(self):
        """Something is still to be done."""
        return self.exclude(status__in=[Review.Status.CLOSED, Review.Status.DROPPED])


ReviewManager = TenantManager.from_queryset(ReviewQuerySet)


class Review(TenantModel, Lifecycle):
    """One review of one version.

    States: to be prepared → in progress → findings settled → reported → plan agreed → closed; or dropped, when the
    version ends before the review was held.
    """

    class Kind(models.TextChoices):
        """Why it is held."""

        FIRST = "first", _("First review")
        ANNUAL = "annual", _("Annual review")
        EFFECTIVENESS = "effectiveness", _("Review of effectiveness")
        TRIGGERED = "triggered", _("Triggered review")

    class Status(models.TextChoices):
        """See TRANSITIONS for what may follow what."""

        OPEN = "open", _("To be prepared")
        IN_PROGRESS = "in-progress", _("In progress")
        COMPLETED = "completed", _("Findings settled")
        REPORTED = "reported", _("Findings reported")
        AGREED = "agreed", _("Plan agreed")
        CLOSED = "closed", _("Closed")
        DROPPED = "dropped", _("No longer needed")

    class Outcome(models.TextChoices):
        """REV-out."""

        NO_CHANGE = "no-change", _("No change")
        VARY = "vary", _("Vary the protocol")
        TERMINATE = "terminate", _("Terminate the protocol")

    TRANSITIONS: ClassVar[dict[str, dict[str, str]]] = {
        Status.OPEN: {
            Status.IN_PROGRESS: "reviewer, drafter or secretary, once every party has a reviewer or consents",
            Status.DROPPED: "system, when the version has ended",
        },
        Status.IN_PROGRESS: {
            Status.COMPLETED: "reviewer, drafter or secretary",
            Status.DROPPED: "system, when the version has ended",
        },
        Status.COMPLETED: {Status.REPORTED: "drafter or secretary"},
        Status.REPORTED: {Status.AGREED: "secretary, with the decision of the deciding body"},
        Status.AGREED: {Status.CLOSED: "system, when everything agreed is done"},
        Status.CLOSED: {},
        Status.DROPPED: {},
    }

    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="reviews")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=15, choices=Kind.choices)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.OPEN)
    deadline = models.ForeignKey(Deadline, null=True, on_delete=models.PROTECT, related_name="+")  # by when it is held
    reason = models.TextField(blank=True)  # why it was asked for or triggered
    opened_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)  # from here the findings are frozen
    completed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    summary = models.TextField(_("What was reviewed, and how"), blank=True, max_length=10_000)
    report = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField(null=True)
    outcome = models.CharField(_("Outcome"), max_length=10, choices=Outcome.choices, blank=True)
    outcome_reason = models.TextField(_("Reason"), blank=True, max_length=10_000)
    discussion = models.TextField(_("What was discussed"), blank=True, max_length=10_000)
    decision = models.ForeignKey(Decision, null=True, on_delete=models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(null=True)
    draft = models.ForeignKey(Version, null=True, on_delete=models.SET_NULL, related_name="+")  # opened by "vary"
    closed_at = models.DateTimeField(null=True)

    objects = ReviewManager()  # type: ignore[misc]

    class Meta:
        ordering = ["-opened_at", "-pk"]
        indexes = [models.Index(fields=["framework", "protocol", "status"], name="review_framework_protocol")]
        constraints = [
            models.UniqueConstraint(fields=["deadline"], name="review_once_for_deadline"),
            models.CheckConstraint(
                condition=~models.Q(outcome="terminate") | ~models.Q(outcome_reason=""), name="review_terminate_reason"
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="", agreed_at__isnull=True, decision__isnull=True)
                | (~models.Q(outcome="") & models.Q(agreed_at__isnull=False, decision__isnull=False)),
                name="review_outcome_is_decided",
            ),
            models.CheckConstraint(
                condition=models.Q(report__isnull=True, reported_at__isnull=True)
                | models.Q(report__isnull=False, reported_at__isnull=False),
                name="review_reported_whole",
            ),
        ]

    def __str__(self):
        return f"{self.protocol.reference} {self.version.number}: {self.get_kind_display()}"

    @property
    def why(self) -> str:
        """The first of the reasons for which it was asked for or triggered; "" for one that the cycle opened."""
        return self.reason.partition("\n")[0]

    def get_absolute_url(self) -> str:
        """Its page for members."""
        return reverse("review", args=[self.framework.slug, self.pk])

    @property
    def ledger_chain(self) -> str:
        """The protocol's chain."""
        return f"protocol:{self.protocol_id}"

    @property
    def held(self) -> bool:
        """Are its findings frozen?"""
        return self.completed_at is not None

    def parties(self):
        """The parties in force, who take part (HAR-5.2)."""
        return self.version.parties.filter(status__in=IN_FORCE).order_by("order", "name")


class Reviewer(TenantModel):
    """The officer by whom an organisation takes part (HAR-5.2)."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="reviewers")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    named_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    named_at = models.DateTimeField()

    class Meta:
        ordering = ["named_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["review", "organisation", "user"], name="reviewer_once"),
        ]

    def __str__(self):
        return f"{self.user}, {self.organisation}"


class Consent(TenantModel):
    """An organisation that names no reviewer consents to the review being held by the others (HAR-5.2)."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="consents")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    given_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    given_at = models.DateTimeField()

    class Meta:
        ordering = ["given_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["review", "organisation"], name="consent_once")]

    def __str__(self):
        return f"{self.organisation}"
