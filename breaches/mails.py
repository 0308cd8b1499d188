"""Who is written to about a breach. Every mail is queued in the act's own transaction; notices.py makes its text."""

from breaches.parties import people_of
from portal.models import OutgoingEmail
from portal.models.outbox import Queued
from portal.notices import holders
from portal.permissions import Perm


def tell_reported(breach, notices, people, *, now) -> None:
    """Every person of every other party, the organisations in breach, and whoever keeps the board's records (HAR-6.1)."""
    rows = [
        Queued(
            "breaches.reported",
            person,
            f"breach-reported:{notice.pk}:{person.pk}",
            {"breach": breach.pk, "notice": notice.pk},
        )
        for notice in notices
        for person in people.get(notice.organisation_id, [])
    ]
    told = {row.to for row in rows}
    guilty = [person for mine in people_of(breach.framework, breach.guilty()).values() for person in mine]
    rest = dict.fromkeys([*guilty, *holders(breach.framework, Perm.DECIDE)])
    rows += [
        Queued("breaches.reported", person, f"breach-reported:{breach.pk}:{person.pk}", {"breach": breach.pk})
        for person in rest
        if person not in told
    ]
    OutgoingEmail.objects.queue_many(rows, now=now, framework=breach.framework)


def everybody(breach) -> list:
    """The people of every party, of the organisations in breach, and whoever keeps the board's records."""
    told = list(breach.notices.values_list("organisation_id", flat=True))
    people = people_of(breach.framework, [*told, *breach.guilty()])
    found = [person for mine in people.values() for person in mine]
    return list(dict.fromkeys([*found, *holders(breach.framework, Perm.DECIDE)]))


def tell(kind, breach, people, key, *, now, **ids) -> None:
    """One mail of a kind for each of these people, once for each key."""
    rows = [
        Queued(kind, person, f"{kind}:{key}:{person.pk}", {"breach": breach.pk, **ids})
        for person in dict.fromkeys(people)
    ]
    OutgoingEmail.objects.queue_many(rows, now=now, framework=breach.framework)
