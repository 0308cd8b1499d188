"""Discussion, outcome and implementation plan (HAR-5.4, HAR-5.5, REV-out)."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from portal import agenda, agendas, meetings, packs
from portal.errors import NotReady, StateError
from portal.models import Deadline, DeadlineChange, Decision, OutgoingEmail
from portal.permissions import Access
from portal.todo import items
from protocols.models import Version
from reviews import plan, workflow
from tests.builders import NOW, make_decision, make_organisation, make_version
from tests.portal.test_packs import text_of
from tests.reviews.holding import FINDING


def deadline_of(action):
    """The duty to carry an action out."""
    return Deadline.objects.get(rule="review.action", subject_id=action.pk)


def test_the_plan_is_approved_and_tracked_to_the_end(case):
    """HAR-5.4, HAR-5.5: the decision approves the actions, each has a date of its own, the last one done closes the review."""
    review = case.review("completed")
    second = case.planned(review, NOW)
    action = case.planned(review, NOW)
    case.advance(review, "agreed")
    plan.finish_action(second, note="Done.", by=case.drafter, now=NOW)
    with pytest.raises(StateError, match="done already"):
        plan.finish_action(second, note="Again.", by=case.drafter, now=NOW)
    with pytest.raises(StateError, match="done already"):
        plan.move_action(second, due_on=date(2026, 9, 1), reason="Late", by=case.drafter, now=NOW)
    assert (deadline_of(action).owner, deadline_of(action).met_at) == (case.lead, None)
    assert action.overdue(NOW + timedelta(days=31)) is True
    assert action.overdue(NOW + timedelta(days=30)) is False
    with pytest.raises(NotReady):
        plan.move_action(action, due_on=date(2026, 9, 1), reason=" ", by=case.drafter, now=NOW)
    with pytest.raises(NotReady):
        plan.finish_action(action, note=" ", by=case.drafter, now=NOW)
    plan.move_action(action, due_on=date(2026, 9, 1), reason="Recruiting", by=case.drafter, now=NOW)
    assert DeadlineChange.objects.get(deadline=deadline_of(action)).reason == "Recruiting"
    plan.finish_action(action, note="Done.", by=case.drafter, now=NOW)
    review.refresh_from_db()
    assert (review.status, deadline_of(action).met_at) == ("closed", NOW)
    with pytest.raises(StateError):
        plan.finish_action(action, note="Again.", by=case.drafter, now=NOW)
    mails = OutgoingEmail.objects.filter(kind="reviews.agreed").select_related("user")
    assert {mail.user for mail in mails} == {case.drafter, case.secretary, case.signer}


def test_a_review_without_actions_is_closed_by_its_decision(case):
    """HAR-5.5: nothing is left to be done."""
    review = case.review("reported")
    plan.agree(review, **case.decided(), by=case.secretary, now=NOW)
    review.refresh_from_db()
    assert (review.status, review.decision.outcome) == ("closed", Decision.Outcome.APPROVED)


@pytest.mark.parametrize(
    "facts",
    [
        {"outcome": ""},
        {"outcome": "abolish"},
        {"discussion": " "},
        {"outcome": "terminate"},
        {"outcome": "terminate", "reason": " "},
        {"reference": ""},
        {"board": None},
    ],
)
def test_a_decision_that_says_too_little_is_refused(case, facts):
    """REV-out: an outcome, what was discussed, a reason for terminating, and the deciding body's own decision."""
    review = case.review("reported")
    before = case.trace()
    with pytest.raises(NotReady):
        plan.agree(review, **case.decided(**facts), by=case.secretary, now=NOW)
    assert case.trace() == before
    assert not Decision.objects.filter(subject_type="reviews.review").exists()


def test_an_action_belongs_to_a_party(case):
    """HAR-5.4: nobody outside is given work."""
    review = case.review("completed")
    facts = {
        "text": "x",
        "owner": "y",
        "due_on": NOW.date(),
        "organisation": make_organisation(framework=case.framework),
    }
    with pytest.raises(StateError):
        plan.plan_action(review, **facts, by=case.drafter, now=NOW)


def test_vary_opens_the_next_draft_with_the_findings(case, client):
    """REV-out: the next version stands as a draft, its task list shows each finding with its recommendation; the text in
    force stays in force."""
    review = case.review("reported")
    plan.agree(review, **case.decided(outcome="vary"), by=case.secretary, now=NOW)
    review.refresh_from_db()
    assert (review.draft.name, review.draft.status) == ("2.0 draft 1", "draft")
    case.version.refresh_from_db()
    assert case.version.status == "in-force"
    client.force_login(case.drafter)
    args = [case.framework.slug, case.protocol.reference, review.draft.number]
    page = client.get(reverse("draft", args=args)).content.decode()
    assert FINDING["text"] in page
    assert FINDING["recommendation"] in page
    assert review.get_absolute_url() in page


def test_vary_gives_the_findings_to_a_draft_that_is_on_its_way(case):
    """REV-out: one version is under way at a time."""
    coming = make_version(case.protocol, major=2)
    review = case.review("reported")
    plan.agree(review, **case.decided(outcome="vary", change="minor"), by=case.secretary, now=NOW)
    review.refresh_from_db()
    assert review.draft == coming
    assert Version.objects.filter(protocol=case.protocol).count() == 2


def test_an_editorial_change(case):
    """SIG-num: the second number rises."""
    review = case.review("reported")
    plan.agree(review, **case.decided(outcome="vary", change="minor"), by=case.secretary, now=NOW)
    review.refresh_from_db()
    assert review.draft.number == "1.1"


def test_terminate_leads_to_the_decision_to_withdraw(case, client):
    """REV-out: the version stays in force until the deciding body's withdrawal is recorded; the secretary is asked for
    it, the review waits for it."""
    review = case.review("reported")
    plan.agree(review, **case.decided(outcome="terminate", reason="No need"), by=case.secretary, now=NOW)
    review.refresh_from_db()
    assert (review.status, review.decision.outcome) == ("agreed", Decision.Outcome.WITHDRAWN)
    assert any(item.title.startswith("Withdraw") for item in items(case.secretary))
    client.force_login(case.secretary)
    withdraw = reverse("version-withdraw", args=[case.framework.slug, case.protocol.reference, case.version.number])
    assert withdraw in client.get(review.get_absolute_url()).content.decode()
    case.version.withdraw(by=None, now=NOW, reason="No need", decision=make_decision(case.version, "withdrawn"))
    review.refresh_from_db()
    assert review.status == "closed"


def test_findings_and_due_reviews_come_before_the_board(case):
    """HAR-5.3, HAR-5.4: what falls due by a meeting and what was found stand on its agenda, for those who may see it."""
    soon = meetings.plan(case.board, starts_at=NOW + timedelta(days=20), by=case.secretary, now=NOW)
    later = meetings.plan(case.board, starts_at=NOW + timedelta(days=300), by=case.secretary, now=NOW)

    def kinds(meeting):
        return [entry.kind for entry in agenda.due(case.board, meeting) if entry.kind.startswith("reviews.")]

    review = case.review("in-progress")
    assert (kinds(soon), kinds(later)) == ([], ["reviews.due"])
    case.advance(review, "completed")
    assert kinds(soon) == ["reviews.findings"]
    entry = next(one for one in agenda.due(case.board, soon) if one.kind == "reviews.findings")
    assert entry.restricted
    assert case.protocol.title not in entry.title
    case.planned(review, NOW)
    agendas.compile_due(soon, by=None, now=NOW)
    pack = packs.agenda_pack(soon, Access.of(case.secretary, case.framework), "restricted", now=NOW)
    words = text_of(pack)
    for said in (
        FINDING["text"],
        FINDING["recommendation"],
        "All of it, at a workshop.",
        "Drop the form",
        "15 July 2026",
    ):
        assert said in words
    case.advance(review, "closed")
    assert kinds(soon) == []
    assert workflow.next_meeting(case.board, NOW) == soon
