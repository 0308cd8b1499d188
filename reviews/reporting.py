"""The report of findings in writing, as a tagged PDF (HAR-5.3)."""

from django.conf import settings

from portal import pdf
from reviews.models import Review


def context_of(review: Review, *, now) -> dict:
    """What the template prints, from the frozen findings."""
    corrections: dict[int, list] = {}
    findings = list(review.findings.order_by("pk"))
    for one in findings:
        if one.corrects_id:
            corrections.setdefault(one.corrects_id, []).append(one)
    shown = [one for one in findings if not one.corrects_id]
    return {
        "review": review,
        "protocol": review.protocol,
        "version": review.version,
        "framework": review.framework,
        "now": now,
        "demonstration": settings.PORTAL_DEMO,
        "parties": list(review.parties()),
        "reviewers": list(review.reviewers.select_related("user", "organisation")),
        "consents": list(review.consents.select_related("organisation")),
        "findings": [
            {"number": number, "finding": one, "corrections": corrections.get(one.pk, [])}
            for number, one in enumerate(shown, 1)
        ],
        "actions": list(review.actions.select_related("organisation")),
    }


def pdf_bytes(review: Review, *, now) -> bytes:
    """The file."""
    title = f"{review.protocol.reference} {review.version.number}: {review.get_kind_display()}"
    return pdf.render_pdf(
        "pdf/review_report.html", context_of(review, now=now), title=title, lang=review.version.lang, created=now
    )
