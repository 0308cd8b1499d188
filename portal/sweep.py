"""One pass over everything that is due and not done. Safe at any time, twice, and by several workers at once."""

import smtplib
from contextlib import nullcontext

import structlog
from django.core.mail import EmailMessage, get_connection
from django.db import connection, transaction

from portal import bounces, clock, ledger, notices, tenancy
from portal.jobs import JOBS
from portal.models import Heartbeat, Job, OutgoingEmail, Reminder, SignIn

log = structlog.get_logger(__name__)
LOOKS = 8


def due_work(now) -> list[int | None]:
    """Ids of frameworks with due jobs or mails; None is the installation."""
    with connection.cursor() as cursor:
        cursor.execute("select framework_id from due_work(%s)", [now])
        return [row[0] for row in cursor.fetchall()]


def sweep(*, now=None) -> dict[str, int]:
    """Run what is due, send what is queued, seal the ledger, forget ended sessions. Returns what was done, counted.

    now: only for commands and tests; otherwise each step reads the clock, since a pass can be long.
    """
    done = {"jobs": 0, "sent": 0, "failed": 0}
    Heartbeat.objects.beat("sweep", now=now or clock.now())
    seen: set[int | None] = set()
    # jobs queue mails, and a mail that comes back has the next contact told: look until nothing is left, but not for ever
    for _look in range(LOOKS):
        found = due_work(now or clock.now())
        if not found:
            break
        for framework in found:
            seen.add(framework)
            with tenancy.installation() if framework is None else tenancy.scope(framework):
                if framework is not None:
                    run_jobs(done, now=now)
                send_mails(done, now=now)
    ledger.seal(now=now or clock.now())
    SignIn.objects.forget_ended(now or clock.now())
    return done


def run_jobs(done, *, now=None):
    """Run the due jobs of the current scope, each on its own: one bad row never stops the others."""
    while jobs := Job.objects.claim(now=now or clock.now()):
        for job in jobs:
            try:
                JOBS[job.kind](job, now or clock.now())
            except Exception as error:  # the border of a unit of work: whatever went wrong, it is tried again
                log.exception("job.failed", job=job.pk, kind=job.kind)
                job.mark_failed(error=f"{type(error).__name__}: {error}", now=now or clock.now())
                done["failed"] += 1
            else:
                job.mark_done(now=now or clock.now())
                done["jobs"] += 1


def send_mails(done, *, now=None):
    """Send the due mails of the current scope over one connection, marking each row after its own send."""
    while mails := OutgoingEmail.objects.claim(now=now or clock.now()):
        rendered = rendered_together(mails)
        with open_mail_server() as server:
            for mail in mails:
                deliver(mail, server, done, rendered, now=now)


def rendered_together(mails) -> dict[int, EmailMessage | None]:
    """The messages of one batch, made in one transaction; empty when one of them cannot be made, and then each is made
    by itself, so that it fails alone."""
    try:
        with transaction.atomic():
            return {mail.pk: notices.render(mail) for mail in mails}
    except Exception:  # noqa: BLE001  whatever went wrong shows again, beside its own mail
        return {}


def open_mail_server():
    """A connection to the mail server; each mail copes with its failure, so opening never raises."""
    server = get_connection()
    try:
        server.open()
    except (OSError, smtplib.SMTPException):
        return nullcontext(server)
    return server


def deliver(mail, server, done, rendered, *, now=None):
    """Send one claimed mail outside any transaction, then mark it."""
    try:
        if mail.pk in rendered:
            message = rendered[mail.pk]
        else:
            with transaction.atomic():
                message = notices.render(mail)
        if message is None:
            mail.mark_dropped()
            return
        message.connection = server
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        refused_for_good(mail, code, words, now=now)
        done["failed"] += 1
    except smtplib.SMTPResponseException as error:
        refused_for_good(mail, error.smtp_code, error.smtp_error, now=now)
        done["failed"] += 1
    except Exception as error:  # noqa: BLE001  the border of a unit of work: whatever went wrong, it is tried again
        log.warning("outbox.failed", mail=mail.pk, kind=mail.kind, error=type(error).__name__)
        mail.mark_failed(error=f"{type(error).__name__}: {error}", now=now or clock.now())
        done["failed"] += 1
    else:
        mail.mark_sent(now=now or clock.now())
        done["sent"] += 1


def refused_for_good(mail, code, words, *, now=None):
    """5xx is a bounce: whoever is next in the chain is told in the same sweep. Anything else may work later."""
    error = f"{code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"
    if code >= 500:
        with transaction.atomic():
            mail.mark_bounced(error=error)
            if mail.framework_id and mail.user_id:
                Reminder.plan_run(mail.framework_id, run_at=now or clock.now())
                bounces.run(mail, now=now or clock.now())
    else:
        mail.mark_failed(error=error, now=now or clock.now())
