"""A comparison made ready for its page and its PDF: entries in reading order, each with its words, tags and notes."""

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from protocols import redline_words
from protocols.models import Clause
from protocols.redline import ClauseChange, Redline
from protocols.redline_rows import Mark, RowChange, Schedule

DEEPEST = 4  # further levels are not set in any more, or nothing would be left of a phone's width


def shown(redline: Redline, *, only_changes: bool) -> dict:
    """Context of both templates. only_changes: leaves out what stayed, sections with changes keep their heading."""
    clauses = [clause for clause in redline.clauses if clause.affected] if only_changes else redline.clauses
    names = {clause.uid: clause for clause in redline.clauses}
    facts = [part for part in redline.facts if part.changed or (part.new and not only_changes)]
    return {
        "summary": redline_words.summary(redline),
        "differs": redline.differs,
        "some_whole": redline.whole,
        "entries": entries(clauses, names) if only_changes else [entry(clause) for clause in clauses],
        "facts": [fact(part) for part in facts],
        "schedules": [
            schedule(one, only_changes=only_changes)
            for one in redline.schedules
            if one.affected or (one.rows and not only_changes)
        ],
        "renumbered": renumbered(redline.clauses) if only_changes else [],
        "changes": [listed(clause) for clause in redline.clauses if clause.affected],
        "facts_changed": any(part.changed for part in redline.facts),
    }


def entries(clauses, names) -> list[dict]:
    """Changed clauses, the heading of their section before the first of each, unless it changed itself."""
    found, section = [], ""
    for clause in clauses:
        if clause.section != section:
            section = clause.section
            if section != clause.uid:
                found.append({"context": called(names[section])})
        found.append(entry(clause))
    return found


def entry(clause: ClauseChange) -> dict:
    """One clause."""
    return {
        "anchor": f"c-{clause.uid}",
        "kind": clause.kind,
        "label": clause.label,
        "level": min(clause.depth, DEEPEST),
        "is_section": clause.depth == 0 and clause.kind == Clause.Kind.HEADING,
        "is_heading": clause.kind == Clause.Kind.HEADING,
        "mark": clause.mark,
        "affected": clause.affected,
        "tags": redline_words.tags(clause.mark, clause.moved),
        "notes": redline_words.notes(clause),
        "title": clause.title.pieces,
        "text": clause.text.pieces,
    }


def called(clause: ClauseChange) -> str:
    """Number and title of a clause, or its first words."""
    words = clause.title.new or clause.title.old or Truncator(clause.text.new or clause.text.old).words(8)
    return f"{clause.label} {words}".strip()


def listed(clause: ClauseChange) -> dict:
    """A line of the list of changes, which leads to the clause."""
    words = ", ".join(tag["text"] for tag in redline_words.tags(clause.mark, clause.moved))
    return {"anchor": f"c-{clause.uid}", "name": called(clause), "words": words}


def renumbered(clauses) -> list[str]:
    """Clauses that have another number and are otherwise as they were."""
    return [
        f"{clause.old_label or _('no number')} → {clause.new_label or _('no number')}"
        for clause in clauses
        if clause.renumbered and not clause.affected
    ]


def fact(part) -> dict:
    """A single value, such as the effective date."""
    return {"name": redline_words.name_of(part.name), "pieces": part.pieces, "changed": part.changed}


def schedule(one: Schedule, *, only_changes: bool) -> dict:
    """A schedule with its rows."""
    rows = [row_entry(row, only_changes) for row in one.rows if row.affected or not only_changes]
    return {"title": redline_words.name_of(one.path), "anchor": f"s-{one.path.replace('.', '-')}", "rows": rows,
            "affected": one.affected}  # fmt: skip


def row_entry(row: RowChange, only_changes) -> dict:
    """One row: its name, its values in words."""
    alone = len(row.parts) == 1  # such as the meaning of a term: what it is goes without saying
    parts = [part for part in row.parts if part.changed or not only_changes or row.mark != Mark.CHANGED]
    return {
        "name": row.name,
        "name_op": {Mark.ADDED: "ins", Mark.REMOVED: "del"}.get(row.mark, "equal"),
        "affected": row.affected,
        "tags": redline_words.tags(row.mark, row.moved),
        "notes": [redline_words.whole_words()] if row.whole else [],
        "fields": [
            {"name": "" if alone else redline_words.name_of(part.name), "pieces": part.pieces} for part in parts
        ],
    }
