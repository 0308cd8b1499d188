"""Changes to the content of a draft. Each is one transaction: lock, state and revision checked, row saved, ledger written.

Two people may work on one draft. A form carries the draft's `revision` and the `base` of its own row (a fingerprint
of what was loaded): a change elsewhere in the draft disturbs nobody; a change to the same row is a clash
(protocols.models.version.EditClash), which the page shows with both texts.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef
from django.utils.translation import gettext as _

from portal.db.statements import prepared
from portal.markdown import TextTooLarge, check_caps
from portal.models.history import at_moment
from portal.pdf import unsupported_characters
from protocols.beginning import belongs, keep
from protocols.canonical import MAX_DEPTH
from protocols.errors import EditClash
from protocols.models import Clause, DataFlow, DataItem, Party, Purpose, RelatedDocument, Term
from protocols.workflow import locked

CLAUSE_FIELDS = ("kind", "label", "title", "text")
DETAIL_FIELDS = ("effective_on", "sign_by", "expires_on", "review_first_months", "review_then_months", "classification")
ROW_FIELDS = {
    Term: ("term", "text"),
    Purpose: ("text",),
    DataItem: ("level", "name", "detail"),
    DataFlow: DataFlow.DRAFTED,
    Party: ("address", "telephone", "required"),
    RelatedDocument: ("title", "owner", "dated", "protocol", "link"),
}
NUMBERED = {Purpose: "P", DataItem: "D", DataFlow: "F"}


def fields_of(row) -> tuple[str, ...]:
    """The fields of a row that a drafter changes."""
    return CLAUSE_FIELDS if isinstance(row, Clause) else ROW_FIELDS.get(type(row), DETAIL_FIELDS)


def fingerprint(row) -> str:
    """SHA-256 over what a drafter can change of a row: two equal ones say that nobody touched it between."""
    values = [str(getattr(row, name)) for name in fields_of(row)]
    if not isinstance(row, Clause) and type(row) not in ROW_FIELDS:
        values.append(row.protocol.title)
    return hashlib.sha256(json.dumps(values, ensure_ascii=False).encode()).hexdigest()


@contextmanager
def changing(version, what, *, by, now, row=None, revision=None, base="", **details) -> Iterator[None]:
    """Lock the draft, refuse a clash on `row`, count the revision up, write the ledger; then the caller saves.

    revision None: the act cannot overwrite anyone's words (adding, moving). Raises StateError, EditClash.
    """
    with transaction.atomic():
        locked(version)
        if row is not None:
            if row is not version:
                refresh(row, version)
            if base and base == fingerprint(row):
                revision = version.revision  # somebody saved, but something else
        version._history_user = by
        with at_moment(now, by):
            version.touch(revision=revision, by=by, now=now, what=what, held=True, **details)
            yield


def refresh(row, version):
    """Read the row again under the draft's lock, in one statement with the protocol and, for a clause, the texts beside
    it. Gone meanwhile is a clash as well."""
    fresh = next(iter(rows_again(row.pk, model=type(row))), None)
    if fresh is None:
        raise EditClash(version)
    vars(row).update(vars(fresh))
    version.protocol, row.version = fresh.version.protocol, version


@prepared
def rows_again(pk, *, model):
    """The row of a draft, of whichever kind, with what a change of it needs."""
    found = model._base_manager.select_related("version__protocol").filter(pk=pk)
    if model is not Clause:
        return found
    beside = Clause._base_manager.filter(version=OuterRef("version")).exclude(pk=OuterRef("pk"))
    return found.annotate(beside=ArraySubquery(beside.order_by().values("text")))


def drop(row, *, by):
    """Delete with the person in the history."""
    row._history_user = by
    row.delete()


# --- details


def change_details(version, data, *, revision, base, by, now):
    """Save dates, review rule and classification; and the title, unless an earlier version was signed under it."""
    with changing(version, "details-changed", by=by, now=now, row=version, revision=revision, base=base):
        for name in DETAIL_FIELDS:
            setattr(version, name, data[name])
        keep(version, by=by)
        protocol = version.protocol
        if "title" in data and data["title"] != protocol.title and title_is_open(version):
            protocol.title = data["title"]
            keep(protocol, by=by)


def title_is_open(version) -> bool:
    """The title is the protocol's: it can change only until a version of it was frozen."""
    return not version.protocol.versions.filter(opened_at__isnull=False).exists()


# --- clauses


def siblings(version, parent) -> list[Clause]:
    """Clauses under one parent (None: the top), in order."""
    return list(version.clauses.filter(parent=parent).order_by("order", "pk"))


def depth_of(clause) -> int:
    """1 for the top. Never endless: a parent is set once, when the clause is added."""
    depth = 1
    while clause.parent_id:
        clause, depth = clause.parent, depth + 1
    return depth


def check_clause(data, texts):
    """Raise ValidationError for a clause beyond the caps of the whole text. texts: of the other clauses."""
    try:
        check_caps("\n".join([*texts, data["text"]]))
    except TextTooLarge as error:
        raise ValidationError({"text": str(error)}) from error


def add_clause(version, data, *, place, by, now) -> Clause:
    """Add a clause. place: "end", "after:<uid>" (same level) or "inside:<uid>" (its last child).

    Raises ValidationError for a place that is not in this version or deeper than 30 levels.
    """
    with changing(version, "clause-added", by=by, now=now, label=data["label"], kind=data["kind"]):
        check_clause(data, version.clauses.values_list("text", flat=True))
        parent, position = resolve(version, place)
        row = siblings(version, parent)
        clause = Clause(framework_id=version.framework_id, version=version, parent=parent, order=0)
        for name in CLAUSE_FIELDS:
            setattr(clause, name, data[name])
        row.insert(len(row) if position is None else position, clause)
        for order, one in enumerate(row, 1):
            if one is clause or one.order != order:
                one.order = order
                keep(one, by=by)
    return clause


def resolve(version, place) -> tuple[Clause | None, int | None]:
    """(parent, index among its children; None: last) of a place in words."""
    how, _colon, uid = place.partition(":")
    if how not in {"after", "inside"}:
        return None, None
    try:
        anchor = version.clauses.select_related("parent").get(uid=uid)
    except (Clause.DoesNotExist, ValidationError) as error:
        raise ValidationError(
            _("The place for the new clause is gone. Go back to the text and choose again.")
        ) from error
    parent = anchor if how == "inside" else anchor.parent
    if parent and depth_of(parent) >= MAX_DEPTH:
        raise ValidationError(_("Clauses can be nested %(depth)d deep at most.") % {"depth": MAX_DEPTH})
    if how == "inside":
        return parent, None
    return parent, [one.pk for one in siblings(version, parent)].index(anchor.pk) + 1


def change_clause(clause, data, *, revision, base, by, now):
    """Save what a drafter wrote of one clause; its uid and place stay."""
    version = clause.version
    with changing(
        version, "clause-changed", by=by, now=now, row=clause, revision=revision, base=base,
        clause=str(clause.uid), label=data["label"],
    ):  # fmt: skip
        check_clause(data, clause.beside)
        for name in CLAUSE_FIELDS:
            setattr(clause, name, data[name])
        keep(clause, by=by)


def move(row, *, up: bool, by, now, among=None):
    """Move a clause or party one place up or down among its like; at the edge nothing changes but the ledger says so."""
    version = row.version
    what = "clause-moved" if isinstance(row, Clause) else "party-moved"
    with changing(version, what, by=by, now=now, row=row, row_name=str(row), up=up):
        line = (
            siblings(version, row.parent)
            if isinstance(row, Clause)
            else list(version.parties.order_by("order", "name", "pk"))
        )
        here = [one.pk for one in line].index(row.pk)
        there = max(0, here - 1) if up else min(len(line) - 1, here + 1)
        line[here], line[there] = line[there], line[here]
        for order, one in enumerate(line, 1):
            if one.order != order:
                one.order = order
                keep(one, by=by)


def below(clause) -> list[Clause]:
    """Every clause that stands under this one."""
    found = []
    for child in clause.children.all():
        found += [child, *below(child)]
    return found


def remove(row, *, revision, base, by, now):
    """Take a row out of the draft; a clause goes with everything under it, and stays in the history."""
    version = row.version
    what = f"{row._meta.model_name}-removed"
    with changing(version, what, by=by, now=now, row=row, revision=revision, base=base, removed=str(row)):
        if isinstance(row, Clause):
            for child in reversed(below(row)):
                drop(child, by=by)
        drop(row, by=by)


# --- definitions, purposes, data items, parties


def next_label(rows, letter: str) -> str:
    """ "P4": one more than the highest that stands; a label that is cited does not move when another row goes."""
    used = [int(label[1:]) for label in rows.values_list("label", flat=True) if label[1:].isdecimal()]
    return f"{letter}{max(used, default=0) + 1}"


def check_row(version, model, data, *, row=None):
    """Raise ValidationError for a term that is defined twice."""
    if model is Term and data["term"]:
        same = version.terms.filter(term__iexact=data["term"])
        if (same.exclude(pk=row.pk) if row else same).exists():
            raise ValidationError({"term": _("This term is defined already. Change its meaning instead.")})


def add_row(version, model, data, *, by, now):
    """Add a definition, purpose, data item or flow; all but the first get the next label (P1, D1, F1)."""
    with changing(version, f"{model._meta.model_name}-added", by=by, now=now):
        check_row(version, model, data)
        row = model(
            framework_id=version.framework_id, version=version, **{name: data[name] for name in ROW_FIELDS[model]}
        )
        if model in NUMBERED:
            row.label = next_label(model.objects.filter(version=version), NUMBERED[model])
        keep(row, by=by)
    return row


def change_row(row, data, *, revision, base, by, now):
    """Save a definition, purpose, data item, flow or party."""
    version, model = row.version, type(row)
    with changing(
        version,
        f"{model._meta.model_name}-changed",
        by=by,
        now=now,
        row=row,
        revision=revision,
        base=base,
        row_name=str(row),
    ):
        check_row(version, model, data, row=row)
        for name in ROW_FIELDS[model]:
            setattr(row, name, data[name])
        keep(row, by=by)


def add_party(version, organisation, *, required, by, now) -> Party:
    """Put an organisation of the framework on the draft, with its main address and telephone (HAR-2.2).

    Raises ValidationError for an organisation of elsewhere or one that is a party already.
    """
    with changing(version, "party-added", by=by, now=now, organisation=organisation.name):
        if not belongs(version.framework, organisation):
            raise ValidationError({"organisation": _("Choose an organisation that belongs to this framework.")})
        if version.parties.filter(organisation=organisation).exists():
            raise ValidationError({"organisation": _("This organisation is a party already.")})
        found = unsupported_characters("\n".join([organisation.name, organisation.address, organisation.telephone]))
        if found:
            message = _("Its name, address or telephone number has characters that cannot be printed: %(characters)s.")
            raise ValidationError({"organisation": message % {"characters": ", ".join(found[:10])}})
        last = version.parties.order_by("-order").values_list("order", flat=True).first()
        return Party.objects.create(
            framework_id=version.framework_id, version=version, organisation=organisation, required=required,
            order=(last or 0) + 1, name=organisation.name, address=organisation.address, telephone=organisation.telephone,
        )  # fmt: skip
