"""Delegation of authority with dates, and what ends with the role of a representative (SIG-who)."""

import json
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from portal import clock, notices, tenancy
from portal import workflow as people
from portal.errors import NotReady, StateError
from portal.models import AuditEvent, Invitation, MemberOrganisation, Membership, OutgoingEmail
from portal.permissions import Access, Role
from protocols.models import Party
from signatories import delegation, workflow
from signatories.forms_authority import DelegationForm
from signatories.models import Authority
from signatories.obstacles import authority_of
from tests.builders import NOW, join, make_member, make_organisation, make_party, make_user, make_version
from tests.signatories.signing import make_signer, proved, refused, sign, ticked

pytestmark = pytest.mark.django_db
TODAY = clock.london_date(NOW)


@pytest.fixture
def party(version):
    """The first party of an open version."""
    return version.parties.first()


@pytest.fixture
def chief(party):
    """Its representative, with an authority of their own."""
    return make_signer(party, full_name="Tamsin Reid", job_title="Director of Services")


@pytest.fixture
def deputy(party):
    """A colleague, representative too, without an authority."""
    return make_member(party.framework, Role.REPRESENTATIVE, party.organisation, full_name="Alder Finch")


def own(user) -> Authority:
    """The authority that a secretary recorded."""
    return Authority.objects.get(user=user, delegated_from=None)


def lend(chief, deputy, **facts) -> Authority:
    """Delegate for a month."""
    usual = {
        "protocol": None,
        "capacity": "Deputy Director",
        "valid_from": TODAY,
        "valid_to": TODAY + timedelta(days=30),
        "by": chief,
        "now": NOW,
    }
    return workflow.delegate(own(chief), user=deputy, **usual | facts)


def test_a_delegate_signs_and_the_evidence_copies_both_grants(party, chief, deputy):
    """SIG-who, evidence group 3: who delegated, for what, from and to; and the grant above it."""
    lend(chief, deputy)
    assert OutgoingEmail.objects.get(kind="signatories.invitation").user == deputy
    record = json.loads(sign(party, deputy).record)["authority"]
    assert (record["capacity"], record["granted_by"]) == ("Deputy Director", "Tamsin Reid, Director of Services")
    assert (record["valid_from"], record["valid_to"]) == ("2026-06-15", "2026-07-15")
    above = record["delegated_under"]
    assert (above["holder"], above["granted_by"], above["valid_from"]) == (
        "Tamsin Reid", "Ada Marsh, Chief Executive", "2026-01-01",
    )  # fmt: skip
    granted = AuditEvent.objects.filter(verb="signatories.authority:granted").order_by("pk").last()
    assert granted.payload["delegated_from"] == own(chief).pk
    assert granted.person.user_id == chief.pk


def not_yet(chief, deputy):
    lend(chief, deputy, valid_from=TODAY + timedelta(days=1))


def expired(chief, deputy):
    lend(chief, deputy, valid_from=date(2026, 2, 1))
    Authority.objects.filter(user=deputy).update(valid_to=TODAY - timedelta(days=1))


def other_protocol(chief, deputy):
    other = make_version(status="open-for-signature", framework=own(chief).framework).protocol
    lend(chief, deputy, protocol=other)


def revoked(chief, deputy):
    workflow.end_authority(lend(chief, deputy), by=chief, now=NOW)


def grant_ended(chief, deputy):
    lend(chief, deputy)
    workflow.end_authority(own(chief), by=None, now=NOW)


def grant_over(chief, deputy):
    lend(chief, deputy)
    Authority.objects.filter(user=chief).update(valid_to=TODAY - timedelta(days=1))


def grantor_left(chief, deputy):
    lend(chief, deputy)
    Membership.objects.filter(user=chief).update(ended_at=NOW)


@pytest.mark.parametrize(
    "spoilt", [not_yet, expired, other_protocol, revoked, grant_ended, grant_over, grantor_left]
)  # fmt: skip
def test_a_delegation_that_does_not_hold_signs_nothing(party, chief, deputy, spoilt):
    """SIG-who: not yet, expired, another protocol, revoked; or the authority above it, or its holder's role, has ended."""
    spoilt(chief, deputy)
    proved(deputy, party.version)
    error = refused(StateError, workflow.sign, party, ticked(Party.objects.get(pk=party.pk)), by=deputy, now=NOW)
    assert "No authority is recorded" in error.explanation


def test_one_protocol_only(party, chief, deputy):
    """A delegation for one protocol signs that one."""
    lend(chief, deputy, protocol=party.version.protocol)
    record = json.loads(sign(party, deputy).record)["authority"]
    assert record["scope"] == f"Protocol {party.version.protocol.reference} only"


def test_not_for_another_organisation(party, chief, deputy):
    """A delegation of one organisation signs nothing for another, although the person represents both."""
    lend(chief, deputy)
    other = make_party(party.version)
    other.invite(by=None, now=NOW)
    join(deputy, party.framework, other.organisation, Role.REPRESENTATIVE)
    assert authority_of(deputy, party, NOW) is not None
    assert authority_of(deputy, other, NOW) is None


@pytest.mark.parametrize(
    "facts, words",
    [
        ({"valid_from": date(2025, 12, 31)}, "begins on 1 January 2026"),
        ({"valid_to": date(2026, 9, 1)}, "ends on 31 August 2026"),
        ({"valid_from": TODAY + timedelta(days=40)}, "same as or after"),
        ({"valid_from": date(2026, 2, 1), "valid_to": date(2026, 3, 1)}, "has passed"),
    ],
)
def test_never_more_than_ones_own(chief, deputy, facts, words):
    """Dates within one's own (SIG-who)."""
    Authority.objects.filter(user=chief).update(valid_to=date(2026, 8, 31))
    error = refused(NotReady, lend, chief, deputy, **facts)
    assert any(words in line for line in error.missing)


def test_no_further_delegation(party, chief, deputy):
    """Who holds a delegation cannot delegate it (decision 16); nor does anybody delegate what is another's, or to
    themselves, to a stranger, or to somebody who only reads."""
    given = lend(chief, deputy)
    third = make_member(party.framework, Role.REPRESENTATIVE, party.organisation)
    facts = {"protocol": None, "capacity": "C", "valid_from": TODAY, "valid_to": TODAY, "now": NOW}
    further = refused(StateError, workflow.delegate, given, user=third, by=deputy, **facts)
    assert "cannot be delegated further" in further.explanation
    refused(StateError, workflow.delegate, own(chief), user=third, by=deputy, **facts)
    stranger = make_member(party.framework, Role.REPRESENTATIVE, make_organisation(framework=party.framework))
    reader = make_member(party.framework, Role.VIEWER, party.organisation)
    for user in (chief, stranger, reader, make_user()):
        refused(StateError, workflow.delegate, own(chief), user=user, by=chief, **facts)


def test_a_grant_for_one_protocol_gives_no_more(version, chief, deputy):
    """Whoever may sign one protocol delegates that one."""
    Authority.objects.filter(user=chief).update(protocol=version.protocol)
    refused(NotReady, lend, chief, deputy)
    assert lend(chief, deputy, protocol=version.protocol).protocol == version.protocol


def test_the_database_wants_an_end(chief, deputy):
    """A delegation always has a last day."""
    given = lend(chief, deputy)
    with pytest.raises(IntegrityError), transaction.atomic():
        Authority.objects.filter(pk=given.pk).update(valid_to=None)


# --- what ends with a role


def test_one_act_ends_a_representative(party, chief, deputy):
    """Role, authority and what was delegated under it end together; the secretary is told that nobody may sign."""
    given = lend(chief, deputy)
    secretary = own(chief).recorded_by
    role = Membership.objects.get(user=chief, role=Role.REPRESENTATIVE)
    (words, lost) = delegation.what_ends(role, NOW)
    assert words.startswith("2 recorded authorities")
    assert party.version.protocol.reference in lost
    people.end_membership(role, by=None, now=NOW, reason="Left")
    assert {own(chief).ended_at, Authority.objects.get(pk=given.pk).ended_at} == {NOW}
    assert Membership.objects.live().filter(user=deputy).exists()
    mail = OutgoingEmail.objects.get(kind="signatories.nobody-signs", user=secretary)
    message = notices.render(mail)
    assert party.version.protocol.reference in message.body
    assert party.version.protocol.title not in message.body
    assert OutgoingEmail.objects.filter(kind="signatories.nobody-signs", user__in=[chief, deputy]).count() == 0


def test_nobody_is_told_while_somebody_else_can_sign(party, chief):
    """A second representative with an authority of their own: nothing is lost."""
    make_signer(party)
    role = Membership.objects.get(user=chief, role=Role.REPRESENTATIVE)
    assert len(delegation.what_ends(role, NOW)) == 1
    people.end_membership(role, by=None, now=NOW)
    assert not OutgoingEmail.objects.filter(kind="signatories.nobody-signs").exists()


def test_no_invitation_outlives_its_senders_role(framework):
    """Open invitations are taken back when the role ends that let the person invite; not while another one does."""
    body = make_organisation(framework=framework)
    make_member(framework, Role.FRAMEWORK_ADMIN)
    admin = make_member(framework, Role.FRAMEWORK_ADMIN, body)
    join(admin, framework, make_organisation(framework=framework), Role.FRAMEWORK_ADMIN)
    people.invite(
        framework, email="new@example.org", full_name="New", organisation=body, role=Role.VIEWER, by=admin, now=NOW
    )
    first, second = Membership.objects.filter(user=admin, role=Role.FRAMEWORK_ADMIN)
    people.end_membership(first, by=None, now=NOW)
    assert Invitation.objects.get().revoked_at is None
    people.end_membership(second, by=None, now=NOW)
    assert Invitation.objects.get().revoked_at == NOW


# --- pages


@pytest.fixture
def visit(client, party, time_machine):
    """Opens a page as somebody, by the end of its address."""
    time_machine.move_to(NOW, tick=False)

    def go(user, path, **data):
        client.force_login(user)
        address = f"/{party.framework.slug}/representatives/{path}"
        with tenancy.nothing():
            return client.post(address, data) if data else client.get(address)

    return go


def test_delegating_and_taking_back_by_page(chief, deputy, visit):
    """The list leads there; the form names who and limits; the delegation is shown, and taken back."""
    assert "representatives/delegate/" in visit(chief, "").content.decode()
    page = visit(chief, "delegate/")
    form = page.context["form"]
    (key,) = form.pairs
    wrong = visit(chief, "delegate/", person=key, capacity="Deputy", valid_from="1 August 2026", valid_to="1 July 2026")
    assert "same as or after the first day" in wrong.content.decode()
    done = visit(chief, "delegate/", person=key, capacity="Deputy", valid_from="15 June 2026", valid_to="1 July 2026")
    assert done.status_code == 302
    given = Authority.objects.get(user=deputy)
    assert f"representatives/{given.pk}/take-back/" in visit(chief, "").content.decode()
    assert visit(deputy, f"{given.pk}/take-back/").status_code == 404
    assert visit(deputy, "delegate/").status_code == 409
    assert visit(chief, f"{given.pk}/take-back/", sure="yes").status_code == 302
    assert Authority.objects.get(pk=given.pk).ended_at == NOW


@pytest.mark.parametrize("how", ["role", "organisation", "grant"])
def test_an_authority_that_counts_for_nothing_is_not_called_valid(party, chief, deputy, visit, how):
    """SIG-who: the role has ended, the organisation is suspended, or the grant above it has run out."""
    lend(chief, deputy)
    assert visit(deputy, "").content.decode().count("Valid") == 2
    reader = make_member(party.framework, Role.VIEWER)
    if how == "role":
        Membership.objects.filter(user=chief).update(ended_at=NOW)
    elif how == "organisation":
        MemberOrganisation.objects.filter(organisation=party.organisation).update(status="suspended")
    else:
        Authority.objects.filter(user=chief).update(valid_to=date(2026, 6, 1))
    assert "Valid" not in visit(reader, "").content.decode()


def test_a_protocol_is_named_only_to_its_readers(party, chief, deputy, visit):
    """The list of authorities gives away no reference that the reader may not see."""
    lend(chief, deputy, protocol=party.version.protocol)
    outsider = make_member(party.framework, Role.VIEWER)
    assert party.version.protocol.reference in visit(chief, "").content.decode()
    page = visit(outsider, "").content.decode()
    assert party.version.protocol.reference not in page
    assert "One protocol" in page
    for user, offered in ((chief, [party.version.protocol]), (outsider, [])):
        form = DelegationForm(grants=[own(chief)], access=Access.of(user, party.framework))
        assert list(form.fields["protocol"].queryset) == offered
