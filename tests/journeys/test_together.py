"""Parent and child signed in one act: on a phone with a passkey, and at a desk with a code and without JavaScript (HAR-10)."""

import json

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.db import transaction

from portal.tenancy import scope
from signatories.models import Signature
from tests import builders
from tests.journeys.people import NARROW, WIDE, Person
from tests.journeys.test_passkeys import PHONE
from tests.signatories.signing import make_signer


@pytest.fixture(scope="module")
def place(server):
    """A general protocol and one that supplements it, both open for the same two organisations, each with a signer."""
    with server.inside():
        framework = builders.make_framework("Hillshire Partnership", slug="hillshire")
        bodies = [builders.make_organisation(name, framework) for name in ("Hillshire Police", "Hillshire Council")]
        with scope(framework.pk), transaction.atomic():
            upper = builders.make_protocol(
                framework,
                tier=1,
                lead=bodies[1],
                title="General protocol on sharing information",
                reference="ANY-GEN-1",
            )
            lower = builders.make_protocol(
                framework, parent=upper, lead=bodies[1], title="Safeguarding children in schools", reference="ANY-ISP-2"
            )
            for protocol in (upper, lower):
                version = builders.make_version(protocol, parties=0)
                for order, body in enumerate(bodies):
                    builders.make_party(version, body, order=order)
                builders.advance(version, "open-for-signature")
            parties = list(version.parties.all())
            users = [make_signer(party, full_name=name) for party, name in zip(parties, NAMES, strict=True)]
    return {"framework": framework, "users": users}


NAMES = ["Duncan Reever", "Gwen Ashdown"]


def enter(server, looker, user, **options) -> Person:
    """Somebody at the page of what needs doing."""
    person = Person(server, looker, user.email, password=builders.PASSWORD, **options)
    person.secret = decrypt(Authenticator.objects.get(user=user, type="totp").data["secret"])
    return person


def choose(person) -> None:
    """From what needs doing to the page that signs both, everything ticked."""
    person.click("Sign several documents in one act")
    for box in person.page.locator("main [name=party]").all():
        box.check()
    person.click("Read and sign")
    person.heading("Sign 2 documents")
    titles = person.page.locator("main h2").all_inner_texts()
    assert titles[0].startswith("1. General protocol")
    assert titles[1].startswith("2. Safeguarding")
    tick_all(person)


def tick_all(person) -> None:
    """Every statement of every document."""
    for box in person.page.locator("main input[type=checkbox]").all():
        box.check()


def methods(place, user) -> list[str]:
    """How this person proved who they are, for each of their signatures."""
    with scope(place["framework"].pk), transaction.atomic():
        rows = Signature.objects.filter(user=user).order_by("pk")
        return [json.loads(row.record)["authentication"]["method"] for row in rows]


def test_on_a_phone_with_a_passkey(server, looker, place):
    """One confirmation of the device signs both."""
    user = place["users"][0]
    person = enter(server, looker, user, width=NARROW)
    device = person.page.context.new_cdp_session(person.page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": PHONE})
    person.come("/accounts/2fa/passkeys/add/")
    person.type(name="My phone")
    person.press("Set up the passkey", until="**/recovery-codes/")
    person.go("/me/")
    choose(person)
    person.press("Sign 2 documents", until="**/sign/together/done/*")
    person.heading("You have signed 2 documents")
    assert methods(place, user) == ["passkey", "passkey"]


def test_at_a_desk_without_javascript(server, looker, place):
    """A box forgotten on one document: nothing signed, every tick kept; then one code signs both."""
    user = place["users"][1]
    person = enter(server, looker, user, width=WIDE, java_script_enabled=False)
    server.forward(seconds=120)
    person.come("/me/")
    choose(person)
    last = person.page.locator("main input[type=checkbox]").last
    last.uncheck()
    ticked = person.page.locator("main input[type=checkbox]:checked").count()
    person.type(code=person.code())
    person.click("Sign 2 documents")
    person.sees("There is a problem")
    assert person.page.locator("main input[type=checkbox]:checked").count() == ticked
    tick_all(person)
    person.type(code=person.code())
    person.click("Sign 2 documents")
    person.heading("You have signed 2 documents")
    person.sees("General protocol on sharing information 1.0", "Safeguarding children in schools 1.0")
    assert methods(place, user) == ["TOTP", "TOTP"]
