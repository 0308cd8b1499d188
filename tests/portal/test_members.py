"""An organisation that is known already joins; one is suspended and let in again: who may, what it does, what is refused."""

from datetime import date

import pytest
from django.db import transaction

from portal import organisations, tenancy, workflow
from portal.errors import StateError
from portal.models import MemberOrganisation, Organisation
from portal.permissions import Role
from tests.builders import NOW, make_framework, make_member, make_organisation
from tests.portal.place import Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(client):
    return Place(client)


def member_of(place, body):
    """The row of an organisation in the place's framework."""
    return place.only(MemberOrganisation, organisation=body)


@pytest.mark.parametrize("words", ["ZA765432", " za 765432", "rx9", "anyvale police  force"])
def test_an_organisation_of_another_framework_joins(place, words):
    """Found by its own number, code or whole name only; one organisation is in both frameworks afterwards."""
    body = make_organisation("Anyvale Police Force", make_framework(), ico_number="ZA765432", ods_code="RX9")
    page = place.client.get(place.url("organisation-join"), {"q": words})
    assert "Anyvale Police Force" in page.content.decode()
    sent = {"q": words, "organisation": body.pk, "joined_on": "1 June 2026"}
    assert place.client.post(place.url("organisation-join"), sent).status_code == 302
    member = member_of(place, body)
    assert (member.status, member.joined_on) == ("active", date(2026, 6, 1))
    assert place.verbs()[-1] == "portal.memberorganisation:joined"
    assert Organisation.objects.filter(name="Anyvale Police Force").count() == 1


def test_nobody_leafs_through_the_organisations_of_others(place):
    """A part of a name finds nothing, and a number from the body that was not found by the words is not taken."""
    body = make_organisation("Foreign Canary", make_framework(), ico_number="ZA111222")
    for words in ("Foreign", "%", "ZA1", "", " "):
        assert "Foreign Canary" not in place.client.get(place.url("organisation-join"), {"q": words}).content.decode()
    other = make_organisation("Found Body", make_framework())
    sent = {"q": "Found Body", "organisation": body.pk, "joined_on": "1 June 2026"}
    answer = place.client.post(place.url("organisation-join"), sent)
    assert answer.status_code == 200
    assert place.client.post(place.url("organisation-join"), {}).status_code == 200
    assert place.count(MemberOrganisation, organisation__in=[body.pk, other.pk]) == 0


def test_asking_for_organisations_is_limited(place):
    """Numbers and codes are short enough to be tried one after the other: 429 after 30 in an hour."""
    make_organisation("Foreign Canary", make_framework(), ico_number="ZA111222")
    for number in range(30):
        assert place.client.get(place.url("organisation-join"), {"q": f"ZA{number:06}"}).status_code == 200
    answer = place.client.get(place.url("organisation-join"), {"q": "ZA111222"})
    assert (answer.status_code, b"Foreign Canary" in answer.content) == (429, False)


def test_who_is_a_member_does_not_join_again(place):
    """409 for a member, also a suspended one; one that had left comes back."""
    sent = {"q": place.body.name, "organisation": place.body.pk, "joined_on": "1 June 2026"}
    assert place.client.post(place.url("organisation-join"), sent).status_code == 409
    left = make_organisation("Body that left", framework=place.framework)
    with place.in_scope(), transaction.atomic():
        MemberOrganisation.objects.filter(organisation=left).update(status="left", left_on=date(2026, 3, 1))
    sent = {"q": left.name, "organisation": left.pk, "joined_on": "1 June 2026"}
    assert place.client.post(place.url("organisation-join"), sent).status_code == 302
    member = member_of(place, left)
    assert (member.status, member.left_on, member.joined_on) == ("active", None, date(2026, 6, 1))


def test_a_suspended_organisation_loses_and_regains_its_people(place, client):
    """From the next request on they are strangers (404), their grants are gone, an invitation of theirs is refused;
    lifted, everything is as before."""
    body = make_organisation("Anyvale Trust", framework=place.framework)
    colleague = make_member(place.framework, Role.DRAFTER, body)
    member = member_of(place, body)
    page = place.client.get(place.url("organisation-suspend", member.pk)).content.decode()
    assert "1 person holds a role here" in page
    assert place.client.post(place.url("organisation-suspend", member.pk), {"reason": "Breach"}).status_code == 302
    assert place.grants(colleague) == set()
    event = place.last_event()
    assert (event.verb, event.payload["reason"]) == ("portal.memberorganisation:suspended", "Breach")
    with place.in_scope(), transaction.atomic(), pytest.raises(StateError):
        workflow.must_be_active(place.framework, body)
    assert "Suspended" in place.client.get(place.url("organisations")).content.decode()
    client.force_login(colleague)
    assert client.get(place.url("protocols")).status_code == 404
    client.force_login(place.admin)
    assert client.post(place.url("organisation-lift", member.pk), {"reason": "Mended"}).status_code == 302
    assert place.last_event().verb == "portal.memberorganisation:suspension-lifted"
    assert "draft_protocol" in place.grants(colleague)
    client.force_login(colleague)
    assert client.get(place.url("protocols")).status_code == 200


def test_what_is_refused_leaves_no_trace(place):
    """Wrong standing (409), no reason, the only organisation with an administrator (409): nothing changes, nothing is recorded."""
    body = make_organisation("Anyvale Trust", framework=place.framework)
    member, mine = member_of(place, body), member_of(place, place.body)
    left = member_of(place, make_organisation("Anyford Trust", framework=place.framework))
    with place.in_scope(), transaction.atomic():
        MemberOrganisation.objects.filter(pk=left.pk).update(status="left", left_on=NOW.date())
    before = place.verbs()
    assert place.client.get(place.url("organisation-lift", member.pk)).status_code == 409
    assert place.client.get(place.url("organisation-suspend", left.pk)).status_code == 409
    assert place.client.post(place.url("organisation-lift", member.pk), {"reason": "x"}).status_code == 409
    assert "Enter the reason" in place.client.post(place.url("organisation-suspend", member.pk), {}).content.decode()
    assert place.client.post(place.url("organisation-suspend", mine.pk), {"reason": "x"}).status_code == 409
    with place.in_scope(), pytest.raises(StateError):
        organisations.suspend(member, reason=" ", by=place.admin, now=NOW)
    assert {member_of(place, one).status for one in (body, place.body)} == {"active"}
    assert place.verbs() == before
    assert "manage_members" in place.grants(place.admin)


@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.FRAMEWORK_ADMIN])
def test_only_administrators(place, role):
    """403 for every other role, 404 for the members of another framework; nothing changes."""
    member = member_of(place, place.body)
    pages = [place.url("organisation-join")]
    pages += [place.url(name, member.pk) for name in ("organisation-suspend", "organisation-lift")]
    for user, status in ((make_member(place.framework, role, place.body), 403), (make_member(make_framework()), 404)):
        place.client.force_login(user)
        for address in pages:
            assert place.client.post(address, {"reason": "x", "q": "x"}).status_code == status
    assert member_of(place, place.body).status == "active"


def test_somebody_elses_member_is_not_found(place):
    """A number from another framework: 404."""
    foreign = Place(type(place.client)())
    member = foreign.only(MemberOrganisation)
    for name in ("organisation-suspend", "organisation-lift"):
        assert place.client.post(place.url(name, member.pk), {"reason": "x"}).status_code == 404
    with tenancy.scope(foreign.framework.pk), transaction.atomic():
        assert MemberOrganisation.objects.get(pk=member.pk).status == "active"


@pytest.mark.parametrize(
    "code, kept", [("rx1", "RX1"), ("A8 1001", "A81001"), ("RX", None), ("RX-1", None), ("", ""), ("É12", None)]
)
def test_ods_codes(place, code, kept):
    """The code of the NHS directory: 3 to 10 letters and digits, kept in capitals; it is shown in the list."""
    facts = {"name": "Anyvale Surgery", "nation": "england-and-wales", "joined_on": "1 June 2026", "ods_code": code}
    answer = place.client.post(place.url("organisation-new"), facts)
    if kept is None:
        assert "like RX1 or A81001" in answer.content.decode()
        return
    assert Organisation.objects.get(name="Anyvale Surgery").ods_code == kept
    assert kept in place.client.get(place.url("organisations")).content.decode()
