"""What each persona gets from the addresses of reviews (tests.access_rows)."""

from tests.access_kinds import Row, members

REVIEW = "<slug:framework>/reviews/<int:pk>/"
FINDING, ACTION = f"{REVIEW}findings/<int:finding>/", f"{REVIEW}actions/<int:action>/"


def review(*roles, of, status=200, **ids) -> Row:
    """A page of a review in a state; the representative is a reviewer of the one that runs."""
    return members(*roles, status=status, ids={"pk": f"review-{of}"} | ids, below=True)


REVIEWS = {
    "<slug:framework>/reviews/": members(),
    REVIEW: review(of="agreed"),
    f"{REVIEW}parties/<int:organisation>/": review("representative", of="waiting", organisation="partner"),
    f"{REVIEW}reviewers/<int:reviewer>/remove/": review("representative", of="waiting", reviewer="reviewer"),
    f"{REVIEW}start/": review(of="waiting", status=405),
    f"{REVIEW}findings/new/": review("drafter", "secretary", "representative", of="running"),
    FINDING: review("drafter", "secretary", "representative", of="running", finding="finding"),
    f"{FINDING}remove/": review("drafter", "secretary", "representative", of="running", finding="finding"),
    f"{FINDING}correct/": review("drafter", "secretary", of="settled", finding="settled-finding"),
    f"{REVIEW}complete/": review("drafter", "secretary", "representative", of="running"),
    f"{REVIEW}report/": review("drafter", "secretary", of="settled"),
    f"{REVIEW}report.pdf": review(of="reported"),
    f"{REVIEW}decide/": review("secretary", of="reported"),
    f"{REVIEW}actions/new/": review("drafter", "secretary", of="settled"),
    ACTION: review("drafter", "secretary", of="settled", action="planned-action"),
    f"{ACTION}remove/": review("drafter", "secretary", of="settled", action="planned-action"),
    f"{ACTION}done/": review("drafter", "secretary", of="agreed", action="agreed-action"),
    "<slug:framework>/laws/": members(),
    "<slug:framework>/laws/change/": members("framework_admin"),
    "<slug:framework>/protocols/<slug:reference>/informal/": members(below=True),
}
