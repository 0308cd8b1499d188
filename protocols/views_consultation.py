"""Consultation: a numbered draft goes out, the parties comment, the drafter answers every comment (HAR-¶9)."""

from django.contrib import messages
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _

from portal import clock
from portal.forms import GovForm
from portal.permissions import Perm
from portal.templatetags.dates import longdate
from portal.tenancy import scoped
from protocols import consultation_page as shown_as
from protocols import workflow
from protocols.finding import find_circulated, find_version
from protocols.forms_approval import ExtendForm, OpenConsultationForm, ReasonForm
from protocols.intentions import intention_links
from protocols.models import Consultation, DraftIssue, Version
from protocols.pages import crumbs, place
from protocols.views_comments import form_page, newest_round


@scoped(Perm.COMMENT)
def consultation(request, reference, number):
    """The draft as it was circulated with its comments and responses, round by round; the drafter opens and closes rounds here."""
    version, now = find_circulated(request, reference, number), clock.now()
    rounds = list(Consultation.objects.visible_to(request.access).filter(version=version))
    issues = list(
        DraftIssue.objects.visible_to(request.access)
        .filter(version=version)
        .select_related("canonical")
        .prefetch_related("recipients")
    )
    shown = shown_as.chosen(rounds, request.GET.get("round", ""))
    organisations = shown_as.organisations_of(request.access, version)
    may_read = Version.objects.visible_to(request.access).filter(pk=version.pk).exists()
    thread = shown_as.Thread(request, version, shown, now=now, organisations=organisations if may_read else [])
    clauses = shown_as.clauses_of(next((one for one in issues if shown and one.number == shown.draft), None))
    by_clause = shown_as.by_clause_of(shown)
    every = [one for found in by_clause.values() for one in found]
    commented = shown_as.commented_on(clauses, by_clause)
    is_open = shown is not None and shown.closed_at is None
    is_drafter = request.access.can(Perm.DRAFT)
    may_leave = is_drafter and version.status == Version.Status.CONSULTATION and not is_open
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
        "is_open": is_open,
        "is_over": is_open and not shown.takes_comments(now),
        "is_closed": version.status == Version.Status.CONSULTATION and shown and not is_open and shown == rounds[-1],
        "is_drafter": is_drafter,
        "unanswered": sum(not one.responded_at for one in every),
        "total": len(every),
        "nodes": thread.nodes(clauses, by_clause),
        "general": thread.entries(by_clause.pop(None, [])),
        "homeless": thread.entries([one for rest in by_clause.values() for one in rest]),
        "labels": shown_as.labels_of(clauses),
        "consulted_headers": [_("Event or body"), _("Date"), _("Who took part")],
        # of the text that is being worked on now: not for those who only got an earlier draft
        "consulted": shown_as.consulted_rows(version.consulted.all() if may_read else []),
        "consulted_href": place(request, "consulted", version) if is_drafter else "",
        "intention_hrefs": intention_links(request, version),
        "issue_headers": [_("Draft"), _("Circulated"), _("What was new"), _("To")],
        "issues": shown_as.issue_rows(request, version, issues),
        "read_href": place(request, "draft-issue", version, shown.draft) if clauses else "",
        "comment_href": place(request, "comment-new", version) if thread.comments else "",
        "may_open": is_drafter and version.editable,
        "may_leave": may_leave,
        "open_href": place(request, "consultation-open", version),
        "close_href": place(request, "consultation-close", version),
        "extend_href": place(request, "consultation-extend", version),
        "back_href_act": place(request, "draft-again", version),
        "approval_href": place(request, "approval", version),
    }
    return TemplateResponse(request, "protocols/consultation.html", context)


@scoped(Perm.DRAFT)
def consultation_open(request, reference, number):
    """Send the numbered draft out."""
    version = find_version(request, reference, number)
    version.require_step(Version.Status.CONSULTATION)
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
def consultation_extend(request, reference, number):
    """A later closing date for the round that is open."""
    version = find_version(request, reference, number)
    found = newest_round(version)
    found.require_open()
    form = ExtendForm(request.POST or None, consultation=found)
    if request.method == "POST" and form.is_valid():
        workflow.extend_consultation(found, **form.cleaned_data, by=request.user, now=clock.now())
        messages.success(request, _("The closing date is extended. The people of the parties are told by email."))
        return redirect(place(request, "consultation", version))
    intro = _("Comments on draft %(draft)d are taken until the end of %(day)s.")
    return form_page(
        request, form, _("Extend the closing date"), version, submit=_("Extend the closing date"),
        intro=intro % {"draft": found.draft, "day": longdate(found.closes_on)},
    )  # fmt: skip


@scoped(Perm.DRAFT)
def consultation_close(request, reference, number):
    """Close the round; refused while a comment has no response."""
    version = find_version(request, reference, number)
    found = newest_round(version)
    found.require_open()
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
        waiting_href=place(request, "consultation", version),
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


BASE = "protocols/<slug:reference>/<number:number>/"
urlpatterns = [
    path(f"{BASE}consultation/", consultation, name="consultation"),
    path(f"{BASE}consultation/open/", consultation_open, name="consultation-open"),
    path(f"{BASE}consultation/extend/", consultation_extend, name="consultation-extend"),
    path(f"{BASE}consultation/close/", consultation_close, name="consultation-close"),
    path(f"{BASE}draft/again/", draft_again, name="draft-again"),
]
