"""The page of a protocol and the text of a version, for members."""

from typing import Any

from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal import clock
from portal.tenancy import scoped
from protocols import arrangements, protocol_page, sections, views_as_at
from protocols.asked_date import dated
from protocols.finding import find_protocol, find_version
from protocols.history import history_of
from protocols.models import Tier, Version
from protocols.reading import reading
from protocols.related import related_rows


@require_safe
@scoped()
@dated(then=views_as_at.protocol)
def protocol(request, reference):
    """Everything about one protocol on one page: the version in force first, else the newest that the reader may see."""
    found = find_protocol(request, reference)
    access, now = request.access, clock.now()
    versions = protocol_page.visible_versions(found, access)
    shown, coming = protocol_page.chosen(versions)
    context: dict[str, Any] = {
        "protocol": found,
        "version": shown,
        "operational": found.tier.level == Tier.Level.OPERATIONAL,
        "breadcrumbs": [(_("Protocols"), reverse("protocols", args=[request.framework.slug])), (found.reference, "")],
        "history": history_of(found, versions, access),
        "history_href": reverse("protocol-history", args=[request.framework.slug, found.reference]),
    }
    if shown:
        parties = protocol_page.parties_of([version for version in (shown, coming) if version], access)
        context |= {
            "facts": protocol_page.facts(shown, access, now=now),
            "signing": protocol_page.signing(shown, parties[shown.pk]),
            "documents": protocol_page.documents(shown, parties[shown.pk], access),
            "actions": protocol_page.actions(shown, parties[shown.pk], access)
            + protocol_page.next_version(found, versions, access),
            "missing_procedures": arrangements.warnings(parties[shown.pk], shown.arranged),
            "procedures_href": protocol_page.link("procedures", request.framework.slug, found.reference),
            "read_href": protocol_page.version_link("version", shown, request.framework.slug),
            "compare_href": protocol_page.compare_link(found, versions, request.framework.slug),
            "version_headers": [_("Version"), _("State"), _("In force from"), _("Ended")],
            "version_rows": protocol_page.version_rows(versions, request.framework.slug),
            "sections": sections.sections_of(found, shown, access, now=now),
        }
    if coming:
        context["coming"] = {
            "version": coming,
            "href": protocol_page.version_link("version", coming, request.framework.slug),
            "changes_href": protocol_page.changes_link(shown, coming, request.framework.slug),
            "actions": protocol_page.actions(coming, parties[coming.pk], access),
        }
    return TemplateResponse(request, "protocols/protocol_detail.html", context)


@require_safe
@scoped()
@dated(then=views_as_at.version)
def version(request, reference, number):
    """The whole text of a version, as it is signed, with its schedules and who has signed."""
    found = find_version(request, reference, number)
    parties = protocol_page.parties_of([found], request.access)[found.pk]
    slug = request.framework.slug
    context = reading(found) | {
        "version": found,
        "protocol": found.protocol,
        "is_draft": found.status in protocol_page.DRAFTING,
        "is_over": found.status in {Version.Status.SUPERSEDED, Version.Status.WITHDRAWN, Version.Status.EXPIRED},
        "operational": found.protocol.tier.level == Tier.Level.OPERATIONAL,
        "signing": protocol_page.signing(found, parties),
        "related": related_rows(found, request.access),
        "actions": protocol_page.actions(found, parties, request.access),
        "compare_href": protocol_page.compare_link(found.protocol, [found], slug),
        "party_headers": [_("Organisation"), _("Main contact address"), _("Main telephone number")],
        "clauses_href": reverse("clause-histories", args=[slug, found.protocol.reference, found.number]),
        "breadcrumbs": [
            (_("Protocols"), reverse("protocols", args=[slug])),
            (found.protocol.reference, reverse("protocol", args=[slug, found.protocol.reference])),
            (_("Version %(name)s") % {"name": found.name}, ""),
        ],
    }
    return TemplateResponse(request, "protocols/version_detail.html", context)


urlpatterns = [
    path("protocols/<slug:reference>/", protocol, name="protocol"),
    path("protocols/<slug:reference>/<number:number>/", version, name="version"),
]
