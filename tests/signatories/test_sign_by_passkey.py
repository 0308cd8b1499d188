"""Signing with a passkey: an assertion made for this page, this session and this text, kept in the evidence."""

import json

import pytest
from django.urls import reverse

from signatories.models import Signature
from tests.builders import NOW
from tests.passkeys import PRESENT, SoftKey
from tests.signatories.test_views import Open

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(client, time_machine):
    """An open version and its signer, who has an authenticator app and a passkey."""
    time_machine.move_to(NOW, tick=False)
    made = Open(client)
    made.key = SoftKey(made.user)
    return made


def challenge(case, sha256=""):
    """What the browser fetches when the button is pressed."""
    address = case.client.get(case.url("sign", case.party.pk)).context["passkey_href"]
    if sha256:
        address = f"{reverse('passkey-challenge')}?sha256={sha256}"
    return case.client.get(address).json()["publicKey"]["challenge"]


def post(case, answer, **changes):
    """The form as the browser sends it: no code, but the device's answer."""
    return case.post(**case.form(code="", credential=json.dumps(answer), **changes))


def test_passkey_signs_and_stands_in_the_evidence(case):
    """Method, credential and the hash that it was bound to (evidence.md 5); the page asks the device for that hash."""
    answer = case.key.confirms(challenge(case))
    assert post(case, answer).status_code == 302
    (signature,) = case.rows(Signature)
    proof = json.loads(signature.record)["authentication"]
    assert (proof["method"], proof["credential"]) == ("passkey", f"passkey:{answer['id']}")
    assert proof["bound_to_sha256"] == case.version.canonical.sha256


def test_second_submit_of_the_form_gives_the_first_result(case):
    """A double click sends the same answer twice: one signature, the same page."""
    form = case.form(code="", credential=json.dumps(case.key.confirms(challenge(case))))
    first, second = case.post(**form), case.post(**form)
    assert (first.url, second.url) == (case.url("sign-done", case.party.pk),) * 2
    assert len(case.rows(Signature)) == 1


@pytest.mark.parametrize("wrong", ["text", "verification", "session", "replayed", "nothing", "hostile"])
def test_wrong_answers_sign_nothing(case, wrong):
    """For another text, without finger or PIN, from another session, a second time, empty, or nested without end."""
    asked = challenge(case, "b" * 64 if wrong == "text" else "")
    answer = case.key.confirms(asked, flags=PRESENT if wrong == "verification" else PRESENT | 4)
    if wrong == "session":
        case.client.logout()
        case.client.force_login(case.user)
    if wrong == "replayed":
        post(case, answer, statement_bound=None)  # refused before it was used
        post(case, answer, sha256="")
    body = {"nothing": "", "hostile": "[" * 19_000}.get(wrong, json.dumps(answer))
    page = case.post(**case.form(code="", credential=body))
    signed = wrong == "replayed"  # neither refusal had used it up
    assert (page.status_code, len(case.rows(Signature))) == ((302, 1) if signed else (200, 0))


def test_code_goes_on_working(case):
    """Without JavaScript, or on a device without the passkey: the box for the code is there."""
    page = case.client.get(case.url("sign", case.party.pk)).content.decode()
    assert 'name="code"' in page
    assert case.post(**case.form()).status_code == 302
    assert json.loads(case.rows(Signature)[0].record)["authentication"]["method"] == "TOTP"
