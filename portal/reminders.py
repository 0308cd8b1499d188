"""Reminders: what is due and not yet reminded (READ-11), as rows; one mail for each person, however much there is.

The app that knows a duty registers it (`register`); deadlines are registered already (portal.deadline_reminders). A run
looks at the latest step of each ladder that has come, never at "exactly today": after an outage a person gets one mail
with what is true now, not one for each day that was missed.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal import clock, doorbell, skips
from portal.chain import ARRIVED, Chain, Sees, everything
from portal.jobs import job
from portal.ladders import Level, Occurrence, Pace, Timing, latest, next_run
from portal.models import Framework, Job, OutgoingEmail, Reminder
from portal.models.outbox import Queued
from portal.models.reminder import RUN
from portal.notices import absolute, notice
from portal.permissions import Perm
from portal.templatetags.dates import longdate, longdatetime

BATCH = 500  # people in one transaction
MOST_CARRIED = 100  # earlier mails that one can carry
KIND = RUN
States = OutgoingEmail.Status
CARRYING = {States.QUEUED, States.SENDING, *ARRIVED}


@dataclass(frozen=True, slots=True)
class Duty:
    """Something with a date that people are reminded of. owners: ids of those who can do it, found by permission.
    organisation: the one that owes it; its chain of contacts is told when they cannot be, or too late."""

    rule: str
    subject_type: str
    subject_id: int
    timing: Timing
    owners: tuple[int, ...]
    organisation: int | None = None
    perm: Perm | None = None  # what the owners are found by, if it is a permission alone
    sees: Sees = everything  # whether a person may see what it is about

    def told(self, chain: Chain, level: Level, *, already: frozenset[int] = frozenset()) -> dict[int, Level]:
        """Person → as what they are told of a step that reaches up to a level. already: who was told of it; whether
        they may see it is not asked again."""

        def sees(user: int) -> bool:
            return user in already or self.sees(user)

        return chain.told(self.owners, level, organisation=self.organisation, perm=self.perm, sees=sees)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the mail. what: without any confidential word. href: path of the page where it is done. timed: it is
    due at a moment, not in the course of a day."""

    what: str
    due_at: datetime
    href: str
    timed: bool = False
    told_as: Level = Level.OWNER

    @property
    def role(self) -> str:
        """Why it is told to this person, when they are not the first to be told."""
        return str(TOLD_AS.get(self.told_as, ""))

    @property
    def due(self) -> str:
        """When, in words."""
        return longdatetime(self.due_at) if self.timed else longdate(self.due_at)


TOLD_AS = {
    Level.DEPUTY: _("told to you as deputy"),
    Level.ORGANISATION: _("told to you as administrator of the organisation"),
    Level.FRAMEWORK: _("told to you as administrator of the framework"),
}
Duties = Callable[[Chain, datetime], Iterable[Duty]]
#: id of the subject → what the reminders of one person say of it now; nothing of what is done or may not be seen any more
Describe = Callable[[list[Reminder]], dict[int, Line]]
SOURCES: dict[str, tuple[Duties, Describe]] = {}


def register(subject_type: str, duties: Duties, describe: Describe) -> None:
    """Register the open duties about one kind of subject in the scope's framework, and the words of their reminders."""
    SOURCES[subject_type] = (duties, describe)


def open_duties(chain: Chain, *, now: datetime) -> Iterator[Duty]:
    """Of every source; needs the scope."""
    for duties, _describe in SOURCES.values():
        yield from duties(chain, now)


def come(chain: Chain, duties: Iterable[Duty], *, now: datetime) -> Iterator[tuple[Duty, Occurrence, frozenset[Pace]]]:
    """(duty, step, paces) of every step that has come last: people at one of the paces are told of it."""
    paces = sorted(set(chain.paces.values()))
    for duty in duties:
        steps: dict[Occurrence, set[Pace]] = {}
        for pace in paces:
            step = latest(duty.rule, duty.timing, now, pace=pace)
            if step is not None:
                steps.setdefault(step, set()).add(pace)
        for step, of_paces in steps.items():
            yield duty, step, frozenset(of_paces)


def already_made(steps: list[tuple[Duty, Occurrence, frozenset[Pace]]]) -> dict[tuple, set[int]]:
    """(kind, subject, rule, step, date) → who was told of it: one statement."""
    if not steps:
        return {}
    rows = Reminder.objects.filter(
        subject_type__in={duty.subject_type for duty, _step, _paces in steps},
        subject_id__in={duty.subject_id for duty, _step, _paces in steps},
        step__in={step.name for _duty, step, _paces in steps},
    )
    made: dict[tuple, set[int]] = {}
    for *key, user in rows.values_list("subject_type", "subject_id", "rule", "step", "due_on", "user_id"):
        made.setdefault(tuple(key), set()).add(user)
    return made


def due(
    framework: Framework, *, now: datetime, chain: Chain | None = None, duties: list[Duty] | None = None
) -> dict[int, list[Reminder]]:
    """Person → reminders that are due and not yet made. Needs the scope; the statements do not grow with the duties, and
    what people may see is asked only of those who were not yet told. chain, duties: if they were read already."""
    chain = chain or Chain.of(framework)
    steps = list(come(chain, open_duties(chain, now=now) if duties is None else duties, now=now))
    made = already_made(steps)
    found: dict[int, list[Reminder]] = {}
    for duty, step, paces in steps:
        key = (duty.subject_type, duty.subject_id, duty.rule, step.name, duty.timing.due_on)
        already = frozenset(made.get(key, ()))
        for user, level in duty.told(chain, step.level, already=already).items():
            if user in already or chain.pace(user) not in paces:
                continue
            found.setdefault(user, []).append(
                Reminder(
                    framework=framework,
                    rule=duty.rule,
                    subject_type=duty.subject_type,
                    subject_id=duty.subject_id,
                    user_id=user,
                    step=step.name,
                    due_on=duty.timing.due_on,
                    told_as=level,
                    reminded_at=now,
                )
            )
    return found


def remind(framework: Framework, *, now: datetime) -> int:
    """Write the reminders that are due, and queue one mail for each person. Returns how many people.

    Each batch of people is one transaction of its own: a run that is killed is taken up where it was. Needs the scope,
    outside a transaction.
    """
    return len(reminded(framework, now=now)[0])


def reminded(framework: Framework, *, now: datetime) -> tuple[list[int], Chain, list[Duty]]:
    """The same; gives the people, and what was read."""
    with transaction.atomic():
        chain = Chain.of(framework)
        duties = list(open_duties(chain, now=now))
        people = list(due(framework, now=now, chain=chain, duties=duties).items())
        skips.record(framework, chain, now=now)
    for start in range(0, len(people), BATCH):
        batch = people[start : start + BATCH]
        with transaction.atomic():
            Reminder.objects.bulk_create([row for _user, rows in batch for row in rows], ignore_conflicts=True)
            OutgoingEmail.objects.queue_many(
                [mail_to(user, now) for user, _rows in batch], now=now, framework=framework
            )
    return [user for user, _rows in people], chain, duties


def mail_to(user: int, now: datetime) -> Queued:
    """The mail of one run to one person; its text is made from the rows of that moment."""
    return Queued("portal.reminder", user, f"reminder:{user}:{now.isoformat()}", {"at": now.isoformat()})


def plan(
    framework: Framework, *, now: datetime, chain: Chain | None = None, duties: list[Duty] | None = None
) -> Job | None:
    """Plan the next run for the next moment at which a step is told; None when nothing is open. Needs the scope.

    chain, duties: if they were read already; what started since has planned a run of its own."""
    chain = chain or Chain.of(framework)
    paces = set(chain.paces.values())
    found = open_duties(chain, now=now) if duties is None else duties
    moments = [next_run(duty.rule, duty.timing, now, paces=paces) for duty in found]
    moment = min((moment for moment in moments if moment), default=None)
    return Reminder.plan_run(framework.pk, run_at=moment) if moment else None


@job(KIND)
def run(planned: Job, now: datetime) -> None:
    """Remind, and plan the next run."""
    framework = Framework.objects.get(pk=planned.framework_id)
    _people, chain, duties = reminded(framework, now=now)
    with transaction.atomic():
        plan(framework, now=now, chain=chain, duties=duties)
    doorbell.ring()


def carried(email: OutgoingEmail) -> list[datetime]:
    """The moments of the runs that this mail tells of: its own, and earlier ones whose mails never arrived, since a mail
    server can be away for days. Nothing when a newer mail carries them: one digest for each person (READ-11)."""
    of_person = OutgoingEmail.objects.filter(framework=email.framework, user=email.user, kind=email.kind)
    found: list[datetime] = []
    for pk, status, at in of_person.order_by("-pk").values_list("pk", "status", "ids__at")[:MOST_CARRIED]:
        if pk > email.pk and status in CARRYING:
            return []
        if pk < email.pk and status in ARRIVED:
            break
        if pk == email.pk or status != States.BOUNCED:  # what came back was told to the next contact
            found.append(datetime.fromisoformat(at))
    return found


def lines_of(email: OutgoingEmail) -> list[Line]:
    """What the mail says at sending: the reminders of its moments that still have something to say, overdue and shortest
    first, and of each subject the last one."""
    made = Reminder.objects.filter(user=email.user, reminded_at__in=carried(email))
    last = {(row.subject_type, row.subject_id, row.rule): row for row in made.select_related("user").order_by("pk")}
    rows: dict[str, list[Reminder]] = {}
    for row in last.values():
        rows.setdefault(row.subject_type, []).append(row)
    lines = []
    for kind, found in rows.items():
        said = SOURCES[kind][1](found) if kind in SOURCES else {}
        lines += [replace(said[row.subject_id], told_as=Level(row.told_as)) for row in found if row.subject_id in said]
    return sorted(lines, key=lambda line: (line.due_at, line.what))


@notice(
    "portal.reminder",
    why=_("You get this message because you can do what it reminds you of, or because you are the next to be told."),
)
def reminder(email):
    """One mail for everything that fell due; nothing is sent when all of it was done meanwhile."""
    lines = lines_of(email)
    if not lines:
        return None
    only = lines[0].href if len(lines) == 1 else reverse("framework", args=[email.framework.slug])
    now = clock.now()
    late = [line for line in lines if line.due_at < now]
    return {
        "lines": lines,
        "count": len(lines),
        "late": len(late),
        "framework": email.framework,
        "link": absolute(only),
    }
