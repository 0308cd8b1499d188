"""The schedules of a draft: definitions, purposes, data items, parties. One list page and one form page each."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import prefetch_related_objects
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.permissions import Perm
from portal.templatetags.dates import longdate
from portal.tenancy import scoped
from protocols import drafting
from protocols.forms import DataItemForm, NewPartyForm, PartyForm, PurposeForm, RemoveForm, TermForm
from protocols.forms_flows import FlowForm
from protocols.forms_related import RelatedForm
from protocols.models import DataFlow, DataItem, Party, Purpose, RelatedDocument, Term
from protocols.models.flow import EVERYBODY
from protocols.pages import (
    draft_crumbs,
    find_draft,
    initial_of,
    locking,
    overtaken,
    place,
    refused,
    save,
    was_here,
)
from protocols.unsaved import keeps_typed

Words = str | Promise
FORM_PAGE = "protocols/draft_form.html"


@dataclass(frozen=True, slots=True)
class Section:
    """One schedule: word in the address and in URL names, model, words, how a row is shown in its list."""

    word: str
    name: str
    model: Any
    form: type
    title: Words
    one: Words
    add: Words
    intro: Words
    headers: tuple[Words, ...]
    cells: Callable


SECTIONS = [
    Section(
        "definitions", "draft-terms", Term, TermForm, _("Definitions"), _("definition"), _("Add a definition"),
        _("Words that the protocol uses in a meaning of its own."),
        (_("Term"), _("Meaning")),
        lambda row: [{"value": row.term, "empty": _t("Missing")}, {"value": row.text, "empty": _t("Missing")}],
    ),
    Section(
        "purposes", "draft-purposes", Purpose, PurposeForm, _("Purposes"), _("purpose"), _("Add a purpose"),
        _("What information is shared for. Each purpose has a label by which it can be cited."),
        (_("Label"), _("Purpose")),
        lambda row: [row.label, row.text],
    ),
    Section(
        "data-items", "draft-items", DataItem, DataItemForm, _("Data items"), _("data item"), _("Add a data item"),
        _("What is shared, by the three levels: aggregate and management information, minimum data requirements, detailed and sensitive information."),
        (_("Label"), _("Data item"), _("Level")),
        lambda row: [
            row.label,
            {"value": row.name, "note": row.detail, "empty": _t("Missing")},
            {"value": row.get_level_display() or "", "empty": _t("Missing")},
        ],
    ),
    Section(
        "flows", "draft-flows", DataFlow, FlowForm, _("Information flows"), _("flow"), _("Add a flow"),
        _("How the information gets from one party to another, and who is allowed to look at it. What is not listed here is not shared."),
        (_("Label"), _("From"), _("Data items"), _("Purposes"), _("Who may look")),
        lambda row: [
            row.label,
            {"value": source_name(row), "empty": _t("Missing")},
            {"value": ", ".join(row.items), "empty": _t("Missing")},
            {"value": ", ".join(row.purposes), "empty": _t("Missing")},
            {"lines": row.roles} if row.roles else {"value": "", "empty": _t("Missing")},
        ],
    ),
    Section(
        "related", "draft-related", RelatedDocument, RelatedForm, _("Related documents"), _("related document"),
        _("Add a related document"),
        _("Documents that this protocol stands beside: other protocols of this portal, or anything elsewhere. They are printed with the protocol."),
        (_("Title"), _("Owner"), _("Date"), _("Link")),
        lambda row: [
            {"value": row.title, "empty": _t("Missing"), "note": row.protocol.reference if row.protocol else ""},
            {"value": row.owner, "empty": _t("Not given yet")},
            {"value": longdate(row.dated), "empty": _t("Not given yet")},
            {"value": row.link, "link": row.link, "empty": _t("None")},
        ],
    ),
    Section(
        "parties", "draft-parties", Party, PartyForm, _("Parties"), _("party"), _("Add a party"),
        _("The organisations that sign. Address and telephone number are printed as they stand here."),
        (_("Organisation"), _("Main address"), _("Telephone"), _("Must sign")),
        lambda row: [
            row.name,
            {"lines": row.address.split("\n")} if row.address else {"value": "", "empty": _t("Missing")},
            {"value": row.telephone, "empty": _t("Missing")},
            _t("Yes") if row.required else _t("No"),
        ],
    ),
]  # fmt: skip
BY_WORD = {section.word: section for section in SECTIONS}


def source_name(row) -> str:
    """Who gives, in words."""
    if row.source == EVERYBODY:
        return _t("Any of the parties")
    return next((party.name for party in row.version.parties.all() if str(party.organisation_id) == row.source), "")


def find_row(version, section, pk):
    """The row of this version; Http404 for another version's."""
    row = section.model.objects.filter(version=version, pk=pk).first()
    if row is None:
        raise Http404
    row.version = version
    return row


def name_of(row) -> str:
    """P1, D3, a term, an organisation: short enough for a heading."""
    return getattr(row, "label", "") or str(row)


def below(request, version, section, heading) -> list:
    """Breadcrumbs under the list of a section."""
    return draft_crumbs(request, version, (str(section.title), place(request, section.name, version)), (heading, ""))


@scoped(Perm.DRAFT)
def rows(request, reference, number, word):
    """List of a section. POST moves a party up or down."""
    section, version = BY_WORD[word], find_draft(request, reference, number)
    if request.method == "POST":
        return move(request, version, section)
    prefetch_related_objects([version], "parties")
    found = list(related(section.model.objects.filter(version=version)))
    for row in found:
        row.version = version
    is_ordered = section.model is Party
    context = {
        "version": version,
        "section": section,
        "heading": section.title,
        "breadcrumbs": draft_crumbs(request, version, (str(section.title), "")),
        "add_href": place(request, f"{section.name}-add", version),
        "headers": [*section.headers, {"text": _t("Change"), "actions": True}],
        "is_ordered": is_ordered,
        "rows": [
            {
                "pk": row.pk,
                "name": name_of(row),
                "cells": labelled(section, row),
                "edit_href": place(request, f"{section.name}-edit", version, row.pk),
                "remove_href": place(request, f"{section.name}-remove", version, row.pk),
                "first": index == 0,
                "last": index == len(found) - 1,
            }
            for index, row in enumerate(found)
        ],
    }
    return TemplateResponse(request, "protocols/draft_rows.html", context)


def related(rows):
    """With the protocols that related documents name."""
    return rows.select_related("protocol") if rows.model is RelatedDocument else rows


def labelled(section, row) -> list[dict]:
    """Cells with their column's name, for the cards on a phone."""
    cells = []
    for header, cell in zip(section.headers, section.cells(row), strict=True):
        cells.append({"label": header} | (cell if isinstance(cell, dict) else {"value": cell}))
    return cells


def move(request, version, section):
    """One party up or down."""
    way, _colon, pk = request.POST.get("move", "").partition(":")
    if section.model is not Party or way not in {"up", "down"} or not pk.isdecimal() or len(pk) > 18:
        raise Http404
    row = find_row(version, section, int(pk))
    drafting.move(row, up=way == "up", by=request.user, now=clock.now())
    messages.success(request, _t("“%(row)s” is moved.") % {"row": row})
    return redirect(place(request, section.name, version))


@scoped(Perm.DRAFT)
@keeps_typed
def row_add(request, reference, number, word):
    """Add a definition, purpose, data item or flow."""
    section, version = BY_WORD[word], find_draft(request, reference, number, or_words=True)
    if not version.editable:
        return too_late(request, version, section)
    form = section.form(request.POST or None, initial={"revision": version.revision}, version=version)
    context = {
        "form": form,
        "version": version,
        "heading": section.add,
        "breadcrumbs": below(request, version, section, str(section.add)),
        "cancel_href": place(request, section.name, version),
    }
    if request.method == "POST" and form.is_valid():
        act = partial(drafting.add_row, version, section.model, form.words, by=request.user, now=clock.now())
        then = place(request, section.name, version)
        return save(request, form, act, page=FORM_PAGE, context=context, then=then, said=_t("Saved."))
    return TemplateResponse(request, FORM_PAGE, context)


@scoped(Perm.DRAFT)
def party_add(request, reference, number):
    """Choose an organisation of the framework; its address and telephone are taken over, to be checked next."""
    section, version = BY_WORD["parties"], find_draft(request, reference, number)
    form = NewPartyForm(request.POST or None, version=version)
    context = {
        "form": form,
        "version": version,
        "heading": section.add,
        "submit": _t("Continue"),
        "breadcrumbs": below(request, version, section, str(section.add)),
        "cancel_href": place(request, section.name, version),
    }
    if request.method == "POST" and form.is_valid():
        try:
            party = drafting.add_party(version, **form.cleaned_data, by=request.user, now=clock.now())
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(
                request, _t("%(party)s is a party. Check its address and telephone number.") % {"party": party}
            )
            return redirect(place(request, "draft-parties-edit", version, party.pk))
    return TemplateResponse(request, FORM_PAGE, context)


def too_late(request, version, section, **more):
    """A 409 page that still holds what was typed, beside what stands or stood."""
    heading = _t("Your text was not saved")
    context = {
        "heading": heading,
        "breadcrumbs": below(request, version, section, heading),
        "cancel_href": place(request, section.name, version),
    }
    form = section.form(request.POST, version=version)
    return overtaken(request, form, page=FORM_PAGE, context=context, version=version, **more)


def again(request, version, section) -> str:
    """Where the words of a removed row can be added anew; a party is chosen, so not there."""
    return "" if section.model is Party else place(request, f"{section.name}-add", version)


@scoped(Perm.DRAFT)
@keeps_typed
def row_edit(request, reference, number, word, pk):
    """Change one row; on a clash both are shown."""
    section, version = BY_WORD[word], find_draft(request, reference, number, or_words=True)
    key = {"pk": pk}
    if request.method == "POST" and not section.model.objects.filter(version=version, **key).exists():
        if not was_here(version, section.model, key):
            raise Http404
        removed = (section.model, key)
        return too_late(request, version, section, removed=removed, again=again(request, version, section))
    row = find_row(version, section, pk)
    if not version.editable:
        return too_late(request, version, section, row=row)
    form = section.form(request.POST or None, initial=initial_of(row, version), version=version)
    heading = _t("Change “%(row)s”") % {"row": name_of(row)}
    context = {
        "form": form,
        "version": version,
        "heading": heading,
        "breadcrumbs": below(request, version, section, heading),
        "cancel_href": place(request, section.name, version),
        "remove_href": place(request, f"{section.name}-remove", version, row.pk),
    }
    if request.method == "POST" and form.is_valid():
        locks = {name: form.cleaned_data[name] for name in ("revision", "base")}
        act = partial(drafting.change_row, row, form.words, **locks, by=request.user, now=clock.now())
        then = place(request, section.name, version)
        return save(
            request, form, act, page=FORM_PAGE, context=context, then=then, said=_t("Saved."), row=row, version=version,
            make=partial(section.form, version=version),
        )  # fmt: skip
    return TemplateResponse(request, FORM_PAGE, context)


@scoped(Perm.DRAFT)
def row_remove(request, reference, number, word, pk):
    """Ask once, then take the row out of the draft."""
    section, version = BY_WORD[word], find_draft(request, reference, number)
    row = find_row(version, section, pk)
    form = RemoveForm(request.POST or None, initial=locking(row, version))
    if request.method == "POST" and form.is_valid():
        drafting.remove(row, **form.cleaned_data, by=request.user, now=clock.now())
        messages.success(request, _t("“%(row)s” is removed.") % {"row": name_of(row)})
        return redirect(place(request, section.name, version))
    heading = _t("Remove this %(thing)s?") % {"thing": section.one}
    context = {
        "form": form,
        "version": version,
        "heading": heading,
        "gone": [{"key": cell["label"], **cell} for cell in labelled(section, row)],
        "submit": _t("Remove"),
        "submit_variant": "warning",
        "breadcrumbs": below(request, version, section, heading),
        "cancel_href": place(request, section.name, version),
    }
    return TemplateResponse(request, "protocols/draft_remove.html", context)


BASE = "protocols/<slug:reference>/<number:number>/draft/"


def pages_of(section):
    """Addresses of one section."""
    here, extra = f"{BASE}{section.word}/", {"word": section.word}
    add = path(f"{here}add/", row_add, extra, name=f"{section.name}-add")
    if section.model is Party:
        add = path(f"{here}add/", party_add, name=f"{section.name}-add")
    return [
        path(here, rows, extra, name=section.name),
        add,
        path(f"{here}<int:pk>/", row_edit, extra, name=f"{section.name}-edit"),
        path(f"{here}<int:pk>/remove/", row_remove, extra, name=f"{section.name}-remove"),
    ]


urlpatterns = [page for section in SECTIONS for page in pages_of(section)]
