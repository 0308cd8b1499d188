"""The register of breaches (UK-33e): every breach that the reader may see, with exports."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from breaches import register
from portal import clock
from portal.spreadsheets import as_csv, as_xlsx
from portal.tenancy import scoped

PER_PAGE = 25


@require_safe
@scoped()
def breaches(request) -> HttpResponse:
    """Newest first, open ones above."""
    form = register.RegisterFilter(request.GET)
    found = register.found(request.access, form)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    context = {
        "form": form,
        "narrowed": any(form.wanted().values()),
        "page": page,
        "headers": [_("Breach"), _("Protocol"), _("In breach"), _("Reported"), _("State")],
        "rows": [register.row_of(one) for one in page],
        "csv_href": reverse("breaches-csv", args=[request.framework.slug]) + query,
        "xlsx_href": reverse("breaches-xlsx", args=[request.framework.slug]) + query,
        "report_href": reverse("breach-report", args=[request.framework.slug]),
    }
    return TemplateResponse(request, "breaches/register.html", context)


@require_safe
@scoped()
def breaches_csv(request) -> HttpResponse:
    """The same rows as CSV."""
    rows = register.export(request.access, register.RegisterFilter(request.GET), now=clock.now())
    return as_csv("breaches.csv", register.headers(), rows)


@require_safe
@scoped()
def breaches_xlsx(request) -> HttpResponse:
    """The same as a workbook."""
    rows = register.export(request.access, register.RegisterFilter(request.GET), now=clock.now())
    return as_xlsx("breaches.xlsx", register.headers(), rows, sheet=_("Breaches"))


urlpatterns = [
    path("breaches/", breaches, name="breaches"),
    path("breaches/breaches.csv", breaches_csv, name="breaches-csv"),
    path("breaches/breaches.xlsx", breaches_xlsx, name="breaches-xlsx"),
]
