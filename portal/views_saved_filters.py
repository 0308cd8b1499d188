"""Filters of the deadlines that a person keeps under a name: save, use, delete. Nobody else sees them."""

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from portal import clock
from portal.deadline_forms import DeadlineFilter, SaveFilterForm
from portal.forms import GovForm
from portal.models import SavedFilter
from portal.tenancy import scoped
from portal.views_people import crumbs


def mine(request):
    """Filters of this person in this framework."""
    return SavedFilter.objects.filter(framework=request.framework, user=request.user)


def shown(request) -> list[dict]:
    """The filters that the person keeps here, as the list shows them."""
    slug = request.framework.slug
    return [
        {
            "name": one.name,
            "href": f"{reverse('deadlines', args=[slug])}?{one.query}",
            "delete_href": reverse("saved-filter-delete", args=[slug, one.pk]),
        }
        for one in mine(request)
    ]


@scoped()
@require_http_methods(["GET", "HEAD", "POST"])
def new(request) -> HttpResponse:
    """Keep the filters of the address under a name."""
    is_sent = request.method == "POST"
    asked = QueryDict(request.POST.get("query", "")) if is_sent else request.GET
    kept = DeadlineFilter(asked, framework=request.framework)
    kept.is_valid()
    form = SaveFilterForm(request.POST if is_sent else None, saved=mine(request), initial={"query": kept.query()})
    back = f"{reverse('deadlines', args=[request.framework.slug])}?{kept.query()}"
    if is_sent and form.is_valid():
        SavedFilter.objects.create(
            framework=request.framework,
            user=request.user,
            name=form.cleaned_data["name"],
            query=kept.query(),
            saved_at=clock.now(),
        )
        messages.success(request, _("The filters are saved."))
        return redirect(back)
    context = {
        "form": form,
        "tags": kept.tags(request),
        "heading": _("Save these filters"),
        "breadcrumbs": crumbs(request, _("Save these filters"), ("deadlines", _("Deadlines"))),
        "cancel_href": back,
    }
    return TemplateResponse(request, "portal/saved_filter.html", context)


@scoped()
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request, pk: int) -> HttpResponse:
    """Delete one's own; anybody else's does not exist."""
    found = mine(request).filter(pk=pk).first()
    if found is None:
        raise Http404
    if request.method == "POST":
        found.delete()
        messages.success(request, _("The saved filters are deleted."))
        return redirect("deadlines", request.framework.slug)
    context = {
        "form": GovForm(),
        "heading": _("Delete the saved filters “%(name)s”") % {"name": found.name},
        "submit": _("Delete"),
        "submit_variant": "warning",
        "breadcrumbs": crumbs(request, _("Delete saved filters"), ("deadlines", _("Deadlines"))),
        "cancel_href": reverse("deadlines", args=[request.framework.slug]),
    }
    return TemplateResponse(request, "form_page.html", context)
