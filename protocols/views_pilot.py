"""A pilot: its period in the draft, its evaluation, its outcome (DUD-11)."""

from django import forms
from django.contrib import messages
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from portal import clock
from portal.errors import StateError
from portal.forms import HintedRadioSelect, TextDateField
from portal.permissions import Perm
from portal.templatetags.dates import longdate, longdatetime
from portal.tenancy import scoped
from protocols import pilots
from protocols.finding import find_version
from protocols.forms import EARLIEST, LATEST, PrintedForm
from protocols.forms_decision import DecidedForm
from protocols.models import Pilot
from protocols.pages import crumbs, draft_crumbs, find_draft, place


class PeriodForm(PrintedForm):
    """First and last day; both empty if the protocol is no pilot."""

    starts_on = TextDateField(label=_("First day of the pilot"), required=False, earliest=EARLIEST, latest=LATEST)
    ends_on = TextDateField(
        label=_("Last day of the pilot"),
        required=False,
        earliest=EARLIEST,
        latest=LATEST,
        help_text=_("By then it is evaluated, and the deciding body decides whether it is rolled out or ended."),
    )

    def clean(self):
        """Both or none, in order."""
        data = super().clean()
        first, last = data.get("starts_on"), data.get("ends_on")
        if not self.errors and first and not last:
            self.add_error("ends_on", _t("Enter the last day of the pilot"))
        if not self.errors and last and not first:
            self.add_error("starts_on", _t("Enter the first day of the pilot"))
        if first and last and last <= first:
            self.add_error("ends_on", _t("The last day must be after the first day"))
        return data


class EvaluationForm(PrintedForm):
    """What came of it."""

    text = forms.CharField(
        label=_("Evaluation"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text=_(
            "What was tried, what was learned, what you recommend. Everybody who may read the protocol reads it."
        ),
        error_messages={"required": _("Enter the evaluation")},
    )


class OutcomeForm(DecidedForm):
    """Rolled out or ended, by whose decision."""

    outcome = forms.ChoiceField(
        label=_("What was decided?"),
        choices=[(Pilot.Outcome.ROLLED_OUT.value, _("Roll out")), (Pilot.Outcome.ENDED.value, _("End"))],
        widget=HintedRadioSelect(
            hints={
                "rolled-out": _("The version stays in force, and is no longer a pilot"),
                "ended": _("The version is withdrawn, and binds nobody any more"),
            }
        ),
        error_messages={"required": _("Select what was decided")},
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=5_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Needed if the pilot is ended"),
    )
    field_order = ("outcome", "reason")

    def clean(self):
        """Ending takes a reason."""
        data = super().clean()
        if data.get("outcome") == Pilot.Outcome.ENDED and not data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _t("Enter the reason"))
        return data


@scoped(Perm.DRAFT)
def period(request, reference, number):
    """Is the draft a pilot, and for how long?"""
    version = find_draft(request, reference, number)
    held = pilots.of(version)
    initial = {"starts_on": held.starts_on, "ends_on": held.ends_on} if held else {}
    form = PeriodForm(request.POST or None, initial=initial)
    back = place(request, "draft", version)
    if request.method == "POST" and form.is_valid():
        pilots.set_period(version, **form.cleaned_data, by=request.user, now=clock.now())
        messages.success(request, _t("Saved."))
        return redirect(back)
    context = {
        "form": form,
        "heading": _t("Pilot"),
        "breadcrumbs": draft_crumbs(request, version, (_t("Pilot"), "")),
        "cancel_href": back,
    }
    return TemplateResponse(request, "protocols/pilot_period.html", context)


@require_safe
@scoped()
def pilot(request, reference, number):
    """Where the pilot stands, for everybody who may read the version."""
    version = find_version(request, reference, number)
    held = pilots.of(version)
    if held is None:
        raise StateError(_t("%(version)s is not a pilot.") % {"version": version})
    running = not held.outcome and version.status == version.Status.IN_FORCE
    context = {
        "version": version,
        "pilot": held,
        "rows": rows_of(held),
        "evaluate_href": place(request, "pilot-evaluation", version)
        if running and request.access.can(Perm.DRAFT)
        else "",
        "decide_href": place(request, "pilot-outcome", version) if running and request.access.can(Perm.DECIDE) else "",
        "breadcrumbs": crumbs(request, version, (_t("Pilot"), "")),
    }
    return TemplateResponse(request, "protocols/pilot.html", context)


def rows_of(held) -> list[dict]:
    """Period, outcome and its decision."""
    rows = [
        {"key": _t("From"), "value": longdate(held.starts_on)},
        {"key": _t("To"), "value": longdate(held.ends_on)},
        {"key": _t("Outcome"), "value": held.get_outcome_display(), "empty": _t("Not decided yet")},
    ]
    if decision := held.decision:
        who = str(decision.board or f"{decision.delegated_to}, {decision.delegation_scheme}")
        rows.append({"key": _t("Decided by"), "value": who, "note": longdate(decision.decided_on)})
        rows.append({"key": _t("Reference"), "value": decision.reference})
        if decision.reason:
            rows.append({"key": _t("Reason"), "lines": decision.reason.split("\n")})
    if held.evaluated_at:
        rows.append({"key": _t("Evaluated"), "value": longdatetime(held.evaluated_at)})
    return rows


def form_page(request, version, form, words, submit):
    """A form below the page of the pilot."""
    back = place(request, "pilot", version)
    context = {
        "form": form,
        "caption": f"{version.protocol.reference} · {_t('version %(number)s') % {'number': version.number}}",
        "heading": words,
        "submit": submit,
        "breadcrumbs": crumbs(request, version, (_t("Pilot"), back), (words, "")),
        "cancel_href": back,
    }
    return TemplateResponse(request, "form_page.html", context)


@scoped(Perm.DRAFT)
def evaluation(request, reference, number):
    """Record what came of it."""
    version = find_version(request, reference, number)
    held = pilots.require_running(version)
    form = EvaluationForm(request.POST or None, initial={"text": held.evaluation})
    if request.method == "POST" and form.is_valid():
        pilots.evaluate(version, text=form.cleaned_data["text"], by=request.user, now=clock.now())
        messages.success(request, _t("The evaluation is recorded."))
        return redirect(place(request, "pilot", version))
    return form_page(request, version, form, _t("Evaluate the pilot"), _t("Record the evaluation"))


@scoped(Perm.DECIDE)
def outcome(request, reference, number):
    """Record the decision: roll out or end."""
    version = find_version(request, reference, number)
    pilots.require_running(version)
    form = OutcomeForm(request.POST or None, version=version)
    if request.method == "POST" and form.is_valid():
        facts = {name: form.cleaned_data[name] for name in ("outcome", "reason")}
        made = pilots.decide(version, **facts, **form.decided, by=request.user, now=clock.now())
        messages.success(request, _t("Recorded: %(outcome)s.") % {"outcome": made.get_outcome_display().lower()})
        return redirect(reverse("protocol", args=[request.framework.slug, version.protocol.reference]))
    return form_page(request, version, form, _t("Roll out or end the pilot"), _t("Record the decision"))


BASE = "protocols/<slug:reference>/<number:number>/"
urlpatterns = [
    path(f"{BASE}draft/pilot/", period, name="draft-pilot"),
    path(f"{BASE}pilot/", pilot, name="pilot"),
    path(f"{BASE}pilot/evaluation/", evaluation, name="pilot-evaluation"),
    path(f"{BASE}pilot/outcome/", outcome, name="pilot-outcome"),
]
