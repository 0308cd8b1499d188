"""Days that stop being working days, or become working days again: what moves is shown first, then counted (READ-8).

A framework's administrator records closure days and late bank holidays for their own framework; the operator adds to the
table of the installation, and each framework is then counted again by a job in its own scope (docs/adr: late bank holidays).
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from portal import clock, doorbell
from portal.deadlines import RULES, Unit
from portal.errors import StateError
from portal.jobs import job
from portal.models import AuditEvent, BankHoliday, ClosureDay, Deadline, Framework, Job, User
from portal.models.deadline import calendar_of
from portal.templatetags.dates import longdate
from portal.tenancy import installation, scope
from portal.working_days import WorkingCalendar, committed_table

KIND = "portal.recount"
AGAIN = timedelta(minutes=1)  # a deadline that was being started at the same moment is looked at once more
ROLLED = tuple(key for key, rule in RULES.items() if rule.rolled)


@dataclass(frozen=True, slots=True)
class Move:
    """An open deadline and what the engine would say. practical: its practical date moves (READ-4)."""

    deadline: Deadline
    was: datetime
    now: datetime
    practical: bool = False


class Changed(StateError):
    """What was shown before is not what would happen now."""


def touched(framework: Framework, day: date, nation: str = "") -> Iterator[Deadline]:
    """Open deadlines whose count could meet the day: those in working days, those rolled to one, those due on it."""
    on_it = Q(due_at__range=(clock.start_of_day(day), clock.end_of_day(day)))
    found = Deadline.objects.open().filter(framework=framework)
    found = found.filter(Q(inputs__unit=Unit.WORKING_DAYS.value) | Q(rule__in=ROLLED) | on_it)
    if nation:
        found = found.filter(inputs__nation=nation)
    return found.order_by("due_at", "pk").iterator()


def moves(framework: Framework, *, added: ClosureDay | None = None, removed: ClosureDay | None = None) -> list[Move]:
    """Every open deadline that would move, with both dates. Writes nothing."""
    day = added or removed
    if day is None:
        return []
    calendars: dict[str, WorkingCalendar] = {}
    found = []
    for deadline in touched(framework, day.date, day.nation):
        nation = deadline.inputs["nation"]
        if nation not in calendars:
            with_it, without = [added] if added else [], [removed] if removed else []
            calendars[nation] = calendar_of(framework, nation, added=with_it, removed=without)
        found += moves_of(deadline, calendars[nation])
    return found


def moves_of(deadline: Deadline, calendar: WorkingCalendar) -> list[Move]:
    """The dates of one deadline that would be others."""
    found = []
    due_at = deadline.recounted(calendar=calendar).due_at
    if due_at != deadline.due_at:
        found.append(Move(deadline, deadline.due_at, due_at))
    if deadline.practical_at and deadline.identified_at:
        practical = deadline.recounted_from_breach(calendar=calendar).practical
        if practical and practical.due_at != deadline.practical_at:
            found.append(Move(deadline, deadline.practical_at, practical.due_at, practical=True))
    return found


def digest(found: list[Move]) -> str:
    """What was shown, in short: the confirmation carries it, so that nobody confirms what they have not seen."""
    lines = sorted(f"{one.deadline.pk} {one.practical} {one.was.isoformat()} {one.now.isoformat()}" for one in found)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]


@transaction.atomic
def add(
    framework: Framework, day: date, title: str, *, nation: str = "", shown: str | None = None, by: User | None,
    now: datetime,
) -> int:  # fmt: skip
    """A day that is no working day here, and the count of every open deadline anew. Returns how many moved.

    nation: a bank holiday declared late there. shown: the digest of what was shown before; Changed if it is another.
    """
    Framework.objects.select_for_update().get(pk=framework.pk)
    if ClosureDay.objects.filter(framework=framework, date=day, nation=nation).exists():
        raise StateError(_("%(date)s is on the list already.") % {"date": longdate(day)})
    closure = ClosureDay(framework=framework, date=day, title=title, nation=nation)
    refuse_unseen(moves(framework, added=closure), shown)
    closure.save()
    words = _("Bank holiday declared late") if nation else _("Closure day added")
    AuditEvent.objects.record(
        f"portal.closureday:{'declared' if nation else 'created'}",
        closure,
        by=by,
        now=now,
        date=day.isoformat(),
        nation=nation,
        title=title,
    )
    reason = _("%(what)s: %(date)s, %(title)s") % {"what": words, "date": longdate(day), "title": title}
    return count_again(framework, day, nation=nation, reason=reason, by=by, now=now)


@transaction.atomic
def remove(closure: ClosureDay, *, shown: str | None = None, by: User | None, now: datetime) -> int:
    """A working day again; as `add`. Warnings keep the earlier date, which is now the new one."""
    framework = Framework.objects.select_for_update().get(pk=closure.framework_id)
    held = ClosureDay.objects.filter(pk=closure.pk).first()
    if held is None:
        raise StateError(_("This day is not on the list any more."))
    refuse_unseen(moves(framework, removed=held), shown)
    AuditEvent.objects.record(
        "portal.closureday:removed", held, by=by, now=now, date=held.date.isoformat(), nation=held.nation,
        title=held.title,
    )  # fmt: skip
    held.delete()
    words = {"date": longdate(closure.date), "title": closure.title}
    reason = _("No longer a day off: %(date)s, %(title)s") % words
    return count_again(framework, closure.date, nation=closure.nation, reason=reason, by=by, now=now)


def refuse_unseen(found: list[Move], shown: str | None) -> None:
    """Raises Changed if something else would happen than what was shown."""
    if shown is not None and shown != digest(found):
        raise Changed(_("Deadlines have changed since you looked."), _("Look at the list again, then confirm it."))


def count_again(
    framework: Framework, day: date, *, nation: str = "", reason: str, by: User | None, now: datetime, later: bool = True
) -> int:  # fmt: skip
    """Count every open deadline that the day could touch: a visible event for each that moves. Returns how many."""
    moved = 0
    calendars: dict[str, WorkingCalendar] = {}
    for deadline in list(touched(framework, day, nation)):
        place = deadline.inputs["nation"]
        if place not in calendars:
            calendars[place] = calendar_of(framework, place)
        will_move = bool(moves_of(deadline, calendars[place]))
        if will_move or clock.london_date(deadline.due_at) == day:  # a date on the day stays, and its note says so
            deadline.recount(by=by, now=now, reason=reason, calendar=calendars[place])
        moved += will_move
    if later:
        plan(framework, day, nation, run_at=now + AGAIN)
    doorbell.ring()
    return moved


# --- the table of the installation


def plan(framework: Framework, day: date, nation: str, *, run_at: datetime) -> None:
    """The count of one framework, as a job in its own scope. Needs that scope."""
    Job.objects.plan(
        KIND,
        framework=framework,
        subject_id=framework.pk,
        run_at=run_at,
        key=f"{KIND}:{day.isoformat()}:{nation}:{run_at.isoformat()}",
    )


@job(KIND)
def run(planned: Job, now: datetime) -> None:
    """Count the framework again for a day, which is in the key. Nothing moves a second time."""
    _kind, words, nation, _at = planned.key.split(":", 3)
    day = date.fromisoformat(words)
    with transaction.atomic():
        framework = Framework.objects.get(pk=planned.framework_id)
        reason = _("Bank holidays were changed: %(date)s") % {"date": longdate(day)}
        count_again(framework, day, nation=nation, reason=reason, by=None, now=now, later=False)


def change_table(nation: str, day: date, title: str = "", *, now: datetime) -> None:
    """The operator adds a bank holiday to the installation's table (removes it, without a title); every framework is
    planned to be counted again. Raises StateError if nothing would change."""
    held = BankHoliday.objects.filter(nation=nation, date=day).first()
    if day in committed_table().nations[nation] or (held and title) or not (held or title):
        raise StateError(_("The table has that already, or has nothing to remove."))
    with transaction.atomic():
        holiday = held or BankHoliday.objects.create(nation=nation, date=day, title=title)
        with installation():
            AuditEvent.objects.record(
                f"portal.bankholiday:{'added' if title else 'removed'}", holiday, by=None, now=now, date=day.isoformat()
            )
        if held:
            held.delete()
        for framework in Framework.objects.order_by("pk"):
            with scope(framework.pk):
                plan(framework, day, nation, run_at=now)
    doorbell.ring()
