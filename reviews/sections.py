"""Reviews on the page of their protocol, and their findings on the draft that they led to (protocols.sections)."""

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from portal.db.statements import prepared
from portal.templatetags.dates import longdate
from protocols import sections
from protocols.models import Version
from reviews import review_page
from reviews.models import Finding, Review

SHOWN = 5
BINDING = {Version.Status.COMPLETED, Version.Status.IN_FORCE}


@sections.on_protocol_page
def reviews_of(protocol, version, access, now) -> sections.Section | None:
    """The newest reviews, for whoever may see them; the way to report informal sharing (KEN-3.2iii)."""
    if version.status in {Version.Status.DRAFT, Version.Status.CONSULTATION, Version.Status.APPROVAL}:
        return None
    rows = [row_of(review, access.framework, now) for review in newest_reviews(access, protocol.pk)]
    slug = access.framework.slug
    links = [{"text": _("All reviews of this protocol"), "href": f"{reverse('reviews', args=[slug])}?q={protocol.reference}"}] if len(rows) == SHOWN else []  # fmt: skip
    if version.status in BINDING:
        href = reverse("informal-report", args=[slug, protocol.reference])
        links.append({"text": _("Report sharing outside the protocol"), "href": href})
    if not rows and not links:
        return None
    headers = [_("Review"), _("State"), _("To be held by"), _("Outcome")]
    return sections.Section(_("Reviews"), headers, rows, _("No review has been opened yet."), links)


@prepared
def newest_reviews(access, protocol):
    """Of the protocol with this id, those that the reader may see."""
    return Review.objects.visible_to(access).filter(protocol=protocol).select_related("deadline")[:SHOWN]


def row_of(review, framework, now) -> list:
    """Cells of one review."""
    review.framework = framework
    done = review.held or review.status == Review.Status.DROPPED
    return [
        {"value": review.get_kind_display(), "link": review.get_absolute_url(), "note": review.why},
        review_page.state(review),
        review_page.due_cell(review.deadline.due_at if review.deadline else None, now=now, done=done),
        {"value": review.get_outcome_display(), "empty": "–"},
    ]


@sections.on_draft_page
def findings_for(version, access):
    """The findings of the reviews that led to this draft (REV-out)."""
    reviews = Review.objects.visible_to(access).filter(draft=version).select_related("framework", "protocol", "version")
    for review in reviews:
        heading = _("Findings of the review of %(date)s") % {"date": longdate(review.completed_at)}
        found = Finding.objects.visible_to(access).filter(review=review).order_by("pk")
        yield sections.Remarks(heading, review.get_absolute_url(), [remark_of(one) for one in found])


def remark_of(finding) -> sections.Remark:
    """One finding, or its correction."""
    about = capfirst(finding.about)
    if finding.corrects_id:
        about = _("Correction: %(about)s") % {"about": finding.about}
    colour = review_page.SEVERITY[Finding.Severity(finding.severity)]
    return sections.Remark(about, finding.get_severity_display(), colour, finding.text, finding.recommendation)
