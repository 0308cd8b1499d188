"""An open breach always has somebody who can be reached at the organisation in breach (decisions.md).

With the last such role, or when the last one's mail comes back, the duty moves to the framework administrators in the same
transaction, and they are told.
"""

from django.utils.translation import gettext as _

from breaches import mails
from breaches.models import Breach, InBreach
from breaches.parties import people_of
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
