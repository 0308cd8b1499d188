"""A comparison in words: names of what can differ, values, the sentence that sums it up."""

import re
from datetime import date

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from portal.models.people import Nation
from portal.templatetags.dates import longdate
from protocols.models import Clause, DataFlow, DataItem, Tier
from protocols.redline import ClauseChange, Redline
from protocols.redline_rows import Mark

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

# Schedules and lists, by their path in the canonical JSON; another one is named after its path
SCHEDULES = {
    "definitions": _("Definitions"),
    "purposes": _("Purposes"),
    "data_items": _("Information to be shared"),
    "parties": _("Parties"),
    "signatures": _("Signatures"),
    "attachments": _("Attached documents"),
    "related_documents": _("Related documents"),
    "data_flows": _("Information flows"),
}
FIELDS = {
    "lang": _("Language"),
    "framework.name": _("Framework"),
    "framework.nation": _("Nation of the framework"),
    "protocol.reference": _("Reference"),
    "protocol.title": _("Title"),
    "protocol.tier.level": _("Level of the tier"),
    "protocol.tier.name": _("Tier"),
    "protocol.parent.reference": _("Parent: reference"),
    "protocol.parent.title": _("Parent"),
    "protocol.parent.version": _("Parent: version"),
    "protocol.parent.dated": _("Parent: date"),
    "protocol.parent.external": _("Parent outside the portal"),
    "protocol.lead_organisation": _("Lead organisation"),
    "protocol.nation": _("Nation"),
    "protocol.deciding_body": _("Deciding body"),
    "version.classification": _("Classification"),
    "version.effective_on": _("Effective date"),
    "version.sign_by": _("Sign by"),
    "version.expires_on": _("Expires on"),
    "version.review.first_months": _("First review after (months)"),
    "version.review.then_months": _("Later reviews every (months)"),
    "definitions.text": _("Meaning"),
    "purposes.text": _("Purpose"),
    "data_items.level": _("Level"),
    "data_items.name": _("Data item"),
    "parties.address": _("Main contact address"),
    "parties.telephone": _("Main telephone number"),
    "parties.ico_number": _("ICO registration number"),
    "parties.ods_code": _("ODS code"),
    "parties.required": _("Must sign before the version is complete"),
    "parties.lead": _("Lead organisation"),
    "related_documents.owner": _("Owner"),
    "related_documents.dated": _("Date"),
    "related_documents.link": _("Address"),
    "data_flows.from": _("From"),
    "data_flows.to": _("To"),
    "data_flows.data_items": _("Data items"),
    "data_flows.purposes": _("For which purpose"),
    "data_flows.method": _("How it is sent"),
    "data_flows.frequency": _("How often"),
    "data_flows.onward.allowed": _("May it be passed on to anybody who is no party?"),
    "data_flows.onward.to": _("To whom it may be passed on"),
    "data_flows.power": _("Power or duty"),
    "data_flows.readers.roles": _("Who is allowed to look at the information?"),
    "data_flows.readers.vetting": _("Are they checked?"),
    "attachments.size": _("Size in bytes"),
    "attachments.sha256": _("Fingerprint (SHA-256)"),
}
CHOICES: dict[str, dict] = {
    "protocol.nation": dict(Nation.choices),
    "framework.nation": dict(Nation.choices),
    "protocol.tier.level": dict(Tier.Level.choices),
    "data_items.level": dict(DataItem.Level.choices),
    "data_flows.onward.allowed": dict(DataFlow.Onward.choices),
}


def name_of(path: str) -> str:
    """What a schedule or field is called."""
    known = SCHEDULES.get(path) or FIELDS.get(path)
    return str(known) if known else path.rpartition(".")[2].replace("_", " ").capitalize()


def say(path: str, value) -> str:
    """A value in words."""
    if value is None:
        return ""
    if path == "schedule":
        return _t("[Schedule: %(title)s]") % {"title": name_of(value)}
    if isinstance(value, bool):
        return _t("Yes") if value else _t("No")
    if (words := CHOICES.get(path, {}).get(value)) is not None:
        return str(words)
    if isinstance(value, str) and DAY.fullmatch(value):
        return day_in_words(value)
    return str(value)


def day_in_words(value: str) -> str:
    """An ISO date as people write it; what only looks like one stays as it is."""
    try:
        return longdate(date.fromisoformat(value))
    except ValueError:
        return value


# --- the sum of it


def summary(redline: Redline) -> str:
    """One sentence: "12 clauses changed, 2 added, 1 moved; 3 changes in details and schedules."."""
    if not redline.differs:
        return _t("The two texts are the same.")
    counted = [
        (redline.count(Mark.CHANGED), clauses_changed, _("%(count)d changed")),
        (redline.count(Mark.ADDED), clauses_added, _("%(count)d added")),
        (redline.count(Mark.REMOVED), clauses_removed, _("%(count)d removed")),
        (sum(clause.moved for clause in redline.clauses), clauses_moved, _("%(count)d moved")),
        (sum(clause.renumbered for clause in redline.clauses), clauses_renumbered, _("%(count)d renumbered")),
    ]
    said: list[str] = []
    for count, whole, short in counted:
        if count:
            said.append(str(short) % {"count": count} if said else whole(count))
    words = ", ".join(said) or _t("No clause changed")
    others = sum(part.changed for part in redline.facts)
    others += sum(row.affected for schedule in redline.schedules for row in schedule.rows)
    if others:
        more = ngettext(
            "%(count)d change in details and schedules", "%(count)d changes in details and schedules", others
        )
        words = f"{words}; {more % {'count': others}}"
    return f"{words}."


def clauses_changed(count: int) -> str:
    """ "12 clauses changed"."""
    return ngettext("%(count)d clause changed", "%(count)d clauses changed", count) % {"count": count}


def clauses_added(count: int) -> str:
    """ "2 clauses added"."""
    return ngettext("%(count)d clause added", "%(count)d clauses added", count) % {"count": count}


def clauses_removed(count: int) -> str:
    """ "1 clause removed"."""
    return ngettext("%(count)d clause removed", "%(count)d clauses removed", count) % {"count": count}


def clauses_moved(count: int) -> str:
    """ "1 clause moved"."""
    return ngettext("%(count)d clause moved", "%(count)d clauses moved", count) % {"count": count}


def clauses_renumbered(count: int) -> str:
    """ "5 clauses renumbered"."""
    return ngettext("%(count)d clause renumbered", "%(count)d clauses renumbered", count) % {"count": count}


# --- one clause


def tags(mark: Mark, moved: bool) -> list[dict]:
    """What became of it, in a word."""
    words = {
        Mark.CHANGED: (_t("Changed"), "blue"),
        Mark.ADDED: (_t("Added"), "green"),
        Mark.REMOVED: (_t("Removed"), "red"),
    }
    found = [words[mark]] if mark in words else []
    found += [(_t("Moved"), "purple")] if moved else []
    return [{"text": text, "colour": colour} for text, colour in found]


def notes(clause: ClauseChange) -> list[str]:
    """What the words of the clause do not show: another number, another place, another kind."""
    found = []
    if clause.moved and clause.old_place == clause.new_place:
        found.append(_t("It is still called %(place)s.") % {"place": clause.new_place})
    elif clause.moved:
        found.append(_t("From %(old)s to %(new)s") % {"old": clause.old_place, "new": clause.new_place})
    if clause.renumbered:
        found.append(
            _t("Renumbered %(old)s → %(new)s")
            % {"old": clause.old_label or _t("no number"), "new": clause.new_label or _t("no number")}
        )
    if clause.predecessors:
        found.append(_t("Made from %(clauses)s") % {"clauses": ", ".join(clause.predecessors)})
    if clause.old_kind and clause.new_kind and clause.old_kind != clause.new_kind:
        kinds = dict(Clause.Kind.choices)
        found.append(_t("%(old)s → %(new)s") % {"old": kinds[clause.old_kind], "new": kinds[clause.new_kind]})
    if clause.whole:
        found.append(whole_words())
    return found


def whole_words() -> str:
    """Said where words were not compared one by one."""
    return _t(
        "Too long or too repetitive to compare word by word: the whole passage is shown as taken out and put in again."
    )
