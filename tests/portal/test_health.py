"""/healthz and /readyz against the real database and the real Redis."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as configured
from django.test import RequestFactory

from portal import tenancy, views_health
from portal.models import Heartbeat, OutgoingEmail
from tests.databases import connected_to

get = RequestFactory().get


@pytest.fixture(autouse=True)
def fresh_process(monkeypatch):
    """A process remembers that migrations are applied; each test begins like a new one."""
    monkeypatch.setattr(views_health, "_applied", [])


@pytest.fixture
def beating(db, now):
    """Time stands still, and the sweep has just run."""
    with time_machine.travel(now, tick=False):
        Heartbeat.objects.create(name="sweep", at=now)
        yield now


def ready():
    """Status and findings of /readyz."""
    response = views_health.readyz(get("/readyz"))
    body = json.loads(response.content)
    assert body["status"] == ("ready" if response.status_code == 200 else "not ready")
    return response.status_code, body["checks"]


def queue(now, key="k", **changes):
    """A mail in the outbox of the installation, due at ``now``."""
    with tenancy.installation():
        email = OutgoingEmail.objects.queue("account", to="amira@example.org", key=key, now=now)
        OutgoingEmail.objects.filter(pk=email.pk).update(**changes or {"address": email.address})


def test_healthz_touches_no_database(client):
    """The process answers without a login, a session or a query; the test has no access to the database."""
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies


def test_both_are_public_and_take_no_form(client, db):
    """Monitoring has no account; nothing can be posted."""
    assert client.get("/readyz").status_code in {200, 503}
    assert client.post("/healthz").status_code == 405
    assert client.post("/readyz").status_code == 405


def test_ready_when_everything_works(beating):
    """All five findings, with ages in seconds."""
    status, checks = ready()
    assert status == 200, checks
    assert checks == {
        "database": {"ok": True},
        "migrations": {"ok": True, "waiting": 0},
        "redis": {"ok": True, "configured": bool(configured.CONFIG["REDIS_URL"])},
        "heartbeat": {"ok": True, "age_seconds": 0},
        "mail": {
            "ok": True,
            "oldest_seconds": None,
            "unsent_seconds": None,
            "given_up": 0,
            "given_up_seconds": None,
            "paused": False,
        },
    }


@pytest.mark.parametrize("seconds, status", [(300, 200), (301, 503), (86_400, 503)])
def test_an_old_heartbeat_is_not_ready(beating, seconds, status):
    """READ-11: if beat or the worker stopped, nothing due would be done; five minutes are allowed."""
    with time_machine.travel(beating + timedelta(seconds=seconds), tick=False):
        assert ready()[0] == status
        assert ready()[1]["heartbeat"] == {"ok": status == 200, "age_seconds": seconds}


def test_no_heartbeat_at_all_is_not_ready(db):
    """A sweep that never ran is not healthy."""
    status, checks = ready()
    assert status == 503
    assert checks["heartbeat"] == {"ok": False, "age_seconds": None}


@pytest.mark.parametrize("minutes, status", [(10, 200), (11, 503)])
def test_a_mail_that_waits_too_long_is_not_ready(beating, minutes, status):
    """The oldest unsent mail of any framework or of the installation may be ten minutes past its moment."""
    queue(beating - timedelta(minutes=minutes))
    assert ready()[0] == status
    assert ready()[1]["mail"]["oldest_seconds"] == minutes * 60


def test_a_mail_for_later_does_not_wait(beating):
    """A retry planned for later has no age yet."""
    queue(beating + timedelta(minutes=30))
    assert ready()[1]["mail"] == {
        "ok": True,
        "oldest_seconds": 0,
        "unsent_seconds": 0,
        "given_up": 0,
        "given_up_seconds": None,
        "paused": False,
    }


@pytest.mark.parametrize("hours, status", [(4, 200), (5, 503)])
def test_a_mail_that_is_tried_in_vain_for_hours_is_not_ready(beating, hours, status):
    """A mail server that is away puts each try off, so that nothing is ever late: the portal says so all the same."""
    queue(beating - timedelta(hours=hours), next_attempt_at=beating + timedelta(hours=1), attempts=8)
    assert ready()[0] == status
    assert ready()[1]["mail"]["unsent_seconds"] == hours * 3600


@pytest.mark.parametrize("hours, status", [(24, 200), (25, 503)])
def test_a_mail_given_up_that_lies_too_long_is_not_ready(beating, hours, status):
    """A dead letter is for the operators: it is counted, and after a day in which nobody looked the portal says so; sent
    ones do not count."""
    queue(beating - timedelta(hours=hours), key="dead", status="dead")
    queue(beating - timedelta(days=4), key="sent", status="sent")
    assert ready()[0] == status
    found = {
        "oldest_seconds": None,
        "unsent_seconds": None,
        "given_up": 1,
        "given_up_seconds": hours * 3600,
        "paused": False,
    }
    assert ready()[1]["mail"] == {"ok": status == 200, **found}


def test_the_ages_are_settings(beating, settings):
    """An installation chooses its own."""
    ages = {"PORTAL_OLDEST_MAIL": 20, "PORTAL_OLDEST_UNSENT_MAIL": 25, "PORTAL_OLDEST_DEAD_MAIL": 30}
    settings.READY = ages | {"PORTAL_OLDEST_HEARTBEAT": 10}
    queue(beating - timedelta(seconds=31), key="dead", status="dead")
    assert not ready()[1]["mail"]["ok"]
    with time_machine.travel(beating + timedelta(seconds=11), tick=False):
        assert not ready()[1]["heartbeat"]["ok"]


def test_a_waiting_migration_is_not_ready_until_it_is_applied(beating, settings):
    """Code that is ahead of its database says so, and a process that found all applied asks no more."""
    settings.MIGRATION_MODULES = {"reviews": "tests.portal.waiting_migrations"}
    status, checks = ready()
    assert status == 503
    assert checks["migrations"] == {"ok": False, "waiting": 1}
    settings.MIGRATION_MODULES = {}
    assert ready()[0] == 200
    settings.MIGRATION_MODULES = {"reviews": "tests.portal.waiting_migrations"}
    assert ready()[0] == 200


def test_a_lost_redis_is_not_ready(beating, monkeypatch):
    """If Redis is configured it must answer."""
    monkeypatch.setitem(configured.CONFIG, "REDIS_URL", "redis://127.0.0.1:1/0")
    status, checks = ready()
    assert status == 503
    assert checks["redis"] == {"ok": False, "error": "ConnectionError"}


def test_without_redis_nothing_is_asked(beating, monkeypatch):
    """The embedded defaults have none."""
    monkeypatch.setitem(configured.CONFIG, "REDIS_URL", "")
    assert ready()[1]["redis"] == {"ok": True, "configured": False}


def test_a_lost_database_is_said_without_details(django_db_setup, django_db_blocker):
    """Every finding that needs it fails with the kind of error only: no address, role or message leaks."""
    with django_db_blocker.unblock(), connected_to("portal_no_such_database"):
        status, checks = ready()
    assert status == 503
    for name in ("database", "migrations", "heartbeat", "mail"):
        assert checks[name] == {"ok": False, "error": "OperationalError"}
    assert "portal_no_such_database" not in json.dumps(checks)
