"""Consultation: rounds, comments, responses, and who may do what (HAR-¶9)."""

import uuid
from datetime import date

import pytest

from portal.errors import NotReady, StateError
from portal.models import OutgoingEmail
from portal.permissions import Role
from portal.tenancy import scope
from protocols import workflow
from tests.builders import make_framework, make_member, make_user, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def inside():
    """The scope of a framework with its two tiers."""
    framework = make_framework()
    with scope(framework.pk):
        yield framework


def test_round_and_draft_numbers(inside, now):
    """SIG-num, HAR-¶9: a round on draft 1, back to draft 2, a second round; what was circulated is listed."""
    version = make_version(framework=inside)
    for draft in (1, 2):
        assert version.name == f"1.0 draft {draft}"
        one = workflow.open_consultation(
            version, closes_on=date(2026, 7, 1), by=None, now=now, change=f"Change {draft}"
        )
        with pytest.raises(StateError, match="still open"):
            workflow.take_back(version, reason="Too early", by=None, now=now)
        with pytest.raises(StateError, match="still open"):
            workflow.submit(version, by=None, now=now)
        workflow.close_consultation(one, by=None, now=now)
        workflow.take_back(version, reason="Comments taken in", by=None, now=now)
    assert [(issue.number, issue.change) for issue in version.issues.all()] == [(1, "Change 1"), (2, "Change 2")]
    workflow.submit(version, by=None, now=now)
    assert version.issues.last().number == 3


def test_comment_must_be_answered_before_closing(inside, now):
    """HAR-¶9: response to every comment before the round can be resolved; afterwards it is closed to all."""
    version = make_version(framework=inside)
    person, organisation = make_user(), version.parties.first().organisation
    one = workflow.open_consultation(version, closes_on=date(2026, 7, 1), by=None, now=now)
    facts = {"organisation": organisation, "text": "Too long", "by": person, "now": now}
    with pytest.raises(StateError):
        workflow.comment(one, clause_uid=uuid.uuid4(), **facts)
    said = workflow.comment(one, clause_uid=version.clauses.first().uid, **facts)
    with pytest.raises(NotReady):
        workflow.close_consultation(one, by=None, now=now)
    workflow.respond(said, text="Shortened", by=person, now=now)
    workflow.close_consultation(one, by=None, now=now)
    with pytest.raises(StateError):
        workflow.comment(one, clause_uid=None, **facts)
    with pytest.raises(StateError):
        workflow.respond(said, text="Other", by=person, now=now)
    with pytest.raises(StateError):
        workflow.close_consultation(one, by=None, now=now)


def test_people_of_the_parties_are_told(inside, now):
    """HAR-¶9: those who may comment for a party get one mail; others get none."""
    version = make_version(framework=inside)
    organisation = version.parties.first().organisation
    told = make_member(inside, Role.REPRESENTATIVE, organisation)
    make_member(inside, Role.VIEWER, organisation)
    make_member(inside, Role.REPRESENTATIVE)
    workflow.open_consultation(version, closes_on=date(2026, 7, 1), by=None, now=now)
    assert list(OutgoingEmail.objects.values_list("kind", "user")) == [("protocols.consultation-opened", told.pk)]
