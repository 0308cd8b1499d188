"""Deadlines as people look at them: which ones a reader may see, filtered; how far each is, in words.

Everything asks `portal.subjects.visible`: lists, counts, downloads, calendars and feeds show a deadline to those only who
may see what it is about. Needs the framework's scope.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.contenttypes.prefetch import GenericPrefetch
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal import clock, subjects, todo
from portal.deadlines import RULES, Unit
from portal.models import Deadline
from portal.models.deadline import calendar_of
from portal.permissions import Access
from portal.templatetags.dates import contextual_days, overdue_working_days
from portal.working_days import WorkingCalendar

OVERDUE, SOON, LATER, DONE, ALL = "overdue", "soon", "later", "done", "all"
MONTHS = timedelta(days=92)  # the next three months


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to; None or "" leaves it wide. Without a state: what is still to be done."""

    state: str = ""
    rule: str = ""
    organisation: int | None = None
    partnership: int | None = None
    protocol: str = ""
    first: date | None = None
    last: date | None = None

    @property
    def narrowed(self) -> bool:
        """Is any filter in use?"""
        chosen = (self.organisation, self.partnership, self.first, self.last)
        return bool(self.state or self.rule or self.protocol or any(value is not None for value in chosen))


def visible(access: Access) -> QuerySet[Deadline]:
    """The deadlines of the framework that the reader may see."""
    framework: Any = access.framework
    return Deadline.objects.filter(subjects.visible(access), framework=framework)


def edge(framework, *, now: datetime) -> datetime:
    """Where "within 5 working days" ends, by the framework's own calendar."""
    return todo.edge_of_soon(calendar_of(framework, framework.nation), now=now)


def in_state(state: str, framework, *, now: datetime) -> Q:
    """The condition of a state; overdue is asked of the moment (READ-11). Without a state: open."""
    is_open = Q(met_at__isnull=True, dropped_at__isnull=True)
    if state == ALL:
        return Q()
    if state == DONE:
        return ~is_open
    if state == OVERDUE:
        return is_open & Q(due_at__lt=now)
    if state == SOON:
        return is_open & Q(due_at__gte=now, due_at__lt=edge(framework, now=now))
    return is_open & Q(due_at__gte=edge(framework, now=now)) if state == LATER else is_open


def wanted(access: Access, asked: Wanted, *, now: datetime) -> QuerySet[Deadline]:
    """The deadlines that the reader may see and that fit the filters, soonest first."""
    found = visible(access).filter(in_state(asked.state, access.framework, now=now))
    if asked.rule:
        found = found.filter(rule=asked.rule)
    if asked.organisation is not None:
        found = found.filter(owner=asked.organisation)
    for name, value in (("partnership", asked.partnership), ("reference", asked.protocol)):
        if value not in (None, ""):
            found = found.filter(subjects.about(subjects.PROTOCOLS[name](value), access))
    if asked.first is not None:
        found = found.filter(due_at__gte=clock.start_of_day(asked.first))
    if asked.last is not None:
        found = found.filter(due_at__lte=clock.end_of_day(asked.last))
    return found.order_by("due_at", "pk")


def subjects_of(access: Access) -> GenericPrefetch:
    """The subjects that the reader may see, for rows that name a content type and an id: one statement for each kind that
    they have, however many rows."""
    kinds = []
    for kind in subjects.KINDS.values():
        related = {*kind.related, kind.to_protocol} - {"", "pk"}
        rows = kind.visible_to(access)
        kinds.append(rows.select_related(*sorted(related)) if related else rows)
    return GenericPrefetch("subject", kinds)


def with_subjects(found: QuerySet[Deadline], access: Access) -> QuerySet[Deadline]:
    """What a row shows."""
    return found.select_related("owner").prefetch_related(subjects_of(access))


def counts(access: Access, *, now: datetime) -> dict[str, int]:
    """How many the reader may see: overdue, within 5 working days, and all of the next three months."""
    soon = edge(access.framework, now=now)
    months = clock.end_of_day(clock.london_date(now + MONTHS))
    found = visible(access).filter(met_at__isnull=True, dropped_at__isnull=True, due_at__lte=months)
    return found.aggregate(
        overdue=Count("pk", filter=Q(due_at__lt=now)),
        soon=Count("pk", filter=Q(due_at__gte=now, due_at__lt=soon)),
        months=Count("pk", filter=Q(due_at__gte=clock.start_of_day(clock.london_date(now)))),
    )


# --- one deadline in words


def duty(deadline: Deadline) -> str:
    """What must be done."""
    rule = RULES.get(deadline.rule)
    return str(rule.duty) if rule else deadline.rule


def clause_words(deadline: Deadline) -> str:
    """Where the protocol says a length of its own (READ-10): "clause 6.6", or a place that has no number."""
    clause = str(deadline.inputs.get("clause") or "")
    return _("clause %(clause)s") % {"clause": clause} if clause[:1].isdigit() else clause


def subject_words(deadline: Deadline) -> str:
    """What it is about, without any confidential word; nothing for a kind that nobody has registered."""
    subject: Any = deadline.subject
    kind = subjects.kind_of(subject) if subject is not None else None
    return str(kind.words(subject)) if kind else ""


def subject_reference(deadline: Deadline) -> str:
    """Its name where no more than a reference may stand: in a mail, in a calendar outside the portal."""
    subject: Any = deadline.subject
    kind = subjects.kind_of(subject) if subject is not None else None
    return str(kind.in_mail(subject)) if kind else ""


def subject_href(deadline: Deadline, framework) -> str:
    """The page of what it is about, if that has one."""
    subject: Any = deadline.subject
    kind = subjects.kind_of(subject) if subject is not None else None
    if kind is None:
        return ""
    subject.framework = framework  # read already: no query for each row
    return kind.href(subject)


def href(deadline: Deadline, framework) -> str:
    """The page of the deadline."""
    return reverse("deadline", args=[framework.slug, deadline.pk])


def responsible(deadline: Deadline) -> str:
    """Who must see to it."""
    return deadline.owner.name if deadline.owner else _("The board secretaries of the framework")


def in_hours(deadline: Deadline) -> bool:
    """Does its rule count hours, so that the time of day matters (READ-2)?"""
    return deadline.inputs.get("unit") == Unit.HOURS.value


@dataclass
class Calendars:
    """Working days of the framework in each nation, read once for a page."""

    framework: object
    known: dict[str, WorkingCalendar] = field(default_factory=dict)

    def of(self, nation: str) -> WorkingCalendar:
        """The calendar of a nation, less the framework's closure days (READ-1)."""
        if nation not in self.known:
            self.known[nation] = calendar_of(self.framework, nation)
        return self.known[nation]


def distance(deadline: Deadline, calendars: Calendars, *, now: datetime) -> str:
    """How far it is: "in 53 days", "overdue by 2 working days", "in 31 hours"; by the unit in which its rule counts."""
    unit, late = deadline.inputs.get("unit"), deadline.due_at < now
    if unit == Unit.HOURS.value:
        return hours(deadline.due_at - now)
    if late and unit == Unit.WORKING_DAYS.value:
        calendar = calendars.of(deadline.inputs.get("nation") or "")
        due_on, today = clock.london_date(deadline.due_at), clock.london_date(now)
        days = sum(calendar.is_working_day(due_on + timedelta(days=n)) for n in range(1, (today - due_on).days + 1))
        if days:
            return overdue_working_days(days)
    return contextual_days(deadline.due_at, now)


def hours(left: timedelta) -> str:
    """ "in 31 hours", "in less than an hour", "overdue by 5 hours"."""
    whole = abs(left) // timedelta(hours=1)
    if left < timedelta(0):
        words = ngettext("overdue by %(hours)d hour", "overdue by %(hours)d hours", whole) % {"hours": whole}
        return words if whole else _("overdue by less than an hour")
    return (
        ngettext("in %(hours)d hour", "in %(hours)d hours", whole) % {"hours": whole}
        if whole
        else _("in less than an hour")
    )


def standing(deadline: Deadline, *, now: datetime, soon: datetime) -> tuple[str, str]:
    """Words and colour of where it stands."""
    if deadline.met_at:
        late = deadline.met_at > deadline.due_at
        return (_("Done late"), "orange") if late else (_("Done"), "green")
    if deadline.dropped_at:
        return _("No longer to be done"), "grey"
    if deadline.due_at < now:
        return _("Overdue"), "red"
    return (_("Due soon"), "orange") if deadline.due_at < soon else (_("Later"), "blue")


def marks(deadline: Deadline) -> list[str]:
    """What must stand beside the date: READ-4, READ-5, READ-8."""
    found = []
    if deadline.found_late:
        found.append(_("could not be met: found late"))
    if deadline.assumed:
        found.append(_("assumed: the date of the breach is not known, so this counts from its identification"))
    if deadline.provisional:
        found.append(_("provisional: bank holidays are not known that far ahead"))
    return found
