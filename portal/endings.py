"""What ends together with a role: each app registers what it knows of, and it is done in the same transaction.

So one act ends a representative: the role, the authority that counted only with it, and what was delegated under it.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from portal.models import Membership, User

# what will end, in sentences for the page that asks; and the act
Words = Callable[[Membership, datetime], Iterable[str]]
Act = Callable[[Membership, User | None, datetime], None]
ENDINGS: list[tuple[Words, Act]] = []


def register(words: Words, act: Act) -> None:
    """Add what ends with a role, once. act(membership, by, now) runs after the role has ended; needs the scope."""
    if (words, act) not in ENDINGS:
        ENDINGS.append((words, act))


def words(membership: Membership, *, now: datetime) -> list[str]:
    """What will end with this role, for whoever is about to end it."""
    return [sentence for tell, _act in ENDINGS for sentence in tell(membership, now)]


def run(membership: Membership, *, by: User | None, now: datetime) -> None:
    """End what ends with this role."""
    for _words, act in ENDINGS:
        act(membership, by, now)
