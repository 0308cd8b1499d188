"""A review is held: reviewers and consent (HAR-5.2), findings frozen at completion, report due and distributed (HAR-5.3)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from portal import clock, meetings, notices
from portal.errors import NotReady, StateError
from portal.models import Deadline, DeadlineChange, OutgoingEmail, StoredFile
from portal.permissions import Access, Role
from portal.todo import items
from reviews import plan, workflow
from reviews.errors import FindingClash
from reviews.models import Consent, Finding, Review
from tests.builders import NOW, make_member, make_organisation, make_party, make_version
from tests.reviews.holding import FINDING, PDF, ROAD

WORDS = {"severity": "low", "text": "Other words.", "recommendation": ""}


def findings_deadline(review):
    """The deadline of the report."""
    return Deadline.objects.get(rule="review.findings", subject_id=review.pk)


def attempt(case, review, act):
    """Run one act that may be refused."""
    finding, action = review.findings.first(), review.actions.first()
    by, now = case.drafter, NOW
    acts = {
        "name": lambda: workflow.name_reviewer(review, organisation=case.partner, user=case.viewer, by=case.signer, now=now),
        "consent": lambda: workflow.consent(review, organisation=case.partner, by=case.signer, now=now),
        "start": lambda: workflow.start(review, by=by, now=now),
        "add": lambda: workflow.add_finding(review, **FINDING, by=by, now=now),
        "change": lambda: workflow.change_finding(finding, revision=1, **WORDS, by=by, now=now),
        "remove": lambda: workflow.remove_finding(finding, by=by, now=now),
        "correct": lambda: workflow.correct(finding, **WORDS, by=by, now=now),
        "complete": lambda: workflow.complete(review, summary="x", by=by, now=now),
        "report": lambda: plan.report(review, PDF, by=by, now=now),
        "plan": lambda: case.planned(review, now),
        "agree": lambda: plan.agree(review, **case.decided(), by=case.secretary, now=now),
        "finish": lambda: plan.finish_action(action, note="x", by=by, now=now),
        "move": lambda: plan.move_action(action, due_on=NOW.date(), reason="x", by=by, now=now),
    }  # fmt: skip
    acts[act]()


# For each state what may be done in it; everything else is refused
ALLOWED = {
    "open": {"name", "consent", "start"},
    "in-progress": {"name", "add", "change", "remove", "complete"},
    "completed": {"correct", "report", "plan"},
    "reported": {"correct", "plan", "agree"},
    "agreed": {"correct", "finish", "move"},
    "closed": {"correct"},
}
ACTS = sorted(set().union(*ALLOWED.values()))
NEEDS = {
    "change": "in-progress",
    "remove": "in-progress",
    "correct": "in-progress",
    "finish": "completed",
    "move": "completed",
}


@pytest.mark.parametrize("state", ROAD)
def test_every_other_state_refuses_and_leaves_no_trace(case, state):
    """REV: the table of what may be done when, act by act; a refusal changes nothing."""
    review = case.review(state)
    if state == "in-progress":
        workflow.add_finding(review, **FINDING, by=case.drafter, now=NOW)
    if state in {"completed", "reported"}:
        case.planned(review, NOW)
    for act in ACTS:
        if act in NEEDS and ROAD.index(state) < ROAD.index(NEEDS[act]):
            continue  # there is nothing yet that it could be about
        before = case.trace()
        if act in ALLOWED[state]:
            with transaction.atomic():
                if act != "start":  # the partner has not answered yet
                    attempt(case, review, act)
                transaction.set_rollback(True)
        else:
            with pytest.raises(StateError):
                attempt(case, review, act)
            assert case.trace() == before, (state, act)
        review.refresh_from_db()


def test_jointly_or_by_one_with_the_consent_of_the_others(case):
    """HAR-5.2: without reviewer nobody begins; with one alone every other party in force must consent, by its own
    representative; then it begins, and the ledger says by whom."""
    review = case.review()
    with pytest.raises(NotReady) as refused:
        workflow.start(review, by=case.drafter, now=NOW)
    assert len(refused.value.missing) == 3
    workflow.name_reviewer(review, organisation=case.lead, user=case.drafter, by=case.drafter, now=NOW)
    with pytest.raises(NotReady) as refused:
        workflow.start(review, by=case.drafter, now=NOW)
    assert [case.version.parties.get(organisation=case.partner).name in one for one in refused.value.missing] == [True]
    workflow.consent(review, organisation=case.partner, by=case.signer, now=NOW)
    workflow.start(review, by=case.drafter, now=NOW)
    assert workflow.single(review) == case.lead.name
    assert "reviews.review:consented" in case.verbs()
    with pytest.raises(StateError, match="a reviewer already"):
        workflow.name_reviewer(review, organisation=case.lead, user=case.drafter, by=case.drafter, now=NOW)


def test_a_party_that_has_not_signed_has_no_say(case):
    """HAR-5.2: those in force are asked, nobody else; a stranger can neither review nor consent."""
    review = case.review()
    declined = make_party(case.version, make_organisation(framework=case.framework))
    other = make_member(case.framework, Role.REPRESENTATIVE, declined.organisation)
    for organisation in (declined.organisation, make_organisation(framework=case.framework)):
        with pytest.raises(StateError):
            workflow.consent(review, organisation=organisation, by=other, now=NOW)
    assert not any(declined.name in words for words in workflow.in_the_way(review))
    with pytest.raises(StateError):
        workflow.name_reviewer(review, organisation=case.partner, user=other, by=case.signer, now=NOW)


def test_naming_a_reviewer_takes_the_place_of_consent(case):
    """HAR-5.2: who first consented and then takes part reviews jointly."""
    review = case.review()
    workflow.consent(review, organisation=case.partner, by=case.signer, now=NOW)
    workflow.name_reviewer(review, organisation=case.partner, user=case.viewer, by=case.signer, now=NOW)
    assert not Consent.objects.exists()
    with pytest.raises(StateError):
        workflow.consent(review, organisation=case.partner, by=case.signer, now=NOW)


def test_who_is_asked_finds_it_on_the_home_page(case):
    """HAR-5.2: the representative is asked for an answer, the reviewer for findings, and nobody twice."""

    def titles(user):
        return [item.title for item in items(user) if "review" in item.title.lower() or "findings" in item.title]

    review = case.review()
    assert [title for title in titles(case.signer) if "Name a reviewer" in title]
    workflow.name_reviewer(review, organisation=case.partner, user=case.viewer, by=case.signer, now=NOW)
    assert not [title for title in titles(case.signer) if "Name a reviewer" in title]
    workflow.name_reviewer(review, organisation=case.lead, user=case.drafter, by=case.drafter, now=NOW)
    workflow.start(review, by=case.drafter, now=NOW)
    assert [title for title in titles(case.viewer) if "Write the findings" in title]


def test_settled_findings_are_on_the_home_of_who_may_report_them(case, client):
    """HAR-5.3: a secretary of another organisation finds the report with its day, the lead has its deadline and nothing
    twice; a reviewer who may not report reads who does."""

    def reports(user):
        return [item for item in items(user) if "eport" in item.title and "findings" in item.title.lower()]

    review = case.review("in-progress")
    workflow.name_reviewer(review, organisation=case.partner, user=case.viewer, by=case.signer, now=NOW)
    client.force_login(case.viewer)
    args = [case.framework.slug, review.pk]
    page = client.post(reverse("review-complete", args=args), {"summary": "All of it."}, follow=True).content.decode()
    assert page.count("A drafter or a board secretary") == 2
    assert "Report them to the parties next" not in page
    assert reverse("review-report", args=args) not in page
    (asked,) = reports(case.secretary)
    due_at = Deadline.objects.get(rule="review.findings").due_at
    assert (asked.href, asked.due_at) == (reverse("review-report", args=args), due_at)
    assert [one.href for one in reports(case.drafter)] == [review.get_absolute_url()]
    assert not reports(case.viewer)
    plan.report(review, PDF, by=case.drafter, now=NOW)
    assert not reports(case.secretary)


def test_findings_are_seen_by_parties_only_when_settled(case):
    """Closed by default: a party reads no finding that is still being written; a reviewer and the desk do."""
    review = case.review("in-progress")
    finding = workflow.add_finding(review, **FINDING, by=case.drafter, now=NOW)

    def sees(user):
        return Finding.objects.visible_to(Access.of(user, case.framework)).filter(pk=finding.pk).exists()

    assert [sees(user) for user in (case.viewer, case.signer, case.drafter, case.secretary)] == [
        False,
        False,
        True,
        True,
    ]
    workflow.name_reviewer(review, organisation=case.partner, user=case.viewer, by=case.signer, now=NOW)
    assert [sees(case.viewer), sees(case.signer)] == [True, False]
    workflow.complete(review, summary="All of it.", by=case.drafter, now=NOW)
    assert all(sees(user) for user in (case.viewer, case.signer))
    outsider = make_member(case.framework, Role.REPRESENTATIVE)
    assert not sees(outsider)
    assert not Review.objects.visible_to(Access.of(outsider, case.framework)).exists()


def test_findings_are_frozen_at_completion(case):
    """REV: the database itself refuses to change or remove them; a correction is a record of its own."""
    review = case.review("completed")
    finding = review.findings.get()
    for statement in (lambda: Finding.objects.update(text="x"), lambda: Finding.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            statement()
    made = workflow.correct(finding, **WORDS, by=case.drafter, now=NOW + timedelta(days=1))
    finding.refresh_from_db()
    assert (finding.text, made.corrects, made.text) == (FINDING["text"], finding, "Other words.")


def test_two_who_change_one_finding_see_each_other(case):
    """Optimistic locking: the second gets both texts, and nothing is lost. A finding is about a clause of the version that
    is reviewed, and is settled with words on how it was done."""
    review = case.review("in-progress")
    foreign = make_version(framework=case.framework).clauses.first()
    with pytest.raises(StateError, match="not part of the version"):
        workflow.add_finding(review, **FINDING, clause_uid=foreign.uid, by=case.drafter, now=NOW)
    with pytest.raises(NotReady), transaction.atomic():
        workflow.complete(review, summary=" ", by=case.drafter, now=NOW)
    review.refresh_from_db()
    finding = workflow.add_finding(review, **FINDING, by=case.drafter, now=NOW)
    workflow.change_finding(finding, revision=1, **WORDS, by=case.drafter, now=NOW)
    with pytest.raises(FindingClash):
        workflow.change_finding(Finding.objects.get(), revision=1, **FINDING, by=case.secretary, now=NOW)
    assert Finding.objects.get().text == "Other words."


# --- when the report is due (HAR-5.3, READ-6)


def test_the_report_is_due_in_a_month_or_at_the_next_meeting(case):
    """HAR-5.3: one calendar month; a sooner meeting of the deciding body, planned, moved or cancelled, counts again with
    the old date kept; a meeting of another board does not."""
    review = case.review("completed")
    deadline = findings_deadline(review)
    assert clock.london_date(deadline.due_at).isoformat() == "2026-07-15"
    assert deadline.owner == case.lead

    def due():
        deadline.refresh_from_db()
        return clock.london_date(deadline.due_at).isoformat()

    facts = {"by": case.secretary, "now": NOW}
    meeting = meetings.plan(case.board, starts_at=datetime(2026, 7, 1, 9, 0, tzinfo=UTC), **facts)
    assert due() == "2026-07-01"
    meetings.move(meeting, starts_at=datetime(2026, 6, 25, 9, 0, tzinfo=UTC), reason="Holiday", **facts)
    assert due() == "2026-06-25"
    meetings.move(meeting, starts_at=datetime(2026, 9, 1, 9, 0, tzinfo=UTC), reason="No quorum", **facts)
    assert due() == "2026-07-15"
    meetings.cancel(meeting, reason="Nothing to decide", **facts)
    assert due() == "2026-07-15"
    assert DeadlineChange.objects.filter(deadline=deadline).count() == 3


@pytest.mark.parametrize(("hour", "day"), [(9, "2026-07-15"), (11, "2026-06-15")])
def test_a_meeting_on_the_day_of_completion(case, hour, day):
    """READ-6: completed at 11:00 London; a meeting at 10:00 that day does not count, one at 12:00 does."""
    meetings.plan(case.board, starts_at=datetime(2026, 6, 15, hour, 0, tzinfo=UTC), by=case.secretary, now=NOW)
    review = case.review("completed")
    assert clock.london_date(findings_deadline(review).due_at).isoformat() == day


def test_a_meeting_that_was_held_still_counts(case):
    """READ-6: what was due at a meeting is not put off by planning the one after it."""
    facts = {"by": case.secretary, "now": NOW}
    meeting = meetings.plan(case.board, starts_at=datetime(2026, 6, 20, 9, 0, tzinfo=UTC), **facts)
    review = case.review("completed")
    later = datetime(2026, 6, 21, 9, 0, tzinfo=UTC)
    meetings.hold(meeting, by=case.secretary, now=later)
    meetings.plan(case.board, starts_at=datetime(2026, 7, 10, 9, 0, tzinfo=UTC), by=case.secretary, now=later)
    assert clock.london_date(findings_deadline(review).due_at).isoformat() == "2026-06-20"


def test_reporting_meets_the_deadline_and_tells_the_parties(case):
    """HAR-5.3: the PDF is kept, those who take part are told once, without a word of the findings."""
    review = case.review("reported")
    assert findings_deadline(review).met_at == NOW
    kept = StoredFile.objects.get(purpose="review-report")
    assert (review.report, kept.content()) == (kept, PDF)
    mails = OutgoingEmail.objects.filter(kind="reviews.reported").select_related("user")
    assert {mail.user for mail in mails} == {case.drafter, case.secretary, case.signer}
    for mail in mails:
        text = notices.render(mail)
        assert review.protocol.reference in text.subject
        assert case.protocol.title not in text.subject + text.body
        assert FINDING["text"] not in text.body
    case.version.parties.filter(organisation=case.partner).update(status="excluded")  # between queue and sending
    assert [mail.user for mail in mails if notices.render(mail) is None] == [case.signer]
