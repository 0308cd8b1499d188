"""System checks: each dangerous setting is refused with a hint."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.http import HttpResponse
from django.urls import include, path

from portal import checks
from portal.deadlines import RULES
from portal.notices import Notice

ROOT = Path(__file__).resolve().parents[2]
urlpatterns = [path("demo/", include([path("sign-in/<int:pk>", HttpResponse, name="demo_sign_in")]))]


@pytest.fixture
def production(settings):
    """The settings of an installation behind https."""
    settings.PORTAL_DEMO = False
    settings.PORTAL_URL = "https://protocols.example.org"
    settings.ALLOWED_HOSTS = ["protocols.example.org"]
    settings.EMAIL_HOST = "mail.example.org"
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = False
    for name in ("SESSION", "CSRF", "LANGUAGE"):
        setattr(settings, f"{name}_COOKIE_SECURE", True)
        setattr(settings, f"{name}_COOKIE_NAME", f"__Host-{name.lower()}")
    return settings


@pytest.fixture
def trial(settings):
    """The settings of a demonstration on this machine."""
    settings.PORTAL_DEMO = True
    settings.PORTAL_URL = "http://localhost:8000"
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    settings.EMAIL_HOST = "localhost"
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    for name in ("SESSION", "CSRF", "LANGUAGE"):
        setattr(settings, f"{name}_COOKIE_SECURE", False)
        setattr(settings, f"{name}_COOKIE_NAME", name.lower())
    return settings


SETTINGS_CHECKS = (checks.demo_stays_at_home, checks.demo_mail_stays_at_home, checks.weaker_settings_only_on_localhost)


def found():
    """Ids of everything the checks of settings object to; each has a hint."""
    messages = [message for check in SETTINGS_CHECKS for message in check(None)]
    assert all(message.hint for message in messages)
    return [message.id for message in messages]


def test_production_behind_https_is_accepted(production):
    """Secure cookies, https, a mail server, no demonstration."""
    assert found() == []


def test_a_trial_on_localhost_is_accepted(trial):
    """Plain http, plain cookies and demo people are for localhost."""
    assert found() == []


@pytest.mark.parametrize(
    "change",
    [
        {"PORTAL_URL": "https://protocols.example.org"},
        {"PORTAL_URL": "https://127.0.0.1.example.org"},
        {"ALLOWED_HOSTS": ["localhost", "protocols.example.org"]},
        {"ALLOWED_HOSTS": ["*"]},
        {"ALLOWED_HOSTS": [".localhost"]},
    ],
)
def test_demo_mode_never_leaves_localhost(production, change):
    """“Sign in as …” is impossible wherever anybody else could reach it."""
    production.PORTAL_DEMO = True
    production.EMAIL_HOST = "localhost"
    production.PORTAL_URL = "https://localhost"
    production.ALLOWED_HOSTS = ["localhost"]
    assert found() == []
    for name, value in change.items():
        setattr(production, name, value)
    assert found() == ["portal.E001"]


def test_all_checks_run_with_every_command():
    """Registered under one tag, which web and worker ask for before they serve."""
    registered = set(checks.checks.registry.registry.registered_checks)
    assert registered >= {*SETTINGS_CHECKS, checks.rules_have_sources, checks.notices_have_templates}
    assert all(checks.TAG in check.tags for check in SETTINGS_CHECKS)


def test_demo_pages_are_not_routed_without_the_flag(production):
    """A demo page outside demo mode stops every command and every server process."""
    production.ROOT_URLCONF = __name__
    assert found() == ["portal.E002"]
    with pytest.raises(SystemCheckError, match=r"/demo/sign-in/<int:pk> is routed"):
        call_command("check", tags=["portal"])


def test_demo_mail_stays_on_this_machine(trial):
    """In demo mode no other mail server is ever contacted."""
    trial.EMAIL_HOST = "mail.example.org"
    assert found() == ["portal.E003"]


def test_plain_http_is_for_localhost(production):
    """Any other host needs https."""
    production.PORTAL_URL = "http://protocols.example.org"
    assert found() == ["portal.E004"]


@pytest.mark.parametrize("name", ["SESSION", "CSRF", "LANGUAGE"])
@pytest.mark.parametrize("weakness", [("COOKIE_SECURE", False), ("COOKIE_NAME", "plain")])
def test_weak_cookies_are_for_localhost(production, name, weakness):
    """Elsewhere each cookie is Secure and has the __Host- prefix."""
    setattr(production, f"{name}_{weakness[0]}", weakness[1])
    assert found() == ["portal.E005"]


def test_insecure_passkeys_are_for_localhost(production):
    """Elsewhere passkeys need https."""
    production.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    assert found() == ["portal.E006"]


@pytest.mark.parametrize("source", ["", "as usual", "HAR", "HAR-6.2, common sense"])
def test_a_deadline_rule_without_a_source_is_refused(source):
    """Every number of days comes from a document or a law."""
    rules = {"breach.report": replace(RULES["breach.report"], source=source)}
    assert [message.id for message in checks.rules_have_sources(None, rules=rules)] == ["portal.E007"]
    assert checks.rules_have_sources(None) == []


def test_a_notice_without_its_templates_is_refused():
    """Both texts of a kind must exist before anybody is told anything."""
    missing = {"no_such_kind": Notice("no_such_kind", "Because.", lambda email: None)}
    messages = checks.notices_have_templates(None, notices=missing)
    assert [message.id for message in messages] == ["portal.E008", "portal.E008"]
    assert "emails/no_such_kind.subject" in messages[0].msg


def test_every_notice_has_its_templates():
    """Of all kinds that any app registers."""
    assert [message.hint for message in checks.notices_have_templates(None)] == []


@pytest.mark.parametrize(
    "command", [["-c", "import portal.wsgi"], ["-m", "celery", "-A", "portal", "worker", "--pool", "solo"]]
)
def test_no_process_serves_with_unsafe_settings(command, tmp_path):
    """gunicorn and Celery run no checks themselves: web and worker stop before their first request or task."""
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "PORTAL_HOME": str(tmp_path),
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing",
        "PORTAL_OWNER_DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing",
        "PORTAL_DEMO": "1",
        "PORTAL_URL": "https://protocols.example.org",
        "C_FORCE_ROOT": "1",
    }
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode != 0
    assert "portal.E001" in done.stderr
    assert "PORTAL_DEMO=0" in done.stderr
