"""A frozen version as a printed document: from canonical JSON to the context of templates/pdf/protocol.html.

Pure functions without models. The clause pages depend on the frozen JSON alone, so they are equal as
text in every edition; what differs (status, signatures, evidence) stands on the cover and after them.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import groupby

import segno
from django.utils import translation
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.clock import LONDON, london_date
from portal.deadlines import add_months
from portal.markdown import Block, check_caps, markdown_blocks
from portal.pdf import RenderError, render_pdf, unsupported_characters
from protocols import flows as flow_words
from protocols.canonical import canonical_bytes, sha256_hex, validate, walk

KINDS = ("draft", "text_copy", "sealed", "public")
ATTACHMENT = "protocol.json"
# A keyword in the metadata of a draft preview, by which /verify tells it from a strange file
DRAFT_MARK = "concordat:draft"

_SCHEDULE = re.compile(
    r"\s*\{\{schedule:(parties|signatures|definitions|purposes|data_items|data_flows|related_documents)\}\}\s*"
)


def render_protocol(version: dict, extras: dict) -> bytes:
    """The PDF of a version: draft preview, text copy, sealed edition before its seal, or public copy.

    `version` is the canonical JSON as a dictionary (it is embedded as protocol.json), `extras` the part
    that is not frozen: {"edition", "signatures", "completed_at", "in_force_from", "checkpoint"}. The only
    date in the file is edition.made_at. Raises ValueError for either one malformed, and portal.pdf.RenderError
    for a character that the fonts lack or a limit reached.
    """
    data = canonical_bytes(version)
    if missing := unsupported_characters(data.decode()):
        # Forms refuse them when a section is saved; a text that came another way must not be signed with boxes in it.
        raise RenderError(_("These characters cannot be printed: %(list)s") % {"list": ", ".join(missing[:10])})
    context = protocol_context(version, extras)
    title = f"{version['protocol']['title']} ({version['protocol']['reference']}, {version['version']['number']})"
    return render_pdf(
        "pdf/protocol.html",
        context,
        title=title,
        lang=version["lang"],
        created=_moment(extras["edition"]["made_at"]),
        attachment=(ATTACHMENT, data),
        keywords=[DRAFT_MARK] if extras["edition"]["kind"] == "draft" else [],
    )


def protocol_context(version: dict, extras: dict) -> dict:
    """The template's context; see render_protocol. Nothing of it depends on the clock or the machine."""
    validate(version)
    edition = extras["edition"]
    if edition["kind"] not in KINDS:
        raise ValueError(f"edition.kind: must be one of {', '.join(KINDS)}")
    fingerprint = sha256_hex(canonical_bytes(version))
    if edition["canonical_sha256"] not in (None, fingerprint):
        raise ValueError("edition.canonical_sha256: is not the hash of this version")
    check_caps("\n".join(clause["text"] for _path, clause in walk(version["clauses"])))
    with translation.override(version["lang"]):
        return _context(version, extras, fingerprint)


def _context(version, extras, fingerprint):
    edition, kind, adopted = extras["edition"], extras["edition"]["kind"], _is_adopted(version)
    labels = {clause["uid"]: clause["label"] for _path, clause in walk(version["clauses"])}
    placed = {match[1] for _path, clause in walk(version["clauses"]) if (match := _SCHEDULE.fullmatch(clause["text"]))}
    schedules = _schedules(version, placed)
    return {
        "v": version,
        "edition": edition,
        "header_words": _header_words(version, kind),
        "footer_reference": _footer(version, fingerprint),
        "title_size": _title_size(version["protocol"]["title"]),
        "copy_words": _copy_words(version, edition),
        "made_at": _both_times(edition["made_at"]),
        "fingerprint": fingerprint,
        "qr": _qr(edition["verify_url"]) if edition["verify_url"] else "",
        "is_draft": kind == "draft",
        "is_text_copy": kind == "text_copy",
        "is_public": kind == "public",
        "is_sealed": kind in ("sealed", "public"),
        "watermark": _watermark(version, kind),
        "facts": _facts(version, extras),
        "sections": [_node(clause, labels, 0) for clause in version["clauses"]],
        "schedules": schedules,
        "signatures_number": len(schedules) + 1,
        "signatures_title": _("Adoption") if adopted else _("Signatures"),
        "is_adopted": adopted,
        "adoption": _adoption(extras),
        "control": {
            name: [
                entry | {"date": entry["date"] and date.fromisoformat(entry["date"])}
                for entry in version["document_control"].get(name, [])
            ]
            for name in ("drafts", "approvals", "consulted")
        },
        "parties": [party | {"address": _one_line(party["address"])} for party in version["parties"]],
        "levels": _levels(version["data_items"]),
        "flows": [
            {"heading": flow_words.heading(flow), "facts": flow_words.facts(flow, version)}
            for flow in version.get("data_flows", [])
        ],
        # columns that say something
        "related_has": {
            name: any(row[name] for row in version.get("related_documents", [])) for name in ("owner", "dated")
        },
        "related": [
            row | {"dated": row["dated"] and _day(row["dated"])} for row in version.get("related_documents", [])
        ],
        "signature_rows": _signature_rows(version, extras),
        "signatures": [_signature(entry) for entry in extras["signatures"]],
        "completed_at": _both_times(extras["completed_at"]),
        "in_force_from": _both_times(extras["in_force_from"]),
        "checkpoint": extras["checkpoint"] and extras["checkpoint"] | {"at": _both_times(extras["checkpoint"]["at"])},
        "attachment_name": ATTACHMENT,
    }


# -- The clause tree ----------------------------------------------------------------------------


def _node(clause: dict, labels: dict[str, str], depth: int) -> dict:
    """One clause for the template: blocks of HTML, and its children in runs of list items and others."""
    schedule = _SCHEDULE.fullmatch(clause["text"])
    blocks = [] if schedule else markdown_blocks(clause["text"], labels)
    if clause["title"] and not blocks and clause["kind"] == "item":
        # An item has no heading of its own: its title is its text.
        blocks = markdown_blocks(clause["title"], labels)
    children = [_node(child, labels, depth + 1) for child in clause["children"]]
    return {
        "uid": clause["uid"],
        "kind": clause["kind"],
        "label": clause["label"],
        "title": clause["title"],
        "depth": depth,
        "blocks": _with_keep(blocks, children),
        "schedule": schedule[1] if schedule else "",
        "runs": list(_runs(children)),
    }


def _with_keep(blocks: list[Block], children: list[dict]) -> list[dict]:
    """The last paragraph stays with the list that it introduces."""
    leads = bool(children) and children[0]["kind"] == "item"
    return [
        {"kind": block.kind, "html": block.html, "first": index == 0, "keep": leads and index == len(blocks) - 1}
        for index, block in enumerate(blocks)
    ]


def _runs(children: list[dict]) -> Iterator[dict]:
    for is_list, nodes in groupby(children, key=lambda child: child["kind"] == "item"):
        yield {"is_list": is_list, "nodes": list(nodes)}


def _schedules(version: dict, placed: set[str]) -> list[dict]:
    """What the clauses do not place is printed after them; the signatures always come last."""
    titles = {
        "definitions": _("Definitions"),
        "parties": _("Parties"),
        "purposes": _("Purposes"),
        "data_items": _("Information to be shared"),
        "data_flows": _("How the information flows"),
        "related_documents": _("Related documents"),
        "attachments": _("Attached documents"),
    }
    wanted = [name for name in titles if name not in placed and version.get(name)]  # the first schema had fewer
    return [{"name": name, "title": titles[name], "number": number} for number, name in enumerate(wanted, 1)]


def _levels(items: list[dict]) -> list[dict]:
    """The three levels of HAR-3.7 in words, each with its items; empty ones are left out."""
    words = {
        1: (_("Aggregate and management information"), _("Used mainly for planning and monitoring.")),
        2: (_("Minimum data requirements"), _("Needed to identify a person.")),
        3: (_("Detailed and sensitive information"), _("Needed to provide comprehensive support to a person.")),
    }
    levels = [
        {"level": level, "name": name, "use": use, "entries": [item for item in items if item["level"] == level]}
        for level, (name, use) in words.items()
    ]
    return [level for level in levels if level["entries"]]


# -- Cover, signatures, evidence ------------------------------------------------------------------


def _is_adopted(version: dict) -> bool:
    """Is it adopted by one organisation, and signed by nobody (DUD-8)?"""
    return version["protocol"]["tier"].get("adopted", False)


def _adoption(extras: dict) -> dict | None:
    """The decision of the organisation that adopted it, or None."""
    held = extras.get("adoption")
    return held and held | {"day": date.fromisoformat(held["date"])}


def _adopted_fact(version: dict, extras: dict) -> tuple[str, str]:
    """ "Adopted by X on date", never "signed" (DUD-8); empty for what is signed."""
    if not _is_adopted(version):
        return (_("Adopted"), "")
    held = extras.get("adoption")
    if not held:
        return (_("Adopted"), _("Not yet"))
    words = {"organisation": held["organisation"], "date": _day(held["date"])}
    return (_("Adopted"), _("By %(organisation)s on %(date)s") % words)


def _watermark(version: dict, kind: str) -> list[str]:
    shown = ((_("DRAFT"), kind == "draft"), (_("DEMONSTRATION"), version["demonstration"]))
    return [word for word, yes in shown if yes]


def _header_words(version: dict, kind: str) -> list[str]:
    """The same as words, on every page: a watermark is not read aloud."""
    shown = (
        (_("Demonstration"), version["demonstration"]),
        (_draft_words(version), kind == "draft"),
        (_("Public copy"), kind == "public"),
    )
    return [word for word, yes in shown if yes]


def _draft_words(version: dict) -> str:
    return _("Draft, not adopted") if _is_adopted(version) else _("Draft, not for signature")


def _footer(version: dict, fingerprint: str) -> str:
    words = {"reference": version["protocol"]["reference"], "number": version["version"]["number"]}
    first = _("%(reference)s · version %(number)s") % words
    return first + "\n" + _("Fingerprint %(start)s") % {"start": fingerprint[:16]}


def _title_size(title: str) -> str:
    """The class of the cover title: the cover is one page whatever the title."""
    return "" if len(title) <= 75 else "long" if len(title) <= 160 else "longest"


def _facts(version: dict, extras: dict) -> list[dict]:
    protocol, settings, edition = version["protocol"], version["version"], extras["edition"]
    parties = len(version["parties"])
    parent = protocol["parent"]
    facts = [
        (_("Reference"), protocol["reference"]),
        (_("Version"), settings["number"]),
        (_("Copy"), _copy_words(version, edition)),
        (_("Classification"), settings["classification"]),
        _adopted_fact(version, extras),
        _force_fact(settings, extras),
        (_("Pilot"), _pilot_words(settings)),
        (_("Review"), _review_words(settings["review"], extras["completed_at"])),
        (_("Lead organisation"), protocol["lead_organisation"]),
        (_("Partnership"), protocol.get("partnership", "")),
        (
            _("Partner organisations"),
            ngettext("%(count)d organisation", "%(count)d organisations", parties) % {"count": parties}
            if not _is_adopted(version)
            else "",
        ),
        (_("Under"), parent and _parent_words(parent)),
        (_("Expires"), settings["expires_on"] and _day(settings["expires_on"])),
    ]
    return [{"name": name, "value": value} for name, value in facts if value]


def _copy_words(version: dict, edition: dict) -> str:
    number = edition["number"]
    return {
        "draft": _draft_words(version),
        "text_copy": _("Text copy for adoption") if _is_adopted(version) else _("Text copy for signature"),
        "sealed": _("Sealed edition %(number)s (%(audience)s)") % {"number": number, "audience": edition["audience"]},
        "public": _("Public copy, edition %(number)s") % {"number": number},
    }[edition["kind"]]


def _force_fact(settings: dict, extras: dict) -> tuple[str, str]:
    if extras["in_force_from"]:
        return (_("In force from"), _day(london_date(_moment(extras["in_force_from"]))))
    effective = settings["effective_on"]
    return (_("Effective date"), _day(effective) if effective else "")


def _pilot_words(settings: dict) -> str:
    """The period that was agreed (DUD-11)."""
    pilot = settings.get("pilot")
    if not pilot:
        return ""
    return _("%(first)s to %(last)s") % {"first": _day(pilot["from"]), "last": _day(pilot["to"])}


def _review_words(review: dict, completed_at: str | None) -> str:
    first, then = review["first_months"], review["then_months"]
    if first is None:
        return ""
    if completed_at:
        day = _day(add_months(london_date(_moment(completed_at)), first))
        words = _("By %(date)s") % {"date": day}
    else:
        words = ngettext("%(count)d month after completion", "%(count)d months after completion", first)
        words %= {"count": first}
    if then == 12:
        return _("%(first)s, then every year") % {"first": words}
    return _("%(first)s, then every %(count)d months") % {"first": words, "count": then} if then else words


def _parent_words(parent: dict) -> str:
    words = [parent["title"], parent["reference"]]
    if parent["version"]:
        words.append(_("version %(number)s") % {"number": parent["version"]})
    if parent["dated"]:
        words.append(_day(parent["dated"]))
    return ", ".join(word for word in words if word)


def _signature_rows(version: dict, extras: dict) -> list[dict]:
    """The rows of the signature schedule (HAR-13): who signed, then the parties that have not."""
    rows = [{"signed": True, **_signature(entry)} for entry in extras["signatures"]]
    signed = {entry["organisation"] for entry in extras["signatures"]}
    waiting = _("Awaiting signature") if extras["edition"]["kind"] in ("draft", "text_copy") else _("Not signed")
    for party in version["parties"]:
        if party["organisation"] not in signed:
            rows.append(
                {
                    "signed": False,
                    "organisation": party["organisation"],
                    "address": _one_line(party["address"]),
                    "registration_number": party["ico_number"] or "",
                    "signature": extras.get("not_signed_again", {}).get(party["organisation"], waiting),
                }
            )
    return rows


def _signature(entry: dict) -> dict:
    return entry | {"at": _both_times(entry["signed_at"]), "address": _one_line(entry["address"])}


def _one_line(address: str) -> str:
    """An address as running text, so that a table of 40 parties does not take 10 pages."""
    return ", ".join(line.strip().rstrip(",") for line in address.splitlines() if line.strip())


def _both_times(stamp: str | None) -> dict | None:
    """An instant in the words of London and of UTC, to the second."""
    if stamp is None:
        return None
    moment = _moment(stamp)
    local = moment.astimezone(LONDON)
    return {
        "day": local.date(),
        "london": f"{_day(local.date())}, {local:%H:%M:%S} ({local.tzname()})",
        "utc": f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }


def _moment(stamp: str) -> datetime:
    moment = datetime.fromisoformat(stamp)
    if moment.tzinfo is None:
        raise ValueError(f"{stamp}: a moment must say its offset from UTC")
    return moment


def _day(day: date | str) -> str:
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return f"{day.day} {MONTHS[day.month]} {day.year}"


def _qr(address: str) -> str:
    """The address as a QR code, a data: URI of an SVG in solid black."""
    return segno.make(address, error="m", micro=False).svg_data_uri(scale=4, border=0, dark="#0b0c0c")
