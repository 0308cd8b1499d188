"""The list of reviews of a framework, and the page of one."""

from django.core.paginator import Paginator
from django.db.models import Q
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal import clock
from portal.templatetags.dates import longdate
from portal.tenancy import scoped
from reviews import review_page
from reviews.forms import ReviewFilter
from reviews.looking_up import crumbs, find_review
from reviews.models import Action, Review

PAGE_SIZE = 25


@require_safe
@scoped()
def reviews(request):
    """Every review that the reader may see, newest first; the filters stand in the address."""
    form, now = ReviewFilter(request.GET), clock.now()
    wanted = form.wanted()
    found = chosen(Review.objects.visible_to(request.access), wanted, now=now)
    page = Paginator(found.select_related("protocol", "version", "deadline", "framework"), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    context = {
        "form": form,
        "page": page,
        "count": page.paginator.count,
        "narrowed": any(wanted.values()),
        "headers": [_("Protocol"), _("Review"), _("State"), _("To be held by"), _("Outcome")],
        "rows": [row_of(review, now=now) for review in page],
        "laws_href": reverse("laws", args=[request.framework.slug]),
    }
    return TemplateResponse(request, "reviews/reviews.html", context)


def chosen(found, wanted, *, now):
    """Narrowed by the filters. Overdue: not held by its day, or an agreed action that is not done by its day (READ-11)."""
    if wanted["q"]:
        found = found.filter(Q(protocol__reference__icontains=wanted["q"]) | Q(protocol__title__icontains=wanted["q"]))
    if wanted["kind"]:
        found = found.filter(kind=wanted["kind"])
    if wanted["state"] == "running":
        found = found.running()
    elif wanted["state"] == "overdue":
        late = Action.objects.to_do().filter(due_on__lt=clock.london_date(now))
        found = found.filter(
            Q(status__in=["open", "in-progress"], deadline__due_at__lt=now) | Q(pk__in=late.values("review"))
        )
    elif wanted["state"]:
        found = found.filter(status=wanted["state"])
    return found


def row_of(review, *, now) -> list:
    """Cells of one review."""
    done = review.held or review.status == Review.Status.DROPPED
    due = review_page.due_cell(review.deadline.due_at if review.deadline else None, now=now, done=done)
    return [
        {"value": review.protocol.title, "note": f"{review.protocol.reference} · {review.version.number}"},
        {
            "value": review.get_kind_display(),
            "link": review.get_absolute_url(),
            "link_hidden": _("of %(reference)s") % {"reference": review.protocol.reference},
            "note": _("opened %(date)s") % {"date": longdate(review.opened_at)},
        },
        review_page.state(review),
        due,
        {"value": review.get_outcome_display(), "empty": "–"},
    ]


@require_safe
@scoped()
def review(request, pk):
    """One review: its steps, who takes part, findings, report, plan and outcome."""
    found = find_review(request, pk)
    context = review_page.page(request, found, now=clock.now()) | {"breadcrumbs": crumbs(request, found)}
    return TemplateResponse(request, "reviews/review.html", context)
