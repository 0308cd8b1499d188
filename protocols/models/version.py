"""A version of a protocol: the text that is drafted, approved, signed and in force."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models, transaction
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.errors import NotReady, StateError, TransitionNotAllowed
from portal.models import Deadline, Decision, Job, StoredFile
from portal.models.history import history
from portal.models.ledger import AuditEvent
from portal.models.lifecycle import Lifecycle
from portal.models.people import User
from portal.models.tenant import TenantManager, TenantModel, TenantQuerySet
from portal.models.verbs import verb
from portal.permissions import Perm
from protocols.errors import EditClash
from protocols.models import review_clock, turning
from protocols.models.party import Party, required_standings
from protocols.models.pilot import Pilot
from protocols.models.protocol import Protocol

APPROVALS = {Decision.Outcome.APPROVED, Decision.Outcome.URGENT}
BACK_TO_DRAFT = {Decision.Outcome.REFERRED_BACK, Decision.Outcome.REFUSED, Decision.Outcome.APPROVED_WITH_CHANGES}


@dataclass(frozen=True, slots=True)
class Kept:
    """The kept files and moments of a completed version."""

    canonical: StoredFile
    text_copy: StoredFile
    completed_at: datetime
    in_force_from: datetime


class VersionQuerySet(TenantQuerySet["Version"]):
    """Versions of one framework."""

    def visible_to(self, access):
        """With VIEW_ALL every version; else those with the reader's organisation on them that are no drafts.

        A version leaves draft by being circulated and in no other way; one that came back to the drafter's desk is being
        changed, so it is hidden until it is circulated again.
        """
        if not access.member:
            return self.none()
        if access.can(Perm.VIEW_ALL):
            return self.filter(framework=access.framework)
        party = Party._base_manager.filter(version=models.OuterRef("pk"), organisation__in=access.organisations)
        mine = self.filter(models.Exists(party), framework=access.framework)
        return mine.exclude(status=Version.Status.DRAFT)


VersionManager = TenantManager.from_queryset(VersionQuerySet)


class Version(TenantModel, Lifecycle):
    """One text of a protocol.

    States: draft → consultation → approval → approved → open for signature → completed → in force →
    superseded / withdrawn / expired. Text changes only in draft; from "open for signature" it is frozen.
    Number (SIG-num): "major.minor"; major rises when parties must sign again, minor for editorial changes.
    """

    class Status(models.TextChoices):
        """See TRANSITIONS for what may follow what."""

        DRAFT = "draft", _("Draft")
        CONSULTATION = "consultation", _("In consultation")
        APPROVAL = "approval", _("Awaiting approval")
        APPROVED = "approved", _("Approved")
        OPEN_FOR_SIGNATURE = "open-for-signature", _("Open for signature")
        COMPLETED = "completed", _("Signed by all required")
        IN_FORCE = "in-force", _("In force")
        SUPERSEDED = "superseded", _("Superseded")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        EXPIRED = "expired", _("Expired")

    TRANSITIONS: ClassVar[dict[str, dict[str, str]]] = {
        Status.DRAFT: {Status.CONSULTATION: "drafter", Status.APPROVAL: "drafter"},
        Status.CONSULTATION: {Status.DRAFT: "drafter", Status.APPROVAL: "drafter"},
        Status.APPROVAL: {
            Status.APPROVED: "secretary records the decision",
            Status.DRAFT: "secretary records: referred back, refused, or approved with listed changes",
        },
        Status.APPROVED: {
            Status.OPEN_FOR_SIGNATURE: "drafter",
            Status.COMPLETED: "secretary, if the tier is adopted, not signed",
            Status.DRAFT: "drafter",
        },
        Status.OPEN_FOR_SIGNATURE: {
            Status.COMPLETED: "system, at the last required signature",
            Status.WITHDRAWN: "secretary",
        },
        Status.COMPLETED: {Status.IN_FORCE: "sweep, at the effective date", Status.WITHDRAWN: "secretary"},
        Status.IN_FORCE: {
            Status.SUPERSEDED: "system, when the successor comes into force",
            Status.WITHDRAWN: "secretary, with decision and reason",
            Status.EXPIRED: "sweep, only if an expiry date is set",
        },
        Status.SUPERSEDED: {},
        Status.WITHDRAWN: {},
        Status.EXPIRED: {},
    }

    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="versions")
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.DRAFT)
    major = models.PositiveSmallIntegerField(default=1)
    minor = models.PositiveSmallIntegerField(default=0)
    draft = models.PositiveSmallIntegerField(default=1)
    lang = models.CharField(_("Language"), max_length=10, default="en-GB")
    revision = models.PositiveIntegerField(default=1)  # rises with every change of the text: optimistic locking
    effective_on = models.DateField(_("Effective date"), null=True, blank=True)
    sign_by = models.DateField(_("Sign-up deadline"), null=True, blank=True)
    expires_on = models.DateField(_("Expires on"), null=True, blank=True)
    review_first_months = models.PositiveSmallIntegerField(_("First review after (months)"), null=True, blank=True)
    review_then_months = models.PositiveSmallIntegerField(_("Later reviews every (months)"), null=True, blank=True)
    classification = models.CharField(_("Classification"), max_length=40, default="OFFICIAL")
    circulated_at = models.DateTimeField(null=True)  # since when parties may read it
    approval = models.ForeignKey(Decision, null=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(null=True)
    opened_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    completed_at = models.DateTimeField(null=True)
    in_force_from = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    canonical = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    text_copy = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")

    arranged: list[dict]  # set by protocols.protocol_page.visible_versions()

    objects = VersionManager()  # type: ignore[misc]
    history = history()

    class Meta:
        ordering = ["-major", "-minor"]
        constraints = [
            models.UniqueConstraint(fields=["protocol", "major", "minor"], name="version_number_once"),
            models.UniqueConstraint(
                fields=["protocol"], condition=models.Q(status="in-force"), name="one_version_in_force"
            ),
            models.CheckConstraint(
                condition=models.Q(canonical__isnull=True, text_copy__isnull=True, opened_at__isnull=True)
                | models.Q(canonical__isnull=False, text_copy__isnull=False, opened_at__isnull=False),
                name="version_frozen_whole",
            ),
        ]
        indexes = [models.Index(fields=["framework", "status"], name="version_framework_status")]

    def __str__(self):
        return f"{self.protocol} {self.name}"

    @property
    def number(self) -> str:
        """ "1.0" (SIG-num)."""
        return f"{self.major}.{self.minor}"

    @property
    def name(self) -> str:
        """ "1.0 draft 5" while it is drafted, then "1.0" (SIG-num)."""
        drafting = self.status in {
            self.Status.DRAFT,
            self.Status.CONSULTATION,
            self.Status.APPROVAL,
            self.Status.APPROVED,
        }
        return (
            _t("%(number)s draft %(draft)s") % {"number": self.number, "draft": self.draft} if drafting else self.number
        )

    def get_status_display(self) -> str:  # type: ignore[no-redef]
        """The state in words: what is adopted was never signed (DUD-8)."""
        if self.status == self.Status.COMPLETED and self.protocol.tier.adopted:
            return _t("Adopted")
        return str(self.Status(self.status).label)

    @property
    def ledger_chain(self) -> str:
        """The protocol's chain."""
        return f"protocol:{self.protocol_id}"

    @property
    def editable(self) -> bool:
        """Text changes only in draft."""
        return self.status == self.Status.DRAFT

    @property
    def frozen(self) -> bool:
        """Has the text been stored once for signing?"""
        return self.canonical_id is not None

    def kept(self) -> "Kept":
        """What a completed version is sure to have. Raises StateError before."""
        if self.canonical is None or self.text_copy is None or self.completed_at is None or self.in_force_from is None:
            raise StateError(_t("%(version)s has not been signed by all required parties.") % {"version": self})
        return Kept(self.canonical, self.text_copy, self.completed_at, self.in_force_from)

    def effective_moment(self):
        """00:00 Europe/London of the effective date, as aware UTC (SIG-force)."""
        if self.effective_on is None:
            raise NotReady(_t("This version has no effective date."))
        return clock.start_of_day(self.effective_on)

    # --- drafting

    @verb
    def touch(self, *, revision, by, now, what, held=False, **details):
        """Take the right to change the draft: lock the row, check state and revision, count up, record.

        Call inside a transaction. held: the caller has locked the row already. Raises StateError when it is no draft,
        EditClash when someone else saved since.
        """
        if not held:
            self.refresh_from_db(from_queryset=type(self)._base_manager.select_for_update(of=("self",)))
        if not self.editable:
            raise StateError(_t("The text of %(version)s can no longer be changed.") % {"version": self})
        if revision is not None and revision != self.revision:
            raise EditClash(self)
        self.revision += 1
        self.save()
        AuditEvent.objects.record(f"protocols.version:{what}", self, by=by, now=now, **details)

    @verb
    def start_consultation(self, *, by, now):
        """Draft → consultation: from here the parties can read this numbered draft (HAR-¶9)."""
        with self.transition(self.Status.CONSULTATION, by=by, now=now, draft=self.draft):
            self.circulated_at = self.circulated_at or now

    @verb
    def return_to_draft(self, *, by, now, reason):
        """Consultation or approved → draft: the next numbered draft begins; a decision is kept, marked unused."""
        with self.transition(self.Status.DRAFT, by=by, now=now, reason=reason, decision_unused=self.approval_id):
            if self.status == self.Status.APPROVAL:  # only a recorded decision leads from there to draft: decide()
                raise TransitionNotAllowed(self, self.status, self.Status.DRAFT)
            self.approval = None
            self.draft += 1

    @verb
    def submit_for_approval(self, *, by, now, missing):
        """Draft or consultation → approval. `missing`: what protocols.workflow.missing() found; must be empty."""
        with self.transition(self.Status.APPROVAL, by=by, now=now):
            if missing:
                raise NotReady(_t("This draft cannot be submitted yet."), missing)
            self.circulated_at = self.circulated_at or now

    @verb
    def decide(self, decision, *, by, now):
        """Approval → approved, or back to draft, by a recorded decision of the deciding body (HAR-2.3)."""
        approved = decision.outcome in APPROVALS
        if not approved and decision.outcome not in BACK_TO_DRAFT:
            raise StateError(_t("This outcome does not decide an approval."))
        target = self.Status.APPROVED if approved else self.Status.DRAFT
        with self.transition(target, by=by, now=now, outcome=decision.outcome, reference=decision.reference):
            if self.status != self.Status.APPROVAL:
                raise TransitionNotAllowed(self, self.status, target)
            self.approval = decision if approved else None
            self.draft += 0 if approved else 1

    # --- signing

    @verb
    def open_for_signature(self, frozen, *, by, now):
        """Approved → open for signature; from here the text is frozen (HAR-2.3 needs the decision).

        frozen: protocols.documents.Frozen, rendered before the lock; the text is compared again under it.
        """
        with self.transition(
            self.Status.OPEN_FOR_SIGNATURE,
            by=by,
            now=now,
            canonical_sha256=frozen.canonical_sha256,
            text_copy_sha256=frozen.text_copy_sha256,
        ):
            if self.protocol.tier.adopted:
                raise StateError(_t("%(version)s is adopted, not signed.") % {"version": self})
            if self.approval is None:
                raise NotReady(
                    _t("Record the board's decision first."), what_to_do=_t("Ask the board secretary to record it.")
                )
            frozen.keep(self, now=now)
            self.opened_at, self.opened_by = now, by

    @verb
    def complete_if_signed(self, *, now):
        """Open for signature → completed when no required party is missing; returns whether it did (SIG-force).

        Call while the version row is locked: whether this was the last required signature is decided there.
        """
        required = set(required_standings(self.pk))
        if not required & set(Party.GIVEN) or not required <= set(Party.SETTLED):
            return False
        self.complete(now=now)
        return True

    @verb
    @transaction.atomic
    def complete(self, *, now, by=None, **adoption):
        """The last required party has signed, or the one organisation adopts: completion date, deadlines, sealing."""
        with self.transition(self.Status.COMPLETED, by=by, now=now, **adoption):
            if self.status == self.Status.APPROVED and not self.protocol.tier.adopted:
                raise TransitionNotAllowed(self, self.status, self.Status.COMPLETED)
            self.completed_at = now
            self.in_force_from = max(now, self.effective_moment())
        Party.objects.bind_signed(self, now=now)
        if not self.minor:  # a re-signed version restarts HAR-5.1, an editorial one does not (SIG-new)
            Deadline.objects.start(
                "review.first",
                self.protocol,
                framework=self.framework,
                start=now,
                now=now,
                nation=self.protocol.nation,
                owner=self.protocol.lead_organisation,
                overrides=review_clock.lengths(self),
            )
        Job.objects.plan(
            "protocols.seal", framework=self.framework, subject_id=self.pk, run_at=now, key=f"seal:{self.pk}:1"
        )
        Job.objects.plan(
            "protocols.bring_into_force",
            framework=self.framework,
            subject_id=self.pk,
            run_at=self.in_force_from,
            key=f"in-force:{self.pk}",
        )
        turning.tell(self, now=now)

    @verb
    @transaction.atomic
    def bring_into_force(self, *, now):
        """Completed → in force. `now` is the due moment (00:00 or completion), not when the sweep got to it (SIG-force)."""
        # the protocol, then its versions in one order, as whoever signs several or sanctions a party locks them
        self.protocol.refresh_from_db(from_queryset=Protocol._base_manager.select_for_update(of=("self",)))
        list(self.protocol.versions.order_by("pk").select_for_update(of=("self",)).values_list("pk"))
        with self.transition(self.Status.IN_FORCE, by=None, now=now):
            for older in self.protocol.versions.filter(status=self.Status.IN_FORCE).exclude(pk=self.pk):
                older.supersede(self, now=now)
        if self.expires_on:
            Job.objects.plan(
                "protocols.expire",
                framework=self.framework,
                subject_id=self.pk,
                run_at=clock.start_of_day(self.expires_on + timedelta(days=1)),
                key=f"expire:{self.pk}",
            )
        turning.tell(self, now=now)

    @verb
    @transaction.atomic
    def supersede(self, successor, *, now):
        """In force → superseded, when the successor comes into force; a signature never moves to it (SIG-new)."""
        with self.transition(self.Status.SUPERSEDED, by=None, now=now, successor=successor.number):
            self.ended_at = now
        agreed = set(successor.parties.filter(status__in=Party.AGREED).values_list("organisation_id", flat=True))
        for party in self.parties.filter(status__in=Party.AGREED).exclude(organisation__in=agreed):
            party.not_re_signed(now=now)
        self.unbind_parties(now=now)

    @verb
    def unbind_parties(self, *, now):
        """Nobody is bound by a version that has ended (HAR-10), its pilot is over (DUD-11), its reviews are not owed."""
        Pilot.objects.over(self, now=now)
        review_clock.stop(self, now=now)
        for party in self.parties.filter(bound_from__isnull=False, bound_until__isnull=True):
            party.unbind(now=now)
        turning.tell(self, now=now)

    @verb
    @transaction.atomic
    def withdraw(self, *, by, now, reason, decision=None):
        """Open for signature, completed or in force → withdrawn. In force it needs a decision as well as a reason."""
        with self.transition(
            self.Status.WITHDRAWN, by=by, now=now, reason=reason, decision=getattr(decision, "reference", "")
        ):
            if not reason.strip():
                raise NotReady(_t("Say why it is withdrawn."))
            if self.status == self.Status.IN_FORCE and decision is None:
                raise NotReady(_t("A version in force is withdrawn only by a recorded decision."))
            self.ended_at = now
        self.unbind_parties(now=now)

    @verb
    @transaction.atomic
    def expire(self, *, now):
        """In force → expired, only if an expiry date is set."""
        with self.transition(self.Status.EXPIRED, by=None, now=now):
            if self.expires_on is None or now < clock.start_of_day(self.expires_on):
                raise StateError(_t("This version has no expiry date that has passed."))
            self.ended_at = now
        self.unbind_parties(now=now)
