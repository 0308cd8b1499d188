"""Reminders to very many people through a Celery worker that is killed by -9: none lost, counted at the mail server."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction

from portal import clock, tenancy
from portal.embedded.layout import PROJECT, Layout
from portal.embedded.lifeline import die_with_parent
from portal.embedded.mailsink import MailSink
from portal.models import Framework, Job, Membership, OutgoingEmail, Reminder, User
from portal.models.outbox import BATCH
from portal.permissions import Role
from portal.reminders import KIND
from signatories.models import Authority
from tests.builders import make_framework, make_member, make_protocol, make_version
from tests.journeys.server import with_name

WITHIN = 900.0  # seconds in which half of the mails must be out, on a busy machine


class Campaign:
    """A framework in which so many people of one party must be reminded, a mail server, and a worker."""

    def __init__(self, folder: Path, database: str, *, people: int, broker: str) -> None:
        self.layout = Layout(folder / "var")
        self.layout.make()
        self.sink = MailSink(self.layout.mail)
        self.people, self.broker, self.database = people, broker, database
        self.framework = make_framework()
        self.worker: subprocess.Popen | None = None

    # --- what is there

    def gather(self) -> None:
        """An open version whose deadline is today, and the people who can sign for one of its parties."""
        secretary, now = make_member(self.framework, Role.SECRETARY), clock.now()
        today = clock.london_date(now)
        with self.scope():
            version = make_version(
                make_protocol(self.framework), status="open-for-signature", parties=1, now=now - timedelta(days=40),
                sign_by=today, effective_on=today + timedelta(days=30),
            )  # fmt: skip
            party = version.parties.get()
            users = User.objects.bulk_create(
                User(email=f"signer{n}@example.org", full_name=f"Signer {n}", password="!") for n in range(self.people)
            )
            common = {"framework": self.framework, "organisation": party.organisation}
            Membership.objects.bulk_create(
                Membership(**common, user=user, role=Role.REPRESENTATIVE, started_at=now) for user in users
            )
            Authority.objects.bulk_create(
                Authority(
                    **common, user=user, capacity="Director", granted_by="Ada Marsh", scope="All",
                    valid_from=today - timedelta(days=60), recorded_by=secretary, recorded_at=now,
                )
                for user in users
            )  # fmt: skip
            Job.objects.plan(
                KIND, framework=self.framework, subject_id=self.framework.pk, run_at=now, key=f"{KIND}:{today}"
            )

    def scope(self):
        """The framework's, in a transaction."""
        return _Both(self.framework)

    def made(self) -> int:
        """Reminders that are there."""
        with self.scope():
            return Reminder.objects.count()

    def unsent(self) -> int:
        """Mails that wait or are being sent."""
        with self.scope():
            return OutgoingEmail.objects.filter(status__in=["queued", "sending"]).count()

    def arrived(self) -> int:
        """Messages at the mail server."""
        return sum(name.endswith(".eml") for name in os.listdir(self.sink.folder))

    # --- the worker

    def start(self) -> None:
        """One worker; it sweeps as soon as it is ready."""
        kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "TZ") if key in os.environ}
        with (self.layout.log / "worker.log").open("ab") as log:
            self.worker = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "portal", "worker", "--pool", "solo", "--loglevel", "WARNING",
                 "--without-gossip", "--without-mingle"],
                cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                preexec_fn=die_with_parent(signal.SIGKILL),
                env=kept | {
                    "PORTAL_HOME": str(self.layout.home),
                    "PORTAL_URL": "http://localhost:8000",
                    "PORTAL_SECRET_KEY": settings.SECRET_KEY,
                    "PORTAL_EMAIL_URL": self.sink.url,
                    "DATABASE_URL": with_name(os.environ["DATABASE_URL"], self.database),
                    "REDIS_URL": self.broker,
                    "DJANGO_SETTINGS_MODULE": "portal.settings",
                },
            )  # fmt: skip

    def kill(self) -> None:
        """kill -9."""
        assert self.worker is not None
        with suppress(ProcessLookupError):
            os.kill(self.worker.pid, signal.SIGKILL)
        self.worker.wait()

    def until(self, condition: Callable[[], bool], pause: float = 0.25) -> None:
        """Wait; AssertionError with what the worker said when it takes too long or the worker ends by itself."""
        deadline = time.monotonic() + WITHIN
        while not condition():
            assert self.worker is not None
            assert self.worker.poll() is None, f"The worker ended.\n{self.said()}"
            assert time.monotonic() < deadline, f"Not within {WITHIN} s.\n{self.said()}"
            time.sleep(pause)

    def said(self) -> str:
        """The end of what the worker said."""
        return (self.layout.log / "worker.log").read_text(errors="replace")[-4000:]

    def let_leases_run_out(self) -> None:
        """As if the five minutes had passed in which what the dead worker had claimed is nobody else's."""
        past = clock.now() - timedelta(seconds=1)
        with self.scope():
            OutgoingEmail.objects.filter(status="sending").update(lease_until=past)
            Job.objects.filter(done_at=None).exclude(lease_until=None).update(lease_until=past)


class _Both:
    """Scope and transaction."""

    def __init__(self, framework: Framework) -> None:
        self.parts = [tenancy.scope(framework.pk), transaction.atomic()]

    def __enter__(self):
        for part in self.parts:
            part.__enter__()

    def __exit__(self, *error):
        for part in reversed(self.parts):
            part.__exit__(*error)


def run(folder: Path, database: str, *, people: int, broker: str = "", say: Callable[[str], None]) -> dict:
    """Kill the worker while it writes the reminders, and when half of the mails are out. Returns figures."""
    campaign = Campaign(folder, database, people=people, broker=broker)
    campaign.gather()
    with campaign.sink:
        bare = bare_rate(campaign.sink, min(people, 1000))
        campaign.sink.clear()
        try:
            campaign.start()
            campaign.until(lambda: campaign.made() > 0, 0.005)
            campaign.kill()
            say(f"killed with {campaign.made()} reminders written, {campaign.arrived()} mails arrived")
            campaign.let_leases_run_out()
            campaign.start()
            campaign.until(lambda: campaign.arrived() >= people // 2)
            campaign.kill()
            half, began = campaign.arrived(), time.monotonic()
            say(f"killed with {half} mails arrived, {campaign.unsent()} to go")
            campaign.let_leases_run_out()
            campaign.start()
            campaign.until(lambda: campaign.arrived() > half)  # it has started
            began, half = time.monotonic(), campaign.arrived()
            campaign.until(lambda: campaign.made() >= people and campaign.unsent() == 0)
            rate = (campaign.arrived() - half) / (time.monotonic() - began)
        finally:
            campaign.kill()
        counted = campaign.sink.by_message_id()
        recipients = {str(message["X-Envelope-To"]) for message in campaign.sink.messages()}
    with campaign.scope():
        states = set(OutgoingEmail.objects.values_list("status", flat=True))
        queued = OutgoingEmail.objects.count()
    return {
        "people": people, "reminders": campaign.made(), "mails": queued, "states": states, "messages": len(counted),
        "recipients": len(recipients), "twice": sum(counted.values()) - len(counted), "kills": 2,
        "per_second": round(rate), "bare_per_second": round(bare),
    }  # fmt: skip


def bare_rate(sink: MailSink, how_many: int) -> float:
    """Messages each second of nothing but SMTP, in batches of 50 over one connection, to the same server."""
    began = time.monotonic()
    for start in range(0, how_many, BATCH):
        with get_connection("django.core.mail.backends.smtp.EmailBackend", host="127.0.0.1", port=sink.port) as server:
            for n in range(start, min(start + BATCH, how_many)):
                EmailMessage("Bare", "Nothing.", to=[f"bare{n}@example.org"], connection=server).send()
    return how_many / (time.monotonic() - began)
