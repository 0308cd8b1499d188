"""The law catalogue: dated data, and what older documents call it (HAM-law, LAW-map). Pure: no models, no clock.

``CATALOGUE`` holds laws, the wording of older documents that stands for one, bodies that are gone, and the regulator
under each of its names (SI 2026/386): in force from, repealed on, replaced by, and dated changes.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

DATA = Path(__file__).with_name("data") / "laws.json"
APOSTROPHES = "['’]"


@dataclass(frozen=True)
class Change:
    """Something in a law changes on a day."""

    law: str
    on: date
    words: str
    what: str = "amended"


@dataclass(frozen=True)
class Law:
    """kind: law, wording (of older documents), body (that is gone) or regulator. parts: (what is cited, where it is now)."""

    key: str
    title: str
    kind: str
    aliases: tuple[str, ...]
    in_force: date | None
    repealed: date | None
    replaced_by: tuple[str, ...]
    note: str
    parts: tuple[tuple[str, str], ...]
    changes: tuple[Change, ...] = field(default=(), compare=False)

    def out_of_date(self, on: date) -> bool:
        """Should a text of this day cite something else?"""
        return self.kind == "wording" or (self.repealed is not None and self.repealed <= on)

    @cached_property
    def pattern(self) -> re.Pattern:
        """Finds the law in a text: any of its names, as whole words; abbreviations only in capitals."""
        return re.compile("|".join(_pattern_of(alias) for alias in sorted(self.aliases, key=len, reverse=True)))


def _pattern_of(alias: str) -> str:
    words = r"\s+".join(re.escape(word).replace("'", APOSTROPHES) for word in alias.split())
    # a year or a number that goes on is another law: "Children Act 20045" and "the 1998 Actors" are no citations
    words = rf"(?<!\w){words}(?!\w)"
    return words if " " not in alias else f"(?i:{words})"


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _law(row: dict) -> Law:
    changes = [Change(row["key"], date.fromisoformat(on), words) for on, words in row["changes"]]
    if row["repealed"]:
        changes.append(Change(row["key"], date.fromisoformat(row["repealed"]), "", "repealed"))
    return Law(
        key=row["key"], title=row["title"], kind=row["kind"], aliases=tuple(row["aliases"]),
        in_force=_date(row["in_force"]), repealed=_date(row["repealed"]), replaced_by=tuple(row["replaced_by"]),
        note=row["note"], parts=tuple((cited, now) for cited, now in row["parts"]),
        changes=tuple(sorted(changes, key=lambda change: change.on)),
    )  # fmt: skip


CATALOGUE: dict[str, Law] = {row["key"]: _law(row) for row in json.loads(DATA.read_text("utf-8"))["laws"]}


def cited_in(texts: Iterable[str]) -> list[Law]:
    """The entries of the catalogue that the texts name, in its order.

    A longer name wins over a shorter one inside it: "Information Commissioner" is no "Information Commission".
    """
    whole = "\n".join(text for text in texts if text)
    return [law for law in CATALOGUE.values() if law.pattern.search(whole)]


def changes(*, after: date | None = None, until: date) -> list[Change]:
    """Dated changes of the catalogue in (after, until], soonest first."""
    found = [
        change
        for law in CATALOGUE.values()
        for change in law.changes
        if change.on <= until and (after is None or change.on > after)
    ]
    return sorted(found, key=lambda change: (change.on, change.law))


def next_change(after: date) -> date | None:
    """The day of the next dated change."""
    return min((change.on for law in CATALOGUE.values() for change in law.changes if change.on > after), default=None)
