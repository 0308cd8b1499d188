"""The meeting on a breach and its closed session (HAR-6.3, HAR-6.4).

What belongs to the closed session stands in tables of its own. Two guards hold each of them: their managers give rows
through `visible_to(access)` alone, and PostgreSQL shows them to nobody who belongs to an organisation in breach, whatever
role they hold (breaches/migrations/0005_closed_session.py). They have no field history, and their acts stand in a chain of
the ledger of their own.
"""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from breaches.models.breach import Breach, InBreach
from breaches.models.notice import PartyNotice
from breaches.parties import acts_for
from portal.models import Meeting, Membership, Organisation, User
from portal.models.lifecycle import Lifecycle
from portal.models.tenant import TenantManager, TenantModel
from portal.permissions import Perm

CLOSED_CHAIN = "breach-closed:"


class AccessRequired(RuntimeError):
    """A closed table was asked for without saying who reads. A fault in the code, never shown to people."""


class ClosedManager(TenantManager):
    """Gives rows through `visible_to` alone: there is no way to forget who reads."""

    def get_queryset(self):
        raise AccessRequired(f"Ask {self.model.__name__}.objects.visible_to(access).")

    def visible_to(self, access):
        """Rows of closed sessions that this reader may attend."""
        return super().get_queryset().filter(breach__in=attended(access))


def attended(access):
    """Breaches whose closed session the reader may see: they belong to none of its organisations in breach, and did not
    since it was reported, in whatever role; and they act for another party, keep the board's records, or read the ledger.
    """
    if not access.member:  # nobody who is not signed in can be asked after
        return Breach.objects.none()
    since = models.Q(ended_at__isnull=True) | models.Q(ended_at__gte=models.OuterRef("breach__reported_at"))
    mine = Membership._base_manager.filter(since, user=access.user, organisation=models.OuterRef("organisation"))
    guilty = InBreach._base_manager.filter(models.Exists(mine), breach=models.OuterRef("pk"))
    found = Breach.objects.filter(framework=access.framework).exclude(models.Exists(guilty))
    if access.can(Perm.DECIDE) or access.can(Perm.AUDIT):
        return found
    told = PartyNotice._base_manager.filter(
        breach=models.OuterRef("pk"), organisation__in=acts_for(access, Perm.COMMENT)
    )
    return found.filter(models.Exists(told))


class Hearing(TenantModel):
    """The meeting of the parties on one breach (HAR-6.3). Open to everybody of the breach; the newest one counts."""

    breach = models.ForeignKey(Breach, on_delete=models.PROTECT, related_name="hearings")
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="+")
    chair = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    secretary = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    present = models.JSONField(default=list)  # ids of the organisations that were there, those in breach left out

    class Meta:
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["breach", "meeting"], name="hearing_once")]

    def __str__(self):
        return f"{self.breach.reference}, {self.meeting}"


class ClosedModel(TenantModel):
    """A row of a closed session."""

    breach = models.ForeignKey(Breach, on_delete=models.PROTECT, related_name="+")

    objects = ClosedManager()  # type: ignore[misc]

    class Meta:
        abstract = True

    @property
    def ledger_chain(self) -> str:
        """A chain of its own per breach, which a reader without access does not know of."""
        return f"{CLOSED_CHAIN}{self.breach_id}"


class ClosedSession(ClosedModel, Lifecycle):
    """One closed session. "Decided" is known to those alone who are in it."""

    class Status(models.TextChoices):
        """HAR-6.4, HAR-6.5."""

        OPEN = "open", _("In session")
        DECIDED = "decided", _("Decided")
        TOLD = "told", _("Outcome told")
        ENDED = "ended", _("Ended without a decision")

    TRANSITIONS: ClassVar[dict[str, dict[str, str]]] = {
        Status.OPEN: {Status.DECIDED: "secretary of the session", Status.ENDED: "secretary of the session"},
        Status.DECIDED: {Status.TOLD: "secretary of the session, when the organisation in breach is recalled"},
        Status.TOLD: {},
        Status.ENDED: {},
    }

    hearing = models.OneToOneField(Hearing, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    opened_at = models.DateTimeField()
    outcome = models.TextField(_("Outcome, as it will be told"), blank=True, max_length=10_000)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["breach"], condition=models.Q(status__in=["open", "decided"]), name="closed_session_one_running"
            )
        ]

    def __str__(self):
        return str(_("Closed session"))


class ClosedNote(ClosedModel):
    """A note of the closed session. Append-only."""

    session = models.ForeignKey(ClosedSession, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("Note"), max_length=10_000)
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["made_at", "pk"]

    def __str__(self):
        return str(_("Note"))


class Proposal(ClosedModel):
    """A sanction or action that somebody proposed. What is dismissed leaves the organisation in breach no trace."""

    class Kind(models.TextChoices):
        """HAR-6.6."""

        WARNING = "warning", _("Warning")
        ACTION_PLAN = "action-plan", _("Action plan")
        SUSPENSION = "suspension", _("Suspension")
        EXCLUSION = "exclusion", _("Exclusion")

    class Result(models.TextChoices):
        """What became of it."""

        OPEN = "", _("Not decided yet")
        CARRIED = "carried", _("Carried")
        DISMISSED = "dismissed", _("Dismissed")

    session = models.ForeignKey(ClosedSession, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    text = models.TextField(_("What is proposed"), max_length=5_000)
    owner = models.CharField(_("Who does it"), max_length=200, blank=True)
    due_on = models.DateField(_("By when"), null=True)
    result = models.CharField(max_length=10, choices=Result.choices, blank=True, default="")
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return self.get_kind_display()


class Vote(ClosedModel):
    """The vote of one organisation on one proposal; one of those that are there, never one in breach."""

    class Choice(models.TextChoices):
        """How it voted."""

        FOR = "for", _("For")
        AGAINST = "against", _("Against")
        ABSTAINED = "abstained", _("Abstained")

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    choice = models.CharField(max_length=10, choices=Choice.choices)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["organisation_id"]
        constraints = [models.UniqueConstraint(fields=["proposal", "organisation"], name="vote_once")]

    def __str__(self):
        return self.get_choice_display()


class BreakGlass(ClosedModel):
    """An operator looked into a closed session in an emergency; everybody of the session was told. Append-only."""

    operator = models.CharField(max_length=150)
    reason = models.CharField(max_length=500)
    opened_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return self.operator
