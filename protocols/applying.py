"""What applies to me: the protocols of a person's organisations, in every framework in which the person works (KEN-3.2viii).

Needs the cross scope. Each framework is asked through `visible_to` with what the person may there, so the list shows no
more than the frameworks' own lists do.
"""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When

from portal.models import Framework, Organisation
from portal.permissions import Access
from protocols.models import Party, Purpose, Version
from protocols.register import next_review

# Where a protocol stands for the organisation: it binds it, it may come to, or it does not any more
NOW, COMING, ENDED = 0, 1, 2
GROUPS = {"now": NOW, "coming": COMING, "ended": ENDED}
OVER = (Version.Status.SUPERSEDED, Version.Status.WITHDRAWN, Version.Status.EXPIRED)
LEFT = (Party.Status.EXCLUDED, Party.Status.WITHDRAWN, Party.Status.NOT_RE_SIGNED, Party.Status.SUCCEEDED)
# A party that is suspended stays bound (HAR-6.6)
HELD = (*Party.AGREED, Party.Status.ADOPTED, Party.Status.SUSPENDED)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is narrowed to; None or "" leaves it wide. framework, organisation: ids. state: a key of GROUPS."""

    text: str = ""
    framework: int | None = None
    organisation: int | None = None
    state: str = ""

    @property
    def narrowed(self) -> bool:
        """Is any filter in use?"""
        return self != Wanted()


def accesses_of(user, frameworks) -> list[Access]:
    """What the person may do in each of these frameworks (ids), by name of the framework."""
    found = Framework.objects.filter(pk__in=frameworks).order_by("name")
    return [access for access in (Access.of(user, framework) for framework in found) if access.member]


def frameworks_of(accesses) -> list[tuple[int, str]]:
    """(id, name) of the person's frameworks."""
    return [(access.framework.pk, access.framework.name) for access in accesses]


def organisations_of(accesses) -> list[tuple[int, str]]:
    """(id, name) of the organisations for which the person works, in any framework."""
    found = Organisation.objects.filter(pk__in={pk for access in accesses for pk in access.organisations})
    return list(found.order_by("name").values_list("pk", "name"))


def own(accesses) -> Q:
    """Parties that are the person's organisations, on versions that the person may see."""
    theirs = Q(pk__in=[])
    for access in accesses:
        seen = Version.objects.visible_to(access).order_by()
        theirs |= Q(organisation__in=access.organisations, version__in=seen.values("pk"))
    return theirs


def parties(accesses, *, now: datetime):
    """One row for each protocol and organisation, with `place`: of the version that binds it now, else of the newest that
    may come to bind it, else of the newest that did. Those that apply come first."""
    bound = Q(status__in=HELD, bound_from__lte=now) & (Q(bound_until=None) | Q(bound_until__gt=now))
    place = Case(
        When(bound, then=Value(NOW)),
        When(Q(status__in=LEFT) | Q(version__status__in=OVER), then=Value(ENDED)),
        default=Value(COMING),
        output_field=IntegerField(),
    )
    found = Party.objects.filter(own(accesses)).annotate(place=place)
    once = ("version__protocol_id", "organisation_id")
    chosen = found.order_by(*once, "place", "-version__major", "-version__minor").distinct(*once).values("pk")
    return found.filter(pk__in=chosen).order_by("place", "framework__name", "version__protocol__reference", "name")


def narrowed(found, wanted: Wanted):
    """Those that fit the filters. The text is looked for in title, reference and purposes."""
    if wanted.framework is not None:
        found = found.filter(framework=wanted.framework)
    if wanted.organisation is not None:
        found = found.filter(organisation=wanted.organisation)
    if wanted.state:
        found = found.filter(place=GROUPS[wanted.state])
    if wanted.text:
        purposes = Purpose.objects.filter(version=OuterRef("version"), text__icontains=wanted.text)
        found = found.filter(
            Q(version__protocol__title__icontains=wanted.text)
            | Q(version__protocol__reference__icontains=wanted.text)
            | Exists(purposes)
        )
    return found


def with_rows(found):
    """Add what a row says: `next_review`, `aims` (texts of the purposes), and version, protocol, tier, framework."""
    aims = Purpose.objects.filter(version=OuterRef("version")).order_by("pk").values("text")
    return found.select_related(
        "framework",
        "organisation",
        "version__protocol__tier",
        "version__protocol__partnership",
        "version__protocol__lead_organisation",
        "version__pilot",
    ).annotate(next_review=next_review("version__protocol"), aims=ArraySubquery(aims))


def on_their_way(found: list[Party], accesses) -> dict[tuple[int, int], Version]:
    """(protocol, organisation) → the newest version on its way beside the one in the list, which stays until then (SIG-new)."""
    later = (
        Party.objects.filter(own(accesses), version__protocol__in={party.version.protocol_id for party in found})
        .exclude(version__status__in=[*OVER, Version.Status.IN_FORCE])
        .exclude(pk__in=[party.pk for party in found])
        .select_related("version")
        .order_by("version__major", "version__minor")
    )
    return {(party.version.protocol_id, party.organisation_id): party.version for party in later}
