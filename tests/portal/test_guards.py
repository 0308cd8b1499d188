"""What stands before every page: session limits, the second factor, and no cache (portal.guards)."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal import clock
from portal.guards import lacks_second_factor
from portal.models import SignIn
from portal.permissions import Role
from tests.builders import make_framework, make_member, make_user

pytestmark = pytest.mark.django_db
PUBLIC = "/accessibility/"  # for everybody, and the same for everybody
OUT = "no-store"


@pytest.fixture(autouse=True)
def _fresh_counters():
    cache.clear()


def client_of(user) -> Client:
    """Their browser, signed in."""
    client = Client()
    client.force_login(user)
    return client


def test_nothing_of_a_person_and_no_token_is_kept_by_a_cache():
    """A public page of somebody who is signed in, the pages of accounts and of invitations; a stranger's public page may
    be kept."""
    cached = {
        path: OUT in Client().get(path).headers.get("Cache-Control", "")
        for path in (PUBLIC, reverse("account_login"), "/accounts/nowhere/", "/invitations/" + "x" * 43 + "/")
    }
    assert list(cached.values()) == [False, True, True, True], cached
    assert OUT in client_of(make_user()).get(PUBLIC).headers["Cache-Control"]


def test_the_second_factor_is_set_up_before_anything_else():
    """Pages that ask who it is and a framework's own lead to the set-up; what is the same for everybody, and the set-up
    itself, stay open (ASVS 6.3.3). A viewer may use a password alone."""
    framework = make_framework()
    set_up = reverse("mfa_set_up")
    drafter = client_of(make_member(framework, Role.DRAFTER, mfa=False))
    for asked in (f"/{framework.slug}/", "/me/", reverse("account_sessions")):
        answer = drafter.get(asked)
        assert (answer.status_code, answer.headers.get("Location")) == (302, set_up), asked
    assert drafter.get(PUBLIC).status_code == 200
    assert drafter.get(set_up).headers.get("Location") != set_up
    assert drafter.post(reverse("account_logout")).headers["Location"] != set_up
    viewer = client_of(make_member(framework, Role.VIEWER, mfa=False))
    assert viewer.get(f"/{framework.slug}/").status_code == 200
    with CaptureQueriesContext(connection) as asked:
        assert not lacks_second_factor(AnonymousUser())
    assert not asked.captured_queries


def test_a_session_that_has_ended_says_so(time_machine):
    """Idle too long: also a public page tells, once; the next one is an ordinary page of a stranger (ASVS 7.3)."""
    time_machine.move_to("2026-06-15 10:00Z")
    client = client_of(make_user())
    assert client.get(PUBLIC).status_code == 200
    time_machine.move_to(clock.now() + timedelta(seconds=settings.SESSION_IDLE_SECONDS + 1))
    assert client.get(PUBLIC).headers["Location"] == f"{reverse(settings.LOGIN_URL)}?ended=1"
    assert client.get(PUBLIC).status_code == 200
    assert not SignIn.objects.exists()


def test_a_stranger_with_a_session_costs_no_statement_of_the_list():
    """Only who was signed in stands in the list "Where you are signed in"."""
    client = Client()
    session = client.session
    session["choice"] = 1
    session.save()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(PUBLIC).status_code == 200
    assert not [one["sql"] for one in asked if SignIn._meta.db_table in one["sql"]]
