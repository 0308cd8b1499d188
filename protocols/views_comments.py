"""Comments on a circulated draft: made and replied to by the parties, answered by the drafter (HAR-¶9)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _

from portal import clock
from portal.errors import StateError
from portal.permissions import Perm
from portal.tenancy import scoped
from protocols import workflow
from protocols.consultation_page import organisations_of
from protocols.finding import find_version
from protocols.forms_approval import CommentForm, ReplyForm, ResponseForm
from protocols.models import Comment, Consultation
from protocols.pages import crumbs, place
from protocols.views_clauses import find_clause, labels_of

FORM_PAGE = "protocols/consultation_form.html"


def form_page(request, form, heading, version, **more):
    """A page with one form, below the consultation. more: `status` of the answer, and values for the template."""
    back, status = place(request, "consultation", version), more.pop("status", 200)
    context = {
        "form": form,
        "version": version,
        "heading": heading,
        "breadcrumbs": crumbs(request, version, (_("Consultation"), back), (heading, "")),
        "cancel_href": back,
    }
    return TemplateResponse(request, FORM_PAGE, context | more, status=status)


def newest_round(version):
    """The round that a page was about; its verbs refuse if it was closed since. Raises StateError if there was none."""
    found = version.consultations.order_by("-opened_at", "-pk").first() or workflow.open_round(version)
    found.version = version
    return found


def answer(request, form, act, then, said, page):
    """Run `act` for a valid form and go back to `then`; what was typed comes back when the round does not take it any
    more (409), with the reason over it."""
    try:
        act()
    except StateError as error:
        form.add_error(None, f"{error.explanation} {error.what_to_do}")
        return page(closed=True, status=409)
    messages.success(request, said)
    return redirect(then)


def thread_of(request, version, comment) -> str:
    """Where on the page of the consultation a comment stands."""
    return place(request, "consultation", version) + f"#comment-{comment.pk}"


def speaker(organisations):
    """The organisation that the form need not ask for."""
    return organisations[0] if len(organisations) == 1 else None


@scoped(Perm.COMMENT)
def comment_new(request, reference, number):
    """Comment on a clause, or on the whole."""
    version, now = find_version(request, reference, number), clock.now()
    organisations = organisations_of(request.access, version)
    if not organisations:
        raise PermissionDenied
    found = newest_round(version)
    uid = request.GET.get("clause", "")
    clause = find_clause(version, uid) if uid else None
    if uid and clause is None:
        raise Http404
    form = CommentForm(request.POST or None, organisations=organisations)
    heading = _("Comment on “%(clause)s”") % {"clause": clause} if clause else _("Comment on the whole")

    def page(**more):
        return form_page(
            request, form, heading, version, clause=clause, labels=labels_of(version), submit=_("Send the comment"),
            speaks_for=speaker(organisations), **more,
        )  # fmt: skip

    def act():
        workflow.comment(
            found, organisation=form.speaks_for, clause_uid=clause.uid if clause else None, by=request.user,
            text=form.cleaned_data["text"], now=now,
        )  # fmt: skip

    if request.method == "POST" and form.is_valid():
        then = place(request, "consultation", version) + (f"#c-{clause.uid}" if clause else "#general")
        return answer(request, form, act, then, _("Your comment is made."), page)
    if request.method != "POST":
        found.require_comments(now)
    return page()


def find_comment(request, version, pk) -> Comment:
    """The comment on this version; Http404 for another version's, and for one on a draft that the reader never got."""
    comment = (
        Comment.objects.select_related("consultation", "organisation", "author")
        .filter(
            consultation__in=Consultation.objects.visible_to(request.access).values("pk"),
            consultation__version=version,
            pk=pk,
        )
        .first()
    )
    if comment is None:
        raise Http404
    comment.consultation.version = version
    return comment


@scoped(Perm.COMMENT)
def comment_reply(request, reference, number, pk):
    """Reply under a comment: those who may comment while comments are taken, drafters until the round is closed."""
    version, now = find_version(request, reference, number), clock.now()
    comment = find_comment(request, version, pk)
    organisations = organisations_of(request.access, version)
    if not organisations:
        raise PermissionDenied
    drafter = request.access.can(Perm.DRAFT)
    form = ReplyForm(request.POST or None, organisations=organisations)
    clause = find_clause(version, comment.clause_uid) if comment.clause_uid else None

    def page(**more):
        return form_page(
            request, form, _("Reply to a comment"), version, comment=comment, replies=list(comment.replies.all()),
            clause=clause, labels=labels_of(version), submit=_("Send the reply"), speaks_for=speaker(organisations),
            **more,
        )  # fmt: skip

    def act():
        workflow.reply(
            comment, organisation=form.speaks_for, text=form.cleaned_data["text"], by=request.user, now=now,
            drafter=drafter,
        )  # fmt: skip

    if request.method == "POST" and form.is_valid():
        return answer(request, form, act, thread_of(request, version, comment), _("Your reply is made."), page)
    if request.method != "POST":
        comment.require_replies(now, drafter=drafter)
    return page()


@scoped(Perm.DRAFT)
def comment_respond(request, reference, number, pk):
    """Say what becomes of a comment, and why."""
    version = find_version(request, reference, number)
    comment = find_comment(request, version, pk)
    form = ResponseForm(request.POST or None, initial={"text": comment.response, "outcome": comment.outcome})
    clause = find_clause(version, comment.clause_uid) if comment.clause_uid else None

    def page(**more):
        return form_page(
            request, form, _("Respond to a comment"), version, comment=comment, replies=list(comment.replies.all()),
            clause=clause, labels=labels_of(version), submit=_("Save the response"), **more,
        )  # fmt: skip

    def act():
        workflow.respond(comment, **form.cleaned_data, by=request.user, now=clock.now())

    if request.method == "POST" and form.is_valid():
        return answer(request, form, act, thread_of(request, version, comment), _("Your response is saved."), page)
    if request.method != "POST":
        comment.consultation.require_open()
    return page()


BASE = "protocols/<slug:reference>/<number:number>/consultation/"
urlpatterns = [
    path(f"{BASE}comment/", comment_new, name="comment-new"),
    path(f"{BASE}comments/<int:pk>/", comment_respond, name="comment-respond"),
    path(f"{BASE}comments/<int:pk>/reply/", comment_reply, name="comment-reply"),
]
