"""Who was consulted beside the parties: events with groups and counts (HAM-consult), bodies that are no party (KEN-5.2)."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _

from portal import clock
from portal.forms import GovForm
from portal.permissions import Perm
from portal.tenancy import scoped
from protocols import consulting
from protocols.consultation_page import consulted_rows
from protocols.finding import find_version
from protocols.forms_consulted import ConsultedForm
from protocols.pages import crumbs, place
from protocols.views_comments import form_page


@scoped(Perm.DRAFT)
def consulted(request, reference, number):
    """What is written down, with the way to add, change and remove."""
    version = find_version(request, reference, number)
    rows = list(version.consulted.all())
    is_open = version.status in consulting.WHILE
    back = place(request, "consultation", version)
    context = {
        "version": version,
        "breadcrumbs": crumbs(request, version, (_("Consultation"), back), (_("Who else was consulted"), "")),
        "is_open": is_open,
        "headers": [_("Event or body"), _("Date"), _("Who took part"), *([_("Change")] if is_open else [])],
        "rows": [
            [
                *cells,
                {
                    "value": _("Change"),
                    "link": place(request, "consulted-edit", version, row.pk),
                    "link_hidden": row.name,
                },
            ]
            if is_open
            else cells
            for row, cells in zip(rows, consulted_rows(rows), strict=True)
        ],
        "add_href": place(request, "consulted-add", version),
        "back_href_act": back,
    }
    return TemplateResponse(request, "protocols/consulted.html", context)


def done(request, version, said):
    """Back to the list."""
    messages.success(request, said)
    return redirect(place(request, "consulted", version))


@scoped(Perm.DRAFT)
def add(request, reference, number):
    """One more."""
    version = find_version(request, reference, number)
    consulting.require_consulting(version)
    form = ConsultedForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        consulting.add(version, **form.cleaned_data, by=request.user, now=clock.now())
        return done(request, version, _("Saved."))
    return form_page(request, form, _("Add who was consulted"), version, submit=_("Save"))


def find_row(version, pk):
    """The row of this version; Http404 for another version's."""
    row = version.consulted.filter(pk=pk).first()
    if row is None:
        raise Http404
    row.version = version
    return row


@scoped(Perm.DRAFT)
def edit(request, reference, number, pk):
    """Put one right."""
    version = find_version(request, reference, number)
    row = find_row(version, pk)
    consulting.require_consulting(version)
    groups = "\n".join(f"{group['people']} {group['name']}" for group in row.groups)
    initial = {"kind": row.kind, "name": row.name, "held_on": row.held_on, "groups": groups}
    form = ConsultedForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        consulting.change(row, **form.cleaned_data, by=request.user, now=clock.now())
        return done(request, version, _("Saved."))
    heading = _("Change “%(row)s”") % {"row": row}
    remove_href = place(request, "consulted-remove", version, row.pk)
    return form_page(request, form, heading, version, submit=_("Save"), remove_href=remove_href)


@scoped(Perm.DRAFT)
def remove(request, reference, number, pk):
    """Ask once, then take it out."""
    version = find_version(request, reference, number)
    row = find_row(version, pk)
    consulting.require_consulting(version)
    if request.method == "POST":
        consulting.remove(row, by=request.user, now=clock.now())
        return done(request, version, _("“%(row)s” is removed.") % {"row": row})
    heading = _("Remove “%(row)s”?") % {"row": row}
    return form_page(request, GovForm(), heading, version, submit=_("Remove"), submit_variant="warning")


BASE = "protocols/<slug:reference>/<number:number>/consulted/"
urlpatterns = [
    path(BASE, consulted, name="consulted"),
    path(f"{BASE}add/", add, name="consulted-add"),
    path(f"{BASE}<int:pk>/", edit, name="consulted-edit"),
    path(f"{BASE}<int:pk>/remove/", remove, name="consulted-remove"),
]
