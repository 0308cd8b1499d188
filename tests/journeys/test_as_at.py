"""An auditor looks at the register as at last year; the public too, and finds who has signed.

Wide with JavaScript, and on a phone without."""

import csv
import io

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.db import transaction
from playwright.sync_api import expect

from portal.permissions import Role
from portal.tenancy import scope
from tests import builders
from tests.journeys.people import NARROW, WIDE, Person
from tests.protocols import late_story

BOTH = [(WIDE, True), (NARROW, False)]


@pytest.fixture(scope="module")
def auditor(server):
    """Somebody who audits a framework in which much has happened since last year."""
    with server.inside():
        framework = builders.make_framework("Northshire Partnership", slug="northshire")
        user = builders.make_member(framework, Role.AUDITOR)
        with scope(framework.pk), transaction.atomic():
            late_story.tell(framework)
    return user


@pytest.mark.parametrize("width, javascript", BOTH)
def test_auditor_looks_at_last_year(server, looker, auditor, width, javascript):
    """Journey 7, SIG-force: list, protocol, text and file of a day, a wrong date, and the way back to today."""
    person = Person(
        server, looker, auditor.email, password=builders.PASSWORD, width=width, java_script_enabled=javascript
    )
    person.secret = decrypt(Authenticator.objects.get(user=auditor, type="totp").data["secret"])
    server.forward(seconds=120)  # past every code that the other width has used
    person.come("/northshire/protocols/")
    person.page.get_by_text("Show as it stood on a date").click()
    person.type(**{"as-at": "15 August 2025"})
    person.click("Show")
    assert person.page.url.endswith("/northshire/protocols/?as-at=2025-08-15")
    person.sees("As it stood on 15 August 2025", "3 of 3")
    lines = list(csv.DictReader(io.StringIO(person.download("Download the list as at").decode("utf-8-sig"))))
    assert [(line["Version"], line["Signed by"]) for line in lines] == [("1.0", "Alpha body; Beta body; Gamma body")]
    person.click("An old protocol")
    person.sees("Who had signed: 3 of 3", "Suspended", "Since 1 April 2025", "20 September 2025")
    expect(person.page.get_by_role("main").get_by_text("2.0")).to_have_count(0)
    person.click("Read version 1.0")
    person.sees("As it stood on 15 August 2025", "Who had signed: 3 of 3")
    person.go("/northshire/protocols/OLD-001/?as-at=32+foo")
    expect(person.page.get_by_role("alert")).to_contain_text("Date must be a real date")
    person.go("/northshire/protocols/OLD-001/?as-at=2025-08-15")
    person.click("Show today")
    person.sees("Withdrawn")
    person.click("The whole history")
    person.sees("Beta body withdrew", "1 March 2026")
    person.choose(topic="Field by field (kept for browsing)")
    person.click("Apply filters")
    person.sees("Clause 1.1 of version 2.0: added")
    person.go("/northshire/protocols/OLD-001/1.0/history/")
    person.click("1.1", exact=False)
    person.sees("Version 1.0")
    person.go("/northshire/ledger/")
    person.sees("Version 2.0 came into force")


@pytest.mark.parametrize("width, javascript", BOTH)
def test_public_finds_who_has_signed(server, looker, auditor, width, javascript):
    """UK-pub, HAM-register: from the front page to who has signed, by organisation and by protocol; nobody else's name.

    Then the register and the page of the protocol as at a date."""
    person = Person(server, looker, "", width=width, java_script_enabled=javascript)
    person.go("/northshire/")
    person.click("Read the register of published protocols")
    person.click("See all organisations that have signed")
    person.type(q="beta")
    person.click("Apply filters")
    person.sees("No organisation of this name has signed")  # it withdrew on 1 March
    person.type(q="alpha")
    person.click("Apply filters")
    person.sees("1 organisation", "Alpha body")
    person.click("1 protocol", exact=False)
    person.click("An old protocol")
    person.sees("Summary 2.0", "Alpha body")
    person.go("/northshire/register/?q=zzz")
    person.sees("No published protocol fits these filters")
    person.go("/northshire/register/")
    person.page.get_by_text("Show as it stood on a date").click()
    person.type(**{"as-at": "15/8/2025"})
    person.click("Show")
    person.sees("As it stood on 15 August 2025", "Alpha body, Beta body, Gamma body")
    person.click("An old protocol")
    person.sees("As it stood on 15 August 2025", "Summary 1.0")
    person.click("Show today")
    person.sees("Summary 2.0")
