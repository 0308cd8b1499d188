"""Beginning a protocol or its next version, and the task list of a draft."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal import clock
from portal.models import Decision
from portal.permissions import Perm
from portal.tenancy import scoped
from protocols import drafting, pilots, sections, workflow
from protocols.beginning import refuse_unfinished
from protocols.deleting import delete_draft, may_be_deleted, refuse_deletion, takes_protocol_along
from protocols.finding import find_protocol, find_version
from protocols.forms import DetailsForm, NextVersionForm, ProtocolForm, RemoveForm
from protocols.gaps import gaps, warnings
from protocols.models import UnsavedDraft, Version
from protocols.models.version import BACK_TO_DRAFT
from protocols.pages import crumbs, draft_crumbs, find_draft, initial_of, overtaken, place, refused, save
from protocols.parents import external_parent
from protocols.unsaved import keeps_typed

CAME_BACK = BACK_TO_DRAFT | {Decision.Outcome.NOT_RATIFIED}


@scoped(Perm.DRAFT)
def protocol_new(request):
    """Tier, parent, reference, title, lead organisation → version 1.0 draft 1."""
    form = ProtocolForm(request.POST or None, access=request.access)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        try:
            version = workflow.create_protocol(request.framework, **facts, by=request.user, now=clock.now())
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("%(version)s is begun.") % {"version": version})
            return redirect(place(request, "draft", version))
    back = [(_("Protocols"), reverse("protocols", args=[request.framework.slug])), (_("New protocol"), "")]
    return TemplateResponse(
        request, "protocols/protocol_new.html", {"form": form, "breadcrumbs": back, "submit": _("Begin the protocol")}
    )


@scoped(Perm.DRAFT)
def version_new(request, reference):
    """The next version: an editorial change, or one that the parties sign again (SIG-num)."""
    protocol = find_protocol(request, reference)
    refuse_unfinished(protocol.versions.all())
    form = NextVersionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        major = form.cleaned_data["change"] == "major"
        version = workflow.next_version(protocol, major=major, by=request.user, now=clock.now())
        messages.success(request, _("%(version)s is begun.") % {"version": version})
        return redirect(place(request, "draft", version))
    newest = protocol.latest
    ends = crumbs(request, newest, (_("Next version"), ""))
    context = {"form": form, "protocol": protocol, "submit": _("Begin the next version")}
    return TemplateResponse(request, "protocols/draft_next.html", context | {"breadcrumbs": ends})


@scoped(Perm.DRAFT)
def draft(request, reference, number):
    """Task list: what is there, what is missing, where to go on."""
    version = find_version(request, reference, number)
    found = gaps(version) if version.editable else []
    decision = workflow.last_decision(version)
    context = {
        "version": version,
        "protocol": version.protocol,
        "breadcrumbs": crumbs(request, version, (version.name, "")),
        "missing": [gap.text for gap in found],
        "warnings": warnings(version) if version.editable else [],
        "tasks": tasks(request, version, found) if version.editable else [],
        "steps": steps(request, version),
        "remarks": sections.remarks_for(version, request.access),
        "unsaved": UnsavedDraft.objects.filter(user=request.user, version=version).count(),
        "unsaved_href": place(request, "draft-unsaved", version),
        "facts": facts(version, place(request, "draft-parent", version)),
        "came_back": decision if version.editable and decision and decision.outcome in CAME_BACK else None,
    }
    return TemplateResponse(request, "protocols/draft.html", context)


def facts(version, parent_href) -> list[dict]:
    """What was settled when the protocol was begun."""
    protocol = version.protocol
    parent = str(protocol.parent or external_parent(protocol))
    change = {}
    if version.editable and (parent or protocol.partnership) and drafting.title_is_open(version):
        change = {"href": parent_href, "action": _("Change"), "hidden": _("what it supplements")}
    return [
        {"key": _("Reference"), "value": protocol.reference},
        {"key": _("Tier"), "value": protocol.tier.name},
        {"key": _("Partnership"), "value": str(protocol.partnership)} if protocol.partnership else {},
        {"key": _("Parent"), "value": parent} | change if parent else {},
        {"key": _("Deciding body"), "value": str(protocol.deciding_body or ""), "empty": _("None yet")},
        {"key": _("Lead organisation"), "value": str(protocol.lead_organisation)},
    ]


def tasks(request, version, found) -> list[dict]:
    """Rows of the task list: one per section, with its state in words."""
    counts = {
        "clauses": version.clauses.count(),
        "terms": version.terms.count(),
        "purposes": version.purposes.count(),
        "items": version.data_items.count(),
        "flows": version.data_flows.count(),
        "related": version.related_documents.count(),
        "parties": version.parties.count(),
    }
    begun = any([version.effective_on, version.sign_by, version.review_first_months, version.review_then_months])
    sections = [
        ("details", _("Dates, review rule and classification"), "draft-details", begun),
        ("clauses", _("Text"), "draft-clauses", counts["clauses"]),
        ("terms", _("Definitions"), "draft-terms", counts["terms"]),
        ("purposes", _("Purposes"), "draft-purposes", counts["purposes"]),
        ("items", _("Data items"), "draft-items", counts["items"]),
        ("flows", _("Information flows"), "draft-flows", counts["flows"]),
        ("related", _("Related documents"), "draft-related", counts["related"]),
        ("parties", _("Parties"), "draft-parties", counts["parties"]),
    ]
    sections.append(("pilot", _("Pilot"), "draft-pilot", pilots.of(version) is not None))
    rows = []
    for section, title, name, there in sections:
        lacking = [gap.text for gap in found if gap.section == section]
        row = {"title": title, "href": place(request, name, version), "hint": hint(section, lacking, there)}
        if lacking:
            row |= (
                {"status": _("In progress"), "colour": "teal"}
                if there
                else {"status": _("Not yet started"), "colour": "blue"}
            )
        elif there:
            row |= {"status": _("Completed")}
        else:
            row |= {"status": _("Optional")}
        rows.append(row)
    return rows


def hint(section, lacking, there) -> str:
    """What is missing, or how much there is."""
    if lacking:
        return _("Missing: %(things)s") % {"things": "; ".join(lacking[:4]) + ("; …" if len(lacking) > 4 else "")}
    if section in {"details", "pilot"}:
        return ""
    return ngettext("%(count)d entry", "%(count)d entries", there) % {"count": there} if there else ""


def steps(request, version) -> list[dict]:
    """Where a draft goes from here."""
    status = Version.Status
    found = []
    if version.status in {status.DRAFT, status.CONSULTATION} or version.consultations.exists():
        hint = _("Send the draft to the parties, and answer their comments")
        found.append({"text": _("Consultation"), "hint": hint, "href": place(request, "consultation", version)})
    if version.status in {status.DRAFT, status.CONSULTATION, status.APPROVAL, status.APPROVED}:
        hint = _("Ask the deciding body for its decision, then open for signature")
        found.append({"text": _("Approval"), "hint": hint, "href": place(request, "approval", version)})
    if may_be_deleted(version):
        hint = _("Nobody else has seen it yet")
        found.append({"text": _("Delete this draft"), "hint": hint, "href": place(request, "draft-delete", version)})
    return found


@scoped(Perm.DRAFT)
@keeps_typed
def details(request, reference, number):
    """Title, dates, review rule, classification."""
    version = find_draft(request, reference, number, or_words=True)
    make = partial(DetailsForm, title_is_open=drafting.title_is_open(version))
    initial = initial_of(version, version) | {"title": version.protocol.title}
    form = make(request.POST or None, initial=initial)
    context = {
        "form": form,
        "version": version,
        "heading": _("Dates, review rule and classification"),
        "breadcrumbs": draft_crumbs(request, version, (_("Dates and rules"), "")),
        "cancel_href": place(request, "draft", version),
    }
    if not version.editable:
        return overtaken(request, form, page="protocols/draft_form.html", context=context, version=version, row=version)
    if request.method == "POST" and form.is_valid():
        locks = {name: form.cleaned_data[name] for name in ("revision", "base")}
        act = partial(drafting.change_details, version, form.words, **locks, by=request.user, now=clock.now())
        then = place(request, "draft", version)
        return save(
            request, form, act, page="protocols/draft_form.html", context=context, then=then, said=_("Saved."),
            row=version, version=version, make=make,
        )  # fmt: skip
    return TemplateResponse(request, "protocols/draft_form.html", context)


@scoped(Perm.DRAFT)
def delete(request, reference, number):
    """Ask once, then delete a draft that was never circulated, and the protocol with it if it has nothing else."""
    version = find_version(request, reference, number)
    refuse_deletion(version)
    form = RemoveForm(request.POST or None, initial={"revision": version.revision})
    if request.method == "POST" and form.is_valid():
        name, protocol = version.name, version.protocol
        lock = form.cleaned_data["revision"]
        if delete_draft(version, revision=lock, by=request.user, now=clock.now()):
            messages.success(request, _("%(protocol)s is deleted.") % {"protocol": protocol})
            return redirect("protocols", request.framework.slug)
        messages.success(request, _("Version %(name)s is deleted.") % {"name": name})
        return redirect("protocol", request.framework.slug, protocol.reference)
    whole = takes_protocol_along(version)
    words = _("Its text, schedules and list of parties are deleted for good.")
    if whole:
        words = _(
            "The protocol has no other version, so it is deleted as a whole. Its reference %(reference)s stays used: no other protocol can have it."
        ) % {"reference": version.protocol.reference}
    context = {
        "form": form,
        "version": version,
        "heading": _("Delete this protocol?") if whole else _("Delete this draft?"),
        "words": words,
        "gone": [
            {"key": _("Title"), "value": version.protocol.title, "empty": _("Empty")},
            {"key": _("Reference"), "value": version.protocol.reference},
            {"key": _("Version"), "value": version.name},
            {"key": _("Clauses"), "value": str(version.clauses.count())},
        ],
        "submit": _("Delete"),
        "submit_variant": "warning",
        "breadcrumbs": draft_crumbs(request, version, (_("Delete"), "")),
        "cancel_href": place(request, "draft", version),
    }
    return TemplateResponse(request, "protocols/draft_remove.html", context)


BASE = "protocols/<slug:reference>/<number:number>/draft/"
urlpatterns = [
    path("protocols/new/", protocol_new, name="protocol-new"),
    path("protocols/<slug:reference>/next/", version_new, name="version-new"),
    path(BASE, draft, name="draft"),
    path(f"{BASE}details/", details, name="draft-details"),
    path(f"{BASE}delete/", delete, name="draft-delete"),
]
