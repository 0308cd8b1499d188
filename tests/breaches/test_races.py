"""Two at once on one breach, on connections of their own: each race as it is, and with row locks taken away, where the test
must see it go wrong. A pause behind the point where an act has read the state and not yet written makes both certain.
"""

import threading
from contextlib import contextmanager, suppress
from itertools import count

import pytest
import time_machine
from django.core.cache import cache
from django.db import transaction
from django.db.models import QuerySet

from breaches import closed, hearing, reporting, written
from breaches.models import Breach, ReportDraft, WrittenReport
from portal import tenancy
from portal.errors import StateError, TransitionNotAllowed
from portal.models import AuditEvent, OutgoingEmail
from tests.breaches import sessions
from tests.breaches.cases import STARTED, Case
from tests.databases import connected_to, copy_of_template
from tests.test_races import PATIENCE, at_once, failures

pytestmark = pytest.mark.race
MOMENT = 0.5  # seconds for which one waits for the other; with locks it never comes
NUMBERS = count(1)


class Race(Case):
    """A protocol in force with its people, committed; each race has a breach of its own."""

    @contextmanager
    def scope(self, user=None):
        """As a request has it."""
        with tenancy.scope(self.framework.pk, user_id=user and user.pk), transaction.atomic():
            yield

    def made(self, stage) -> int:
        """A breach in this stage."""
        with self.scope():
            return stage(self).pk

    def events(self, breach, *verbs) -> list[str]:
        """What the closed chain of the breach says, in order."""
        with self.scope(self.secretary):
            rows = AuditEvent.objects.filter(chain=f"breach-closed:{breach}", verb__in=verbs)
            return [verb.split(":")[1] for verb in rows.order_by("seq").values_list("verb", flat=True)]


@pytest.fixture(scope="module")
def race(django_db_setup, django_db_blocker):
    """One database for all of them, made while the clock stands and used while it goes."""
    with django_db_blocker.unblock(), copy_of_template() as name, connected_to(name):
        cache.clear()
        with time_machine.travel(STARTED, tick=False):
            made = Race()
            with made.scope():
                made.begin()
        yield made


@pytest.fixture
def unlocked(monkeypatch):
    """The sabotage: no row lock is taken."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **options: self.all())


class Slow(str):
    """Words that are looked at slowly: whoever sends them has read the state by then and written nothing. It tells that it
    was reached, and waits for what is to happen meanwhile, at most a moment."""

    def __new__(cls, words, wait, begun=None):
        made = super().__new__(cls, words)
        made.wait, made.begun = wait, begun or threading.Event()
        return made

    def strip(self, *characters):
        self.begun.set()
        with suppress(threading.BrokenBarrierError):
            self.wait(MOMENT)
        return str(self)


def both_there(monkeypatch, module, name):
    """Whoever comes to this function waits until the other is there too, at most a moment."""
    gate, whole = threading.Barrier(2), getattr(module, name)

    def pausing(*arguments, **options):
        with suppress(threading.BrokenBarrierError):
            gate.wait(MOMENT)
        return whole(*arguments, **options)

    monkeypatch.setattr(module, name, pausing)


# --- two secretaries decide


def two_decide(race, monkeypatch):
    """At the same moment, with different outcomes; gives their results, and what was decided how often."""
    pk = race.made(sessions.in_session)
    both_there(monkeypatch, hearing, "quorum_of")

    def decide(words):
        with race.scope():
            return closed.decide(Breach.objects.get(pk=pk), outcome=words, by=race.secretary, now=race.now).outcome

    results = at_once(lambda: decide("A warning."), lambda: decide("Nothing."))
    with race.scope(race.secretary):
        (session,) = closed.ClosedSession._base_manager.filter(breach=pk)
    return results, session.outcome, race.events(pk, "breaches.closedsession:decided")


def test_two_secretaries_decide_at_once(race, monkeypatch):
    """HAR-6.3, HAR-6.4: one decision stands and is recorded once; the other is told that it has been decided."""
    results, outcome, events = two_decide(race, monkeypatch)
    (refused,) = failures(results)
    assert isinstance(refused, TransitionNotAllowed)
    assert (outcome in results, events) == (True, ["decided"])


def test_two_secretaries_decide_without_the_lock(race, monkeypatch, unlocked):
    """Control: both would, the second over the first, so the test above would fail."""
    results, _outcome, events = two_decide(race, monkeypatch)
    assert (failures(results), events) == ([], ["decided", "decided"])


# --- the recall against a late note


def recall_against_note(race, first):
    """One has read the state and pauses before it writes; the other begins then. Gives (note, recall, the closed chain)."""
    pk, begun, done = race.made(sessions.decided), threading.Event(), threading.Event()
    slow = Slow("The chair", done.wait, begun)

    def note():
        assert first == "note" or begun.wait(PATIENCE)
        with race.scope():
            closed.note(Breach.objects.get(pk=pk), text=slow if first == "note" else "x", by=race.officer, now=race.now)
        done.set()
        return "noted"

    def recall():
        assert first == "recall" or begun.wait(PATIENCE)
        told = {"told_by": slow if first == "recall" else "The chair", "told_to": "Them", "told_at": race.now}
        with race.scope():
            closed.recall(Breach.objects.get(pk=pk), **told, by=race.secretary, now=race.now)
        done.set()
        return "told"

    noted, recalled = at_once(note, recall)
    return noted, recalled, race.events(pk, "breaches.session:noted", "breaches.closedsession:told")


def test_a_note_before_the_recall_is_in_it(race):
    """HAR-6.5: the recall waits for a note that is being written."""
    assert recall_against_note(race, "note") == ("noted", "told", ["noted", "noted", "told"])


def test_a_note_after_the_recall_is_refused(race):
    """HAR-6.5: a late note waits for the recall, and there is no session any more."""
    noted, recalled, events = recall_against_note(race, "recall")
    assert isinstance(noted, StateError)
    assert (recalled, events) == ("told", ["noted", "told"])


def test_a_late_note_without_the_lock(race, unlocked):
    """Control: it would be written after the outcome was told."""
    assert recall_against_note(race, "note") == ("noted", "told", ["noted", "told", "noted"])


# --- a report that is sent twice


def sent_twice(race, monkeypatch):
    """The same draft at the same moment; gives the results, and how many breaches and mails there are more."""
    with race.scope():
        draft = reporting.begin(race.framework, by=race.guilty, now=race.now)
        for key, answers in race.answers().items():
            reporting.keep(draft, key, answers, now=race.now)
        before = counted()
    both_there(monkeypatch, reporting, "missing")

    def send():
        with race.scope():
            mine = ReportDraft.objects.get(pk=draft.pk)
            return reporting.submit(mine, race.access(race.guilty), by=race.guilty, now=race.now).pk

    results = at_once(send, send)
    with race.scope():
        return results, tuple(after - was for after, was in zip(counted(), before, strict=True))


def counted() -> tuple[int, int]:
    """Breaches, and mails that tell of one."""
    return Breach.objects.count(), OutgoingEmail.objects.filter(kind="breaches.reported").count()


def test_a_report_sent_twice_is_one_breach(race, monkeypatch):
    """HAR-6.1: both are answered with the one breach, and everybody is told once."""
    (first, second), more = sent_twice(race, monkeypatch)
    assert first == second
    assert more == (1, 5)


def test_a_report_sent_twice_without_the_lock(race, monkeypatch, unlocked):
    """Control: there would be two breaches, or one of the two would be answered with an error."""
    results, more = sent_twice(race, monkeypatch)
    assert failures(results) or more == (2, 10)


def written_twice(race):
    """The same form of a written report at the same moment."""
    pk, once = race.made(lambda race: race.report()), f"form-{next(NUMBERS)}"
    gate = threading.Barrier(2)

    def send():
        details = Slow("A list was sent astray.", gate.wait)
        with race.scope():
            breach = Breach.objects.get(pk=pk)
            facts = {"details": details, "actions": "x", "once": once, "by": race.guilty, "now": race.now}
            return written.submit(breach, race.trust, **facts).pk

    results = at_once(send, send)
    with race.scope():
        return results, WrittenReport.objects.filter(breach=pk).count()


def test_a_written_report_sent_twice_is_one(race):
    """HAR-6.2: both are answered with the first."""
    (first, second), reports = written_twice(race)
    assert (first == second, reports) == (True, 1)


def test_a_written_report_sent_twice_without_the_lock(race, unlocked):
    """Control: one of the two would be answered with an error."""
    results, _reports = written_twice(race)
    assert len(failures(results)) == 1
