"""Reminders when things break, with the real parts: a process killed by -9 in the middle of a send, a Redis that is gone, a
mail server that refuses, is slow or sends mail back. Nothing is lost; duplicates at most as many as kills during a send."""

import os
import signal
import socket
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import transaction

from portal import clock, deputies, tenancy
from portal.embedded.layout import PROJECT
from portal.embedded.mailsink import MailSink
from portal.models import Deadline, Job, OutgoingEmail, Reminder, Skipped
from portal.models.outbox import LEASE
from portal.permissions import Role
from portal.sweep import sweep
from protocols.models import Version
from tests.builders import NOW, make_framework, make_member, make_organisation, make_party, make_protocol
from tests.journeys.server import with_name


@pytest.fixture
def sink(tmp_path, settings):
    """A real mail server, and real SMTP."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with MailSink(tmp_path / "mail") as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


class Body:
    """An organisation in which somebody of each place of the chain can be told of one breach."""

    def __init__(self, now, drafters=1):
        self.framework = make_framework()
        self.body = make_organisation("Borough of Anytown", self.framework)
        self.owners = [make_member(self.framework, Role.DRAFTER, self.body) for _ in range(drafters)]
        self.deputy = make_member(self.framework, Role.VIEWER, self.body)
        self.admin = make_member(self.framework, Role.ORGANISATION_ADMIN, self.body)
        self.chief = make_member(self.framework, Role.FRAMEWORK_ADMIN)
        with self.scope():
            deputies.name(self.framework, self.body, self.owners[0], self.deputy, by=None, now=now)
            protocol = make_protocol(self.framework, lead=self.body)
            facts = {"framework": self.framework, "protocol": protocol, "status": "in-force", "circulated_at": now}
            make_party(Version.objects.create(**facts), self.body)
            Deadline.objects.start(
                "breach.report", protocol, framework=self.framework, start=now, now=now, nation="england-and-wales",
                owner=self.body,
            )  # fmt: skip

    def scope(self):
        """Scope and transaction."""
        return _Both(self.framework)

    def states(self) -> dict[str, list[str]]:
        """Kind of mail → states."""
        found: dict[str, list[str]] = {}
        with self.scope():
            for kind, status in OutgoingEmail.objects.order_by("pk").values_list("kind", "status"):
                found.setdefault(kind, []).append(status)
        return found


class _Both:
    def __init__(self, framework):
        self.parts = [tenancy.scope(framework.pk), transaction.atomic()]

    def __enter__(self):
        for part in self.parts:
            part.__enter__()

    def __exit__(self, *error):
        for part in reversed(self.parts):
            part.__exit__(*error)


def recipients(sink) -> list[str]:
    """Who got something, oldest first."""
    return [str(message["X-Envelope-To"]) for message in sink.messages()]


def test_mail_that_comes_back_reaches_the_next_contact_in_the_same_sweep(own_database, sink, time_machine):
    """The owner's server refuses for good: one sweep reminds the deputy and tells the organisation's administrator."""
    time_machine.move_to(NOW, tick=False)
    body = Body(NOW)
    owner = body.owners[0]
    sink.treat(owner.email, refuse="550 5.1.1 No such person here")
    sweep(now=NOW)
    assert body.states() == {"portal.reminder": ["bounced", "sent"], "portal.skipped": ["sent"]}
    assert sorted(recipients(sink)) == sorted([body.deputy.email, body.admin.email])
    assert sink.attempts(owner.email) == 1
    sweep(now=NOW + timedelta(minutes=1))
    assert len(sink.messages()) == 2


def test_one_after_the_other_comes_back(own_database, sink, time_machine):
    """Owner, deputy and the organisation's administrator are gone: the framework's administrator hears in the same sweep."""
    time_machine.move_to(NOW, tick=False)
    body = Body(NOW)
    for person in (*body.owners, body.deputy, body.admin):
        sink.treat(person.email, bounce="554 5.7.1 Not here")
    sweep(now=NOW)
    assert set(recipients(sink)) == {body.chief.email}
    subjects = sorted(str(message["Subject"]) for message in sink.messages(body.chief.email))
    assert any("Prepare and distribute the report" in subject for subject in subjects)
    with body.scope():
        assert Skipped.objects.filter(cleared_at__isnull=True).count() >= 2


def test_a_server_that_is_away_loses_nothing(own_database, sink, settings, time_machine):
    """Refused connections for an hour: everything waits, then each arrives once."""
    time_machine.move_to(NOW, tick=False)
    body, port = Body(NOW, drafters=5), settings.EMAIL_PORT
    settings.EMAIL_PORT = 1
    for minute in range(0, 60, 10):
        assert sweep(now=NOW + timedelta(minutes=minute))["sent"] == 0
    assert body.states() == {"portal.reminder": ["queued"] * 5}
    settings.EMAIL_PORT = port
    sweep(now=NOW + timedelta(hours=2))
    assert sorted(recipients(sink)) == sorted(person.email for person in body.owners)


def test_a_server_that_is_away_for_a_week_ends_with_one_digest(own_database, sink, settings, time_machine):
    """The first mails are given up, and the next step queues others: everybody gets one mail, with everything that is open
    still (READ-11), and trying the old ones again sends nothing twice."""
    body, port, moment = Body(NOW, drafters=2), settings.EMAIL_PORT, NOW
    with body.scope():
        done_soon = Deadline.objects.start(
            "indemnity.response", Deadline.objects.get().subject, framework=body.framework, start=NOW, now=NOW,
            nation="england-and-wales", owner=body.body,
        )  # fmt: skip
    settings.EMAIL_PORT = 1
    while moment < NOW + timedelta(days=8):
        time_machine.move_to(moment, tick=False)
        assert sweep(now=moment)["sent"] == 0
        moment += timedelta(hours=6)
        with body.scope():
            done_soon.meet(by=None, now=moment)
    assert sorted(body.states()["portal.reminder"]) == ["dead", "dead", "queued", "queued"]
    settings.EMAIL_PORT = port
    time_machine.move_to(moment, tick=False)
    sweep(now=moment)
    assert sorted(recipients(sink)) == sorted(person.email for person in body.owners)
    with body.scope():
        for mail in OutgoingEmail.objects.filter(status="dead"):
            mail.retry(now=moment)
    sweep(now=moment)
    assert len(sink.messages()) == 2
    assert all(str(message.get_content()).count("\n- ") == 1 for message in sink.messages())
    assert sorted(body.states()["portal.reminder"]) == ["dropped", "dropped", "sent", "sent"]
    with body.scope():
        steps = Reminder.objects.filter(rule="breach.report").order_by("pk").values_list("step", flat=True)
        assert set(steps) == {"at-once", "1-week-before"}


def test_a_slow_or_busy_server_holds_up_nobody_else(own_database, sink, time_machine):
    """One recipient is answered late, one is told to come later: the others are sent in the same sweep."""
    time_machine.move_to(NOW, tick=False)
    body = Body(NOW, drafters=4)
    sink.treat(body.owners[0].email, delay=1.0)
    sink.treat(body.owners[1].email, refuse="451 4.2.1 Try later")
    done = sweep(now=NOW)
    assert (done["sent"], done["failed"]) == (3, 1)
    sink.treat(body.owners[1].email)
    sweep(now=NOW + timedelta(minutes=5))
    assert sorted(recipients(sink)) == sorted(person.email for person in body.owners)


@pytest.mark.server
def test_killed_in_the_middle_of_a_send(own_database, sink, tmp_path):
    """`manage.py sweep` is killed by -9 twice, while a recipient is answered slowly and just when a message has
    arrived: everybody gets the reminder; second copies at most as many as kills."""
    body = Body(clock.now(), drafters=12)
    kills = 0
    for person in (body.owners[2], None):
        before = len(sink.messages())
        if person:
            sink.treat(person.email, delay=30)
        process = start_sweep(own_database, sink, tmp_path)
        until(
            lambda person=person: sink.attempts(person.email) > 0 if person else len(sink.messages()) > before,  # noqa: B023
            process,
        )
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        kills += 1
        if person:
            sink.treat(person.email)
        let_leases_run_out(body)
    assert start_sweep(own_database, sink, tmp_path).wait(timeout=120) == 0
    counted = sink.by_message_id()
    assert set(recipients(sink)) == {person.email for person in body.owners}
    assert len(counted) == len(body.owners)
    assert sum(counted.values()) - len(counted) <= kills
    assert body.states() == {"portal.reminder": ["sent"] * 12}
    with body.scope():
        assert Reminder.objects.count() == 12


def test_redis_is_gone(own_database, sink, tmp_path, time_machine):
    """The doorbell rings into a Redis that was killed: nothing is raised, and a sweep of cron's does all that is due."""
    time_machine.move_to(NOW, tick=False)
    body = Body(NOW)
    ring = "import django; django.setup(); from portal.doorbell import _ring; _ring(); print('rung')"
    with socket.socket() as probe:  # a port on which nothing listens any more
        probe.bind(("127.0.0.1", 0))
        gone = f"redis://127.0.0.1:{probe.getsockname()[1]}/0"
    environment = of_process(own_database, sink, tmp_path) | {"REDIS_URL": gone}
    told = subprocess.run(
        [sys.executable, "-c", ring], cwd=PROJECT, env=environment, capture_output=True, text=True, check=True
    )
    assert "rung" in told.stdout
    assert "doorbell.unheard" in told.stdout + told.stderr
    sweep(now=NOW)
    assert recipients(sink) == [body.owners[0].email]


def start_sweep(database, sink, folder) -> subprocess.Popen:
    """`manage.py sweep`, as cron runs it."""
    return subprocess.Popen(
        [sys.executable, "manage.py", "sweep"], cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=of_process(database, sink, folder),
    )  # fmt: skip


def of_process(database, sink, folder) -> dict[str, str]:
    """The environment of a process of the installation under test."""
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "TZ") if key in os.environ}
    return kept | {
        "PORTAL_HOME": str(folder / "var"),
        "PORTAL_SECRET_KEY": settings.SECRET_KEY,
        "PORTAL_EMAIL_URL": sink.url,
        "DATABASE_URL": with_name(os.environ["DATABASE_URL"], database),
        "REDIS_URL": os.environ.get("REDIS_URL", ""),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }


def until(condition, process) -> None:
    """Wait for it while the process lives."""
    deadline = time.monotonic() + 120
    while not condition():
        assert process.poll() is None, "The sweep ended by itself."
        assert time.monotonic() < deadline
        time.sleep(0.002)


def let_leases_run_out(body) -> None:
    """As if the minutes had passed in which what the dead process had claimed is nobody else's."""
    past = clock.now() - LEASE
    with body.scope():
        OutgoingEmail.objects.filter(status="sending").update(lease_until=past)
        Job.objects.filter(done_at=None).exclude(lease_until=None).update(lease_until=past)
