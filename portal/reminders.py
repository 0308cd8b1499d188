"""Reminders: what is due and not yet reminded (READ-11), as rows; one mail for each person, however much there is.

The app that knows a duty registers it (`register`). A run looks at the latest step of each ladder that has come, never
at "exactly today": after an outage a person gets one mail with what is true now, not one for each day that was missed.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal import clock, doorbell
from portal.deadlines import latest_step, next_step_day
from portal.jobs import job
from portal.models import Framework, Job, OutgoingEmail, Reminder
from portal.models.outbox import Queued
from portal.notices import absolute, notice

BATCH = 500  # people in one transaction
MORNING = time(8, 0)  # London
KIND = "portal.remind"


@dataclass(frozen=True, slots=True)
class Duty:
    """Something with a date that people are reminded of. since: the day on which they were told of it; steps up to that
    day are past. users: ids of those who can do it, found by permission."""

    rule: str
    subject_type: str
    subject_id: int
    due_on: date
    since: date
    users: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the mail. what: without any confidential word. href: path of the page where it is done."""

    what: str
    due_on: date
    href: str


Duties = Callable[[datetime], Iterable[Duty]]
# what a reminder says now, or None when there is nothing left to do
Describe = Callable[[Reminder], Line | None]
SOURCES: dict[str, tuple[Duties, Describe]] = {}


def register(rule: str, duties: Duties, describe: Describe) -> None:
    """Register the open duties of a rule in the scope's framework, and the words of one reminder."""
    SOURCES[rule] = (duties, describe)


def open_duties(*, now: datetime) -> Iterator[Duty]:
    """Of every rule; needs the scope."""
    for duties, _describe in SOURCES.values():
        yield from duties(now)


def due(*, now: datetime) -> dict[int, list[Reminder]]:
    """Person → reminders that are due and not yet made. Needs the scope."""
    today, wanted = clock.london_date(now), []
    for duty in open_duties(now=now):
        step = latest_step(duty.rule, duty.due_on, today, since=duty.since)
        if step is not None:
            wanted.append((duty, step))
    subjects = {duty.subject_id for duty, _step in wanted}
    made = set(
        Reminder.objects.filter(rule__in=SOURCES, subject_id__in=subjects).values_list(
            "rule", "subject_type", "subject_id", "user_id", "step", "due_on"
        )
    )
    found: dict[int, list[Reminder]] = {}
    for duty, step in wanted:
        facts = {"rule": duty.rule, "subject_type": duty.subject_type, "subject_id": duty.subject_id}
        for user in duty.users:
            if (*facts.values(), user, step, duty.due_on) not in made:
                row = Reminder(**facts, user_id=user, step=step, due_on=duty.due_on, reminded_at=now)
                found.setdefault(user, []).append(row)
    return found


def remind(framework: Framework, *, now: datetime) -> int:
    """Write the reminders that are due, and queue one mail for each person. Returns how many people.

    Each batch of people is one transaction of its own: a run that is killed is taken up where it was. Needs the scope,
    outside a transaction.
    """
    with transaction.atomic():
        people = list(due(now=now).items())
    for start in range(0, len(people), BATCH):
        batch = people[start : start + BATCH]
        rows = [row for _user, rows in batch for row in rows]
        for row in rows:
            row.framework = framework
        with transaction.atomic():
            Reminder.objects.bulk_create(rows, ignore_conflicts=True)
            OutgoingEmail.objects.queue_many(
                [mail_to(user, now) for user, _rows in batch], now=now, framework=framework
            )
    return len(people)


def mail_to(user: int, now: datetime) -> Queued:
    """The mail of one run to one person; its text is made from the rows of that moment."""
    return Queued("portal.reminder", user, f"reminder:{user}:{now.isoformat()}", {"at": now.isoformat()})


def plan(framework: Framework, *, now: datetime) -> Job | None:
    """Plan the next run for the next day on which a step falls due; None when nothing is open. Needs the scope."""
    today = clock.london_date(now)
    days = {next_step_day(duty.rule, duty.due_on, max(today, duty.since)) for duty in open_duties(now=now)} - {None}
    if not days:
        return None
    day = min(day for day in days if day)
    moment = datetime.combine(day, MORNING, tzinfo=clock.LONDON)
    return Job.objects.plan(
        KIND, framework=framework, subject_id=framework.pk, run_at=moment.astimezone(UTC), key=f"{KIND}:{day}"
    )


@job(KIND)
def run(planned: Job, now: datetime) -> None:
    """Remind, and plan the next run."""
    framework = Framework.objects.get(pk=planned.framework_id)
    remind(framework, now=now)
    with transaction.atomic():
        plan(framework, now=now)
    doorbell.ring()


def lines_of(email: OutgoingEmail) -> list[Line]:
    """What the mail says at sending: the reminders of its moment that still have something to say."""
    rows = Reminder.objects.filter(user=email.user, reminded_at=datetime.fromisoformat(email.ids["at"]))
    lines = [SOURCES[row.rule][1](row) for row in rows if row.rule in SOURCES]
    return sorted([line for line in lines if line], key=lambda line: (line.due_on, line.what))


@notice("portal.reminder", why=_("You get this message because you can do what it reminds you of."))
def reminder(email):
    """One mail for everything that fell due; nothing is sent when all of it was done meanwhile."""
    lines = lines_of(email)
    if not lines:
        return None
    only = lines[0].href if len(lines) == 1 else reverse("framework", args=[email.framework.slug])
    today = clock.today()
    late = [line for line in lines if line.due_on < today]
    return {
        "lines": lines,
        "count": len(lines),
        "late": len(late),
        "framework": email.framework,
        "link": absolute(only),
    }
