"""From an address to what its reader may see of reviews; everything else is "not found"."""

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from reviews.models import Action, Finding, Review

WITH = (
    "protocol__tier__deciding_body", "protocol__partnership__board", "protocol__lead_organisation", "protocol__framework",
    "version__protocol", "framework", "deadline", "decision__board", "report", "draft", "completed_by",
)  # fmt: skip


def find_review(request, pk) -> Review:
    """The review, if the reader may see it; else Http404."""
    found = Review.objects.visible_to(request.access).select_related(*WITH).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def find_finding(request, review, pk) -> Finding:
    """A finding of the review that the reader may see; else Http404."""
    found = Finding.objects.visible_to(request.access).filter(review=review, pk=pk).first()
    if found is None:
        raise Http404
    found.review = review
    return found


def find_action(request, review, pk) -> Action:
    """An action of the review that the reader may see; else Http404."""
    found = (
        Action.objects.visible_to(request.access).filter(review=review, pk=pk).select_related("organisation").first()
    )
    if found is None:
        raise Http404
    found.review = review
    return found


def crumbs(request, review, *ends) -> list[tuple[str, str]]:
    """Breadcrumbs down to a page of a review. ends: (text, address), the last one without address."""
    slug = request.framework.slug
    here = [(review.protocol.reference, "" if not ends else review.get_absolute_url())]
    return [(_("Reviews"), reverse("reviews", args=[slug])), *here, *ends]


def place(request, name, review, *more) -> str:
    """Address of a page of a review."""
    return reverse(name, args=[request.framework.slug, review.pk, *more])
