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
from breaches.convening import may_convene
from breaches.finding import crumbs, find_breach, place
from breaches.forms import OtherwiseForm
from breaches.models import Breach
from breaches.next_steps import held_back, next_steps
from breaches.parties import acts_for, people_of
from breaches.picture import picture_of
from breaches.timeline import events_of
from breaches.views_outcome import may_finish
from portal import clock
from portal.permissions import Perm
from portal.templatetags.dates import longdate, longdatetime
from portal.tenancy import scoped


@require_safe
@scoped()
def breach(request, number):
    """Everything that this reader may know of a breach, the 72-hour clocks first (READ-9)."""
    found, now = find_breach(request, number), clock.now()
    clocks = clocks_of(found, now=now)
    mine = found.notices.filter(organisation__in=acts_for(request.access, Perm.VIEW), acknowledged_at__isnull=True)
    if found.status == Breach.Status.CLOSED:  # nobody is asked for it any more
        mine = mine.none()
    context = {
        "breach": found,
        "picture": picture_of(clocks, now=now),
        "law": [one for one in clocks if one.deadline.rule == REGULATOR],
        "clock_headers": presenters.clock_headers(),
        "clock_rows": presenters.clock_rows(clocks),
        "explanations": presenters.explanations(clocks),
        "questions": presenters.questions(found),
        "report_headers": [_("Report"), _("Sent")],
        "notice_headers": [_("Party"), _("Told"), _("Acknowledged")],
        "notice_rows": presenters.notice_rows(found, may_tell=may_tell(request.access, found)),
        "to_acknowledge": [{"name": one.name, "href": place(found, "breach-acknowledge", one.pk)} for one in mine],
        "next": next_steps(request.access, found),
        "held_back": held_back(request.access, found),
        "reports": [report_shown(found, one) for one in found.reports.all()],
        "corrections": [correction_shown(one) for one in found.corrections.select_related("made_by")],
        "hearing": presenters.hearing_rows(found),
        "outcome": presenters.outcome_rows(found),
        "sanction_headers": [_("What"), _("Against"), _("Who, by when"), _("State")],
        "sanctions": [sanction_shown(request.access, found, one) for one in found.sanctions.all()],
        "events": events_of(found),
        "breadcrumbs": crumbs(request, (found.reference, "")),
    }
    return TemplateResponse(request, "breaches/breach.html", context)


def report_shown(found, one) -> list:
    """A line of the written reports."""
    title = _("Report %(number)d of %(name)s") % {"number": one.number, "name": one.name}
    return [
        {"value": title, "link": place(found, "breach-written", one.pk), "note": one.why},
        longdatetime(one.submitted_at),
    ]


def sanction_shown(access, found, one) -> list:
    """A line of the sanctions and actions."""
    state: dict = {"value": _("In effect")}
    if one.lifted_at:
        facts = {"day": longdate(one.lifted_at), "reference": one.lifted_by_decision}
        state = {"tag": _("Ended"), "colour": "grey", "note": _("On %(day)s: %(reference)s") % facts}
    elif one.suspends:
        state = {"tag": _("In effect"), "colour": "orange"}
        if may_convene(access, found):
            state |= {"value": _("Lift the suspension"), "link": place(found, "breach-lift", one.pk)}
    if one.due_on:
        state = {"tag": _("Done") if one.done_at else _("To do"), "colour": "green" if one.done_at else "blue"}
        if one.done_at:
            state["note"] = one.done_note
        elif may_finish(access, found, one):
            state |= {"value": _("Record that it was done"), "link": place(found, "breach-done", one.pk)}
    who = [part for part in (one.owner, longdate(one.due_on)) if part]
    return [{"value": one.get_kind_display(), "note": one.text}, one.name, {"lines": who, "empty": "–"}, state]


def correction_shown(one) -> dict:
    """A correction, for the timeline."""
    words = one.text
    if one.now_said:
        facts = {"now": one.now_said, "was": one.was}
        words = _("When it happened: %(now)s (before: %(was)s). ") % facts + words
    return {
        "title": _("Correction"),
        "at": one.made_at,
        "by": one.made_by.full_name if one.made_by else "",
        "text": words,
    }


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
        "told": told_by_mail(found),
        "untold": [one.name for one in found.notices.untold()],
        "href": place(found),
        "breadcrumbs": crumbs(request, found, (_("Reported"), "")),
    }
    return TemplateResponse(request, "breaches/reported.html", context)


def told_by_mail(found) -> list[str]:
    """Whoever is written to, those in breach as well; not the organisation for which it was reported."""
    guilty = people_of(found.framework, found.guilty())
    names = [(one.organisation_id, one.name) for one in found.in_breach.all() if guilty.get(one.organisation_id)]
    names += [(one.organisation_id, one.name) for one in found.notices.all() if one.told_at]
    return [name for pk, name in names if pk != found.reported_for_id]


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
    """Who records that a party was told in another way: the board's secretary, the lead, an organisation in breach, and the
    framework administrators, to whom the duty moves when nobody can be reached (breaches.contacts)."""
    acting = acts_for(access, Perm.COMMENT)
    return (
        access.can(Perm.DECIDE)
        or access.can(Perm.CONFIGURE)
        or bool(acting & {found.protocol.lead_organisation_id, *found.guilty()})
    )


@scoped()
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
