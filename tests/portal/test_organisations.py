"""Organisations and boards: who may change them, and what is refused (HAR-13)."""

from datetime import date

import pytest
from django.urls import reverse

from portal import tenancy, workflow
from portal.errors import StateError
from portal.models import AuditEvent, Board, ClosureDay, MemberOrganisation, Organisation
from portal.permissions import Role
from tests.builders import NOW, make_framework, make_member, make_organisation
from tests.portal.place import Place

pytestmark = pytest.mark.django_db
FACTS = {
    "name": "Anyvale Hospital Trust",
    "address": "1 Infirmary Lane\r\nAnyvale",
    "telephone": "01632 960123",
    "nation": "england-and-wales",
    "ico_number": "za 123456",
    "ico_expires": "27 March 2027",
    "ods_code": "RX1",
}


@pytest.fixture
def place(client):
    return Place(client)


def test_a_new_organisation(place):
    """Particulars are kept as they will be printed; joining is in the ledger."""
    answer = place.client.post(place.url("organisation-new"), FACTS | {"joined_on": "1 June 2026"})
    assert answer.status_code == 302
    member = place.only(MemberOrganisation)
    body = Organisation.objects.get(name=FACTS["name"])
    assert (body.address, body.ico_number, body.ico_expires) == (
        "1 Infirmary Lane\nAnyvale",
        "ZA123456",
        date(2027, 3, 27),
    )
    assert (member.organisation_id, member.joined_on, member.status) == (body.pk, date(2026, 6, 1), "active")
    assert place.verbs() == ["portal.memberorganisation:joined"]
    page = place.client.get(place.url("organisations")).content.decode()
    assert "Anyvale Hospital Trust" in page
    assert "expires 27 March 2027" in page


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"name": ""}, "Enter the name of the organisation"),
        ({"name": "A\x00B"}, "invisible characters"),
        ({"name": "Anyvale ☃ Trust"}, "☃ (U+2603 SNOWMAN)"),
        ({"address": "1 漢 Lane"}, "has characters that cannot be printed: 漢 (U+6F22"),
        ({"address": "x" * 1_000_000}, "500 characters or fewer"),
        ({"ico_number": "12345678"}, "like ZA123456"),
        ({"ico_expires": "31 February 2027"}, "real date"),
        ({"nation": "atlantis"}, "Select nation"),
        ({"joined_on": "1 June 2099"}, "today or in the past"),
        ({"joined_on": ""}, "Enter"),
    ],
)
def test_bad_particulars(place, changes, words):
    """Every fault is said, nothing typed is lost, nothing is made."""
    answer = place.client.post(place.url("organisation-new"), FACTS | {"joined_on": "1 June 2026"} | changes)
    assert answer.status_code == 200
    assert words in answer.content.decode()
    if "telephone" not in changes:
        assert "01632 960123" in answer.content.decode()
    assert place.count(MemberOrganisation) == 1


def test_changing_particulars_is_recorded(place):
    """The ledger keeps what was and what is; fields that stay the same are not listed."""
    member = place.only(MemberOrganisation)
    address = place.url("organisation-edit", member.pk)
    body = FACTS | {"name": "Anytown Borough Council"}
    assert "Anytown Council" in place.client.get(address).content.decode()
    assert place.client.post(address, body).status_code == 302
    event = place.last_event()
    assert event.verb == "portal.memberorganisation:edited"
    assert event.payload["was"]["name"] == "Anytown Council"
    assert event.payload["to"]["name"] == "Anytown Borough Council"
    assert "nation" not in event.payload["was"]


def test_organisation_of_several_frameworks_is_read_only(place):
    """Others rely on the same particulars: shown, with the reason, and not changed, neither by page nor by verb."""
    member = place.only(MemberOrganisation)
    other = make_framework("Other Area Board")
    with tenancy.scope(other.pk):
        MemberOrganisation.objects.create(framework=other, organisation=place.body, joined_on=date(2026, 1, 1))
    address = place.url("organisation-edit", member.pk)
    page = place.client.get(address).content.decode()
    assert "belongs to other frameworks too" in page
    assert "Other Area Board" not in page
    assert "<textarea" not in page
    assert place.client.post(address, FACTS).status_code == 409
    with place.in_scope(), pytest.raises(StateError):
        workflow.edit_organisation(member, by=place.admin, now=NOW, name="Mine")
    assert Organisation.objects.get(pk=place.body.pk).name == "Anytown Council"


@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.FRAMEWORK_ADMIN])
def test_only_administrators_configure(place, role):
    """Others read organisations, boards and closure days; every change is refused (403). Colleagues of the same organisation
    do not look after its particulars and deputies: only its administrator does."""
    member = place.only(MemberOrganisation)
    place.client.force_login(make_member(place.framework, role, place.body))
    for name in ("organisations", "boards", "closure-days"):
        page = place.client.get(place.url(name))
        assert page.status_code == 200
        assert 'name="name"' not in page.content.decode()
    posts = {
        place.url("organisation-new"): FACTS | {"joined_on": "1 June 2026"},
        place.url("organisation-edit", member.pk): FACTS,
        place.url("boards"): {"name": "Mine"},
        place.url("closure-days"): {"date": "28 December 2026", "title": "Mine"},
        place.url("deputy", member.pk, place.admin.pk): {"deputy": ""},
    }
    own = [place.url("organisation-edit", member.pk), place.url("deputies", member.pk)]
    keeps = role == Role.ORGANISATION_ADMIN  # their own organisation is theirs to keep (tests/portal/test_deputies.py)
    assert [place.client.get(address).status_code for address in own] == [200 if keeps else 403] * 2
    assert ("Deputies" in place.client.get(place.url("organisations")).content.decode()) is keeps
    if keeps:
        posts = {address: body for address, body in posts.items() if f"/organisations/{member.pk}/" not in address}
    for address, body in posts.items():
        assert place.client.post(address, body).status_code == 403
    assert place.count(Board, name="Mine") == 0
    assert place.count(ClosureDay) == 0


def test_somebody_elses_organisation_is_not_found(place):
    """A number from another framework: 404."""
    foreign = Place(type(place.client)())
    member = foreign.only(MemberOrganisation)
    address = place.url("organisation-edit", member.pk)
    assert place.client.get(address).status_code == 404
    assert place.client.post(address, FACTS).status_code == 404


def test_boards(place):
    """A board is added once; the ledger knows it."""
    assert (
        place.client.post(place.url("boards"), {"name": "Safeguarding Board", "kind": "partnership"}).status_code == 302
    )
    assert place.verbs() == ["portal.board:created"]
    answer = place.client.post(place.url("boards"), {"name": "safeguarding board", "kind": "framework"})
    assert "There is a board with this name already" in answer.content.decode()
    assert "Safeguarding Board" in place.client.get(place.url("boards")).content.decode()


def test_ledger_page_is_for_auditors(place):
    """Auditors and administrators read who did what; the page holds this framework's rows only and cannot be posted to."""
    place.invite()
    foreign = Place(type(place.client)())
    foreign.invite(full_name="Foreign Canary")
    place.client.force_login(make_member(place.framework, Role.AUDITOR, place.body))
    page = place.client.get(place.url("ledger"))
    html = page.content.decode()
    assert "portal.invitation:sent" in html
    assert place.admin.full_name in html
    assert "Foreign Canary" not in html
    assert place.client.post(place.url("ledger")).status_code == 405


def test_ledger_page_turns_over(place):
    """More rows than one page holds; the number of queries does not grow with them."""
    with place.in_scope():
        for number in range(60):
            AuditEvent.objects.record("tests.row:made", place.framework, by=place.admin, now=NOW, number=number)
    assert "Next" in place.client.get(place.url("ledger")).content.decode()
    page = place.client.get(place.url("ledger"), {"page": 2})
    assert sum(len(day["rows"]) for day in page.context["days"]) == 10


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 30, "\x00"])
def test_strange_page_numbers(place, page):
    """A page that does not exist shows one that does."""
    for name in ("people", "organisations", "ledger"):
        assert place.client.get(place.url(name), {"page": page}).status_code == 200


def test_organisations_are_not_seen_across_frameworks(place):
    """Neither names nor addresses of another framework's organisations."""
    make_organisation("Foreign Canary", framework=make_framework())
    for name in ("organisations", "people-invite", "people"):
        assert "Foreign Canary" not in place.client.get(place.url(name)).content.decode()


def test_checkpoints_are_public(client):
    """Anybody may keep a copy of the newest seal."""
    page = client.get(reverse("checkpoints"))
    assert page.status_code == 200
    assert "None yet" in page.content.decode()
