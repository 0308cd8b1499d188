"""A breach from its report to circulated minutes with the closed session, as three people; acknowledged on a phone from the
mail.

In browsers, once with JavaScript and once without; axe looks at every page (HAR-6.1 to HAR-6.6).
"""

from itertools import count

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.db import transaction
from playwright.sync_api import expect

from portal import clock
from portal.permissions import Role
from portal.tenancy import scope
from tests import builders
from tests.journeys.people import NARROW, WIDE, Person

NUMBERS = count(1)


class Member(Person):
    """Somebody of the framework."""

    def __init__(self, server, looker, user, slug, **options):
        super().__init__(server, looker, user.email, password=builders.PASSWORD, **options)
        self.secret = decrypt(Authenticator.objects.get(user=user, type="totp").data["secret"])
        self.breach = f"/{slug}/breaches/1/"

    def at(self, page=""):
        """A page of the breach."""
        self.come(f"{self.breach}{page}")

    def day(self, name, day):
        """A date in three boxes."""
        self.type(**{f"{name}_{part}": str(getattr(day, part)) for part in ("day", "month", "year")})


@pytest.fixture(params=[True, False], ids=["javascript", "without javascript"])
def cast(request, server, looker):
    """Three parties to a protocol in force: the trust, which will be in breach, the council with its secretary, the police."""
    number = next(NUMBERS)
    with server.inside():
        framework = builders.make_framework(f"Breaching Partnership {number}", slug=f"breaching-{number}")
        council, trust, police = (
            builders.make_organisation(f"Breaching {name} {number}", framework=framework)
            for name in ("Council", "Trust", "Police")
        )
        users = {
            "trust": builders.make_member(framework, Role.REPRESENTATIVE, trust),
            "secretary": builders.make_member(framework, Role.SECRETARY, council),
            "police": builders.make_member(framework, Role.REPRESENTATIVE, police),
        }
        with scope(framework.pk), transaction.atomic():
            protocol = builders.make_protocol(framework, lead=council, reference="BRE-001", title="Sharing at the desk")
            version = builders.make_version(protocol, parties=0, effective_on=clock.london_date(server.now))
            for order, one in enumerate((council, trust, police)):
                builders.make_party(version, one, order=order)
            builders.advance(version, "in-force", now=server.now)
    widths = {"trust": WIDE, "secretary": WIDE, "police": NARROW}
    cast = {
        name: Member(server, looker, users[name], framework.slug, width=widths[name], java_script_enabled=request.param)
        for name in users
    }
    return cast | {"names": {one.name.split()[1].lower(): one.name for one in (council, trust, police)}, "users": users}


def report(person, server, names):
    """The five questions, with a name on the way that is pointed out."""
    today = clock.london_date(server.now)
    person.come(person.breach.removesuffix("1/") + "report/")
    person.click("Start a report")
    person.type(what_happened="A list went to somebody@example.org by mistake.")
    person.tick("On one day that is known")
    person.day("occurred_from", today)
    person.click("Continue")
    person.sees("This looks as if it held an email address")
    person.type(what_happened="A list went to a wrong address by mistake.")
    person.click("Continue")
    person.day("identified_on", today)
    person.type(identified_by="records manager")
    person.click("Continue")
    person.choose(protocol="BRE-001 Sharing at the desk")
    person.click("Continue")
    person.tick(names["trust"])
    person.click("Continue")
    person.tick("Yes", names["trust"])
    person.type(data_kinds="Addresses")
    person.click("Continue")
    person.type(containment="It was called back.")
    person.click("Continue")
    person.heading("Check your answers before you send the report")
    person.click("Send the report")
    person.heading("Breach reported")
    person.sees("First: the regulator")


def acknowledge(police, server, names):
    """On a phone, from the link of the mail: sign in, read, one button."""
    police.come(server.link(police.email, "breach"))
    assert police.page.viewport_size["width"] == NARROW
    police.heading("Breach BR-001")
    police.sees("What was due when")
    police.click(f"Acknowledge for {names['police']}")
    police.sees(f"Acknowledged for {names['police']}.")
    expect(police.page.get_by_role("button", name=f"Acknowledge for {names['police']}")).to_have_count(0)


def hold(secretary, server, users, names):
    """The meeting is called for now, presented to, and the session closed."""
    at = server.now.astimezone(clock.LONDON)
    secretary.at()
    secretary.click("Call the meeting of the parties")
    secretary.type(on=f"{at.day}/{at.month}/{at.year}", time=f"{at:%H:%M}", place="Town hall")
    secretary.click("Call the meeting")
    secretary.click("Name the chair and the secretary of the session")
    secretary.choose(chair=users["police"].full_name, secretary=users["secretary"].full_name)
    secretary.click("Save")
    secretary.click("Record that the breach was presented")
    secretary.tick(names["council"], names["police"])
    secretary.click("Record it")
    secretary.click("Close the session")
    secretary.click("The organisation in breach has withdrawn: close the session")
    secretary.heading("Closed session")


def decide(police, secretary, names):
    """The police propose on a phone; the secretary records votes and decision."""
    police.at("session/")
    police.click("Propose a sanction or an action")
    police.tick(names["trust"], "Warning")
    police.type(text="A warning to the trust")
    police.click("Propose it")
    secretary.at("session/")
    secretary.click("Record the votes", exact=False)
    for name in ("council", "police"):
        secretary.page.get_by_role("group", name=names[name]).get_by_label("For", exact=True).check()
    secretary.click("Save")
    secretary.click("Record the decision")
    secretary.type(outcome="The trust is warned.")
    secretary.click("Record the decision")
    secretary.sees("Carried")


def test_from_report_to_minutes(cast, server):
    """HAR-6.1 to HAR-6.6: reported, acknowledged on a phone, met, decided behind closed doors, told, minuted, circulated;
    the trust sees the outcome from the recall on, and the session never."""
    trust, secretary, police, names = cast["trust"], cast["secretary"], cast["police"], cast["names"]
    report(trust, server, names)
    acknowledge(police, server, names)
    hold(secretary, server, cast["users"], names)
    decide(police, secretary, names)
    trust.at()
    assert "warned" not in trust.page.content()
    assert trust.page.goto(f"{server.url}{trust.breach}session/").status == 404
    secretary.click("Recall the organisation in breach")
    secretary.type(told_by="The chair", told_to="The director", time=f"{server.now.astimezone(clock.LONDON):%H:%M}")
    secretary.click("Save")
    secretary.click("Write the minutes")
    secretary.type(text="The parties met. The trust is warned.")
    secretary.click("Save")
    secretary.click("Circulate the minutes")
    trust.at()
    trust.sees("The trust is warned.")
    trust.click("Minutes")
    trust.sees("The parties met.")
