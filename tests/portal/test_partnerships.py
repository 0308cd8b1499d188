"""Partnerships of a framework: who makes them, what is refused (KEN-4.3iii)."""

import pytest
from django.db import transaction

from portal import partnerships
from portal.errors import StateError
from portal.models import Board, MemberOrganisation, Partnership
from portal.permissions import Role
from tests.builders import NOW, make_framework, make_member, make_organisation
from tests.portal.place import Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(client):
    made = Place(client)
    made.board = made.only(Board)
    return made


def sent(place, **changes):
    """What the form sends."""
    return {"name": "Safer Communities", "board": place.board.pk, "organisations": [place.body.pk]} | changes


def make(place, **changes):
    """A partnership by its page."""
    assert place.client.post(place.url("partnership-new"), sent(place, **changes)).status_code == 302
    return place.only(Partnership)


def members(place, partnership):
    """Names of its organisations."""
    with place.in_scope(), transaction.atomic():
        return sorted(partnership.members.values_list("organisation__name", flat=True))


def test_a_partnership_is_made_and_changed(place):
    """KEN-4.3iii: name, board and organisations, each change in the ledger with what was before."""
    made = make(place)
    assert (made.name, made.board_id, members(place, made)) == (
        "Safer Communities",
        place.board.pk,
        ["Anytown Council"],
    )
    assert place.last_event().verb == "portal.partnership:created"
    other = make_organisation("Anytown Police", framework=place.framework)
    address = place.url("partnership-edit", made.pk)
    page = place.client.get(address).content.decode()
    assert "Safer Communities" in page
    assert "checked" in page
    changed = sent(place, name="Safer and Stronger", organisations=[other.pk])
    assert place.client.post(address, changed).status_code == 302
    assert members(place, made) == ["Anytown Police"]
    event = place.last_event()
    assert event.payload["was"] == {
        "name": "Safer Communities", "board": place.board.name, "organisations": [place.body.pk],
    }  # fmt: skip
    page = place.client.get(place.url("partnerships")).content.decode()
    assert "Safer and Stronger" in page
    assert "Anytown Police" in page


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"name": ""}, "Enter the name of the partnership"),
        ({"name": "safer COMMUNITIES"}, "a partnership with this name already"),
        ({"name": "Safer ☃"}, "☃ (U+2603 SNOWMAN)"),
        ({"board": ""}, "Select the board of the partnership"),
        ({"organisations": []}, "Select at least one organisation"),
        ({"organisations": ["999999"]}, "govuk-error-summary"),
    ],
)
def test_bad_input(place, changes, words):
    """Said beside the field; nothing is made."""
    make(place)
    answer = place.client.post(place.url("partnership-new"), sent(place, **{"name": "Adult Services"} | changes))
    assert words in answer.content.decode()
    assert place.count(Partnership) == 1


def test_only_active_members_and_own_boards(place):
    """Neither an organisation nor a board of another framework; a suspended member may stay, not come."""
    foreign = Place(type(place.client)())
    for changes in ({"organisations": [foreign.body.pk]}, {"board": foreign.only(Board).pk}):
        assert place.client.post(place.url("partnership-new"), sent(place, **changes)).status_code == 200
    assert place.count(Partnership) == 0
    made = make(place)
    late = make_organisation("Late body", framework=place.framework)
    with place.in_scope(), transaction.atomic():
        MemberOrganisation.objects.filter(organisation__in=[late, place.body]).update(status="suspended")
        facts = {"name": made.name, "board": place.board, "by": place.admin, "now": NOW}
        partnerships.edit(made, organisations=[place.body], **facts)
        with pytest.raises(StateError):
            partnerships.edit(made, organisations=[place.body, late], **facts)
        with pytest.raises(StateError):
            partnerships.create(place.framework, organisations=[place.body], **facts)


@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.FRAMEWORK_ADMIN])
def test_only_administrators(place, role):
    """Others read the list; every change is refused (403), for strangers nothing is there (404)."""
    made = make(place)
    addresses = [place.url("partnership-new"), place.url("partnership-edit", made.pk)]
    place.client.force_login(make_member(place.framework, role, place.body))
    page = place.client.get(place.url("partnerships"))
    assert "Safer Communities" in page.content.decode()
    assert addresses[0] not in page.content.decode()
    assert {place.client.post(one, sent(place)).status_code for one in addresses} == {403}
    place.client.force_login(make_member(make_framework(), Role.FRAMEWORK_ADMIN))
    assert {place.client.post(one, sent(place)).status_code for one in addresses} == {404}
    assert place.only(Partnership).name == "Safer Communities"


def test_a_partnership_of_another_framework_is_not_found(place):
    """A number from another framework: 404."""
    foreign = Place(type(place.client)())
    foreign.board = foreign.only(Board)
    made = make(foreign)
    assert place.client.post(place.url("partnership-edit", made.pk), sent(place)).status_code == 404
