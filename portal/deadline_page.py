"""What the page of one deadline says: the two dates, rule, source, inputs, the count in words, the dates it had before."""

from datetime import datetime

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal import clock, due
from portal.deadline_words import length_in_words
from portal.deadlines import RULES, STARTS
from portal.models import Deadline
from portal.models.deadline import parse_moment
from portal.templatetags.dates import longdate, longdatetime
from portal.working_days import NATIONS

#: Where a rule comes from, in words: the beginning of its ID, or the whole of it.
DOCUMENTS = {
    "HAR": gettext_lazy("Haringey information sharing protocol, clause %(clause)s"),
    "HAM": gettext_lazy("Hampshire newsletter on information sharing"),
    "DUD": gettext_lazy("Dudley cabinet report, paragraph %(clause)s"),
    "UK-33": gettext_lazy("UK GDPR article 33, or for law enforcement Data Protection Act 2018 section 67"),
    "UK-164A": gettext_lazy("Data Protection Act 2018 section 164A"),
}
#: What must be said beside a duty so that one clock is never read as another (READ-7, READ-9).
CAVEATS = {
    "breach.notify_ico": gettext_lazy(
        "This is the regulator’s clock, for this controller alone. No other date stands for it."
    ),
    "breach.notify_partners": gettext_lazy(
        "This is the partners’ date. Keeping it says nothing about the regulator’s clock."
    ),
    "meeting.minutes": gettext_lazy("The source says working days here."),
    "indemnity.response": gettext_lazy("The source says days here, not working days: every day counts."),
}


def of(deadline: Deadline, framework, *, now: datetime) -> dict:
    """The context of the page."""
    calendars, soon = due.Calendars(framework), due.edge(framework, now=now)
    words, colour = due.standing(deadline, now=now, soon=soon)
    is_open = deadline.met_at is None and deadline.dropped_at is None
    return {
        "deadline": deadline,
        "duty": due.duty(deadline),
        "about": due.subject_words(deadline),
        "state": words,
        "colour": colour,
        "distance": due.distance(deadline, calendars, now=now) if is_open else "",
        "marks": due.marks(deadline),
        "caveat": CAVEATS.get(deadline.rule, ""),
        "dates": dates(deadline),
        "facts": facts(deadline, framework),
        "inputs": inputs(deadline),
        "changes": changes(deadline),
    }


def moment(deadline: Deadline, at: datetime) -> str:
    """A date; with its time when the rule counts hours."""
    return longdatetime(at) if due.in_hours(deadline) else longdate(at)


def dates(deadline: Deadline) -> list[dict]:
    """Strict and practical date with their labels (READ-4), what warnings work towards (READ-8, READ-12), the end."""
    late = deadline.practical_at or deadline.found_late
    rows = [
        {
            "key": _("Strict date, counted from the breach") if late else _("Due"),
            "value": moment(deadline, deadline.due_at),
            "note": _("could not be met: found late") if deadline.found_late else "",
        }
    ]
    if deadline.practical_at:
        rows.append(
            {
                "key": _("Practical date, counted from the identification"),
                "value": moment(deadline, deadline.practical_at),
            }
        )
    if deadline.warn_on and deadline.warn_on < clock.london_date(deadline.due_at):
        rows.append({"key": _("Warnings work towards"), "value": longdate(deadline.warn_on)})
    if deadline.met_at:
        rows.append({"key": _("Done on"), "value": longdatetime(deadline.met_at)})
    if deadline.dropped_at:
        rows.append({"key": _("No longer to be done since"), "value": longdatetime(deadline.dropped_at)})
    return rows


def facts(deadline: Deadline, framework) -> list[dict]:
    """Who must see to it, what it is about, which rule says so (READ-10: the protocol's own clause)."""
    rule, clause = RULES.get(deadline.rule), due.clause_words(deadline)
    rows: list[dict] = [
        {"key": _("Responsible"), "value": due.responsible(deadline)},
        {
            "key": _("About"),
            "value": due.subject_words(deadline),
            "link": due.subject_href(deadline, framework),
            "empty": _("Nothing that has a page"),
        },
        {
            "key": _("Rule"),
            "value": rule.duty if rule else deadline.rule,
            "note": _("set by law: a protocol cannot change it") if rule and rule.statutory else "",
        },
        {"key": _("Source"), "lines": sources(rule.source) if rule else [], "empty": _("Not known")},
    ]
    if clause:
        words = _("%(clause)s of the protocol, which has a length of its own") % {"clause": capfirst(clause)}
        rows.append({"key": _("Changed by"), "value": words})
    return rows


def sources(ids: str) -> list[str]:
    """Each source with its ID: "HAR-6.2: Haringey information sharing protocol, clause 6.2"."""
    found = []
    for one in ids.split(", "):
        prefix, _dash, clause = one.partition("-")
        words = DOCUMENTS.get(one) or DOCUMENTS.get(prefix)
        found.append(f"{one}: {words % {'clause': clause}}" if words else one)
    return found


def inputs(deadline: Deadline) -> list[dict]:
    """Everything it was counted from."""
    held, rule = deadline.inputs, RULES.get(deadline.rule)
    start = parse_moment(held["start"]) if held.get("start") else deadline.started_at
    hours = due.in_hours(deadline)
    rows: list[dict] = [
        {
            "key": _("Counted from"),
            "value": longdatetime(start) if hours else longdate(start),
            "note": _("the identification, for want of the date of the breach")
            if deadline.assumed
            else STARTS[rule.starts]
            if rule
            else "",
        }
    ]
    if held.get("unit"):
        rows.append({"key": _("Length"), "value": length_in_words(held["amount"], held["unit"])})
    if held.get("round"):
        rows.append({"key": _("Round"), "value": str(held["round"])})
    if held.get("next_meeting"):
        rows.append({"key": _("Next meeting"), "value": longdate(parse_moment(held["next_meeting"]))})
    if held.get("nation") in NATIONS:
        rows.append({"key": _("Working days of"), "value": NATIONS[held["nation"]]})
    if held.get("holidays_until"):
        rows.append({"key": _("Bank holidays known until"), "value": longdate(parse_moment(held["holidays_until"]))})
    return rows


def changes(deadline: Deadline) -> list[dict]:
    """The dates that it had before, and why each moved (READ-5, READ-6, READ-8); newest first."""
    return [
        {
            "title": (
                _("Practical date moved from %(was)s to %(now)s")
                if one.practical
                else _("Moved from %(was)s to %(now)s")
            )
            % {"was": moment(deadline, one.was_due_at), "now": moment(deadline, one.due_at)},
            "at": one.changed_at,
            "text": one.reason,
            "was": one.was_explanation,
            "summary": _("How %(date)s was counted, until %(at)s")
            % {"date": moment(deadline, one.was_due_at), "at": longdatetime(one.changed_at)},
        }
        for one in deadline.changes.order_by("-changed_at", "-pk")
    ]
