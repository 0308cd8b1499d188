"""The text of a draft: clauses read, added, changed, moved, removed."""

import uuid
from functools import partial

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal import clock
from portal.db.statements import prepared
from portal.markdown import markdown_to_html
from portal.permissions import Perm
from portal.tenancy import scoped
from protocols import drafting
from protocols.drafting import CLAUSE_FIELDS
from protocols.forms import ClauseForm, RemoveForm
from protocols.models import Clause
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
from protocols.reading import table_in
from protocols.unsaved import keeps_typed

FORM_PAGE = "protocols/clause_form.html"


def labels_of(version) -> dict[str, str]:
    """Clause uid → what a reference to it prints."""
    return {str(uid): label for uid, label in version.clauses.values_list("uid", "label")}


@scoped(Perm.DRAFT)
def clauses(request, reference, number):
    """The text as it reads, with tools at every clause. POST moves one up or down."""
    version = find_draft(request, reference, number)
    if request.method == "POST":
        way, _colon, uid = request.POST.get("move", "").partition(":")
        clause = find_clause(version, uid)
        if clause is None or way not in {"up", "down"}:
            raise Http404
        drafting.move(clause, up=way == "up", by=request.user, now=clock.now())
        messages.success(request, _("“%(clause)s” is moved.") % {"clause": clause})
        return redirect(f"{place(request, 'draft-clauses', version)}#c-{clause.uid}")
    context = {
        "version": version,
        "breadcrumbs": draft_crumbs(request, version, (_("Text"), "")),
        "nodes": nodes(request, version, version.clauses.all().tree()),
        "labels": labels_of(version),
        "new_href": place(request, "clause-new", version),
        "here": place(request, "draft-clauses", version),
    }
    return TemplateResponse(request, "protocols/draft_clauses.html", context)


def text_shown(clause) -> str:
    """The text; in place of a mark, which table the document prints there."""
    title = table_in(clause.text)
    return _("*The table “%(title)s” is printed here.*") % {"title": title} if title else clause.text


def nodes(request, version, rows) -> list[dict]:
    """The clause tree for the template, each with the addresses of its tools."""
    new = place(request, "clause-new", version)
    return [
        {
            "clause": row,
            "name": str(row),
            "text": text_shown(row),
            "edit_href": place(request, "clause-edit", version, row.uid),
            "after_href": f"{new}?place=after:{row.uid}",
            "inside_href": f"{new}?place=inside:{row.uid}",
            "first": index == 0,
            "last": index == len(rows) - 1,
            "children": nodes(request, version, row.below),
        }
        for index, row in enumerate(rows)
    ]


def find_clause(version, uid) -> Clause | None:
    """The clause of this version with that uid; None for another version's, and for anything that is no uid."""
    try:
        return next(iter(clauses_with(version.pk, uuid.UUID(str(uid)))), None)
    except ValueError:
        return None


@prepared
def clauses_with(version, uid):
    """The one with this uid of the version with this id."""
    return Clause.objects.filter(version=version, uid=uid).select_related("parent", "version")


def form_context(request, version, heading) -> dict:
    """What the pages for one clause share."""
    return {
        "version": version,
        "heading": heading,
        "breadcrumbs": draft_crumbs(
            request, version, (_("Text"), place(request, "draft-clauses", version)), (heading, "")
        ),
        "cancel_href": place(request, "draft-clauses", version),
        "save_href": "",
    }


def preview(request, form, context):
    """The page again, with the text as it will read."""
    shown = markdown_to_html(form.cleaned_data["text"], labels_of(context["version"]))
    return TemplateResponse(request, FORM_PAGE, context | {"preview": form.words, "preview_text": shown})


@scoped(Perm.DRAFT)
@keeps_typed
def clause_new(request, reference, number):
    """Add a clause at the end, after another one, or inside it."""
    version = find_draft(request, reference, number, or_words=True)
    if not version.editable:
        return too_late(request, version)
    where = request.GET.get("place", "end")
    anchor = find_clause(version, where.partition(":")[2])
    initial = {"place": where if anchor else "end", "kind": kind_for(where, anchor), "revision": version.revision}
    form = ClauseForm(request.POST or None, initial=initial)
    context = form_context(request, version, _("New clause")) | {"form": form, "where": words_for(where, anchor)}
    if request.method == "POST" and form.is_valid():
        if request.POST.get("act") == "preview":
            return preview(request, form, context)
        facts = {"place": form.cleaned_data["place"] or "end", "by": request.user, "now": clock.now()}
        try:
            added = drafting.add_clause(version, form.words, **facts)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("“%(clause)s” is added.") % {"clause": added})
            return redirect(f"{place(request, 'draft-clauses', version)}#c-{added.uid}")
    return TemplateResponse(request, FORM_PAGE, context)


def kind_for(where, anchor) -> str:
    """The kind that a new clause most likely has."""
    if anchor is None:
        return Clause.Kind.HEADING
    if where.startswith("after:"):
        return anchor.kind
    return Clause.Kind.CLAUSE if anchor.kind == Clause.Kind.HEADING else Clause.Kind.ITEM


def words_for(where, anchor) -> str:
    """Where the new clause will stand."""
    if anchor is None:
        return _("It is added at the end of the text.")
    words = (
        _("It is added straight after “%(clause)s”.")
        if where.startswith("after:")
        else _("It is added inside “%(clause)s”, at its end.")
    )
    return words % {"clause": anchor}


@scoped(Perm.DRAFT)
@keeps_typed
def clause_edit(request, reference, number, uid):
    """Change one clause. Of two people who change the same one, the second sees both texts and loses neither."""
    version = find_draft(request, reference, number, or_words=True)
    clause = find_clause(version, uid)
    if clause is None and (request.method != "POST" or not was_here(version, Clause, {"uid": uid})):
        raise Http404
    if clause is None:
        again = place(request, "clause-new", version)
        return too_late(request, version, removed=(Clause, {"uid": uid}), again=again)
    if not version.editable:
        return too_late(request, version, row=clause)
    clause.version = version
    form = ClauseForm(request.POST or None, initial=initial_of(clause, version))
    context = form_context(request, version, _("Change “%(clause)s”") % {"clause": clause}) | {
        "form": form,
        "remove_href": place(request, "clause-remove", version, clause.uid),
        "history_href": reverse(
            "clause-history", args=[request.framework.slug, version.protocol.reference, clause.uid]
        ),
    }
    if request.method == "POST" and form.is_valid():
        if request.POST.get("act") == "preview":
            return preview(request, form, context)
        locks = {name: form.cleaned_data[name] for name in ("revision", "base")}
        act = partial(drafting.change_clause, clause, form.words, **locks, by=request.user, now=clock.now())
        then = f"{place(request, 'draft-clauses', version)}#c-{clause.uid}"
        return save(
            request,
            form,
            act,
            page=FORM_PAGE,
            context=context,
            then=then,
            said=_("Saved."),
            row=clause,
            version=version,
        )
    return TemplateResponse(request, FORM_PAGE, context)


def too_late(request, version, **more):
    """A 409 page that still holds what was typed, beside what stands or stood."""
    context = form_context(request, version, _("Your text was not saved"))
    return overtaken(request, ClauseForm(request.POST), page=FORM_PAGE, context=context, version=version, **more)


@scoped(Perm.DRAFT)
def clause_remove(request, reference, number, uid):
    """Ask once, then take the clause out with everything under it."""
    version = find_draft(request, reference, number)
    clause = find_clause(version, uid)
    if clause is None:
        raise Http404
    clause.version = version
    form = RemoveForm(request.POST or None, initial=locking(clause, version))
    if request.method == "POST" and form.is_valid():
        drafting.remove(clause, **form.cleaned_data, by=request.user, now=clock.now())
        messages.success(request, _("“%(clause)s” is removed.") % {"clause": clause})
        return redirect(place(request, "draft-clauses", version))
    under = len(drafting.below(clause))
    words = ngettext("%(count)d clause under it goes too.", "%(count)d clauses under it go too.", under) % {
        "count": under
    }
    context = form_context(request, version, _("Remove “%(clause)s”?") % {"clause": clause}) | {
        "form": form,
        "gone": [
            {"key": form_label(name), "value": str(getattr(clause, name))}
            for name in CLAUSE_FIELDS[1:]
            if getattr(clause, name)
        ],
        "words": words if under else "",
        "is_clause": True,
        "submit": _("Remove"),
        "submit_variant": "warning",
    }
    return TemplateResponse(request, "protocols/draft_remove.html", context)


def form_label(name) -> str:
    """What the form calls a field."""
    return str(ClauseForm.base_fields[name].label)


BASE = "protocols/<slug:reference>/<number:number>/draft/clauses/"
urlpatterns = [
    path(BASE, clauses, name="draft-clauses"),
    path(f"{BASE}new/", clause_new, name="clause-new"),
    path(f"{BASE}<uuid:uid>/", clause_edit, name="clause-edit"),
    path(f"{BASE}<uuid:uid>/remove/", clause_remove, name="clause-remove"),
]
