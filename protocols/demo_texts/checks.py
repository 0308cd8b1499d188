"""What a demonstration text must have before anything is made of it (the same list as for submission, in small)."""

import re
import unicodedata
from collections import Counter
from typing import Any

KINDS = ("heading", "clause", "item", "unnumbered")
_MONTH_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
REFERENCE = re.compile(r"\{\{clause:([^}]+)\}\}")
"""A reference to another clause of the same text, by its key."""
_REQUIRED = {
    "framework": ("name", "slug", "nation", "preset"),
    "protocol": ("reference", "title", "tier", "lead_organisation", "nation", "deciding_body"),
    "version": ("classification", "sign_by", "effective_on", "review"),
}
_SCHEDULES = ("definitions", "purposes", "data_items", "parties", "clauses")


def problems(data: dict[str, Any], clauses: list[dict[str, Any]]) -> list[str]:
    """Return every problem of a text as a sentence; an empty list means that it is sound.

    ``clauses`` is the tree of ``data`` as a flat list in printed order.
    """
    return [*_facts(data), *_schedules(data), *_tree(data.get("clauses", []), clauses)]


def _facts(data: dict[str, Any]) -> list[str]:
    found = [
        f"{part}.{field} is missing"
        for part, fields in _REQUIRED.items()
        for field in fields
        if not data.get(part, {}).get(field)
    ]
    version = data.get("version", {})
    found += [
        f"version.{field} is not a month-day"
        for field in ("sign_by", "effective_on")
        if not _MONTH_DAY.fullmatch(version.get(field) or "")
    ]
    if data != _normalised(data):
        found.append("a text is not in Unicode form NFC")
    return found


def _schedules(data: dict[str, Any]) -> list[str]:
    found = [f"{name} is empty" for name in _SCHEDULES if not data.get(name)]
    parties = data.get("parties", [])
    found += [
        f"{party['organisation']} has no {field}"
        for party in parties
        for field in ("address", "telephone")
        if not party.get(field)
    ]
    leads = [party["organisation"] for party in parties if party["lead"]]
    if leads != [data.get("protocol", {}).get("lead_organisation")]:
        found.append("the leading party is not the lead organisation")
    adopted = data.get("protocol", {}).get("tier", {}).get("adopted", False)  # by one organisation (DUD-8)
    if len(parties) < (1 if adopted else 2) or not any(party["required"] for party in parties):
        found.append("two parties are needed, one of them required")
    found += [
        f"data item {item['label']} has no level 1, 2 or 3 (HAR-3.7)"
        for item in data.get("data_items", [])
        if item["level"] not in (1, 2, 3)
    ]
    return found


def _tree(roots: list[dict[str, Any]], clauses: list[dict[str, Any]]) -> list[str]:
    keys = Counter(clause["key"] for clause in clauses)
    found = [f"key {key} stands twice" for key, count in keys.items() if count > 1]
    found += [f"{clause['key']} has no known kind" for clause in clauses if clause["kind"] not in KINDS]
    found += [
        f"{clause['key']} refers to {key}, which does not exist"
        for clause in clauses
        for key in REFERENCE.findall(clause["text"])
        if key not in keys
    ]
    found += [f"{root['key']} is not a section" for root in roots if root["kind"] != "heading" or not root["label"]]
    for clause in clauses:
        if clause["kind"] == "heading":
            if not clause["title"] or not clause["children"]:
                found.append(f"section {clause['key']} is empty")
        elif not clause["text"]:
            found.append(f"{clause['key']} has no text")
    return found


def _normalised(value: Any) -> Any:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, list):
        return [_normalised(item) for item in value]
    if isinstance(value, dict):
        return {key: _normalised(item) for key, item in value.items()}
    return value
