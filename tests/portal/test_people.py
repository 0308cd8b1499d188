"""Accounts by invitation, roles that end, and who may see or change what (decisions.md, "Signing in and signing")."""

import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse

from portal import clock, invitations, tenancy, workflow
from portal.errors import StateError
from portal.models import AuditEvent, Invitation, MemberOrganisation, Membership, OutgoingEmail, User
from portal.models.people import sync_permissions
from portal.permissions import ROLE_PERMISSIONS, Access, Role
from tests.builders import PASSWORD, join, make_framework, make_member, make_organisation, make_user
from tests.portal.place import ADDRESS, NEW_PASSWORD, Place, accept
from tests.totp import next_code

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(client):
    return Place(client)


@pytest.fixture
def stranger(client):
    """Another browser, not signed in."""
    return type(client)()


def test_inviting_queues_one_mail_without_a_token(place):
    """The row holds ids; the link is signed when the mail is sent (decisions.md, "Outbox")."""
    invitation = place.invite()
    mail = place.only(OutgoingEmail)
    assert (mail.kind, mail.address, mail.ids) == ("people.invitation", ADDRESS, {"invitation": invitation.pk})
    assert invitation.expires_at - invitation.invited_at == timedelta(days=14)
    assert place.verbs() == ["portal.invitation:sent"]


def test_opening_the_link_changes_nothing(place, stranger):
    """A mail scanner that opens every link, often, does no harm."""
    path = invitations.path_of(place.invite())
    before = place.verbs()
    for method in (stranger.get, stranger.head, stranger.get):
        assert method(path).status_code == 200
    assert stranger.put(path).status_code == 405
    assert not User.objects.filter(email=ADDRESS).exists()
    assert place.verbs() == before
    assert place.only(Invitation).accepted_at is None


def test_link_works_once(place, stranger, client):
    """After it was taken up it says so (410), and makes nothing more."""
    path = invitations.path_of(place.invite())
    accept(stranger, path)
    for browser in (stranger, type(client)()):
        answer = browser.get(path)
        assert answer.status_code == 410
        assert "accepted already" in answer.content.decode()
        assert accept(browser, path).status_code == 410
    assert place.count(Membership, user__email=ADDRESS) == 1


def test_old_link(place, stranger, time_machine):
    """After 14 days it says that it is too old."""
    path = invitations.path_of(place.invite())
    time_machine.move_to(clock.now() + timedelta(days=14, seconds=1))
    answer = accept(stranger, path)
    assert answer.status_code == 410
    assert "14 days" in answer.content.decode()
    assert not User.objects.filter(email=ADDRESS).exists()


def test_link_that_was_taken_back(place, stranger):
    """The administrator takes an invitation back; its link stops working and its mail is not sent."""
    invitation = place.invite()
    assert place.client.post(place.url("invitation-revoke", invitation.pk)).status_code == 302
    answer = stranger.get(invitations.path_of(invitation))
    assert answer.status_code == 410
    assert "taken back" in answer.content.decode()
    before = f"http://testserver{place.url('people')}"
    again = place.client.post(place.url("invitation-revoke", invitation.pk), headers={"referer": before})
    assert (again.status_code, again.context["back_url"]) == (409, before)
    elsewhere = {"referer": "https://elsewhere.example/"}
    again = place.client.post(place.url("invitation-revoke", invitation.pk), headers=elsewhere)
    assert (again.status_code, again.context["back_url"]) == (409, "")


def test_a_second_invitation_replaces_the_first(place, stranger):
    """Two links for one offer would be one too many."""
    first = place.invite()
    second = place.invite()
    assert stranger.get(invitations.path_of(first)).status_code == 410
    assert stranger.get(invitations.path_of(second)).status_code == 200


@pytest.mark.parametrize(
    "spoil", [lambda t: t[:-2], lambda t: "x" + t, lambda t: "e30:1:1", lambda t: "%00", lambda t: "a" * 3000]
)
def test_broken_links(place, stranger, spoil):
    """A link that is not whole: 404 in words, whatever is sent."""
    path = invitations.path_of(place.invite())
    token = path.split("/")[2]
    broken = path.replace(token, spoil(token))
    for answer in (stranger.get(broken), accept(stranger, broken)):
        assert answer.status_code == 404
    assert not User.objects.filter(email=ADDRESS).exists()


def test_link_of_another_framework(place, stranger):
    """The token names its framework; the same number elsewhere is not found."""
    invitation, other = place.invite(), make_framework()
    invitation.framework_id = other.pk
    assert stranger.get(invitations.path_of(invitation)).status_code == 404


def test_person_with_an_account_signs_in_first(place, stranger):
    """The link alone gives no role to an account: it takes signing in as that address, with the code."""
    user = make_user(email=ADDRESS)
    path = invitations.path_of(place.invite())
    page = stranger.get(path).content.decode()
    assert f"{reverse('account_login')}?next={path}" in page
    assert "password1" not in page
    assert accept(stranger, path).status_code == 200
    assert place.count(Membership, user=user) == 0
    stranger.post(reverse("account_login"), {"login": ADDRESS, "password": PASSWORD, "next": path})
    assert stranger.post(reverse("mfa_authenticate"), {"code": next_code(user)})["Location"] == path
    assert place.count(Membership, user=user) == 0
    assert stranger.post(path)["Location"] == place.url("framework")
    assert place.grants(user) == set(ROLE_PERMISSIONS[Role.DRAFTER])
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_somebody_else_cannot_take_it(place, stranger):
    """Signed in with another address: told so, and nothing happens, with or without an account at the invited one."""
    path = invitations.path_of(place.invite())
    other = make_member(place.framework)
    stranger.force_login(other)
    assert "another address" in stranger.get(path).content.decode()
    for body in ({}, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}):
        stranger.post(path, body)
    assert not User.objects.filter(email=ADDRESS).exists()
    assert place.count(Membership, user=other) == 1


def test_a_grant_does_not_outlive_its_role(place):
    """Who administers for one organisation and reads for another, and loses the first to a suspension, only reads."""
    body = make_organisation(framework=place.framework)
    user = make_member(place.framework, Role.FRAMEWORK_ADMIN, body)
    join(user, place.framework, place.body, Role.VIEWER)
    with tenancy.scope(place.framework.pk), transaction.atomic():
        MemberOrganisation.objects.filter(organisation=body).update(status="suspended")
        assert Access.of(user, place.framework).perms == ROLE_PERMISSIONS[Role.VIEWER]


def test_organisation_suspended_in_the_meantime(place, stranger):
    """An offer for an organisation that is not active any more cannot be taken up (409), and leaves no account."""
    other = make_organisation(framework=place.framework)
    path = invitations.path_of(place.invite(organisation=other.pk))
    with place.in_scope():
        MemberOrganisation.objects.filter(organisation=other).update(status="suspended")
    assert accept(stranger, path).status_code == 409
    assert not User.objects.filter(email=ADDRESS).exists()


@pytest.mark.parametrize(
    "first, second, words",
    [
        ("", "", "Enter a password"),
        (NEW_PASSWORD, "another one entirely", "not the same"),
        ("short", "short", "too short"),
        ("qwertyqwerty", "qwertyqwerty", "too common"),
        ("nova person new", "nova person new", "too similar"),
        ("concordat concordat", "concordat concordat", "name of this service"),
        ("\x00" * 20, "\x00" * 20, ""),
        ("a" * 1_000_000, "a" * 1_000_000, ""),
    ],
)
def test_poor_first_passwords(place, stranger, first, second, words):
    """Each is refused in words on the same page; no account is made."""
    path = invitations.path_of(place.invite())
    answer = stranger.post(path, {"password1": first, "password2": second})
    assert answer.status_code == 200
    assert "govuk-error-summary" in answer.content.decode()
    assert words in answer.content.decode()
    assert not User.objects.filter(email=ADDRESS).exists()


def test_account_and_role_appear_together_or_not_at_all(place, stranger, monkeypatch):
    """If a grant cannot be written there is no account either."""
    path = invitations.path_of(place.invite())

    def broken(framework, user):
        raise StateError("broken by the test")

    monkeypatch.setattr(workflow, "sync_permissions", broken)
    assert accept(stranger, path).status_code == 409
    assert not User.objects.filter(email=ADDRESS).exists()
    assert place.only(Invitation).accepted_at is None


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"email": ""}, "Enter the email address"),
        ({"email": "no address"}, "in the correct format"),
        ({"email": "a@example.org\r\nBcc: b@example.org"}, "in the correct format"),
        ({"full_name": ""}, "Enter their full name"),
        ({"full_name": "Nova\x00Person"}, "invisible characters"),
        ({"full_name": "Nova\u202ePerson"}, "invisible characters"),
        ({"full_name": "N" * 1_000_000}, "150 characters or fewer"),
        ({"full_name": "Nova 漢"}, "Full name has characters that cannot be printed: 漢 (U+6F22"),
        ({"job_title": "Director ☃"}, "☃ (U+2603 SNOWMAN)"),
        ({"role": "owner"}, "Select role"),
        ({"role": ""}, "Select their role"),
        ({"organisation": "999999"}, "Select the organisation"),
        ({"organisation": "1; drop table"}, "Select the organisation"),
    ],
)
def test_bad_invitations(place, changes, words):
    """Every fault is said on the page; nothing is queued."""
    answer = place.client.post(place.url("people-invite"), place.offer(**changes))
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert place.count(Invitation) == 0
    assert place.count(OutgoingEmail) == 0


def test_organisation_of_another_framework_cannot_be_invited_for(place):
    """An id from the body is looked up among this framework's own active organisations."""
    foreign = make_organisation(framework=make_framework())
    answer = place.client.post(place.url("people-invite"), place.offer(organisation=foreign.pk))
    assert "Select the organisation" in answer.content.decode()
    assert foreign.name not in answer.content.decode()


def test_inviting_for_a_role_that_is_held(place):
    """Told that the person has it already (409)."""
    user = make_user(email=ADDRESS)
    join(user, place.framework, place.body, Role.DRAFTER)
    assert place.client.post(place.url("people-invite"), place.offer()).status_code == 409


@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.FRAMEWORK_ADMIN])
def test_only_administrators_manage_people(place, role):
    """Every other role sees the list without addresses, and may neither invite, end nor take back (403)."""
    invitation = place.invite()
    place.client = type(place.client)()
    place.client.force_login(make_member(place.framework, role, place.body))
    page = place.client.get(place.url("people"))
    assert page.status_code == 200
    assert place.admin.email not in page.content.decode()
    assert ADDRESS not in page.content.decode()
    membership = place.only(Membership, user=place.admin)
    for address in (place.url("people-invite"), place.url("person-end", membership.pk)):
        assert place.client.get(address).status_code == 403
        assert place.client.post(address, place.offer()).status_code == 403
    assert place.client.post(place.url("invitation-revoke", invitation.pk)).status_code == 403
    assert place.only(Membership, user=place.admin).ended_at is None


def test_strangers_find_nothing(place, stranger):
    """Not signed in: to the sign-in page; a member of another framework: 404, as if it did not exist."""
    membership = place.only(Membership)
    pages = [
        place.url("people"),
        place.url("people-invite"),
        place.url("person-end", membership.pk),
        place.url("ledger"),
    ]
    for address in pages:
        assert stranger.get(address)["Location"].startswith(reverse("account_login"))
    stranger.force_login(make_member(make_framework(), Role.FRAMEWORK_ADMIN))
    for address in pages:
        assert stranger.get(address).status_code == 404
        assert stranger.post(address).status_code in {404, 405}


def test_rows_of_another_framework_cannot_be_named(place):
    """The administrator's own framework, with somebody else's row number: 404, and the row stays."""
    foreign = Place(type(place.client)())
    membership, invitation = foreign.only(Membership), foreign.invite()
    assert place.client.post(place.url("person-end", membership.pk)).status_code == 404
    assert place.client.post(place.url("invitation-revoke", invitation.pk)).status_code == 404
    assert foreign.only(Membership).ended_at is None


def test_ending_a_role_takes_access_at_once(place, stranger):
    """guardian's rows go with the role, and the open session finds nothing with its next request."""
    user = make_member(place.framework, Role.DRAFTER, place.body)
    stranger.force_login(user)
    assert stranger.get(place.url("people")).status_code == 200
    membership = place.only(Membership, user=user)
    assert place.client.get(place.url("person-end", membership.pk)).status_code == 200
    assert stranger.get(place.url("people")).status_code == 200
    assert place.client.post(place.url("person-end", membership.pk), {"reason": "Left the council"}).status_code == 302
    assert place.grants(user) == set()
    assert stranger.get(place.url("people")).status_code == 404
    assert place.verbs()[-1] == "portal.membership:ended"
    assert place.last_event().payload["reason"] == "Left the council"
    assert place.client.post(place.url("person-end", membership.pk)).status_code == 404


def test_a_second_role_stays(place):
    """Ending one of two roles leaves exactly the other's grants; syncing again changes nothing."""
    user = make_member(place.framework, Role.DRAFTER, place.body)
    join(user, place.framework, place.body, Role.AUDITOR)
    membership = place.only(Membership, user=user, role=Role.DRAFTER)
    place.client.post(place.url("person-end", membership.pk))
    assert place.grants(user) == set(ROLE_PERMISSIONS[Role.AUDITOR])
    with place.in_scope():
        assert sync_permissions(place.framework, user) == 0


def test_last_administrator_stays(place):
    """A framework is never left without one: 409 that says what to do; with a second one it works."""
    membership = place.only(Membership, user=place.admin)
    answer = place.client.post(place.url("person-end", membership.pk))
    assert answer.status_code == 409
    assert "last administrator" in answer.content.decode()
    assert "Invite another administrator first" in answer.content.decode()
    make_member(place.framework, Role.FRAMEWORK_ADMIN, place.body)
    assert place.client.post(place.url("person-end", membership.pk)).status_code == 302
    assert place.client.get(place.url("people")).status_code == 404


def test_person_of_two_frameworks(place, stranger):
    """Both on /me/, one on each framework's pages."""
    other = make_framework("Other Area Board")
    user = make_member(place.framework, Role.DRAFTER, place.body)
    join(user, other, make_organisation("Other Body", framework=other), Role.VIEWER)
    stranger.force_login(user)
    page = stranger.get(reverse("me")).content.decode()
    assert place.framework.name in page
    assert "Other Area Board" in page
    assert "Other Body" in page
    assert "Other Body" not in stranger.get(place.url("people")).content.decode()
    assert "Anytown Council" not in stranger.get(reverse("people", args=[other.slug])).content.decode()


def test_chained_rows_name_nobody(place, stranger):
    """Names and addresses stay out of the hash chain, which is kept for good; only the erasable side has them (UK-keep)."""
    accept(stranger, invitations.path_of(place.invite()))
    membership = place.only(Membership, user__email=ADDRESS)
    place.client.post(place.url("person-end", membership.pk))
    with place.in_scope(), transaction.atomic():
        rows = AuditEvent.objects.filter(framework_id=place.framework.pk)
        chained = "".join(f"{row.subject_label}{row.payload}" for row in rows)
        names = {row.person.name for row in rows.select_related("person")}
    assert names == {place.admin.full_name, "Nova Person"}
    for word in ("Nova", ADDRESS, place.admin.full_name, place.admin.email):
        assert word not in chained


def test_every_role_word_is_escaped(place):
    """A name is text, never markup."""
    make_member(place.framework, Role.VIEWER, place.body, full_name="<script>alert(1)</script>")
    page = place.client.get(place.url("people")).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert not re.search(r"<script>alert", page)


def test_invitation_dies_with_its_senders_role(place, stranger):
    """Whoever may no longer invite people leaves no open offers behind: taken back at once, and recorded."""
    second = make_member(place.framework, Role.FRAMEWORK_ADMIN, place.body)
    offer = place.invite()
    with place.in_scope(), transaction.atomic():
        own = place.framework.memberships.get(user=place.admin)
        workflow.end_membership(own, by=second, now=clock.now())
    assert place.only(Invitation).revoked_at
    assert place.verbs()[-2:] == ["portal.invitation:revoked", "portal.membership:ended"]
    assert stranger.get(invitations.path_of(offer)).status_code == 410
    answer = accept(stranger, invitations.path_of(offer))
    assert answer.status_code == 410
    assert not User.objects.filter(email=ADDRESS).exists()


def test_invitation_of_a_suspended_senders_organisation_waits(place, stranger):
    """While its sender may not invite, the link says so and the list does not show it; nothing is accepted."""
    home = make_organisation(framework=place.framework)
    sender = make_member(place.framework, Role.FRAMEWORK_ADMIN, home)
    with place.in_scope(), transaction.atomic():
        offer = workflow.invite(
            place.framework, email=ADDRESS, full_name="Nova Person", organisation=place.body, role=Role.DRAFTER,
            by=sender, now=clock.now(),
        )  # fmt: skip
        row = MemberOrganisation.objects.filter(organisation=home)
        row.update(status="suspended")
    page = stranger.get(invitations.path_of(offer))
    assert (page.status_code, page.context["why"]) == (410, "sender")
    assert accept(stranger, invitations.path_of(offer)).status_code == 410
    assert ADDRESS not in place.client.get(place.url("people")).content.decode()
    with place.in_scope(), transaction.atomic():
        row.update(status="active")
    assert stranger.get(invitations.path_of(offer)).status_code == 200
