"""Partnerships of a framework: list, create, edit (KEN-4.3iii)."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal import clock
from portal import partnerships as verbs
from portal.models import Partnership
from portal.people_forms import PartnershipForm
from portal.permissions import Perm
from portal.tenancy import scoped
from portal.views_people import crumbs, posted


@scoped()
@require_safe
def partnerships(request) -> HttpResponse:
    """Each with its board and its organisations."""
    found = Partnership.objects.filter(framework=request.framework).select_related("board")
    configures = request.access.can(Perm.CONFIGURE)
    rows = [
        row_of(one, request.framework, configures=configures) for one in found.prefetch_related("members__organisation")
    ]
    context = {
        "configures": configures,
        "headers": [_("Partnership"), _("Its board"), _("Organisations"), _("Deadlines")],
        "rows": rows,
        "breadcrumbs": crumbs(request, _("Partnerships")),
    }
    return TemplateResponse(request, "portal/partnerships.html", context)


def row_of(partnership, framework, *, configures: bool) -> list:
    """One row of the list."""
    name = {"value": partnership.name}
    if configures:
        name["link"] = reverse("partnership-edit", args=[framework.slug, partnership.pk])
    members = sorted(member.organisation.name for member in partnership.members.all())
    deadlines = {
        "value": _("See deadlines"),
        "link": f"{reverse('deadlines', args=[framework.slug])}?partnership={partnership.pk}",
        "link_hidden": _("of %(name)s") % {"name": partnership.name},
    }
    return [name, partnership.board.name, {"lines": members, "empty": _("None yet")}, deadlines]


@scoped(Perm.CONFIGURE)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request) -> HttpResponse:
    """A new partnership."""
    form = PartnershipForm(posted(request), framework=request.framework)
    if request.method == "POST" and form.is_valid():
        made = verbs.create(request.framework, **form.cleaned_data, by=request.user, now=clock.now())
        messages.success(request, _("The partnership %(name)s is added.") % {"name": made})
        return redirect("partnerships", request.framework.slug)
    return page(request, form, _("Add a partnership"))


@scoped(Perm.CONFIGURE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, pk: int) -> HttpResponse:
    """Name, board and organisations of a partnership."""
    partnership = Partnership.objects.filter(framework=request.framework, pk=pk).select_related("board").first()
    if partnership is None:
        raise Http404
    form = PartnershipForm(posted(request), framework=request.framework, partnership=partnership)
    if request.method == "POST" and form.is_valid():
        verbs.edit(partnership, **form.cleaned_data, by=request.user, now=clock.now())
        messages.success(request, _("Saved."))
        return redirect("partnerships", request.framework.slug)
    return page(request, form, _("Change the partnership"))


def page(request, form, heading: str) -> HttpResponse:
    """The form, with the way back."""
    context = {
        "form": form,
        "heading": heading,
        "boards_href": reverse("boards", args=[request.framework.slug]),
        "breadcrumbs": crumbs(request, heading, ("partnerships", _("Partnerships"))),
        "cancel_href": reverse("partnerships", args=[request.framework.slug]),
    }
    return TemplateResponse(request, "portal/partnership_form.html", context)
