"""Is this installation well? One finding for each thing that can be wrong, each with what to do.

Unlike /readyz, which says whether a process may serve, this looks at everything an operator answers for.
"""

import os
import shutil
import smtplib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

import redis
from cryptography import x509
from django.conf import settings
from django.core.mail import get_connection
from django.db import DatabaseError, connection
from django.db.models import Max

from portal import clock, installation_key, views_health
from portal.models import BankHoliday, Heartbeat, Pause
from portal.seal import SealError

LEAST_FREE = 2_000_000_000  # bytes
CERTIFICATE_NOTICE = timedelta(days=60)
HOLIDAYS_NOTICE = timedelta(days=365)


class State(StrEnum):
    """A finding's weight; only FAIL makes `manage.py doctor` end with status 1."""

    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, and what to do."""

    what: str
    state: State
    words: str
    remedy: str = ""


def database() -> Finding:
    """The serving role answers and could not bypass row-level security."""
    with connection.cursor() as cursor:
        cursor.execute("select current_user, rolsuper or rolbypassrls from pg_roles where rolname = current_user")
        role, unsafe = cursor.fetchone()
    if unsafe:
        return Finding("Database", State.FAIL, f"{role} can bypass the tenants' borders.", "Serve as portal_app.")
    return Finding("Database", State.OK, f"answers {role}, who cannot bypass the tenants' borders")


def migrations() -> Finding:
    """Tables and code fit."""
    waiting = views_health.migrations()["waiting"]
    if waiting:
        return Finding("Tables", State.FAIL, f"{waiting} migrations wait.", "Run `manage.py backup`, then `migrate`.")
    return Finding("Tables", State.OK, "up to date")


def broker() -> Finding:
    """Redis, if it is used."""
    found = views_health.broker()
    return Finding("Redis", State.OK, "answers" if found["configured"] else "not used: a folder carries the messages")


def worker() -> Finding:
    """Something runs the sweep."""
    last = Heartbeat.objects.filter(name="sweep").values_list("at", flat=True).first()
    remedy = "Start worker and beat, or run `manage.py sweep` every minute from cron."
    if last is None:
        return Finding("Worker", State.FAIL, "has never run.", remedy)
    if (clock.now() - last).total_seconds() > settings.READY["PORTAL_OLDEST_HEARTBEAT"]:
        return Finding("Worker", State.FAIL, f"last ran at {last:%Y-%m-%d %H:%M} UTC.", remedy)
    return Finding("Worker", State.OK, f"last ran at {last:%H:%M:%S} UTC")


def mail_server() -> Finding:
    """The mail server takes a connection; nothing is sent."""
    if not settings.CONFIG["PORTAL_EMAIL_URL"]:
        words = f"a trial: mail is kept in {settings.LAYOUT.mail}"
        return Finding("Mail server", State.WARN, words, "Set PORTAL_EMAIL_URL before real people are invited.")
    server = get_connection()
    try:
        server.open()
    except (OSError, smtplib.SMTPException) as error:
        where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
        return Finding("Mail server", State.FAIL, f"{where}: {error}", "Check PORTAL_EMAIL_URL.")
    server.close()
    return Finding("Mail server", State.OK, f"{settings.EMAIL_HOST} answers")


def mail_queue() -> Finding:
    """Mail goes out."""
    found = views_health.mail()
    if found["paused"]:
        since = Pause.objects.get(name=Pause.MAIL)
        return Finding("Mail", State.WARN, f"paused: {since.reason}.", "When ready: `manage.py mail resume`.")
    if not found["ok"]:
        ages = (found["oldest_seconds"], found["unsent_seconds"], found["given_up_seconds"])
        minutes = max(age or 0 for age in ages) // 60
        words = f"one has waited, been tried or lain given up for {minutes} minutes."
        return Finding("Mail", State.FAIL, words, "See worker, mail server and “Health of reminders”.")
    if found["given_up"]:
        return Finding("Mail", State.WARN, f"{found['given_up']} mails were given up.", "See the page of the outbox.")
    return Finding("Mail", State.OK, "nothing waits too long")


def address() -> Finding:
    """People come by https."""
    if settings.PORTAL_INSECURE_LOCALHOST:
        return Finding(
            "Address", State.WARN, f"{settings.PORTAL_URL} is for a trial.", "Set PORTAL_URL to an https address."
        )
    return Finding("Address", State.OK, settings.PORTAL_URL)


def seal_key() -> Finding:
    """The key opens, and its certificate lasts."""
    path = Path(settings.SEAL_PKCS12)
    if not path.exists() and path.is_relative_to(settings.LAYOUT.seal):
        return Finding("Seal", State.OK, "its key is made when it is first needed")
    certificate = x509.load_pem_x509_certificate(installation_key.certificate_pem(path))
    until = certificate.not_valid_after_utc
    if until - clock.now() < CERTIFICATE_NOTICE:
        return Finding("Seal", State.FAIL, f"its certificate ends on {until:%Y-%m-%d}.", "Get a new one in time.")
    if certificate.issuer == certificate.subject:
        return Finding(
            "Seal",
            State.WARN,
            "self-made: PDF readers say “unknown issuer”.",
            "Set PORTAL_SEAL_PKCS12 to a bought one.",
        )
    return Finding("Seal", State.OK, f"certificate until {until:%Y-%m-%d}")


def files() -> Finding:
    """Files can be kept."""
    folder = settings.LAYOUT.files
    if not os.access(folder, os.W_OK):
        return Finding("Files", State.FAIL, f"{folder} cannot be written.", "Give this account the folder.")
    free = shutil.disk_usage(folder).free
    words = f"{free / 1e9:.1f} GB free in {folder}"
    if free < LEAST_FREE:
        return Finding("Files", State.FAIL, words, "Make room.")
    return Finding("Files", State.OK, words)


def holidays() -> Finding:
    """The table of bank holidays reaches far enough for yearly reviews (READ-8)."""
    last = BankHoliday.objects.aggregate(last=Max("date"))["last"]
    if last is None or last - clock.today() < HOLIDAYS_NOTICE:
        words = f"known until {last}." if last else "none are known."
        return Finding("Bank holidays", State.WARN, words, "Install a newer version: later dates are provisional.")
    return Finding("Bank holidays", State.OK, f"known until {last}")


CHECKS: tuple[Callable[[], Finding], ...] = (
    database, migrations, broker, worker, mail_server, mail_queue, address, seal_key, files, holidays,
)  # fmt: skip


def examine() -> Iterator[Finding]:
    """Every finding; what cannot even be asked is a failure."""
    for check in CHECKS:
        try:
            yield check()
        except (DatabaseError, redis.RedisError, SealError, OSError, ValueError) as error:
            name = check.__name__.replace("_", " ").capitalize()
            yield Finding(name, State.FAIL, f"{type(error).__name__}: {error}".strip(), "See docs/operating.md.")
