"""Two lists of a document compared row by row, and what protocols.redline shares with it. Pure functions."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from protocols.canonical import canonical_bytes
from protocols.word_diff import DELETED, EQUAL, INSERTED, Piece, Steps, compare_words

# What is of the machine, of the address or of the way the text came about, not what is agreed
NOT_TEXT = {"schema", "software", "demonstration", "framework.slug", "version.number", "document_control", "clauses"}
# What names a row of a schedule, best first
NAMES = ("uid", "id", "key", "label", "term", "organisation", "reference", "number", "name", "title", "body")
HIDDEN = {"uid", "id", "key"}


class Mark(StrEnum):
    """What became of a clause, row or fact."""

    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Part:
    """One text of a clause or row. name: "title", "text", or the path of the value. whole: replaced as a whole, because
    it was too long or too repetitive to be compared word by word."""

    name: str
    pieces: tuple[Piece, ...]
    whole: bool = False

    @property
    def changed(self) -> bool:
        """Is anything put in or taken out?"""
        return any(piece.op != EQUAL for piece in self.pieces)

    @property
    def old(self) -> str:
        """The text as it was."""
        return "".join(piece.text for piece in self.pieces if piece.op != INSERTED)

    @property
    def new(self) -> str:
        """The text as it is."""
        return "".join(piece.text for piece in self.pieces if piece.op != DELETED)


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row of a schedule, by its name in it."""

    name: str
    mark: Mark
    parts: tuple[Part, ...]
    moved: bool = False

    @property
    def affected(self) -> bool:
        """Is there anything to see?"""
        return self.mark != Mark.SAME or self.moved

    @property
    def whole(self) -> bool:
        """Was one of its texts replaced as a whole?"""
        return any(part.whole for part in self.parts)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A list of the document. path: "parties"."""

    path: str
    rows: tuple[RowChange, ...]

    @property
    def affected(self) -> bool:
        """Is there anything to see?"""
        return any(row.affected for row in self.rows)


Say = Callable[[str, object], str]


def plainly(_path: str, value) -> str:
    """A value in words, for those who do not care which words."""
    return "" if value is None else str(value)


def mark_of(was, now, differs) -> Mark:
    """From what there was and is."""
    if was is None:
        return Mark.ADDED
    if now is None:
        return Mark.REMOVED
    return Mark.CHANGED if differs else Mark.SAME


def part(name: str, old: str, new: str, steps: Steps) -> Part:
    """One text compared."""
    difference = compare_words(old, new, steps)
    return Part(name, difference.pieces, difference.whole)


def in_order(old, new, *, moved=frozenset()) -> list:
    """Keys of both, in the order of the new, each that is gone behind the one that it stood behind.

    moved: what stands elsewhere now; nothing stands behind that.
    """
    behind, last = defaultdict(list), None
    for key in old:
        if key in new:
            last = last if key in moved else key
        else:
            behind[last].append(key)
    return [*behind[None], *(one for key in new for one in (key, *behind[key]))]


def leaves(value: dict, path: str = "") -> Iterator[tuple[str, object]]:
    """(path, value) of everything in a tree of objects; a list is a leaf."""
    for name, inner in value.items():
        here = f"{path}.{name}" if path else name
        if here in NOT_TEXT:
            continue
        if isinstance(inner, dict):
            yield from leaves(inner, here)
        else:
            yield here, inner


def out_of_order(names: list, places: list[int]) -> set:
    """Those that must be lifted so that the old places of the rest rise: all but a longest rising run."""
    tails: list[int] = []  # place that ends the best run of each length
    owner: list[int] = []  # index of the name there
    back: list[int] = []
    for index, place in enumerate(places):
        at = bisect_left(tails, place)
        back.append(owner[at - 1] if at else -1)
        tails[at : at + 1], owner[at : at + 1] = [place], [index]
    stay, index = set(), owner[-1] if owner else -1
    while index >= 0:
        stay.add(names[index])
        index = back[index]
    return set(names) - stay


# --- rows of schedules


def compare_rows(path: str, old: list, new: list, say: Say, steps: Steps) -> Iterator[RowChange]:
    """Each row of either side once, matched by what names it; rows of one name in their order."""
    name = naming(old, new)
    before, after = named(old, name), named(new, name)
    kept = [key for key in after if key in before]
    places = {key: place for place, key in enumerate(before)}
    moved = out_of_order(kept, [places[key] for key in kept])
    for key in in_order(before, after):
        was, now = before.get(key), after.get(key)
        fields_old, fields_new = (
            {field: words for field, words in fields(row, path, say).items() if field != f"{path}.{name}"}
            for row in (was, now)
        )
        parts = tuple(
            part(field, fields_old.get(field, ""), fields_new.get(field, ""), steps)
            for field in in_order(fields_old, fields_new)
        )
        differs = any(one.changed for one in parts)
        title = "" if name in HIDDEN or name is None else say(f"{path}.{name}", key[0])
        yield RowChange(title, mark_of(was, now, differs), parts, key in moved)


def naming(old: list, new: list) -> str | None:
    """The member that names the rows of both lists; None if they have none."""
    rows = [*old, *new]
    if not all(isinstance(row, dict) for row in rows):
        return None
    return next((name for name in NAMES if all(isinstance(row.get(name), str | int) for row in rows)), None)


def named(rows: list, name: str | None) -> dict[tuple, object]:
    """(name, how many of it came before) → row."""
    seen: dict[object, int] = defaultdict(int)
    found = {}
    for row in rows:
        key = row[name] if name else canonical_bytes(row)
        found[(key, seen[key])] = row
        seen[key] += 1
    return found


def fields(row, path: str, say: Say) -> dict[str, str]:
    """The values of a row in words, by path; empty ones are left out. A row that is a single value has one field."""
    if row is None:
        return {}
    if not isinstance(row, dict):
        return {path: say(path, row)}
    found = {}
    for name, value in leaves(row, path):
        if name.rpartition(".")[2] in HIDDEN:
            continue
        words = "\n".join(in_line(name, one, say) for one in value) if isinstance(value, list) else say(name, value)
        if words:
            found[name] = words
    return found


def in_line(path: str, value, say: Say) -> str:
    """A value of a list inside a row, on one line."""
    if isinstance(value, dict):
        return ", ".join(words for name, inner in leaves(value, path) if (words := in_line(name, inner, say)))
    if isinstance(value, list):
        return ", ".join(in_line(path, one, say) for one in value)
    return say(path, value)
