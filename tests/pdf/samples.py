"""Versions and editions as plain dictionaries, for the tests of the printed document."""

import copy
import json
import re
import subprocess
import xml.etree.ElementTree as ET
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from protocols.canonical import canonical_bytes, sha256_hex
from protocols.demo_texts import load, with_uids
from protocols.printing import render_protocol

GOLDEN = Path(__file__).parents[1] / "protocols" / "golden" / "version.json"
LAST_DRAFT = date(2026, 6, 12)
MADE_AT = "2026-07-28T11:20:00+00:00"
STATEMENT = "I have read this protocol. I have authority to bind my organisation, and I sign for it."


def golden() -> dict:
    """A short invented version with every feature of the schema; its text is partly Welsh."""
    return json.loads(GOLDEN.read_text("utf-8"))


def haringey() -> dict:
    """The Haringey protocol of the demonstration as a frozen version."""
    text = load("haringey")
    reference = text["protocol"]["reference"]
    parent = {key: value for key, value in text["protocol"]["parent"].items() if key != "demo_text"}
    drafts = [
        {
            "number": draft["number"],
            "date": (LAST_DRAFT - timedelta(days=draft["days_before_last"])).isoformat(),
            "author": draft["author"],
            "change": draft["change"],
        }
        for draft in text["document_control"]["drafts"]
    ]
    body = text["protocol"]["deciding_body"]
    approval = {"body": body, "date": "2026-06-12", "reference": "Minute 10", "outcome": "Approved for signature"}
    return golden() | {
        "related_documents": [{"owner": "", "dated": None, "link": ""} | row for row in text["related_documents"]],
        "data_flows": [],
        "demonstration": True,
        "framework": {key: text["framework"][key] for key in ("name", "slug", "nation")},
        "protocol": text["protocol"] | {"parent": parent | {"dated": "2026-01-15"}},
        "version": text["version"] | {"number": "1.0", "sign_by": "2026-07-31", "effective_on": "2026-09-01"},
        "document_control": {"drafts": drafts, "approvals": [approval]},
        **{name: text[name] for name in ("definitions", "purposes", "data_items")},
        "parties": [{"ico_number": None, "ods_code": None} | party for party in text["parties"]],
        "clauses": with_uids(text["clauses"], reference),
        "attachments": [],
    }


def extras(version: dict, kind: str) -> dict:
    """What is not frozen, for a draft, text copy, sealed edition or public copy; every party has signed the last two."""
    sealed = kind in ("sealed", "public")
    status = {"draft": "Draft 5", "text_copy": "Open for signature"}.get(kind, "In force from 1 September 2026")
    signatures = [
        {
            "organisation": party["organisation"],
            "address": party["address"],
            "registration_number": party["ico_number"] or "",
            "signatory": f"Invented Signatory {number}",
            "title": "Director of Services",
            "signature": "Signed electronically",
            "signed_at": f"2026-07-{20 + (number - 1) % 8 + 1}T09:30:00+00:00",
            "signed_at_words": f"{20 + (number - 1) % 8 + 1} July 2026, 10:30",
            "evidence_code": f"EVID-{number:04d}",
            "statement": STATEMENT,
            "method": "Authenticator app",
            "record_sha256": sha256_hex(party["organisation"].encode()),
        }
        for number, party in enumerate(version["parties"], 1)
    ]
    return {
        "edition": {
            "number": 1 if sealed else 0,
            "kind": kind,
            "code": "ABCD-EFGH-JKMN" if sealed else None,
            "audience": "Public copy" if kind == "public" else "The parties",
            "verify_url": "https://portal.example.org/verify",
            "made_at": MADE_AT,
            "canonical_sha256": sha256_hex(canonical_bytes(version)),
            "text_copy_sha256": "5a" * 32 if sealed else None,
            "status_words": status,
        },
        "signatures": signatures if sealed else [],
        "completed_at": "2026-07-28T11:14:00+00:00" if sealed else None,
        "in_force_from": "2026-08-31T23:00:00+00:00" if sealed else None,
        "checkpoint": {"number": 412, "root": "9e" * 32, "at": "2026-07-28T11:15:00+00:00"} if sealed else None,
    }


def large(parties: int) -> dict:
    """The Haringey text with that many parties, numbered."""
    version = haringey()
    first = version["parties"][0]
    version["parties"] = [
        copy.deepcopy(first) | {"organisation": f"Partner Organisation {number}", "lead": number == 1}
        for number in range(1, parties + 1)
    ]
    return version


def rendered(version: dict, kind: str) -> bytes:
    """The PDF of a version."""
    return render_protocol(version, extras(version, kind))


# -- Reading PDFs with poppler --------------------------------------------------------------------

FOOT, HEAD = 60, 60
"""Points at the bottom and top of a page that belong to the running header and footer."""


def text_of(path: Path, *options: str) -> str:
    """pdftotext of a file."""
    done = subprocess.run(["pdftotext", *options, str(path), "-"], capture_output=True, check=True)
    return done.stdout.decode("utf-8")


@cache
def pages(path: Path) -> list[list[tuple[float, float, str]]]:
    """The lines of every page, header and footer left out: (y, x of the first word, text), from top to bottom."""
    tree = ET.fromstring(re.sub(r'xmlns="[^"]+"', "", text_of(path, "-bbox")))
    return [list(_lines(page)) for page in tree.iter("page")]


def _lines(page):
    height = float(page.get("height"))
    rows: dict[int, list[tuple[float, float, str]]] = {}
    for word in page.iter("word"):
        left, low = float(word.get("xMin")), float(word.get("yMax"))
        if not HEAD < low < height - FOOT:
            continue
        row = next((key for key in rows if abs(key - low) <= 3), round(low))
        rows.setdefault(row, []).append((left, low, word.text or ""))
    for row in sorted(rows):
        words = sorted(rows[row])
        yield row, words[0][0], " ".join(text for _left, _low, text in words)
