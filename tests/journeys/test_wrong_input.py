"""What a person sees who leaves out or mistypes something: what is wrong, where, and everything they typed."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.db import transaction
from playwright.sync_api import expect

from portal.permissions import Role
from portal.tenancy import scope
from tests import builders
from tests.journeys.people import Person

ERROR = ".govuk-error-message"


@pytest.fixture(scope="module")
def place(server):
    """A framework with a drafter, an administrator and a draft that can be submitted."""
    with server.inside():
        framework = builders.make_framework("Lakeshire Partnership", slug="lakeshire")
        organisation = builders.make_organisation("Lakeshire Council", framework=framework)
        people = {
            role: builders.make_member(framework, role, organisation) for role in (Role.DRAFTER, Role.FRAMEWORK_ADMIN)
        }
        with scope(framework.pk), transaction.atomic():
            builders.make_version(builders.make_protocol(framework, lead=organisation, reference="ANY-001"))
    return {"people": people, "version": "/lakeshire/protocols/ANY-001/1.0/"}


@pytest.fixture
def enter(server, looker, place):
    """Somebody with a role, signed in with password and code, on a page."""

    def run(role, path, **options):
        user = place["people"][role]
        person = Person(server, looker, user.email, password=builders.PASSWORD, **options)
        person.secret = decrypt(Authenticator.objects.get(user=user, type="totp").data["secret"])
        server.forward(seconds=120)  # past every code that an earlier test has used
        person.come(path)
        return person

    return run


def test_empty_form_says_what_is_missing(enter):
    """A new protocol without anything: one message per field, the summary leads into the first box."""
    drafter = enter(Role.DRAFTER, "/lakeshire/protocols/new/")
    drafter.click("Begin the protocol")
    drafter.refused("Enter the title", "Enter the reference")
    drafter.page.locator(".govuk-error-summary a").first.click()
    expect(drafter.page.locator("[name=title]")).to_be_focused()


@pytest.mark.parametrize("javascript", [True, False])
def test_wrong_dates_keep_what_was_typed(enter, place, javascript):
    """A day that does not exist and a word where a date belongs: both stay in their boxes, with JavaScript or without."""
    drafter = enter(Role.DRAFTER, f"{place['version']}draft/details/", java_script_enabled=javascript)
    drafter.type(effective_on="31 February 2027", sign_by="soon", review_first_months="x", title="A title of my own")
    drafter.click("Save")
    drafter.refused("Effective date must be a real date, like 27 March 2027")
    assert drafter.page.locator(ERROR).count() == 3
    for name, typed in {"effective_on": "31 February 2027", "sign_by": "soon", "title": "A title of my own"}.items():
        expect(drafter.page.locator(f"[name={name}]")).to_have_value(typed)


def test_long_text_survives_an_error(enter, place):
    """A label that is too long: the text that was typed, with its line breaks and signs, stands there still."""
    words = "First paragraph, with <b>signs</b> & “quotes”.\n\nSecond paragraph.\n" * 40
    drafter = enter(Role.DRAFTER, f"{place['version']}draft/clauses/new/", width=390)
    drafter.tick("Numbered clause")
    drafter.type(text=words, label="4.1 and more than that")
    drafter.click("Save")
    drafter.refused("Number or letter, as it is printed must be 20 characters or fewer. You have entered 22.")
    assert drafter.page.locator("[name=text]").input_value().strip() == words.strip()


def test_wrong_address_of_a_person(enter):
    """An invitation to something that is no address: refused, the name that was typed is kept."""
    admin = enter(Role.FRAMEWORK_ADMIN, "/lakeshire/people/invite/")
    admin.type(email="not an address", full_name="Odile Farrant")
    admin.click("Send the invitation")
    admin.refused("Enter an email address in the correct format, like name@example.org", "Select their role")
    expect(admin.page.locator("[name=full_name]")).to_have_value("Odile Farrant")
    expect(admin.page.locator("[name=email]")).to_have_value("not an address")


def test_wrong_password_and_wrong_code(server, looker, place):
    """Neither says which part was wrong beyond what may be said; the address that was typed is kept."""
    user = place["people"][Role.DRAFTER]
    person = Person(server, looker, user.email)
    person.go("/accounts/login/")
    person.type(login=user.email, password="not the password at all")
    person.click("Sign in")
    person.refused()
    expect(person.page.locator("[name=login]")).to_have_value(user.email)
    person.type(login=user.email, password=builders.PASSWORD)
    person.click("Sign in")
    person.type(code="000000")
    person.click("Sign in")
    person.refused("The code is not right.")


def test_nothing_to_verify(server, looker):
    """/verify without a file or a code, and with a file that is no PDF."""
    person = Person(server, looker, "")
    person.go("/verify/")
    person.click("Verify")
    person.refused("Choose a PDF or enter a code")
    person.page.locator("[name=document]").set_input_files(
        {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": b"Dear all"}
    )
    person.click("Verify")
    person.refused("The file is not a PDF.")


def test_pages_that_refuse(enter, place):
    """Not found, not allowed, not now: each says so in words, and what one can do."""
    drafter = enter(Role.DRAFTER, "/me/")
    for path, status, heading in (
        ("/no-such-page/", 404, "Page not found"),
        ("/lakeshire/people/invite/", 403, "You do not have permission to do this"),
        (f"{place['version']}open/", 409, "This cannot be done now"),
    ):
        assert drafter.go(path).status == status
        drafter.heading(heading)
