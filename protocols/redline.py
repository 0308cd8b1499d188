"""Two texts of a protocol compared: what changed, moved, was renumbered, came and went (SIG-new).

Takes two canonical JSON documents: frozen versions, drafts as they were circulated, or a draft as it stands. Clauses are
matched by their uid, rows of schedules by what names them, everything else by its place, so that a schedule which the
canonical JSON is given later is compared too. Pure functions without models; time is bounded (protocols.word_diff).
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from protocols.redline_rows import (
    Mark,
    Part,
    Say,
    Schedule,
    compare_rows,
    in_order,
    leaves,
    mark_of,
    out_of_order,
    part,
    plainly,
)
from protocols.word_diff import DOCUMENT_STEPS, Steps

REFERENCE = re.compile(r"\{\{clause:([0-9a-f-]{36})\}\}")
SCHEDULE = re.compile(r"\{\{schedule:([a-z_]+)\}\}")


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """A clause in reading order of the new text, removed ones where they stood.

    depth: 0 for sections. old_place, new_place: of one that moved, in words. section: uid of the section that it stands in. moved: it stands elsewhere among the same
    neighbours, or below another clause. predecessors: old numbers of the clauses it was split from or merged of.
    """

    uid: str
    mark: Mark
    depth: int
    section: str
    old_kind: str
    new_kind: str
    old_label: str
    new_label: str
    title: Part
    text: Part
    moved: bool = False
    old_place: str = ""
    new_place: str = ""
    predecessors: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """How it is printed now, or was."""
        return self.new_kind or self.old_kind

    @property
    def label(self) -> str:
        """The number that it has now, or had."""
        return self.new_label if self.new_kind else self.old_label

    @property
    def renumbered(self) -> bool:
        """Did it stay in its place, under another number?"""
        return self.mark in {Mark.SAME, Mark.CHANGED} and not self.moved and self.old_label != self.new_label

    @property
    def affected(self) -> bool:
        """Is there more to see than, at most, another number?"""
        return self.mark != Mark.SAME or self.moved

    @property
    def whole(self) -> bool:
        """Was one of its texts replaced as a whole?"""
        return self.title.whole or self.text.whole


@dataclass(frozen=True, slots=True)
class Redline:
    """The whole comparison. facts: title, dates and other single values that differ or stayed, by path."""

    facts: tuple[Part, ...]
    clauses: tuple[ClauseChange, ...]
    schedules: tuple[Schedule, ...]
    steps: int

    @property
    def differs(self) -> bool:
        """Is there anything at all?"""
        return (
            any(part.changed for part in self.facts)
            or any(clause.affected or clause.renumbered for clause in self.clauses)
            or any(schedule.affected for schedule in self.schedules)
        )

    @property
    def whole(self) -> bool:
        """Was some text replaced as a whole?"""
        return (
            any(part.whole for part in self.facts)
            or any(clause.whole for clause in self.clauses)
            or any(row.whole for schedule in self.schedules for row in schedule.rows)
        )

    def count(self, mark: Mark) -> int:
        """How many clauses have this mark."""
        return sum(clause.mark == mark for clause in self.clauses)


def compare(old: dict, new: dict, *, say: Say = plainly, steps: Steps | None = None) -> Redline:
    """Everything that differs between two canonical documents.

    say(path, value): the words in which a value that is no list is printed. A clause text's reference to another
    clause is compared as it is printed, by number.
    """
    steps = steps or Steps(DOCUMENT_STEPS)
    before = steps.spent
    facts_old, lists_old = gathered(old)
    facts_new, lists_new = gathered(new)
    clauses = tuple(compare_clauses(old["clauses"], new["clauses"], say, steps))
    facts = tuple(
        part(path, say(path, facts_old.get(path)), say(path, facts_new.get(path)), steps)
        for path in in_order(facts_old, facts_new)
    )
    schedules = tuple(
        Schedule(path, tuple(compare_rows(path, lists_old.get(path, []), lists_new.get(path, []), say, steps)))
        for path in in_order(lists_old, lists_new)
    )
    return Redline(facts, clauses, schedules, steps.spent - before)


def gathered(document: dict) -> tuple[dict[str, object], dict[str, list]]:
    """Single values and lists of a document, by path."""
    facts: dict[str, object] = {}
    lists: dict[str, list] = {}
    for path, value in leaves(document):
        if isinstance(value, list):
            lists[path] = value
        elif value is not None:
            facts[path] = value
    return facts, lists


# --- clauses


@dataclass(frozen=True, slots=True)
class Node:
    """A clause of one side, with where it stands."""

    clause: dict
    parent: str
    depth: int
    section: str
    place: int  # among its neighbours


def nodes_of(clauses: list) -> dict[str, Node]:
    """uid → node, in reading order. A clause deeper than the call stack cannot occur: see canonical.MAX_DEPTH."""
    found: dict[str, Node] = {}

    def walk(rows, parent, depth, section):
        for place, clause in enumerate(rows):
            top = section or clause["uid"]
            found[clause["uid"]] = Node(clause, parent, depth, top, place)
            walk(clause["children"], clause["uid"], depth + 1, top)

    walk(clauses, "", 0, "")
    return found


def compare_clauses(old: list, new: list, say: Say, steps: Steps) -> Iterator[ClauseChange]:
    """Each clause of either side once, matched by uid."""
    before, after = nodes_of(old), nodes_of(new)
    printed_old, printed_new = Printed(before, say), Printed(after, say)
    moved = moved_clauses(before, after)
    for uid in in_order(before, after, moved=moved):
        was, now = before.get(uid), after.get(uid)
        here = now or before[uid]
        old_clause = was.clause if was else {}
        new_clause = now.clause if now else {}
        title = part("title", old_clause.get("title", ""), new_clause.get("title", ""), steps)
        text = part("text", printed_old(old_clause.get("text", "")), printed_new(new_clause.get("text", "")), steps)
        kept = was is not None and now is not None
        differs = title.changed or text.changed or (kept and old_clause["kind"] != new_clause["kind"])
        yield ClauseChange(
            uid=uid,
            mark=mark_of(was, now, differs),
            depth=here.depth,
            section=here.section,
            old_kind=old_clause.get("kind", ""),
            new_kind=new_clause.get("kind", ""),
            old_label=old_clause.get("label", ""),
            new_label=new_clause.get("label", ""),
            title=title,
            text=text,
            moved=uid in moved,
            old_place=place_in_words(before, uid) if uid in moved else "",
            new_place=place_in_words(after, uid) if uid in moved else "",
            predecessors=tuple(
                place_in_words(before, one) for one in new_clause.get("predecessors", []) if one in before
            ),
        )


class Printed:
    """The text of a clause as it is printed: references to clauses by their number on this side."""

    def __init__(self, nodes: dict[str, Node], say: Say):
        self.labels = {uid: node.clause["label"] for uid, node in nodes.items()}
        self.say = say

    def __call__(self, text: str) -> str:
        text = REFERENCE.sub(lambda match: self.labels.get(match[1]) or match[0], text)
        return SCHEDULE.sub(lambda match: self.say("schedule", match[1]), text)


def moved_clauses(before: dict[str, Node], after: dict[str, Node]) -> set[str]:
    """uids of clauses that stand below another clause than before, or elsewhere among those that stayed below theirs.

    Of neighbours in another order, as few as possible are said to have moved.
    """
    families = defaultdict(list)
    moved = set()
    for uid, node in after.items():
        if uid not in before:
            continue
        if before[uid].parent == node.parent:
            families[node.parent].append(uid)
        else:
            moved.add(uid)
    for family in families.values():
        moved |= out_of_order(family, [before[uid].place for uid in family])
    return moved


def place_in_words(nodes: dict[str, Node], uid: str) -> str:
    """The number of a clause, or what names it or the clause above it."""
    clause = nodes[uid].clause
    name = clause["label"] or clause["title"]
    parent = nodes[uid].parent
    if parent and (not name or clause["kind"] == "item"):
        return f"{place_in_words(nodes, parent)} {name}".strip()
    return name
