"""Signing, as a person does it: the form is fetched, ticked and sent; and the act alone, without a page around it."""

import time
from http.client import HTTPConnection
from urllib.parse import urlencode

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from bench import data, load
from bench.pages import NO_STATEMENTS, Row, cookie_of, middle
from portal import clock
from portal.permissions import Role
from portal.tenancy import scope
from protocols.models import Clause, Party
from signatories import workflow
from tests.builders import make_member, make_version
from tests.html_forms import forms_of
from tests.signatories.signing import make_signer, proved, ticked
from tests.totp import next_code

SIGNERS = 40


def open_version(framework, now):
    """A version that many are invited to sign, their authorities recorded by the one secretary of the board."""
    with scope(framework.pk), transaction.atomic():
        version = make_version(framework=framework, status="open-for-signature", parties=SIGNERS, now=now)
        secretary = make_member(framework, Role.SECRETARY)
        return version, [(party, make_signer(party, now=now, by=secretary)) for party in version.parties.all()]


def sign(portal, floor, framework, drafter, clause, n: int) -> list[Row]:
    """The form that is sent (lock, evidence, ledger, outbox), against the floor's page that updates one row."""
    version, signers = open_version(framework, clock.now())
    base = f"/{framework.slug}/protocols/{version.protocol.reference}/{version.number}/sign/"
    url = f"/update/{clause.pk}/?text={'x' * 2600}"
    before = load.drive(floor.port, url, cookie_of(drafter), seconds=2.0).milliseconds
    # the last one also completes the version
    ours = [Signer(portal.port, f"{base}{party.pk}/", signer).time() for party, signer in signers[:-1]]
    after = load.drive(floor.port, url, cookie_of(drafter), seconds=2.0).milliseconds
    alone = act(framework, n)
    words = "sign (lock, evidence, ledger, outbox)"
    return [Row(words, n, middle(ours[5:]), middle(before + after), alone.queries, 8.0, 20), alone]


class Signer:
    """Fetches the form (not timed), ticks everything, and sends it (timed)."""

    def __init__(self, port: int, path: str, user):
        self.connection, self.path, self.user = HTTPConnection("127.0.0.1", port, timeout=60), path, user
        self.host, self.cookie = f"localhost:{port}", cookie_of(user)

    def ask(self, method: str, body: str | None = None):
        """One request and its whole answer."""
        headers = {"Host": self.host, "Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        self.connection.request(method, self.path, body=body, headers=headers)
        response = self.connection.getresponse()
        return response, response.read().decode()

    def time(self) -> float:
        """Milliseconds of the form that signs."""
        response, page = self.ask("GET")
        cookies = [value.partition(";")[0] for name, value in response.getheaders() if name == "Set-Cookie"]
        self.cookie = "; ".join([self.cookie, *cookies])
        form = next(form for form in forms_of(page) if "sha256" in form.fields)
        sent = form.data() | {name: ["on"] for name in form.of_kind("checkbox")} | {"code": [next_code(self.user)]}
        began = time.perf_counter()
        response, page = self.ask("POST", urlencode(sent, doseq=True))
        took = (time.perf_counter() - began) * 1000
        self.connection.close()
        if response.status != 302:
            raise RuntimeError(f"Signing answered {response.status}: {page[:1500]}")
        return took


def act(framework, n: int) -> Row:
    """The act in this process, without a page, against saving one row with its history in this process."""
    now = clock.now()
    _version, signers = open_version(framework, now)
    found, asked = [], 0
    for party, signer in signers[:-1]:
        with scope(framework.pk), transaction.atomic():
            proved(signer, party.version, now=now)
            again = Party.objects.select_related("version__canonical").get(pk=party.pk)
            submission = ticked(again)
        with CaptureQueriesContext(connection) as captured:
            began = time.perf_counter()
            with scope(framework.pk), transaction.atomic():
                workflow.sign(again, submission, by=signer, now=now)
            found.append((time.perf_counter() - began) * 1000)
        asked = len([one for one in captured if not one["sql"].lstrip().upper().startswith(NO_STATEMENTS)])

    def update():
        with scope(framework.pk), transaction.atomic():
            clause = Clause.objects.select_for_update().get(pk=first)
            clause.text = f"{data.BODY}{time.perf_counter()}"
            clause.save()

    with scope(framework.pk), transaction.atomic():
        first = Clause.objects.filter(version__status="draft").values_list("pk", flat=True).first()
    theirs = load.loop(update).milliseconds
    return Row("sign, the act alone, to a row saved alone", n, middle(found[5:]), middle(theirs), asked)
