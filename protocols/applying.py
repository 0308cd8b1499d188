"""What applies to me: the protocols of a person's organisations, in every framework in which the person works (KEN-3.2viii).

Needs the cross scope. Each framework is asked through `visible_to` with what the person may there, so the list shows no
more than the frameworks' own lists do.
"""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from portal.models import Framework, Organisation
from portal.permissions import Access
from portal.templatetags.dates import longdate
from protocols.bars import Bar
from protocols.models import Party, Purpose, Version
from protocols.register import next_review

# Where a protocol stands for the organisation: it binds it, it may come to, or it does not any more
NOW, COMING, ENDED = 0, 1, 2
GROUPS = {"now": NOW, "coming": COMING, "ended": ENDED}
OVER = (Version.Status.SUPERSEDED, Version.Status.WITHDRAWN, Version.Status.EXPIRED)


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
    """One row for each protocol and organisation, with `place`; those that apply come first. It is of the version that binds
    the organisation now, else of the one in force, else of the newest that may come to bind it, else of the newest that
    did, else of the newest."""
    bound = Q(status__in=Party.HELD, bound_from__lte=now) & (Q(bound_until=None) | Q(bound_until__gt=now))
    gone = Q(status__in=[*Party.LEFT, Party.Status.NOT_RE_SIGNED]) | Q(version__status__in=OVER)
    number = IntegerField()
    place = Case(
        When(bound, then=Value(NOW)), When(gone, then=Value(ENDED)), default=Value(COMING), output_field=number
    )
    preferred = Case(
        When(bound, then=Value(0)),
        When(version__status=Version.Status.IN_FORCE, then=Value(1)),
        When(~gone, then=Value(2)),
        When(bound_from__isnull=False, then=Value(3)),
        default=Value(4),
        output_field=number,
    )
    found = Party.objects.filter(own(accesses)).annotate(place=place)
    once = ("version__protocol_id", "organisation_id")
    best = found.order_by(*once, preferred, "-version__major", "-version__minor").distinct(*once)
    return found.filter(pk__in=best.values("pk")).order_by(
        "place", "framework__name", "version__protocol__reference", "name", "pk"
    )


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
    """Add what a row says: `next_review`, `given_at` (when its signature was given), `aims` (texts of the purposes), and
    version, protocol, tier, framework."""
    aims = Purpose.objects.filter(version=OuterRef("version")).order_by("pk").values("text")
    return found.select_related(
        "framework",
        "organisation",
        "version__protocol__tier",
        "version__protocol__partnership",
        "version__protocol__lead_organisation",
        "version__pilot",
    ).annotate(
        next_review=next_review("version__protocol"),
        given_at=Coalesce("signed_at", "signature_of__signed_at"),  # HAR-2.3
        aims=ArraySubquery(aims),
    )


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


def standing(party, bar: Bar | None, *, now: datetime) -> tuple[str, str, str]:
    """Does it apply, the colour of the answer, and why. party: of parties(). bar: what keeps it from signing (HAR-6.6)."""
    if party.place == ENDED:
        words = _("No longer") if party.bound_from else _("Never applied")
        return words, "grey", how_it_ended(party)
    if party.status == Party.Status.SUSPENDED:
        if party.place == NOW:
            return _("Suspended"), "orange", _("Still bound; nothing is shared with your organisation")
        return _("Suspended"), "orange", _("Nothing is shared with your organisation")
    if party.place == NOW:
        return _("Applies"), "green", since(party)
    if party.status in Party.HELD:
        return _("Not yet"), "blue", not_yet(party, now=now)
    if bar is not None and not bar.excluded:
        return _("Suspended"), "orange", _("Your organisation cannot sign this version until the suspension is lifted")
    if bar is not None:
        return _("Excluded"), "red", _("Your organisation was excluded, and has not been invited since")
    version, declined = party.version, party.status == Party.Status.DECLINED
    if version.status == Version.Status.IN_FORCE:  # towards it, existing arrangements go on (HAM-register)
        words = _("In force for others; existing arrangements go on")
        return _("Not signed"), "yellow", _("Declined. %(words)s") % {"words": words} if declined else words
    if declined:
        return _("Not signed"), "yellow", party.get_status_display()
    return _("Not yet"), "blue", party.get_status_display() if version.opened_at else version.get_status_display()


def since(party) -> str:
    """Since when it binds; a version that needed no new signature by which one (HAR-2.3)."""
    words = _("Since %(day)s") % {"day": longdate(party.bound_from)}
    if party.status == Party.Status.CONTINUED:
        words = _("%(since)s, by an earlier signature") % {"since": words}
    return words


def not_yet(party, *, now: datetime) -> str:
    """Why what was signed or adopted does not bind yet: its day has not come, others have not signed, or what it supplements
    binds nobody yet (HAR-10)."""
    facts = {"standing": party.get_status_display(), "day": longdate(party.bound_from)}
    if party.bound_from and party.bound_from > now:
        return _("%(standing)s; from %(day)s") % facts
    if party.version.status == Version.Status.OPEN_FOR_SIGNATURE:
        return _("%(standing)s; others have not signed yet") % facts
    return _("%(standing)s; waiting for the protocol that it supplements") % facts


def how_it_ended(party) -> str:
    """What ended it, and when if that is known: the organisation's leaving, or the end of the version."""
    left = {
        Party.Status.EXCLUDED: _("Your organisation was excluded"),
        Party.Status.WITHDRAWN: _("Your organisation withdrew"),
        Party.Status.SUCCEEDED: _("Another organisation took its place"),
        Party.Status.NOT_RE_SIGNED: _("Your organisation has not signed the next version"),
    }
    over = {
        Version.Status.SUPERSEDED: _("Superseded"),
        Version.Status.WITHDRAWN: _("The protocol was withdrawn"),
        Version.Status.EXPIRED: _("Expired"),
    }
    words = left.get(party.status) or over[party.version.status]
    at = party.bound_until if party.status in left else party.version.ended_at
    return _("%(words)s: %(day)s") % {"words": words, "day": longdate(at)} if at else words
