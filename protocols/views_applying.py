"""What applies to me: every protocol of one's organisations, across frameworks, as page, CSV and workbook (KEN-3.2viii)."""

from contextlib import contextmanager
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from portal import clock, spreadsheets, tenancy
from portal.permissions import Access
from portal.templatetags.dates import isodate, longdate
from protocols import applying
from protocols.filters import ApplyingFilter
from protocols.models import Party, Version
from protocols.views_register import coming_words, pilot_words, review_cell

PER_PAGE = 25
COLUMNS = (
    gettext_lazy("Framework"),
    gettext_lazy("Organisation"),
    gettext_lazy("Reference"),
    gettext_lazy("Protocol"),
    gettext_lazy("Does it apply?"),
    gettext_lazy("Why"),
    gettext_lazy("Version"),
    gettext_lazy("State of the version"),
    gettext_lazy("Tier"),
    gettext_lazy("Partnership"),
    gettext_lazy("Lead organisation"),
    gettext_lazy("Purposes"),
    gettext_lazy("Signed on"),
    gettext_lazy("Bound since"),
    gettext_lazy("Bound until"),
    gettext_lazy("Next review"),
    gettext_lazy("Address"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, and for what. accesses: in each of the person's frameworks."""

    accesses: list[Access]
    form: ApplyingFilter
    wanted: applying.Wanted

    def parties(self, *, now):
        """The rows that fit."""
        return applying.with_rows(applying.narrowed(applying.parties(self.accesses, now=now), self.wanted))


@contextmanager
def asked(request):
    """Inside the scope of all the person's frameworks, which only reads."""
    with tenancy.cross_scope(request.user) as scope:
        accesses = applying.accesses_of(request.user, scope.frameworks)
        form = ApplyingFilter(
            request.GET,
            frameworks=applying.frameworks_of(accesses),
            organisations=applying.organisations_of(accesses),
        )
        yield Asked(accesses, form, form.wanted())


@require_safe
def what_applies(request) -> HttpResponse:
    """The list, what applies now first, filtered by the address, 25 to a page."""
    now = clock.now()
    with asked(request) as who:
        page = Paginator(who.parties(now=now), PER_PAGE).get_page(request.GET.get("page"))
        query = who.form.query()
        context = {
            "form": who.form,
            "tags": who.form.tags(request),
            "page": page,
            "count": page.paginator.count,
            "narrowed": who.wanted.narrowed,
            "headers": [_("Protocol"), _("Framework"), _("Does it apply?"), _("Version"), _("Next review")],
            "rows": rows(list(page), who.accesses, now=now),
            "downloads": [(kind.upper(), f"{reverse(f'what-applies-{kind}')}?{query}") for kind in ("csv", "xlsx")],
            "breadcrumbs": [(_("What needs doing"), reverse("me")), (_("What applies to me"), "")],
        }
        return TemplateResponse(request, "protocols/what_applies.html", context).render()


def rows(found: list[Party], accesses, *, now) -> list[list]:
    """Rows of the table."""
    later, words = applying.on_their_way(found, accesses), dict(Version.Status.choices)
    several = len(applying.organisations_of(accesses)) > 1
    return [row(party, later, words, now=now, several=several) for party in found]


def row(party, later, words, *, now, several) -> list:
    """Cells of one protocol; the organisation is named if the person has several."""
    version, protocol, slug = party.version, party.version.protocol, party.framework.slug
    tag, colour, why = standing(party, now=now)
    new = later.get((protocol.pk, party.organisation_id))
    new_words = coming_words({"major": new.major, "minor": new.minor, "status": new.status}, words) if new else ""
    owner = protocol.partnership.name if protocol.partnership else ""
    pilot = getattr(version, "pilot", None)
    tried = pilot_words({"pilot_ends": str(pilot.ends_on), "pilot_outcome": pilot.outcome}) if pilot else ""
    return [
        {
            "value": protocol.title,
            "link": reverse("protocol", args=[slug, protocol.reference]),
            "note": " · ".join(filter(None, [protocol.reference, party.organisation.name if several else ""])),
        },
        {
            "value": party.framework.name,
            "link": reverse("framework", args=[slug]),
            "note": " · ".join(filter(None, [protocol.tier.name, owner])),
        },
        {"tag": tag, "colour": colour, "note": why},
        {"value": version.number, "note": " · ".join(filter(None, [tried, new_words]))},
        review_cell(party.next_review, now) if party.place == applying.NOW else {"value": "", "empty": "–"},
    ]


def standing(party, *, now) -> tuple[str, str, str]:
    """Does it apply, the colour of the answer, and why."""
    version, status = party.version, party.status
    if party.place == applying.NOW:
        if status == Party.Status.SUSPENDED:
            return _("Suspended"), "orange", _("Still bound; nothing is shared with the organisation")
        return _("Applies"), "green", _("Since %(day)s") % {"day": longdate(party.bound_from)}
    if party.place == applying.ENDED:
        ended = party.bound_until or version.ended_at
        words = party if status in applying.LEFT else version
        facts = {"what": words.get_status_display(), "day": longdate(ended)}
        return _("No longer"), "grey", _("%(what)s on %(day)s") % facts if ended else facts["what"]
    if status in Party.AGREED:
        return _("Not yet"), "blue", not_yet(party, now=now)
    if version.status == Version.Status.IN_FORCE:  # towards it, existing arrangements go on (HAM-register)
        return _("Not signed"), "yellow", _("In force for others; existing arrangements go on")
    return _("Not yet"), "blue", party.get_status_display() if version.opened_at else version.get_status_display()


def not_yet(party, *, now) -> str:
    """Why a signature does not bind yet: others have not signed, the day has not come, or the parent waits (HAR-10)."""
    begins = party.bound_from or party.version.in_force_from
    if begins and begins > now:
        return _("Signed; from %(day)s") % {"day": longdate(begins)}
    if party.version.status == Version.Status.OPEN_FOR_SIGNATURE:
        return _("Signed; others have not signed yet")
    return _("Signed; it waits for the protocol above it")


# --- downloads


@require_safe
def as_csv(request) -> HttpResponse:
    """The list, with the same filters."""
    return spreadsheets.as_csv(name_of("csv"), COLUMNS, cells(request))


@require_safe
def as_xlsx(request) -> HttpResponse:
    """The same as a workbook."""
    return spreadsheets.as_xlsx(name_of("xlsx"), COLUMNS, cells(request), sheet=_("What applies to me"))


def name_of(ending: str) -> str:
    """A name for the file."""
    return f"what-applies-{clock.today().isoformat()}.{ending}"


def cells(request) -> list[list]:
    """Every row that fits the filters."""
    now = clock.now()
    with asked(request) as who:
        return [cells_of(party, request, now=now) for party in who.parties(now=now)]


def day(at) -> str:
    """The day in London, as ISO."""
    return isodate(clock.london_date(at)) if at else ""


def cells_of(party, request, *, now) -> list:
    """One line of the download; dates as ISO."""
    version, protocol = party.version, party.version.protocol
    tag, _colour, why = standing(party, now=now)
    address = reverse("protocol", args=[party.framework.slug, protocol.reference])
    return [
        party.framework.name,
        party.organisation.name,
        protocol.reference,
        protocol.title,
        tag,
        why,
        version.number,
        version.get_status_display(),
        protocol.tier.name,
        protocol.partnership.name if protocol.partnership else "",
        protocol.lead_organisation.name,
        "; ".join(party.aims),
        day(party.signed_at),
        day(party.bound_from),
        day(party.bound_until),
        day(party.next_review),
        request.build_absolute_uri(address),
    ]


urlpatterns = [
    path("me/protocols/", what_applies, name="what-applies"),
    path("me/protocols/protocols.csv", as_csv, name="what-applies-csv"),
    path("me/protocols/protocols.xlsx", as_xlsx, name="what-applies-xlsx"),
]
