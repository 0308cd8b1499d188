"""The closed session (HAR-6.4). To everybody of an organisation in breach none of these addresses exists."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from breaches import closed, forms_session, hearing
from breaches.attempts import attempt
from breaches.finding import crumbs, find_breach, place
from breaches.models import ClosedNote, ClosedSession, Proposal, Vote
from breaches.models.session import attended
from breaches.views_hearing import find_run, form_page, may_run
from portal import clock
from portal.templatetags.dates import longdate
from portal.tenancy import scoped


def find_session(request, number):
    """(breach, its newest closed session) for a reader who may attend; else Http404."""
    breach = find_breach(request, number)
    if not attended(request.access).filter(pk=breach.pk).exists():
        raise Http404
    rows = ClosedSession.objects.visible_to(request.access).filter(breach=breach)
    session = (
        rows.select_related("hearing__meeting__board", "hearing__chair", "hearing__secretary").order_by("-pk").first()
    )
    if session is None:
        raise Http404
    return breach, session


@require_safe
@scoped()
def page(request, number):
    """Notes, proposals and votes, for those who attend."""
    breach, session = find_session(request, number)
    quorum = hearing.quorum_of(breach, session.hearing)
    proposals = Proposal.objects.visible_to(request.access).filter(session=session).select_related("organisation")
    notes = ClosedNote.objects.visible_to(request.access).filter(session=session).select_related("made_by")
    votes = Vote.objects.visible_to(request.access).filter(proposal__in=proposals).select_related("organisation")
    runs = may_run(request.access, breach)
    is_open = session.status == ClosedSession.Status.OPEN
    context = {
        "breach": breach,
        "session": session,
        "rows": session_rows(session, quorum),
        "quorate": quorum.reached,
        "notes": [
            {
                "title": _("Note"),
                "at": one.made_at,
                "by": one.made_by.full_name if one.made_by else "",
                "text": one.text,
            }
            for one in notes
        ],
        "proposals": [
            proposal_shown(breach, one, [vote for vote in votes if vote.proposal_id == one.pk], runs and is_open)
            for one in proposals
        ],
        "acts": acts(breach, session, runs),
        "end_href": place(breach, "breach-session-end") if runs and is_open else "",
        "breadcrumbs": crumbs(request, breach, (_("Closed session"), "")),
    }
    return TemplateResponse(request, "breaches/session.html", context)


def acts(breach, session, runs) -> list[dict]:
    """What can be done in this state."""
    found = []
    if session.status in {ClosedSession.Status.OPEN, ClosedSession.Status.DECIDED}:
        found.append({"title": _("Add a note"), "href": place(breach, "breach-note")})
    if session.status == ClosedSession.Status.OPEN:
        found.append({"title": _("Propose a sanction or an action"), "href": place(breach, "breach-propose")})
        if runs:
            found.append({"title": _("Record the decision"), "href": place(breach, "breach-decide")})
    if session.status == ClosedSession.Status.DECIDED and runs:
        found.append({"title": _("Recall the organisation in breach"), "href": place(breach, "breach-recall")})
    return found


def session_rows(session, quorum) -> list[dict]:
    """Officers, quorum, state."""
    held = session.hearing
    return [
        {"key": _("State"), "value": session.get_status_display()},
        {"key": _("Chair"), "value": held.chair.full_name if held.chair else "", "empty": "–"},
        {
            "key": _("Secretary of the session"),
            "value": held.secretary.full_name if held.secretary else "",
            "empty": "–",
        },
        {
            "key": _("Quorum"),
            "value": hearing.words_of(quorum),
            "note": "" if quorum.reached else _("not quorate: nothing can be decided"),
        },
        {"key": _("Votes needed"), "value": str(quorum.majority)},
        {
            "key": _("Outcome, as it will be told"),
            "lines": session.outcome.split("\n") if session.outcome else [],
            "empty": _("Not decided yet"),
        },
    ]


def proposal_shown(breach, one, votes, may_vote) -> dict:
    """A proposal with its votes."""
    return {
        "title": f"{one.get_kind_display()}: {one.organisation.name}",
        "rows": [
            {"key": _("In words"), "lines": one.text.split("\n")},
            {"key": _("Who does it"), "value": one.owner, "empty": "–", "note": longdate(one.due_on)},
            {
                "key": _("Votes"),
                "lines": [f"{vote.organisation.name}: {vote.get_choice_display()}" for vote in votes],
                "empty": _("None yet"),
            },
            {"key": _("Result"), "value": one.get_result_display()},
        ],
        "href": place(breach, "breach-votes", one.pk) if may_vote else "",
    }


@scoped()
def note(request, number):
    """A note."""
    breach, _session = find_session(request, number)
    now = clock.now()
    form = forms_session.NoteForm(request.POST or None, now=now)
    back = place(breach, "breach-session")
    if request.method == "POST" and form.is_valid():
        closed.note(breach, text=form.cleaned_data["text"], by=request.user, now=now)
        return redirect(back)
    return form_page(request, breach, form, _("Note of the closed session"), back=back)


@scoped()
def propose(request, number):
    """A sanction or an action."""
    breach, session = find_session(request, number)
    closed.require_open(session)
    now, back = clock.now(), place(breach, "breach-session")
    form = forms_session.ProposalForm(request.POST or None, now=now, parties=breach.in_breach.all())
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        wanted = {name: data[name] for name in ("kind", "text", "owner", "due_on")}
        against = int(data["organisation"])
        if attempt(form, closed.propose, breach, organisation=against, **wanted, by=request.user, now=now):
            return redirect(back)
    return form_page(request, breach, form, _("Propose a sanction or an action"), submit=_("Propose it"), back=back)


@scoped()
def votes(request, number, proposal):
    """The votes of those that are there, recorded by who runs the session."""
    breach, session = find_session(request, number)
    one = Proposal.objects.visible_to(request.access).filter(session=session, pk=proposal).first()
    if one is None or not may_run(request.access, breach):
        raise Http404
    closed.require_open(session)
    one.breach = breach
    there = set(session.hearing.present)
    parties = [party for party in hearing.remaining(breach) if party.organisation_id in there]
    cast = Vote.objects.visible_to(request.access).filter(proposal=one)
    now, back = clock.now(), place(breach, "breach-session")
    initial = {f"vote_{row.organisation_id}": row.choice for row in cast}
    form = forms_session.VotesForm(request.POST or None, now=now, parties=parties, initial=initial)
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(form, closed.vote, one, form.votes(), by=request.user, now=now)
    ):
        return redirect(back)
    return form_page(request, breach, form, _("Votes: %(kind)s") % {"kind": one.get_kind_display()}, back=back)


@scoped()
def decide(request, number):
    """What has the majority is carried; the outcome is written as it will be told."""
    breach, session = find_session(request, number)
    find_run(request, number)
    closed.require_open(session)
    now, back = clock.now(), place(breach, "breach-session")
    form = forms_session.DecideForm(request.POST or None, now=now)
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(form, closed.decide, breach, outcome=form.cleaned_data["outcome"], by=request.user, now=now)
    ):
        return redirect(back)
    return form_page(request, breach, form, _("Record the decision"), submit=_("Record the decision"), back=back)


@scoped()
@require_POST
def end(request, number):
    """Without a decision."""
    breach, _session = find_session(request, number)
    find_run(request, number)
    closed.end(breach, by=request.user, now=clock.now())
    messages.success(request, _("The session has ended without a decision. Call another meeting."))
    return redirect(place(breach))


@scoped()
def recall(request, number):
    """HAR-6.5: from this act on everybody sees the outcome."""
    breach, session = find_session(request, number)
    find_run(request, number)
    session.require_step(ClosedSession.Status.TOLD)
    now = clock.now()
    form = forms_session.RecallForm(
        request.POST or None, now=now, decided_at=session.decided_at, initial={"on": clock.london_date(now)}
    )
    if request.method == "POST" and form.is_valid():
        wanted = {name: form.cleaned_data[name] for name in ("told_by", "told_to", "told_at")}
        if attempt(form, closed.recall, breach, **wanted, by=request.user, now=now):
            messages.success(request, _("Recorded. From now on everybody sees the outcome."))
            return redirect(place(breach))
    return form_page(
        request, breach, form, _("The organisation in breach was told"), back=place(breach, "breach-session")
    )


urlpatterns = [
    path("breaches/<int:number>/session/", page, name="breach-session"),
    path("breaches/<int:number>/session/note/", note, name="breach-note"),
    path("breaches/<int:number>/session/propose/", propose, name="breach-propose"),
    path("breaches/<int:number>/session/proposals/<int:proposal>/votes/", votes, name="breach-votes"),
    path("breaches/<int:number>/session/decide/", decide, name="breach-decide"),
    path("breaches/<int:number>/session/end/", end, name="breach-session-end"),
    path("breaches/<int:number>/session/recall/", recall, name="breach-recall"),
]
