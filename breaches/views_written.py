"""The written report, its PDF, and corrections (HAR-6.2, READ-5)."""

import secrets

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from breaches import forms_law, written
from breaches.finding import crumbs, find_breach, place
from breaches.models import WrittenReport
from breaches.parties import acts_for
from portal import clock
from portal.errors import StateError
from portal.models import Organisation
from portal.permissions import Perm
from portal.tenancy import scoped
from protocols.views_files import as_attachment


@scoped(Perm.COMMENT)
def write(request, number, organisation):
    """The report of an organisation in breach, by its own people."""
    breach, now = find_breach(request, number), clock.now()
    own = acts_for(request.access, Perm.COMMENT) & set(breach.guilty())
    if organisation not in own:
        raise Http404
    body = Organisation.objects.get(pk=organisation)
    first = not breach.reports.filter(organisation=organisation).exists()
    form = forms_law.WrittenForm(
        request.POST or None, now=now, first=first, initial={"once": secrets.token_urlsafe(16)}
    )
    if request.method == "POST" and form.is_valid():
        wanted = {
            name: value for name, value in form.cleaned_data.items() if name in {"details", "actions", "why", "once"}
        }
        report = written.submit(breach, body, **wanted, by=request.user, now=now)
        messages.success(request, _("The report is sent. Every party is being told by email."))
        return redirect(place(breach, "breach-written", report.pk))
    context = {
        "form": form,
        "caption": f"{breach.reference} · {body.name}",
        "heading": _("Written report") if first else _("Correct the written report"),
        "submit": _("Send the report"),
        "cancel_href": place(breach),
        "breadcrumbs": crumbs(request, breach, (_("Written report"), "")),
    }
    return TemplateResponse(request, "form_page.html", context)


def find_report(request, number, pk):
    """The report of a breach that the reader may see, with its breach; else Http404."""
    found = WrittenReport.objects.visible_to(request.access).filter(breach__number=number, pk=pk)
    report = found.select_related("breach").first()
    if report is None:
        raise Http404
    report.breach.framework = request.framework
    return report


@require_safe
@scoped()
def report(request, number, report):
    """One report as it was sent."""
    found = find_report(request, number, report)
    breach = found.breach
    context = {
        "breach": breach,
        "report": found,
        "pdf_href": place(breach, "breach-written-pdf", found.pk) if found.file else "",
        "again_href": place(breach, "breach-written", found.pk),
        "href": place(breach),
        "breadcrumbs": crumbs(request, breach, (_("Written report"), "")),
    }
    return TemplateResponse(request, "breaches/written.html", context)


@require_safe
@scoped()
def report_pdf(request, number, report):
    """Its PDF."""
    found = find_report(request, number, report)
    if found.file is None:
        raise StateError(_("The PDF is being made."), _("Wait a minute, then try again."))
    return as_attachment(found.file, found.file.content())


def may_correct(access, breach) -> bool:
    """Who adds a correction: who reported it, the organisations in breach, the board's secretary."""
    return (
        access.can(Perm.DECIDE)
        or bool(acts_for(access, Perm.COMMENT) & {breach.reported_for_id, *breach.guilty()})
        or breach.reported_by_id == access.user.pk
    )


@scoped()
def correct(request, number):
    """A correction of what was reported; the clocks follow the date (READ-5)."""
    breach, now = find_breach(request, number), clock.now()
    if not may_correct(request.access, breach):
        raise Http404
    initial = {name: getattr(breach, name) for name in ("occurred", "occurred_from", "occurred_until")}
    form = forms_law.CorrectionForm(request.POST or None, now=now, initial=initial)
    if request.method == "POST" and form.is_valid():
        names = ("text", "occurred", "occurred_from", "occurred_until")
        wanted = {name: form.cleaned_data[name] for name in names}
        written.correct(breach, **wanted, by=request.user, now=now)
        messages.success(request, _("The correction stands beside the report. Every party is being told by email."))
        return redirect(place(breach))
    context = {
        "form": form,
        "caption": breach.reference,
        "heading": _("Correct what was reported"),
        "cancel_href": place(breach),
        "breadcrumbs": crumbs(request, breach, (_("Correction"), "")),
    }
    return TemplateResponse(request, "form_page.html", context)


urlpatterns = [
    path("breaches/<int:number>/write/<int:organisation>/", write, name="breach-write"),
    path("breaches/<int:number>/reports/<int:report>/", report, name="breach-written"),
    path("breaches/<int:number>/reports/<int:report>/pdf/", report_pdf, name="breach-written-pdf"),
    path("breaches/<int:number>/correct/", correct, name="breach-correct"),
]
