"""Somebody finds what changed between two texts: by links and one form, with JavaScript or without, on a phone."""

from datetime import date

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.db import transaction
from playwright.sync_api import expect

from portal.permissions import Role
from portal.tenancy import scope
from protocols import workflow
from tests import builders
from tests.axe import WIDTHS
from tests.journeys.people import Person


@pytest.fixture(scope="module")
def drafter(server):
    """A drafter, and a draft that was changed after its first round."""
    with server.inside():
        framework = builders.make_framework("Downshire Partnership", slug="downshire")
        organisation = builders.make_organisation("Downshire Council", framework=framework)
        user = builders.make_member(framework, Role.DRAFTER, organisation)
        with scope(framework.pk), transaction.atomic():
            version = builders.make_version(builders.make_protocol(framework, lead=organisation, reference="DOW-001"))
            one = workflow.open_consultation(version, closes_on=date(2026, 7, 1), by=user, now=server.now)
            workflow.close_consultation(one, by=user, now=server.now)
            workflow.take_back(version, reason="Comments", by=user, now=server.now)
            version.clauses.filter(label="1.1").update(text="We share what is strictly needed, and no more.")
    return user


@pytest.mark.parametrize("javascript, width", [(True, WIDTHS[0]), (False, WIDTHS[1])])
def test_from_the_protocol_to_what_changed(server, looker, drafter, javascript, width):
    """SIG-new: protocol, Compare, two texts offered, the words put in; axe at both widths on every page."""
    person = Person(
        server, looker, drafter.email, password=builders.PASSWORD, java_script_enabled=javascript, width=width
    )
    person.secret = decrypt(Authenticator.objects.get(user=drafter, type="totp").data["secret"])
    server.forward(seconds=120)  # past every code that an earlier test has used
    person.come("/downshire/protocols/DOW-001/")
    person.click("Compare versions and drafts")
    person.click("Compare")
    expect(person.page.locator("h1")).to_have_text("What changed from 1.0 draft 1 to 1.0 draft 2")
    expect(person.page.get_by_text("1 clause changed.")).to_be_visible()
    person.click("Changes only")
    expect(person.page.locator("main ins").filter(has_text="strictly")).to_be_visible()
    person.page.go_back()
    expect(person.page.get_by_text("means anything written down.")).to_be_visible()
