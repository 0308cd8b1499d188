"""What surrounds signing: opening, inviting, declining, withdrawing, and who is told of it."""

from datetime import date, timedelta

import pytest

from portal.errors import NotReady, StateError
from portal.models import OutgoingEmail
from portal.permissions import Role
from protocols.models import Party
from signatories import workflow
from tests.builders import (
    NOW,
    advance,
    join,
    make_member,
    make_party,
    make_version,
    quick_frozen,
)
from tests.signatories.signing import make_signer, refused, sign

pytestmark = pytest.mark.django_db


def test_opening_invites_and_names_who_cannot_sign(framework, monkeypatch):
    """Every party is invited; people with authority are written to; parties without one are listed."""
    monkeypatch.setattr(workflow, "prepare", lambda version, now: quick_frozen(version))
    version = make_version(status="approved", framework=framework)
    first, second = version.parties.all()
    person = make_signer(first)
    join(make_member(framework, Role.VIEWER), framework, second.organisation, Role.REPRESENTATIVE)
    invited = workflow.open_for_signature(version, by=make_member(framework, Role.DRAFTER), now=NOW)
    assert (invited.people, invited.without) == ([person], [second])
    assert set(version.parties.values_list("status", flat=True)) == {"invited"}
    assert list(OutgoingEmail.objects.values_list("kind", "user")) == [("signatories.invitation", person.pk)]
    refused(StateError, workflow.open_for_signature, version, by=None, now=NOW)


def test_an_authority_recorded_later_is_followed_by_the_invitation(version):
    """Who was authorised only after the opening is written to then, once per recording."""
    party = version.parties.first()
    user = make_member(version.framework, Role.VIEWER)
    join(user, version.framework, party.organisation, Role.REPRESENTATIVE)
    facts = {"capacity": "Chief", "granted_by": "Ada Marsh", "scope": "All", "valid_from": date(2026, 1, 1)}
    workflow.record_authority(
        version.framework,
        user=user,
        organisation=party.organisation,
        by=make_member(version.framework, Role.SECRETARY),
        now=NOW,
        **facts,
    )
    assert OutgoingEmail.objects.get(kind="signatories.invitation").user == user


def test_inviting_again(version):
    """A party that declined or stays silent may be asked again; one that signed may not."""
    party = version.parties.first()
    user = make_signer(party)
    workflow.decline(party, reason="No", by=user, now=NOW)
    workflow.invite(party, by=None, now=NOW + timedelta(days=1))
    party.refresh_from_db()
    assert party.status == "invited"
    workflow.invite(party, by=None, now=NOW + timedelta(days=2))
    assert OutgoingEmail.objects.filter(kind="signatories.invitation").count() == 2
    sign(party, user, now=NOW + timedelta(days=3))
    refused(StateError, workflow.invite, party, by=None, now=NOW)


def test_nobody_is_asked_again_after_completion(framework):
    """SIG-force: who declined what the required parties have signed joins by signing, and is not invited once more."""
    version = make_version(framework=framework, status="approved")
    third = make_party(version, required=False)
    advance(version, "open-for-signature")
    third.refresh_from_db()
    workflow.decline(third, reason="No", by=make_signer(third), now=NOW)
    advance(version, "completed")
    refused(StateError, workflow.invite, third, by=None, now=NOW)


def test_only_who_is_asked_answers(version):
    """No form to decline with after the signature, nor on what was withdrawn; none of the text before it is frozen."""
    first, second = version.parties.all()
    one, two = make_signer(first), make_signer(second)
    workflow.require_answerable(second, by=two, now=NOW)
    sign(first, one)
    first.refresh_from_db()
    refused(StateError, workflow.require_answerable, first, by=one, now=NOW)
    version.withdraw(by=None, now=NOW, reason="Wrong")
    second = version.parties.get(pk=second.pk)
    refused(StateError, workflow.require_answerable, second, by=two, now=NOW)
    refused(StateError, workflow.require_frozen, make_version(framework=version.framework, status="approved"))


def test_only_a_required_party_that_has_to_sign_is_released(version):
    """SIG-force: not one that signed, nor one that need not sign."""
    first, second = version.parties.all()
    sign(first, make_signer(first))
    Party.objects.filter(pk=second.pk).update(required=False)
    facts = {"board": version.protocol.deciding_body, "decided_on": NOW.date(), "reference": "M8"}
    for party in (first, second):
        refused(StateError, workflow.release, party, by=None, now=NOW, **facts)


def test_declining_needs_authority_and_a_question(version):
    """Nobody answers for an organisation without authority, nor after it signed."""
    first, second = version.parties.all()
    stranger = make_signer(second)
    refused(StateError, workflow.decline, first, reason="No", by=stranger, now=NOW)
    user = make_signer(first)
    sign(first, user)
    refused(StateError, workflow.decline, first, reason="No", by=user, now=NOW)


@pytest.mark.parametrize(
    "status, allowed",
    [("draft", False), ("approved", False), ("open-for-signature", True), ("completed", True), ("in-force", False)],
)
def test_withdrawing(framework, status, allowed):
    """A secretary withdraws what is open or completed, with a reason; the parties are told, signatures stand."""
    version = make_version(status=status, framework=framework)
    if not allowed:
        refused(StateError, workflow.withdraw, version, reason="Why", by=None, now=NOW)
        return
    user = make_signer(version.parties.first())
    workflow.withdraw(version, reason="A clause was wrong.", by=None, now=NOW)
    assert (version.status, version.ended_at) == ("withdrawn", NOW)
    assert user in told("signatories.withdrawn")


def test_withdrawing_needs_a_reason(version):
    """Blank words are no reason."""
    refused(NotReady, workflow.withdraw, version, reason="  ", by=None, now=NOW)


def test_who_is_told(version):
    """Signer: confirmation. Drafters of the lead and secretaries: notice. At completion: every representative, once."""
    lead, other = version.parties.all()
    drafter = make_member(version.framework, Role.DRAFTER, lead.organisation)
    stranger = make_member(version.framework, Role.DRAFTER)
    secretary = make_member(version.framework, Role.SECRETARY)
    one, two = make_signer(lead, by=secretary), make_signer(other, by=secretary)
    sign(lead, one)
    assert told("signatories.signed") == {one}
    assert told("signatories.party-signed") == {drafter, secretary}
    sign(other, two)
    assert told("signatories.completed") == {one, two, drafter, secretary}
    assert stranger not in {mail.user for mail in OutgoingEmail.objects.all()}


def told(kind):
    """Who gets mails of a kind."""
    return {mail.user for mail in OutgoingEmail.objects.filter(kind=kind)}
