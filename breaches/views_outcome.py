"""After the recall: minutes, actions, closure (HAR-6.6)."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from breaches import forms_session, outcome
from breaches.attempts import attempt
from breaches.convening import has_the_right, require_impartial
from breaches.finding import crumbs, find_breach, place
from breaches.models import Breach, Minutes
from breaches.parties import acts_for
from breaches.views_hearing import find_convened, find_run, form_page, may_run
from portal import clock
from portal.errors import StateError
from portal.permissions import Perm
from portal.tenancy import scoped
from protocols.views_files import as_attachment


@scoped()
def minutes(request, number):
    """Read them once they are circulated; write and circulate them, for who runs the session."""
    breach, now = find_breach(request, number), clock.now()
    runs = may_run(request.access, breach)
    written = breach.minutes.last()
    circulated = breach.status in {Breach.Status.CIRCULATED, Breach.Status.CLOSED}
    if not runs and not circulated:
        raise Http404
    if written is None:
        breach.require_step(Breach.Status.MINUTED)
        form = forms_session.MinutesForm(request.POST or None, now=now)
        if request.method == "POST" and form.is_valid():
            outcome.write_minutes(breach, text=form.cleaned_data["text"], by=request.user, now=now)
            return redirect(place(breach, "breach-minutes"))
        return form_page(request, breach, form, _("Write the minutes"))
    changeable = runs and breach.status == Breach.Status.MINUTED
    if changeable and "change" in request.GET:
        return change_minutes(request, breach, written, now)
    context = {
        "breach": breach,
        "minutes": written,
        "circulate_href": place(breach, "breach-circulate") if changeable else "",
        "change_href": place(breach, "breach-minutes") + "?change=1" if changeable else "",
        "pdf_href": place(breach, "breach-minutes-pdf") if written.file else "",
        "breadcrumbs": crumbs(request, breach, (_("Minutes"), "")),
    }
    return TemplateResponse(request, "breaches/minutes.html", context)


def change_minutes(request, breach, written, now):
    """Another text, until they are circulated."""
    back, initial = place(breach, "breach-minutes"), {"text": written.text, "number": written.number}
    form = forms_session.ChangeMinutesForm(request.POST or None, now=now, initial=initial)
    if request.method == "POST" and form.is_valid():
        facts = {name: form.cleaned_data[name] for name in ("text", "number")}
        if attempt(form, outcome.change_minutes, breach, **facts, by=request.user, now=now):
            messages.success(request, _("Saved."))
            return redirect(back)
    return form_page(request, breach, form, _("Change the minutes"), back=back)


@scoped()
def circulate(request, number):
    """HAR-6.6: to everybody."""
    breach = find_run(request, number)
    breach.require_step(Breach.Status.CIRCULATED)
    if request.method == "POST":
        outcome.circulate(breach, by=request.user, now=clock.now())
        messages.success(request, _("The minutes are being circulated by email."))
        return redirect(place(breach))
    return redirect(place(breach, "breach-minutes"))


@require_safe
@scoped()
def minutes_pdf(request, number):
    """The PDF of what was circulated."""
    breach = find_breach(request, number)
    written: Minutes | None = breach.minutes.last()
    if written is None or breach.status not in {Breach.Status.CIRCULATED, Breach.Status.CLOSED}:
        raise Http404
    if written.file is None:
        raise StateError(_("The PDF is being made."), _("Wait a minute, then try again."))
    return as_attachment(written.file, written.file.content())


def may_finish(access, breach, sanction) -> bool:
    """Who records that an action was done: the organisation it falls on, and who convenes the meeting."""
    own = sanction.organisation_id in acts_for(access, Perm.COMMENT)
    return own or (access.can(Perm.COMMENT) and has_the_right(access, breach))


@scoped(Perm.COMMENT)
def done(request, number, sanction):
    """An action was done."""
    breach, now = find_breach(request, number), clock.now()
    one = breach.sanctions.filter(pk=sanction).first()
    if one is None or not may_finish(request.access, breach, one):
        raise Http404
    one.breach = breach
    form = forms_session.DoneForm(request.POST or None, now=now)
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(form, outcome.done, one, note=form.cleaned_data["note"], by=request.user, now=now)
    ):
        messages.success(request, _("Saved."))
        return redirect(place(breach))
    return form_page(request, breach, form, _("An action was done"))


@scoped()
def lift(request, number, sanction):
    """A suspension ends, by a decision of the parties (HAR-6.6)."""
    breach, now = find_breach(request, number), clock.now()
    one = breach.sanctions.filter(pk=sanction).first()
    if one is None or not has_the_right(request.access, breach):
        raise Http404
    require_impartial(breach, request.user)
    one.breach = breach
    outcome.require_suspension(one)
    form = forms_session.LiftForm(request.POST or None, now=now)
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(form, outcome.lift, one, reference=form.cleaned_data["reference"], by=request.user, now=now)
    ):
        messages.success(request, outcome.lifted_words(one))
        return redirect(place(breach))
    heading = _("Lift the suspension of %(organisation)s") % {"organisation": one.name}
    return form_page(request, breach, form, heading, submit=_("Lift the suspension"))


@scoped()
def close(request, number):
    """Close it, with what was learned; or see what is still open."""
    breach, now = find_convened(request, number), clock.now()
    breach.require_step(Breach.Status.CLOSED)
    form = forms_session.CloseForm(request.POST or None, now=now)
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(form, outcome.close, breach, lessons=form.cleaned_data["lessons"], by=request.user, now=now)
    ):
        messages.success(request, _("The breach is closed."))
        return redirect(place(breach))
    return form_page(
        request, breach, form, _("Close the breach"), template="breaches/close.html", open=outcome.open_points(breach)
    )


urlpatterns = [
    path("breaches/<int:number>/minutes/", minutes, name="breach-minutes"),
    path("breaches/<int:number>/minutes/circulate/", circulate, name="breach-circulate"),
    path("breaches/<int:number>/minutes/pdf/", minutes_pdf, name="breach-minutes-pdf"),
    path("breaches/<int:number>/sanctions/<int:sanction>/done/", done, name="breach-done"),
    path("breaches/<int:number>/sanctions/<int:sanction>/lift/", lift, name="breach-lift"),
    path("breaches/<int:number>/close/", close, name="breach-close"),
]
