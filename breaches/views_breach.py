"""The page of a breach, its confirmation, acknowledgement and what was told in another way."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from breaches import presenters, reporting
from breaches.clocks import REGULATOR, clocks_of
from breaches.finding import crumbs, find_breach, place
from breaches.forms import OtherwiseForm
from breaches.parties import acts_for
from breaches.picture import picture_of
from breaches.timeline import events_of
from portal import clock
from portal.permissions import Perm
from portal.tenancy import scoped


@require_safe
@scoped()
def breach(request, number):
    """Everything that this reader may know of a breach, the 72-hour clocks first (READ-9)."""
    found, now = find_breach(request, number), clock.now()
    clocks = clocks_of(found, now=now)
    mine = found.notices.filter(organisation__in=acts_for(request.access, Perm.VIEW), acknowledged_at__isnull=True)
    context = {
        "breach": found,
        "picture": picture_of(clocks, now=now),
        "law": [one for one in clocks if one.deadline.rule == REGULATOR],
        "clock_headers": presenters.clock_headers(),
        "clock_rows": presenters.clock_rows(clocks),
        "explanations": presenters.explanations(clocks),
        "questions": presenters.questions(found),
        "notice_headers": [_("Party"), _("Told"), _("Acknowledged")],
        "notice_rows": presenters.notice_rows(found, may_tell=may_tell(request.access, found)),
        "to_acknowledge": [{"name": one.name, "href": place(found, "breach-acknowledge", one.pk)} for one in mine],
        "events": events_of(found),
        "breadcrumbs": crumbs(request, (found.reference, "")),
    }
    return TemplateResponse(request, "breaches/breach.html", context)


@require_safe
@scoped()
def reported(request, number):
    """The confirmation: its reference, who is being told, which clocks run."""
    found, now = find_breach(request, number), clock.now()
    clocks = clocks_of(found, now=now)
    context = {
        "breach": found,
        "law": [one for one in clocks if one.deadline.rule == REGULATOR],
        "clocks": [one for one in clocks if one.deadline.rule != REGULATOR and one.state != "met"],
        "told": [one.name for one in found.notices.all() if one.told_at],
        "untold": [one.name for one in found.notices.untold()],
        "href": place(found),
        "breadcrumbs": crumbs(request, found, (_("Reported"), "")),
    }
    return TemplateResponse(request, "breaches/reported.html", context)


@scoped()
@require_POST
def acknowledge(request, number, notice):
    """Somebody of a party has read it. Another's notice is not found."""
    found = find_breach(request, number)
    own = found.notices.filter(organisation__in=acts_for(request.access, Perm.VIEW), pk=notice).first()
    if own is None:
        raise Http404
    own.breach = found
    reporting.acknowledge(own, by=request.user, now=clock.now())
    messages.success(request, _("Acknowledged for %(organisation)s.") % {"organisation": own.name})
    return redirect(place(found))


def may_tell(access, found) -> bool:
    """Who records that a party was told in another way: the board's secretary, the lead, an organisation in breach."""
    acting = acts_for(access, Perm.COMMENT)
    return access.can(Perm.DECIDE) or bool(acting & {found.protocol.lead_organisation_id, *found.guilty()})


@scoped(Perm.COMMENT)
def told(request, number, notice):
    """A party that nobody could be written to was told in another way (HAR-6.1)."""
    found, now = find_breach(request, number), clock.now()
    one = found.notices.filter(pk=notice).first()
    if one is None or not may_tell(request.access, found):
        raise Http404
    one.breach = found
    form = OtherwiseForm(request.POST or None, now=now)
    if request.method == "POST" and form.is_valid():
        reporting.tell_otherwise(one, how=form.cleaned_data["how"], by=request.user, now=now)
        messages.success(request, _("Saved."))
        return redirect(place(found))
    context = {
        "form": form,
        "caption": found.reference,
        "heading": _("%(organisation)s was told") % {"organisation": one.name},
        "cancel_href": place(found),
        "breadcrumbs": crumbs(request, found, (_("Told"), "")),
    }
    return TemplateResponse(request, "form_page.html", context)


urlpatterns = [
    path("breaches/<int:number>/", breach, name="breach"),
    path("breaches/<int:number>/reported/", reported, name="breach-reported"),
    path("breaches/<int:number>/notices/<int:notice>/acknowledge/", acknowledge, name="breach-acknowledge"),
    path("breaches/<int:number>/notices/<int:notice>/told/", told, name="breach-told"),
]
