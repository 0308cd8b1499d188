"""The members' list, and the public register with its pages (UK-pub, HAM-register)."""

from datetime import date

from django.core.paginator import Paginator
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from portal import clock
from portal.permissions import Perm
from portal.templatetags.dates import contextual_days, longdate
from portal.tenancy import scoped
from protocols import register, views_as_at, views_as_at_public
from protocols.asked_date import dated
from protocols.filters import ProtocolFilter, PublicFilter
from protocols.models import Adoption, Edition, Party, Publication, Version
from protocols.protocol_page import colour_of, link


@require_safe
@scoped()
@dated(then=views_as_at.protocols)
def protocols(request):
    """Everything that the reader may see, filtered by the address, 25 to a page."""
    form = ProtocolFilter(request.GET)
    wanted = form.wanted()
    choices, count = register.choices_and_count(request.access, wanted)
    form.offer(**choices)
    page = page_of(Rows(request.access, wanted), count, request)
    now = clock.now()
    context = {
        "form": form,
        "tags": form.tags(request),
        "page": page,
        "count": count,
        "narrowed": wanted.narrowed,
        "headers": [_("Protocol"), _("State"), _("Tier"), _("Signed"), _("Next review")],
        "rows": member_rows(page, request.framework.slug, now),
        "new_href": link("protocol-new", request.framework.slug) if request.access.can(Perm.DRAFT) else "",
    }
    return TemplateResponse(request, "protocols/register_members.html", context)


class Rows:
    """The members' list, of which a page is cut."""

    def __init__(self, access, wanted):
        self.access, self.wanted = access, wanted

    def __getitem__(self, part: slice) -> list:
        return register.page_of_rows(self.access, self.wanted, first=part.start)


def page_of(rows, count, request):
    """One page of rows that were counted already; a page number that makes no sense gives the nearest one."""
    paginator = Paginator(rows, register.PAGE_SIZE)
    paginator.count = count
    return paginator.get_page(request.GET.get("page"))


def member_rows(protocols, slug, now) -> list[list]:
    """The table, with the words for the states looked up once."""
    words = dict(Version.Status.choices)
    return [member_row(protocol, slug, now, words) for protocol in protocols]


def member_row(protocol, slug, now, words) -> list:
    """Cells of one protocol: the version in force counts, else the newest; one on its way is named beside it."""
    versions = protocol.all_versions
    title = {
        "value": protocol.title,
        "link": reverse("protocol", args=[slug, protocol.reference]),
        "note": protocol.reference,
    }
    if not versions:
        return [title, "", tier_cell(protocol), "", ""]
    shown = next((one for one in versions if one["status"] == Version.Status.IN_FORCE), versions[0])
    newest = versions[0]
    coming = "" if newest is shown else coming_words(newest, words, adopted=protocol.tier.adopted)
    begun = shown["status"] not in {"draft", "consultation", "approval", "approved"}
    adopted = protocol.tier.adopted
    signed = _("%(signed)d of %(count)d") % {"signed": shown["signed"], "count": shown["parties"]}
    signed = _("Adopted") if adopted else signed
    return [
        title,
        {
            "value": f"{shown['major']}.{shown['minor']}",
            "tag": _("Adopted") if adopted and shown["status"] == "completed" else words[shown["status"]],
            "colour": colour_of(shown["status"]),
            "note": " · ".join(filter(None, [pilot_words(shown), coming])),
        },
        tier_cell(protocol),
        {"value": signed if begun else "", "empty": _("Not adopted yet") if adopted else _("Not open yet")},
        review_cell(protocol.next_review, now),
    ]


def tier_cell(protocol) -> dict:
    """The tier, and the partnership that owns the protocol (KEN-4.3iii)."""
    return {"value": protocol.tier.name, "note": str(protocol.partnership or "")}


def partnership_row(protocol) -> dict:
    """The owner as a row of a summary list; an empty one is not shown."""
    return {"key": _("Partnership"), "value": protocol.partnership.name} if protocol.partnership else {}


def pilot_words(shown) -> str:
    """ "Pilot until 31 March 2027", while nobody has decided what becomes of it (DUD-11)."""
    if not shown["pilot_ends"] or shown["pilot_outcome"]:
        return ""
    return _("Pilot until %(date)s") % {"date": longdate(date.fromisoformat(shown["pilot_ends"]))}


def pilot_row(version) -> dict:
    """The period of a pilot that is not decided yet, as a row of a summary list; an empty one is not shown."""
    pilot = getattr(version, "pilot", None)
    if pilot is None or pilot.outcome:
        return {}
    return {"key": _("Pilot"), "value": _("Until %(date)s") % {"date": longdate(pilot.ends_on)}}


def coming_words(newest, words, *, adopted) -> str:
    """ "2.0: in consultation", for the version on its way; nobody signs one of a tier that is adopted (DUD-8)."""
    if adopted and newest["status"] == Version.Status.COMPLETED:
        words = words | {newest["status"]: _("Adopted")}
    return _("%(number)s: %(state)s") % {
        "number": f"{newest['major']}.{newest['minor']}",
        "state": str(words[newest["status"]]).lower(),
    }


def review_cell(due, now) -> dict:
    """The next review with its distance in words, and a tag when it is overdue (READ-11)."""
    if due is None:
        return {"value": "", "empty": _("None yet")}
    late = due < now
    words = {"tag": _("Review overdue"), "colour": "red"} if late else {"note": contextual_days(due, now)}
    return {"value": longdate(due)} | words


# --- the public's pages


@require_safe
@scoped(public=True)
@dated(then=views_as_at_public.public_register)
def public_register(request):
    """Versions in force that a publication decision shows; nothing else leaves a trace here, not even in a count."""
    form = PublicFilter(request.GET)
    wanted = form.wanted()
    now = clock.now()
    found = register.published_wanted(request.framework, wanted, now=now)
    choices, count = register.public_choices_and_count(request.framework, found)
    form.offer(**choices)
    page = page_of(register.with_public_rows(found), count, request)
    context = {
        "form": form,
        "tags": form.tags(request),
        "page": page,
        "count": count,
        "narrowed": wanted.narrowed,
        "entries": [public_entry(version, request.framework.slug, now) for version in page],
    }
    return fresh(TemplateResponse(request, "protocols/register.html", context))


def public_entry(version, slug, now) -> dict:
    """One published protocol in the list: no person, no contact."""
    protocol = version.protocol
    return {
        "title": protocol.title,
        "reference": protocol.reference,
        "href": reverse("public-protocol", args=[slug, protocol.reference]),
        "summary": version.summary,
        "facts": [
            {"key": _("Tier"), "value": protocol.tier.name},
            partnership_row(protocol),
            {
                "key": _("Adopted by") if protocol.tier.adopted else _("Signed by"),
                "value": ", ".join(version.signatories),
                "empty": _("Nobody yet"),
            },
            {"key": _("In force since"), "value": longdate(version.in_force_from)},
            pilot_row(version),
            {"key": _("Next review")} | review_cell(version.next_review, now),
        ],
    }


@require_safe
@scoped(public=True)
@dated(then=views_as_at_public.public_protocol)
def public_protocol(request, reference):
    """What the decision shows of one protocol; one that is not published does not exist (404)."""
    found = register.published(request.framework).filter(protocol__reference_key=reference.upper())
    version = register.with_public_details(found).first()
    if version is None:
        raise Http404
    now = clock.now()
    protocol = version.protocol
    context = {
        "version": version,
        "protocol": protocol,
        "facts": [
            {"key": _("Tier"), "value": protocol.tier.name},
            partnership_row(protocol),
            {"key": _("Lead organisation"), "value": protocol.lead_organisation.name},
            {"key": _("Version"), "value": version.number},
            {"key": _("In force since"), "value": longdate(version.in_force_from)},
            pilot_row(version),
            {"key": _("Next review")} | review_cell(version.next_review, now),
        ],
        "headers": [_("Organisation"), _("Job title"), _("Signed on")],
        "rows": [] if protocol.tier.adopted else public_signatories(version),
        "adoption": Adoption.objects.filter(version=version).first() if protocol.tier.adopted else None,
        "lookers": looker_rows(version),
        "copy": public_copy(version, request.framework.slug),
        "member_href": member_link(request, version),
        "breadcrumbs": [
            (_("Register"), reverse("register", args=[request.framework.slug])),
            (protocol.reference, ""),
        ],
    }
    return fresh(TemplateResponse(request, "protocols/public_protocol.html", context))


def fresh(response):
    """Kept by no cache: what a decision takes from the public is gone from everywhere at once (UK-pub)."""
    response["Cache-Control"] = "no-store"
    return response


def looker_rows(version) -> list[dict]:
    """Who is allowed to look, and are they checked? Roles only, never a person (HAM-voice)."""
    rows = []
    for roles, vetting in register.lookers(version):
        rows.append({"key": _("Who may look"), "lines": roles, "empty": _("Not stated")})
        rows.append({"key": _("How they are checked"), "lines": vetting, "empty": _("Not stated")})
    return rows


def public_signatories(version) -> list[list]:
    """Organisation, job title and date only: never a person, never an address (UK-pub). Signed ones first."""
    shown = [*register.PUBLICLY_SIGNED, *register.PUBLICLY_UNSIGNED]
    if version.show_standings:  # only if the deciding body says so
        shown.append(Party.Status.EXCLUDED)
    parties = register.signatories_of([version.pk], framework=version.framework_id).filter(status__in=shown)
    parties = parties.only("name", "status", "signed_at", "version_id")
    rows = []
    for party in sorted(parties, key=lambda one: one.status not in register.PUBLICLY_SIGNED):
        if version.show_standings and party.status in register.STANDINGS:
            standing = {"tag": party.get_status_display(), "colour": register.STANDINGS[party.status]}
            rows.append([party.name, {"value": party.job_title, "empty": _("Not recorded")}, standing])
        elif party.status in register.PUBLICLY_SIGNED:
            rows.append([party.name, {"value": party.job_title, "empty": _("Not recorded")}, longdate(party.given_at)])
        else:
            rows.append([party.name, {"value": "", "empty": "–"}, {"tag": _("Has not signed"), "colour": "grey"}])
    return rows


def public_copy(version, slug) -> dict | None:
    """The sealed public copy, if the decision is to publish in full."""
    if version.level != Publication.Level.FULL:
        return None
    edition = (
        Edition.objects.filter(version=version, kind=Edition.Kind.PUBLIC, status=Edition.Status.SEALED)
        .select_related("file")
        .order_by("-number")
        .first()
    )
    if edition is None or edition.file is None:
        return {"href": ""}
    return {"href": reverse("file", args=[slug, edition.file.uid]), "size": edition.file.size, "code": edition.code}


def member_link(request, version) -> str:
    """The members' page of the protocol, for those who may open it."""
    if not Version.objects.visible_to(request.access).filter(pk=version.pk).exists():
        return ""
    return reverse("protocol", args=[request.framework.slug, version.protocol.reference])


urlpatterns = [
    path("register/", public_register, name="register"),
    path("register/<slug:reference>/", public_protocol, name="public-protocol"),
    path("protocols/", protocols, name="protocols"),
]
