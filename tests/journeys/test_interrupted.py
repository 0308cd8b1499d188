"""A drafter who is interrupted: the tab is closed, the line is down, the session ends. Nothing typed is lost."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.db import transaction
from playwright.sync_api import expect

from portal.permissions import Role
from portal.tenancy import scope
from protocols import drafting
from protocols.models import Clause
from tests import builders
from tests.journeys.people import Person

VERSION = "/westshire/protocols/ANY-001/1.0/"


@pytest.fixture(scope="module")
def place(server):
    """A framework with two drafters and a draft."""
    with server.inside():
        framework = builders.make_framework("Westshire Partnership", slug="westshire")
        organisation = builders.make_organisation("Westshire Council", framework=framework)
        people = [builders.make_member(framework, Role.DRAFTER, organisation) for _n in range(2)]
        with scope(framework.pk), transaction.atomic():
            version = builders.make_version(builders.make_protocol(framework, lead=organisation, reference="ANY-001"))
            clause = version.clauses.get(label="1.1")
    return {"framework": framework, "people": people, "clause": clause, "form": f"{VERSION}draft/clauses/{clause.uid}/"}


@pytest.fixture
def enter(server, looker, place):
    """The first drafter, signed in, on the form of a clause."""

    def run(**options):
        user = place["people"][0]
        person = Person(server, looker, user.email, password=builders.PASSWORD, **options)
        person.secret = decrypt(Authenticator.objects.get(user=user, type="totp").data["secret"])
        server.forward(seconds=120)
        person.come(place["form"])
        return person

    return run


def test_closed_tab_and_broken_line(enter, place):
    """Kept while it is typed, said so, offered in the next tab, used, saved; offline it says that it is not kept."""
    drafter = enter()
    state = drafter.page.locator("[data-kept-state]")
    expect(state).to_have_attribute("role", "status")
    drafter.type(text="Typed, and then the tab was closed.")
    expect(state).to_contain_text("Saved at")
    drafter.page.context.set_offline(True)
    drafter.type(text="Typed, and then the tab was closed. More.")
    expect(state).to_have_text("Not saved: you are offline.")
    drafter.page.context.set_offline(False)
    expect(state).to_contain_text("Saved at")
    second = drafter.page.context.new_page()
    drafter.page.close()
    drafter.page = second
    drafter.go(f"{VERSION}draft/")
    drafter.click("Look at what you typed on 1 page")
    drafter.click("Go on with it", exact=False)
    expect(second.locator("[name=text]")).to_have_value("Typed, and then the tab was closed. More.")
    drafter.go(place["form"])
    drafter.sees("You have unsaved changes from")
    drafter.click("Use them")
    expect(second.locator("[name=text]")).to_have_value("Typed, and then the tab was closed. More.")
    drafter.click("Preview")
    drafter.sees("This is how it will read.")
    drafter.click("Save")
    drafter.go(place["form"])
    expect(second.get_by_text("unsaved changes")).to_have_count(0)
    expect(second.locator("[name=text]")).to_have_value("Typed, and then the tab was closed. More.")


@pytest.mark.parametrize("javascript", [True, False])
def test_session_ends_and_a_colleague_was_quicker(enter, server, place, javascript):
    """Sent after the session has ended: sign in, find the words, save, see both texts with what differs marked, save again."""
    drafter = enter(java_script_enabled=javascript, width=1100 if javascript else 390)
    words = f"My own words, JavaScript {'on' if javascript else 'off'}."
    server.forward(minutes=40)
    with server.inside(), scope(place["framework"].pk), transaction.atomic():
        clause = Clause.objects.select_related("version").get(pk=place["clause"].pk)
        data = {name: getattr(clause, name) for name in drafting.CLAUSE_FIELDS} | {
            "text": f"The colleague’s words {javascript}."
        }
        drafting.change_clause(clause, data, revision=None, base="", by=place["people"][1], now=server.now)
    drafter.type(text=words)
    drafter.page.get_by_role("button", name="Save", exact=True).click()
    drafter.sees("What you typed is kept: the page offers it as soon as you are back.")
    drafter.sign_in()
    drafter.sees("You have unsaved changes from")
    drafter.click("Use them")
    expect(drafter.page.locator("[name=text]")).to_have_value(words)
    drafter.click("Save")
    drafter.sees("What stands now")
    assert drafter.page.locator("mark.portal-differs").count() >= 2
    assert (
        drafter.page.locator("mark.portal-differs").first.evaluate("node => getComputedStyle(node).fontWeight") == "700"
    )
    drafter.click("Save")
    drafter.sees("Saved.")
    with server.inside(), scope(place["framework"].pk), transaction.atomic():
        assert Clause.objects.get(pk=place["clause"].pk).text == words
