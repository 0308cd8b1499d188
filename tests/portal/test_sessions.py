"""Where somebody is signed in: seen, ended one by one or all, and ended by what changes a credential (ASVS 7.4, 7.5)."""

from io import StringIO

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse

from portal import clock, sweep, tenancy
from portal.browsers import browser_words
from portal.models import AuditEvent, SignIn
from tests.builders import PASSWORD, make_user
from tests.portal.test_accounts import NEW_PASSWORD, inbox, is_signed_in, kinds, sign_in

pytestmark = pytest.mark.django_db
__all__ = ["inbox"]
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(autouse=True)
def _fresh_counters():
    cache.clear()


def open_session(user, browser=FIREFOX):
    """A browser in which somebody has just signed in."""
    client = Client(headers={"user-agent": browser})
    sign_in(client, user)
    assert is_signed_in(client)
    return client


def test_page_shows_each_session_once():
    """Here and elsewhere, each with browser and time; other people's are not there."""
    user, other = make_user(mfa=False), make_user(mfa=False)
    here, _elsewhere, _foreign = open_session(user), open_session(user, "curl/8"), open_session(other)
    page = here.get(reverse("account_sessions"))
    assert page.context["here"][0]["value"] == "Firefox on Linux"
    assert [one["browser"] for one in page.context["others"]] == ["A browser that does not say what it is"]
    assert SignIn.objects.count() == 3


def test_end_one_and_all_others():
    """One, or everywhere else; one's own stays; somebody else's number does nothing."""
    user, other = make_user(mfa=False), make_user(mfa=False)
    here, second, third, foreign = (open_session(one) for one in (user, user, user, other))
    page = here.get(reverse("account_sessions"))
    chosen = page.context["others"][0]["pk"]
    foreign_pk = SignIn.objects.get(user=other).pk
    for wrong in (foreign_pk, "x", "", "9" * 30):
        here.post(reverse("account_sessions"), {"session": wrong})
    assert [is_signed_in(one) for one in (here, second, third, foreign)] == [True] * 4
    here.post(reverse("account_sessions"), {"session": chosen})
    assert sorted(is_signed_in(one) for one in (second, third)) == [False, True]
    here.post(reverse("account_sessions"), {"all": "1"})
    assert [is_signed_in(one) for one in (here, second, third, foreign)] == [True, False, False, True]


def test_signing_out_takes_the_session_from_the_list():
    """What has ended is not listed."""
    user = make_user(mfa=False)
    client = open_session(user)
    client.post(reverse("account_logout"))
    assert not SignIn.objects.filter(user=user).exists()


def test_page_needs_a_fresh_proof(time_machine):
    """After five minutes the password is asked for, and the act goes on (ASVS 7.5.2)."""
    time_machine.move_to("2026-06-15 10:00Z")
    user = make_user(mfa=False)
    client, other = open_session(user), open_session(user)
    time_machine.shift(301)
    answer = client.post(reverse("account_sessions"), {"all": "1"})
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert is_signed_in(other)


@pytest.mark.parametrize("seconds, stays", [(1799, True), (1801, False)])
def test_idle_and_longest(seconds, stays, time_machine):
    """30 minutes idle, 12 hours at the longest (quality.md, security list)."""
    time_machine.move_to("2026-06-15 08:00Z", tick=False)
    user = make_user(mfa=False)
    client, busy = open_session(user), open_session(user)
    time_machine.shift(seconds)
    assert is_signed_in(client) is stays
    for _half_hour in range(24):
        is_signed_in(busy)
        time_machine.shift(1790)
    assert is_signed_in(busy) is False


def test_times_of_use_are_written_each_half_minute(time_machine):
    """Not with each request."""
    time_machine.move_to("2026-06-15 08:00Z", tick=False)
    client = open_session(make_user(mfa=False))
    first = SignIn.objects.get().seen_at
    time_machine.shift(20)
    client.get(reverse("me"))
    assert SignIn.objects.get().seen_at == first
    time_machine.shift(20)
    client.get(reverse("me"))
    assert SignIn.objects.get().seen_at == clock.now()


def test_changed_password_ends_the_others():
    """All but the one in which it was changed; they are gone from the list, too."""
    user = make_user(mfa=False)
    here, thief = open_session(user), open_session(user)
    body = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    here.post(reverse("account_change_password"), body)
    assert (is_signed_in(here), is_signed_in(thief)) == (True, False)
    assert here.get(reverse("account_sessions")).context["others"] == []
    assert SignIn.objects.filter(user=user).count() == 1


def test_reset_of_the_second_factor_ends_every_session():
    """Whoever holds a session of an account whose phone was lost is out at once."""
    user, other = make_user(), make_user(mfa=False)
    thief, bystander = open_session(user), open_session(other)
    call_command("reset_second_factor", user.email, reason="Seen in person", stdout=StringIO())
    assert (is_signed_in(thief), is_signed_in(bystander)) == (False, True)


def test_sweep_forgets_ended_sessions(time_machine):
    """Address and browser go when the session is over (UK-keep); those that live stay."""
    time_machine.move_to("2026-06-15 08:00Z", tick=False)
    open_session(make_user(mfa=False))
    time_machine.shift(1700)
    busy = open_session(make_user(mfa=False))
    time_machine.shift(200)
    sweep.sweep()
    assert [row.session_key for row in SignIn.objects.all()] == [busy.session.session_key]
    time_machine.shift(13 * 3600)
    sweep.sweep()
    assert not SignIn.objects.exists()
    assert not Session.objects.exists()


def test_operator_ends_sessions():
    """manage.py end_sessions: recorded without a name, told by mail; nobody else is touched."""
    user, other = make_user(mfa=False), make_user(mfa=False)
    client, bystander = open_session(user), open_session(other)
    call_command("end_sessions", user.email.upper(), reason="Stolen phone", stdout=StringIO())
    assert (is_signed_in(client), is_signed_in(bystander)) == (False, True)
    with tenancy.installation(), transaction.atomic():
        event = AuditEvent.objects.get(verb="portal.session:ended")
    assert event.payload["reason"] == "Stolen phone"
    assert user.full_name not in event.subject_label
    assert kinds() == ["account.sessions_ended"]
    for email in (user.email, "nobody@example.org"):
        with pytest.raises(CommandError):
            call_command("end_sessions", email, reason="x")


@pytest.mark.parametrize(
    "user_agent, words",
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1", "Safari on iPhone"),
        ("", "A browser that does not say what it is"),
    ],
)
def test_browser_in_words(user_agent, words):
    """As its owner would say."""
    assert browser_words(user_agent) == words
