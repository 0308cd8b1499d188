"""Public pages that the footer names: help, accessibility statement, privacy notice, cookies; of a framework or of the installation."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal import clock, workflow
from portal.models import Framework, PublicPages
from portal.permissions import Perm
from portal.public_forms import PublicPagesForm
from portal.templatetags.dates import longdate
from portal.tenancy import scoped
from portal.views_people import crumbs, posted


def pages_of(framework) -> PublicPages:
    """What the framework says, or the defaults. Needs its scope."""
    return PublicPages.objects.filter(framework=framework).first() or PublicPages(framework=framework)


def shown(request, name: str, *, pages: PublicPages | None = None) -> HttpResponse:
    """One of the three pages."""
    context = {
        "pages": pages,
        "contact": contact(pages) if pages else [],
        "reviewed": longdate(pages.accessibility_reviewed_on) if pages and pages.accessibility_reviewed_on else "",
        "status": pages.accessibility_status if pages else PublicPages.Status.PARTIALLY,
        "frameworks": [] if pages else frameworks(f"framework-{name}"),
    }
    return TemplateResponse(request, f"portal/{name}.html", context)


def contact(pages: PublicPages) -> list[dict]:
    """Whom to ask, as a summary list; empty when nothing was given."""
    rows = [
        {"key": _("Contact"), "value": pages.contact_name},
        {"key": _("Email address"), "value": pages.contact_email},
        {"key": _("Telephone"), "value": pages.contact_telephone},
    ]
    return [row for row in rows if row["value"]]


def frameworks(name: str) -> list[dict]:
    """Links to the same page of each framework: the people there answer."""
    return [{"text": one.name, "href": reverse(name, args=[one.slug])} for one in Framework.objects.all()]


@login_not_required
@require_safe
def help_page(request) -> HttpResponse:
    """Help of the installation."""
    return shown(request, "help")


@login_not_required
@require_safe
def accessibility(request) -> HttpResponse:
    """Statement for the pages that belong to no framework."""
    return shown(request, "accessibility")


@login_not_required
@require_safe
def privacy(request) -> HttpResponse:
    """Notice about accounts, which belong to no framework."""
    return shown(request, "privacy")


@login_not_required
@require_safe
def cookies(request) -> HttpResponse:
    """The two that are set, and no others."""
    rows = [
        [settings.SESSION_COOKIE_NAME, _("Keeps you signed in"), _("12 hours, or until you sign out")],
        [settings.CSRF_COOKIE_NAME, _("Makes sure that a form was sent from our own page"), _("1 year")],
    ]
    context = {"headers": [_("Name"), _("What it is for"), _("How long it is kept")], "rows": rows}
    return TemplateResponse(request, "portal/cookies.html", context)


@scoped(public=True)
@require_safe
def framework_help(request) -> HttpResponse:
    """Help, with the framework's contact."""
    return shown(request, "help", pages=pages_of(request.framework))


@scoped(public=True)
@require_safe
def framework_accessibility(request) -> HttpResponse:
    """The framework's accessibility statement."""
    return shown(request, "accessibility", pages=pages_of(request.framework))


@scoped(public=True)
@require_safe
def framework_privacy(request) -> HttpResponse:
    """The framework's privacy notice."""
    return shown(request, "privacy", pages=pages_of(request.framework))


@scoped(Perm.CONFIGURE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request) -> HttpResponse:
    """Administrators say whom to ask, who is responsible and what is not accessible yet."""
    form = PublicPagesForm(posted(request), instance=pages_of(request.framework))
    if request.method == "POST" and form.is_valid():
        workflow.change_public_pages(request.framework, form.cleaned_data, by=request.user, now=clock.now())
        messages.success(request, _("The public pages are changed."))
        return redirect("public-pages", request.framework.slug)
    names = ("framework-help", "framework-accessibility", "framework-privacy")
    words = (_("Help and contact"), _("Accessibility statement"), _("Privacy notice"))
    context = {
        "form": form,
        "heading": _("Public pages"),
        "links": [
            {"text": text, "href": reverse(name, args=[request.framework.slug])}
            for name, text in zip(names, words, strict=True)
        ],
        "breadcrumbs": crumbs(request, _("Public pages")),
        "cancel_href": reverse("framework", args=[request.framework.slug]),
    }
    return TemplateResponse(request, "portal/public_pages.html", context)
