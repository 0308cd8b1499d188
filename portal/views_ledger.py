"""The ledger for auditors, and the public list of its sealed checkpoints."""

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.models import AuditEvent, LedgerSeal
from portal.permissions import Perm
from portal.sentences import Audience
from portal.templatetags.dates import longdatetime
from portal.tenancy import scoped
from portal.timeline import TimelineFilter, by_day, narrowed, persons_in, told
from portal.views_people import crumbs

PER_PAGE = 50


@scoped(Perm.AUDIT)
@require_safe
def ledger(request) -> HttpResponse:
    """Everything that was done in the framework, newest first. Read-only, like the ledger itself."""
    form = TimelineFilter(request.GET)
    form.offer(persons_in(request.framework))
    topic, person = form.wanted()
    events = AuditEvent.objects.visible_to(request.access).select_related("person").order_by("-pk")
    page = Paginator(narrowed(events, topic, person), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "narrowed": bool(topic or person),
        "page": page,
        "days": by_day(told(page, request.framework, audience=Audience.AUDIT)),
        "breadcrumbs": crumbs(request, _("Ledger")),
    }
    return TemplateResponse(request, "portal/ledger.html", context)


@login_not_required
@require_safe
def checkpoints(request) -> HttpResponse:
    """Seals over the whole ledger: numbers, times and hashes, nothing of what was done."""
    page = Paginator(LedgerSeal.objects.all(), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "seals": [
            {
                "number": seal.number,
                "rows": [
                    {"key": _("Sealed"), "value": longdatetime(seal.at)},
                    {"key": _("Rows covered"), "value": str(seal.count)},
                    {"key": _("Root"), "value": seal.root},
                    {"key": _("Root before"), "value": seal.prev, "empty": _("None: this is the first")},
                ],
                "signature": seal.signature,
            }
            for seal in page
        ],
    }
    return TemplateResponse(request, "portal/checkpoints.html", context)
