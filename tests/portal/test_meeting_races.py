"""Two secretaries at once: minutes circulate once, nothing is written into minutes that are on their way (HAR-6.6), and the
agenda keeps its order. Each race has its control, with the row locks taken away."""

import threading
from contextlib import contextmanager, suppress

import pytest
from django.db import transaction
from django.db.models import QuerySet

from portal import agendas, meetings, minutes, tenancy
from portal.errors import StateError
from portal.models import AgendaItem, Board, Circulation, Meeting, Minute, OutgoingEmail
from portal.permissions import Role
from tests import test_races
from tests.builders import NOW, make_framework, make_member, make_organisation
from tests.portal.test_people_races import at_once

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("own_database")]


def written() -> tuple:
    """A framework, and a meeting whose minutes are written."""
    framework = make_framework()
    make_member(framework, Role.REPRESENTATIVE, make_organisation(framework=framework))
    with tenancy.scope(framework.pk), transaction.atomic():
        board = Board.objects.get_or_create(framework=framework, name="Strategic Board")[0]
        meeting = meetings.plan(board, starts_at=NOW, by=None, now=NOW)
        item = agendas.add(meeting, title="Item", paragraph="", by=None, now=NOW)
        meetings.hold(meeting, by=None, now=NOW)
        minutes.write(item, "One", revision=0, by=None, now=NOW)
        minutes.finish(meeting, by=None, now=NOW)
    return framework, meeting.pk, item.pk


def test_two_who_circulate_at_once_circulate_once():
    """One circulation, one mail to each, and one refusal that says so."""
    framework, meeting, _item = written()

    def circulate():
        with transaction.atomic():
            return minutes.circulate(Meeting.objects.get(pk=meeting), by=None, now=NOW)

    outcomes = at_once(framework, circulate, circulate)
    assert sorted(isinstance(one, StateError) for one in outcomes) == [False, True]
    with tenancy.scope(framework.pk), transaction.atomic():
        assert Circulation.objects.count() == 1
        assert OutgoingEmail.objects.filter(kind="portal.minutes-circulated").count() == 1


@pytest.mark.parametrize("round", range(3))
def test_what_is_written_while_another_circulates_comes_before_or_is_refused(round):
    """Whoever comes first: the circulated text is the stored one, and two who write at once lose nothing."""
    framework, meeting, item = written()

    def circulate():
        with transaction.atomic():
            return minutes.circulate(Meeting.objects.get(pk=meeting), by=None, now=NOW)

    def write(text):
        with transaction.atomic():
            return minutes.write(AgendaItem.objects.get(pk=item), text, revision=1, by=None, now=NOW)

    sent, *texts = at_once(framework, circulate, lambda: write("Two"), lambda: write("Three"))
    assert isinstance(sent, Circulation)
    kept = [one for one in texts if isinstance(one, Minute)]
    assert len(kept) <= 1
    with tenancy.scope(framework.pk), transaction.atomic():
        assert Minute.objects.get().text == (kept[0].text if kept else "One")


# --- with a pause where the state was read and nothing is written yet: with locks, and without


@pytest.fixture(params=["locked", "unlocked"])
def locks(request, monkeypatch):
    """As it is, and the sabotage: no row lock is taken."""
    if request.param == "unlocked":
        monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **options: self.all())
    return request.param == "locked"


def pausing(monkeypatch, module, name):
    """Whoever comes to this function waits until the other is there too, at most a moment."""
    gate, whole = threading.Barrier(2), getattr(module, name)

    def slow(*arguments, **options):
        with suppress(threading.BrokenBarrierError):
            gate.wait(0.5)
        return whole(*arguments, **options)

    monkeypatch.setattr(module, name, slow)


@contextmanager
def inside(framework):
    """As a request has it."""
    with tenancy.scope(framework.pk), transaction.atomic():
        yield


def test_two_circulate_in_the_same_moment(monkeypatch, locks):
    """HAR-6.6: one does, the other is told so; without the lock both would, or one would meet an error of the database."""
    framework, meeting, _item = written()
    pausing(monkeypatch, minutes, "send_round")

    def circulate():
        with inside(framework):
            return minutes.circulate(Meeting.objects.get(pk=meeting), by=None, now=NOW)

    outcomes = test_races.at_once(circulate, circulate)
    refused = [one for one in outcomes if isinstance(one, StateError)]
    assert (len(refused) == 1) is locks


def test_minutes_are_written_while_they_circulate(monkeypatch, locks):
    """HAR-6.6: who is writing is waited for; without the lock the text would change after it was sent round, and only the
    trigger of the database stands between."""
    framework, meeting, item = written()
    begun, done = threading.Event(), threading.Event()
    real = Minute.save

    def slow(self, *arguments, **options):
        begun.set()
        done.wait(0.5)
        return real(self, *arguments, **options)

    monkeypatch.setattr(Minute, "save", slow)

    def write():
        with inside(framework):
            minutes.write(AgendaItem.objects.get(pk=item), "Two", revision=1, by=None, now=NOW)

    def circulate():
        assert begun.wait(20)
        with inside(framework):
            minutes.circulate(Meeting.objects.get(pk=meeting), by=None, now=NOW)
        done.set()

    assert (test_races.failures(test_races.at_once(write, circulate)) == []) is locks
    with inside(framework):
        assert (Minute.objects.get().text, Meeting.objects.get(pk=meeting).status) == (
            "Two" if locks else "One",
            "circulated",
        )


def test_two_put_an_item_on_the_agenda(monkeypatch, locks):
    """DUD-17: each has a place of its own; without the lock both would stand at the same one."""
    framework = make_framework()
    with inside(framework):
        board = Board.objects.get_or_create(framework=framework, name="Strategic Board")[0]
        meeting = meetings.plan(board, starts_at=NOW, by=None, now=NOW)
    pausing(monkeypatch, agendas, "classified")

    def add(title):
        with inside(framework):
            agendas.add(Meeting.objects.get(pk=meeting.pk), title=title, paragraph="", by=None, now=NOW)

    assert test_races.failures(test_races.at_once(lambda: add("One"), lambda: add("Two"))) == []
    with inside(framework):
        places = list(AgendaItem.objects.filter(meeting=meeting).values_list("order", flat=True))
    assert (len(set(places)) == 2) is locks
