"""An open breach always has somebody who can be reached (decisions.md): at the organisation in breach, and at each party
that was to be told of it (HAR-6.1).

With the last such role, or when the last one's mail comes back, the duty moves to the framework administrators in the same
transaction, and they are told. A party whose every mail came back has not been told: the duty of HAR-6.1 is open again.
"""

from collections import Counter

from django.utils.translation import gettext as _

from breaches import mails, reporting
from breaches.models import Breach, InBreach, PartyNotice
from breaches.parties import people_of
from breaches.presenters import deliveries, reached
from portal import doorbell
from portal.chain import unreached
from portal.models import AuditEvent
from portal.notices import holders
from portal.permissions import Perm


def reachable(framework, organisation, *, without=None) -> list:
    """People who act for the organisation and whom a mail reaches. without: somebody who is leaving."""
    lost = unreached(framework)
    people = people_of(framework, [organisation], Perm.COMMENT).get(organisation, [])
    return [one for one in people if one.pk not in lost and one != without]


def open_breaches(organisation):
    """Open breaches in which the organisation is in breach. Needs the scope."""
    mine = InBreach.objects.filter(organisation=organisation).values("breach")
    return Breach.objects.open().filter(pk__in=mine).select_related("framework")


def what_ends(membership, now) -> list[str]:
    """For the page that asks before a role is ended."""
    del now
    if reachable(membership.framework, membership.organisation_id, without=membership.user):
        return []
    words = _(
        "Nobody else can be reached at %(name)s about breach %(reference)s. The framework administrators take it over."
    )
    return [
        words % {"name": membership.organisation, "reference": breach.reference}
        for breach in open_breaches(membership.organisation_id)
    ]


def end_with_role(membership, by, now) -> None:
    """The role has ended: if nobody is left, the duty moves in the same transaction."""
    move_if_unreachable(membership.framework, membership.organisation_id, by=by, now=now)


def reopen_if_untold(framework, organisation, *, by, now) -> None:
    """Whatever was sent to a party about an open breach came back, and nobody there has acknowledged it (HAR-6.1). Until
    somebody records how it was told, this falls to the framework administrators as well."""
    waiting = PartyNotice.objects.filter(
        framework=framework, organisation=organisation, breach__in=Breach.objects.open(), told_at__isnull=False,
        acknowledged_at__isnull=True, how="",
    )  # fmt: skip
    for notice in waiting.select_related("breach__framework"):
        if reached(notice, deliveries(notice.breach).get(notice.pk, Counter())):
            continue
        if reporting.came_back(notice, by=by, now=now):
            key = f"notice:{notice.pk}:{int(now.timestamp())}"
            mails.tell("breaches.no-contact", notice.breach, holders(framework, Perm.CONFIGURE), key, now=now)
            doorbell.ring()


def move_if_unreachable(framework, organisation, *, by, now) -> None:
    """Tell the framework administrators of each open breach, once for each loss."""
    if reachable(framework, organisation):
        return
    for breach in open_breaches(organisation):
        name = breach.in_breach.get(organisation=organisation).name
        AuditEvent.objects.record("breaches.breach:contact-moved", breach, by=by, now=now, organisation=name)
        key = f"{breach.pk}:{organisation}:{int(now.timestamp())}"
        mails.tell("breaches.no-contact", breach, holders(framework, Perm.CONFIGURE), key, now=now)
        doorbell.ring()
