"""The clocks of a breach: started, shown in order, counted again (HAR-6.1 to HAR-6.3, UK-33a, READ-4, READ-5, READ-9)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from breaches.models import Breach, Controller, ControllerRecord
from portal.deadline_words import length_in_words
from portal.deadlines import RULES
from portal.due import clause_words
from portal.models import Deadline, Meeting
from portal.templatetags.dates import longdate, longdatetime

MINUTES = "meeting.minutes"
NOTIFY, REPORT, MEETING, REGULATOR = "breach.notify_partners", "breach.report", "breach.meeting", "breach.notify_ico"


def start_clocks(breach, *, by, now) -> None:
    """HAR-6.1 from the identification; HAR-6.2 for each organisation in breach and HAR-6.3 from the breach."""
    protocol = breach.protocol
    guilty = [one.organisation for one in breach.in_breach.select_related("organisation").order_by("pk")]
    common = {"framework": breach.framework, "now": now, "nation": protocol.nation, "by": by}
    Deadline.objects.start(NOTIFY, breach, start=breach.identified_at, owner=guilty[0], **common)
    days = {"occurred": breach.first_day, "identified": breach.identified_at}
    for organisation in guilty:
        Deadline.objects.start_from_breach(REPORT, breach, owner=organisation, **days, **common)
    lead = protocol.lead_organisation
    Deadline.objects.start_from_breach(MEETING, breach, owner=None if lead in guilty else lead, **days, **common)


def start_clock(controller, *, by, now) -> Deadline:
    """The 72 hours of one controller, from when it became aware (UK-33a)."""
    breach = controller.breach
    return Deadline.objects.start(
        REGULATOR, controller, framework=breach.framework, start=controller.aware_at, now=now,
        nation=breach.protocol.nation, owner=controller.organisation, by=by,
    )  # fmt: skip


def deadlines_of(breach) -> list[Deadline]:
    """Every deadline of the breach and its controllers, the regulator's first, then by date (READ-9)."""
    kinds = {model: ContentType.objects.get_for_model(model) for model in (Breach, Controller)}
    of = Q(subject_type=kinds[Breach], subject_id=breach.pk) | Q(
        subject_type=kinds[Controller], subject_id__in=breach.controllers.values("pk")
    )
    # until the outcome is told the minutes are owed of the meeting, and from then of the breach itself (HAR-6.6)
    if breach.status in {Breach.Status.PRESENTED, Breach.Status.IN_CLOSED_SESSION}:
        held = breach.hearings.exclude(meeting__status=Meeting.Status.CANCELLED).order_by("-pk")[:1]
        kind = ContentType.objects.get_for_model(Meeting)
        of |= Q(rule=MINUTES, subject_type=kind, subject_id__in=held.values("meeting"))
    rows = Deadline.objects.filter(of, dropped_at__isnull=True).select_related("owner").prefetch_related("changes")
    return sorted(rows, key=lambda row: (row.rule != REGULATOR, row.due_at, row.pk))


def length_of(rule) -> str:
    """The length of a rule in words, as the table of rules has it."""
    return length_in_words(RULES[rule].amount, RULES[rule].unit.value)


@dataclass(frozen=True, slots=True)
class Clock:
    """One duty as the page and the PDF show it. state: met, late, overdue or running."""

    deadline: Deadline
    duty: str
    owner: str
    state: str
    words: str
    due: str
    statement: str
    practical: str
    explanation: str
    source: str
    was: tuple[str, ...]

    @property
    def start(self) -> datetime:
        """From when it counts."""
        return self.deadline.started_at

    @property
    def cell(self) -> dict[str, Any]:
        """Its state as a tag."""
        return {"tag": self.words, "colour": COLOURS[self.state]}


COLOURS = {"met": "green", "late": "orange", "overdue": "red", "running": "blue"}


def clocks_of(breach, *, now) -> list[Clock]:
    """What was due when, met, late: the 72-hour clocks first (READ-9)."""
    return [
        clock_of(as_at(row, now), now) for row in deadlines_of(breach) if row.rule != MINUTES or row.started_at <= now
    ]


def as_at(row, now) -> Deadline:
    """The row as it stood at that moment, for a document of an earlier day: what was done later was not done yet."""
    if row.met_at is not None and row.met_at > now:
        row.met_at = None
    return row


def clock_of(row, now) -> Clock:
    """One deadline in words."""
    hours = row.rule == REGULATOR
    say = longdatetime if hours else longdate
    state = state_of(row, now)
    return Clock(
        deadline=row,
        duty=str(RULES[row.rule].duty),
        owner=row.owner.name if row.owner else "",
        state=state,
        words=decided_words(row, say) or words_of(row, state, say),
        due=say(row.due_at),
        statement=statement_of(row),
        practical=longdate(row.practical_at) if row.practical_at else "",
        explanation=row.explanation,
        source=source_of(row),
        was=tuple(say(change.was_due_at) for change in row.changes.all() if not change.practical),
    )


def source_of(row) -> str:
    """Which rule says so and how long it gives; a length of the protocol's own with its clause (READ-10)."""
    length = length_in_words(row.inputs["amount"], row.inputs["unit"])
    return " · ".join(filter(None, [RULES[row.rule].source, length, clause_words(row)]))


def state_of(row, now) -> str:
    """Asked of a moment, never stored (READ-11). Of a breach found late the strict date stays missed (READ-4)."""
    if row.met_at is not None:
        return "met" if row.met_at <= row.due_at else "late"
    return "overdue" if row.due_at < now else "running"


def words_of(row, state, say) -> str:
    """ "On time" is said of a duty by its own name only: a partner's clock never speaks for the regulator (READ-9)."""
    if state == "met":
        return _("Done %(day)s, in time") % {"day": say(row.met_at)}
    if state == "late":
        return _("Done %(day)s, late") % {"day": say(row.met_at)}
    return _("Overdue") if state == "overdue" else _("Running")


def decided_words(row, say) -> str:
    """A controller that decided not to notify has not notified: it is said as what it is (UK-33b), and what it did later."""
    if row.rule != REGULATOR or row.met_at is None:
        return ""
    kinds = ControllerRecord.Kind
    records = ControllerRecord.objects.filter(controller=row.subject_id)
    if not records.filter(kind=kinds.NOT_NOTIFIED).exists():
        return ""
    words = _("Decided not to notify, %(day)s, in time") if row.met_at <= row.due_at else ""
    words = (words or _("Decided not to notify, %(day)s, late")) % {"day": say(row.met_at)}
    notified = records.filter(kind=kinds.NOTIFIED).order_by("pk").first()
    if notified is not None:
        words += "; " + _("notified %(day)s") % {"day": say(notified.at)}
    return words


def statement_of(row) -> str:
    """What must stand beside the strict date (READ-4, READ-5, READ-8)."""
    said = []
    if row.assumed:
        said.append(_("assumed: the date of the breach is not known, so this counts from its identification"))
    if row.found_late:
        said.append(_("could not be met: found late"))
    if row.provisional:
        said.append(_("provisional: bank holidays are not known that far"))
    return "; ".join(said)


def headline(clocks) -> str:
    """One sentence over the picture; the regulator's clocks are spoken of by themselves (READ-9)."""
    law = [one for one in clocks if one.deadline.rule == REGULATOR]
    rest = [one for one in clocks if one.deadline.rule != REGULATOR]
    return f"{said_of_regulator(law)} {said_of_partners(rest)}"


def said_of_regulator(law) -> str:
    """The worst of the controllers' clocks."""
    states = {one.state for one in law}
    if not law:
        return _("No clock runs towards the regulator.")
    if "overdue" in states:
        return _("The %(length)s for the regulator have passed.") % {"length": length_of(REGULATOR)}
    if "running" in states:
        return _("The %(length)s for the regulator end on %(due)s.") % {
            "length": length_of(REGULATOR),
            "due": next(one.due for one in law if one.state == "running"),
        }
    if "late" in states:
        return _("The regulator was notified, or it was decided that it need not be, late.")
    return _("The regulator was notified, or it was decided that it need not be, in time.")


def said_of_partners(rest) -> str:
    """The duties of the protocol."""
    overdue = [one for one in rest if one.state == "overdue"]
    if overdue:
        return ngettext(
            "%(count)d duty towards the partners is overdue.",
            "%(count)d duties towards the partners are overdue.",
            len(overdue),
        ) % {"count": len(overdue)}
    for one in rest:
        if one.state == "running":
            words = {"duty": one.duty[:1].lower() + one.duty[1:], "due": one.due}
            return _("Next, towards the partners: %(duty)s by %(due)s.") % words
    if not any(one.deadline.rule == MINUTES for one in rest):
        return _("Towards the partners, the outcome and the minutes are still to come.")
    return _("Every duty towards the partners is done.")
