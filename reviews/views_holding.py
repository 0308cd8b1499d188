"""A review is held: who takes part, it begins, its findings, they are settled (HAR-5.2)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal import clock
from portal.errors import StateError
from portal.permissions import Perm
from portal.tenancy import scoped
from reviews import workflow
from reviews.errors import FindingClash
from reviews.forms import CompleteForm, CorrectionForm, EmptyForm, FindingForm, TakePartForm
from reviews.looking_up import crumbs, find_finding, find_review, place
from reviews.models import Finding, Review


def find_workable(request, pk) -> Review:
    """A review on which the reader may work; readers who may not get 403."""
    review = find_review(request, pk)
    if not workflow.may_work(review, request.access):
        raise PermissionDenied
    return review


def form_page(request, review, form, heading, *, submit="", template="form_page.html", status=200, **more):
    """A form below the page of a review."""
    context = {
        "form": form,
        "caption": str(review),
        "heading": heading,
        "submit": submit,
        "breadcrumbs": crumbs(request, review, (heading, "")),
        "cancel_href": review.get_absolute_url(),
        "review": review,
    }
    return TemplateResponse(request, template, context | more, status=status)


@scoped()
def take_part(request, pk, organisation):
    """An organisation names its reviewer, or its representative consents to a review by the others."""
    review = find_review(request, pk)
    party = review.parties().filter(organisation=organisation).select_related("organisation").first()
    if party is None:
        raise Http404
    if not workflow.may_name(request.user, party.organisation, review.framework_id):
        raise PermissionDenied
    workflow.require(review, *workflow.BEFORE_HELD, words=_("Nobody can be named any more: the findings are settled."))
    own = party.organisation
    consents = review.status == Review.Status.OPEN and workflow.represents(request.user, own, review.framework_id)
    form = TakePartForm(request.POST or None, organisation=own, framework=request.framework, may_consent=consents)
    if request.method == "POST" and form.is_valid():
        facts = {"organisation": own, "by": request.user, "now": clock.now()}
        if form.cleaned_data["answer"] == "consent":
            workflow.consent(review, **facts)
        else:
            workflow.name_reviewer(review, user=form.cleaned_data["user"], **facts)
        messages.success(request, _("Saved."))
        return redirect(review.get_absolute_url())
    named = review.reviewers.filter(organisation=own).select_related("user")
    return form_page(
        request, review, form, _("Take part for %(organisation)s") % {"organisation": party.name},
        template="reviews/take_part.html", named=[
            {"name": one.user.full_name, "href": place(request, "reviewer-remove", review, one.pk)}
            for one in named
        ] if review.status == Review.Status.OPEN else [],
    )  # fmt: skip


@scoped()
def remove_reviewer(request, pk, reviewer):
    """Ask once, then take a reviewer off."""
    review = find_review(request, pk)
    found = review.reviewers.filter(pk=reviewer).select_related("user", "organisation").first()
    if found is None:
        raise Http404
    if not workflow.may_name(request.user, found.organisation, review.framework_id):
        raise PermissionDenied
    workflow.require(review, Review.Status.OPEN, words=_("A reviewer can be taken off until the review begins."))
    form = EmptyForm(request.POST or None)
    if request.method == "POST":
        workflow.remove_reviewer(found, by=request.user, now=clock.now())
        messages.success(request, _("%(person)s is no longer a reviewer.") % {"person": found.user})
        return redirect(review.get_absolute_url())
    heading = _("Take off %(person)s as reviewer?") % {"person": found.user}
    return form_page(request, review, form, heading, submit=_("Take off"), submit_variant="warning")


@scoped()
@require_POST
def start(request, pk):
    """POST only: the review begins, or what is in the way comes back (409)."""
    review = find_workable(request, pk)
    workflow.start(review, by=request.user, now=clock.now())
    messages.success(request, _("The review has begun. Its findings can be written."))
    return redirect(review.get_absolute_url())


@scoped()
def finding_new(request, pk):
    """A finding about a clause, or the protocol as a whole."""
    review = find_workable(request, pk)
    workflow.require(review, Review.Status.IN_PROGRESS, words=_("Findings are written while it is in progress."))
    form = FindingForm(request.POST or None, version=review.version)
    if request.method == "POST" and form.is_valid():
        workflow.add_finding(review, **form.words, by=request.user, now=clock.now())
        messages.success(request, _("Saved."))
        return redirect(f"{review.get_absolute_url()}#findings")
    return form_page(request, review, form, _("Add a finding"))


@scoped()
def finding_edit(request, pk, finding):
    """Other words for a finding; what somebody else saved meanwhile is shown beside what was typed (409)."""
    review = find_workable(request, pk)
    found = find_finding(request, review, finding)
    workflow.require(review, Review.Status.IN_PROGRESS, words=_("The findings are settled. Add a correction instead."))
    names = ("severity", "text", "recommendation", "revision")
    initial = {name: getattr(found, name) for name in names} | {"clause": str(found.clause_uid or "")}
    form = FindingForm(request.POST or None, version=review.version, initial=initial)
    remove = {"remove_href": place(request, "finding-remove", review, found.pk), "template": "reviews/finding.html"}
    if request.method == "POST" and form.is_valid():
        revision = form.cleaned_data["revision"]
        try:
            workflow.change_finding(found, revision=revision, **form.words, by=request.user, now=clock.now())
        except FindingClash as clash:
            return clashed(request, review, form, clash, **remove)
        messages.success(request, _("Saved."))
        return redirect(f"{review.get_absolute_url()}#findings")
    return form_page(request, review, form, _("Change a finding"), **remove)


def clashed(request, review, form, clash, **more):
    """The form with what was typed, below the words that stand now; sending it again replaces them."""
    data = form.data.copy()
    data["revision"] = clash.finding.revision
    again = FindingForm(data, version=review.version)
    return form_page(request, review, again, _("Change a finding"), stands=clash.finding, status=409, **more)


@scoped()
def finding_remove(request, pk, finding):
    """Ask once, then remove a finding that was none."""
    review = find_workable(request, pk)
    found = find_finding(request, review, finding)
    workflow.require(review, Review.Status.IN_PROGRESS, words=_("The findings are settled. Add a correction instead."))
    if request.method == "POST":
        workflow.remove_finding(found, by=request.user, now=clock.now())
        messages.success(request, _("The finding is removed."))
        return redirect(f"{review.get_absolute_url()}#findings")
    return form_page(
        request, review, EmptyForm(), _("Remove this finding?"), submit=_("Remove"), submit_variant="warning",
        template="reviews/finding.html", stands=found,
    )  # fmt: skip


@scoped()
def finding_correct(request, pk, finding):
    """A correction of a settled finding, as a record of its own."""
    review = find_workable(request, pk)
    found = find_finding(request, review, finding)
    if not review.held:
        raise StateError(_("The findings are not settled yet."), _("Change the finding itself."))
    original = found if found.corrects_id is None else Finding.objects.get(pk=found.corrects_id)
    form = CorrectionForm(request.POST or None, initial={"severity": original.severity})
    if request.method == "POST" and form.is_valid():
        workflow.correct(original, **form.cleaned_data, by=request.user, now=clock.now())
        messages.success(request, _("The correction is added. The finding stays as it was."))
        return redirect(f"{review.get_absolute_url()}#findings")
    heading = _("Correct a finding")
    return form_page(request, review, form, heading, template="reviews/finding.html", stands=original)


@scoped()
def complete(request, pk):
    """The findings are settled: from here they are frozen, and the report is due (HAR-5.3)."""
    review = find_workable(request, pk)
    review.require_step(Review.Status.COMPLETED)
    form = CompleteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        workflow.complete(review, **form.cleaned_data, by=request.user, now=clock.now())
        words = _("The findings are settled. Report them to the parties next.")
        if not request.access.can(Perm.REVIEW):
            words = _("The findings are settled. A drafter or a board secretary reports them to the parties next.")
        messages.success(request, words)
        return redirect(review.get_absolute_url())
    return form_page(
        request, review, form, _("Settle the findings"), submit=_("Settle the findings"),
        template="reviews/complete.html", count=review.findings.count(),
    )  # fmt: skip
