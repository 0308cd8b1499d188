"""A board secretary prepares, holds, minutes and circulates a meeting, by links and forms, with JavaScript or without."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.db import transaction

from portal import clock
from portal.permissions import Role
from portal.tenancy import scope
from protocols import workflow
from tests import builders
from tests.axe import WIDTHS
from tests.journeys.people import Person
from tests.portal.test_papers import pdf

WAYS = [(True, WIDTHS[0], "upland"), (False, WIDTHS[1], "lowland")]


def arranged(server, slug):
    """A framework of two organisations, a secretary, a representative, and a draft that waits for the board."""
    with server.inside():
        framework = builders.make_framework(f"{slug.title()} Partnership", slug=slug)
        council, trust = (
            builders.make_organisation(f"{slug.title()} {kind}", framework=framework) for kind in ("Council", "Trust")
        )
        secretary = builders.make_member(framework, Role.SECRETARY, council)
        builders.make_member(framework, Role.REPRESENTATIVE, trust, email=f"rep@{slug}.example.org")
        with scope(framework.pk), transaction.atomic():
            version = builders.make_version(
                builders.make_protocol(framework, lead=council, reference="UPL-001", title="Sharing with schools"),
                parties=0,
            )
            for order, body in enumerate((council, trust)):
                builders.make_party(version, body, order=order)
            workflow.submit(version, by=None, now=server.now)
    return secretary


@pytest.mark.parametrize(("javascript", "width", "slug"), WAYS)
def test_a_meeting_from_plan_to_circulated_minutes(server, looker, javascript, width, slug):
    """HAR-6.6, DUD-17, journey 5: the approval is on the agenda already; one pack; quorum; minutes; everybody is told."""
    user = arranged(server, slug)
    person = Person(server, looker, user.email, password=builders.PASSWORD, java_script_enabled=javascript, width=width)
    person.secret = decrypt(Authenticator.objects.get(user=user, type="totp").data["secret"])
    server.forward(seconds=120)
    day = clock.london_date(server.now) + timedelta(days=1)
    person.come(f"/{slug}/meetings/")
    person.click("Plan a meeting")
    person.page.locator("select[name=board]").select_option(index=1)
    person.type(day=f"{day:%-d %B %Y}", time="10:00", place="Town Hall")
    person.click("Plan the meeting")
    person.sees("Sharing with schools")
    way = person.page.get_by_role("navigation", name="Breadcrumb")
    assert way.get_by_role("link", name="Meetings").is_visible()  # the way up, on a phone too
    person.click("Add an item")
    person.type(title="Figures of the year", note="Note them")
    person.click("Add the item")
    person.page.get_by_text("Change item 2").click()
    person.click(re.compile("^Attach a paper ?: Figures"))
    person.type(title="Figures")
    person.page.locator("[name=file]").set_input_files(
        {"name": "figures.pdf", "mimeType": "application/pdf", "buffer": pdf(2)}
    )
    person.click("Attach the paper")
    person.page.get_by_text("Change item 2").click()
    person.click(re.compile("^Move up"))
    assert person.download("Agenda pack (PDF)").startswith(b"%PDF-")
    person.click("Publish the agenda")
    server.mail(f"rep@{slug}.example.org", "Agenda of")
    server.move_to(server.now + timedelta(days=2))
    person.come(f"/{slug}/meetings/")
    person.go(f"/{slug}/")
    person.click(re.compile("^Record that .* met on"))
    person.tick(f"{slug.title()} Council", f"{slug.title()} Trust")
    person.click("Record the meeting")
    person.sees("The meeting was quorate.")
    person.click("Minutes")
    for _item in range(2):
        person.page.get_by_role("main").get_by_role("link", name=re.compile("^Write the minutes")).first.click()
        person.page.wait_for_load_state()
        person.type(text="Noted by all.")
        person.click("Save")
    person.click(re.compile("^Record a decision ?: Figures"))
    person.tick("Approved")
    person.type(reference="Item 1", votes_for="2")
    person.click("Record the decision")
    person.click("The minutes are written")
    person.click("Circulate the minutes")
    server.mail(f"rep@{slug}.example.org", "Minutes of")
    person.page.reload()
    person.sees("Accepted by the mail server")
