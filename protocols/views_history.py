"""The history of a protocol and of its clauses, read-only, for members."""

from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal.permissions import Perm
from portal.sentences import Topic
from portal.templatetags.dates import longdatetime
from portal.tenancy import scoped
from portal.timeline import TimelineFilter, by_day, persons_of
from protocols import clause_history, history
from protocols.finding import find_protocol, find_version
from protocols.models import Version
from protocols.pages import crumbs, place


@require_safe
@scoped()
def protocol_history(request, reference):
    """Everything that was done, in words, by day; for auditors whole, for others what they may know of it."""
    protocol, access = find_protocol(request, reference), request.access
    versions = visible(protocol, access)
    topics = [*Topic.choices, history.FIELDS_CHOICE] if access.can(Perm.VIEW_ALL) else Topic.choices
    form = TimelineFilter(request.GET, topics=topics)
    form.offer(persons_of(history.events_of(protocol, versions, access)))
    topic, person = form.wanted()
    page, events = history.page_of(
        protocol, versions, access, topic=topic, person=person, number=request.GET.get("page")
    )
    slug = request.framework.slug
    context = {
        "protocol": protocol,
        "form": form,
        "narrowed": bool(topic or person),
        "page": page,
        "days": by_day(events),
        "whole": access.can(Perm.AUDIT),
        "sees_all": access.can(Perm.VIEW_ALL),
        "breadcrumbs": [
            (_("Protocols"), reverse("protocols", args=[slug])),
            (protocol.reference, reverse("protocol", args=[slug, protocol.reference])),
            (_("History"), ""),
        ],
    }
    return TemplateResponse(request, "protocols/protocol_history.html", context)


def visible(protocol, access) -> list[Version]:
    """The versions that the reader may see, newest first."""
    return list(Version.objects.visible_to(access).filter(protocol=protocol))


@require_safe
@scoped()
def clauses(request, reference, number):
    """The clauses of a version, each with the way to its history."""
    version = find_version(request, reference, number)
    slug, protocol = request.framework.slug, version.protocol
    rows = [
        [
            {
                "value": clause_history.called(row["clause"]),
                "link": reverse("clause-history", args=[slug, protocol.reference, row["clause"].uid]),
            },
            {"value": row.get("saved", ""), "empty": "–"},
            {"value": longdatetime(row.get("last")), "empty": "–"},
        ]
        for row in clause_history.clauses_of(version, request.access)
    ]
    context = {
        "version": version,
        "protocol": protocol,
        "headers": [_("Clause"), {"text": _("Saved texts"), "numeric": True}, _("Last saved")],
        "rows": rows,
        "breadcrumbs": crumbs(
            request,
            version,
            (_("Version %(name)s") % {"name": version.name}, place(request, "version", version)),
            (_("History of the clauses"), ""),
        ),
    }
    return TemplateResponse(request, "protocols/clause_histories.html", context)


@require_safe
@scoped()
def clause(request, reference, uid):
    """One clause through all drafts and versions, by its identity."""
    protocol = find_protocol(request, reference)
    versions = visible(protocol, request.access)
    page, steps = clause_history.steps_of(protocol, uid, versions, request.access, request.GET.get("page"))
    if not page.paginator.count:
        raise Http404
    slug = request.framework.slug
    context = {
        "protocol": protocol,
        "page": page,
        "steps": steps,
        "heading": clause_history.name_of(uid, versions) or _("A clause that was removed"),
        "sees_all": request.access.can(Perm.VIEW_ALL),
        "breadcrumbs": [
            (_("Protocols"), reverse("protocols", args=[slug])),
            (protocol.reference, reverse("protocol", args=[slug, protocol.reference])),
            (_("History"), reverse("protocol-history", args=[slug, protocol.reference])),
            (_("Clause"), ""),
        ],
    }
    return TemplateResponse(request, "protocols/clause_history.html", context)


urlpatterns = [
    path("protocols/<slug:reference>/history/", protocol_history, name="protocol-history"),
    path("protocols/<slug:reference>/clauses/<uuid:uid>/history/", clause, name="clause-history"),
    path("protocols/<slug:reference>/<number:number>/history/", clauses, name="clause-histories"),
]
