"""What follows when a person cannot be reached any more: each app registers its act, run in the bounce's transaction."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from portal.models import Membership, OutgoingEmail

# (framework, organisation, by=, now=): somebody who acts for the organisation lost their address
Act = Callable[..., None]
ACTS: list[Act] = []


def register(act: Act) -> None:
    """Add an act, once."""
    if act not in ACTS:
        ACTS.append(act)


def run(mail: OutgoingEmail, *, now: datetime) -> None:
    """The mail came back for good: every app looks at the organisations for which this person acts. Needs the scope."""
    mine: Any = Membership.objects.live().filter(framework=mail.framework_id, user=mail.user_id)
    for organisation in mine.values_list("organisation", flat=True).distinct():
        for act in ACTS:
            act(mail.framework, organisation, by=None, now=now)
