"""Pages on paper, as the browser prints them: the text and its tables, nothing to press, the whole width of the sheet."""

import subprocess

import pytest
from django.db import transaction
from playwright.sync_api import expect

from portal.permissions import Role
from portal.tenancy import scope
from tests import builders
from tests.journeys.people import Person

PAGES = {
    "text": ("protocols/PRT-001/1.0/", "We share what is needed."),
    "protocol": ("protocols/PRT-001/", "Who has signed"),
    "signatures": ("protocols/PRT-001/1.0/signatures/", "Waiting"),
    "register": ("register/", "Register of"),
    "accessibility": ("accessibility/", "https://www.equalityadvisoryservice.com/"),
}
NOT_ON_PAPER = ("Skip to main content", "Sign out", "Checkpoints of the ledger", "What needs doing", "Show as it stood")


@pytest.fixture(scope="module")
def reader(server):
    """A viewer, who needs no second factor, of a lead organisation whose protocol is open for signature."""
    with server.inside():
        framework = builders.make_framework("Midshire Partnership", slug="midshire")
        organisation = builders.make_organisation("Midshire Council", framework=framework)
        with scope(framework.pk), transaction.atomic():
            protocol = builders.make_protocol(framework, lead=organisation, reference="PRT-001")
            builders.make_version(protocol, parties=12, status="open-for-signature")
        return builders.make_member(framework, Role.VIEWER, organisation, mfa=False)


def test_pages_print_without_what_is_pressed(server, looker, reader, tmp_path):
    """Each page: its own words, no navigation; the column is as wide as the sheet; no row of a table is cut in two."""
    person = Person(server, looker, reader.email, password=builders.PASSWORD)
    person.go("/accounts/login/")
    person.type(login=reader.email, password=builders.PASSWORD)
    person.click("Sign in")
    for name, (path, words) in PAGES.items():
        person.page.goto(f"{server.url}/midshire/{path}")
        file = tmp_path / f"{name}.pdf"
        person.page.pdf(path=file, format="A4")
        text = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=True).stdout
        assert words.replace(" ", "") in "".join(text.split()), name
        assert [word for word in NOT_ON_PAPER if word in text] == [], name
        person.page.emulate_media(media="print")
        person.page.set_viewport_size({"width": 672, "height": 900})  # A4 less its margins
        main = person.page.locator("main").bounding_box()["width"]
        column = person.page.locator(
            "main .govuk-grid-column-two-thirds, main .govuk-grid-column-full"
        ).first.bounding_box()["width"]
        assert column >= main, name
        assert person.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
        for row in person.page.locator("main tbody tr").all()[:2]:
            expect(row).to_have_css("break-inside", "avoid")
        person.page.emulate_media(media="null")  # as it was: a PDF is printed
        person.page.set_viewport_size({"width": 1100, "height": 900})
