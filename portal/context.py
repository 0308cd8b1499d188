"""What every page needs to know. Asks no tenant table: error pages and the sign-in page use it too."""

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

import portal as package

# (label, name of the URL, audience). Pages that do not exist yet are left out.
EVERYWHERE = (
    (_("What needs doing"), "me", "inside"),
    (_("What applies to me"), "what-applies", "inside"),
    (_("Frameworks"), "home", "anyone"),
    (_("Verify a document"), "verify", "anyone"),
)
IN_FRAMEWORK = (
    (_("Overview"), "framework", "anyone"),
    (_("Protocols"), "protocols", "inside"),
    (_("Deadlines"), "deadlines", "inside"),
    (_("Register"), "register", "anyone"),
    (_("Meetings"), "meetings", "inside"),
    (_("Reviews"), "reviews", "inside"),
    (_("Breaches"), "breaches", "inside"),
    (_("Organisations"), "organisations", "inside"),
    (_("People"), "people", "inside"),
    (_("Representatives"), "representatives", "inside"),
)


def _address(name, framework):
    try:
        return reverse(name, args=[framework.slug]) if framework else reverse(name)
    except NoReverseMatch:
        return ""


def navigation(request):
    """Items of the service navigation: ``text``, ``href``, ``is_current``, ``is_active`` (a page below it is shown)."""
    framework = getattr(request, "framework", None)
    is_signed_in = getattr(request, "user", None) is not None and request.user.is_authenticated
    is_inside = getattr(getattr(request, "access", None), "member", False) if framework else is_signed_in
    shown = IN_FRAMEWORK if framework else EVERYWHERE
    pages = [(text, _address(name, framework)) for text, name, who in shown if is_inside or who == "anyone"]
    # a front door is above everything, and of two others the page lies below the nearer one
    doors = {"/", _address("framework", framework)}
    below = [href for _text, href in pages if href and href not in doors and request.path.startswith(href)]
    nearest = max(below, key=len, default="")
    items = []
    for text, href in pages:
        if href:
            is_current, is_active = request.path == href, href == nearest
            items.append({"text": text, "href": href, "is_current": is_current, "is_active": is_active})
    return items


def portal(request):
    """Context processor: ``portal`` (name, version, demo), ``framework`` of the request and ``navigation``.

    A view may put ``navigation`` or ``framework`` of its own into its context; its value wins.
    """
    return {
        "portal": {"name": "Concordat", "version": package.__version__, "demo": settings.PORTAL_DEMO},
        "framework": getattr(request, "framework", None),
        "navigation": SimpleLazyObject(lambda: navigation(request)),
    }
