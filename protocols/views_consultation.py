"""Consultation: a numbered draft goes out, the parties comment, the drafter answers every comment (HAR-¶9)."""

from collections import defaultdict

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _

from portal import clock
from portal.errors import TransitionNotAllowed
from portal.forms import GovForm
from portal.models import Membership, Organisation
from portal.permissions import ROLE_PERMISSIONS, Perm
from portal.tenancy import scoped
from protocols import workflow
from protocols.finding import NUMBER, find_version
from protocols.forms_approval import CommentForm, OpenConsultationForm, ReasonForm, ResponseForm
from protocols.models import Comment, Version
from protocols.pages import crumbs, place
from protocols.views_clauses import find_clause, labels_of, text_shown


def organisations_of(access, version) -> list[Organisation]:
    """For which organisations the person may comment: their own, parties first of all."""
    roles = [role for role, perms in ROLE_PERMISSIONS.items() if Perm.COMMENT in perms]
    held = Membership.objects.live().filter(framework=access.framework, user=access.user, role__in=roles)
    own = Organisation.objects.filter(pk__in=held.values("organisation"))
    parties = own.filter(pk__in=version.parties.values("organisation"))
    return list(parties or (own if access.can(Perm.VIEW_ALL) else []))


def find_consulted(request, reference, number):
    """The version, if its draft was circulated to the reader; its comments stay readable while it is being changed."""
    if request.access.can(Perm.VIEW_ALL):
        return find_version(request, reference, number)
    if not NUMBER.fullmatch(number):
        raise Http404
    major, minor = number.split(".")
    found = (
        Version.objects.circulated_to(request.access)
        .select_related("protocol", "framework")
        .filter(protocol__reference__iexact=reference, major=int(major), minor=int(minor))
        .first()
    )
    if found is None:
        raise Http404
    return found


@scoped(Perm.COMMENT)
def consultation(request, reference, number):
    """The text with its comments and responses, round by round; the drafter opens and closes rounds here."""
    version = find_consulted(request, reference, number)
    rounds = list(version.consultations.all())
    shown = chosen(rounds, request.GET.get("round", ""))
    by_clause = defaultdict(list)
    for comment in shown.comments.select_related("author", "organisation", "responded_by") if shown else []:
        by_clause[comment.clause_uid].append(comment)
    open_round = shown if shown and not shown.closed_at else None
    may_read = Version.objects.visible_to(request.access).filter(pk=version.pk).exists()
    tree = version.clauses.all().tree() if may_read else []
    may_comment = bool(open_round) and bool(organisations_of(request.access, version))
    commented = commented_on(tree, by_clause)
    context = {
        "version": version,
        "commented": commented,
        "breadcrumbs": crumbs(request, version, (_("Consultation on %(name)s") % {"name": version.name}, "")),
        "rounds": [
            {
                "text": _("Draft %(draft)d") % {"draft": one.draft},
                "href": f"?round={index}",
                "is_current": one == shown,
            }
            for index, one in enumerate(rounds, 1)
        ],
        "round": shown,
        "is_open": bool(open_round),
        "is_closed": version.status == Version.Status.CONSULTATION and not open_round and shown == rounds[-1],
        "is_drafter": request.access.can(Perm.DRAFT),
        "unanswered": sum(not one.responded_at for one in shown.comments.all()) if shown else 0,
        "total": shown.comments.count() if shown else 0,
        "nodes": nodes(request, version, tree, by_clause, open_round, may_comment),
        "general": entries(request, version, by_clause.pop(None, []), open_round),
        "homeless": entries(request, version, [one for rest in by_clause.values() for one in rest], open_round),
        "labels": labels_of(version) if may_read else {},
        "read_href": place(request, "version", version) if may_read else "",
        "comment_href": place(request, "comment-new", version) if may_comment else "",
        "may_open": request.access.can(Perm.DRAFT) and version.editable,
        "may_leave": request.access.can(Perm.DRAFT)
        and version.status == Version.Status.CONSULTATION
        and not open_round,
        "open_href": place(request, "consultation-open", version),
        "close_href": place(request, "consultation-close", version),
        "back_href_act": place(request, "draft-again", version),
        "approval_href": place(request, "approval", version),
    }
    return TemplateResponse(request, "protocols/consultation.html", context)


def commented_on(rows, by_clause) -> list[dict]:
    """The clauses that have comments, in the order of the text: where they stand on the page, and if one waits."""
    found = []
    for row in rows:
        if comments := by_clause.get(row.uid):
            waits = any(not one.responded_at for one in comments)
            found.append({"anchor": f"c-{row.uid}", "name": str(row), "waits": waits})
        found += commented_on(row.below, by_clause)
    return found


def chosen(rounds, wanted):
    """The round asked for by its place (1, 2 …), else the newest."""
    if wanted.isdecimal() and len(wanted) < 5 and 1 <= int(wanted) <= len(rounds):
        return rounds[int(wanted) - 1]
    return rounds[-1] if rounds else None


def nodes(request, version, rows, by_clause, open_round, may_comment) -> list[dict]:
    """The clause tree, each with its comments; those that find their clause are taken out of `by_clause`."""
    new = place(request, "comment-new", version)
    return [
        {
            "clause": row,
            "name": str(row),
            "text": text_shown(row),
            "comments": entries(request, version, by_clause.pop(row.uid, []), open_round),
            "comment_href": f"{new}?clause={row.uid}" if may_comment else "",
            "children": nodes(request, version, row.below, by_clause, open_round, may_comment),
        }
        for row in rows
    ]


def entries(request, version, comments, open_round) -> list[dict]:
    """Comments for the template, with the address at which a drafter answers."""
    may_answer = bool(open_round) and request.access.can(Perm.DRAFT)
    return [
        {
            "comment": one,
            "respond_href": place(request, "comment-respond", version, one.pk) if may_answer else "",
        }
        for one in comments
    ]


def form_page(request, form, heading, version, **more):
    """A page with one form, below the consultation."""
    back = place(request, "consultation", version)
    context = {
        "form": form,
        "version": version,
        "heading": heading,
        "breadcrumbs": crumbs(request, version, (_("Consultation"), back), (heading, "")),
        "cancel_href": back,
    }
    return TemplateResponse(request, "protocols/consultation_form.html", context | more)


@scoped(Perm.DRAFT)
def consultation_open(request, reference, number):
    """Send the numbered draft out."""
    version = find_version(request, reference, number)
    if not version.editable:
        raise TransitionNotAllowed(version, version.status, Version.Status.CONSULTATION)
    form = OpenConsultationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        workflow.open_consultation(version, **form.cleaned_data, by=request.user, now=clock.now())
        messages.success(request, _("The consultation is open. The people of the parties are told by email."))
        return redirect(place(request, "consultation", version))
    intro = _(
        "%(name)s is sent to the parties as it stands. Its text cannot be changed until the consultation is closed."
    )
    parties = list(version.parties.values_list("name", flat=True))
    return form_page(
        request, form, _("Open a consultation"), version, intro=intro % {"name": version.name}, parties=parties,
        submit=_("Open the consultation"), needs_parties=not parties,
    )  # fmt: skip


@scoped(Perm.DRAFT)
def consultation_close(request, reference, number):
    """Close the round; refused while a comment has no response."""
    version = find_version(request, reference, number)
    found = workflow.open_round(version)
    if request.method == "POST":
        workflow.close_consultation(found, by=request.user, now=clock.now())
        messages.success(request, _("The consultation is closed."))
        return redirect(place(request, "consultation", version))
    waiting = found.comments.filter(responded_at__isnull=True).count()
    intro = _("No more comments can be made afterwards, and the responses stand as they are.")
    return form_page(
        request,
        GovForm(),
        _("Close the consultation"),
        version,
        intro=intro,
        submit=_("Close the consultation"),
        waiting=waiting,
        closed=bool(waiting),
    )


@scoped(Perm.DRAFT)
def draft_again(request, reference, number):
    """Consultation or approved → draft, with the reason."""
    version = find_version(request, reference, number)
    workflow.refuse_take_back(version)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        workflow.take_back(version, **form.cleaned_data, by=request.user, now=clock.now())
        messages.success(request, _("%(name)s is begun.") % {"name": version.name})
        return redirect(place(request, "draft", version))
    intro = _(
        "The next numbered draft begins, and its text can be changed. Parties do not see it until it is circulated."
    )
    if version.status == Version.Status.APPROVED:
        intro = f"{intro} {_('The decision is kept, but the new draft needs a decision of its own.')}"
    return form_page(request, form, _("Take back to draft"), version, intro=intro, submit=_("Take back to draft"))


@scoped(Perm.COMMENT)
def comment_new(request, reference, number):
    """Comment on a clause, or on the whole."""
    version = find_version(request, reference, number)
    organisations = organisations_of(request.access, version)
    if not organisations:
        raise PermissionDenied
    current = workflow.open_round(version)
    uid = request.GET.get("clause", "")
    clause = find_clause(version, uid) if uid else None
    if uid and clause is None:
        raise Http404
    form = CommentForm(request.POST or None, organisations=organisations)
    if request.method == "POST" and form.is_valid():
        workflow.comment(
            current, organisation=form.speaks_for, clause_uid=clause.uid if clause else None, by=request.user,
            text=form.cleaned_data["text"], now=clock.now(),
        )  # fmt: skip
        messages.success(request, _("Your comment is made."))
        return redirect(place(request, "consultation", version) + (f"#c-{clause.uid}" if clause else "#general"))
    heading = _("Comment on “%(clause)s”") % {"clause": clause} if clause else _("Comment on the whole")
    return form_page(
        request, form, heading, version, clause=clause, labels=labels_of(version), submit=_("Send the comment"),
        speaks_for=organisations[0] if len(organisations) == 1 else None,
    )  # fmt: skip


@scoped(Perm.DRAFT)
def comment_respond(request, reference, number, pk):
    """Answer a comment."""
    version = find_version(request, reference, number)
    comment = (
        Comment.objects.select_related("consultation", "organisation", "author")
        .filter(consultation__version=version, pk=pk)
        .first()
    )
    if comment is None:
        raise Http404
    comment.refuse_if_closed()
    form = ResponseForm(request.POST or None, initial={"text": comment.response})
    clause = find_clause(version, comment.clause_uid) if comment.clause_uid else None
    if request.method == "POST" and form.is_valid():
        workflow.respond(comment, **form.cleaned_data, by=request.user, now=clock.now())
        messages.success(request, _("Your response is saved."))
        return redirect(place(request, "consultation", version) + (f"#c-{clause.uid}" if clause else "#general"))
    return form_page(
        request, form, _("Respond to a comment"), version, comment=comment, clause=clause, labels=labels_of(version),
        submit=_("Save the response"),
    )  # fmt: skip


BASE = "protocols/<slug:reference>/<number:number>/"
urlpatterns = [
    path(f"{BASE}consultation/", consultation, name="consultation"),
    path(f"{BASE}consultation/open/", consultation_open, name="consultation-open"),
    path(f"{BASE}consultation/close/", consultation_close, name="consultation-close"),
    path(f"{BASE}consultation/comment/", comment_new, name="comment-new"),
    path(f"{BASE}consultation/comments/<int:pk>/", comment_respond, name="comment-respond"),
    path(f"{BASE}draft/again/", draft_again, name="draft-again"),
]
