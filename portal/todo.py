"""What needs doing, for one person: every app registers what it knows; the pages only sort and show it.

A source is called with the person inside a scope: all the person's frameworks on /me/ (read-only), one framework
on its own page. The same source serves both, since the scope decides which rows exist.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal import clock
from portal.models import Framework, User
from portal.models.deadline import calendar_of
from portal.working_days import WorkingCalendar

SOON = 5  # working days (experience.md)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to do. href: where. due_at: aware UTC, or None when nothing dates it. note: one short line more.
    distance: how far it is in words, when days of the calendar do not say it ("overdue by 2 working days"). timed: is it
    due at a time of day?"""

    title: str
    href: str
    due_at: datetime | None
    framework: Framework
    note: str = ""
    distance: str = ""
    timed: bool = False


Source = Callable[[User], Iterable[Item]]
SOURCES: list[Source] = []


def register(source: Source) -> Source:
    """Add a source; usable as a decorator."""
    if source not in SOURCES:
        SOURCES.append(source)
    return source


def items(user: User) -> list[Item]:
    """Everything, soonest first, undated last. Needs a scope."""
    found = [item for source in SOURCES for item in source(user)]
    return sorted(
        found, key=lambda item: (item.due_at is None, item.due_at or clock.start_of_day(clock.today()), item.title)
    )


def by_urgency(found: list[Item], *, now: datetime) -> dict[str, list[Item]]:
    """The items under "overdue", "soon" (due within 5 working days of the framework's own calendar), "waiting" (nothing
    dates it, and it can be done now) and "later"."""
    groups: dict[str, list[Item]] = {"overdue": [], "soon": [], "waiting": [], "later": []}
    edges: dict[int, datetime] = {}
    for item in found:
        edge = edges.get(item.framework.pk)
        if edge is None:
            edge = edges[item.framework.pk] = edge_of_soon(calendar_of(item.framework, item.framework.nation), now=now)
        groups[urgency(item, edge, now=now)].append(item)
    return groups


def edge_of_soon(calendar: WorkingCalendar, *, now: datetime) -> datetime:
    """The end of the fifth working day from today."""
    return clock.end_of_day(calendar.add_working_days(clock.london_date(now), SOON)) + timedelta(seconds=1)


def urgency(item: Item, edge: datetime, *, now: datetime) -> str:
    """Which group an item belongs to; what nothing dates is waiting."""
    if item.due_at is None:
        return "waiting"
    if item.due_at < now:
        return "overdue"
    return "soon" if item.due_at < edge else "later"
