"""What the pages of reviews show and take (HAR-5.2, HAR-5.3)."""

import pytest
from django.urls import reverse

from portal.permissions import Access, Role
from protocols.models import Party
from reviews import cycle, informal, workflow
from reviews.models import Finding, Review
from reviews.sections import findings_for
from tests.builders import NOW, advance, make_member, make_party, make_protocol, make_version
from tests.reviews.holding import FINDING


def test_a_clash_shows_both_texts(case, client):
    """Two write one finding: the second gets the words that stand and their own, and may replace them."""
    review = case.review("in-progress")
    clause = case.version.clauses.first()
    finding = workflow.add_finding(review, **FINDING, clause_uid=clause.uid, by=case.drafter, now=NOW)
    client.force_login(case.drafter)
    assert f"Finding 1: clause {clause}" in client.get(review.get_absolute_url()).content.decode()
    early = client.get(reverse("finding-correct", args=[case.framework.slug, review.pk, finding.pk]))
    assert (early.status_code, "not settled yet" in early.content.decode()) == (409, True)
    address = reverse("finding-edit", args=[case.framework.slug, review.pk, finding.pk])
    mine = {"severity": "low", "text": "Mine.", "recommendation": "", "clause": "", "revision": "1"}
    workflow.change_finding(
        finding, revision=1, severity="low", text="Theirs.", recommendation="", by=case.secretary, now=NOW
    )
    response = client.post(address, mine)
    assert response.status_code == 409
    page = response.content.decode()
    assert "Theirs." in page
    assert "Mine." in page
    assert response.context["form"].data["revision"] == 2
    assert client.post(address, mine | {"revision": "2"}).status_code == 302
    assert Finding.objects.get().text == "Mine."


def test_the_report_is_a_pdf_with_the_findings(case, client):
    """HAR-5.3: made from the frozen findings, kept, and handed to whoever may read the review."""
    review = case.review("completed")
    client.force_login(case.drafter)
    assert client.post(reverse("review-report", args=[case.framework.slug, review.pk])).status_code == 302
    client.force_login(case.viewer)
    response = client.get(reverse("review-report-pdf", args=[case.framework.slug, review.pk]))
    assert response.content.startswith(b"%PDF-")
    review.refresh_from_db()
    assert response.content == review.report.content()
    assert FINDING["text"] in client.get(review.get_absolute_url()).content.decode()


STEPS = (
    "start_href", "add_href", "complete_href", "report_now_href", "decide_href", "withdraw_href", "draft_href", "plan_href",
)  # fmt: skip
OFFERED = {  # state → what the page offers to whom beyond reading
    "open": {"drafter": {"start_href"}, "secretary": {"start_href"}},
    "in-progress": {"drafter": {"add_href", "complete_href"}, "secretary": {"add_href", "complete_href"}},
    "completed": {"drafter": {"report_now_href", "plan_href"}, "secretary": {"report_now_href", "plan_href"}},
    "reported": {"drafter": {"plan_href"}, "secretary": {"plan_href", "decide_href"}},
    "agreed": {"drafter": {"draft_href"}},
}


@pytest.mark.parametrize("status", OFFERED)
def test_what_the_page_offers_to_whom(case, client, status):
    """HAR-5.2 to HAR-5.5: each step to those who may take it, nothing to readers; findings before they are settled only
    to those who hold the review or see every draft, and so how much was reported without a name (KEN-3.2iii)."""
    review = case.review(status if status != "agreed" else "reported")
    if status == "open":
        informal.report(case.protocol, text="By fax", now=NOW)
    if status == "in-progress":
        workflow.add_finding(review, **FINDING, by=case.drafter, now=NOW)
    if status in {"completed", "reported"}:
        case.planned(review, NOW)
    if status == "agreed":
        case.agreed(review, NOW, outcome="vary")
    case.auditor = make_member(case.framework, Role.AUDITOR)
    for who in ("drafter", "secretary", "viewer", "signer", "auditor"):
        client.force_login(getattr(case, who))
        context = client.get(review.get_absolute_url()).context
        offered = {key for key in STEPS if context.get(key)}
        assert offered == OFFERED[status].get(who, set()), (status, who)
        holds = who in {"drafter", "secretary"}
        reads = holds or who == "auditor"
        assert context["shows_findings"] is (
            status not in {"open", "in-progress"} or (status, reads) == ("in-progress", True)
        )
        assert bool(context["findings"]) is context["shows_findings"], (status, who)
        assert bool(context["plan"]) is (status == "agreed" or (status in {"completed", "reported"} and reads))
        assert any(row[3].get("link") for row in context["plan"]) is (bool(context["plan"]) and holds)
        assert context["informal"] == (status == "open" and holds)


def test_nobody_acts_for_another_party(case, client):
    """HAR-5.2: a party's representative does not begin a review, answer for another party, or take its reviewer off."""
    review = case.review()
    facts = {"organisation": case.lead, "user": case.drafter, "by": case.drafter, "now": NOW}
    reviewer = workflow.name_reviewer(review, **facts)
    workflow.consent(review, organisation=case.partner, by=case.signer, now=NOW)
    before = case.trace()
    client.force_login(case.signer)
    for name, *args in (
        ("review-start",), ("review-take-part", case.lead.pk), ("reviewer-remove", reviewer.pk),
    ):  # fmt: skip
        sent = {"answer": "reviewer", "user": case.drafter.pk}
        assert client.post(reverse(name, args=[case.framework.slug, review.pk, *args]), sent).status_code == 403, name
    assert case.trace() == before
    assert review.reviewers.get() == reviewer


def test_an_action_is_ticked_off_by_who_owes_it(case, client):
    """HAR-5.5: by its organisation's representatives and by those who hold reviews; a representative of another party is
    turned away. Before the plan is agreed, it is not there for them."""
    review = case.review("reported")
    action = case.planned(review, NOW)  # the lead's
    address = reverse("action-done", args=[case.framework.slug, review.pk, action.pk])
    client.force_login(make_member(case.framework, Role.REPRESENTATIVE, case.lead))
    assert client.get(address).status_code == 404
    case.advance(review, "agreed")
    client.force_login(case.signer)
    assert client.get(address).status_code == 403
    assert client.post(address, {"what": "done", "note": "Dropped."}).status_code == 403
    client.force_login(make_member(case.framework, Role.REPRESENTATIVE, case.lead))
    assert client.get(address).status_code == 200
    assert client.post(address, {"what": "done", "note": "Dropped."}).status_code == 302


def test_who_is_no_party_in_force_reads_no_review(case, client):
    """HAR-5.2: a party that declined reads the protocol and none of its reviews, by list, page or address; that it is a party
    of another protocol, or that others are parties of this one, gives it nothing here."""
    review = case.review()
    other = make_version(make_protocol(case.framework, lead=case.lead), parties=1)
    make_party(other, case.partner)
    mine = cycle.open_review(advance(other, "in-force"), "triggered", reason="Asked for", now=NOW)
    Party.objects.filter(version=case.version, organisation=case.partner).update(status=Party.Status.DECLINED)
    assert set(Review.objects.visible_to(Access.of(case.viewer, case.framework))) == {mine}
    client.force_login(case.viewer)
    assert client.get(review.get_absolute_url()).status_code == 404
    for name, args in (("reviews", []), ("protocol", [case.protocol.reference])):
        page = client.get(reverse(name, args=[case.framework.slug, *args])).content.decode()
        assert case.protocol.reference in page or name == "reviews"
        assert review.get_absolute_url() not in page, name


def test_findings_that_are_not_settled_are_for_who_holds_this_review(case):
    """HAR-5.2: not for the reviewer of another one; and on the draft that a review led to, for who may read the review."""
    review = case.review("in-progress")
    workflow.add_finding(review, **FINDING, by=case.drafter, now=NOW)
    second = cycle.open_review(case.version, "triggered", reason="Asked for", now=NOW)
    workflow.name_reviewer(second, organisation=case.partner, user=case.signer, by=case.signer, now=NOW)
    reviewer = Access.of(case.signer, case.framework)
    assert not Finding.objects.visible_to(reviewer).exists()
    workflow.name_reviewer(second, organisation=case.lead, user=case.drafter, by=case.drafter, now=NOW)
    workflow.complete(review, summary="All of it.", by=case.drafter, now=NOW)
    case.reported(review, NOW)
    case.agreed(review, NOW, outcome="vary")
    review.refresh_from_db()
    stranger = Access.of(make_member(case.framework, Role.REPRESENTATIVE), case.framework)
    assert [len(list(findings_for(review.draft, access))) for access in (reviewer, stranger)] == [1, 0]


def test_days_that_cannot_be_true_come_back_on_the_form(case, client):
    """HAR-5.4: nothing is to be done by a day that is past, and nobody decided on findings before they were settled; what
    was typed stays. A decision after that day can be recorded later."""
    review = case.review("completed")
    client.force_login(case.secretary)
    action = {"text": "Drop it", "organisation": case.lead.pk, "owner": "Director", "due_on": "14 June 2026"}
    page = client.post(reverse("action-new", args=[case.framework.slug, review.pk]), action).content.decode()
    assert "By must be on or after 15 June 2026" in page
    assert "14 June 2026" in page
    case.advance(review, "reported")
    address = reverse("review-decide", args=[case.framework.slug, review.pk])
    sent = {"discussion": "As typed", "outcome": "no-change", "change": "major", "who": "board", "reference": "M 1"}
    sent |= {"decided_on_day": "14", "decided_on_month": "6", "decided_on_year": "2026"}
    page = client.post(address, sent).content.decode()
    assert "The findings were settled on 15 June 2026. The decision on them cannot be earlier" in page
    assert "As typed" in page
    assert client.post(address, sent | {"decided_on_day": "15"}).status_code == 302


def test_the_list_is_narrowed_by_its_address(case, client):
    """Filters stand in the address; overdue is asked of the moment (READ-11)."""
    review = case.review()
    client.force_login(case.viewer)
    address = reverse("reviews", args=[case.framework.slug])

    def shown(**query):
        return review.get_absolute_url() in client.get(address, query).content.decode()

    assert shown()
    assert shown(state="open", kind="first", q=case.protocol.reference.lower())
    assert not shown(state="overdue")
    assert not shown(kind="annual")
    assert not shown(q="zzz")
