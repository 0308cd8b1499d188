"""Signing, as a person does it: the form is fetched, ticked and sent; and the act alone, without a page around it."""

import time
from http.client import HTTPConnection
from urllib.parse import urlencode

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from bench import data, load
from bench.pages import NO_STATEMENTS, Row, cookie_of, drive, middle
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
    """The address of a version that many are invited to sign, and them; their authorities are recorded by the one
    secretary of the board."""
    with scope(framework.pk), transaction.atomic():
        version = make_version(framework=framework, status="open-for-signature", parties=SIGNERS, now=now)
        secretary = make_member(framework, Role.SECRETARY)
        signers = [(party, make_signer(party, now=now, by=secretary)) for party in version.parties.all()]
        return f"/{framework.slug}/protocols/{version.protocol.reference}/{version.number}/sign/", signers


def sign(portal, floor, framework, drafter, clause, n: int) -> list[Row]:
    """The form that is sent (lock, evidence, ledger, outbox), against the floor's page that updates one row."""
    base, signers = open_version(framework, clock.now())
    url = f"/update/{clause.pk}/?text={'x' * 2600}"
    before = drive(floor, url, cookie_of(drafter), seconds=2.0)
    # the last one also completes the version
    ours = [Signer(portal, f"{base}{party.pk}/", signer).times() for party, signer in signers[:-1]][5:]
    after = drive(floor, url, cookie_of(drafter), seconds=2.0)
    alone = act(framework, n)
    words, theirs = "sign (lock, evidence, ledger, outbox)", middle(before.milliseconds + after.milliseconds)
    processor = (middle([one for _took, one in ours]), (before.processor + after.processor) / 2)
    took = middle([one for one, _processor in ours])
    return [Row(words, n, took, theirs, alone.queries, 8.0, 20, processor=processor), alone]


class Signer:
    """Fetches the form (not timed), ticks everything, and sends it (timed)."""

    def __init__(self, server, path: str, user):
        self.connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
        self.server, self.path, self.user = server, path, user
        self.host, self.cookie = f"localhost:{server.port}", cookie_of(user)

    def ask(self, method: str, body: str | None = None):
        """One request and its whole answer."""
        headers = {"Host": self.host, "Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        self.connection.request(method, self.path, body=body, headers=headers)
        response = self.connection.getresponse()
        return response, response.read().decode()

    def times(self) -> tuple[float, float]:
        """Milliseconds of the form that signs, and of processor time."""
        response, page = self.ask("GET")
        cookies = [value.partition(";")[0] for name, value in response.getheaders() if name == "Set-Cookie"]
        self.cookie = "; ".join([self.cookie, *cookies])
        form = next(form for form in forms_of(page) if "sha256" in form.fields)
        sent = form.data() | {name: ["on"] for name in form.of_kind("checkbox")} | {"code": [next_code(self.user)]}
        processor, began = self.server.processor(), time.perf_counter()
        response, page = self.ask("POST", urlencode(sent, doseq=True))
        took = (time.perf_counter() - began) * 1000
        self.connection.close()
        if response.status != 302:
            raise RuntimeError(f"Signing answered {response.status}: {page[:1500]}")
        return took, self.server.processor() - processor


def act(framework, n: int) -> Row:
    """The act in this process, without a page, against saving one row with its history in this process."""
    now = clock.now()
    _base, signers = open_version(framework, now)
    found, asked = [], 0
    for party, signer in signers[:-1]:
        with scope(framework.pk), transaction.atomic():
            again = Party.objects.select_related("version__canonical").get(pk=party.pk)
            proved(signer, again.version, now=now)
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
