"""Signing in and out, passwords and the second factor, through the real pages, with real commits and real mail."""

import html
import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.cache import cache, caches
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from portal import accounts, clock, second_factor, tenancy, todo
from portal.models import OutgoingEmail, User
from portal.permissions import Role
from tests.builders import PASSWORD, make_framework, make_member, make_user
from tests.portal.mails import inbox
from tests.totp import next_code

pytestmark = pytest.mark.usefixtures("own_database", "fresh_counters")
__all__ = ["inbox"]
NEW_PASSWORD = "seven grey herons wading"


@pytest.fixture
def fresh_counters():
    cache.clear()


def sign_in(client, user, password=PASSWORD, code=None):
    """Both steps of signing in; returns the last answer."""
    answer = client.post(reverse("account_login"), {"login": user.email, "password": password})
    if answer.status_code == 302 and answer["Location"] == reverse("mfa_authenticate"):
        answer = client.post(reverse("mfa_authenticate"), {"code": code or next_code(user)})
    return answer


def is_signed_in(client):
    """Does /me/ open? Without what needs doing, which takes nine tenths of its time and has tests of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(todo, "SOURCES", [])
        return client.get(reverse("me")).status_code == 200


def kinds():
    """Kinds of the account mails that were queued."""
    with tenancy.installation(), transaction.atomic():
        return list(OutgoingEmail.objects.order_by("pk").values_list("kind", flat=True))


def test_password_and_code(client):
    """Signing in takes the password and a code of the app; the password alone opens nothing."""
    user = make_member(make_framework(), Role.DRAFTER)
    answer = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert answer["Location"] == reverse("mfa_authenticate")
    assert not is_signed_in(client)
    answer = client.post(reverse("mfa_authenticate"), {"code": next_code(user)})
    assert answer["Location"] == reverse("me")
    assert is_signed_in(client)


def test_code_that_signed_in_cannot_be_used_again(client):
    """A code is good for one use, wherever it was used."""
    user = make_user()
    code = next_code(user)
    sign_in(client, user, code=code)
    client.post(reverse("account_logout"))
    answer = sign_in(client, user, code=code)
    assert "Wait for the next code" in answer.content.decode()
    assert not is_signed_in(client)


def test_address_is_read_in_any_case(client):
    """Capitals in the address do not matter."""
    user = make_user(email="mixed.case@example.org")
    answer = client.post(reverse("account_login"), {"login": "Mixed.Case@Example.ORG", "password": PASSWORD})
    assert answer["Location"] == reverse("mfa_authenticate")
    assert user.email == "mixed.case@example.org"


def test_same_words_for_wrong_password_and_unknown_address(client):
    """Nobody learns here who has an account."""
    user = make_user()
    answers = []
    for login in (user.email, "nobody.at.all@example.org"):
        page = client.post(reverse("account_login"), {"login": login, "password": "wrong password here"})
        answers.append((page.status_code, re.findall(r"error-summary__list.*?</ul>", page.content.decode(), re.S)))
    assert answers[0] == answers[1]
    assert answers[0][1]


def test_password_reset_tells_nobody_who_has_an_account(client, inbox):
    """The same answer for every address; mail only to those who have an account; strangers are not written to."""
    user = make_user()
    answers = []
    for email in (user.email, "nobody.at.all@example.org"):
        answer = client.post(reverse("account_reset_password"), {"email": email})
        answers.append((answer.status_code, answer["Location"]))
    assert answers[0] == answers[1]
    assert [subject for subject, _text, _link in inbox.fetch()] == ["Choose a new password"]


def test_unknown_addresses_cost_the_same_work(client, monkeypatch):
    """A stop-watch tells nobody who has an account: one password hash at sign-in, one row written at reset (ASVS 6.3.8)."""
    user, hashed = make_user(mfa=False), []
    encode = Argon2PasswordHasher.encode
    verify = Argon2PasswordHasher.verify
    monkeypatch.setattr(Argon2PasswordHasher, "encode", lambda *told: hashed.append(1) or encode(*told))
    monkeypatch.setattr(Argon2PasswordHasher, "verify", lambda *told: hashed.append(1) or verify(*told))
    counts = []
    for email in (user.email, "nobody.at.all@example.org"):
        hashed.clear()
        client.post(reverse("account_login"), {"login": email, "password": "wrong password here"})
        with CaptureQueriesContext(connection) as captured:
            client.post(reverse("account_reset_password"), {"email": email})
        written = [one["sql"] for one in captured if one["sql"].startswith('INSERT INTO "portal_outgoingemail"')]
        counts.append((len(hashed), len(written)))
    assert counts == [(1, 1), (1, 1)]
    assert kinds() == ["account.password_reset"]


@pytest.mark.parametrize("name, args", [("invitation", ["no-token"]), ("mfa_login_webauthn", [])])
def test_tries_are_limited(client, name, args):
    """Invitations and passkeys: a machine that tries is stopped (ASVS 6.3.1)."""
    statuses = [client.post(reverse(name, args=args)).status_code for _number in range(21)]
    assert statuses[-1] == 429
    assert statuses[0] != 429


def test_password_reset(client, inbox):
    """Link by mail, new password, told by mail; the second factor is still asked for (ASVS 6.4.3)."""
    user = make_user()
    client.post(reverse("account_reset_password"), {"email": user.email})
    _subject, text, link = inbox.newest(user.email)
    assert "Dear Person" in text
    page = client.get(link, follow=True)
    assert "Choose a new password" in page.content.decode()
    answer = client.post(page.request["PATH_INFO"], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    assert answer["Location"] == reverse("account_reset_password_from_key_done")
    assert not is_signed_in(client)
    assert inbox.newest(user.email)[0] == "Your password was changed"
    assert sign_in(client, user, NEW_PASSWORD)["Location"] == reverse("me")
    assert "cannot be used any more" in client.get(link, follow=True).content.decode()


def test_reset_link_is_stored_nowhere(client, inbox):
    """The outbox row holds kind and recipient; the key is computed at sending."""
    user = make_user()
    client.post(reverse("account_reset_password"), {"email": user.email})
    with tenancy.installation(), transaction.atomic():
        row = OutgoingEmail.objects.get()
    assert (row.kind, row.user, row.ids, row.framework) == ("account.password_reset", user, {}, None)
    key = inbox.newest(user.email)[2].rstrip("/").split("-", 1)[1]
    assert key not in str(row.__dict__)


def test_reset_link_is_not_made_from_the_host_header(client, inbox):
    """Links in mail come from PORTAL_URL."""
    user = make_user()
    client.post(reverse("account_reset_password"), {"email": user.email}, headers={"host": "127.0.0.1"})
    text = inbox.newest(user.email)[1]
    assert "127.0.0.1" not in text
    assert "http://localhost:8000/accounts/password/reset/key/" in text


@pytest.mark.parametrize("password", ["short", "qwertyqwerty", "haringey protocol", "1q2w3e4r5t6y", "\x00" * 14])
def test_poor_passwords_are_refused(client, inbox, password):
    """At least 12 characters, no common and no context words (ASVS 6.2)."""
    user = make_user()
    client.post(reverse("account_reset_password"), {"email": user.email})
    page = client.get(inbox.newest(user.email)[2], follow=True)
    answer = client.post(page.request["PATH_INFO"], {"password1": password, "password2": password})
    assert answer.status_code == 200
    assert "govuk-error-summary" in answer.content.decode()
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_changing_the_password_ends_other_sessions_and_is_mailed(client, inbox, django_user_model):
    """A thief's session ends with the old password; the owner is told (ASVS 7.4.3, 6.3.7)."""
    user = make_user()
    thief = type(client)()
    thief.force_login(user)
    sign_in(client, user)
    body = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert client.post(reverse("account_change_password"), body).status_code == 302
    assert is_signed_in(client)
    assert not is_signed_in(thief)
    assert inbox.newest(user.email)[0] == "Your password was changed"


def test_first_sign_in_leads_to_the_set_up_of_a_second_factor(client, inbox):
    """Every role but viewer: nothing opens before the app is set up; key as picture and as text (ASVS 6.3.3)."""
    user = make_member(make_framework(), Role.DRAFTER, mfa=False)
    assert sign_in(client, user)["Location"] == reverse("me")
    assert client.get(reverse("me"))["Location"] == reverse("mfa_set_up")
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    secret = client.session["mfa.totp.secret"]
    assert secret in page
    assert 'src="data:image/svg+xml;base64,' in html.unescape(page)
    code = format_hotp_value(hotp_value(secret, second_factor.counters(now=clock.now())[1]))
    answer = client.post(reverse("mfa_activate_totp"), {"code": code})
    assert answer["Location"] == reverse("mfa_view_recovery_codes")
    assert is_signed_in(client)
    codes = re.findall(r"<li>(\d{8})</li>", client.get(reverse("mfa_view_recovery_codes")).content.decode())
    assert len(codes) == 10
    # shown once
    assert codes[0] not in client.get(reverse("mfa_view_recovery_codes")).content.decode()
    assert inbox.newest(user.email)[0] == "An authenticator app was set up"
    # the code of the set-up is used up, too
    client.post(reverse("account_logout"))
    assert "Wait for the next code" in sign_in(client, user, code=code).content.decode()
    assert sign_in(client, user, code=codes[0])["Location"] == reverse("me")


def test_public_pages_of_a_framework_show_nothing_more_without_a_second_factor(client):
    """The front page of a framework shows members more than others: without a second factor it leads to the set-up."""
    framework = make_framework()
    sign_in(client, make_member(framework, Role.DRAFTER, mfa=False))
    assert client.get(reverse("framework", args=[framework.slug]))["Location"] == reverse("mfa_set_up")
    assert client.get(reverse("home")).status_code == 200


def test_wrong_code_at_set_up(client):
    """Nothing is set up by a wrong code."""
    user = make_member(make_framework(), Role.DRAFTER, mfa=False)
    sign_in(client, user)
    client.get(reverse("mfa_activate_totp"))
    page = client.post(reverse("mfa_activate_totp"), {"code": "000000"})
    assert "govuk-error-summary" in page.content.decode()
    assert not Authenticator.objects.filter(user=user).exists()


def test_viewer_may_do_without(client):
    """A viewer may use a password alone."""
    user = make_member(make_framework(), Role.VIEWER, mfa=False)
    sign_in(client, user)
    assert is_signed_in(client)


def test_removing_the_app_asks_again_and_is_mailed(client, inbox, time_machine):
    """Five minutes after signing in, a credential changes only after a fresh password (ASVS 7.5.1)."""
    time_machine.move_to("2026-06-15 10:00Z")
    user = make_member(make_framework(), Role.DRAFTER)
    sign_in(client, user)
    time_machine.shift(301)
    answer = client.post(reverse("mfa_deactivate_totp"))
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert Authenticator.objects.filter(user=user).exists()
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.post(reverse("mfa_deactivate_totp"), {"code": next_code(user)}).status_code == 302
    assert not Authenticator.objects.filter(user=user).exists()
    assert kinds() == ["account.totp_deactivated"]
    assert client.get(reverse("me"))["Location"] == reverse("mfa_set_up")


@pytest.mark.parametrize("page", ["mfa_deactivate_totp", "mfa_generate_recovery_codes"])
def test_a_password_alone_never_replaces_the_second_factor(client, page):
    """Signing rests on the app: who has an open session and the password must still show a code of it (ASVS 7.5.1)."""
    user = make_member(make_framework(), Role.REPRESENTATIVE)
    sign_in(client, user)
    held = set(Authenticator.objects.filter(user=user).values_list("pk", "data__secret"))
    assert "govuk-error-summary" not in client.get(reverse(page)).content.decode()
    for sent in ({}, {"code": ""}, {"code": "000000"}):
        answer = client.post(reverse(page), sent)
        assert (answer.status_code, list(answer.context["form"].fields)) == (200, ["code"])
    assert set(Authenticator.objects.filter(user=user).values_list("pk", "data__secret")) == held
    assert client.post(reverse(page), {"code": next_code(user)}).status_code == 302
    assert set(Authenticator.objects.filter(user=user).values_list("pk", "data__secret")) != held


def test_wrong_passwords_are_limited(client):
    """The sixth try within five minutes is refused even with the right password (ASVS 6.3.1)."""
    user = make_user()
    for _ in range(5):
        client.post(reverse("account_login"), {"login": user.email, "password": "wrong password"})
    page = sign_in(client, user)
    assert page.status_code in {200, 429}
    assert "Too many" in page.content.decode()


def test_counters_survive_a_rollback(settings):
    """Without Redis the counters are in the database, on a connection of their own: a rollback takes nothing back."""
    settings.CACHES = {"default": settings.DATABASE_CACHE}
    user = make_user()
    now = clock.now()
    code = next_code(user, now=now)
    with transaction.atomic():
        second_factor.use_code(user, code, now=now)
        transaction.set_rollback(True)
    assert second_factor.is_used(user, second_factor.counters(now=now)[1])
    assert type(caches["default"]).__name__ == "DatabaseCache"


def test_strangers_cannot_push_out_used_codes(settings):
    """A thousand other entries, as anybody can make them by asking often, leave a used code used (ASVS 6.5.1)."""
    settings.CACHES = {"default": settings.DATABASE_CACHE}
    user, now = make_user(), clock.now()
    second_factor.use_code(user, next_code(user, now=now), now=now)
    for number in range(1_000):
        cache.set(f"verify:{number}", 1, 300)
    assert second_factor.is_used(user, second_factor.counters(now=now)[1])


def test_sign_up_is_closed(client):
    """Accounts come only from invitations; there is no page to make one."""
    for name in ("account_signup", "account_email", "account_request_login_code", "account_set_password"):
        with pytest.raises(NoReverseMatch):
            reverse(name)
    assert client.get("/accounts/signup/").status_code == 404
    assert accounts.AccountAdapter().is_open_for_signup(None) is False


def test_disabled_account_is_out_at_once(client):
    """Disabling ends the session with the next request, and the account cannot sign in."""
    user = make_user()
    sign_in(client, user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert not is_signed_in(client)
    assert sign_in(client, user).status_code == 302
    assert not is_signed_in(client)


def test_get_never_signs_out(client):
    """A link cannot sign anybody out."""
    user = make_user()
    sign_in(client, user)
    client.get(reverse("account_logout"))
    assert is_signed_in(client)


def test_next_goes_nowhere_else(client):
    """A link in a mail cannot lead on to another site after signing in."""
    user = make_user(mfa=False)
    answer = client.post(
        reverse("account_login"), {"login": user.email, "password": PASSWORD, "next": "https://evil.example/"}
    )
    assert answer["Location"] == reverse("me")


@pytest.mark.parametrize("hostile", ["\x00", "\u202egro.elpmaxe@eve", "a" * 1_000_000, "' or 1=1 --"])
def test_hostile_sign_in(client, hostile):
    """NUL, right-to-left override, a megabyte: an error, never a 500."""
    for body in ({"login": hostile, "password": PASSWORD}, {"login": "a@example.org", "password": hostile}):
        assert client.post(reverse("account_login"), body).status_code in {200, 400, 429}
    assert client.post(reverse("account_reset_password"), {"email": hostile}).status_code in {200, 400, 429}


def test_pages_of_the_account_are_never_cached(client):
    """Nothing with a credential on it is kept by a cache."""
    assert "no-store" in client.get(reverse("account_login"))["Cache-Control"]
