"""Whose a board is, who sees it and who sits on it (HAR-2.3, HAR-6.3)."""

import pytest
from django.db import transaction

from portal import boards, partnerships, workflow
from portal.models import Board
from portal.permissions import Access, Role
from portal.tenancy import scope
from protocols.meeting_of_parties import board_of
from tests import builders
from tests.builders import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def framework():
    """Inside its scope."""
    framework = builders.make_framework()
    with scope(framework.pk), transaction.atomic():
        yield framework


def access_of(framework, organisation, role=Role.REPRESENTATIVE) -> Access:
    """Of somebody of the organisation."""
    return Access.of(builders.make_member(framework, role, organisation), framework)


def test_the_boards_of_a_partnership_are_seen_by_its_organisations_and_by_those_who_see_all(framework):
    """Closed by default: a partnership's board is not there for other organisations."""
    inside, outside = builders.make_organisation(framework=framework), builders.make_organisation(framework=framework)
    board = workflow.add_board(framework, "Safer Board", kind=Board.Kind.PARTNERSHIP, by=None, now=NOW)
    partnerships.create(framework, name="Safer", board=board, organisations=[inside], by=None, now=NOW)
    assert board in Board.objects.visible_to(access_of(framework, inside))
    assert board not in Board.objects.visible_to(access_of(framework, outside))
    assert board in Board.objects.visible_to(access_of(framework, outside, Role.SECRETARY))
    assert list(boards.organisations_of(board)) == [inside]


def test_the_meeting_of_the_parties_is_made_once_and_is_seen_by_the_parties(framework):
    """HAR-6.3: one body for each protocol; its organisations are the parties; others do not see it."""
    outside = builders.make_organisation(framework=framework)
    version = builders.advance(builders.make_version(builders.make_protocol(framework), parties=2), "consultation")
    board = board_of(version.protocol, now=NOW)
    assert board_of(version.protocol, now=NOW) == board
    party = version.parties.first().organisation
    assert board in Board.objects.visible_to(access_of(framework, party))
    assert board not in Board.objects.visible_to(access_of(framework, outside))
    assert board not in Board.objects.standing()
    assert set(boards.organisations_of(board)) == {party.organisation for party in version.parties.all()}


def test_the_board_of_the_framework_is_seen_by_all_its_members_and_by_no_stranger(framework):
    """Every organisation of the framework sits on it."""
    organisation = builders.make_organisation(framework=framework)
    board = workflow.add_board(framework, "Strategic Board", by=None, now=NOW)
    assert board in Board.objects.visible_to(access_of(framework, organisation))
    assert not Board.objects.visible_to(Access.of(builders.make_user(), framework)).exists()
    assert organisation in boards.organisations_of(board)
