"""The texts of the demonstration, as data.

Each text is one JSON file in this package: framework, protocol, version settings, schedules and the clause tree.
A clause has ``key`` (stable within its text), ``kind`` (heading, clause, item or unnumbered), ``label`` as printed,
``title``, ``text`` (Markdown without structure) and ``children``. Days stand where dates would: ``sign_by`` and
``effective_on`` are month-day ("07-31", HAR-r4), ``days_before_last`` counts days before the last draft, because the
demonstration sets its dates relative to the day it is loaded. ``docs/sources.md`` says where each text comes from.

A text of an invented framework names it and its parties only; the rest of them is in ``frameworks.json``. Further parts,
where the demonstration needs them: ``publication`` (level, summary, reason), ``consultation`` (who was consulted, comments,
notices of intention) and ``changes`` (what the next edition says otherwise).

Standard library only: nothing here knows of models, settings or the clock.
"""

import json
import uuid
from collections.abc import Iterator
from importlib import resources
from typing import Any

from protocols.demo_texts.checks import REFERENCE, problems

HARINGEY = ("haringey_general", "haringey")
ANYSHIRE = ("anyshire_overarching", "anyshire_safer", "anyshire_adults", "anyshire_domestic", "anyshire")
ELMSHIRE = ("elmshire_general", "elmshire_offending", "elmshire_need", "elmshire_missing", "elmshire_fax")
MILLBOROUGH = (
    "millborough_protocol",
    "millborough_policy",
    "millborough_hospitals",
    "millborough_centres",
    "millborough_discharge",
    "millborough_rough",
)
NAMES = (*HARINGEY, *ANYSHIRE, *ELMSHIRE, *MILLBOROUGH)
"""The texts of this package; ``haringey`` supplements ``haringey_general`` (HAR-10)."""

_NAMESPACE = uuid.UUID("5d0f3c1e-6a57-5b0a-9a3c-1f6f0a4f7a10")


class DemoTextError(ValueError):
    """A committed text breaks the format; the message lists every problem found."""


def load(name: str) -> dict[str, Any]:
    """Return the text ``name`` as a new dictionary, checked, with every optional clause field filled in.

    Raises ``DemoTextError`` if there is no such text or if it breaks the format.
    """
    if name not in NAMES:
        raise DemoTextError(f"There is no demonstration text {name!r}; there are {', '.join(NAMES)}.")
    data = read(name)
    if isinstance(data["framework"], str):
        fill_in(data)
    for clause in walk(data["clauses"]):
        for field, empty in (("title", ""), ("text", ""), ("children", [])):
            clause.setdefault(field, empty.copy() if isinstance(empty, list) else empty)
    found = problems(data, list(walk(data["clauses"])))
    if found:
        raise DemoTextError(f"{name}: " + "; ".join(found))
    return data


def read(name: str) -> dict[str, Any]:
    """Return a file of this package as it stands."""
    return json.loads(resources.files(__name__).joinpath(f"{name}.json").read_text(encoding="utf-8"))


def framework(slug: str) -> dict[str, Any]:
    """Return an invented framework: name, slug, nation, preset, board and all its organisations."""
    return read("frameworks")[slug]


def fill_in(data: dict[str, Any]) -> None:
    """Put the facts of the framework and of its organisations where a short text only names them."""
    facts = framework(data["framework"])
    known = {one["organisation"]: one for one in facts["organisations"]}
    data["framework"] = {name: facts[name] for name in ("name", "slug", "nation", "preset")}
    data["parties"] = [known[party["organisation"]] | party for party in data["parties"]]


def flows(text: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the information flows of a text. An operational one that names none is shared among all its parties."""
    if text["protocol"]["tier"]["level"] != "operational":
        return text.get("data_flows", [])
    usual = {
        "source": "all",
        "recipients": ["all"],
        "items": [item["label"] for item in text["data_items"]],
        "purposes": [purpose["label"] for purpose in text["purposes"]],
        "method": "By secure e-mail, or on a secure shared case system",
        "frequency": "When a case needs it",
        "onward": "none",
        "onward_to": "",
        "power": "The powers named in the text",
        "readers": "Lead professionals who work on the case\nTheir managers",
        "vetting": "Everybody in these roles has an enhanced check by the Disclosure and Barring Service, renewed every three years.",
    }
    return [usual | flow for flow in text.get("data_flows") or [{}]]


def walk(clauses: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield every clause of a tree in printed order, parents before their children."""
    for clause in clauses:
        yield clause
        yield from walk(clause.get("children", []))


def clause_uid(reference: str, key: str) -> uuid.UUID:
    """Return the uid of clause ``key`` in the protocol ``reference``: the same on every load and every version."""
    return uuid.uuid5(_NAMESPACE, f"{reference}/{key}")


def with_uids(clauses: list[dict[str, Any]], reference: str) -> list[dict[str, Any]]:
    """Return a copy of the tree in the clause format of the canonical JSON: ``uid`` (text) in place of ``key``.

    References are written ``{{clause:<key>}}`` in the committed texts and become ``{{clause:<uid>}}``.
    """

    def resolved(text: str) -> str:
        return REFERENCE.sub(lambda match: f"{{{{clause:{clause_uid(reference, match[1])}}}}}", text)

    return [
        {
            "uid": str(clause_uid(reference, clause["key"])),
            "kind": clause["kind"],
            "label": clause["label"],
            "title": clause["title"],
            "text": resolved(clause["text"]),
            "children": with_uids(clause["children"], reference),
        }
        for clause in clauses
    ]
