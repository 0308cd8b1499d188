"""Unsaved words as a page shows them: which form they belong to, what they say, and where that form is."""

import re
from typing import Any

from django.utils.translation import gettext as _

from protocols.forms import ClauseForm, DataItemForm, DetailsForm, PartyForm, PurposeForm, TermForm
from protocols.forms_flows import FlowForm
from protocols.forms_related import RelatedForm
from protocols.models import DataItem, Party, Purpose, Term

CLAUSE = re.compile(r"draft/clauses/([0-9a-f-]{36})/")
ROW = re.compile(r"draft/(definitions|purposes|data-items|parties)/(\d{1,18})/")
FORMS: dict[str, Any] = {
    "details": DetailsForm, "clauses": ClauseForm, "definitions": TermForm, "purposes": PurposeForm,
    "data-items": DataItemForm, "parties": PartyForm, "data-flows": FlowForm, "related": RelatedForm,
}  # fmt: skip
MODELS: dict[str, Any] = {"definitions": Term, "purposes": Purpose, "data-items": DataItem, "parties": Party}


def heading_of(kept, version) -> str:
    """The section, and what of it."""
    section = {
        "details": _("Dates, review rule and classification"),
        "clauses": _("Text"),
        "definitions": _("Definitions"),
        "purposes": _("Purposes"),
        "data-items": _("Data items"),
        "data-flows": _("How the information flows"),
        "parties": _("Parties"),
        "related": _("Related documents"),
    }.get(part_of(kept), _("Other"))
    row = row_of(kept, version)
    if row is not None:
        return f"{section}: {row}"
    return f"{section}: {_('removed since')}" if names_a_row(kept) else section


def part_of(kept) -> str:
    """The section in its address: "clauses" of draft/clauses/new/."""
    return kept.place.split("/")[1] if kept.place.count("/") > 1 else ""


def names_a_row(kept) -> bool:
    """Is it the form of one clause or row, and not one that adds a new one?"""
    return bool(CLAUSE.match(kept.place) or ROW.match(kept.place))


def row_of(kept, version):
    """The clause or row, if it still stands."""
    if found := CLAUSE.match(kept.place):
        return version.clauses.filter(uid=found[1]).first()
    if found := ROW.match(kept.place):
        return MODELS[found[1]].objects.filter(version=version, pk=int(found[2])).first()
    return None


def address_of(kept, version, base) -> str:
    """Where the form offers the words; "" if it cannot be opened now."""
    if not version.editable or (names_a_row(kept) and row_of(kept, version) is None):
        return ""
    mark = "&" if "?" in kept.place else "?"
    return f"{base}{kept.place}{mark}unsaved=1"


def texts_of(kept) -> list[dict]:
    """What was typed, each with the label of its box: texts of several words; ids, numbers and choices are left out."""
    fields = FORMS[part_of(kept)].base_fields if part_of(kept) in FORMS else {}
    texts = {name: text for name, text in kept.fields.items() if isinstance(text, str) and text}
    return [
        {"label": fields[name].label if name in fields else _("Text"), "text": text}
        for name, text in texts.items()
        if len(text.split()) > 1 or name in {"text", "title", "term"}
    ]
