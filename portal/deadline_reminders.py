"""Every open deadline whose rule has a ladder is reminded of, whatever it is about: its words come from portal.subjects.

A deadline that was counted again is reminded of anew only if its date changed: the date is part of the row.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext as _

from portal import subjects
from portal.chain import Chain
from portal.deadlines import RULES, Unit
from portal.ladders import LADDERS, Timing
from portal.models import Deadline, Framework, Reminder
from portal.models.deadline import calendar_of
from portal.permissions import Access, Perm
from portal.reminders import Duty, Line, register
from portal.working_days import WorkingCalendar

SUBJECT = Deadline._meta.label_lower


def duties(chain: Chain, now: datetime) -> Iterator[Duty]:
    """One for each open deadline with a ladder. The statements do not grow with the number of deadlines."""
    kinds = [ContentType.objects.get_by_natural_key(*label.split(".")).pk for label in subjects.KINDS]
    found = Deadline.objects.open().filter(rule__in=LADDERS, subject_type__in=kinds).order_by("pk")
    calendars: dict[tuple[int, str], WorkingCalendar] = {}
    holders: dict[tuple[Perm, int | None], tuple[int, ...]] = {}
    columns = [
        "pk",
        "framework_id",
        "rule",
        "owner_id",
        "due_at",
        "warn_on",
        "recorded_at",
        "started_at",
        "inputs__nation",
        "subject_type",
    ]
    rows = list(found.values_list(*columns))
    types = frozenset(row[-1] for row in rows)
    for pk, framework, rule, owner, due_at, warn_on, recorded_at, started_at, nation, _type in rows:
        place = (framework, nation)
        if place not in calendars:
            calendars[place] = calendar_of(framework, nation)
        ladder = LADDERS[rule]
        by_whom = (ladder.perm, None if ladder.everywhere else owner)
        if by_whom not in holders:
            holders[by_whom] = tuple(chain.holders(*by_whom))
        yield Duty(
            rule=rule,
            subject_type=SUBJECT,
            subject_id=pk,
            timing=Timing(due_at, recorded_at or started_at, warn_on, calendars[place]),
            owners=holders[by_whom],
            organisation=by_whom[1],
            perm=ladder.perm,
            sees=partial(may_see, chain, framework, types, pk),
        )


def may_see(chain: Chain, framework: int, types: frozenset[int], deadline: int, user: int) -> bool:
    """Whether the person's roles show what the deadline is about: one statement for each set of roles that is asked after,
    about nothing but the kinds of subject (types: of their content types) that open deadlines have.
    What hides it from one person alone is asked at sending."""
    held = chain.held(user)
    if held not in chain.seen:
        access = chain.access(Framework(pk=framework), user)
        visible = subjects.visible(access, of_types=types)
        found = Deadline.objects.open().filter(visible, subject_type__in=types).values_list("pk", flat=True)
        chain.seen[held] = frozenset(found)
    return deadline in chain.seen[held]


def describe(rows: list[Reminder]) -> dict[int, Line]:
    """Lines of the reminders of one person and framework: of open deadlines about what the person may see now."""
    framework = Framework.objects.get(pk=rows[0].framework_id)
    access = Access.of(rows[0].user, framework)
    wanted = {row.subject_id for row in rows}
    types = frozenset(Deadline.objects.filter(pk__in=wanted).order_by().values_list("subject_type", flat=True))
    visible = subjects.visible(access, of_types=types)
    found = Deadline.objects.open().filter(visible, pk__in=wanted).prefetch_related("subject")
    lines = {}
    for deadline in found:
        kind = subjects.kind_of(deadline.subject)
        if kind is None:
            continue
        deadline.subject.framework = framework
        facts = {"duty": RULES[deadline.rule].duty, "subject": kind.in_mail(deadline.subject)}
        timed = deadline.inputs.get("unit") == Unit.HOURS.value
        what = _("%(duty)s: %(subject)s") % facts
        lines[deadline.pk] = Line(what, deadline.due_at, kind.href(deadline.subject), timed)
    return lines


register(SUBJECT, duties, describe)
