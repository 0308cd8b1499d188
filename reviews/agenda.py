"""What reviews bring before a board (portal.agenda): reviews that fall due by its meeting, and findings (HAR-5.3, HAR-5.4)."""

from django.utils.translation import gettext as _

from portal import agenda
from portal.templatetags.dates import longdate
from reviews.models import Finding, Review

WITH = ("protocol__tier__deciding_body", "protocol__partnership__board", "version", "framework", "deadline")


@agenda.register
def for_board(board, meeting):
    """Of protocols on which this board decides. Only for those who may see the review."""
    running = Review.objects.filter(framework=board.framework_id).running().select_related(*WITH).order_by("pk")
    for review in running.exclude(status=Review.Status.AGREED):
        if review.protocol.deciding_body != board:
            continue
        if review.status in {Review.Status.COMPLETED, Review.Status.REPORTED}:
            kind, title = "reviews.findings", _("Findings of the review of %(reference)s")
        elif review.deadline is not None and review.deadline.due_at <= meeting.starts_at:
            kind, title = "reviews.due", _("Review to be held: %(reference)s")
        else:
            continue
        due_at = review.deadline.due_at if review.deadline and not review.held else None
        words = title % {"reference": review.protocol.reference}
        yield agenda.Entry(kind, words, review.get_absolute_url(), review, due_at, restricted=True)


@agenda.prints("reviews.review")
def findings(review, access):
    """What the board discusses (HAR-5.4): once they are settled, the findings with their corrections, and the plan."""
    if not review.held:
        return []
    seen = list(Finding.objects.visible_to(access).filter(review=review).order_by("pk"))
    found = [{"heading": _("What was reviewed, and how"), "text": review.summary}]
    for number, one in enumerate([one for one in seen if one.corrects_id is None], 1):
        words = {"number": number, "about": one.about}
        parts = [f"**{one.get_severity_display()}**", *words_of(one)]
        for correction in [other for other in seen if other.corrects_id == one.pk]:
            parts += [f"**{_('Correction')}**", *words_of(correction)]
        found.append({"heading": _("Finding %(number)d: %(about)s") % words, "text": "\n\n".join(parts)})
    actions = [
        f"- {one.text} ({one.organisation}, {one.owner}, {longdate(one.due_on)})"
        for one in review.actions.select_related("organisation")
    ]
    return [*found, {"heading": _("Proposed actions"), "text": "\n".join(actions)}] if actions else found


def words_of(finding) -> list[str]:
    """A finding and its recommendation, as Markdown."""
    return [finding.text, *([f"**{_('Recommendation')}**", finding.recommendation] if finding.recommendation else [])]
