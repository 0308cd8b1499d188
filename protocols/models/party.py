"""A party: an organisation on a version, with its own standing (HAM-signed).

`signatories` owns how a standing is reached and calls the verbs; register, PDF and notices read Party only.
"""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal.db.statements import prepared
from portal.errors import StateError, TransitionNotAllowed
from portal.models import Organisation
from portal.models.history import history
from portal.models.ledger import AuditEvent
from portal.models.lifecycle import Lifecycle
from portal.models.tenant import TenantManager, TenantModel, TenantQuerySet
from portal.models.verbs import verb
from protocols.models.planning import plan_next_edition

# States of a version whose signatures bind, or will
BINDING = ("open-for-signature", "completed", "in-force")


class PartyQuerySet(TenantQuerySet["Party"]):
    """Parties of one framework's versions."""

    def required(self):
        """Those without whose signature the version is not complete."""
        return self.filter(required=True)

    def bound(self, organisations):
        """Parties bound now: signed or adopted, bound since a moment, not yet released (HAR-10)."""
        return self.filter(
            organisation__in=organisations,
            status__in=[*Party.AGREED, Party.Status.ADOPTED],
            bound_from__isnull=False,
            bound_until__isnull=True,
        )

    def bind_signed(self, version, *, now):
        """The version is complete: its parties are bound, and those below that waited for it are too (HAR-10)."""
        agreed = self.filter(version=version, status__in=Party.GIVEN)
        for party in agreed.select_related("version__protocol"):
            party.bind(party.binding_moment(version.in_force_from), now=now)
        below = self.filter(version__protocol__parent=version.protocol_id, version__status__in=BINDING)
        # the versions below are locked, always in this order: one that is being completed comes before or after
        list(
            below.select_related("version")
            .select_for_update(of=("version",))
            .order_by("version__protocol_id", "version_id")
        )
        waiting = below.filter(status__in=Party.GIVEN, bound_from=None, version__in_force_from__isnull=False)
        for party in waiting.select_related("version__protocol"):
            party.bind(party.binding_moment(party.version.in_force_from), now=now)


PartyManager = TenantManager.from_queryset(PartyQuerySet)


class Party(TenantModel, Lifecycle):
    """organisation × version. Name, address and telephone are copied when the text is frozen (HAR-2.2).

    States: pending → invited → signed → suspended / excluded / withdrawn / not re-signed / succeeded; or declined,
    which closes the document for nobody else. Or adopted, in a tier that is not signed (DUD-8). "Viewed" is a time, not a state.
    On an editorial version that need not be signed again a party is "bound by an earlier signature" (HAR-2.3).
    """

    class Status(models.TextChoices):
        """The standing of the party."""

        PENDING = "pending", _("Not yet invited")
        INVITED = "invited", _("Waiting for signature")
        SIGNED = "signed", _("Signed")
        ADOPTED = "adopted", _("Adopted")
        DECLINED = "declined", _("Declined")
        SUSPENDED = "suspended", _("Suspended")
        EXCLUDED = "excluded", _("Excluded")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        NOT_RE_SIGNED = "not-re-signed", _("Not re-signed")
        SUCCEEDED = "succeeded", _("Succeeded")
        CONTINUED = "continued", _("Bound by an earlier signature")

    # Those who have agreed to the version: by signing it, or by a signature of which an editorial change asks no other
    AGREED: ClassVar[tuple[str, ...]] = (Status.SIGNED, Status.CONTINUED)
    # Those who hold to it: a suspended party stays bound, and nothing is shared with it (HAR-6.6)
    HELD: ClassVar[tuple[str, ...]] = (*AGREED, Status.SUSPENDED, Status.ADOPTED)
    LEFT: ClassVar[tuple[str, ...]] = (Status.EXCLUDED, Status.WITHDRAWN, Status.SUCCEEDED)
    # Those whose signature was given and stands; a suspension takes nothing back
    GIVEN: ClassVar[tuple[str, ...]] = (*AGREED, Status.SUSPENDED)
    # What the ledger calls the step back from a suspension: lifted, or ended in order to exclude (HAR-6.6)
    BACK: ClassVar[tuple[str, ...]] = ("reinstated", "suspension-ended")
    # Those for whose signature nobody waits: it was given, or the parties have excluded them since
    SETTLED: ClassVar[tuple[str, ...]] = (*GIVEN, Status.EXCLUDED)

    TRANSITIONS: ClassVar[dict[str, dict[str, str]]] = {
        Status.PENDING: {
            Status.INVITED: "drafter, or system at opening",
            Status.ADOPTED: "secretary, by the organisation's own decision (tiers that are adopted, not signed)",
            Status.CONTINUED: "system at opening, if the deciding body exempts an editorial change from signing",
        },
        Status.INVITED: {Status.SIGNED: "its representative", Status.DECLINED: "its representative"},
        Status.DECLINED: {
            Status.INVITED: "drafter, while open",
            Status.SIGNED: "its representative, while open",
        },
        Status.SIGNED: {
            Status.SUSPENDED: "deciding body",
            Status.EXCLUDED: "deciding body",
            Status.WITHDRAWN: "its representative",
            Status.NOT_RE_SIGNED: "system, when the successor comes into force",
            Status.SUCCEEDED: "succession record",
        },
        Status.ADOPTED: {},
        Status.CONTINUED: {
            Status.SUSPENDED: "deciding body",
            Status.EXCLUDED: "deciding body",
            Status.WITHDRAWN: "its representative",
            Status.NOT_RE_SIGNED: "system, when the successor comes into force",
            Status.SUCCEEDED: "succession record",
        },
        Status.SUSPENDED: {Status.SIGNED: "deciding body", Status.CONTINUED: "deciding body"},
        Status.EXCLUDED: {},
        Status.WITHDRAWN: {},
        Status.NOT_RE_SIGNED: {},
        Status.SUCCEEDED: {},
    }

    version = models.ForeignKey("protocols.Version", on_delete=models.PROTECT, related_name="parties")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="parties")
    order = models.PositiveSmallIntegerField(default=0)
    required = models.BooleanField(_("Must sign before the version is complete"), default=True)
    status = models.CharField(max_length=15, choices=Status.choices, default=Status.PENDING)
    name = models.CharField(_("Name of organisation"), max_length=200)
    address = models.TextField(_("Main contact address"), blank=True, max_length=500)
    telephone = models.CharField(_("Main telephone number"), blank=True, max_length=40)
    invited_at = models.DateTimeField(null=True)
    viewed_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    bound_from = models.DateTimeField(null=True)
    bound_until = models.DateTimeField(null=True)
    # the signed party of the earlier version whose signature binds it here (HAR-2.3); never another's
    signature_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True)  # since when the deciding body no longer requires it (SIG-force)

    objects = PartyManager()  # type: ignore[misc]
    history = history()

    class Meta:
        ordering = ["order", "name"]
        verbose_name_plural = "parties"
        constraints = [
            models.UniqueConstraint(fields=["version", "organisation"], name="party_once"),
            models.CheckConstraint(
                condition=models.Q(bound_until__isnull=True) | models.Q(bound_from__isnull=False),
                name="party_bound_from_first",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="signed") | models.Q(signed_at__isnull=False), name="party_signed_has_moment"
            ),
            models.CheckConstraint(
                condition=~models.Q(status="continued") | models.Q(signature_of__isnull=False, signed_at__isnull=True),
                name="party_continued_has_signature",
            ),
        ]
        indexes = [models.Index(fields=["framework", "organisation", "status"], name="party_framework_organisation")]

    def __str__(self):
        return self.name

    @property
    def ledger_chain(self) -> str:
        """The chain of its protocol."""
        return self.version.ledger_chain

    @verb
    def invite(self, *, by, now):
        """Pending or declined → invited, while it is open; one that was left out at opening (HAR-6.6) later too."""
        with self.transition(self.Status.INVITED, by=by, now=now, organisation=self.name):
            later = self.status == self.Status.PENDING and self.version.status in {"completed", "in-force"}
            if self.version.status != "open-for-signature" and not later:
                raise StateError(_t("%(version)s is not open for signature.") % {"version": self.version})
            self.invited_at = now

    @verb
    def ask_again(self, *, anew, by, now):
        """It waits, and is asked once more. anew: as if for the first time, which lets it come back after an exclusion
        (HAR-6.6)."""
        if anew:
            self.invited_at = now
            self.save(update_fields=["invited_at"])
        AuditEvent.objects.record("signatories.invitation:repeated", self, by=by, now=now)

    @verb
    def sign(self, *, by, now, held=False):
        """Invited or declined → signed. The caller holds the version's lock and writes the evidence (signatories)."""
        with self.transition(self.Status.SIGNED, by=by, now=now, held=held, organisation=self.name):
            if self.status == self.Status.SUSPENDED:  # only the deciding body ends a suspension
                raise TransitionNotAllowed(self, self.status, self.Status.SIGNED)
            if self.version.status == "in-force":
                self.bound_from = self.binding_moment(now)  # a later joiner: from its own signature (SIG-force)
            elif self.version.status not in {"open-for-signature", "completed"}:
                raise StateError(_t("%(version)s cannot be signed any more.") % {"version": self.version})
            elif self.version.status == "completed":
                self.bound_from = self.binding_moment(max(now, self.version.in_force_from))
            self.signed_at = now
        plan_next_edition(self.version, now=now)  # a later joiner; nothing while the version is open

    @verb
    def adopt(self, *, by, now):
        """Pending → adopted, by the organisation's own decision. The caller records it (protocols.adoption, DUD-8)."""
        with self.transition(self.Status.ADOPTED, by=by, now=now, organisation=self.name):
            if self.version.status != "approved" or not self.version.protocol.tier.adopted:
                raise StateError(_t("%(version)s cannot be adopted.") % {"version": self.version})

    @verb
    def carry_on(self, earlier, *, reference, suspended_by="", by, now):
        """Pending → bound by the earlier signature of the same organisation, by a decision (HAR-2.3). No signature moves."""
        signed = earlier.signature_of or earlier
        details = {"organisation": self.name, "version": signed.version.number, "reference": reference}
        with self.transition(self.Status.CONTINUED, by=by, now=now, **details):
            if earlier.organisation_id != self.organisation_id or earlier.status not in self.GIVEN:
                raise StateError(_t("%(organisation)s has no signature to rely on.") % {"organisation": self.name})
            self.signature_of = signed
        if earlier.status == self.Status.SUSPENDED:
            self.suspend(by=by, now=now, reference=suspended_by)

    @verb
    def decline(self, *, by, now, reason):
        """Invited → declined. One refusal never closes the document for the others (HAM-signed)."""
        with self.transition(self.Status.DECLINED, by=by, now=now, reason=reason, organisation=self.name):
            if self.version.status not in {"open-for-signature", "completed", "in-force"}:
                raise StateError(_t("%(version)s cannot be declined any more.") % {"version": self.version})

    def binding_moment(self, moment):
        """`moment`, or later if the organisation is bound by the parent only then; None while the parent that it has
        signed binds nobody yet (HAR-10)."""
        if self.version.protocol.parent_id is None:
            return moment
        upper = Party.objects.filter(
            version__protocol=self.version.protocol.parent_id,
            version__status__in=BINDING,
            organisation=self.organisation_id,
            status__in=self.GIVEN,
        )
        found = upper.order_by(models.F("bound_from").asc(nulls_last=True)).first()
        if found is None:
            return moment
        return max(moment, found.bound_from) if found.bound_from else None

    @verb
    def bind(self, moment, *, now):
        """Bound from this moment: the later of completion and effective date (SIG-force), and of the parent (HAR-10).
        None: not yet."""
        if moment is None:
            return
        self.bound_from = moment
        self.save(update_fields=["bound_from"])
        AuditEvent.objects.record("protocols.party:bound", self, by=None, now=now, bound_from=moment.isoformat())

    @verb
    def unbind(self, *, now):
        """Bound no longer: the version was withdrawn, superseded or has expired. The standing stays what it was."""
        self.bound_until = now
        self.save(update_fields=["bound_until"])
        AuditEvent.objects.record("protocols.party:unbound", self, by=None, now=now)

    @verb
    def release(self, decision, *, by, now):
        """The deciding body has decided that this party is no longer required (SIG-force), or excluded it (HAR-6.6)."""
        self.required, self.released_at = False, now
        self.save(update_fields=["required", "released_at"])
        AuditEvent.objects.record("protocols.party:released", self, by=by, now=now, reference=decision.reference)

    @verb
    def not_re_signed(self, *, now):
        """Signed → not re-signed: the successor came into force without this party's signature (SIG-new)."""
        with self.transition(self.Status.NOT_RE_SIGNED, by=None, now=now, organisation=self.name):
            self.bound_until = self.bound_until or (now if self.bound_from else None)

    @verb
    def suspend(self, *, by, now, reference):
        """Signed → suspended, by the decision with this reference (HAR-6.6). It stays bound; nothing is shared with it."""
        with self.transition(self.Status.SUSPENDED, by=by, now=now, organisation=self.name, reference=reference):
            pass
        plan_next_edition(self.version, now=now)

    @verb
    def reinstate(self, *, by, now, reference, excluding=False):
        """Suspended → what it was, by the decision with this reference (HAR-6.6). Nothing is signed. Where a successor is
        in force that it has not agreed to, it has then not re-signed (SIG-new). excluding: only to be excluded now."""
        before = self.Status.CONTINUED if self.signature_of_id else self.Status.SIGNED
        facts = {"organisation": self.name, "reference": reference}
        called = self.BACK[1] if excluding else self.BACK[0]
        with self.transition(before, by=by, now=now, called=called, **facts):
            if self.status != self.Status.SUSPENDED:
                raise StateError(_t("%(organisation)s is not suspended.") % {"organisation": self.name})
        if excluding:
            return
        if self.version.status == "superseded":
            given = Party.objects.filter(organisation=self.organisation_id, status__in=self.GIVEN)
            later = given.filter(version__protocol=self.version.protocol_id)
            if not later.filter(version__in_force_from__gt=self.version.in_force_from).exists():
                self.not_re_signed(now=now)
        elif self.bound_from is None and self.version.status in {"completed", "in-force"}:
            self.bind(self.binding_moment(max(now, self.version.in_force_from)), now=now)
        plan_next_edition(self.version, now=now)

    @verb
    def exclude(self, *, by, now, reference):
        """Signed → excluded, by the decision with this reference (HAR-6.6)."""
        with self.transition(self.Status.EXCLUDED, by=by, now=now, organisation=self.name, reference=reference):
            self.bound_until = self.bound_until or (now if self.bound_from else None)
        plan_next_edition(self.version, now=now)

    @verb
    def withdraw(self, *, by, now, reason):
        """Signed → withdrawn."""
        with self.transition(self.Status.WITHDRAWN, by=by, now=now, reason=reason, organisation=self.name):
            self.bound_until = now if self.bound_from else None
        plan_next_edition(self.version, now=now)


@prepared
def required_standings(version):
    """Of the parties of the version with this id that must sign."""
    return Party.objects.filter(version=version, required=True).order_by().values_list("status", flat=True)
