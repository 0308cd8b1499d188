"""A version open for signature with many parties, made by the real verbs: `python -m tests.crash.crowd <how many>`.

Prints JSON: framework, reference, number and for each party its id, its representative's e-mail and TOTP secret.
Everybody is invented.
"""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from allauth.mfa.models import Authenticator  # noqa: E402
from allauth.mfa.utils import decrypt  # noqa: E402
from django.db import transaction  # noqa: E402

from portal import clock, tenancy  # noqa: E402
from portal.permissions import Role  # noqa: E402
from protocols import demo_texts  # noqa: E402
from signatories.demo import Story  # noqa: E402
from signatories.demo.people import PASSWORD, Person  # noqa: E402

SLUG, REFERENCE, BOARD = "crash-board", "CRASH-001", "Crash Board"
NUMBERS = ["One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"]


class Crowd(Story):
    """Loads a framework whose one protocol has as many parties as asked for."""

    def who(self, role):
        """The drafter and the secretary of this framework."""
        return self.user[{"drafter": "drafting.officer@example.org", "secretary": "board.secretary@example.org"}[role]]

    def gather(self, text: dict) -> list[Person]:
        """Organisations and people; the representative of each party may sign."""
        self.found(text, since=-40)
        lead = text["protocol"]["lead_organisation"]
        people = [
            Person("Drafting Officer", "Officer", SLUG, lead, Role.DRAFTER),
            Person("Board Secretary", "Secretary", SLUG, lead, Role.SECRETARY),
        ]
        people += [
            Person(
                f"{spelt(n)} Representative", "Director", SLUG, party["organisation"], Role.REPRESENTATIVE, "Director"
            )
            for n, party in enumerate(text["parties"], 1)
        ]
        with tenancy.scope(self.framework.pk):
            for person in people:
                self.person(person, self.day(-40))
        return people


def spelt(n: int) -> str:
    """12 → "OneTwo": names hold no figures."""
    return "".join(NUMBERS[int(figure) - 1] if figure != "0" else "Nought" for figure in str(n))


def text_of(how_many: int) -> dict:
    """The small demonstration text with invented parties."""
    text = demo_texts.load("anyshire")
    text.pop("data_flows", None)  # they name its own parties; without, one flow among all is assumed
    text["framework"] |= {"name": "Crash test board", "slug": SLUG}
    text["parties"] = [
        {
            "organisation": f"Invented Body {spelt(n)}",
            "address": f"{n} High Street\nAnytown\nZZ1 1AA",
            "telephone": f"01632 960{n:03}",
            "ico_number": f"ZA{n:06}",
            "ods_code": None,
            "required": True,
            "lead": n == 1,
        }
        for n in range(1, how_many + 1)
    ]
    text["protocol"] |= {
        "reference": REFERENCE,
        "lead_organisation": text["parties"][0]["organisation"],
        "deciding_body": BOARD,
    }
    return text


@transaction.atomic
def make(how_many: int) -> dict:
    """The whole story, or nothing."""
    text, crowd = text_of(how_many), Crowd(SLUG, now=clock.now())
    people = crowd.gather(text)
    with tenancy.scope(crowd.framework.pk):
        version = crowd.draft(text, last_draft=-10, effective=30, sign_by=20)
        crowd.approve_and_open(version, approved=-5, opened=-2, minute="Minute 1")
        parties = {party.name: party.pk for party in version.parties.all()}
    signers = [
        {
            "party": parties[p.organisation],
            "email": p.email,
            "password": PASSWORD,
            "secret": secret_of(crowd.user[p.email]),
        }
        for p in people
        if p.capacity
    ]
    return {"framework": SLUG, "reference": REFERENCE, "number": version.number, "signers": signers}


def secret_of(user) -> str:
    """What the person's authenticator app holds."""
    return decrypt(Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP).data["secret"])


if __name__ == "__main__":
    sys.stdout.write(json.dumps(make(int(sys.argv[1]))))
