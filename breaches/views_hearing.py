"""The meeting on a breach: call it, name chair and secretary, record that it was presented, close the session."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _

from breaches import closed, forms_session, hearing
from breaches.attempts import attempt
from breaches.attending import belongs
from breaches.convening import has_the_right, require_impartial
from breaches.finding import crumbs, find_breach, place
from breaches.models.session import attended
from portal import clock
from portal.models import User
from portal.notices import holders
from portal.permissions import Perm
from portal.tenancy import scoped


def may_run(access, breach) -> bool:
    """Who runs the session: a secretary of the board, its chair or its secretary; never one of an organisation in breach."""
    if not attended(access).filter(pk=breach.pk).exists():
        return False
    found = hearing.of(breach)
    named = found is not None and access.user.pk in {found.chair_id, found.secretary_id}
    return access.can(Perm.DECIDE) or named


def find_convened(request, number):
    """The breach, for who may convene its meeting; else Http404. Who has the right by role alone, and belongs to an
    organisation in breach, is told who can (StateError)."""
    breach = find_breach(request, number)
    if not has_the_right(request.access, breach):
        raise Http404
    require_impartial(breach, request.user)
    return breach


def find_run(request, number):
    """The breach, for who runs its session; else Http404."""
    breach = find_breach(request, number)
    if not may_run(request.access, breach):
        raise Http404
    return breach


def form_page(request, breach, form, heading, *, submit="", back="", template="form_page.html", **more):
    """A form below the page of the breach."""
    context = {
        "form": form,
        "caption": breach.reference,
        "heading": heading,
        "submit": submit,
        "cancel_href": back or place(breach),
        "breadcrumbs": crumbs(request, breach, (heading, "")),
        **more,
    }
    status = 409 if form.is_bound and form.non_field_errors() else 200
    return TemplateResponse(request, template, context, status=status)


@scoped()
def call(request, number):
    """HAR-6.3."""
    breach, now = find_convened(request, number), clock.now()
    breach.require_step(breach.Status.PRESENTED)
    form = forms_session.CallForm(request.POST or None, now=now)
    if request.method == "POST" and form.is_valid():
        starts_at, where = form.cleaned_data["starts_at"], form.cleaned_data["place"]
        hearing.call(breach, starts_at=starts_at, place=where, by=request.user, now=now)
        messages.success(request, _("The meeting is called. Every party is being told by email."))
        return redirect(place(breach))
    return form_page(request, breach, form, _("Call the meeting of the parties"), submit=_("Call the meeting"))


def candidates(breach) -> list[User]:
    """Who could chair or keep the record: people of the other parties and of the board, nobody of one in breach."""
    people = holders(breach.framework, Perm.DECIDE)
    organisations = [one.organisation_id for one in hearing.remaining(breach)]
    people += holders(breach.framework, Perm.COMMENT, organisations=organisations)
    return [one for one in dict.fromkeys(people) if not belongs(one, breach)]


@scoped()
def officers(request, number):
    """HAR-6.4: a chair or secretary who belongs to an organisation in breach is substituted."""
    breach, now = find_convened(request, number), clock.now()
    found = hearing.of(breach)
    people = {str(one.pk): one for one in candidates(breach)}
    initial = {"chair": found.chair_id, "secretary": found.secretary_id} if found else {}
    form = forms_session.OfficersForm(request.POST or None, now=now, people=people.values(), initial=initial)
    if request.method == "POST" and form.is_valid():
        named = {name: people[form.cleaned_data[name]] for name in ("chair", "secretary")}
        if attempt(form, hearing.name_officers, breach, **named, by=request.user, now=now):
            messages.success(request, _("Saved."))
            return redirect(place(breach))
    return form_page(request, breach, form, _("Chair and secretary of the session"))


@scoped()
def present(request, number):
    """The meeting has begun, and the organisation in breach has presented it."""
    breach, now = find_convened(request, number), clock.now()
    breach.require_step(breach.Status.PRESENTED)
    form = forms_session.PresentForm(request.POST or None, now=now, parties=hearing.remaining(breach))
    if request.method == "POST" and form.is_valid():
        there = [int(one) for one in form.cleaned_data["organisations"]]
        if attempt(form, hearing.present, breach, organisations=there, by=request.user, now=now):
            messages.success(request, _("Recorded. Next, the organisation in breach withdraws."))
            return redirect(place(breach))
    return form_page(request, breach, form, _("The breach was presented"), submit=_("Record it"))


@scoped(Perm.COMMENT)
def begin(request, number):
    """The organisation in breach withdraws: ask, then close the session."""
    breach, now = find_run(request, number), clock.now()
    breach.require_step(breach.Status.IN_CLOSED_SESSION)
    if request.method == "POST":
        closed.begin(breach, by=request.user, now=now)
        return redirect(place(breach, "breach-session"))
    context = {
        "breach": breach,
        "cancel_href": place(breach),
        "breadcrumbs": crumbs(request, breach, (_("Close the session"), "")),
    }
    return TemplateResponse(request, "breaches/session_begin.html", context)


urlpatterns = [
    path("breaches/<int:number>/meeting/", call, name="breach-call"),
    path("breaches/<int:number>/officers/", officers, name="breach-officers"),
    path("breaches/<int:number>/present/", present, name="breach-present"),
    path("breaches/<int:number>/session/begin/", begin, name="breach-session-begin"),
]
