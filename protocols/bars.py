"""Who may not sign a protocol for now, by a decision of its parties (HAR-6.6). The app that knows registers what it says."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from protocols.models import Party

UNSIGNED = frozenset({Party.Status.PENDING, Party.Status.INVITED, Party.Status.DECLINED})


@dataclass(frozen=True, slots=True)
class Bar:
    """organisation, protocol: ids. excluded: until it is invited after `since` (aware UTC); else suspended, until somebody
    lifts it. reference: of what was decided."""

    organisation: int
    protocol: int
    excluded: bool
    since: datetime
    reference: str

    def holds_for(self, party) -> bool:
        """An invitation that is newer than an exclusion lets the organisation come back."""
        return not self.excluded or party.invited_at is None or party.invited_at <= self.since

    @property
    def note(self) -> str:
        """Beside the name of the party."""
        words = _("excluded (%(reference)s)") if self.excluded else _("suspended (%(reference)s)")
        return words % {"reference": self.reference}


Source = Callable[[Collection[int], Collection[int]], Iterable[Bar]]
SOURCES: list[Source] = []


def register(source: Source) -> Source:
    """Add a source, called with ids of organisations and of protocols; usable as a decorator."""
    if source not in SOURCES:
        SOURCES.append(source)
    return source


LIFTED: list[Callable[..., None]] = []


def when_lifted(act):
    """Register `act(organisation, protocol, now=…)` (ids): what waited for the end of a suspension; usable as a decorator."""
    if act not in LIFTED:
        LIFTED.append(act)
    return act


def lifted(organisation: int, protocol: int, *, now: datetime) -> None:
    """The last suspension has ended. Called in its transaction."""
    for act in LIFTED:
        act(organisation, protocol, now=now)


def barring(parties: Iterable[Party]) -> dict[int, Bar]:
    """Party → what keeps its organisation from signing, for those that have not signed; an exclusion before a suspension.
    One statement, however many. Needs the scope, and each party's version."""
    asked = [party for party in parties if party.status in UNSIGNED]
    if not asked:
        return {}
    organisations = sorted({party.organisation_id for party in asked})
    protocols = sorted({party.version.protocol_id for party in asked})
    found: dict[tuple[int, int], list[Bar]] = {}
    for source in SOURCES:
        for bar in source(organisations, protocols):
            found.setdefault((bar.organisation, bar.protocol), []).append(bar)
    barred = {}
    for party in asked:
        mine = found.get((party.organisation_id, party.version.protocol_id), [])
        holding = sorted((bar for bar in mine if bar.holds_for(party)), key=lambda bar: (not bar.excluded, bar.since))
        if holding:
            barred[party.pk] = holding[0]
    return barred
