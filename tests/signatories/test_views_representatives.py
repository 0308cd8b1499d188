"""Who may sign for whom: recorded by secretaries and administrators, seen by every member (SIG-who)."""

import pytest
from django.db import transaction
from django.urls import reverse

from portal import tenancy
from portal.models import AuditEvent
from portal.permissions import Role
from signatories.models import Authority
from tests.builders import NOW, make_framework, make_member, make_organisation
from tests.signatories.signing import make_authority

pytestmark = pytest.mark.django_db
FACTS = {
    "capacity": "Director of Children’s Services, for and on behalf of Anyshire County Council",
    "granted_by": "Ada Marsh, Chief Executive",
    "scope": "All protocols",
    "valid_from": "1 June 2026",
    "valid_to": "",
}


class Pages:
    """A framework with an organisation, its representative, and a secretary who is signed in."""

    def __init__(self, client):
        self.client, self.framework = client, make_framework()
        self.council = make_organisation("Anyshire County Council", self.framework)
        self.person = make_member(self.framework, Role.REPRESENTATIVE, self.council, full_name="Tamsin Reid")
        self.secretary = make_member(self.framework, Role.SECRETARY)
        client.force_login(self.secretary)

    def url(self, name, *more):
        """Address in the framework."""
        return reverse(name, args=[self.framework.slug, *more])

    def membership(self, user):
        """Id of a person's membership, as the form has it."""
        with tenancy.scope(self.framework.pk), transaction.atomic():
            return str(self.framework.memberships.get(user=user).pk)

    def post(self, **changes):
        """Record an authority for the representative."""
        return self.client.post(
            self.url("representative-new"), {"person": self.membership(self.person)} | FACTS | changes
        )

    def authorities(self):
        """All there are."""
        with tenancy.scope(self.framework.pk), transaction.atomic():
            return list(Authority.objects.select_related("organisation", "user", "recorded_by"))


@pytest.fixture
def pages(client, time_machine):
    """As above, at NOW."""
    time_machine.move_to(NOW, tick=False)
    return Pages(client)


def test_recorded_and_seen(pages):
    """Person, capacity, who granted it, scope, from and to; in the ledger; every member reads it."""
    assert pages.post(valid_to="31 December 2026").url == pages.url("representatives")
    authority = pages.authorities()[0]
    assert (authority.user, authority.organisation, authority.recorded_by) == (
        pages.person,
        pages.council,
        pages.secretary,
    )
    assert (str(authority.valid_from), str(authority.valid_to)) == ("2026-06-01", "2026-12-31")
    with tenancy.scope(pages.framework.pk), transaction.atomic():
        # the chain keeps ids, never names: those must stay erasable
        event = AuditEvent.objects.get(verb="signatories.authority:granted")
        assert event.payload == {"user": pages.person.pk, "organisation": pages.council.pk}
    pages.client.force_login(make_member(pages.framework, Role.VIEWER, mfa=False))
    page = pages.client.get(pages.url("representatives")).content.decode()
    for words in (
        "Tamsin Reid",
        "Anyshire County Council",
        FACTS["granted_by"],
        "1 June 2026",
        "to 31 December 2026",
        "Valid",
    ):
        assert words in page
    assert pages.url("representative-new") not in page


def test_not_ones_own(pages):
    """A secretary who is a representative too is not offered, and cannot send, their own name."""
    with tenancy.scope(pages.framework.pk), transaction.atomic():
        own = pages.framework.memberships.create(
            framework=pages.framework,
            user=pages.secretary,
            organisation=pages.council,
            role=Role.REPRESENTATIVE,
            started_at=NOW,
        )
    page = pages.client.get(pages.url("representative-new")).context["form"]
    assert [label for _key, label in page.fields["person"].choices] == [
        "Choose a person",
        "Tamsin Reid, Anyshire County Council",
    ]
    response = pages.post(person=str(own.pk))
    assert (list(response.context["form"].errors), pages.authorities()) == (["person"], [])


@pytest.mark.parametrize("changes, field", [
    ({"person": ""}, "person"), ({"person": "999999"}, "person"), ({"person": "x"}, "person"), ({"capacity": ""}, "capacity"),
    ({"granted_by": " "}, "granted_by"), ({"scope": "a\0b"}, "scope"), ({"capacity": "x" * 201}, "capacity"), ({"granted_by": "a‮b"}, "granted_by"),
    ({"valid_from": "31 February 2026"}, "valid_from"), ({"valid_from": ""}, "valid_from"), ({"valid_to": "31 May 2026"}, "valid_to"),
    ({"scope": "x" * 1_000_000}, "scope"), ({"capacity": "Director ☃"}, "capacity"),
])  # fmt: skip
def test_bad_input(pages, changes, field):
    """Each mistake is named beside its field; what was typed stays; nothing is recorded."""
    response = pages.post(**changes)
    assert (response.status_code, list(response.context["form"].errors), pages.authorities()) == (200, [field], [])


def test_a_person_of_another_framework_is_refused(pages, client):
    """Ids of the body are looked up in this framework only."""
    other = Pages(client)
    foreign = other.membership(other.person)
    client.force_login(pages.secretary)
    assert list(pages.post(person=foreign).context["form"].errors) == ["person"]


def test_ended_after_asking(pages):
    """GET asks, POST ends; signatures stand; an ended one is listed below and cannot be ended again."""
    pages.post()
    authority = pages.authorities()[0]
    address = pages.url("representative-end", authority.pk)
    assert "Signatures already made stand." in pages.client.get(address).content.decode()
    assert pages.authorities()[0].ended_at is None
    assert pages.client.post(address).status_code == 302
    assert pages.authorities()[0].ended_at == NOW
    page = pages.client.get(pages.url("representatives")).content.decode()
    assert "Authorities that have ended" in page
    assert address not in page
    assert pages.client.post(address).status_code == 409


@pytest.mark.parametrize(
    "role, status",
    [(Role.VIEWER, 403), (Role.DRAFTER, 403), (Role.REPRESENTATIVE, 403), (Role.FRAMEWORK_ADMIN, 200), (None, 404)],
)
def test_who_may_record(pages, role, status):
    """Secretaries and administrators; strangers find nothing, anonymous people sign in first."""
    with tenancy.scope(pages.framework.pk), transaction.atomic():
        authority = make_authority(pages.person, pages.council, pages.framework)
    user = make_member(pages.framework, role) if role else make_member(make_framework(), Role.SECRETARY)
    pages.client.force_login(user)
    for address in (pages.url("representative-new"), pages.url("representative-end", authority.pk)):
        assert pages.client.get(address).status_code == status
    assert pages.client.get(pages.url("representatives")).status_code == (200 if role else 404)
    pages.client.logout()
    assert pages.client.get(pages.url("representatives")).status_code == 302
