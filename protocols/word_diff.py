"""Two texts as words kept, taken out and put in, within a bounded number of steps whatever the texts are.

difflib without its guess of "popular" words is exact but quadratic, and worse for texts that repeat themselves. So
the cost of each look is known before it is taken: when the steps do not suffice, that stretch is "replaced as a
whole", and the answer says so. Pure functions; the pieces always give back both texts, character by character.
"""

import re
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate, groupby, pairwise
from typing import NamedTuple

EQUAL, INSERTED, DELETED = "equal", "ins", "del"

# A step is one turn of difflib's inner loop, about 0.1 µs: for the matching of one text, and for a whole document
TEXT_STEPS = 700_000
DOCUMENT_STEPS = 2_500_000
PER_TOKEN = 3  # steps that a token costs besides its places, and once for being there
CHARACTERS = 4  # are looked at in a step
LONG = 600  # words: a longer text is compared sentence by sentence first
ALIKE = 0.2  # the share of a text that must have stayed for the words that did to be of use to a reader

_WORD = re.compile(r"\w+(?:[.,'’/:@-]\w+)*\s*|[^\w\s]\s*|\s+")
_ENDS = (".", "!", "?", ";", ":")


class Piece(NamedTuple):
    """op: EQUAL, INSERTED or DELETED. Equal and inserted pieces are the new text, equal and deleted ones the old."""

    op: str
    text: str


class Difference(NamedTuple):
    """pieces: see Piece. whole: some stretch was too long or too repetitive, and is shown as replaced as a whole."""

    pieces: tuple[Piece, ...]
    whole: bool = False


class Change(NamedTuple):
    """Tokens start to end of the old text gave way to tokens of the new one."""

    i1: int
    i2: int
    j1: int
    j2: int


@dataclass(slots=True)
class Steps:
    """How many steps are left; `spent` of them were taken."""

    left: int
    spent: int = 0

    def take(self, steps: int) -> bool:
        """Take them if there are as many left."""
        if steps > self.left:
            return False
        self.left -= steps
        self.spent += steps
        return True


def compare_words(old: str, new: str, steps: Steps | None = None) -> Difference:
    """The difference of two texts. steps: shared by all texts of a document; this one takes TEXT_STEPS at most."""
    if old == new:
        return Difference(tuple(pieces_of((EQUAL, old))))
    if not old or not new:
        return Difference(tuple(pieces_of((DELETED, old), (INSERTED, new))))
    steps = steps or Steps(DOCUMENT_STEPS)
    if not steps.take((len(old) + len(new)) // CHARACTERS):
        return Difference(tuple(tidied(old, new)), whole=True)
    a, b = _WORD.findall(old), _WORD.findall(new)
    if not steps.take(PER_TOKEN * (len(a) + len(b))):
        return Difference(tuple(tidied(old, new)), whole=True)
    mine = Steps(min(TEXT_STEPS, steps.left))
    changes, whole = changes_of(a, b, mine)
    steps.take(mine.spent)
    changes = calmed(changes, a, b)
    if not alike(changes, a, b):
        return Difference(tuple(tidied(old, new)), whole)
    return Difference(tuple(woven(changes, a, b)), whole)


# --- which tokens changed


def changes_of(a: list[str], b: list[str], steps: Steps) -> tuple[list[Change], bool]:
    """The changes between two lists of tokens in order, and whether a stretch was replaced as a whole."""
    start, end = same_ends(a, b)
    middle_a, middle_b = a[start : len(a) - end], b[start : len(b) - end]
    if max(len(middle_a), len(middle_b)) > LONG:
        changes, whole = by_sentences(middle_a, middle_b, steps)
    else:
        changes, whole = gaps(middle_a, middle_b, steps)
    return [Change(*(at + start for at in change)) for change in changes], whole


def same_ends(a, b) -> tuple[int, int]:
    """How much is equal at the start and, of the rest, at the end; that costs no steps."""
    start = same_start(a, b)
    return start, same_start(a[start:][::-1], b[start:][::-1])


def same_start(a, b) -> int:
    """How much is equal at the start."""
    return next((n for n, (one, other) in enumerate(zip(a, b, strict=False)) if one != other), min(len(a), len(b)))


def by_sentences(a, b, steps) -> tuple[list[Change], bool]:
    """A long text: whole sentences that stayed are found first, then the words between them."""
    ends_a, ends_b = sentence_ends(a), sentence_ends(b)
    sentences_a, sentences_b = joined(a, ends_a), joined(b, ends_b)
    found, whole = gaps(sentences_a, sentences_b, steps)
    changes = []
    for gap in found:
        for one in pairs(gap):
            i1, i2, j1, j2 = ends_a[one.i1], ends_a[one.i2], ends_b[one.j1], ends_b[one.j2]
            inner, partly = gaps(a[i1:i2], b[j1:j2], steps)
            whole = whole or partly
            changes += [Change(c.i1 + i1, c.i2 + i1, c.j1 + j1, c.j2 + j1) for c in inner]
    return changes, whole


def pairs(gap: Change) -> list[Change]:
    """As many sentences as before: each is compared with the one in its place; else all with all."""
    count = gap.i2 - gap.i1
    if count != gap.j2 - gap.j1:
        return [gap]
    return [Change(gap.i1 + n, gap.i1 + n + 1, gap.j1 + n, gap.j1 + n + 1) for n in range(count)]


def sentence_ends(tokens) -> list[int]:
    """Where sentences begin and end, 0 and the last end included: after a full stop and the like, and at line ends."""
    ends = [n for n, token in enumerate(tokens, 1) if token[0] in _ENDS or "\n" in token]
    return [0, *ends] if ends and ends[-1] == len(tokens) else [0, *ends, len(tokens)]


def joined(tokens, ends) -> list[str]:
    """The tokens between two ends as one string each."""
    return ["".join(tokens[start:end]) for start, end in pairwise(ends)]


def gaps(a, b, steps: Steps) -> tuple[list[Change], bool]:
    """What lies between the blocks that difflib finds equal, longest first, as far as the steps go."""
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    # One look at a stretch visits each place in b of each token of a: known beforehand, by running totals
    places = Counter(b)
    cost = list(accumulate((PER_TOKEN + places[token] for token in a), initial=0))
    blocks, whole, waiting = [], False, [(0, len(a), 0, len(b))]
    while waiting:
        alo, ahi, blo, bhi = waiting.pop()
        if not steps.take(cost[ahi] - cost[alo]):
            whole = True
            continue
        i, j, size = matcher.find_longest_match(alo, ahi, blo, bhi)
        if not size:
            continue
        blocks.append((i, j, size))
        if alo < i and blo < j:
            waiting.append((alo, i, blo, j))
        if i + size < ahi and j + size < bhi:
            waiting.append((i + size, ahi, j + size, bhi))
    changes, i, j = [], 0, 0
    for at_a, at_b, size in [*sorted(blocks), (len(a), len(b), 0)]:
        if (i, j) != (at_a, at_b):
            changes.append(Change(i, at_a, j, at_b))
        i, j = at_a + size, at_b + size
    return changes, whole


# --- what a reader can follow


def calmed(changes: list[Change], a, b) -> list[Change]:
    """Changes with hardly a word between them become one, so that a sentence does not fall to confetti.

    What stands between two changes joins them when it is shorter than either (as in diff-match-patch).
    """
    length_a, length_b = ([0, *accumulate(len(token) for token in tokens)] for tokens in (a, b))

    def size(change):
        return max(length_a[change.i2] - length_a[change.i1], length_b[change.j2] - length_b[change.j1])

    calm: list[Change] = []
    for change in changes:
        while calm and length_a[change.i1] - length_a[calm[-1].i2] <= min(size(calm[-1]), size(change)):
            before = calm.pop()
            change = Change(before.i1, change.i2, before.j1, change.j2)
        calm.append(change)
    return calm


def alike(changes, a, b) -> bool:
    """Has enough stayed? Of a text that was written anew, a few words in common help nobody."""
    gone = sum(len(token) for change in changes for token in a[change.i1 : change.i2])
    come = sum(len(token) for change in changes for token in b[change.j1 : change.j2])
    kept = sum(map(len, a)) - gone
    return kept >= ALIKE * max(kept + gone, kept + come)


def woven(changes, a, b):
    """The pieces: what stayed, and each change as what was taken out and what was put in."""
    found, i = [], 0
    for change in changes:
        found.append((EQUAL, "".join(a[i : change.i1])))
        found += tidied("".join(a[change.i1 : change.i2]), "".join(b[change.j1 : change.j2]))
        i = change.i2
    found.append((EQUAL, "".join(a[i:])))
    return pieces_of(*found)


def tidied(old: str, new: str) -> list[Piece]:
    """One change, without what both texts have at its ends, such as the space behind the last word."""
    start = same_start(old, new)
    while inside_word(old, start) or inside_word(new, start):
        start -= 1
    rest_old, rest_new = old[start:], new[start:]
    end = same_start(rest_old[::-1], rest_new[::-1])
    while inside_word(rest_old, len(rest_old) - end) or inside_word(rest_new, len(rest_new) - end):
        end -= 1
    cut_old, cut_new = len(rest_old) - end, len(rest_new) - end
    return list(
        pieces_of(
            (EQUAL, old[:start]),
            (DELETED, rest_old[:cut_old]),
            (INSERTED, rest_new[:cut_new]),
            (EQUAL, rest_old[cut_old:]),
        )
    )


def inside_word(text, at) -> bool:
    """Would a cut here part what is written without a space, such as "3.2"?"""
    return 0 < at < len(text) and not text[at - 1].isspace() and not text[at].isspace()


def pieces_of(*parts):
    """Pieces without empty ones, neighbours of one kind joined."""
    for op, group in groupby((part for part in parts if part[1]), key=lambda part: part[0]):
        yield Piece(op, "".join(text for _op, text in group))
