"""The demonstration's conveniences weaken nothing: each test takes one of the promises of decisions.md."""

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.urls import NoReverseMatch, reverse

from portal import second_factor, sweep
from portal.errors import StateError
from portal.models import SecondFactorProof
from portal.permissions import Role
from tests.builders import join, make_framework, make_member, make_organisation, make_user
from tests.portal import demo_root_urls
from tests.portal.mails import inbox

pytestmark = pytest.mark.django_db
__all__ = ["inbox"]
HASH = "a" * 64


@pytest.fixture
def demo(settings):
    """An installation in demonstration mode on localhost."""
    cache.clear()
    settings.PORTAL_DEMO = True
    settings.ROOT_URLCONF = demo_root_urls.__name__


def enter(client, user):
    """Click on "Sign in as …"."""
    return client.post(reverse("demo-sign-in", args=[user.pk]))


def test_one_click_signs_in(client, demo):
    """The session is the person's own, by the real session machinery."""
    user = make_member(make_framework(), Role.DRAFTER)
    assert enter(client, user)["Location"] == reverse("me")
    assert client.session["_auth_user_id"] == str(user.pk)
    assert client.get(reverse("me")).status_code == 200


def test_the_next_person_starts_afresh(client, demo):
    """Entering as somebody else leaves nothing of the session before."""
    framework = make_framework()
    first, second = make_member(framework), make_member(framework)
    enter(client, first)
    key = client.session.session_key
    enter(client, second)
    assert client.session["_auth_user_id"] == str(second.pk)
    assert client.session.session_key != key


def test_it_never_counts_for_signing(client, demo, now):
    """No proof of a second factor comes from it, so nothing can be signed by it."""
    user = make_member(make_framework(), Role.REPRESENTATIVE)
    enter(client, user)
    client.get(reverse("me"))
    assert not SecondFactorProof.objects.exists()
    with pytest.raises(StateError):
        SecondFactorProof.objects.spend(user=user, sha256=HASH, now=now)


def test_shown_code_is_used_up_like_any_other(client, demo, time_machine, now):
    """The code on the page is the app's code: it signs once; then the page shows the next one."""
    time_machine.move_to(now, tick=False)
    user = make_member(make_framework(), Role.REPRESENTATIVE)
    code = client.get(reverse("demo")).context["frameworks"][0]["people"][0]["code"]
    second_factor.prove(user, code, sha256=HASH, now=now)
    following = client.get(reverse("demo")).context["frameworks"][0]["people"][0]["code"]
    assert following != code
    assert second_factor.prove(user, following, sha256=HASH, now=now)


def test_it_is_no_fresh_password(client, demo):
    """Credentials cannot be changed by who only clicked: the password is asked for."""
    user = make_member(make_framework(), Role.DRAFTER)
    enter(client, user)
    for name in ("mfa_deactivate_totp", "mfa_generate_recovery_codes"):
        assert client.post(reverse(name))["Location"].startswith(reverse("account_reauthenticate"))
    assert Authenticator.objects.filter(user=user, type="totp").exists()


def test_second_factor_must_be_set_up(client, demo):
    """Who has no second factor and needs one is sent to set it up, as everywhere."""
    framework = make_framework()
    user = make_member(framework, Role.DRAFTER, mfa=False)
    enter(client, user)
    for address in (reverse("me"), reverse("people", args=[framework.slug])):
        assert client.get(address)["Location"] == reverse("mfa_set_up")


def test_permissions_hold(client, demo):
    """A stranger gets 404, a member without the right 403 (decisions.md, "Access matrix")."""
    framework, other = make_framework(), make_framework()
    enter(client, make_member(framework, Role.DRAFTER))
    assert client.get(reverse("people", args=[other.slug])).status_code == 404
    assert client.get(reverse("people-invite", args=[framework.slug])).status_code == 403
    assert client.get(reverse("ledger", args=[framework.slug])).status_code == 403


def test_disabled_people_cannot_be_entered(client, demo):
    """A closed account stays closed; it is not on the page either."""
    user = make_member(make_framework())
    user.is_active = False
    user.save()
    assert enter(client, user).status_code == 404
    assert user.email not in client.get(reverse("demo")).content.decode()


def test_get_enters_nobody(client, demo):
    """A link is not a click on the button."""
    user = make_member(make_framework())
    assert client.get(reverse("demo-sign-in", args=[user.pk])).status_code == 405
    assert "_auth_user_id" not in client.session


def test_a_forged_click_enters_nobody(demo, client):
    """Another site cannot press the button."""
    strict = type(client)(enforce_csrf_checks=True)
    assert enter(strict, make_member(make_framework())).status_code == 403


def test_people_stand_once_with_all_their_roles(client, demo):
    """Grouped by framework; somebody with two roles has one button."""
    framework = make_framework()
    user, body = make_user(), make_organisation(framework=framework)
    join(user, framework, body, Role.DRAFTER)
    join(user, framework, body, Role.AUDITOR)
    page = client.get(reverse("demo")).content.decode()
    assert page.count(f"Sign in as {user.full_name}") == 1
    assert "Drafter" in page
    assert "Auditor" in page


def test_mail_page_shows_what_was_sent(client, demo, inbox, settings, tmp_path, monkeypatch):
    """Messages of the sink, newest first, with their links; text is never markup."""
    monkeypatch.setattr(type(settings.LAYOUT), "mail", property(lambda layout: tmp_path / "mail"))
    user = make_user(full_name="<b>Ada</b> Example")
    client.post(reverse("account_reset_password"), {"email": user.email})
    sweep.sweep()
    page = client.get(reverse("demo-mail"))
    html = page.content.decode()
    assert "[Demonstration] Choose a new password" in html
    assert "&lt;b&gt;Ada&lt;/b&gt;" in html
    assert "<b>Ada</b>" not in html
    (mail,) = page.context["mails"]
    assert mail["links"][0].startswith("http://localhost:8000/accounts/password/reset/key/")


@pytest.mark.parametrize("name", ["demo", "demo-mail"])
def test_closed_outside_demonstration(client, demo, settings, name):
    """Even if the pages were routed: 404 without the mode, and 404 anywhere but on http://localhost."""
    settings.PORTAL_DEMO = False
    assert client.get(reverse(name)).status_code == 404
    settings.PORTAL_DEMO, settings.PORTAL_INSECURE_LOCALHOST = True, False
    assert client.get(reverse(name)).status_code == 404
    user = make_user()
    assert enter(client, user).status_code == 404
    assert "_auth_user_id" not in client.session


def test_not_routed_outside_demonstration(client):
    """An ordinary installation does not know the addresses (the system check refuses them, test_checks.py)."""
    user = make_user()
    assert client.get("/demo/").status_code == 404
    assert client.post(f"/demo/sign-in/{user.pk}/").status_code == 404
    with pytest.raises(NoReverseMatch):
        reverse("demo-mail")
