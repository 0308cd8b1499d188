"""The demonstration: four frameworks, one to a preset, taken through their lives by the real verbs before today.

Idempotent and whole: the frameworks of one part appear in one transaction, or not at all; repeating adds what is missing.
Dates are relative to the day of loading.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from django.conf import settings
from django.db import connections, transaction

from portal import demo, tenancy
from portal.models import Framework, OutgoingEmail
from signatories.demo.anyshire import anyshire
from signatories.demo.elmshire import elmshire
from signatories.demo.haringey import FOR_THE_NEWCOMER, haringey
from signatories.demo.millborough import millborough
from signatories.demo.story import Story, code_at

__all__ = ["FOR_THE_NEWCOMER", "Story", "code_at", "load", "load_side_by_side"]

# Frameworks that share a person or an organisation stand in one part, so two parts never wait for each other
PARTS: tuple[dict[str, Callable[[Story], None]], ...] = (
    {"haringey": haringey, "anyshire": anyshire},
    {"elmshire": elmshire, "millborough": millborough},
)


def load(*, now: datetime) -> bool:
    """Load the demonstration unless it is there; returns whether something was loaded now."""
    return any_loaded(load_part(part, now) for part in PARTS)


def load_side_by_side(*, now: datetime) -> bool:
    """The same in half the time: most of it is spent in waiting for PDFs that other processes make.

    Each part has a connection of its own, so this is not for tests that run inside one transaction.
    """

    def run(part):
        try:
            return load_part(part, now)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(PARTS)) as pool:
        return any_loaded(pool.map(run, PARTS))


def any_loaded(results: Iterable[bool]) -> bool:
    """Was any part loaded? Looks at all of them."""
    return any(list(results))


@transaction.atomic
def load_part(part: dict[str, Callable[[Story], None]], now: datetime) -> bool:
    """Some frameworks, or nothing; returns whether they were loaded now."""
    if not settings.PORTAL_DEMO:
        raise ValueError("The demonstration is loaded only in demo mode.")
    if Framework.objects.filter(slug__in=part).exists():
        return False
    for slug, tell in part.items():
        story = Story(slug, now=now)
        tell(story)
        demo.tell_all(story)
        forget_mails(story.framework)
    return True


def forget_mails(framework: Framework) -> None:
    """What happened before today was never mailed to anybody: the sink of a newcomer starts empty."""
    with tenancy.scope(framework.pk):
        OutgoingEmail.objects.filter(framework=framework).exclude(status=OutgoingEmail.Status.SENT).delete()
