"""A representative with a phone: sets up a passkey, signs in with it, and signs with it (Chromium's virtual authenticator)."""

import json

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.db import transaction

from portal.tenancy import scope
from signatories.models import Signature
from signatories.statements import statements
from tests import builders
from tests.journeys.people import NARROW, Person
from tests.signatories.signing import make_signer

PHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def place(server):
    """A version that is open, and the signer of one of its parties."""
    with server.inside():
        framework = builders.make_framework("Southshire Partnership", slug="southshire")
        with scope(framework.pk), transaction.atomic():
            version = builders.make_version(framework=framework, status="open-for-signature")
            party = version.parties.first()
            user = make_signer(party, full_name="Tamsin Reid")
            boxes = [shown.text for shown in statements(party)]
    secret = decrypt(Authenticator.objects.get(user=user, type="totp").data["secret"])
    path = f"/southshire/protocols/{version.protocol.reference}/{version.number}/sign/{party.pk}/"
    return {"framework": framework, "user": user, "secret": secret, "path": path, "party": party, "boxes": boxes}


def test_passkey_from_set_up_to_signature(server, looker, place):
    """Added on our page after a fresh code; signs in without a password; signs without a code, bound to the text."""
    person = Person(server, looker, place["user"].email, password=builders.PASSWORD, width=NARROW)
    person.secret = place["secret"]
    device = person.page.context.new_cdp_session(person.page)
    device.send("WebAuthn.enable")
    key = device.send("WebAuthn.addVirtualAuthenticator", {"options": PHONE})["authenticatorId"]
    person.come("/accounts/2fa/passkeys/add/")
    person.type(name="My phone")
    person.press("Set up the passkey", until="**/recovery-codes/")
    person.heading("Recovery codes")
    kept = person.download("Keep the codes as a text file").decode()
    assert person.page.locator(".portal-codes li").first.inner_text() in kept
    person.go("/accounts/2fa/passkeys/")
    person.sees("My phone")
    person.press("Sign out", until=f"{server.url}/")

    person.go(place["path"])
    person.heading("Sign in")
    person.press("Sign in with a passkey", until=f"{server.url}{place['path']}")
    device.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    person.tick(*place["boxes"])
    button = person.page.get_by_role("button", name=f"Sign for {place['party'].name}")
    button.click()
    person.sees("Your device did not confirm")
    device.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": True})
    person.page.wait_for_timeout(1100)  # the design system's button ignores a second click for a second
    button.click()
    person.page.wait_for_url("**/done/")
    person.look()
    with scope(place["framework"].pk), transaction.atomic():
        proof = json.loads(Signature.objects.get().record)["authentication"]
    assert proof["method"] == "passkey"
    assert [step["method"] for step in proof["sign_in"]] == ["mfa"]


def test_without_javascript_the_code_is_there(server, looker, place):
    """The pages say so and offer the other way."""
    person = Person(server, looker, place["user"].email, password=builders.PASSWORD, java_script_enabled=False)
    person.secret = place["secret"]
    server.forward(seconds=120)
    person.come("/accounts/2fa/passkeys/add/")
    person.sees("A passkey needs JavaScript")
    assert not person.page.get_by_role("button", name="Set up the passkey").is_visible()
