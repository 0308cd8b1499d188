"""The Haringey protocol as its source has it, word by word, for the tests of the demo text and of the PDF."""

import re
from pathlib import Path

GOLDEN = Path(__file__).parent / "golden"
SOURCE = GOLDEN / "haringey_source.txt"

NUMBERED = {"2": 3, "3": 9, "4": 8, "5": 14, "6": 6, "7": 4, "8": 3, "11": 2, "12": 2}
"""How many numbered clauses each section of the source has; sections 1, 9, 10 and 13 have none."""

LABELS = [f"{section}.{number}" for section, count in NUMBERED.items() for number in range(1, count + 1)]
"""The labels of the 51 numbered clauses, in printed order."""

PARTIES_HEAD = "Name of Organisation Main Contact Address Main Telephone Number"
PARTIES_FOOT = "Other partner organisations"
SIGNATURES_HEAD = "Organisation Address Registration Number Name of signatory Title Signature Date"

_SECTION = re.compile(r"SECTION (\d+)\. (.+)")
_LABEL = re.compile(r"(\d+)\. ?(\d+)\.? (.+)")


def source_words() -> list[str]:
    """Return every word of sections 1 to 13 in order, layout left out.

    Layout is: white space, hyphens before list entries, asterisks of bold type round a whole line part, the word
    "SECTION" and dots after numbers. Section titles are printed in capitals, so their words come back in lower case.
    """
    words: list[str] = []
    for line in SOURCE.read_text("utf-8").splitlines():
        line = re.sub(r"^\s*- ", "", line).replace("**", "").strip()
        if section := _SECTION.fullmatch(line):
            line = f"{section[1]} {section[2].lower()}"
        elif label := _LABEL.fullmatch(line):
            line = f"{label[1]}.{label[2]} {label[3]}"
        words += line.split()
    return words
