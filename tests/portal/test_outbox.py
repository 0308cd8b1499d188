"""The outbox over real SMTP: once per key, nothing lost, bounces told apart, one duplicate per crash at most."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from portal import sweep as sweeping
from portal.embedded.mailsink import MailSink
from portal.models import Heartbeat, OutgoingEmail
from portal.models.outbox import LEASE, MAX_ATTEMPTS, pause_after
from portal.notices import NOTICES, Notice
from portal.tenancy import installation, nothing, scope
from tests.builders import NOW, make_framework, make_user


@pytest.fixture
def sink(tmp_path, settings):
    """A real SMTP server."""
    with MailSink(tmp_path / "mail") as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


@pytest.fixture(autouse=True)
def kind(monkeypatch, settings, tmp_path):
    """A notice of the tests, with its templates; real SMTP in place of the test runner's memory."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    folder = tmp_path / "templates" / "emails"
    folder.mkdir(parents=True)
    (folder / "tests.hello.subject").write_text("Hello {{ name }}")
    (folder / "tests.hello.txt").write_text("Dear {{ name }},\n{{ why }}")
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [*settings.TEMPLATES[0]["DIRS"], tmp_path / "templates"]}]
    monkeypatch.setitem(
        NOTICES,
        "tests.hello",
        Notice(
            "tests.hello", "Because of a test.", lambda mail: {"name": mail.ids["name"]} if mail.ids["name"] else None
        ),
    )


@pytest.fixture
def framework(own_database):
    """A framework in a database with real commits."""
    return make_framework()


def queue(framework, to, key="k", name="Ada"):
    """Queue one mail in the framework's scope."""
    with scope(framework.pk), transaction.atomic():
        return OutgoingEmail.objects.queue("tests.hello", to=to, key=key, now=NOW, framework=framework, name=name)


def state(framework):
    """Status of every mail, by key."""
    with scope(framework.pk), transaction.atomic():
        return {mail.key: (mail.status, mail.attempts) for mail in OutgoingEmail.objects.all()}


def test_a_mail_is_sent_once_however_often_it_is_queued_and_swept(framework, sink):
    """Unique key; fixed Message-ID; sent = accepted by the server."""
    user = make_user()
    first, second = queue(framework, user), queue(framework, user)
    assert first.pk == second.pk
    assert sweeping.sweep(now=NOW)["sent"] == 1
    assert sweeping.sweep(now=NOW)["sent"] == 0
    (message,) = sink.messages()
    assert message["Message-ID"] == f"<outbox-{first.pk}@localhost>"
    assert message["Subject"] == "Hello Ada"
    assert "Because of a test." in message.get_content()
    assert state(framework) == {"k": ("sent", 1)}
    assert Heartbeat.objects.get(name="sweep").at == NOW


def test_nothing_is_sent_of_a_transaction_that_is_rolled_back(framework, sink):
    """The row is written with the act."""
    with pytest.raises(ZeroDivisionError), scope(framework.pk), transaction.atomic():
        OutgoingEmail.objects.queue(
            "tests.hello", to="x@example.org", key="k", now=NOW, framework=framework, name="Ada"
        )
        1 / 0  # noqa: B018
    assert sweeping.sweep(now=NOW)["sent"] == 0
    assert sink.messages() == []


def test_a_refused_recipient_is_a_bounce_and_stops_nobody_else(framework, sink):
    """5xx at RCPT: bounced; 4xx: later; the others are sent."""
    sink.treat("gone@example.org", refuse="550 No such person here")
    sink.treat("busy@example.org", refuse="450 Try again later")
    for name in ("gone", "busy", "fine"):
        queue(framework, f"{name}@example.org", key=name)
    done = sweeping.sweep(now=NOW)
    assert (done["sent"], done["failed"]) == (1, 2)
    assert state(framework) == {"gone": ("bounced", 1), "busy": ("queued", 1), "fine": ("sent", 1)}
    sink.treat("busy@example.org")
    assert sweeping.sweep(now=NOW + timedelta(minutes=2))["sent"] == 1


def test_a_dead_server_loses_nothing(framework, settings):
    """Every failure waits longer; after a little over three days the mail is given up where operators see it."""
    waited = sum((pause_after(number) for number in range(1, MAX_ATTEMPTS)), timedelta(0))
    assert timedelta(days=3) < waited < timedelta(days=4)
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    queue(framework, "x@example.org")
    moment = NOW
    for _ in range(MAX_ATTEMPTS):
        sweeping.sweep(now=moment)
        moment += timedelta(hours=13)
    assert state(framework) == {"k": ("dead", MAX_ATTEMPTS)}


def test_a_mail_left_by_a_killed_worker_is_taken_over_after_its_lease(framework, sink):
    """Claimed and never marked: sent again after the lease, not before."""
    queue(framework, "x@example.org")
    with scope(framework.pk):
        assert len(OutgoingEmail.objects.claim(now=NOW)) == 1
        assert OutgoingEmail.objects.claim(now=NOW) == []
    assert sweeping.sweep(now=NOW)["sent"] == 0
    assert sweeping.sweep(now=NOW + LEASE + timedelta(seconds=1))["sent"] == 1


def test_a_mail_that_has_nothing_left_to_tell_is_not_sent(framework, sink):
    """The text is rendered at sending: a subject that is gone sends nothing."""
    queue(framework, "x@example.org", name="")
    sweeping.sweep(now=NOW)
    assert sink.messages() == []
    assert state(framework) == {"k": ("dropped", 1)}


def test_mails_of_the_installation_have_no_framework(own_database, sink):
    """Account mails: queued and sent in the installation scope."""
    user = make_user()
    with installation(), transaction.atomic():
        OutgoingEmail.objects.queue("tests.hello", to=user, key="k", now=NOW, name="Ada")
    assert sweeping.sweep(now=NOW)["sent"] == 1
    assert sink.messages(user.email)


def test_marking_is_one_round_trip_in_its_own_scope(framework):
    """One message to the database for each mail that was sent; another tenant's scope marks nothing, and none stays."""
    mail = queue(framework, "ada@example.org")
    with nothing(), pytest.raises(DatabaseError):
        mail.mark_sent(now=NOW)
    assert state(framework)["k"][0] == "queued"
    with scope(framework.pk), CaptureQueriesContext(connection) as captured:
        mail.mark_sent(now=NOW)
    assert len(captured) == 1
    assert state(framework)["k"][0] == "sent"
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('portal.framework', true), count(*) from portal_outgoingemail")
        assert cursor.fetchone() == ("", 0)


def test_claiming_a_batch_costs_the_same_for_one_and_for_fifty(framework):
    """The pause, the rows and their lease: three statements, whatever the number (at most 3 for each batch of 50)."""
    for number in range(50):
        queue(framework, "ada@example.org", key=f"k{number}")
    with scope(framework.pk), CaptureQueriesContext(connection) as captured:
        assert len(OutgoingEmail.objects.claim(now=NOW)) == 50
    assert len([one for one in captured if not one["sql"].startswith(("BEGIN", "COMMIT"))]) == 3
