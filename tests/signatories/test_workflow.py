"""Signing as a transaction: what is asked for, what comes of it, what is refused without a trace."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction

from portal import clock
from portal.errors import NotReady, StateError
from portal.models import AuditEvent, Deadline, Decision, Job, OutgoingEmail, SecondFactorProof
from portal.permissions import Role
from protocols.models import Party, Version
from signatories import workflow
from signatories.evidence import Submission
from signatories.models import Refusal, Signature, SignaturePerson
from tests.builders import (
    NOW,
    make_member,
    make_organisation,
    make_party,
    make_protocol,
    make_version,
)
from tests.signatories.signing import make_authority, make_signer, proved, refused, sign, ticked

pytestmark = pytest.mark.django_db


def test_completed_by_the_last_required_signature(version):
    """The last required party completes; in force from 00:00 of the effective date, all bound from then (SIG-force)."""
    first, second = version.parties.all()
    sign(first)
    version.refresh_from_db()
    assert version.status == "open-for-signature"
    sign(second, now=NOW + timedelta(hours=3))
    version.refresh_from_db()
    assert (version.status, version.completed_at) == ("completed", NOW + timedelta(hours=3))
    midnight = datetime(2026, 6, 30, 23, 0, tzinfo=UTC)  # 1 July 00:00 in London's summer
    assert version.in_force_from == midnight == clock.start_of_day(date(2026, 7, 1))
    assert set(version.parties.values_list("status", "bound_from")) == {("signed", midnight)}
    assert Job.objects.get(kind="protocols.bring_into_force").run_at == midnight
    assert Job.objects.filter(kind="protocols.seal", subject_id=version.pk).exists()


def test_review_counts_from_completion(version):
    """HAR-5.1: the first review is due six months after completion, not after the effective date."""
    for party in version.parties.all():
        sign(party)
    deadline = Deadline.objects.get(rule="review.first")
    assert (deadline.started_at, clock.london_date(deadline.due_at)) == (NOW, date(2026, 12, 15))


def test_completed_after_the_effective_date_is_in_force_at_completion(framework):
    """SIG-force: from the later of completion and effective date."""
    version = make_version(status="open-for-signature", framework=framework, effective_on=date(2026, 6, 1))
    for party in version.parties.all():
        sign(party)
    version.refresh_from_db()
    assert version.in_force_from == version.completed_at == NOW
    assert set(version.parties.values_list("bound_from", flat=True)) == {NOW}


def test_a_party_that_is_not_required_does_not_hold_up(version):
    """Only required parties complete a version; a later joiner in force is bound from its own signature (SIG-force)."""
    joiner = make_party(version, required=False)
    joiner.invite(by=None, now=NOW)
    for party in version.parties.filter(required=True):
        sign(party)
    version.refresh_from_db()
    completed = version.completed_at
    version.bring_into_force(now=version.in_force_from)
    later = version.in_force_from + timedelta(days=40)
    sign(joiner, now=later)
    joiner.refresh_from_db()
    version.refresh_from_db()
    assert (joiner.status, joiner.bound_from) == ("signed", later)
    assert version.completed_at == completed  # joiners never move it


def test_one_refusal_closes_nothing(version):
    """HAM-signed: one declines, the others still sign; the one that declined may sign later while it is open."""
    first, second = version.parties.all()
    user = make_signer(first)
    workflow.decline(first, reason="Our board has not met.", by=user, now=NOW)
    first.refresh_from_db()
    assert (first.status, Refusal.objects.get().reason) == ("declined", "Our board has not met.")
    sign(second)
    version.refresh_from_db()
    assert version.status == "open-for-signature"
    sign(first, user, now=NOW + timedelta(days=2))
    version.refresh_from_db()
    assert version.status == "completed"
    assert Refusal.objects.count() == 1  # what was said stays


def test_release_completes_in_the_same_act(version):
    """SIG-force: the body records that a declining or silent party is no longer required; completion follows at once."""
    first, second = version.parties.all()
    sign(first)
    secretary = make_member(version.framework, Role.SECRETARY)
    facts = {
        "board": version.protocol.tier.deciding_body,
        "decided_on": NOW.date(),
        "reference": "Minute 9",
        "reason": "Silent",
    }
    assert workflow.release(second, by=secretary, now=NOW + timedelta(days=1), **facts) is True
    version.refresh_from_db()
    second.refresh_from_db()
    assert (version.status, version.completed_at) == ("completed", NOW + timedelta(days=1))
    assert (second.required, second.status, second.bound_from) == (False, "invited", None)
    assert Decision.objects.about(second).get().outcome == "not-required"
    refused(StateError, workflow.release, first, by=secretary, now=NOW, **facts)
    version.parties.filter(pk=second.pk).update(required=True)
    late = refused(StateError, workflow.release, second, by=secretary, now=NOW, **facts)
    assert "not open for signature" in late.explanation


def test_release_of_one_of_two_missing_does_not_complete(version):
    """While another required party has not signed, the version stays open."""
    first, _second = version.parties.all()
    facts = {"board": version.protocol.tier.deciding_body, "decided_on": NOW.date(), "reference": "Minute 9"}
    assert workflow.release(first, by=None, now=NOW, **facts) is False
    version.refresh_from_db()
    assert version.status == "open-for-signature"


def test_second_submit_gives_the_first_result(version):
    """The same form again, also after completion and without a new code: the same signature, no error, no second mail."""
    first, second = version.parties.all()
    user = make_signer(first)
    signature = sign(first, user)
    sign(second)
    mails, rows = OutgoingEmail.objects.count(), AuditEvent.objects.count()
    assert workflow.sign(first, ticked(first), by=user, now=NOW + timedelta(minutes=1)) == signature
    assert (OutgoingEmail.objects.count(), AuditEvent.objects.count()) == (mails, rows)


def test_another_representative_is_told_who_signed(version):
    """A party signs once: a colleague's form is refused with the time of the signature."""
    party = version.parties.first()
    sign(party)
    colleague = make_signer(party)
    proved(colleague, version)
    party.refresh_from_db()
    error = refused(StateError, workflow.sign, party, ticked(party), by=colleague, now=NOW)
    assert "signed on 15 June 2026" in error.explanation


def test_stale_authentication_is_refused(version):
    """A second factor that was proved five minutes ago signs nothing; nor does one for another text."""
    party = version.parties.first()
    user = make_signer(party)
    proved(user, version)
    error = refused(StateError, workflow.sign, party, ticked(party), by=user, now=NOW + timedelta(minutes=5))
    assert "second factor" in error.explanation
    SecondFactorProof.objects.update(sha256="0" * 64)
    refused(StateError, workflow.sign, party, ticked(party), by=user, now=NOW)


def test_no_proof_no_signature(version):
    """Signing in never counts: without a proof for this text nothing is signed, however the person came in."""
    party = version.parties.first()
    user = make_signer(party)
    just_now = (("demo", NOW), ("password", NOW), ("mfa", NOW))
    refused(StateError, workflow.sign, party, ticked(party, sign_in=just_now), by=user, now=NOW)


def test_another_text_is_answered_as_replaced(version):
    """The hash in the form must be the stored one."""
    party = version.parties.first()
    user = make_signer(party)
    proved(user, version)
    refused(workflow.Replaced, workflow.sign, party, ticked(party, sha256="0" * 64), by=user, now=NOW)


def test_a_withdrawn_version_names_its_replacement(version):
    """Withdrawn, and a new version open: the answer leads there. Without one it is a plain refusal."""
    party = version.parties.first()
    user = make_signer(party)
    workflow.withdraw(version, reason="A clause was wrong.", by=None, now=NOW)
    assert not isinstance(refused(StateError, workflow.sign, party, ticked(party), by=user, now=NOW), workflow.Replaced)
    successor = make_version(version.protocol, status="open-for-signature", major=2)
    error = refused(workflow.Replaced, workflow.sign, party, ticked(party), by=user, now=NOW)
    assert error.version == successor


@pytest.mark.parametrize("status", ["draft", "consultation", "approval", "approved"])
def test_nothing_is_signed_before_it_is_open(framework, status):
    """Every state before "open for signature" refuses."""
    version = make_version(status=status, framework=framework)
    party = version.parties.first()
    user = make_signer(party)
    refused(StateError, workflow.sign, party, Submission("0" * 64, ()), by=user, now=NOW)


def test_every_statement_must_be_ticked(version):
    """Intent is part of the evidence: a missing statement is named."""
    party = version.parties.first()
    user = make_signer(party)
    proved(user, version)
    error = refused(NotReady, workflow.sign, party, ticked(party, ticked=("read",)), by=user, now=NOW)
    assert any("authorised" in words for words in error.missing)


def test_authority_ended_between_page_and_signature(version):
    """Authority is looked at when it is used, not when the page was opened (SIG-who)."""
    party = version.parties.first()
    user = make_signer(party)
    proved(user, version)
    workflow.end_authority(workflow.Authority.objects.get(user=user), by=None, now=NOW)
    error = refused(StateError, workflow.sign, party, ticked(party), by=user, now=NOW)
    assert "authority" in error.explanation


def test_nobody_records_their_own_authority(framework):
    """SIG-who, in the act and in the database."""
    organisation = make_organisation(framework=framework)
    secretary = make_member(framework, Role.SECRETARY, organisation)
    facts = {"capacity": "Chief", "granted_by": "Ada Marsh", "scope": "All", "valid_from": date(2026, 1, 1)}
    refused(
        StateError,
        workflow.record_authority,
        framework,
        user=secretary,
        organisation=organisation,
        by=secretary,
        now=NOW,
        **facts,
    )
    with pytest.raises(DatabaseError), transaction.atomic():
        make_authority(secretary, organisation, framework, by=secretary)


def test_broken_ledger_takes_the_signature_back(version, monkeypatch):
    """Signature, standing, mails and ledger are one act: without its ledger row nothing of it remains."""
    party = version.parties.first()
    user = make_signer(party)
    proved(user, version)
    before = OutgoingEmail.objects.count()
    whole = AuditEvent.objects.record

    def broken(verb, *arguments, **options):
        if verb == "signatories.signature:made":
            raise DatabaseError("the ledger cannot be written")
        return whole(verb, *arguments, **options)

    monkeypatch.setattr(workflow.AuditEvent.objects, "record", broken)
    with pytest.raises(DatabaseError), transaction.atomic():
        workflow.sign(party, ticked(party), by=user, now=NOW)
    monkeypatch.undo()
    party.refresh_from_db()
    assert (party.status, Signature.objects.count(), OutgoingEmail.objects.count()) == ("invited", 0, before)
    assert SecondFactorProof.objects.filter(used_at__isnull=True).exists()


@pytest.mark.parametrize("act", ["update", "delete", "truncate"])
@pytest.mark.parametrize("table", ["signatories_signature", "signatories_refusal"])
def test_evidence_is_never_changed(version, act, table):
    """UPDATE, DELETE and TRUNCATE on evidence are refused to the serving role."""
    sign(version.parties.first())
    statement = {
        "update": f"update {table} set framework_id = framework_id",
        "delete": f"delete from {table}",
        "truncate": f"truncate {table} cascade",
    }
    with pytest.raises(DatabaseError), transaction.atomic(), transaction.get_connection().cursor() as cursor:
        cursor.execute(statement[act])
    assert Signature.objects.count() == 1


def test_positions_form_a_chain(version):
    """Position and previous hash are given under the lock; a clock reading that is older moves up to the one before."""
    first, second = version.parties.all()
    one = sign(first, now=NOW + timedelta(seconds=5))
    two = sign(second, now=NOW)
    assert [(row.position, row.prev_sha256) for row in (one, two)] == [(1, ""), (2, one.record_sha256)]
    assert two.signed_at == one.signed_at == NOW + timedelta(seconds=5)


@pytest.mark.parametrize("status", [state for state in Party.Status.values if state not in {"invited", "declined"}])
def test_only_an_invited_or_declined_party_signs(version, status):
    """Refusals in a table: every other standing refuses the signature and leaves no trace."""
    party = version.parties.first()
    user = make_signer(party)
    facts = {"signature_of": party} if status == "continued" else {"signed_at": NOW}
    Party.objects.filter(pk=party.pk).update(status=status, **facts)
    proved(user, version)
    party.refresh_from_db()
    refused(StateError, workflow.sign, party, ticked(party), by=user, now=NOW)


def test_the_personal_side_stands_apart(version):
    """Address and browser are in SignaturePerson only (UK-keep); nobody may change it."""
    signature = sign(version.parties.first())
    assert SignaturePerson.objects.get().signature == signature
    with pytest.raises(DatabaseError), transaction.atomic():
        SignaturePerson.objects.update(ip="192.0.2.1")


def test_a_child_of_one_protocol_is_signed_by_those_bound(framework):
    """HAR-10: a child is signed only by an organisation that its parent binds at that moment."""
    organisation = make_organisation(framework=framework)
    parent = make_protocol(framework, lead=organisation, tier=1)
    child = make_version(make_protocol(framework, lead=organisation, parent=parent), status="open-for-signature")
    party = child.parties.get(organisation=organisation)
    user = make_signer(party)
    proved(user, child)
    assert "is not bound by" in refused(StateError, workflow.sign, party, ticked(party), by=user, now=NOW).explanation
    upper = make_version(parent, status="completed")
    refused(StateError, workflow.sign, party, ticked(party), by=user, now=NOW)  # bound only from 1 July
    assert Version.objects.get(pk=upper.pk).in_force_from > NOW
    sign(party, user, now=upper.in_force_from)
    party.refresh_from_db()
    assert party.status == "signed"
