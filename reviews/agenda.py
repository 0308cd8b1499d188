"""What reviews bring before a board (portal.agenda): reviews that fall due by its meeting, and findings (HAR-5.3, HAR-5.4)."""

from django.utils.translation import gettext as _

from portal import agenda
from reviews.models import Review

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
