"""Procedures and senior managers of a protocol (HAR-8.1, HAR-8.2, HAR-8.3): seen by its members, kept by those who owe them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal import clock
from portal.models import Organisation
from portal.templatetags.dates import longdate
from portal.tenancy import scoped
from protocols import arrangements, protocol_page
from protocols.arrangements import FIELDS, Kind, Status, base_of, may_change
from protocols.finding import find_protocol
from protocols.forms_related import BaseForm, ManagerForm, ProcedureForm
from protocols.models import Arrangement

COLOURS = {Status.NOT_STARTED: "grey", Status.IN_PREPARATION: "yellow", Status.IN_PLACE: "green"}


def link(request, protocol, name, *more) -> str:
    """The address of one of these pages."""
    return reverse(name, args=[request.framework.slug, protocol.reference, *more])


def crumbs(request, protocol, *ends):
    """Breadcrumbs below the protocol."""
    return [
        (_("Protocols"), reverse("protocols", args=[request.framework.slug])),
        (protocol.reference, link(request, protocol, "protocol")),
        *ends,
    ]


def parties_of(request, protocol) -> tuple[list, list]:
    """The parties of the version that the reader's page of the protocol is about, and what is missing of them."""
    shown, _coming = protocol_page.chosen(protocol_page.visible_versions(protocol, request.access))
    if shown is None:
        return [], []
    parties = list(shown.parties.all())
    return parties, arrangements.warnings(parties, shown.arranged)


@require_safe
@scoped()
def procedures(request, reference):
    """How far the partners are, party by party, with what is missing on top."""
    protocol = find_protocol(request, reference)
    parties, missing = parties_of(request, protocol)
    rows = list(protocol.arrangements.select_related("organisation"))
    mine = arrangements.represented(request.access)
    joint = may_change(request.access, None)
    context = {
        "protocol": protocol,
        "breadcrumbs": crumbs(request, protocol, (_("Procedures"), "")),
        "warnings": missing,
        "headers": headers_of(Kind.JOINT),
        "manager_headers": headers_of(Kind.MANAGER),
        "joint": shown_rows(request, protocol, rows, Kind.JOINT, None, changes=joint),
        "joint_href": link(request, protocol, "procedure-joint") if joint else "",
        "parties": [
            {
                "name": party.name,
                "pk": party.organisation_id,
                "local": shown_rows(
                    request, protocol, rows, Kind.LOCAL, party.organisation_id, changes=party.organisation_id in mine
                ),
                "managers": shown_rows(
                    request, protocol, rows, Kind.MANAGER, party.organisation_id, changes=party.organisation_id in mine
                ),
                "new_href": party.organisation_id in mine
                and link(request, protocol, "procedure-local", party.organisation_id),
                "manager_href": party.organisation_id in mine
                and link(request, protocol, "manager-new", party.organisation_id),
            }
            for party in parties
        ],
    }
    return TemplateResponse(request, "protocols/procedures.html", context)


def shown_rows(request, protocol, rows, kind, organisation, *, changes) -> list[dict]:
    """Rows of the table of one kind and party, with the way to the form for those who may change them."""
    headers = headers_of(kind)
    return [
        {
            "cells": [{"label": label} | cell for label, cell in zip(headers, cells_of(row), strict=True)],
            "change_href": link(request, protocol, "procedure-edit", row.pk) if changes else "",
        }
        for row in rows
        if row.kind == kind and row.organisation_id == organisation
    ]


def headers_of(kind) -> list[str]:
    """The columns."""
    return [_("Name"), _("Job title"), _("Since")] if kind == Kind.MANAGER else [_("Procedure"), _("Owner"), _("State")]


def cells_of(row) -> list[dict]:
    """Title, as a link if the document is on the web; owner; state with its day."""
    day = longdate(clock.london_date(row.changed_at))
    state = {"tag": row.get_status_display(), "colour": COLOURS[Status(row.status)], "note": day}
    return [
        {"value": row.title, "link": row.link} if row.link else {"value": row.title},
        {"value": row.owner, "empty": _("Not given yet")},
        {"value": day} if row.kind == Kind.MANAGER else state,
    ]


def refuse_others(request, organisation_id):
    """A member without the right to these rows gets 403."""
    if not may_change(request.access, organisation_id):
        raise PermissionDenied


def form_page(request, protocol, form, heading, **more):
    """One form, below the page of the procedures."""
    back = link(request, protocol, "procedures")
    context = {
        "form": form,
        "heading": heading,
        "caption": protocol,
        "breadcrumbs": crumbs(request, protocol, (_("Procedures"), back), (heading, "")),
        "cancel_href": back,
    }
    return TemplateResponse(request, "protocols/procedure_form.html", context | more)


def new(request, reference, kind, organisation_id, make, heading):
    """Add one. An organisation that is no party is not found."""
    protocol = find_protocol(request, reference)
    refuse_others(request, organisation_id)
    organisation = None
    if organisation_id is not None:
        if organisation_id not in {party.organisation_id for party in parties_of(request, protocol)[0]}:
            raise Http404
        organisation = Organisation.objects.get(pk=organisation_id)
    arrangements.refuse_over(protocol)
    form = make(request.POST or None)
    if request.method == "POST" and form.is_valid():
        arrangements.add(protocol, kind, organisation, form.words, by=request.user, now=clock.now())
        messages.success(request, _("Saved."))
        return redirect(link(request, protocol, "procedures"))
    return form_page(request, protocol, form, heading % {"organisation": organisation})


@scoped()
def joint_new(request, reference):
    """A joint procedure (HAR-8.2), by a drafter."""
    return new(request, reference, Kind.JOINT, None, ProcedureForm, _("Add a joint procedure"))


@scoped()
def local_new(request, reference, organisation):
    """A local procedure (HAR-8.1), by the party's own representative."""
    words = _("Add a local procedure of %(organisation)s")
    return new(request, reference, Kind.LOCAL, organisation, ProcedureForm, words)


@scoped()
def manager_new(request, reference, organisation):
    """A senior manager (HAR-8.3), by the party's own representative."""
    words = _("Designate a senior manager of %(organisation)s")
    return new(request, reference, Kind.MANAGER, organisation, ManagerForm, words)


def find_row(request, reference, pk):
    """The protocol and one of its rows; Http404 for another protocol's."""
    protocol = find_protocol(request, reference)
    row = protocol.arrangements.select_related("organisation").filter(pk=pk).first()
    if row is None:
        raise Http404
    refuse_others(request, row.organisation_id)
    row.protocol = protocol
    arrangements.refuse_over(protocol)
    return protocol, row


@scoped()
def edit(request, reference, pk):
    """Change one: its status above all."""
    protocol, row = find_row(request, reference, pk)
    make = ManagerForm if row.kind == Kind.MANAGER else ProcedureForm
    initial = {name: getattr(row, name) for name in FIELDS} | {"base": base_of(row)}
    form = make(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        base = form.cleaned_data["base"]
        arrangements.change(row, form.words, base=base, by=request.user, now=clock.now())
        messages.success(request, _("Saved."))
        return redirect(link(request, protocol, "procedures"))
    remove = link(request, protocol, "procedure-remove", row.pk)
    return form_page(request, protocol, form, _("Change “%(row)s”") % {"row": row.title}, remove_href=remove)


@scoped()
def remove(request, reference, pk):
    """Ask once, then take it away."""
    protocol, row = find_row(request, reference, pk)
    form = BaseForm(request.POST or None, initial={"base": base_of(row)})
    if request.method == "POST" and form.is_valid():
        arrangements.remove(row, base=form.cleaned_data["base"], by=request.user, now=clock.now())
        messages.success(request, _("“%(row)s” is removed.") % {"row": row.title})
        return redirect(link(request, protocol, "procedures"))
    gone = [
        {"key": Arrangement.Kind(row.kind).label, "value": row.title},
        {"key": _("Organisation"), "value": str(row.organisation or _("All parties"))},
    ]
    words = {"submit": _("Remove"), "submit_variant": "warning", "gone": gone}
    return form_page(request, protocol, form, _("Remove “%(row)s”?") % {"row": row.title}, **words)


BASE = "protocols/<slug:reference>/procedures/"
urlpatterns = [
    path(BASE, procedures, name="procedures"),
    path(f"{BASE}joint/", joint_new, name="procedure-joint"),
    path(f"{BASE}of/<int:organisation>/", local_new, name="procedure-local"),
    path(f"{BASE}of/<int:organisation>/manager/", manager_new, name="manager-new"),
    path(f"{BASE}<int:pk>/", edit, name="procedure-edit"),
    path(f"{BASE}<int:pk>/remove/", remove, name="procedure-remove"),
]
