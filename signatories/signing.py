"""Signing: one document, or several in one act, each with its own evidence (SIG-new); parent before child (HAR-10).

The order of locks is always the same: the version rows from the upper tier down, the person's authorities, then each
signature's own rows, and the head of the ledger's chain last. So those who sign several never wait for each other in
a circle. All or nothing (decision 14): a refusal of one takes none, and says which and why.
"""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from portal import clock, doorbell
from portal.db.statements import prepared
from portal.errors import NotReady, StateError
from portal.models import AuditEvent, SecondFactorProof
from protocols.models import Party, Version
from signatories import evidence
from signatories.mails import copies_of, queue_answer, tell_everybody
from signatories.models import Authority, Signature, SignaturePerson
from signatories.obstacles import UNSIGNED, found_obstacles, state_block
from signatories.statements import statements

# Read with the party under the lock, so that the act is short
READ_ALONG = ("protocol__parent__tier", "framework", "canonical", "text_copy")


class Replaced(StateError):
    """The text in the form is not the text that is open: an answer, which names what to read instead."""

    def __init__(self, version):
        super().__init__(_("This version was replaced."), _("Read the version that is open now and sign that one."))
        self.version = version


class Refused(StateError):
    """One of several documents could not be signed, so none was. `party`: whose; `why`: what was in the way."""

    def __init__(self, party, why: StateError):
        super().__init__(why.explanation, why.what_to_do)
        self.party, self.why = party, why


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


@transaction.atomic(savepoint=False)  # a refusal ends the caller's transaction too: two statements less
def sign(party, submission, *, by, now) -> Signature:
    """Sign for a party. A second submit of the same form gives the first result.

    submission: evidence.Submission. In this order, in one short transaction: lock the version row; open for
    signature; the form's hash is the stored one; authority (and what else obstacles() blocks on) now; spend the
    second-factor proof for this hash; insert the signature; the party's standing; ledger; mails; completion.
    Raises StateError for whatever is in the way, Replaced when the form shows another text.
    """
    version_held(party.version_id)
    return sign_locked(party, submission, by=by, now=now)


@transaction.atomic
def sign_together(chosen: Iterable[tuple[Party, evidence.Submission]], *, by, now) -> list[Signature]:
    """Sign several documents in one act, in order of their tiers: all of them, or none (HAR-10, SIG-new).

    Each has its own proof of the second factor, spent for its own hash. A child counts its parent, signed just before
    it for the same organisation, as binding. Raises Refused, which names the document that was in the way.
    """
    ordered = in_order(chosen)
    for party, _submission in ordered:
        version_held(party.version_id)
    mine = Authority.objects.valid(now).filter(user=by).order_by("pk")
    list(mine.select_for_update(no_key=True, of=("self",)))
    made: list[Signature] = []
    signed: set[tuple[int, int]] = set()  # (organisation, protocol)
    for party, submission in ordered:
        along = {protocol for organisation, protocol in signed if organisation == party.organisation_id}
        try:
            made.append(sign_locked(party, submission, by=by, now=now, along=along))
        except StateError as error:
            raise Refused(party, error) from error
        signed.add((party.organisation_id, party.version.protocol_id))
    return made


def in_order(chosen):
    """Parents before children, and always in the same order, which is also the order of the locks."""

    def place(pair):
        version = pair[0].version
        return version.protocol.tier.order, version.protocol_id, version.pk, pair[0].pk

    return sorted(chosen, key=place)


def sign_locked(party, submission, *, by, now, along=frozenset()) -> Signature:
    """One signature, while the version row is locked by this transaction. Every look-up here is counted by a test."""
    (party,) = parties_held(party.pk)
    version = party.version
    if party.status not in UNSIGNED and (earlier := first_result(party, submission.sha256, by=by)):
        return earlier
    check_text(version, submission.sha256)
    authority = authority_for_good(party, by, now)
    found = found_obstacles(party, authority, now, along=along)
    if found.blocks:
        raise StateError(found.blocks[0].words, found.blocks[0].what_to_do)
    if missing := [shown.text for shown in statements(party) if shown.key not in submission.ticked]:
        raise NotReady(_("A signature needs every statement."), missing)
    proof = SecondFactorProof.objects.spend(user=by, sha256=version.canonical.sha256, now=now)
    copies = copies_of(version, by)
    signature = insert(party, submission, by=by, authority=authority, proof=proof, copies=copies, now=now)
    party.sign(by=by, now=signature.signed_at, held=True)
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
    queue_answer(party, copies, key=signature.pk, now=now, signature=signature.pk)
    if version.status == Version.Status.OPEN_FOR_SIGNATURE and version.complete_if_signed(now=signature.signed_at):
        tell_everybody("signatories.completed", version, now=now)
    doorbell.ring()
    return signature


@prepared
def version_held(pk):
    """The version's id, under the row's lock: who signs reads the version itself afterwards, with the party."""
    return Version.objects.select_for_update(of=("self",)).filter(pk=pk).values_list("pk", flat=True)


@prepared
def parties_held(pk):
    """The party, under its lock, with what is read along."""
    held = Party.objects.select_related("organisation", *(f"version__{name}" for name in READ_ALONG))
    return held.select_for_update(of=("self",)).filter(pk=pk)


def authority_for_good(party, by, now) -> Authority | None:
    """The authority, locked, and the one it was delegated from as well: somebody who is ending one at this moment comes
    before the signature or after it."""
    held = authorities_held(by, party.organisation_id, clock.london_date(now), party.version.protocol_id)
    authority = next(iter(held), None)
    if authority is None or authority.delegated_from_id is None:
        return authority
    above = Authority.objects.valid(now).select_related("user", "recorded_by")
    grant = above.select_for_update(no_key=True, of=("self",)).filter(pk=authority.delegated_from_id).first()
    authority.delegated_from = grant
    return authority if grant else None


@prepared
def authorities_held(by, organisation, today, protocol):
    """The authority that counts, under its lock."""
    held = Authority.objects.select_for_update(no_key=True, of=("self",))
    return held.of_person(by, organisation, today, protocol)[:1]


@prepared
def newest_signature(version):
    """The last signature on the version with this id."""
    return Signature.objects.filter(version=version).order_by("-position")[:1]


def insert(party, submission, *, by, authority, proof, copies, now) -> Signature:
    """Write the evidence. Position and time follow the version's last signature: who waited for the lock with an
    older clock reading does not sign before the one who had it."""
    version = party.version
    before = next(iter(newest_signature(version.pk)), None)
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
