"""Two rounds of consultation with a clash on the way; the board refuses, refers back, approves with listed changes.

In browsers, once with JavaScript and once without, where the drafter has a phone instead of the partner's
representative; axe looks at every page.
"""

import re
from datetime import date
from itertools import count

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.db import transaction
from playwright.sync_api import expect

from portal.permissions import Role
from portal.tenancy import scope
from protocols import drafting
from protocols.models import Version
from tests import builders
from tests.journeys.people import NARROW, WIDE, Person

NUMBERS = count(1)
DAY = {"decided_on_day": "1", "decided_on_month": "6", "decided_on_year": "2026"}


class Member(Person):
    """Somebody of the framework, who works on one version."""

    def __init__(self, server, looker, user, slug, **options):
        super().__init__(server, looker, user.email, password=builders.PASSWORD, **options)
        self.secret = decrypt(Authenticator.objects.get(user=user, type="totp").data["secret"])
        self.version = f"/{slug}/protocols/CON-001/1.0/"

    def at(self, page):
        """A page of the version."""
        self.come(f"{self.version}{page}")


@pytest.fixture(params=[True, False], ids=["javascript", "without javascript"])
def cast(request, server, looker):
    """A framework with a draft that can go out, its drafter, its secretary and a partner's representative; a colleague
    of the drafter's sits elsewhere."""
    number = next(NUMBERS)
    with server.inside():
        framework = builders.make_framework(f"Consulting Partnership {number}", slug=f"consulting-{number}")
        council = builders.make_organisation("Consulting Council", framework=framework)
        trust = builders.make_organisation("Consulting Trust", framework=framework)
        users = {
            "drafter": builders.make_member(framework, Role.DRAFTER, council),
            "colleague": builders.make_member(framework, Role.DRAFTER, council),
            "secretary": builders.make_member(framework, Role.SECRETARY, council),
            "partner": builders.make_member(framework, Role.REPRESENTATIVE, trust),
        }
        with scope(framework.pk), transaction.atomic():
            protocol = builders.make_protocol(framework, lead=council, reference="CON-001", title="Sharing by consent")
            version = builders.make_version(protocol, parties=1, effective_on=date(2026, 9, 1))
            builders.make_party(version, trust, order=1)
    widths = {"drafter": (WIDE, NARROW), "secretary": (WIDE, WIDE), "partner": (NARROW, WIDE)}
    cast = {
        name: Member(server, looker, users[name], framework.slug, width=wide if request.param else narrow,
                     java_script_enabled=request.param)
        for name, (wide, narrow) in widths.items()
    }  # fmt: skip

    def meanwhile(words):
        """The colleague changes 1.1."""
        with server.inside(), scope(framework.pk), transaction.atomic():
            clause = Version.objects.get(pk=version.pk).clauses.select_related("version").get(label="1.1")
            data = {name: getattr(clause, name) for name in drafting.CLAUSE_FIELDS} | {"text": words}
            drafting.change_clause(clause, data, revision=None, base="", by=users["colleague"], now=server.now)

    return cast | {"meanwhile": meanwhile}


def send_out(drafter, change):
    """The draft goes to the parties until 12 June."""
    drafter.at("consultation/")
    drafter.click(re.compile("^Open a consultation"))
    drafter.type(closes_on="12 June 2026", change=change)
    drafter.click("Open the consultation")


def respond(drafter, outcome, words):
    """What becomes of the one comment; then the round is closed."""
    drafter.at("consultation/")
    drafter.click(re.compile("^Respond to comment"))
    drafter.tick(outcome)
    drafter.type(text=words)
    drafter.click("Save the response")
    drafter.sees(outcome, words)
    drafter.click("Close the consultation")
    drafter.click("Close the consultation")


def change_clause(drafter, words):
    """1.1 says something else."""
    drafter.at("draft/clauses/")
    drafter.click(re.compile("^Change “1.1"))
    drafter.type(text=words)
    drafter.click("Save")


def clash(drafter, meanwhile):
    """The colleague saves 1.1 while the drafter writes it: both texts are shown, and the drafter brings them together."""
    drafter.at("draft/clauses/")
    drafter.click(re.compile("^Change “1.1"))
    meanwhile("We share what is needed, and say so.")
    drafter.type(text="We share what a practitioner needs, and no more.")
    drafter.click("Save")
    for title, words in {
        "What you wrote": ("practitioner", "no more"),
        "What stands now": ("needed", "say so"),
    }.items():
        for word in words:
            expect(drafter.page.get_by_role("region", name=title)).to_contain_text(word)
    drafter.type(text="We share what a practitioner needs.")
    drafter.click("Save")
    drafter.sees("Saved.")


def record(secretary, outcome, **more):
    """What the board decided."""
    secretary.at("approval/")
    secretary.click("Record the decision")
    secretary.tick(re.compile("^Board"), outcome)
    secretary.type(**DAY, reference=f"Minute {outcome}", **more)
    secretary.click("Record the decision")
    secretary.sees("The decision is recorded.")


def test_two_rounds_then_back_and_forth_with_the_board(cast):
    """HAR-¶9, HAM-consult, KEN-5.2, HAR-r2, HAR-2.3: everything between the first draft and the approval, through the pages."""
    drafter, secretary, partner = cast["drafter"], cast["secretary"], cast["partner"]
    send_out(drafter, "First draft")
    drafter.click("Add workshops, surveys and bodies that are no party")
    drafter.click("Add who was consulted")
    drafter.tick("Event")
    drafter.type(name="Workshops", held_on="2 June 2026", groups="236 children\n103 parents\n259 practitioners")
    drafter.click("Save")
    partner.at("consultation/")
    partner.sees("236 children")
    partner.click(re.compile("^Comment on “1.1"))
    partner.type(text="Needed by whom?")
    partner.click("Send the comment")
    drafter.at("consultation/")
    drafter.click(re.compile("^Reply"))
    drafter.type(text="By the practitioner. Shall we say so?")
    drafter.click("Send the reply")
    partner.at("consultation/")
    partner.click(re.compile("^Reply"))
    partner.type(text="Yes please")
    partner.click("Send the reply")
    drafter.at("consultation/")
    drafter.click("Extend the closing date")
    drafter.type(closes_on="19 June 2026")
    drafter.click("Extend the closing date")
    drafter.sees("19 June 2026")
    respond(drafter, "Accepted", "The text says so now.")
    drafter.click("Take back to draft")
    drafter.type(reason="Comments taken in")
    drafter.click("Take back to draft")
    clash(drafter, cast["meanwhile"])

    send_out(drafter, "Comments taken in")
    partner.at("consultation/")
    partner.sees("We share what a practitioner needs.")
    partner.click("Draft 1")
    partner.sees("We share what is needed.", "Yes please", "The text says so now.")
    partner.click("Read the whole draft with its definitions, purposes, data items and parties")
    partner.sees("Draft 1 as it was circulated on")
    partner.at("consultation/")
    partner.click("Comment on the whole")
    partner.type(text="Make it shorter")
    partner.click("Send the comment")
    partner.click("Say whether Consulting Trust intends to sign")
    partner.tick("We intend to sign")
    partner.type(sign_by="30 June 2026", note="After our board of 20 June")
    partner.click("Give notice")
    respond(drafter, "Not accepted", "The board asked for this length.")

    drafter.click("Go on to approval")
    drafter.click("Submit for approval")
    secretary.at("approval/")
    secretary.sees("Intends to sign by 30 June 2026")
    record(secretary, "Refused", reason="Nobody needs it")
    drafter.at("draft/")
    drafter.sees("Refused", "Nobody needs it")
    change_clause(drafter, "We share what a practitioner says is needed.")
    drafter.at("approval/")
    drafter.click("Submit for approval")
    record(secretary, "Referred back", reason="Say who decides")
    drafter.at("draft/")
    drafter.sees("Say who decides", "Referred back")
    change_clause(drafter, "We share what a practitioner decides is needed.")
    drafter.at("approval/")
    drafter.click("Submit for approval")
    record(secretary, "Approved with listed changes", listed_changes="1.1: “lawfully” before “needed”")
    change_clause(drafter, "We share what a practitioner decides is lawfully needed.")
    drafter.at("approval/")
    drafter.sees("1.1: “lawfully” before “needed”")
    drafter.tick("Only the listed changes were made since the approval")
    drafter.click("Submit for approval")
    secretary.at("approval/")
    secretary.click("Confirm: only the listed changes were made")
    secretary.sees("1.0 draft 5 is approved.")
