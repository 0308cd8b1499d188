"""What is due to a board by one of its meetings, what its pack prints of it, and what is hidden while a session is closed:
three registries.

**What is due.** An app registers a source, ``register(source)``. ``source(board, meeting)`` is called inside the
framework's scope and yields an `Entry` for each thing that this board should take at that meeting (an approval that
waits for it, a review that falls due by then, findings, the report of a breach). It is asked again whenever the agenda
is compiled; an entry whose subject is on the agenda already, with the same kind, is not added a second time. What is
compiled becomes a row, so the secretary can order it, and what is no longer due can be taken off.

**What is printed.** The pack is read where there is no portal, so an app registers what the restricted part says of its things,
``prints("reviews.review")``. It is asked for this reader, when the pack is made.

**What is hidden.** While a session is closed, nobody of certain organisations may see its items by any road (HAR-6.4).
An app registers a rule, ``hide(rule)``. ``rule(access)`` gives a ``Q`` over the columns of ``AgendaItem``
(``subject_type``, ``subject_id``, ``meeting``, ``pk``…) that matches the items hidden from this reader *now*, or
None. Roles do not matter to the caller: what the rule matches is gone for administrators and auditors too. Example::

    @agenda.hide
    def closed_sessions(access):
        closed = Breach.objects.in_closed_session().against(access.organisations)
        return Q(subject_type=ContentType.objects.get_for_model(Breach), subject_id__in=closed.values("pk"))

`AgendaItem.objects.visible_to(access)` asks every rule, and is the only way in which pages, packs, papers, minutes,
numbers of items, exports and mails look items up; so one rule closes every road. Numbers of restricted items are counted
over what the reader sees, so nothing is missed in the middle. A rule must not itself ask for items.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from portal.permissions import Access


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that is due. kind: a short name of what it is, as "protocols.approval". title: as the agenda prints it.
    href: path of its page. subject: the row it is about, of a model that portal.subjects knows. restricted: only for
    those who may see the subject, in the restricted pack; with True or False the source decides, and what all
    organisations of the board may read anyway can be open. paragraph: why it is restricted; without it
    "partnership: restricted"."""

    kind: str
    title: str
    href: str
    subject: Any
    due_at: datetime | None = None
    restricted: bool = False
    paragraph: str = ""


# (subject, access) → [{"heading": …, "text": Markdown}] that the restricted pack prints at the item
Prints = Callable[[Any, Access], list[dict[str, str]]]
PRINTS: dict[str, Prints] = {}
# (board, meeting) → what is due to the board by that meeting
Source = Callable[[Any, Any], Iterable[Entry]]
Rule = Callable[[Access], Q | None]
SOURCES: list[Source] = []
RULES: list[Rule] = []


def register(source: Source) -> Source:
    """Register a source of what is due; usable as a decorator."""
    if source not in SOURCES:
        SOURCES.append(source)
    return source


def hide(rule: Rule) -> Rule:
    """Register a rule of what is hidden from a reader; usable as a decorator."""
    if rule not in RULES:
        RULES.append(rule)
    return rule


def prints(label: str) -> Callable[[Prints], Prints]:
    """Register what the restricted pack prints of things of a model ("reviews.review"); usable as a decorator."""

    def register(print_of: Prints) -> Prints:
        PRINTS[label] = print_of
        return print_of

    return register


def printed(item, access: Access) -> list[dict[str, str]]:
    """What the restricted pack says of the thing that an item is about; the reader may see the item."""
    if not item.restricted or item.subject is None:
        return []
    print_of = PRINTS.get(item.subject._meta.label_lower)
    return print_of(item.subject, access) if print_of else []


def due(board, meeting) -> list[Entry]:
    """What is due to the board by the meeting: dated first, soonest first. Needs the scope."""
    found = [entry for source in SOURCES for entry in source(board, meeting)]
    return sorted(found, key=lambda one: (one.due_at is None, one.due_at or meeting.starts_at, one.kind, one.title))


def hidden(access: Access) -> Q:
    """The condition over AgendaItem that matches what is hidden from this reader now; matches nothing without a rule."""
    found = Q(pk__in=[])
    for rule in RULES:
        if (condition := rule(access)) is not None:
            found |= condition
    return found
