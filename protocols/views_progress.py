"""The progress report for the board: page and PDF (KEN-6iii), for those who may see every protocol."""

from django.conf import settings
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal import charts, clock
from portal.errors import StateError
from portal.pdf import RenderError, render_pdf
from portal.permissions import Perm
from portal.rates import limited
from portal.tenancy import scoped
from protocols import progress, progress_page


@require_safe
@scoped(Perm.VIEW_ALL)
def report(request):
    """The figures of this moment."""
    slug = request.framework.slug
    context = progress_page.of(progress.of(request.access, now=clock.now())) | {
        "pdf_href": reverse("progress-pdf", args=[slug]),
        "breadcrumbs": [
            (request.framework.name, reverse("framework", args=[slug])),
            (_("Progress report"), ""),
        ],
    }
    return TemplateResponse(request, "protocols/progress.html", context)


@require_safe
@scoped(Perm.VIEW_ALL)
@limited("comparison", limit_get=True)
def report_pdf(request):
    """The same as a tagged PDF, made for this request and kept nowhere."""
    now = clock.now()
    try:
        content = render_report(request.framework.name, progress.of(request.access, now=now), now=now)
    except RenderError as error:
        raise StateError(str(error), _("Read the report on its page, or print that page.")) from error
    response = HttpResponse(content, content_type="application/pdf")
    name = f"{request.framework.slug}-progress-{clock.london_date(now).isoformat()}.pdf"
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def render_report(framework: str, figures: progress.Progress, *, now) -> bytes:
    """The PDF of these figures. Raises RenderError."""
    context = progress_page.of(figures) | {
        "framework": framework,
        "heading": _("Progress report"),
        "demonstration": settings.PORTAL_DEMO,
    }
    for section in context["sections"]:
        section["image"] = charts.as_image(section["chart"]) if section["chart"] else ""
    title = _("Progress report of %(framework)s, %(date)s") % {"framework": framework, "date": context["as_at"]}
    return render_pdf("pdf/progress.html", context, title=title, lang=settings.LANGUAGE_CODE, created=now)


urlpatterns = [
    path("progress/", report, name="progress"),
    path("progress/report.pdf", report_pdf, name="progress-pdf"),
]
