"""How a party comes to be bound: opening, inviting, signing, declining, releasing, withdrawing.

Every function is one transaction, needs the framework's scope, and takes `by` (User) and `now` (aware UTC).
Every act on a party locks its version's row first; the head of the ledger's chain is locked after it, so
writers of one protocol queue up in one order and those of different protocols never wait for each other.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from portal import doorbell, reminders
from portal.errors import NotReady, StateError
from portal.models import AuditEvent, Decision
from portal.pdf import RenderError
from protocols import bars, editorial
from protocols.documents import prepare
from protocols.models import Party, Version
from protocols.notices import tell_not_signed_again
from protocols.workflow import locked, refuse_bad_decision, refused_ratification
from signatories.delegation import delegate
from signatories.mails import (
    Invited,
    invite_holder,
    mail_representatives,
    queue_answer,
    tell_everybody,
    tell_if_nobody_signs,
    watchers,
)
from signatories.models import Authority, Refusal
from signatories.obstacles import SIGNABLE, UNSIGNED, authority_of, barred, may_invite
from signatories.signing import Refused, Replaced, check_text, first_result, sign, sign_locked, sign_together

__all__ = [
    "Refused",
    "Replaced",
    "check_text",
    "decline",
    "delegate",
    "end_authority",
    "first_result",
    "invite",
    "open_for_signature",
    "record_authority",
    "release",
    "sign",
    "sign_locked",
    "sign_together",
    "withdraw",
]

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
    invite_holder(authority, now=now)
    doorbell.ring()
    return authority


def require_unended(authority):
    """Raises StateError for an authority that was ended before."""
    if authority.ended_at is not None:
        raise StateError(_("This authority has ended already."))


@transaction.atomic
def end_authority(authority, *, by, now):
    """End an authority from this moment, and what was delegated under it. Signatures made under them stand."""
    authority.refresh_from_db(from_queryset=Authority._base_manager.select_for_update(of=("self",)))
    require_unended(authority)
    authority.end(by=by, now=now)
    for delegation in authority.delegations.filter(ended_at=None).select_for_update().order_by("pk"):
        delegation.end(by=by, now=now)
    tell_if_nobody_signs(authority.framework, authority.organisation_id, now=now)
    doorbell.ring()


# --- opening and inviting


def require_openable(version):
    """Only an approved version is opened, and only in a tier that is signed (DUD-8). Raises StateError."""
    if version.protocol.tier.adopted:
        raise StateError(
            _("%(version)s is adopted by one organisation, not signed.") % {"version": version},
            _("When it is approved, the secretary records the adoption."),
        )
    if version.status != Version.Status.APPROVED:
        facts = {"version": version, "state": version.get_status_display()}
        raise StateError(_("%(version)s is “%(state)s”. Only an approved version is opened for signature.") % facts)


def open_for_signature(version, *, by, now) -> Invited:
    """Approved → open for signature: freeze the text, invite every party, write to its representatives.

    An editorial version that the decision exempts from signing is completed in the same act, and nobody is invited
    (HAR-2.3): the parties stay bound by the signatures that they gave. The text copy is rendered before anything
    is locked; under the lock the text is compared again.
    """
    require_openable(version)
    if editorial.is_exempt(version):
        editorial.refuse_exemption(version)
    try:
        frozen = prepare(version, now=now)
    except RenderError as error:
        raise NotReady(_("The copy that would be signed cannot be made."), [str(error)]) from error
    with transaction.atomic():
        refuse_without_parties(version)
        version.open_for_signature(frozen, by=by, now=now)
        if editorial.is_exempt(version):
            editorial.carry_on(version, by=by, now=now)
            tell_not_signed_again(version, now=now)
            doorbell.ring()
            return Invited([], [])
        invited = mail_representatives(invite_all(version, by=by, now=now), now=now)
        reminders.plan(version.framework, now=now)
    doorbell.ring()
    return invited


def refuse_without_parties(version):
    """Raises NotReady if everybody who must sign has been excluded: nobody could complete it (HAR-6.6)."""
    parties = [party for party in version.parties.select_related("version") if party.required]
    barred = bars.barring(parties)
    if parties and all(party.pk in barred and barred[party.pk].excluded for party in parties):
        raise NotReady(_("The parties have excluded every organisation that must sign this version."))


def invite_all(version, *, by, now) -> list[Party]:
    """Invite the parties of a version that was just opened; gives those that can sign. Whoever the parties have excluded is
    not invited, nor waited for: to let it come back is a decision of its own (HAR-6.6)."""
    parties = list(version.parties.select_related("organisation", "version__framework", "version__protocol"))
    found, able = bars.barring(parties), []
    for party in parties:
        bar = found.get(party.pk)
        if bar is not None and bar.excluded:
            if party.required:
                party.release(bar, by=by, now=now)
            continue
        party.invite(by=by, now=now)
        if bar is None:
            able.append(party)
    return able


def require_invitable(party):
    """Does the party wait, or may it be asked again? Raises StateError; for one that is suspended too (HAR-6.6)."""
    bar = bars.barring([party]).get(party.pk)
    if bar is not None and not bar.excluded:
        block = barred(party, bar)
        raise StateError(block.words, block.what_to_do)
    if not may_invite(party):
        raise StateError(_("%(organisation)s cannot be invited now.") % {"organisation": party.name})


@transaction.atomic
def invite(party, *, by, now) -> Invited:
    """Invite a party again: one that declined may be asked once more, one that waits is reminded."""
    version = locked(party.version)
    party = version.parties.select_related("organisation").get(pk=party.pk)
    require_invitable(party)
    if party.status == Party.Status.INVITED:
        party.ask_again(anew=party.pk in bars.barring([party]), by=by, now=now)
    else:
        party.invite(by=by, now=now)
    invited = mail_representatives([party], now=now)
    reminders.plan(party.framework, now=now)
    doorbell.ring()
    return invited


# --- signing


@transaction.atomic
def record_view(party, *, by, now):
    """The signing page was opened: an access event, and the party's time of first view. Nothing else happens on GET."""
    if Party.objects.filter(pk=party.pk, viewed_at__isnull=True).update(viewed_at=now):
        AuditEvent.objects.record("signatories.party:viewed", party, by=by, now=now)


def require_authority(party, *, by, now):
    """No one answers for an organisation without a recorded authority (SIG-who). Raises StateError."""
    if authority_of(by, party, now) is None:
        raise StateError(
            _("No authority is recorded under which you may answer for %(organisation)s today.")
            % {"organisation": party.name}
        )


def require_answerable(party, *, by, now):
    """May this person answer for the party now? It must be asked, and the authority valid. Raises StateError."""
    require_authority(party, by=by, now=now)
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
    require_authority(party, by=by, now=now)
    party.decline(by=by, now=now, reason=reason)
    refusal = Refusal.objects.create(
        framework_id=party.framework_id, party=party, user=by, reason=reason, refused_at=now
    )
    told = [("signatories.declined", person) for person in watchers(version, besides=by)]
    queue_answer(party, told, key=refusal.pk, now=now)
    doorbell.ring()
    return refusal


# --- what the deciding body and its secretary do


@transaction.atomic
def release(party, *, by, now, **facts) -> bool:
    """Record the decision that a declining or silent party is no longer required; completion is decided in the same
    act (SIG-force). facts: of the Decision, without its outcome. Returns whether that completed the version."""
    version = locked(party.version)
    party = version.parties.get(pk=party.pk)
    party.version = version
    require_releasable(party)
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
    """Open, completed or in force. Raises StateError."""
    if version.status not in SIGNABLE:
        facts = {"version": version, "state": version.get_status_display()}
        raise StateError(_("%(version)s is “%(state)s”, so it cannot be withdrawn.") % facts)


@transaction.atomic
def withdraw(version, *, reason, by, now, **facts):
    """Withdraw a version; the parties' representatives are told. Signatures stand.

    facts: of the deciding body's Decision, without outcome and reason, for a version in force; without them such a
    version is refused, unless its urgent approval was not ratified (HAR-2.3).
    """
    require_withdrawable(locked(version))
    decision = refused_ratification(version)
    if version.status == Version.Status.IN_FORCE and (decision is None or facts):
        refuse_bad_decision(version, facts)
        facts |= {"outcome": Decision.Outcome.WITHDRAWN, "reason": reason}
        decision = Decision.objects.record(version, by=by, now=now, **facts)
    version.withdraw(by=by, now=now, reason=reason, decision=decision)
    tell_everybody("signatories.withdrawn", version, now=now)
    doorbell.ring()
