"""The ledger for auditors, and the public list of its sealed checkpoints."""

import re
from collections.abc import Iterator

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.models import AuditEvent, LedgerSeal
from portal.permissions import Perm
from portal.templatetags.dates import longdatetime
from portal.tenancy import scoped
from portal.views_people import crumbs

PER_PAGE = 50
HASH = re.compile(r"[0-9a-f]{40,}")


@scoped(Perm.AUDIT)
@require_safe
def ledger(request) -> HttpResponse:
    """Everything that was done in the framework, newest first. Read-only, like the ledger itself."""
    events = AuditEvent.objects.visible_to(request.access).select_related("person").order_by("-pk")
    page = Paginator(events, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "headers": [_("When"), _("What"), _("On"), _("By"), _("Details")],
        "rows": [row_of(event) for event in page],
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


def row_of(event: AuditEvent) -> list:
    """One row; the hash stands under the verb so that a row can be found in an extract."""
    person = getattr(event, "person", None)
    return [
        longdatetime(event.at),
        {"value": event.verb, "note": shortened(event.hash)},
        event.subject_label,
        (person.name if person else "") or _("The system"),
        {"lines": list(lines_of(event.payload))},
    ]


def lines_of(payload: dict, prefix: str = "") -> Iterator[str]:
    """The details as "name: value" lines; what is nested stands under its outer name."""
    for name, value in payload.items():
        if isinstance(value, dict):
            yield from lines_of(value, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}: {shortened(str(value))}"


def shortened(text: str) -> str:
    """A hash by its beginning: whole ones are wider than a phone."""
    return f"{text[:16]}…" if HASH.fullmatch(text) else text
