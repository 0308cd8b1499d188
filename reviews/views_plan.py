"""What follows from the findings: report, implementation plan, decision, actions (HAR-5.3 to HAR-5.5)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal import clock
from portal.permissions import Perm
from portal.tenancy import scoped
from protocols.views_files import as_attachment
from reviews import plan, reporting, review_page, workflow
from reviews.forms import ActionForm, AgreeForm, DoneForm, EmptyForm
from reviews.looking_up import find_action, find_review, place
from reviews.models import Review
from reviews.views_holding import form_page


@scoped(Perm.REVIEW)
def report(request, pk):
    """The findings are reported in writing: the PDF is kept, and the parties are told."""
    review = find_review(request, pk)
    review.require_step(Review.Status.REPORTED)
    if request.method == "POST":
        now = clock.now()
        plan.report(review, reporting.pdf_bytes(review, now=now), by=request.user, now=now)
        messages.success(request, _("The findings are reported. The parties are told by email."))
        return redirect(review.get_absolute_url())
    return form_page(
        request, review, EmptyForm(), _("Report the findings"), submit=_("Report to the parties"),
        template="reviews/report.html", parties=[party.name for party in review.parties()],
        count=review.findings.filter(corrects=None).count(),
    )  # fmt: skip


@require_safe
@scoped()
def report_pdf(request, pk):
    """The report, as it was distributed."""
    review = find_review(request, pk)
    if review.report is None:
        raise Http404
    return as_attachment(review.report, review.report.content())


@scoped(Perm.REVIEW)
def action_new(request, pk):
    """A line of the implementation plan."""
    review = find_review(request, pk)
    workflow.require(review, *plan.TO_PLAN, words=_("Actions are planned before the plan is agreed."))
    form = ActionForm(request.POST or None, review=review)
    if request.method == "POST" and form.is_valid():
        plan.plan_action(review, **form.cleaned_data, by=request.user, now=clock.now())
        messages.success(request, _("Saved."))
        return redirect(f"{review.get_absolute_url()}#plan")
    return form_page(request, review, form, _("Plan an action"))


@scoped(Perm.REVIEW)
def action_edit(request, pk, action):
    """Another line instead, before the plan is agreed."""
    review = find_review(request, pk)
    found = find_action(request, review, action)
    workflow.require(review, *plan.TO_PLAN, words=_("The plan is agreed."))
    names = ("text", "finding", "organisation", "owner", "due_on")
    form = ActionForm(request.POST or None, review=review, initial={name: getattr(found, name) for name in names})
    if request.method == "POST" and form.is_valid():
        plan.change_action(found, **form.cleaned_data, by=request.user, now=clock.now())
        messages.success(request, _("Saved."))
        return redirect(f"{review.get_absolute_url()}#plan")
    remove = place(request, "action-remove", review, found.pk)
    return form_page(request, review, form, _("Change an action"), template="reviews/finding.html", remove_href=remove)


@scoped(Perm.REVIEW)
def action_remove(request, pk, action):
    """Ask once, then take a line off the plan."""
    review = find_review(request, pk)
    found = find_action(request, review, action)
    workflow.require(review, *plan.TO_PLAN, words=_("The plan is agreed."))
    if request.method == "POST":
        plan.remove_action(found, by=request.user, now=clock.now())
        messages.success(request, _("The action is removed."))
        return redirect(f"{review.get_absolute_url()}#plan")
    return form_page(
        request, review, EmptyForm(), _("Remove this action?"), submit=_("Remove"), submit_variant="warning",
        template="reviews/finding.html", stands=found,
    )  # fmt: skip


@scoped(Perm.DECIDE)
def decide(request, pk):
    """Record what the deciding body discussed and decided: outcome and implementation plan (REV-out)."""
    review = find_review(request, pk)
    review.require_step(Review.Status.AGREED)
    form = AgreeForm(request.POST or None, review=review)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        facts = {name: data[name] for name in ("outcome", "discussion", "reason")}
        plan.agree(review, **facts, change=data["change"] or "major", **form.decided, by=request.user, now=clock.now())
        messages.success(request, _("The decision is recorded. Those who take part are told by email."))
        return redirect(review.get_absolute_url())
    now = clock.now()
    return form_page(
        request, review, form, _("Discussion and decision"), submit=_("Record the decision"),
        template="reviews/decide.html", plan_headers=[_("Action"), _("Who"), _("By")],
        plan=[row[:3] for row in review_page.actions(request, review, now=now)],
    )  # fmt: skip


@scoped()
def action_done(request, pk, action):
    """An agreed action was carried out, or is moved to another day with the reason."""
    review = find_review(request, pk)
    found = find_action(request, review, action)
    if not review_page.may_finish(request.access, found):
        raise PermissionDenied
    workflow.require(review, Review.Status.AGREED, words=_("Actions are carried out after the plan is agreed."))
    form = DoneForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data, act = form.cleaned_data, {"by": request.user, "now": clock.now()}
        if data["what"] == "done":
            plan.finish_action(found, note=data["note"], **act)
        else:
            plan.move_action(found, due_on=data["due_on"], reason=data["note"], **act)
        messages.success(request, _("Saved."))
        return redirect(f"{review.get_absolute_url()}#plan")
    return form_page(request, review, form, _("An action of the plan"), template="reviews/finding.html", stands=found)
