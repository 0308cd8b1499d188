"""Organisations and boards of a framework."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal import clock, workflow
from portal.models import Board, MemberOrganisation
from portal.people_forms import BoardForm, NewOrganisationForm, OrganisationForm
from portal.permissions import Perm
from portal.templatetags.dates import longdate
from portal.tenancy import scoped
from portal.views_deputies import administers
from portal.views_people import crumbs, posted

PER_PAGE = 50
STATUS_COLOURS = {"active": "green", "suspended": "orange", "left": "grey"}


@scoped()
@require_safe
def organisations(request) -> HttpResponse:
    """The members of the framework."""
    members = MemberOrganisation.objects.filter(framework=request.framework).select_related("organisation")
    page = Paginator(members.order_by("organisation__name", "pk"), PER_PAGE).get_page(request.GET.get("page"))
    configures = request.access.can(Perm.CONFIGURE)
    cares = configures or request.access.can(Perm.ORGANISATION)
    context = {
        "page": page,
        "configures": configures,
        "authorises": request.access.can(Perm.AUTHORISE),
        "headers": [
            _("Organisation"),
            _("Address and telephone"),
            _("ICO registration"),
            _("ODS code"),
            _("Status"),
            *([_("Deputies")] if cares else []),
            *([_("Change")] if configures else []),
        ],
        "rows": [row_of(member, request.access) for member in page],
        "breadcrumbs": crumbs(request, _("Organisations")),
    }
    return TemplateResponse(request, "portal/organisations.html", context)


@scoped(Perm.CONFIGURE)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request) -> HttpResponse:
    """Add an organisation to the framework."""
    form = NewOrganisationForm(posted(request))
    if request.method == "POST" and form.is_valid():
        member = workflow.new_organisation(request.framework, **form.cleaned_data, by=request.user, now=clock.now())
        messages.success(request, _("%(organisation)s is now a member of the framework.") % {"organisation": member})
        return redirect("organisations", request.framework.slug)
    return form_page(request, form, _("Add an organisation"), ("organisations", _("Organisations")))


@scoped()
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, pk: int) -> HttpResponse:
    """Change an organisation's particulars: its own administrators always; the framework's administrators see them
    read-only, with a reason, where other frameworks rely on them too."""
    members = MemberOrganisation.objects.filter(framework=request.framework, pk=pk)
    member = members.select_related("organisation", "framework").first()
    if member is None:
        raise Http404
    if not administers(request.access, member):
        raise PermissionDenied
    own = request.access.can_for(Perm.ORGANISATION, member.organisation_id)
    if not own and not workflow.only_here(member):
        context = {
            "member": member,
            "rows": particulars(member.organisation),
            "breadcrumbs": crumbs(request, member.organisation.name, ("organisations", _("Organisations"))),
        }
        return TemplateResponse(
            request, "portal/organisation.html", context, status=409 if request.method == "POST" else 200
        )
    form = OrganisationForm(posted(request), instance=member.organisation)
    if request.method == "POST" and form.is_valid():
        workflow.edit_organisation(member, by=request.user, now=clock.now(), **form.cleaned_data)
        messages.success(
            request, _("The particulars of %(organisation)s are saved.") % {"organisation": form.cleaned_data["name"]}
        )
        return redirect("organisations", request.framework.slug)
    return form_page(request, form, _("Change an organisation’s particulars"), ("organisations", _("Organisations")))


@scoped()
@require_http_methods(["GET", "HEAD", "POST"])
def boards(request) -> HttpResponse:
    """The deciding bodies; administrators add one."""
    form = add_form(request, BoardForm)
    if form is not None and request.method == "POST" and form.is_valid():
        workflow.add_board(request.framework, **form.cleaned_data, by=request.user, now=clock.now())
        messages.success(request, _("The board is added."))
        return redirect("boards", request.framework.slug)
    context = {
        "form": form,
        "boards": Board.objects.filter(framework=request.framework).standing(),
        "breadcrumbs": crumbs(request, _("Boards")),
    }
    return TemplateResponse(request, "portal/boards.html", context)


def add_form(request, form_class):
    """The form that adds one, for administrators; others see the list only and may not send it."""
    if request.access.can(Perm.CONFIGURE):
        return form_class(posted(request), framework=request.framework)
    if request.method == "POST":
        raise PermissionDenied
    return None


def form_page(request, form, heading: str, under: tuple[str, str]) -> HttpResponse:
    """One form, with the way back."""
    context = {
        "form": form,
        "heading": heading,
        "breadcrumbs": crumbs(request, heading, under),
        "cancel_href": reverse(under[0], args=[request.framework.slug]),
    }
    return TemplateResponse(request, "form_page.html", context)


def row_of(member: MemberOrganisation, access) -> list:
    """One row of the list of organisations."""
    body, slug = member.organisation, access.framework.slug
    configures, mine = access.can(Perm.CONFIGURE), administers(access, member)
    name = {"value": body.name}
    if mine:
        name["link"] = reverse("organisation-edit", args=[slug, member.pk])
    registration = {"value": body.ico_number, "empty": _("Not given")}
    if body.ico_expires:
        registration["note"] = _("expires %(date)s") % {"date": longdate(body.ico_expires)}
    address = {
        "lines": [*body.address.splitlines(), *([body.telephone] if body.telephone else [])],
        "empty": _("Not given"),
    }
    row = [
        name,
        address,
        registration,
        {"value": body.ods_code, "empty": _("None")},
        {"tag": member.get_status_display(), "colour": STATUS_COLOURS[member.status]},
    ]
    if configures or access.can(Perm.ORGANISATION):
        row.append(deputies_cell(member, slug) if mine else {"value": "", "empty": "–"})
    return [*row, standing_cell(member, access.framework)] if configures else row


def deputies_cell(member: MemberOrganisation, slug: str) -> dict:
    """The way to who stands in for whom."""
    return {
        "value": _("Deputies"),
        "link": reverse("deputies", args=[slug, member.pk]),
        "link_hidden": _("of %(organisation)s") % {"organisation": member.organisation},
    }


def standing_cell(member: MemberOrganisation, framework) -> dict:
    """The way to suspend an active member, or to let a suspended one in again."""
    offers = {
        "active": ("organisation-suspend", _("Suspend")),
        "suspended": ("organisation-lift", _("Lift suspension")),
    }
    if member.status not in offers:
        return {"value": "", "empty": "–"}
    name, words = offers[member.status]
    return {
        "value": words,
        "link": reverse(name, args=[framework.slug, member.pk]),
        "link_hidden": _("of %(organisation)s") % {"organisation": member.organisation},
    }


def particulars(body) -> list[dict]:
    """An organisation as a summary list."""
    empty = _("Not given")
    return [
        {"key": _("Name"), "value": body.name},
        {"key": _("Main address"), "lines": body.address.splitlines(), "empty": empty},
        {"key": _("Main telephone number"), "value": body.telephone, "empty": empty},
        {"key": _("Nation"), "value": body.get_nation_display()},
        {"key": _("ICO registration number"), "value": body.ico_number, "empty": empty},
        {
            "key": _("ICO registration expires on"),
            "value": longdate(body.ico_expires) if body.ico_expires else "",
            "empty": empty,
        },
        {"key": _("ODS code"), "value": body.ods_code, "empty": empty},
    ]
