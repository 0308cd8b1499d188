"""How a party comes to be bound: opening, inviting, signing, declining, releasing, withdrawing.

Every function is one transaction, needs the framework's scope, and takes `by` (User) and `now` (aware UTC).
Every act on a party locks its version's row first; the head of the ledger's chain is locked after it, so
writers of one protocol queue up in one order and those of different protocols never wait for each other.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from portal import doorbell
from portal.errors import NotReady, StateError
from portal.models import AuditEvent, Decision, SecondFactorProof
from portal.pdf import RenderError
from protocols.documents import prepare
from protocols.models import Party, Version
from protocols.workflow import locked
from signatories import evidence
from signatories.mails import Invited, copies_of, mail_invitation, mail_representatives, queue, tell_everybody, watchers
from signatories.models import Authority, Refusal, Signature, SignaturePerson
from signatories.obstacles import SIGNABLE, UNSIGNED, authority_of, obstacles, state_block
from signatories.statements import statements

# Read with the party under the lock, so that the act is short
READ_ALONG = ("protocol", "framework", "canonical", "text_copy")


class Replaced(StateError):
    """The text in the form is not the text that is open: an answer, which names what to read instead."""

    def __init__(self, version):
        super().__init__(_("This version was replaced."), _("Read the version that is open now and sign that one."))
        self.version = version


# --- authority


@transaction.atomic
def record_authority(framework, *, user, organisation, by, now, **facts) -> Authority:
    """Record an authority, and write to its holder about everything that waits for them. No one records their own."""
    if user == by:
        raise StateError(
            _("No one records their own authority."), _("Ask another secretary or administrator to record it.")
        )
    authority = Authority.objects.grant(
        framework=framework, user=user, organisation=organisation, by=by, now=now, **facts
    )
    if authority in Authority.objects.valid(now):
        waiting = Party.objects.filter(
            organisation=organisation, status=Party.Status.INVITED, version__status__in=SIGNABLE
        )
        for party in waiting.select_related("version__framework"):
            mail_invitation(party, [user], now=now)
    doorbell.ring()
    return authority


def require_unended(authority):
    """Raises StateError for an authority that was ended before."""
    if authority.ended_at is not None:
        raise StateError(_("This authority has ended already."))


@transaction.atomic
def end_authority(authority, *, by, now):
    """End an authority from this moment. Signatures made under it stand."""
    authority.refresh_from_db(from_queryset=Authority._base_manager.select_for_update(of=("self",)))
    require_unended(authority)
    authority.end(by=by, now=now)


# --- opening and inviting


def require_openable(version):
    """Only an approved version is opened. Raises StateError."""
    if version.status != Version.Status.APPROVED:
        facts = {"version": version, "state": version.get_status_display()}
        raise StateError(_("%(version)s is “%(state)s”. Only an approved version is opened for signature.") % facts)


def open_for_signature(version, *, by, now) -> Invited:
    """Approved → open for signature: freeze the text, invite every party, write to its representatives.

    The text copy is rendered before anything is locked; under the lock the text is compared again.
    """
    require_openable(version)
    try:
        frozen = prepare(version, now=now)
    except RenderError as error:
        raise NotReady(_("The copy that would be signed cannot be made."), [str(error)]) from error
    with transaction.atomic():
        version.open_for_signature(frozen, by=by, now=now)
        parties = list(version.parties.select_related("organisation", "version__framework"))
        for party in parties:
            party.invite(by=by, now=now)
        invited = mail_representatives(parties, now=now)
    doorbell.ring()
    return invited


def require_invitable(party):
    """Does the party wait, or may it be asked again? Raises StateError."""
    version = party.version
    if party.status == Party.Status.INVITED and version.status in SIGNABLE:
        return
    if (
        party.status not in {Party.Status.PENDING, Party.Status.DECLINED}
        or version.status != Version.Status.OPEN_FOR_SIGNATURE
    ):
        raise StateError(_("%(organisation)s cannot be invited now.") % {"organisation": party.name})


@transaction.atomic
def invite(party, *, by, now) -> Invited:
    """Invite a party again: one that declined may be asked once more, one that waits is reminded."""
    version = locked(party.version)
    party = version.parties.select_related("organisation").get(pk=party.pk)
    require_invitable(party)
    if party.status == Party.Status.INVITED:
        AuditEvent.objects.record("signatories.invitation:repeated", party, by=by, now=now)
    else:
        party.invite(by=by, now=now)
    invited = mail_representatives([party], now=now)
    doorbell.ring()
    return invited


# --- signing


@transaction.atomic
def record_view(party, *, by, now):
    """The signing page was opened: an access event, and the party's time of first view. Nothing else happens on GET."""
    if Party.objects.filter(pk=party.pk, viewed_at__isnull=True).update(viewed_at=now):
        AuditEvent.objects.record("signatories.party:viewed", party, by=by, now=now)


def first_result(party, sha256, *, by) -> Signature | None:
    """What an earlier submit of the same form by the same person made, if there was one."""
    signature = Signature.objects.filter(party=party, user=by).select_related("version__canonical").first()
    stored = signature.version.canonical if signature else None
    return signature if stored and stored.sha256 == sha256 else None


def check_text(version, sha256):
    """Is the version open, and its text the one whose hash the form carries? Raises StateError or Replaced."""
    if (block := state_block(version)) is not None:
        successor = (
            version.protocol.versions.filter(status=Version.Status.OPEN_FOR_SIGNATURE).exclude(pk=version.pk).first()
        )
        if successor is not None:
            raise Replaced(successor)
        raise StateError(block.words, block.what_to_do)
    if sha256 != version.canonical.sha256:
        raise Replaced(version)


@transaction.atomic
def sign(party, submission, *, by, now) -> Signature:
    """Sign for a party. A second submit of the same form gives the first result.

    submission: evidence.Submission. In this order, in one short transaction: lock the version row; open for
    signature; the form's hash is the stored one; authority (and what else obstacles() blocks on) now; spend the
    second-factor proof for this hash; insert the signature; the party's standing; ledger; mails; completion.
    Raises StateError for whatever is in the way, Replaced when the form shows another text.
    """
    locked(party.version)
    party = Party.objects.select_related("organisation", *(f"version__{name}" for name in READ_ALONG)).get(pk=party.pk)
    version = party.version
    if earlier := first_result(party, submission.sha256, by=by):
        return earlier
    check_text(version, submission.sha256)
    found = obstacles(party, by, now)
    if found.blocks:
        raise StateError(found.blocks[0].words, found.blocks[0].what_to_do)
    # an authority that somebody is ending at this moment: whoever locks the row first is first
    held = Authority.objects.valid(now).select_related("recorded_by").select_for_update(no_key=True, of=("self",))
    authority = held.filter(pk=getattr(found.authority, "pk", None)).first()
    if authority is None:
        raise StateError(_("Your authority was ended a moment ago."), _("Ask the board secretary."))
    if missing := [shown.text for shown in statements(party) if shown.key not in submission.ticked]:
        raise NotReady(_("A signature needs every statement."), missing)
    proof = SecondFactorProof.objects.spend(user=by, sha256=version.canonical.sha256, now=now)
    copies = copies_of(version, by)
    signature = insert(party, submission, by=by, authority=authority, proof=proof, copies=copies, now=now)
    party.sign(by=by, now=signature.signed_at)
    AuditEvent.objects.record(
        "signatories.signature:made",
        signature,
        by=by,
        now=signature.signed_at,
        chain=version.ledger_chain,
        reference=signature.reference,
        organisation=party.name,
        position=signature.position,
        record_sha256=signature.record_sha256,
        canonical_sha256=version.canonical.sha256,
        text_copy_sha256=version.text_copy.sha256,
    )
    for kind, person in copies:
        queue(kind, person, party, key=f"{kind}:{signature.pk}:{person.pk}", now=now, signature=signature.pk)
    if version.status == Version.Status.OPEN_FOR_SIGNATURE and version.complete_if_signed(now=signature.signed_at):
        tell_everybody("signatories.completed", version, now=now)
    doorbell.ring()
    return signature


def insert(party, submission, *, by, authority, proof, copies, now) -> Signature:
    """Write the evidence. Position and time follow the version's last signature: who waited for the lock with an
    older clock reading does not sign before the one who had it."""
    version = party.version
    before = Signature.objects.filter(version=version).order_by("-position").first()
    moment = max(now, before.signed_at) if before else now
    made = evidence.build(
        party, submission, by=by, authority=authority, proof=proof, before=before, copies=copies, now=moment
    )
    signature = Signature.objects.create(
        framework_id=party.framework_id,
        version=version,
        party=party,
        user=by,
        authority=authority,
        reference=made.reference,
        signed_at=moment,
        record=made.record.decode(),
        record_sha256=made.sha256,
        prev_sha256=before.record_sha256 if before else "",
        position=before.position + 1 if before else 1,
    )
    SignaturePerson.objects.create(
        framework_id=party.framework_id, signature=signature, salt=made.salt, ip=made.ip, user_agent=made.user_agent
    )
    return signature


def require_answerable(party, *, by, now):
    """May this person answer for the party now? It must be asked, and the authority valid. Raises StateError."""
    if authority_of(by, party.organisation, now) is None:
        raise StateError(
            _("No authority is recorded under which you may answer for %(organisation)s today.")
            % {"organisation": party.name}
        )
    if party.status != Party.Status.INVITED or party.version.status not in SIGNABLE:
        raise StateError(_("%(organisation)s is not waiting for an answer.") % {"organisation": party.name})


def require_frozen(version):
    """Is there a text that can be read and signed? Raises StateError."""
    if not version.frozen:
        raise StateError(_("%(version)s is not open for signature.") % {"version": version})


@transaction.atomic
def decline(party, *, reason, by, now) -> Refusal:
    """Say no, with a reason. It closes the document for nobody else, and the party may sign later while it is open."""
    version = locked(party.version)
    party = version.parties.select_related("organisation").get(pk=party.pk)
    found = obstacles(party, by, now)
    if found.authority is None:
        raise StateError(
            _("No authority is recorded under which you may answer for %(organisation)s today.")
            % {"organisation": party.name}
        )
    party.decline(by=by, now=now, reason=reason)
    refusal = Refusal.objects.create(
        framework_id=party.framework_id, party=party, user=by, reason=reason, refused_at=now
    )
    for person in watchers(version, besides=by):
        queue("signatories.declined", person, party, key=f"declined:{refusal.pk}:{person.pk}", now=now)
    doorbell.ring()
    return refusal


# --- what the deciding body and its secretary do


@transaction.atomic
def release(party, *, by, now, **facts) -> bool:
    """Record the decision that a declining or silent party is no longer required; completion is decided in the same
    act (SIG-force). facts: of the Decision, without its outcome. Returns whether that completed the version."""
    version = locked(party.version)
    party = version.parties.get(pk=party.pk)
    if version.status != Version.Status.OPEN_FOR_SIGNATURE:
        raise StateError(_("%(version)s is not open for signature.") % {"version": version})
    if not party.required or party.status not in UNSIGNED:
        raise StateError(
            _("%(organisation)s is not a required party that has still to sign.") % {"organisation": party.name}
        )
    if (body := version.protocol.deciding_body) != facts.get("board"):
        raise NotReady(_("The decision must be of %(body)s, the deciding body of this tier.") % {"body": body})
    decision = Decision.objects.record(party, by=by, now=now, outcome=Decision.Outcome.NOT_REQUIRED, **facts)
    party.release(decision, by=by, now=now)
    completed = version.complete_if_signed(now=now)
    if completed:
        tell_everybody("signatories.completed", version, now=now)
    doorbell.ring()
    return completed


def require_releasable(party):
    """Is it a required party of an open version that has not signed? Raises StateError."""
    version = party.version
    if version.status != Version.Status.OPEN_FOR_SIGNATURE:
        raise StateError(_("%(version)s is not open for signature.") % {"version": version})
    if not party.required or party.status not in UNSIGNED:
        raise StateError(
            _("%(organisation)s is not a required party that has still to sign.") % {"organisation": party.name}
        )


def require_withdrawable(version):
    """Open or completed; one in force needs a decision as well. Raises StateError."""
    if version.status not in {Version.Status.OPEN_FOR_SIGNATURE, Version.Status.COMPLETED}:
        facts = {"version": version, "state": version.get_status_display()}
        raise StateError(
            _("%(version)s is “%(state)s”. Here a version is withdrawn while it is open or before it is in force.")
            % facts
        )


@transaction.atomic
def withdraw(version, *, reason, by, now):
    """Withdraw a version that is open or completed; the parties' representatives are told. Signatures stand."""
    require_withdrawable(locked(version))
    version.withdraw(by=by, now=now, reason=reason)
    tell_everybody("signatories.withdrawn", version, now=now)
    doorbell.ring()
