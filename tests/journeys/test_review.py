"""A review from the reminder to a new draft: by links and forms, with JavaScript or without, on a desk and on a phone."""

import re
from datetime import UTC, datetime
from itertools import count

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.db import transaction

from portal.models import Job
from portal.permissions import Role
from portal.tenancy import scope
from tests import builders
from tests.journeys.people import NARROW, WIDE, Person

NUMBERS = count(1)
SIGNED = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
REMINDED = datetime(2026, 9, 2, 9, 0, tzinfo=UTC)  # the review is due on 1 December
DAY = {"decided_on_day": "2", "decided_on_month": "9", "decided_on_year": "2026"}
FOUND = "Nobody reads the fax before the next morning."


@pytest.fixture(params=[True, False], ids=["javascript", "without javascript"])
def cast(request, server, looker):
    """A protocol signed three months ago, its drafter, its secretary and a partner's representative; it is 2 September."""
    slug = f"reviewing-{next(NUMBERS)}"
    server.move_to(SIGNED)
    with server.inside():
        framework = builders.make_framework(f"Reviewing Partnership {slug[-1]}", slug=slug)
        council = builders.make_organisation("Reviewing Council", framework=framework)
        trust = builders.make_organisation("Reviewing Trust", framework=framework)
        users = {
            "drafter": builders.make_member(framework, Role.DRAFTER, council),
            "secretary": builders.make_member(framework, Role.SECRETARY, council),
            "partner": builders.make_member(framework, Role.REPRESENTATIVE, trust),
        }
        with scope(framework.pk), transaction.atomic():
            protocol = builders.make_protocol(framework, lead=council, reference="REV-001", title="Sharing by review")
            version = builders.make_version(protocol, parties=1)
            builders.make_party(version, trust, order=1)
            builders.advance(version, "in-force", now=SIGNED)
            Job.objects.filter(kind="protocols.seal").delete()  # the text copy of the builders is no PDF
    server.move_to(REMINDED)
    widths = {"drafter": (WIDE, NARROW), "secretary": (WIDE, WIDE), "partner": (NARROW, WIDE)}
    return {name: member(server, looker, users[name], request.param, *widths[name]) for name in users}


def member(server, looker, user, javascript, wide, narrow) -> Person:
    """Somebody at a browser."""
    made = Person(
        server, looker, user.email, password=builders.PASSWORD, width=wide if javascript else narrow,
        java_script_enabled=javascript,
    )  # fmt: skip
    made.secret = decrypt(Authenticator.objects.get(user=user, type="totp").data["secret"])
    return made


def test_from_the_reminder_to_a_new_draft(server, cast):
    """HAR-5.1 to HAR-5.5, KEN-1.2, REV-out: reminded three months before; the partner consents; findings, report, plan,
    decision to vary; the next draft has the findings. axe at both widths on every page."""
    drafter, partner, secretary = cast["drafter"], cast["partner"], cast["secretary"]
    partner.come(server.link(partner.email, "Review to prepare: REV-001"))
    partner.heading("First review")
    partner.click(re.compile("^Answer"))
    partner.tick("We consent to a review by the others")
    partner.click("Save")
    partner.sees("Consents to a review by the others")

    drafter.come(server.link(drafter.email))
    drafter.come(f"/{drafter.page.url.split('/')[3]}/protocols/REV-001/")
    drafter.click("First review")
    drafter.click(re.compile("^Answer"))
    drafter.tick("We name a reviewer")
    drafter.page.locator("select[name=user]").select_option(index=1)
    drafter.click("Save")
    drafter.click("Begin the review")
    drafter.click("Add a finding")
    drafter.click("Save")
    drafter.sees("Enter the finding")
    drafter.page.locator("select[name=clause]").select_option(index=2)
    drafter.tick("Must be changed")
    drafter.type(text=FOUND, recommendation="Use secure mail.")
    drafter.click("Save")
    drafter.click("Settle the findings")
    drafter.type(summary="Two mornings with eleven practitioners.")
    drafter.click("Settle the findings")
    drafter.click("Plan an action")
    drafter.type(text="Set up a mailbox", owner="Head of Information", due_on="30 September 2026")
    drafter.choose(organisation="Reviewing Council")
    drafter.click("Save")
    drafter.click("Report to the parties")
    drafter.click("Report to the parties")
    assert drafter.download("Report of the findings (PDF)").startswith(b"%PDF-")

    secretary.come(server.link(secretary.email, "Findings of the review"))
    secretary.sees(FOUND)
    secretary.click("Record discussion and decision")
    secretary.tick("Vary the protocol")
    secretary.page.locator("[name=who][value=board]").check()
    secretary.type(discussion="The board asked who reads the mailbox.", reference="Minute 7", **DAY)
    secretary.click("Record the decision")
    secretary.sees("Version 2.0 draft 1")

    drafter.come(server.link(drafter.email, "vary the protocol"))
    drafter.click("Go on with the draft")
    drafter.sees(FOUND, "Use secure mail.")
