"""The life of one protocol with everything that makes "as at" hard: used by tests of history and of dates.

10 Mar 2025 opened · 20 Mar completed · 1 Apr in force (the sweep came four days late) · 1 May published in full ·
15 Jun Gamma joins late · 1 Aug Beta suspended · 1 Sep Beta back · 1 Oct version 2.0 begun · 1 Nov opened · 1 Jan 2026
2.0 in force, Gamma not re-signed · 10 Jan 2.0 published as a summary · 1 Mar Beta withdraws.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from portal.models import AuditEvent, Organisation
from protocols.models import Party, Protocol, Publication, Version
from tests.builders import advance, fill, make_organisation, make_party, make_protocol


@dataclass
class Story:
    """What tests ask of it."""

    protocol: Protocol
    first: Version
    second: Version
    alpha: Organisation
    beta: Organisation
    gamma: Organisation


def at(year, month, day, hour=12) -> datetime:
    """A moment in UTC."""
    return datetime(year, month, day, hour, tzinfo=UTC)


def begun(protocol, *, major, effective_on, now) -> Version:
    """A filled draft that the ledger knows of."""
    version = Version.objects.create(
        framework=protocol.framework, protocol=protocol, major=major, effective_on=effective_on,
        sign_by=effective_on - timedelta(days=5), review_first_months=6, review_then_months=12,
    )  # fmt: skip
    fill(version)
    verb = "protocols.protocol:begun" if major == 1 else "protocols.version:begun"
    AuditEvent.objects.record(verb, protocol if major == 1 else version, by=None, now=now, number=version.number)
    return version


def publish(version, level, now) -> None:
    """A publication decision."""
    Publication.objects.decide(
        version, by=None, now=now, level=level, summary=f"Summary {version.number}", reason="r",
        review_on=date(2027, 1, 1),
    )  # fmt: skip


def tell(framework, reference="OLD-001", title="An old protocol") -> Story:
    """Make it by the real verbs. Needs the scope."""
    alpha, beta, gamma = (make_organisation(f"{name} body", framework=framework) for name in ("Alpha", "Beta", "Gamma"))
    protocol = make_protocol(framework, lead=alpha, reference=reference, title=title, created_at=at(2025, 3, 1))
    first = begun(protocol, major=1, effective_on=date(2025, 4, 1), now=at(2025, 3, 1))
    parties = {
        one: make_party(first, one, order=index, required=one is not gamma)
        for index, one in enumerate((alpha, beta, gamma))
    }
    advance(first, "open-for-signature", now=at(2025, 3, 10))
    for one in (alpha, beta):
        Party.objects.get(pk=parties[one].pk).sign(by=None, now=at(2025, 3, 20))
    first.refresh_from_db()
    first.complete_if_signed(now=at(2025, 3, 20))
    first.bring_into_force(now=first.in_force_from)  # on 5 April, by a sweep after an outage: the due moment counts
    publish(first, "full", at(2025, 5, 1))
    Party.objects.get(pk=parties[gamma].pk).sign(by=None, now=at(2025, 6, 15))
    party = Party.objects.get(pk=parties[beta].pk)
    for status, now in (("suspended", at(2025, 8, 1)), ("signed", at(2025, 9, 1))):
        with party.transition(status, by=None, now=now, organisation=party.name):
            pass
    second = begun(protocol, major=2, effective_on=date(2026, 1, 1), now=at(2025, 10, 1))
    mine = [make_party(second, one, order=index, required=one is not gamma) for index, one in enumerate(parties)]
    advance(second, "open-for-signature", now=at(2025, 11, 1))
    for one in mine[:2]:
        Party.objects.get(pk=one.pk).sign(by=None, now=at(2025, 11, 20))
    second.refresh_from_db()
    second.complete_if_signed(now=at(2025, 11, 20))
    second.bring_into_force(now=second.in_force_from)
    publish(second, "summary", at(2026, 1, 10))
    Party.objects.get(pk=mine[1].pk).withdraw(by=None, now=at(2026, 3, 1), reason="Merged elsewhere")
    for version in (first, second):
        version.refresh_from_db()
    return Story(protocol, first, second, alpha, beta, gamma)
