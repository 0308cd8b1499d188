"""What each controller owes the law (UK-33a to UK-33d): a page that everybody of the breach reads, and its forms, which
only the controller's own people fill in."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from breaches import forms_law, regulator
from breaches.attempts import attempt
from breaches.clocks import clock_of
from breaches.finding import crumbs, find_breach, place
from breaches.models import Breach, Controller
from breaches.parties import acts_for, concerned
from breaches.presenters import due_lines
from portal import clock
from portal.permissions import Perm
from portal.templatetags.dates import longdatetime
from portal.tenancy import scoped


@require_safe
@scoped()
def page(request, number):
    """The clocks of the controllers, and what each recorded."""
    breach, now = find_breach(request, number), clock.now()
    own = acts_for(request.access, Perm.COMMENT)
    open_ = breach.status != Breach.Status.CLOSED
    controllers = [
        controller_shown(breach, one, now, mine=open_ and one.organisation_id in own)
        for one in breach.controllers.select_related("organisation").prefetch_related("records__recorded_by")
    ]
    context = {
        "breach": breach,
        "controllers": controllers,
        "may_add": open_ and any(one.organisation_id in own for one in concerned(breach)),
        "href": place(breach),
        "new_href": place(breach, "breach-controller-new"),
        "processor_href": place(breach, "breach-processor"),
        "breadcrumbs": crumbs(request, breach, (_("Regulator"), "")),
    }
    return TemplateResponse(request, "breaches/regulator.html", context)


def controller_shown(breach, controller, now, *, mine) -> dict:
    """Name, rows, records, and the acts that its own people may do."""
    row = regulator.clock_row(controller)
    shown = clock_of(row, now) if row else None
    rows = [
        {"key": _("Personal data affected"), "value": controller.get_answer_display()},
        {"key": _("Aware since"), "value": longdatetime(controller.aware_at)},
        {"key": _("Risk to people"), "value": controller.get_risk_display()},
    ]
    if shown:
        rows.append({"key": _("Notify the regulator by"), "lines": due_lines(shown), "note": shown.words})
    kinds = {one.kind for one in controller.records.all()}
    acts = [("assess", _("State what is affected, since when you know, and the risk"))]
    if shown:
        notified = regulator.Kind.NOTIFIED in kinds
        words = _("Record further information given") if notified else _("Record that you notified the regulator")
        acts.append(("notified", words))
        if not notified and regulator.Kind.NOT_NOTIFIED not in kinds:
            acts.append(("not-notified", _("Record that you decided not to notify")))
        acts.append(("people", _("Record whether the people concerned were told")))
    return {
        "name": controller.name,
        "rows": rows,
        "records": [record_shown(one) for one in controller.records.all()],
        "acts": [(place(breach, "breach-controller", controller.pk, act), words) for act, words in acts]
        if mine
        else [],
        "settled": regulator.settled(controller),
    }


def record_shown(one) -> dict:
    """A record for the timeline."""
    happened = one.kind != regulator.Kind.ASSESSED  # an assessment has no other moment than that of its record
    when = _("on %(at)s") % {"at": longdatetime(one.at)} if happened else ""
    by = one.recorded_by.full_name if one.recorded_by else ""
    text = " · ".join(part for part in (when, one.reference, one.reasons) if part)
    return {"title": one.get_kind_display(), "at": one.recorded_at, "text": text, "by": by}


def form_of(act, controller, data, now):
    """The form of an act."""
    row = regulator.clock_row(controller)
    if act == "assess":
        initial = {
            "answer": controller.answer,
            "aware_on": clock.london_date(controller.aware_at),
            "risk": controller.risk,
        }
        initial["aware_time"] = f"{controller.aware_at.astimezone(clock.LONDON):%H:%M}"
        return forms_law.AssessForm(data, now=now, initial=initial)
    if act == "notified":
        return forms_law.NotifiedForm(data, now=now, due_at=row.due_at if row else None, aware_at=controller.aware_at)
    return {"not-notified": forms_law.ReasonsForm, "people": forms_law.PeopleForm}[act](data, now=now)


def run(act, controller, data, *, by, now) -> None:
    """Do it."""
    if act == "assess":
        wanted = {name: data[name] for name in ("answer", "aware_at", "risk", "reasons")}
        regulator.assess(controller, **wanted, by=by, now=now)
    elif act == "notified":
        wanted = {name: data[name] for name in ("at", "reference", "reasons")}
        regulator.notify(controller, **wanted, by=by, now=now)
    elif act == "not-notified":
        regulator.leave_it(controller, reasons=data["reasons"], by=by, now=now)
    else:
        regulator.people(controller, told=data["told"] == "yes", at=data["at"], reasons=data["reasons"], by=by, now=now)


HEADINGS = {
    "assess": lambda: _("What is affected"),
    "notified": lambda: _("The regulator was notified"),
    "not-notified": lambda: _("The regulator is not notified"),
    "people": lambda: _("The people concerned"),
}


@scoped(Perm.COMMENT)
def act_on(request, number, controller, act):
    """One record of a controller, by its own people; another's is not found."""
    breach, now = find_breach(request, number), clock.now()
    own = breach.controllers.filter(organisation__in=acts_for(request.access, Perm.COMMENT), pk=controller).first()
    if own is None or act not in HEADINGS:
        raise Http404
    own.breach = breach
    if act != "assess":
        regulator.require_running(own)
    form = form_of(act, own, request.POST or None, now)
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(form, run, act, own, form.cleaned_data, by=request.user, now=now)
    ):
        messages.success(request, _("Recorded. The portal sends nothing to the regulator."))
        return redirect(place(breach, "breach-regulator"))
    # a decision not to notify rests on the assessment of the risk: the way there stands above the form (UK-33b)
    unassessed = act == "not-notified" and own.risk != Controller.Risk.NONE
    first = place(breach, "breach-controller", own.pk, "assess") if unassessed else ""
    return form_page(request, breach, form, f"{breach.reference} · {own.name}", HEADINGS[act](), first_href=first)


def form_page(request, breach, form, caption, heading, **more):
    """A form below the page of the regulator."""
    back = place(breach, "breach-regulator")
    context = {
        "form": form,
        "caption": caption,
        "heading": heading,
        "cancel_href": back,
        "breadcrumbs": crumbs(request, breach, (_("Regulator"), back), (heading, "")),
    }
    status = 409 if form.is_bound and form.non_field_errors() else 200
    return TemplateResponse(request, "breaches/regulator_form.html", context | more, status=status)


@scoped(Perm.COMMENT)
def new(request, number):
    """A party says that it is a controller of the data as well; its own people only."""
    breach, now = find_breach(request, number), clock.now()
    own = acts_for(request.access, Perm.COMMENT)
    parties = {str(one.organisation_id): one for one in concerned(breach) if one.organisation_id in own}
    if not parties:
        raise Http404
    form = forms_law.ControllerForm(request.POST or None, now=now, parties=parties.values())
    if request.method == "POST" and form.is_valid():
        party = parties[form.cleaned_data["organisation"]]
        answer, aware_at = Breach.PersonalData.NOT_KNOWN, form.cleaned_data["at"]
        regulator.begin(breach, party, answer=answer, aware_at=aware_at, by=request.user, now=now)
        messages.success(request, _("The clock of %(name)s runs.") % {"name": party.name})
        return redirect(place(breach, "breach-regulator"))
    return form_page(request, breach, form, breach.reference, _("Another controller"))


@scoped(Perm.COMMENT)
def processor(request, number):
    """A processor records that it told its controller (UK-33d)."""
    breach, now = find_breach(request, number), clock.now()
    own, parties = acts_for(request.access, Perm.COMMENT), concerned(breach)
    mine = [one for one in parties if one.organisation_id in own]
    if not mine:
        raise Http404
    others = {str(one.organisation_id): one for one in parties if one not in mine}
    form = forms_law.ProcessorForm(request.POST or None, now=now, parties=others.values())
    if request.method == "POST" and form.is_valid():
        party = others[form.cleaned_data["organisation"]]
        regulator.processor_told(breach, mine[0], party, at=form.cleaned_data["at"], by=request.user, now=now)
        messages.success(request, _("Recorded. The clock of %(name)s runs from that moment.") % {"name": party.name})
        return redirect(place(breach, "breach-regulator"))
    return form_page(request, breach, form, f"{breach.reference} · {mine[0].name}", _("We told our controller"))


urlpatterns = [
    path("breaches/<int:number>/regulator/", page, name="breach-regulator"),
    path("breaches/<int:number>/regulator/new/", new, name="breach-controller-new"),
    path("breaches/<int:number>/regulator/processor/", processor, name="breach-processor"),
    path("breaches/<int:number>/regulator/<int:controller>/<slug:act>/", act_on, name="breach-controller"),
]
