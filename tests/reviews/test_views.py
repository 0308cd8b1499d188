"""What the pages of reviews show and take (HAR-5.2, HAR-5.3)."""

from django.urls import reverse

from reviews import workflow
from reviews.models import Finding
from tests.builders import NOW
from tests.reviews.holding import FINDING


def test_a_clash_shows_both_texts(case, client):
    """Two write one finding: the second gets the words that stand and their own, and may replace them."""
    review = case.review("in-progress")
    finding = workflow.add_finding(review, **FINDING, by=case.drafter, now=NOW)
    client.force_login(case.drafter)
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
