"""Report a breach: five questions, check answers, send (HAR-6.1). Anybody may who may see the protocol (READ-9)."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from breaches import asking, reporting
from breaches.clocks import REGULATOR, length_of
from breaches.finding import crumbs, find_draft, place
from breaches.forms import time_words
from breaches.models import ReportDraft
from portal import clock
from portal.templatetags.dates import longdate, longdatetime
from portal.tenancy import scoped


@scoped()
def start(request):
    """What will be asked; one's own unsent reports; begin a new one."""
    now = clock.now()
    if request.method == "POST":
        draft = reporting.begin(request.framework, by=request.user, now=now)
        return redirect("breach-report-step", request.framework.slug, draft.pk, asking.STEPS[0].key)
    drafts = ReportDraft.objects.visible_to(request.access).waiting()
    context = {
        "law_length": length_of(REGULATOR),
        "drafts": [
            {
                "title": _("Report begun on %(day)s") % {"day": longdate(draft.started_at)},
                "status": _("Saved %(at)s") % {"at": longdatetime(draft.saved_at)},
                "href": reverse("breach-report-check", args=[request.framework.slug, draft.pk]),
            }
            for draft in drafts
        ],
        "breadcrumbs": crumbs(request, (_("Report a breach"), "")),
    }
    return TemplateResponse(request, "breaches/report_start.html", context)


@scoped()
def step(request, draft, key):
    """One question. "Save and come back later" keeps whatever was typed, right or wrong."""
    draft, now = find_draft(request, draft), clock.now()
    if key not in asking.BY_KEY:
        raise Http404
    reporting.require_unsent(draft)
    check = reverse("breach-report-check", args=[request.framework.slug, draft.pk])
    form = asking.Asking(draft, request.access, now=now).form(key, request.POST or None)
    if request.method == "POST":
        reporting.keep(draft, key, asking.typed(request.POST), now=now)
        if "later" in request.POST:
            messages.success(request, _("Your report is saved. It has not been sent, so nobody has been told."))
            return redirect("breach-report", request.framework.slug)
        form = asking.Asking(draft, request.access, now=now).form(key, request.POST)
        if form.is_valid():
            after = asking.following(key)
            done = request.GET.get("back") == "check" or after is None
            return redirect(
                check if done else reverse("breach-report-step", args=[request.framework.slug, draft.pk, after])
            )
    context = {
        "form": form,
        "caption": asking.BY_KEY[key].caption,
        "heading": _("Report a breach"),
        "key": key,
        "submit": _("Continue"),
        "no_protocol": key in {"organisations", "data"} and not form.fields[form.offered[0]].choices,
        "protocol_href": reverse("breach-report-step", args=[request.framework.slug, draft.pk, "protocol"]),
        "breadcrumbs": crumbs(
            request,
            (_("Report a breach"), reverse("breach-report", args=[request.framework.slug])),
            (_("Question"), ""),
        ),
    }
    return TemplateResponse(request, "breaches/report_step.html", context)


@scoped()
def check(request, draft):
    """Check answers, then send: the others are told and the clocks run at once."""
    draft, now = find_draft(request, draft), clock.now()
    if request.method == "POST":
        breach = reporting.submit(draft, request.access, by=request.user, now=now)
        return redirect(place(breach, "breach-reported"))
    if draft.breach is not None:
        draft.breach.framework = request.framework
        return redirect(place(draft.breach))
    asked = asking.Asking(draft, request.access, now=now)
    gaps = reporting.missing(asked)
    context = {
        "draft": draft,
        "sections": sections(request, draft, asked),
        "missing": [
            {
                "text": text,
                "href": reverse("breach-report-step", args=[request.framework.slug, draft.pk, key]) + "?back=check",
            }
            for key, text in gaps
        ],
        "discard_href": reverse("breach-report-discard", args=[request.framework.slug, draft.pk]),
        "breadcrumbs": crumbs(
            request,
            (_("Report a breach"), reverse("breach-report", args=[request.framework.slug])),
            (_("Check your answers"), ""),
        ),
    }
    return TemplateResponse(request, "breaches/report_check.html", context)


def sections(request, draft, asked) -> list[dict]:
    """The answers by question, each with the way to change it."""
    found: list[dict] = []
    for one in asking.STEPS:
        form = asked.form(one.key)
        href = reverse("breach-report-step", args=[request.framework.slug, draft.pk, one.key]) + "?back=check"
        rows = [
            {"key": field.label, "action": _("Change"), "href": href, "empty": _("Not answered"), **answer(form, name)}
            for name, field in form.fields.items()
        ]
        if found and found[-1]["title"] == one.caption:
            found[-1]["rows"] += rows
        else:
            found.append({"title": one.caption, "rows": rows})
    return found


def answer(form, name) -> dict:
    """What a field holds, in words."""
    value = form.initial.get(name)
    if name == "identified_time":
        value = time_words(value or "")
    choices = {str(key): str(label) for key, label in getattr(form.fields[name], "choices", [])}
    if isinstance(value, dict):
        try:
            value = longdate(form.fields[name].to_python(value))
        except ValidationError:  # as it was typed: what is wrong with it stands above
            value = " ".join(value.values())
    elif isinstance(value, list):
        return {"lines": [choices.get(one, "") for one in value if one in choices]}
    elif choices:
        value = choices.get(str(value), "") if value else ""
    return {"lines": str(value).split("\n")} if value not in (None, "") else {"value": ""}


@scoped()
@require_POST
def discard(request, draft):
    """Throw an unsent report away."""
    reporting.discard(find_draft(request, draft), now=clock.now())
    messages.success(request, _("The report was thrown away. Nobody has been told of anything."))
    return redirect("breaches", request.framework.slug)


urlpatterns = [
    path("breaches/report/", start, name="breach-report"),
    path("breaches/report/<int:draft>/", check, name="breach-report-check"),
    path("breaches/report/<int:draft>/discard/", discard, name="breach-report-discard"),
    path("breaches/report/<int:draft>/<slug:key>/", step, name="breach-report-step"),
]
