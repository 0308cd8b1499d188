"""Calendar feeds: make, list and revoke one's own; and the address that a calendar program fetches."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from portal import clock, feeds, limits
from portal.errors import StateError
from portal.forms import GovForm
from portal.models import Board, CalendarFeed
from portal.notices import absolute
from portal.rates import limited
from portal.templatetags.dates import longdate
from portal.tenancy import scoped
from portal.views_people import crumbs, posted

TRIES, WINDOW = 60, 3600  # fetches of one feed in so many seconds
TRIES_OF_ADDRESS = 600  # of one address: an office behind one address has many calendars


class FeedForm(GovForm):
    """Whose calendar."""

    mark_optional = False

    board: Any = forms.ModelChoiceField(
        None,
        label=gettext_lazy("What the calendar shows"),
        required=False,
        empty_label=gettext_lazy("My deadlines, and the meetings that I may see"),
    )

    def __init__(self, data, *, access):
        super().__init__(data)
        board: Any = self.fields["board"]
        board.queryset = Board.objects.visible_to(access)


def mine(request):
    """Live feeds of this person in this framework."""
    own = CalendarFeed.objects.live().filter(framework=request.framework, user=request.user)
    return own.select_related("board").order_by("made_at", "pk")


@scoped()
@require_http_methods(["GET", "HEAD", "POST"])
@limited("calendar-feed")
def feeds_page(request) -> HttpResponse:
    """One's feeds; making one shows its address once, in the answer itself: nothing else knows it."""
    form = FeedForm(posted(request), access=request.access)
    context: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        if mine(request).count() >= CalendarFeed.MOST:
            raise StateError(
                _("You have %(count)d calendar feeds already.") % {"count": CalendarFeed.MOST},
                _("Revoke one that you do not use any more, then make a new one."),
            )
        made, token = CalendarFeed.objects.make(
            request.framework, request.user, board=form.cleaned_data["board"], now=clock.now()
        )
        address = absolute(reverse("calendar-feed", args=[request.framework.slug, token]))
        context = {"made": words_of(made), "address": address}
        form = FeedForm(None, access=request.access)
    context |= {
        "form": form,
        "headers": [_("Calendar"), _("Made on"), _("Revoke")],
        "rows": [row_of(feed, request.framework) for feed in mine(request)],
        "breadcrumbs": crumbs(request, _("Calendar feeds"), ("deadlines", _("Deadlines"))),
    }
    return TemplateResponse(request, "portal/feeds.html", context)


def words_of(feed) -> str:
    """What a feed shows."""
    return str(feed.board) if feed.board else _("My deadlines, and the meetings that I may see")


def row_of(feed, framework) -> list:
    """One line of the list: never the address, which nobody knows any more."""
    revoke = reverse("calendar-feed-revoke", args=[framework.slug, feed.pk])
    return [
        words_of(feed),
        longdate(feed.made_at),
        {"value": _("Revoke"), "link": revoke, "link_hidden": words_of(feed)},
    ]


@scoped()
@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request, pk: int) -> HttpResponse:
    """Its address answers no more; anybody else's feed does not exist."""
    feed = mine(request).filter(pk=pk).first()
    if feed is None:
        raise Http404
    if request.method == "POST":
        feed.revoke(by=request.user, now=clock.now())
        messages.success(request, _("The calendar feed is revoked. Its address does not work any more."))
        return redirect("calendar-feeds", request.framework.slug)
    context = {
        "form": GovForm(),
        "caption": words_of(feed),
        "heading": _("Revoke this calendar feed"),
        "submit": _("Revoke"),
        "submit_variant": "warning",
        "breadcrumbs": crumbs(request, _("Revoke"), ("calendar-feeds", _("Calendar feeds"))),
        "cancel_href": reverse("calendar-feeds", args=[request.framework.slug]),
    }
    return TemplateResponse(request, "form_page.html", context)


@scoped(public=True)
@require_safe
def fetch(request, token: str) -> HttpResponse:
    """What the maker of the feed may see at this moment; 404 for every address that is none, or none any more."""
    now = clock.now()
    if limits.too_many("calendar-address", tries=TRIES_OF_ADDRESS, window=WINDOW, now=now):
        return later()
    feed = CalendarFeed.objects.of(token)
    if feed is None:
        raise Http404
    if limits.too_many("calendar-feed", tries=TRIES, window=WINDOW, now=now, whose=feed.pk):
        return later()
    feed.framework = request.framework
    access = feeds.access_of(feed)
    if not access.member or not may_see_board(feed, access):
        raise Http404
    name = f"{request.framework.name}: {feed.board or _('my deadlines')}"
    made = feeds.as_calendar(name, feeds.entries(feed, access, now=now), now=now)
    return private(HttpResponse(made, content_type="text/calendar; charset=utf-8"))


def may_see_board(feed, access) -> bool:
    """Is the board, if the feed is of one, still there for its maker?"""
    return feed.board_id is None or Board.objects.visible_to(access).filter(pk=feed.board_id).exists()


def later() -> HttpResponse:
    """Asked too often."""
    response = HttpResponse(status=429, content_type="text/plain; charset=utf-8")
    response["Retry-After"] = str(WINDOW)
    return private(response)


def private(response: HttpResponse) -> HttpResponse:
    """Kept by no cache, found by no search engine."""
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
