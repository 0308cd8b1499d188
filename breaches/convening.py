"""Who convenes the meeting on a breach, names its officers, records that it was presented and closes the breach.

The board's secretary or the lead organisation (HAR-6.3), or in their place a framework administrator; never somebody who
belongs to an organisation in breach, whatever role they hold (HAR-6.4). Whoever may not is told who can.
"""

from django.utils.translation import gettext as _

from breaches.attending import belongs
from breaches.parties import acts_for
from portal.errors import StateError
from portal.notices import holders
from portal.permissions import Perm


def has_the_right(access, breach) -> bool:
    """By role alone."""
    return (
        access.can(Perm.DECIDE)
        or access.can(Perm.CONFIGURE)
        or breach.protocol.lead_organisation_id in acts_for(access, Perm.COMMENT)
    )


def may_convene(access, breach) -> bool:
    """By role, and belonging to no organisation in breach."""
    return has_the_right(access, breach) and not belongs(access.user, breach)


def conveners(breach) -> list:
    """The people who can: secretaries and the lead's people, then the administrators."""
    people = holders(breach.framework, Perm.DECIDE)
    people += holders(breach.framework, Perm.COMMENT, organisations=[breach.protocol.lead_organisation_id])
    people += holders(breach.framework, Perm.CONFIGURE)
    return [one for one in dict.fromkeys(people) if not belongs(one, breach)]


def who_can(breach) -> str:
    """Their names, or how somebody comes to be there: never a dead end."""
    names = ", ".join(one.full_name for one in conveners(breach))
    if names:
        return _("These people can do it: %(names)s.") % {"names": names}
    return _("Give somebody of another organisation the role of board secretary, who can then do it.")


def why_not(breach) -> str:
    """What somebody of an organisation in breach is told."""
    return _(
        "You belong, or belonged since it was reported, to an organisation in breach of %(reference)s. So you do not "
        "convene its meeting, say who was there, name its officers or close it."
    ) % {"reference": breach.reference}


def require_impartial(breach, by) -> None:
    """Raises StateError, which says who can, for somebody who belongs to an organisation in breach (HAR-6.4)."""
    if by is not None and belongs(by, breach):
        raise StateError(why_not(breach), who_can(breach))
