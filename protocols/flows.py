"""Flows in words, for the reading page and the printed schedule, from the canonical JSON. Pure functions without models."""

from django.utils.translation import gettext as _


def heading(flow: dict) -> str:
    """ "F1 From Anyshire Police to every other party"."""
    facts = {"label": flow["label"], "from": from_words(flow), "to": to_words(flow)}
    return _("%(label)s From %(from)s to %(to)s") % facts


def from_words(flow: dict) -> str:
    """Who gives."""
    return _("any of the parties") if flow["from"] is None else flow["from"] or "…"


def to_words(flow: dict) -> str:
    """Who gets."""
    return _("every other party") if flow["to"] is None else ", ".join(flow["to"]) or "…"


def facts(flow: dict, text: dict) -> list[dict]:
    """Rows of one flow: key and lines. text: the canonical JSON, for the names behind the labels."""
    items = {row["label"]: row["name"] for row in text["data_items"]}
    purposes = {row["label"]: row["text"] for row in text["purposes"]}
    rows = [
        (_("Information"), [f"{label} {items.get(label, '')}".strip() for label in flow["data_items"]]),
        (_("Purpose, and nothing else"), [f"{label} {purposes.get(label, '')}".strip() for label in flow["purposes"]]),
        (_("How"), [flow["method"]]),
        (_("How often"), [flow["frequency"]]),
        (_("Passed on"), onward_words(flow["onward"])),
        (_("Power or duty"), flow["power"].splitlines()),
        (_("Who may look"), flow["readers"]["roles"]),
        (_("How they are checked"), flow["readers"]["vetting"].splitlines()),
    ]
    return [{"key": key, "lines": [line for line in lines if line], "empty": _("Not given yet")} for key, lines in rows]


def onward_words(onward: dict) -> list[str]:
    """HAR-7.3: never outside the parties, or only to those listed."""
    if onward["allowed"] == "none":
        return [_("Never outside the parties")]
    return [_("Only to:"), *onward["to"].splitlines()] if onward["allowed"] == "listed" else []
