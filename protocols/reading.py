"""A version as a page to read: the same dictionary that is signed, made ready for the templates."""

import json
import re
from datetime import date

from django.utils.translation import gettext as _

from portal.templatetags.dates import longdate
from protocols import flows
from protocols.canonical import walk
from protocols.documents import canonical
from protocols.models import DataItem

# A reference in a clause may only lead to a clause anchor, so the tables below the text carry such anchors too
ANCHORS = {
    "definitions": "00000000-0000-4000-8000-000000000001",
    "purposes": "00000000-0000-4000-8000-000000000002",
    "data_items": "00000000-0000-4000-8000-000000000003",
    "data_flows": "00000000-0000-4000-8000-000000000006",
    "parties": "00000000-0000-4000-8000-000000000004",
    "signatures": "00000000-0000-4000-8000-000000000005",
    "related_documents": "00000000-0000-4000-8000-000000000007",
}
_SCHEDULE = re.compile(r"\s*\{\{schedule:([a-z_]+)\}\}\s*")


def text_of(version) -> dict:
    """The canonical JSON: the kept bytes once the text is frozen, so that page and signature cannot differ.

    Raises OSError or ValueError when the kept file is gone or damaged.
    """
    return json.loads(version.canonical.content()) if version.frozen else canonical(version)


def reading(version) -> dict:
    """Context of the reading page of a version."""
    return reading_of(text_of(version))


def reading_of(text) -> dict:
    """Context of a page to read, from the canonical JSON: clauses, labels for references, contents, schedules."""
    titles = schedule_titles()
    if text["protocol"]["tier"].get("adopted"):
        titles["signatures"] = _("Adoption")
    shown = [name for name in titles if name == "signatures" or text.get(name)]
    for _path, clause in walk(text["clauses"]):
        if (mark := _SCHEDULE.fullmatch(clause["text"])) and mark[1] in titles:
            clause["text"] = f"[{_('See “%(title)s” below.') % {'title': titles[mark[1]]}}](#c-{ANCHORS[mark[1]]})"
    return {
        "text": text,
        "clauses": text["clauses"],
        "labels": {clause["uid"]: clause["label"] for _path, clause in walk(text["clauses"])},
        "contents": contents(text["clauses"]),
        "schedules": [{"name": name, "title": titles[name], "anchor": ANCHORS[name]} for name in shown],
        "levels": levels(text["data_items"]),
        "flows": [
            {"heading": flows.heading(flow), "facts": flows.facts(flow, text)} for flow in text.get("data_flows", [])
        ],
        "definitions": [{"key": row["term"], "value": row["text"]} for row in text["definitions"]],
        "parties": [party_row(row) for row in text["parties"]],
        "related_headers": [_("Document"), _("Owner"), _("Date")],
        "related": [related_row(row) for row in text.get("related_documents", [])],
    }


def table_in(text: str) -> str:
    """Title of the table that is printed in place of this text of a clause; "" if it is words."""
    mark = _SCHEDULE.fullmatch(text)
    return schedule_titles().get(mark[1], "") if mark else ""


def schedule_titles() -> dict[str, str]:
    """What stands after the clauses, in order."""
    return {
        "definitions": _("Definitions"),
        "purposes": _("Purposes"),
        "data_items": _("Information to be shared"),
        "data_flows": _("How the information flows"),
        "related_documents": _("Related documents"),
        "parties": _("Parties"),
        "signatures": _("Signatures"),
    }


def contents(clauses) -> list[dict]:
    """The sections: label, title, anchor."""
    return [
        {"label": clause["label"], "title": clause["title"], "anchor": clause["uid"]}
        for clause in clauses
        if clause["kind"] == "heading"
    ]


def levels(items) -> list[dict]:
    """Data items by the three levels of HAR-3.7, in a draft also those without one yet; empty levels are left out."""
    found = [
        {"heading": heading, "items": [item for item in items if item["level"] == level]}
        for level, heading in level_headings().items()
    ]
    return [level for level in found if level["items"]]


def level_headings() -> dict[int | None, str]:
    """Level 1: aggregate … and so on; a draft may hold items whose level is not chosen."""
    words = _("Level %(number)d: %(name)s")
    found: dict[int | None, str] = {
        level: words % {"number": level, "name": name} for level, name in sorted(DataItem.Level.choices)
    }
    return found | {None: _("Level not chosen yet")}


def party_row(row) -> list:
    """One party as the text names it (HAR-2.2)."""
    return [
        {"value": row["organisation"], "note": _("lead") if row["lead"] else ""},
        {"lines": row["address"].splitlines(), "empty": _("Not given yet")},
        {"value": row["telephone"], "empty": _("Not given yet")},
    ]


def related_row(row) -> list:
    """One related document as the text names it (HAR-9)."""
    day = row["dated"] and longdate(date.fromisoformat(row["dated"]))
    return [
        {"value": row["title"], "link": row["link"], "empty": _("No title yet")},
        {"value": row["owner"], "empty": _("Not given")},
        {"value": day, "empty": _("Not given")},
    ]
