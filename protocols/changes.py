"""Field by field: what a saved row said before and after (django-simple-history).

Convenience for browsing, never evidence: the rows can be changed and miss bulk updates, and the pages say so.
"""

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal.templatetags.dates import longdate
from protocols.models import Clause, Protocol, Version
from protocols.word_diff import compare_words

CLAUSES, VERSIONS, PROTOCOLS = Clause.history.model, Version.history.model, Protocol.history.model

# The fields that people write, with their names; what the portal counts (state, revision, place) is in the ledger
FIELDS = {
    CLAUSES: {"kind": _("Kind"), "label": _("Number or letter"), "title": _("Title"), "text": _("Text")},
    VERSIONS: {
        "effective_on": _("Effective date"),
        "sign_by": _("Sign-up deadline"),
        "expires_on": _("Expires on"),
        "review_first_months": _("First review after (months)"),
        "review_then_months": _("Later reviews every (months)"),
        "classification": _("Classification"),
    },
    PROTOCOLS: {"title": _("Title")},
}


def with_before(rows):
    """Add `before_id`: the row of the history that the same thing had just before."""
    model = rows.model
    earlier = model._base_manager.filter(id=OuterRef("id"), history_id__lt=OuterRef("history_id"))
    return rows.annotate(before_id=Subquery(earlier.order_by("-history_id").values("history_id")[:1]))


def befores(rows) -> dict:
    """history_id → row, for the rows before these."""
    if not rows:
        return {}
    model = type(rows[0])
    return model._base_manager.in_bulk([row.before_id for row in rows if row.before_id])


def changed_fields(row, before) -> list[dict]:
    """What differs, as pieces of words: [{"name", "pieces"}]; a row that is gone lost everything."""
    made = []
    for name, words in FIELDS[type(row)].items():
        old = shown(before, name) if before is not None else ""
        new = "" if row.history_type == "-" else shown(row, name)
        old = shown(row, name) if row.history_type == "-" else old
        if old != new:
            first = before is None and row.history_type != "-"  # a first text is not marked as added word by word
            made.append({"name": words, "pieces": compare_words(new if first else old, new).pieces})
    return made


def shown(row, name) -> str:
    """A value in words."""
    value = getattr(row, name)
    if value in (None, ""):
        return ""
    if hasattr(value, "year"):
        return longdate(value)
    choices = dict(row._meta.get_field(name).choices or ())
    return str(choices.get(value, value))


def name_of(row, number="") -> str:
    """What a row is about."""
    if isinstance(row, CLAUSES):
        clause = " ".join(filter(None, [row.label, row.title])) or _t("without number")
        return _t("Clause %(clause)s of version %(number)s") % {"clause": clause, "number": number}
    if isinstance(row, VERSIONS):
        return _t("Details of version %(number)s") % {"number": f"{row.major}.{row.minor}"}
    return _t("Title of the protocol")
