"""Meetings of deciding bodies, and their recorded decisions (HAR-2.3)."""

from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from portal import clock
from portal.errors import StateError
from portal.models.board import Board
from portal.models.ledger import AuditEvent
from portal.models.lifecycle import Lifecycle
from portal.models.people import Organisation, User
from portal.models.tenant import TenantManager, TenantModel, TenantQuerySet
from portal.templatetags.dates import longdate


@dataclass(frozen=True, slots=True)
class Quorum:
    """Of one meeting: organisations that count, those of them that were there, how many are needed, votes needed."""

    members: int
    present: int
    needed: int
    majority: int

    @property
    def reached(self) -> bool:
        """Could the meeting decide?"""
        return self.members > 0 and self.present >= self.needed


class MeetingQuerySet(TenantQuerySet["Meeting"]):
    """Meetings of one framework."""

    def visible_to(self, access):
        """Meetings of the boards that the reader may see."""
        return self.filter(board__in=Board.objects.visible_to(access).order_by().values("pk"))

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
    agenda_sent_at = models.DateTimeField(null=True)  # since when those who sit on the board have the agenda
    # the one item of its agenda whose own minutes are those of the meeting (HAR-6.6, portal.handing_over)
    minuted_with = models.ForeignKey("portal.AgendaItem", null=True, on_delete=models.PROTECT, related_name="+")

    objects = MeetingManager()  # type: ignore[misc]

    class Meta:
        ordering = ["starts_at", "pk"]
        indexes = [models.Index(fields=["framework", "board", "starts_at"], name="meeting_board_starts")]

    def __str__(self):
        return f"{self.board}, {longdate(self.starts_at)}"

    def get_absolute_url(self) -> str:
        """Its page; lists of what needs doing lead there."""
        return reverse("meeting", args=[self.framework.slug, self.pk])

    def quorum(self, *, without=()) -> Quorum:
        """Who counted and who was there (HAR-6.3). without: ids of organisations that count in neither."""
        rows = [row for row in self.attendance.all() if row.organisation_id not in set(without)]
        present = sum(row.present for row in rows)
        needed = max(1, -(-len(rows) * self.board.quorum_percent // 100))
        return Quorum(len(rows), present, needed, majority_of(present, self.board.majority))

    def require_quorate(self, *, without=()) -> Quorum:
        """Raises StateError unless the meeting has been held and could decide (HAR-6.3)."""
        if self.status in {self.Status.PLANNED, self.Status.CANCELLED}:
            raise StateError(
                _t("%(meeting)s has not been held.") % {"meeting": self},
                _t("Record that the meeting was held, and who was there. Then record what it decided."),
            )
        quorum = self.quorum(without=without)
        if not quorum.reached:
            raise StateError(
                _t("%(meeting)s was not quorate: %(present)d of %(members)d organisations were there, %(needed)s.")
                % {
                    "meeting": self,
                    "present": quorum.present,
                    "members": quorum.members,
                    "needed": needed_words(quorum.needed),
                },
                _t("Nothing can be recorded as decided at it. Plan another meeting."),
            )
        return quorum


def majority_of(present: int, majority: str) -> int:
    """How many of those present must agree."""
    if majority == Board.Majority.ALL:
        return max(1, present)
    if majority == Board.Majority.TWO_THIRDS:
        return max(1, -(-2 * present // 3))
    return present // 2 + 1


def needed_words(count: int) -> str:
    """So many organisations, or votes."""
    return ngettext("%(count)d is needed", "%(count)d are needed", count) % {"count": count}


def against_votes(quorum: Quorum, votes_for: int | None, votes_against: int | None) -> StateError | None:
    """What is wrong with the votes at a meeting, if they were counted: more than there were organisations, or no majority."""
    if votes_for is None and votes_against is None:
        return None
    carried = votes_for or 0
    if carried + (votes_against or 0) > quorum.present:
        return StateError(
            _t("There are more votes than organisations that were there."),
            ngettext("Enter at most %(count)d vote in all.", "Enter at most %(count)d votes in all.", quorum.present)
            % {"count": quorum.present},
        )
    if carried < quorum.majority:
        votes = ngettext("%(count)d vote for it", "%(count)d votes for it", carried) % {"count": carried}
        return StateError(
            _t("The motion was not carried: %(votes)s, %(needed)s.")
            % {"votes": votes, "needed": needed_words(quorum.majority)},
            _t("Record what was carried, or write in the minutes that there was no majority."),
        )
    return None


class Attendance(TenantModel):
    """An organisation of the board at one meeting: was it there, and by whom. Made when the meeting is held."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="attendance")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    present = models.BooleanField(_("Was there"), default=False)
    people = models.CharField(_("By whom"), max_length=300, blank=True)

    class Meta:
        ordering = ["organisation__name", "pk"]
        constraints = [models.UniqueConstraint(fields=["meeting", "organisation"], name="attendance_once")]

    def __str__(self):
        return f"{self.organisation}"


def bind(subject, facts: dict, without) -> None:
    """Check the meeting that took a decision, and find the item of its agenda that the subject is. Raises StateError."""
    meeting = facts.get("meeting")
    if meeting is None:
        return
    meeting = facts["meeting"] = Meeting._base_manager.select_for_update(of=("self",)).get(pk=meeting.pk)
    if facts.get("board") != meeting.board:
        raise StateError(_t("%(meeting)s is no meeting of the body that decided.") % {"meeting": meeting})
    if meeting.status == Meeting.Status.CIRCULATED:
        raise StateError(
            _t("The minutes of %(meeting)s have been circulated.") % {"meeting": meeting},
            _t("Correct the minutes first, or record the decision with its reference and without the meeting."),
        )
    quorum = meeting.require_quorate(without=without)
    if facts.get("decided_on") != clock.london_date(meeting.starts_at):
        raise StateError(_t("What a meeting decided has the date of the meeting."))
    if (wrong := against_votes(quorum, facts.get("votes_for"), facts.get("votes_against"))) is not None:
        raise wrong
    items = meeting.items.filter(removed_at__isnull=True)
    if facts.get("item") is None:
        kind = ContentType.objects.get_for_model(type(subject))
        facts["item"] = items.filter(subject_type=kind, subject_id=subject.pk).first()
    elif not items.filter(pk=facts["item"].pk).exists():
        raise StateError(_t("This item is not on the agenda of %(meeting)s.") % {"meeting": meeting})


class DecisionQuerySet(TenantQuerySet["Decision"]):
    """Decisions of one framework."""

    def about(self, subject):
        """Decisions on one thing."""
        return self.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk)

    def record(self, subject, *, by, now, without=(), **facts) -> "Decision":
        """Record a decision on a subject; a row is never changed afterwards.

        meeting and item (of its agenda), if given, bind it to the meeting that took it; without: ids of organisations
        that did not count there (HAR-6.3). Raises StateError for a meeting that could not decide it.
        """
        bind(subject, facts, without)
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
            effectiveness_by=decision.effectiveness_by and str(decision.effectiveness_by),
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
    effectiveness_by = models.DateField(
        _("Effectiveness reviewed by"), null=True, blank=True
    )  # of an approval (HAR-r5)
    # an editorial change that the parties need not sign again
    no_re_signing = models.BooleanField(_("Need not be signed again"), default=False)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    meeting = models.ForeignKey(Meeting, null=True, blank=True, on_delete=models.PROTECT, related_name="decisions")
    item = models.ForeignKey(
        "portal.AgendaItem", null=True, blank=True, on_delete=models.PROTECT, related_name="decisions"
    )
    votes_for = models.PositiveSmallIntegerField(_("Votes for"), null=True, blank=True)
    votes_against = models.PositiveSmallIntegerField(_("Votes against"), null=True, blank=True)
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
            models.CheckConstraint(
                condition=models.Q(meeting__isnull=True, item__isnull=True)
                | models.Q(board__isnull=False, meeting__isnull=False),
                name="decision_meeting_of_a_board",
            ),
            models.CheckConstraint(
                condition=models.Q(effectiveness_by__isnull=True)
                | models.Q(outcome__in=["approved", "approved-with-changes", "urgent"]),
                name="decision_effectiveness_approved",
            ),
        ]

    def __str__(self):
        return f"{self.get_outcome_display()}, {longdate(self.decided_on)}, {self.reference}"
