"""Which words of two texts the other one does not have, for the page that shows both when two people changed one thing.

First by line, then by word inside the lines that differ. Both steps stop comparing where the work would grow with the
square of the length, so that no text, however repetitive, keeps a worker busy.
"""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

WORDS = re.compile(r"\s+|\w+|[^\w\s]")
MOST = 40_000  # product of the lengths that are compared exactly


@dataclass(frozen=True, slots=True)
class Run:
    """Words that follow each other. differs: the other side does not have them."""

    text: str
    differs: bool


def runs(mine: str, theirs: str) -> tuple[list[Run], list[Run]]:
    """Both texts in runs; together the runs of a side are its whole text."""
    here: list[Run] = []
    there: list[Run] = []
    for mine_lines, their_lines, same in blocks(mine.splitlines(True), theirs.splitlines(True)):
        left, right = "".join(mine_lines), "".join(their_lines)
        if same:
            add(here, left, differs=False)
            add(there, right, differs=False)
            continue
        for words, other, alike in blocks(WORDS.findall(left), WORDS.findall(right)):
            add(here, "".join(words), differs=not alike)
            add(there, "".join(other), differs=not alike)
    return joined(here), joined(there)


def joined(found: list[Run]) -> list[Run]:
    """The runs with the spaces between two that differ taken into them: a phrase is marked whole."""
    whole: list[Run] = []
    for index, run in enumerate(found):
        between = 0 < index < len(found) - 1 and not run.text.strip() and "\n" not in run.text
        add(whole, run.text, differs=run.differs or between)
    return whole


def blocks(left: list[str], right: list[str]):
    """(part of the left, part of the right, are they the same?) in order, with equal ends taken off first."""
    start, end = 0, 0
    shorter = min(len(left), len(right))
    while start < shorter and left[start] == right[start]:
        start += 1
    while end < shorter - start and left[-1 - end] == right[-1 - end]:
        end += 1
    yield left[:start], right[:start], True
    inner, other = left[start : len(left) - end], right[start : len(right) - end]
    if len(inner) * len(other) > MOST:
        yield inner, other, False
    else:
        for tag, a, b, c, d in SequenceMatcher(None, inner, other, autojunk=False).get_opcodes():
            yield inner[a:b], other[c:d], tag == "equal"
    yield left[len(left) - end :], right[len(right) - end :], True


def add(found: list[Run], text: str, *, differs: bool):
    """One more run, joined to the one before if both are alike."""
    if not text:
        return
    if found and found[-1].differs == differs:
        found[-1] = Run(found[-1].text + text, differs)
    else:
        found.append(Run(text, differs))
