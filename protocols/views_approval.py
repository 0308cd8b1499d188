"""Approval: the drafter submits, the secretary records what the deciding body decided (HAR-2.3)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, path
from django.utils.translation import gettext as _

from portal import clock
from portal.models import Decision
from portal.permissions import Perm
from portal.templatetags.dates import longdate
from portal.tenancy import scoped
from protocols import editorial, workflow
from protocols.finding import find_version
from protocols.forms_approval import SubmitForm
from protocols.forms_decision import DecisionForm, RatifyForm
from protocols.gaps import missing, warnings
from protocols.intentions import intention_rows
from protocols.models import Version
from protocols.pages import crumbs, place


@scoped()
def approval(request, reference, number):
    """Where the approval stands: what is missing, who decides, what was decided. Drafters and secretaries only."""
    version = find_version(request, reference, number)
    is_drafter, is_secretary = request.access.can(Perm.DRAFT), request.access.can(Perm.DECIDE)
    if not is_drafter and not is_secretary:
        raise PermissionDenied
    status = Version.Status
    may_submit = is_drafter and version.status in {status.DRAFT, status.CONSULTATION}
    waits = version.status == status.APPROVAL
    carried = workflow.approval_with_changes(version) if may_submit or waits else None
    form = SubmitForm()
    if carried is None:
        del form.fields["only_listed_changes"]
    urgent, refused = workflow.to_ratify(version), workflow.refused_ratification(version)
    context = {
        "version": version,
        "urgent": urgent,
        "refused": refused,
        "may_ratify": is_secretary and urgent is not None,
        "ratify_href": place(request, "approval-ratify", version),
        "is_exempt": editorial.is_exempt(version),
        "intentions": intention_rows(version, request.access),
        "intention_headers": [_("Party"), _("Intention"), _("Note"), _("Given")],
        "breadcrumbs": crumbs(request, version, (_("Approval of %(name)s") % {"name": version.name}, "")),
        "form": form,
        "body": version.protocol.deciding_body,
        "missing": missing(version) if may_submit else [],
        "warnings": warnings(version) if may_submit or waits else [],
        "open_round": may_submit and workflow.current_round(version),
        "may_submit": may_submit,
        "waits": waits,
        "may_decide": waits and is_secretary,
        "may_confirm": waits
        and is_secretary
        and carried is not None
        and workflow.drafters_confirmation(version) is not None,
        "carried": carried,
        "is_approved": version.status == status.APPROVED,
        "may_go_on": is_drafter and version.status == status.APPROVED,
        "adopted": version.protocol.tier.adopted,
        "adopt_href": place(request, "adoption", version) if is_secretary else "",
        "decisions": [
            rows_of(decision) for decision in Decision.objects.about(version).order_by("-recorded_at", "-pk")
        ],
        "read_href": place(request, "version", version),
        "submit_href": place(request, "approval-submit", version),
        "decide_href": place(request, "approval-decide", version),
        "confirm_href": place(request, "approval-confirm", version),
        "draft_href": place(request, "draft", version) if is_drafter else "",
        "again_href": place(request, "draft-again", version),
        "sign_href": signing_page(request, version),
    }
    return TemplateResponse(request, "protocols/approval.html", context)


def signing_page(request, version) -> str:
    """Where the version is opened for signature, if that app is installed."""
    try:
        return place(request, "open-for-signature", version)
    except NoReverseMatch:
        return ""


def rows_of(decision) -> list[dict]:
    """A recorded decision as a summary list."""
    who = str(decision.board) if decision.board else f"{decision.delegated_to}, {decision.delegation_scheme}"
    rows = [
        {"key": _("Outcome"), "value": decision.get_outcome_display()},
        {"key": _("Decided by"), "value": who},
        {"key": _("Date"), "value": longdate(decision.decided_on)},
        {"key": _("Reference"), "value": decision.reference},
    ]
    if decision.ratify_by:
        rows.append({"key": _("To be ratified by"), "value": longdate(decision.ratify_by)})
    if decision.effectiveness_by:
        rows.append({"key": _("Effectiveness reviewed by"), "value": longdate(decision.effectiveness_by)})
    if decision.no_re_signing:
        rows.append({"key": _("Signing"), "value": _("Editorial change: the parties need not sign again")})
    if decision.listed_changes:
        rows.append({"key": _("Listed changes"), "lines": decision.listed_changes.split("\n")})
    if decision.reason:
        rows.append({"key": _("Reason"), "lines": decision.reason.split("\n")})
    return rows


@scoped(Perm.DRAFT)
def submit(request, reference, number):
    """POST only: the draft goes to the deciding body, or the list of what is missing comes back (409)."""
    version = find_version(request, reference, number)
    if request.method == "POST":
        form = SubmitForm(request.POST)
        confirmed = form.is_valid() and form.cleaned_data["only_listed_changes"]
        workflow.submit(version, by=request.user, now=clock.now(), only_listed_changes=confirmed)
        messages.success(request, _("%(name)s is submitted for approval.") % {"name": version.name})
    return redirect(place(request, "approval", version))


@scoped(Perm.DECIDE)
def decide(request, reference, number):
    """Record the decision: approved, or back to the drafter with the list or the reason."""
    version = find_version(request, reference, number)
    version.require_step(Version.Status.APPROVED)
    form = DecisionForm(request.POST or None, version=version)
    if request.method == "POST" and form.is_valid():
        draft = form.cleaned_data["draft"]
        workflow.decide(version, **form.facts, draft=draft, by=request.user, now=clock.now())
        messages.success(request, _("The decision is recorded. The drafters are told by email."))
        return redirect(place(request, "approval", version))
    back = place(request, "approval", version)
    context = {
        "form": form,
        "version": version,
        "breadcrumbs": crumbs(request, version, (_("Approval"), back), (_("Record the decision"), "")),
        "submit": _("Record the decision"),
        "cancel_href": back,
    }
    return TemplateResponse(request, "protocols/approval_decide.html", context)


@scoped(Perm.DECIDE)
def ratify(request, reference, number):
    """Record that the deciding body ratified an urgent approval, or refused to."""
    version = find_version(request, reference, number)
    workflow.require_ratifiable(version)
    body = version.protocol.deciding_body
    form = RatifyForm(request.POST or None, body=body)
    if request.method == "POST" and form.is_valid():
        workflow.ratify(version, board=body, **form.cleaned_data, by=request.user, now=clock.now())
        messages.success(request, _("The decision is recorded. The drafters are told by email."))
        return redirect(place(request, "approval", version))
    back = place(request, "approval", version)
    context = {
        "form": form,
        "version": version,
        "heading": _("Record the ratification"),
        "urgent": workflow.to_ratify(version),
        "body": body,
        "breadcrumbs": crumbs(request, version, (_("Approval"), back), (_("Record the ratification"), "")),
        "submit": _("Record the decision"),
        "cancel_href": back,
    }
    return TemplateResponse(request, "protocols/approval_ratify.html", context)


@scoped(Perm.DECIDE)
def confirm(request, reference, number):
    """POST only: the secretary confirms as well that only the listed changes were made; the approval is carried over."""
    version = find_version(request, reference, number)
    if request.method == "POST":
        workflow.carry_decision(version, by=request.user, now=clock.now())
        messages.success(request, _("%(name)s is approved.") % {"name": version.name})
    return redirect(place(request, "approval", version))


BASE = "protocols/<slug:reference>/<number:number>/approval/"
urlpatterns = [
    path(BASE, approval, name="approval"),
    path(f"{BASE}submit/", submit, name="approval-submit"),
    path(f"{BASE}decide/", decide, name="approval-decide"),
    path(f"{BASE}ratify/", ratify, name="approval-ratify"),
    path(f"{BASE}confirm/", confirm, name="approval-confirm"),
]
