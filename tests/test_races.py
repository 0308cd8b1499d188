"""Signing under real concurrency: several connections at once, in a database of its own.

Each race runs twice: as it is, where it must come out right, and with row locks taken away (`unlocked`), where the
test must see it go wrong. A pause behind the point where a signer has read and not yet written makes both certain.
"""

import threading
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import DatabaseError, connections, transaction
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from portal import ledger, tenancy
from portal.db import statements as kept
from portal.errors import StateError
from portal.models import AuditEvent, OutgoingEmail
from protocols.models import Party, Version
from signatories import evidence, workflow
from signatories.models import Signature
from signatories.statements import statements
from tests.builders import NOW, make_framework, make_version
from tests.signatories.signing import make_signer, proved, ticked
from tests.totp import next_code

pytestmark = pytest.mark.race
SIGNERS = 8
PATIENCE = 20  # seconds after which a race counts as hung


class Race:
    """An open version with so many required parties, each with its signer, committed."""

    def __init__(self, parties):
        cache.clear()
        self.framework = make_framework()
        with self.scope():
            self.version = make_version(status="open-for-signature", framework=self.framework, parties=parties)
            self.parties = list(self.version.parties.all())
            self.signers = [make_signer(party) for party in self.parties]

    @contextmanager
    def scope(self):
        """The framework's scope and a transaction, as a request has them."""
        with tenancy.scope(self.framework.pk), transaction.atomic():
            yield

    def prove(self, *signers):
        """A proof of the second factor for each."""
        with self.scope():
            for signer in signers:
                proved(signer, self.version)

    def sign(self, index):
        """Sign for one party."""
        with self.scope():
            party = Party.objects.select_related("version__canonical").get(pk=self.parties[index].pk)
            return workflow.sign(party, ticked(party), by=self.signers[index], now=NOW).pk

    def withdraw(self, reason="A clause was wrong."):
        """Withdraw the version."""
        with self.scope():
            workflow.withdraw(Version.objects.get(pk=self.version.pk), reason=reason, by=None, now=NOW)
            return "withdrawn"

    def path(self):
        """[(from, to)] of the version since it was opened, in the order of the ledger."""
        with self.scope():
            rows = AuditEvent.objects.about(self.version).filter(
                verb__startswith="protocols.version:", payload__has_key="was"
            )
            steps = [(row.payload["was"], row.verb.split(":")[1]) for row in rows.order_by("seq")]
        return steps[[to for _was, to in steps].index("open-for-signature") + 1 :]

    def facts(self):
        """(state of the version, positions of its signatures, standings of its parties)."""
        with self.scope():
            version = Version.objects.get(pk=self.version.pk)
            positions = list(
                Signature.objects.filter(version=version).order_by("position").values_list("position", flat=True)
            )
            return version.status, positions, sorted(version.parties.values_list("status", flat=True))


def at_once(*acts):
    """Run the acts at the same moment, each on its own connection; gives each one's result or error, in order."""
    gate, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(index):
        try:
            gate.wait(PATIENCE)
            results[index] = acts[index]()
        except (StateError, DatabaseError) as error:
            results[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[index]) for index in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE * 3)
    assert not any(thread.is_alive() for thread in threads), "a race hangs"
    return results


def failures(results):
    """The errors among the results."""
    return [result for result in results if isinstance(result, Exception)]


@pytest.fixture
def unlocked(monkeypatch):
    """The sabotage: row locks are not taken, in statements that were written before either."""
    with monkeypatch.context() as patch:
        patch.setattr(QuerySet, "select_for_update", lambda self, **options: self.all())
        kept.forget()
        yield
    kept.forget()


@pytest.fixture
def meeting(monkeypatch):
    """Gives meet(n): signers wait, when they have read everything and written nothing, until n of them are there, at
    most a second. With locks only one can be there at a time; without, all meet, so what a lock prevents happens."""

    def meet(number):
        gate, build = threading.Barrier(number), evidence.build

        def pausing(*arguments, **options):
            made = build(*arguments, **options)
            with suppress(threading.BrokenBarrierError):  # the others did not come in time
                gate.wait(1)
            return made

        monkeypatch.setattr(evidence, "build", pausing)

    return meet


# --- eight signers at once


def eight(race):
    """All sign at the same moment."""
    race.prove(*race.signers)
    return at_once(*[lambda index=index: race.sign(index) for index in range(SIGNERS)])


def test_eight_signers_at_once(own_database):
    """All are recorded once, in one unbroken chain of positions, and the version is completed once (SIG-force)."""
    race = Race(SIGNERS)
    assert failures(eight(race)) == []
    assert race.facts() == ("completed", list(range(1, SIGNERS + 1)), ["signed"] * SIGNERS)
    assert race.path() == [("open-for-signature", "completed")]
    with race.scope():
        chain = list(Signature.objects.order_by("position").values_list("prev_sha256", "record_sha256"))
        confirmations = OutgoingEmail.objects.filter(kind="signatories.signed").count()
    assert [prev for prev, _own in chain] == ["", *[own for _prev, own in chain[:-1]]]
    assert confirmations == SIGNERS
    assert ledger.faults() == []


def test_eight_signers_without_the_lock(own_database, unlocked, meeting):
    """Control: two that read the same last position cannot both be recorded, so the test above would fail."""
    race = Race(SIGNERS)
    meeting(SIGNERS)
    assert failures(eight(race)) != []
    assert race.facts() != ("completed", list(range(1, SIGNERS + 1)), ["signed"] * SIGNERS)


# --- the same form twice


def twice(race):
    """The same person submits the same form two times at the same moment."""
    race.prove(race.signers[0])
    return at_once(lambda: race.sign(0), lambda: race.sign(0))


def test_double_submit(own_database, meeting):
    """One signature; both submits are answered with it."""
    race = Race(2)
    meeting(2)
    first, second = twice(race)
    assert first == second
    assert race.facts() == ("open-for-signature", [1], ["invited", "signed"])


def test_double_submit_without_the_lock(own_database, unlocked, meeting):
    """Control: without the lock one of the two is answered with an error."""
    race = Race(2)
    meeting(2)
    assert len(failures(twice(race))) == 1


def test_double_click_over_http(own_database):
    """The same over HTTP with one code: both answers lead to the one confirmation, none says "code used already"."""
    race = Race(2)
    party, user = race.parties[0], race.signers[0]
    with race.scope():
        version = Version.objects.select_related("protocol", "canonical").get(pk=race.version.pk)
        address = reverse("sign", args=[race.framework.slug, version.protocol.reference, version.number, party.pk])
        form = {f"statement_{shown.key}": "on" for shown in statements(party)} | {"sha256": version.canonical.sha256}
    form["code"] = next_code(user)
    client = Client()
    client.force_login(user)
    session = client.cookies

    def click():
        own = Client()
        own.cookies = session
        answer = own.post(address, form)
        return answer.status_code, answer.headers.get("Location", "")

    assert at_once(click, click) == [(302, f"{address}done/")] * 2
    assert race.facts() == ("open-for-signature", [1], ["invited", "signed"])


# --- sign against withdraw


def against(race):
    """The last required party signs while the secretary withdraws."""
    race.prove(race.signers[0])
    return at_once(lambda: race.sign(0), race.withdraw)


def is_a_road(path):
    """Does each step begin where the one before ended?"""
    return [was for was, _to in path] == ["open-for-signature", *[to for _was, to in path[:-1]]]


@pytest.mark.parametrize("round", range(4))
def test_sign_against_withdraw(own_database, round):
    """Exactly one order: signed, completed and then withdrawn, or withdrawn and the signature refused."""
    race = Race(1)
    signed, withdrawn = against(race)
    assert (withdrawn, is_a_road(race.path())) == ("withdrawn", True)
    if isinstance(signed, StateError):
        assert (race.path(), race.facts()) == ([("open-for-signature", "withdrawn")], ("withdrawn", [], ["invited"]))
    else:
        assert race.path() == [("open-for-signature", "completed"), ("completed", "withdrawn")]
        assert race.facts() == ("withdrawn", [1], ["signed"])


class SlowReason(str):
    """A reason that is looked at slowly: the verb has read the state by then and written nothing."""

    def __new__(cls, begun):
        made = super().__new__(cls, "A clause was wrong.")
        made.begun = begun
        return made

    def strip(self, *characters):
        """Tell that the state was read, and pause."""
        self.begun.set()
        threading.Event().wait(1)
        return str(self)


def slowly(begun, whole):
    """The same function, which tells that it was reached and pauses before it goes on."""

    def slow(*arguments, **options):
        begun.set()
        threading.Event().wait(1)
        return whole(*arguments, **options)

    return slow


def one_in_the_middle(race, monkeypatch, first):
    """One act has read the state and pauses before it writes; the other begins then. Gives (signed, withdrawn)."""
    begun, reason = threading.Event(), "A clause was wrong."
    race.prove(race.signers[0])
    if first == "sign":  # this is asked between reading "open for signature" and writing "completed"
        monkeypatch.setattr(Version, "effective_moment", slowly(begun, Version.effective_moment))
    else:
        reason = SlowReason(begun)

    def sign():
        return race.sign(0) if first == "sign" or begun.wait(PATIENCE) else None

    def withdraw():
        return race.withdraw(reason) if first == "withdraw" or begun.wait(PATIENCE) else None

    return at_once(sign, withdraw)


@pytest.mark.parametrize("first", ["sign", "withdraw"])
def test_each_waits_for_the_other(own_database, monkeypatch, first):
    """Whoever has the lock is finished before the other looks: the second sees the outcome, never the state before."""
    race = Race(1)
    signed, withdrawn = one_in_the_middle(race, monkeypatch, first)
    assert withdrawn == "withdrawn"
    if first == "sign":
        assert race.path() == [("open-for-signature", "completed"), ("completed", "withdrawn")]
        assert race.facts() == ("withdrawn", [1], ["signed"])
    else:
        assert race.path() == [("open-for-signature", "withdrawn")]
        assert isinstance(signed, StateError)
        assert race.facts() == ("withdrawn", [], ["invited"])


@pytest.mark.parametrize("first", ["sign", "withdraw"])
def test_sign_against_withdraw_without_the_lock(own_database, unlocked, monkeypatch, first):
    """Control: both start from "open for signature", so the ledger tells of two ends, or the two block each other."""
    race = Race(1)
    results = one_in_the_middle(race, monkeypatch, first)
    assert any(isinstance(result, DatabaseError) for result in results) or not is_a_road(race.path())


# --- an authority that ends


def test_sign_against_end_of_authority(own_database, monkeypatch):
    """An authority that is being ended waits for a signature under it, or the signature is refused; never both ways."""
    race = Race(2)
    begun = threading.Event()
    race.prove(race.signers[0])
    monkeypatch.setattr(evidence, "build", slowly(begun, evidence.build))

    def end():
        assert begun.wait(PATIENCE)
        with race.scope():
            authority = workflow.Authority.objects.get(user=race.signers[0])
            workflow.end_authority(authority, by=None, now=NOW + timedelta(seconds=1))
            return AuditEvent.objects.filter(verb="signatories.signature:made").count()

    _signed, seen = at_once(lambda: race.sign(0), end)
    assert seen == 1  # the signature was committed before the authority ended
