"""Passkeys: registered, renamed, removed, signed in with, and proved for exactly one text (decisions.md, quality.md)."""

import json
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.urls import reverse
from fido2.utils import websafe_encode

from portal import passkeys
from portal.models import SecondFactorProof
from portal.permissions import Role
from tests.builders import PASSWORD, make_framework, make_member, make_user
from tests.passkeys import PRESENT, SoftKey
from tests.portal.test_accounts import is_signed_in, kinds, sign_in
from tests.totp import next_code

pytestmark = pytest.mark.django_db
HASH, OTHER = "a" * 64, "b" * 64
SESSION = "session-one"


@pytest.fixture(autouse=True)
def _fresh_counters():
    cache.clear()


def asked(user, now, *, hashes=(HASH,), session=SESSION) -> str:
    """The challenge in the options."""
    return passkeys.options(user, session=session, hashes=hashes, now=now)["publicKey"]["challenge"]


def refused(user, answer, now, *, hashes=(HASH,), session=SESSION) -> None:
    """No proof is made of it."""
    with pytest.raises(ValidationError):
        passkeys.prove(user, answer, session=session, hashes=list(hashes), now=now)
    assert not SecondFactorProof.objects.exists()


def test_proof_by_passkey_is_for_its_texts_and_one_use(now):
    """Method and credential go into the proof, from which they go into the evidence; the same answer never works twice."""
    user = make_user(mfa=False)
    key = SoftKey(user)
    answer = key.confirms(asked(user, now, hashes=[OTHER, HASH]))
    proofs = passkeys.prove(user, answer, session=SESSION, hashes=[HASH, OTHER], now=now)
    assert [(one.method, one.sha256) for one in proofs] == [("passkey", HASH), ("passkey", OTHER)]
    assert {one.credential for one in proofs} == {f"passkey:{answer['id']}"}
    SecondFactorProof.objects.spend(user=user, sha256=HASH, now=now)
    with pytest.raises(ValidationError):
        passkeys.prove(user, answer, session=SESSION, hashes=[HASH, OTHER], now=now)


def test_challenge_is_bound_to_person_session_text_and_time(now):
    """An answer for another text, another session, another person, or one of six minutes ago proves nothing (SIG-who)."""
    user, other = make_user(), make_user()
    key, challenge = SoftKey(user), asked(user, now)
    SoftKey(other)
    refused(user, key.confirms(challenge), now, hashes=[OTHER])
    refused(user, key.confirms(challenge), now, hashes=[HASH, OTHER])
    refused(user, key.confirms(challenge), now, session="session-two")
    refused(user, key.confirms(asked(other, now)), now)
    cache.clear()
    refused(user, key.confirms(challenge), now + timedelta(minutes=5))
    refused(other, key.confirms(asked(other, now)), now)
    assert passkeys.prove(user, key.confirms(challenge), session=SESSION, hashes=[HASH], now=now)


def test_user_verification_and_origin_are_required(now):
    """A touch without finger, face or PIN does not sign, nor does a page of another address (ASVS 6.5)."""
    user = make_user()
    key = SoftKey(user)
    refused(user, key.confirms(asked(user, now), flags=PRESENT), now)
    refused(user, key.confirms(asked(user, now), origin="http://localhost:9999"), now)
    stranger = SoftKey()
    stranger.id = key.id
    refused(user, stranger.confirms(asked(user, now)), now)


@pytest.mark.parametrize(
    "answer", [None, [], "x", {}, {"id": "a", "rawId": "a", "response": {}}, {"response": {"clientDataJSON": "e30"}}]
)
def test_hostile_answers_are_refused(answer, now):
    """Whatever is sent instead of an answer: words, never a 500."""
    user = make_user()
    SoftKey(user)
    refused(user, answer, now)


def test_answers_are_limited(now):
    """Wrong answers use up the same tries as wrong codes (ASVS 6.3.1)."""
    user = make_user()
    key = SoftKey(user)
    for _number in range(5):
        refused(user, {}, now)
    with pytest.raises(ValidationError, match="Too many"):
        passkeys.prove(user, key.confirms(asked(user, now)), session=SESSION, hashes=[HASH], now=now)


def test_broken_bytes_are_a_refusal(now):
    """An answer that the library cannot take apart is refused in words, and is no error of ours."""
    user = make_user()
    answer = SoftKey(user).confirms(asked(user, now))
    for data in (b"\0" * 32 + b"\x80" + b"\0" * 4 + b"\x81" * 5000, b"\0" * 32 + b"\x80" + b"\0" * 4 + b"\x5b\0"):
        answer["response"]["authenticatorData"] = websafe_encode(data)
        refused(user, answer, now)


def options_on(page) -> dict:
    """The options that a page gives the browser."""
    return json.loads(page.context["options_json"])["publicKey"]


def add(client, **changes):
    """Register a passkey through the page."""
    asked_for = options_on(client.get(reverse("mfa_add_webauthn")))
    key = SoftKey()
    body = {"name": "Work phone", "credential": json.dumps(key.created(asked_for["challenge"], **changes))}
    return client.post(reverse("mfa_add_webauthn"), body), key, asked_for


def test_register_rename_remove(client):
    """On our pages; user verification and a kept key are required; each change is mailed (ASVS 6.3.7)."""
    user = make_member(make_framework(), Role.DRAFTER)
    sign_in(client, user)
    answer, _key, asked_for = add(client)
    assert answer["Location"] == reverse("mfa_view_recovery_codes")
    wanted = asked_for["authenticatorSelection"]
    assert (wanted["userVerification"], wanted["residentKey"]) == ("required", "required")
    assert asked_for["rp"]["id"] == "localhost"
    (held,) = passkeys.held(user)
    assert "Work phone" in client.get(reverse("mfa_list_webauthn")).content.decode()
    client.post(reverse("mfa_edit_webauthn", args=[held.pk]), {"name": "Old phone"})
    assert "Old phone" in client.get(reverse("mfa_list_webauthn")).content.decode()
    assert "Old phone" in client.get(reverse("mfa_remove_webauthn", args=[held.pk])).content.decode()
    assert passkeys.held(user) == [held]
    client.post(reverse("mfa_remove_webauthn", args=[held.pk]))
    assert passkeys.held(user) == []
    assert kinds() == ["account.passkey_added", "account.passkey_removed"]


def test_a_passkey_that_does_not_recognise_its_owner_is_not_registered(client):
    """Without user verification it could not sign."""
    user = make_member(make_framework(), Role.DRAFTER)
    sign_in(client, user)
    answer, _key, _asked = add(client, flags=PRESENT)
    assert answer.status_code == 200
    assert "That did not work" in answer.content.decode()
    assert passkeys.held(user) == []


@pytest.mark.parametrize("page", ["mfa_add_webauthn", "mfa_activate_totp"])
def test_a_password_alone_adds_no_second_factor(client, page):
    """An open session and the password: the second factor is asked for before another one is added (ASVS 7.5.1)."""
    user = make_user(mfa=False)
    SoftKey(user)
    client.force_login(user)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    for method in ("get", "post"):
        answer = getattr(client, method)(reverse(page))
        assert answer["Location"].startswith(reverse("mfa_reauthenticate_webauthn"))
    assert Authenticator.objects.filter(user=user).count() == 1


def test_somebody_elses_passkey_is_not_found(client):
    """The number of a passkey in the address is looked up among one's own."""
    mine, theirs = make_user(), make_user()
    SoftKey(mine)
    foreign = SoftKey(theirs).authenticator
    sign_in(client, mine)
    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        assert client.post(reverse(name, args=[foreign.pk]), {"name": "x"}).status_code == 404
    assert passkeys.held(theirs) == [foreign]


def test_sign_in_with_a_passkey_alone(client):
    """A passkey is both steps; it goes on to where the person wanted to go."""
    user = make_member(make_framework(), Role.DRAFTER, mfa=False)
    key = SoftKey(user)
    found = client.get(reverse("mfa_login_webauthn"), headers={"X-Requested-With": "XMLHttpRequest"}).json()
    challenge = found["request_options"]["publicKey"]["challenge"]
    assert found["request_options"]["publicKey"]["userVerification"] == "required"
    body = {"credential": json.dumps(key.confirms(challenge)), "next": reverse("mfa_index")}
    assert client.post(reverse("mfa_login_webauthn"), body)["Location"] == reverse("mfa_index")
    assert is_signed_in(client)
    client.post(reverse("account_logout"))
    assert client.post(reverse("mfa_login_webauthn"), body)["Location"] == reverse("account_login")
    assert not is_signed_in(client)


@pytest.mark.parametrize("credential", ["", "{}", "[]", "[" * 19_000, '{"response": {"userHandle": "MQ"}}', "\x00"])
def test_hostile_sign_in_by_passkey(client, credential):
    """Words, never a 500; nobody is signed in."""
    answer = client.post(reverse("mfa_login_webauthn"), {"credential": credential})
    assert answer["Location"] == reverse("account_login")
    assert not is_signed_in(client)


def test_second_step_by_passkey_or_code(client):
    """After the password either will do; the page offers the passkey only to those who have one."""
    user = make_user()
    login = {"login": user.email, "password": PASSWORD}
    client.post(reverse("account_login"), login)
    assert client.get(reverse("mfa_authenticate")).context["options_json"] == ""
    key = SoftKey(user)
    page = client.get(reverse("mfa_authenticate"))
    answer = key.confirms(options_on(page)["challenge"])
    assert client.post(reverse("mfa_authenticate"), {"credential": json.dumps(answer)}).status_code == 302
    assert is_signed_in(client)
    client.post(reverse("account_logout"))
    assert sign_in(client, user, code=next_code(user)).status_code == 302


def test_options_for_signing_are_for_owners_of_passkeys(client):
    """Only with hashes of the right form, and only for somebody who has a passkey."""
    user = make_user()
    client.force_login(user)
    address = reverse("passkey-challenge")
    assert client.get(address, {"sha256": HASH}).status_code == 404
    SoftKey(user)
    assert client.get(address, {"sha256": HASH}).json()["publicKey"]["userVerification"] == "required"
    for wrong in ({}, {"sha256": "x"}, {"sha256": "A" * 64}, {"sha256": [HASH] * 51}):
        assert client.get(address, wrong).status_code == 404
