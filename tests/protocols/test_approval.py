"""Approval: submitted, decided, carried over, taken back (HAR-2.3)."""

import pytest

from portal.errors import NotReady, StateError
from portal.models import AuditEvent, Board
from portal.tenancy import scope
from protocols import workflow
from tests.builders import make_framework, make_user, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def inside():
    """The scope of a framework with its two tiers."""
    framework = make_framework()
    with scope(framework.pk):
        yield framework


@pytest.mark.parametrize(
    "outcome, more, status, draft",
    [
        ("approved", {}, "approved", 1),
        ("urgent", {}, "approved", 1),
        ("approved-with-changes", {"listed_changes": "4.1: ten days"}, "draft", 2),
        ("referred-back", {"reason": "Unclear"}, "draft", 2),
        ("refused", {"reason": "No"}, "draft", 2),
    ],
)
def test_decision_leads_on_or_back(inside, now, outcome, more, status, draft):
    """HAR-2.3: every outcome is kept with date and reference; only approved and urgent lead on."""
    version = make_version(framework=inside, status="approval")
    decision = workflow.decide(
        version, by=None, now=now, board=version.protocol.tier.deciding_body, decided_on=now.date(), reference="Minute 7",
        outcome=outcome, **more,
    )  # fmt: skip
    assert (version.status, version.draft) == (status, draft)
    assert version.approval == (decision if status == "approved" else None)
    assert workflow.last_decision(version) == decision


@pytest.mark.parametrize(
    "facts",
    [
        {"reference": ""},
        {"board": None},
        {"board": None, "delegated_to": "Director"},
        {"outcome": "approved-with-changes"},
        {"outcome": "referred-back"},
        {"outcome": "refused"},
    ],
)
def test_decision_must_say_enough(inside, now, facts):
    """HAR-2.3: without body, reference, list or reason it is refused and leaves nothing."""
    version = make_version(framework=inside, status="approval")
    good = {
        "board": version.protocol.tier.deciding_body,
        "decided_on": now.date(),
        "reference": "M7",
        "outcome": "approved",
    }
    before = AuditEvent.objects.count()
    with pytest.raises(NotReady):
        workflow.decide(version, by=None, now=now, **good | facts)
    version.refresh_from_db()
    assert (version.status, workflow.last_decision(version), AuditEvent.objects.count()) == ("approval", None, before)


def test_decision_of_another_board_is_refused(inside, now):
    """HAR-2.3: the tier's own deciding body decides."""
    version = make_version(framework=inside, status="approval")
    other = Board.objects.create(framework=inside, name="Sports club")
    with pytest.raises(NotReady):
        workflow.decide(
            version, by=None, now=now, board=other, decided_on=now.date(), reference="M7", outcome="approved"
        )


def test_approved_taken_back_keeps_the_decision_unused(inside, now):
    """A drafter may take approved back to draft: the decision stays recorded, the new draft needs its own."""
    version = make_version(framework=inside, status="approved")
    decision = version.approval
    workflow.take_back(version, reason="A mistake in 4.1", by=None, now=now)
    assert (version.status, version.draft, version.approval) == ("draft", 2, None)
    assert workflow.last_decision(version) == decision
    assert AuditEvent.objects.get(verb="protocols.version:draft").payload["decision_unused"] == decision.pk


def test_listed_changes_carry_the_decision_over(inside, now):
    """HAR-2.3: drafter and secretary, two people, confirm that only the listed changes were made."""
    drafter, secretary = make_user(), make_user()
    version = make_version(framework=inside, status="approval")
    body = version.protocol.tier.deciding_body
    facts = {"board": body, "decided_on": now.date(), "reference": "M7"}
    decision = workflow.decide(
        version, by=secretary, now=now, outcome="approved-with-changes", listed_changes="4.1", **facts
    )
    workflow.submit(version, by=drafter, now=now, only_listed_changes=True)
    with pytest.raises(NotReady):
        workflow.carry_decision(version, by=drafter, now=now)
    workflow.carry_decision(version, by=secretary, now=now)
    assert (version.status, version.approval) == ("approved", decision)


def test_no_decision_to_carry_over(inside, now):
    """Without an approval with listed changes, or without the drafter's confirmation, nothing is carried over."""
    version = make_version(framework=inside)
    with pytest.raises(StateError):
        workflow.submit(version, by=None, now=now, only_listed_changes=True)
    workflow.submit(version, by=None, now=now)
    with pytest.raises(NotReady):
        workflow.carry_decision(version, by=make_user(), now=now)
    version.refresh_from_db()
    assert version.status == "approval"
