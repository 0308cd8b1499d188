"""Health of reminders in one framework: what waits, what failed, who is passed over, what comes next; and trying again.

Acts are one transaction each, recorded in the ledger. Everything needs the framework's scope.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Min, Q
from django.utils.translation import gettext as _

from portal import reminders
from portal.chain import Chain
from portal.errors import StateError
from portal.ladders import Level, Occurrence, Timing, latest, next_run, step_words
from portal.models import AuditEvent, Framework, Heartbeat, Job, OutgoingEmail, Pause, Reminder, Skipped, User
from portal.templatetags.dates import longdate

MOST = 50  # rows of one table
NEXT = 20
STATES = OutgoingEmail.Status
NOT_ARRIVED = [STATES.DEAD, STATES.BOUNCED]


@dataclass(frozen=True, slots=True)
class Coming:
    """A reminder that comes next. step: in words. people: how many are told."""

    at: datetime
    step: str
    line: reminders.Line
    people: int


def mail_counts(framework: Framework) -> dict:
    """How many mails wait, past which moment and since when, how many of them failed once, were given up, came back."""
    waiting = Q(status__in=[STATES.QUEUED, STATES.SENDING])
    return OutgoingEmail.objects.filter(framework=framework).aggregate(
        waiting=Count("pk", filter=waiting),
        oldest=Min("next_attempt_at", filter=waiting),
        unsent=Min("queued_at", filter=waiting),
        failed=Count("pk", filter=waiting & ~Q(last_error="")),
        dead=Count("pk", filter=Q(status=STATES.DEAD)),
        bounced=Count("pk", filter=Q(status=STATES.BOUNCED)),
    )


def last_sweep() -> datetime | None:
    """When the sweep last began."""
    return Heartbeat.objects.filter(name="sweep").values_list("at", flat=True).first()


def paused() -> Pause | None:
    """The operator's pause of all mail, if there is one."""
    return Pause.objects.filter(name=Pause.MAIL).first()


def not_arrived(framework: Framework):
    """Mails that were given up or came back, the newest first."""
    found = OutgoingEmail.objects.filter(framework=framework, status__in=NOT_ARRIVED)
    return found.select_related("user").order_by("-queued_at", "-pk")[:MOST]


def failed_jobs(framework: Framework):
    """Planned work that failed and is not done, given up or not."""
    return (
        Job.objects.filter(framework=framework, done_at__isnull=True).exclude(last_error="").order_by("due_at")[:MOST]
    )


def passed_over(framework: Framework):
    """People whom reminders pass over now."""
    found = Skipped.objects.filter(framework=framework, cleared_at__isnull=True)
    return found.select_related("user", "organisation")[:MOST]


def coming(framework: Framework, reader: User, *, now: datetime) -> list[Coming]:
    """The next reminders about what the reader may see, soonest first."""
    chain, found = Chain.of(framework), []
    for duty in reminders.open_duties(chain, now=now):
        at = next_run(duty.rule, duty.timing, now, paces=())
        step = latest(duty.rule, duty.timing, at) if at else None
        if at and step:
            found.append((at, duty, step))
    found = sorted(found, key=lambda row: (row[0], row[1].rule, row[1].subject_id))[:NEXT]
    lines: dict[tuple[str, int], reminders.Line] = {}
    for subject_type, (_of, describe) in reminders.SOURCES.items():
        rows = [
            Reminder(framework=framework, user=reader, subject_type=subject_type, subject_id=duty.subject_id,
                     told_as=Level.FRAMEWORK)
            for _when, duty, _name in found if duty.subject_type == subject_type
        ]  # fmt: skip
        lines |= {(subject_type, pk): line for pk, line in (describe(rows) if rows else {}).items()}
    return [
        Coming(
            at,
            words_of(step, duty.timing),
            lines[duty.subject_type, duty.subject_id],
            len(duty.told(chain, step.level)),
        )
        for at, duty, step in found
        if (duty.subject_type, duty.subject_id) in lines
    ]


def words_of(step: Occurrence, timing: Timing) -> str:
    """A step in words; one that counts back from an earlier date than the deadline's names that date (READ-8, READ-12)."""
    words, day = step_words(step.name), timing.warn_on
    if day is None or day >= timing.due_on or not step.step.counts_back:
        return words
    return _("%(step)s (warnings work towards %(day)s)") % {"step": words, "day": longdate(day)}


@transaction.atomic
def retry_mail(mail: OutgoingEmail, *, by: User, now: datetime) -> None:
    """Try one again that was given up or came back; its recipient is passed over no more unless it comes back again."""
    if not mail.retry(now=now):
        raise StateError(_("This message waits already, or it has arrived."), _("Look at the page again."))
    if mail.user_id:
        Skipped.objects.filter(user=mail.user_id, reason=Skipped.Reason.BOUNCED, cleared_at__isnull=True).update(
            cleared_at=now
        )
    AuditEvent.objects.record("portal.mail:retried", mail.framework, by=by, now=now, mail=mail.pk)


@transaction.atomic
def retry_job(job: Job, *, by: User, now: datetime) -> None:
    """Try planned work again that was given up."""
    if not job.retry(now=now):
        raise StateError(_("This work is done already, or it is tried again by itself."), _("Look at the page again."))
    AuditEvent.objects.record("portal.job:retried", job.framework, by=by, now=now, job=job.pk, kind=job.kind)
