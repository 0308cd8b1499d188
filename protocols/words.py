"""Two texts as words kept, taken out and put in."""

import re
from difflib import SequenceMatcher

WORD = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")
MOST = 400_000  # words of the one times words of the other: beyond it the whole is shown as replaced


def compare(old: str, new: str) -> list[dict]:
    """Pieces for components/difference.html: {"op": "equal", "ins" or "del", "text"}."""
    if old == new:
        return [{"op": "equal", "text": new}]
    a, b = WORD.findall(old), WORD.findall(new)
    if not a or not b or len(a) * len(b) > MOST:
        return pieces([("del", old), ("ins", new)])
    made = []
    for op, i1, i2, j1, j2 in SequenceMatcher(None, a, b).get_opcodes():
        if op == "equal":
            made.append(("equal", "".join(b[j1:j2])))
        else:
            made += [("del", "".join(a[i1:i2])), ("ins", "".join(b[j1:j2]))]
    return pieces(made)


def pieces(made) -> list[dict]:
    """Without the empty ones."""
    return [{"op": op, "text": text} for op, text in made if text]
