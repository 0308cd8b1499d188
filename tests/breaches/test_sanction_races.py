"""Sanctions, lifting and versions that come into force at the same moment: nothing is lost, and nobody waits in a circle."""

import threading
from contextlib import suppress

import pytest

from breaches import closed, outcome
from breaches.models import Breach, Sanction
from protocols.models import Party, Version
from tests.breaches import sessions
from tests.breaches.test_races import MOMENT, race  # noqa: F401
from tests.breaches.test_suspension import next_version, sanctioned
from tests.test_races import PATIENCE, at_once

pytestmark = pytest.mark.race


def fresh(race):  # noqa: F811
    """The organisation in breach is an ordinary party again."""
    Sanction.objects.filter(lifted_at=None, kind="suspension").update(lifted_at=race.now, lifted_by_decision="M")
    Party.objects.filter(version=race.version, organisation=race.trust).update(status="signed")


def decided(race, kind) -> int:  # noqa: F811
    """A breach on which the session has decided; its number."""
    breach = sessions.presented(race, race.report())
    act = {"by": race.secretary, "now": race.now}
    closed.begin(breach, **act)
    one = closed.propose(breach, organisation=race.trust.pk, kind=kind, text="x", **act)
    closed.vote(one, dict.fromkeys([race.police.pk, race.school.pk, race.council.pk], "for"), **act)
    closed.decide(breach, outcome="Decided.", **act)
    return breach.pk


def recall(race, pk):  # noqa: F811
    """The organisation is told."""
    with race.scope(race.secretary):
        facts = {"told_by": "a", "told_to": "b", "told_at": race.now, "by": race.secretary, "now": race.now}
        closed.recall(Breach.objects.get(pk=pk), **facts)
    return "recalled"


def lift(race, pk):  # noqa: F811
    """A suspension ends."""
    with race.scope(race.secretary):
        outcome.lift(Sanction.objects.get(pk=pk), reference="M", by=race.secretary, now=race.now)
    return "lifted"


def status(race):  # noqa: F811
    """How the organisation stands, and how many suspensions hold."""
    with race.scope():
        held = Sanction.objects.suspending(race.trust.pk, race.protocol.pk).count()
        return race.version.parties.get(organisation=race.trust).status, held


def test_two_suspensions_lifted_at_once(race, monkeypatch):  # noqa: F811
    """One after the other: the second one sees that it is the last, and restores the standing."""
    with race.scope(race.secretary):
        fresh(race)
        ids = [sanctioned(race, "suspension", race.report()).sanctions.get().pk for _ in range(2)]
    gate, real = threading.Barrier(2), outcome.require_suspension

    def slow(sanction):
        real(sanction)
        with suppress(threading.BrokenBarrierError):
            gate.wait(MOMENT)

    monkeypatch.setattr(outcome, "require_suspension", slow)
    assert at_once(lambda: lift(race, ids[0]), lambda: lift(race, ids[1])) == ["lifted", "lifted"]
    assert status(race) == ("signed", 0)


def test_lifted_while_another_is_imposed(race, monkeypatch):  # noqa: F811
    """Whichever comes first: a suspension that is in effect is one that holds."""
    with race.scope(race.secretary):
        fresh(race)
        old = sanctioned(race, "suspension", race.report()).sanctions.get().pk
        new = decided(race, "suspension")
    stood, done, real = threading.Event(), threading.Event(), closed.standings

    def slow(*args):
        found = real(*args)
        stood.set()
        done.wait(MOMENT)
        return found

    def lift_meanwhile():
        assert stood.wait(PATIENCE)
        try:
            return lift(race, old)
        finally:
            done.set()

    monkeypatch.setattr(closed, "standings", slow)
    assert at_once(lambda: recall(race, new), lift_meanwhile) == ["recalled", "lifted"]
    assert status(race) == ("suspended", 1)


@pytest.mark.parametrize("kind", ["warning", "exclusion"])
def test_the_next_version_comes_meanwhile(race, monkeypatch, kind):  # noqa: F811
    """Both lock the protocol first: no circle, and an exclusion holds in the version that came into force."""
    with race.scope(race.secretary):
        fresh(race)
        if (held := race.protocol.versions.filter(status="in-force").last()) is not None:
            race.version = held
        pk = decided(race, kind)
        race.protocol.refresh_from_db()
        number = race.protocol.versions.count() + 1
        version = next_version(race, "completed", major=number)
    held_up, go, real = threading.Event(), threading.Event(), Version.supersede

    def slow(self, *args, **facts):
        held_up.set()
        go.wait(PATIENCE)
        return real(self, *args, **facts)

    def into_force():
        with race.scope():
            found = Version.objects.get(pk=version.pk)
            found.bring_into_force(now=found.in_force_from)
        return "in force"

    def recall_meanwhile():
        assert held_up.wait(PATIENCE)
        threading.Timer(MOMENT, go.set).start()
        return recall(race, pk)

    monkeypatch.setattr(Version, "supersede", slow)
    assert at_once(into_force, recall_meanwhile) == ["in force", "recalled"]
    race.version = version
    assert status(race)[0] == {"warning": "signed", "exclusion": "excluded"}[kind]
