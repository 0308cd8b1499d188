"""Meetings of deciding bodies, and their recorded decisions (HAR-2.3)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.models.board import Board
from portal.models.ledger import AuditEvent
from portal.models.lifecycle import Lifecycle
from portal.models.people import User
from portal.models.tenant import TenantManager, TenantModel, TenantQuerySet


class MeetingQuerySet(TenantQuerySet["Meeting"]):
    """Meetings of one framework."""

    def next_after(self, board, moment) -> "Meeting | None":
        """The first meeting of the board that is planned for after the moment (HAR-5.3, READ-6)."""
        planned = self.filter(board=board, status=Meeting.Status.PLANNED, starts_at__gt=moment)
        return planned.order_by("starts_at", "pk").first()


MeetingManager = TenantManager.from_queryset(MeetingQuerySet)


class Meeting(TenantModel, Lifecycle):
    """A board meets. Planned, moved and cancelled by portal.meetings, which tells what depends on the date."""

    class Status(models.TextChoices):
        """Where it stands."""

        PLANNED = "planned", _("Planned")
        HELD = "held", _("Held")
        MINUTED = "minuted", _("Minutes written")
        CIRCULATED = "circulated", _("Minutes circulated")
        CANCELLED = "cancelled", _("Cancelled")

    TRANSITIONS = {
        Status.PLANNED: {Status.HELD: "secretary", Status.CANCELLED: "secretary"},
        Status.HELD: {Status.MINUTED: "secretary"},
        Status.MINUTED: {Status.CIRCULATED: "secretary"},
        Status.CIRCULATED: {},
        Status.CANCELLED: {},
    }

    board = models.ForeignKey(Board, on_delete=models.PROTECT, related_name="meetings")
    starts_at = models.DateTimeField(_("Date and time"))
    place = models.CharField(_("Place"), max_length=200, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.PLANNED)

    objects = MeetingManager()  # type: ignore[misc]

    class Meta:
        ordering = ["starts_at", "pk"]
        indexes = [models.Index(fields=["framework", "board", "starts_at"], name="meeting_board_starts")]

    def __str__(self):
        return f"{self.board}, {clock.london_date(self.starts_at)}"


class DecisionQuerySet(TenantQuerySet["Decision"]):
    """Decisions of one framework."""

    def about(self, subject):
        """Decisions on one thing."""
        return self.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk)

    def record(self, subject, *, by, now, **facts) -> "Decision":
        """Record a decision on a subject; a row is never changed afterwards."""
        decision = self.create(
            framework_id=subject.framework_id,
            subject_type=subject._meta.label_lower,
            subject_id=subject.pk,
            recorded_by=by,
            recorded_at=now,
            **facts,
        )
        AuditEvent.objects.record(
            "portal.decision:recorded",
            subject,
            by=by,
            now=now,
            outcome=decision.outcome,
            reference=decision.reference,
            body=str(decision.board or decision.delegated_to),
            decided_on=str(decision.decided_on),
            ratify_by=decision.ratify_by and str(decision.ratify_by),
            no_re_signing=decision.no_re_signing or None,
        )
        return decision


DecisionManager = TenantManager.from_queryset(DecisionQuerySet)


class Decision(TenantModel):
    """What a deciding body, or an officer under a named scheme of delegation, decided."""

    class Outcome(models.TextChoices):
        """HAR-2.3."""

        APPROVED = "approved", _("Approved")
        APPROVED_WITH_CHANGES = "approved-with-changes", _("Approved with listed changes")
        REFERRED_BACK = "referred-back", _("Referred back")
        REFUSED = "refused", _("Refused")
        URGENT = "urgent", _("Urgent, to be ratified")
        # what the body says of an urgent approval afterwards
        RATIFIED = "ratified", _("Ratified")
        NOT_RATIFIED = "not-ratified", _("Ratification refused")
        # not an approval: the body lets a required party go (SIG-force)
        NOT_REQUIRED = "not-required", _("A party is no longer required")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    board = models.ForeignKey(Board, null=True, blank=True, on_delete=models.PROTECT, related_name="decisions")
    delegated_to = models.CharField(_("Officer"), max_length=150, blank=True)
    delegation_scheme = models.CharField(_("Scheme of delegation"), max_length=200, blank=True)
    decided_on = models.DateField(_("Date of the decision"))
    reference = models.CharField(_("Minute or decision reference"), max_length=100)
    outcome = models.CharField(_("Outcome"), max_length=25, choices=Outcome.choices)
    listed_changes = models.TextField(_("Listed changes"), blank=True, max_length=10_000)
    reason = models.TextField(_("Reason"), blank=True, max_length=10_000)
    ratify_by = models.DateField(_("To be ratified by"), null=True, blank=True)  # of an urgent approval
    # an editorial change that the parties need not sign again
    no_re_signing = models.BooleanField(_("Need not be signed again"), default=False)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    recorded_at = models.DateTimeField()

    objects = DecisionManager()  # type: ignore[misc]

    class Meta:
        ordering = ["recorded_at", "pk"]
        indexes = [models.Index(fields=["framework", "subject_type", "subject_id"], name="decision_subject")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(board__isnull=False)
                | (~models.Q(delegated_to="") & ~models.Q(delegation_scheme="")),
                name="decision_has_a_body",
            ),
            models.CheckConstraint(
                condition=models.Q(ratify_by__isnull=True) | models.Q(outcome="urgent"), name="decision_ratify_urgent"
            ),
            models.CheckConstraint(
                condition=models.Q(no_re_signing=False)
                | models.Q(outcome__in=["approved", "approved-with-changes", "urgent"]),
                name="decision_exempts_approved",
            ),
        ]

    def __str__(self):
        return f"{self.get_outcome_display()}, {self.decided_on}, {self.reference}"
