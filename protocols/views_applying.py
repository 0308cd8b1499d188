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
from portal.notices import absolute
from portal.permissions import Access
from portal.templatetags.dates import isodate
from protocols import applying, bars
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
    """Who asks, and for what. accesses: in each of the person's frameworks. organisations: (id, name) of the person's."""

    accesses: list[Access]
    organisations: list[tuple[int, str]]
    form: ApplyingFilter
    wanted: applying.Wanted

    @property
    def several(self) -> bool:
        """Does the person work for more than one organisation? Then a protocol may stand in the list more than once."""
        return len(self.organisations) > 1

    def parties(self, *, now):
        """The rows that fit."""
        return applying.with_rows(applying.narrowed(applying.parties(self.accesses, now=now), self.wanted))


@contextmanager
def asked(request):
    """Inside the scope of all the person's frameworks, which only reads."""
    with tenancy.cross_scope(request.user) as scope:
        accesses = applying.accesses_of(request.user, scope.frameworks)
        organisations = applying.organisations_of(accesses)
        form = ApplyingFilter(request.GET, frameworks=applying.frameworks_of(accesses), organisations=organisations)
        yield Asked(accesses, organisations, form, form.wanted())


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
            "several": who.several,
            "narrowed": who.wanted.narrowed,
            "headers": [_("Protocol"), _("Framework"), _("Does it apply?"), _("Version"), _("Next review")],
            "rows": rows(list(page), who, now=now),
            "downloads": [(kind.upper(), f"{reverse(f'what-applies-{kind}')}?{query}") for kind in ("csv", "xlsx")],
            "breadcrumbs": [(_("What needs doing"), reverse("me")), (_("What applies to me"), "")],
        }
        return TemplateResponse(request, "protocols/what_applies.html", context).render()


def rows(found: list[Party], who: Asked, *, now) -> list[list]:
    """Rows of the table."""
    later, words = applying.on_their_way(found, who.accesses), dict(Version.Status.choices)
    barred = bars.barring(found)
    return [row(party, later, words, barred.get(party.pk), now=now, several=who.several) for party in found]


def row(party, later, words, bar, *, now, several) -> list:
    """Cells of one protocol; the organisation is named if the person has several."""
    version, protocol, slug = party.version, party.version.protocol, party.framework.slug
    tag, colour, why = applying.standing(party, bar, now=now)
    new = later.get((protocol.pk, party.organisation_id))
    facts = {"major": new.major, "minor": new.minor, "status": new.status} if new else {}
    new_words = coming_words(facts, words, adopted=protocol.tier.adopted) if facts else ""
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
        review_cell(party.next_review, now) if party.place != applying.ENDED else {"value": "", "empty": "–"},
    ]


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
        found = list(who.parties(now=now))
        barred = bars.barring(found)
        return [cells_of(party, barred.get(party.pk), now=now) for party in found]


def day(at) -> str:
    """The day in London, as ISO."""
    return isodate(clock.london_date(at)) if at else ""


def cells_of(party, bar, *, now) -> list:
    """One line of the download; dates as ISO."""
    version, protocol = party.version, party.version.protocol
    tag, _colour, why = applying.standing(party, bar, now=now)
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
        day(party.given_at),
        day(party.bound_from),
        day(party.bound_until),
        day(party.next_review) if party.place != applying.ENDED else "",
        absolute(address),
    ]


urlpatterns = [
    path("me/protocols/", what_applies, name="what-applies"),
    path("me/protocols/protocols.csv", as_csv, name="what-applies-csv"),
    path("me/protocols/protocols.xlsx", as_xlsx, name="what-applies-xlsx"),
]
