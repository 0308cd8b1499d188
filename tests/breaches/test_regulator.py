"""What the law asks of each controller (UK-33a to UK-33d); the portal never sends anything to the regulator."""

from datetime import timedelta
from itertools import pairwise

import pytest
import time_machine

from breaches import regulator
from breaches.clocks import clocks_of, headline
from breaches.models import ControllerRecord
from breaches.parties import in_force
from breaches.picture import picture_of
from portal.errors import NotReady, StateError
from portal.models import AuditEvent, OutgoingEmail
from tests.breaches.cases import boxes
from tests.breaches.test_views import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def controller(case):
    """The trust, in breach and aware at the beginning of today."""
    breach = case.report(personal_data="yes", data_kinds="addresses", controllers=[case.trust.pk])
    return breach.controllers.get()


def state(breach, now):
    return [one.state for one in clocks_of(breach, now=now) if one.deadline.rule == "breach.notify_ico"]


def test_notified_in_time_and_in_phases(case, controller):
    """UK-33b: reference and moment are recorded; what comes later is a phase; no mail leaves for anybody outside."""
    act = {"by": case.guilty, "now": case.now + timedelta(hours=5)}
    with pytest.raises(NotReady):
        regulator.notify(controller, at=case.now, reference=" ", **act)
    for wrong in (controller.aware_at - timedelta(minutes=1), act["now"] + timedelta(minutes=1)):
        with pytest.raises(NotReady, match="not in the future"):
            regulator.notify(controller, at=wrong, reference="IC-1", **act)
    regulator.notify(controller, at=case.now, reference="IC-1", **act)
    with pytest.raises(StateError, match="notified already"):
        regulator.leave_it(controller, reasons="No need", **act)
    assert state(controller.breach, case.now) == ["met"]
    later = regulator.notify(controller, at=case.now + timedelta(hours=4), reference="IC-1/2", **act)
    assert later.kind == "phase"
    row = regulator.clock_row(controller)
    assert row.met_at == case.now
    regulator.assess(controller, answer="no", aware_at=controller.aware_at, risk="", reasons="Test data", **act)
    with pytest.raises(StateError, match="nothing is to be notified"):
        regulator.notify(controller, at=case.now, reference="IC-1/3", **act)
    assert not OutgoingEmail.objects.exclude(user__isnull=False).exists()


def test_late_needs_reasons(case, controller):
    """UK-33b: refused without reasons, without a trace; with them it is met late and never reads as in time."""
    at = case.now + timedelta(days=5)
    before = AuditEvent.objects.count()
    with pytest.raises(NotReady):
        regulator.notify(controller, at=at, reference="IC-1", by=case.guilty, now=at)
    assert (AuditEvent.objects.count(), ControllerRecord.objects.count()) == (before, 0)
    regulator.notify(controller, at=at, reference="IC-1", reasons="The officer was ill.", by=case.guilty, now=at)
    assert state(controller.breach, at) == ["late"]


def test_decision_not_to_notify(case, controller):
    """UK-33b: only if a risk is unlikely, with reasons."""
    act = {"by": case.guilty, "now": case.now}
    with pytest.raises(NotReady):
        regulator.leave_it(controller, reasons="No need", **act)
    assess = {"answer": "yes", "aware_at": controller.aware_at, **act}
    regulator.assess(controller, risk="none", **assess)
    with pytest.raises(NotReady):
        regulator.leave_it(controller, reasons=" ", **act)
    regulator.leave_it(controller, reasons="It was encrypted.", **act)
    (clock,) = [one for one in clocks_of(controller.breach, now=case.now) if one.deadline.rule == "breach.notify_ico"]
    assert clock.words.startswith("Decided not to notify, 15 July 2026") and clock.words.endswith(", in time")
    assert clock.words in client_of(case.officer).get(controller.get_absolute_url()).content.decode()
    assert "decided that it need not be, in time" in headline([clock])
    assert state(controller.breach, case.now) == ["met"]
    controller.refresh_from_db()
    assert regulator.settled(controller)


def test_high_risk_asks_for_the_people(case, controller):
    """UK-33c: settled only when they were told, or need not be because."""
    act = {"by": case.guilty, "now": case.now}
    regulator.assess(controller, answer="yes", aware_at=controller.aware_at, risk="high", **act)
    regulator.notify(controller, at=case.now, reference="IC-1", **act)
    controller.refresh_from_db()
    assert not regulator.settled(controller)
    with pytest.raises(NotReady):
        regulator.people(controller, told=True, at=case.now, reasons="", **act)
    regulator.people(controller, told=True, at=case.now, reasons="By letter", **act)
    controller.refresh_from_db()
    assert regulator.settled(controller)


def test_nothing_affected_stops_the_clock(case, controller):
    """UK-33a: an answer of no needs a reason and stops the clock; nothing can be notified then; yes starts it anew."""
    act = {"by": case.guilty, "now": case.now}
    with pytest.raises(NotReady):
        regulator.assess(controller, answer="no", aware_at=controller.aware_at, risk="", **act)
    regulator.assess(controller, answer="no", aware_at=controller.aware_at, risk="", reasons="Test data", **act)
    assert state(controller.breach, case.now) == []
    with pytest.raises(StateError):
        regulator.notify(controller, at=case.now, reference="IC-1", **act)
    with pytest.raises(StateError):
        regulator.people(controller, told=True, at=case.now, reasons="x", **act)
    regulator.assess(controller, answer="not-known", aware_at=controller.aware_at, risk="", **act)
    assert state(controller.breach, case.now) == ["running"]


def test_aware_at_another_moment(case, controller):
    """UK-33a: the clock follows the controller's own awareness; the old date is kept."""
    aware = controller.aware_at - timedelta(hours=10)
    regulator.assess(controller, answer="yes", aware_at=aware, risk="risk", by=case.guilty, now=case.now)
    row = regulator.clock_row(controller)
    assert row.due_at == aware + timedelta(hours=72)
    assert row.changes.count() == 1


def test_processor_tells_its_controller(case, controller):
    """UK-33d: from that moment the controller is aware; told earlier than thought, its clock moves back."""
    processor, council = (
        next(one for one in in_force(case.version) if one.name == name) for name in ("Police", "Council")
    )
    at = case.now - timedelta(hours=3)
    told = {"by": case.officer, "now": case.now}
    made = regulator.processor_told(controller.breach, processor, council, at=at, **told)
    assert regulator.clock_row(made).due_at == at + timedelta(hours=72)
    regulator.processor_told(controller.breach, processor, council, at=at - timedelta(hours=1), **told)
    assert regulator.clock_row(made).due_at == at + timedelta(hours=71)
    assert made.records.filter(kind="controller-told").count() == 2


def test_only_its_own_people_record(case, controller):
    """A controller's duties are its own: others, the secretary included, read the page and find no form."""
    base = f"/{case.framework.slug}/breaches/1/regulator/"
    for user in (case.secretary, case.officer):
        client = client_of(user)
        assert client.get(base).status_code == 200
        assert client.get(f"{base}{controller.pk}/notified/").status_code == 404
    client = client_of(case.guilty)
    assert "Record that you notified the regulator" in client.get(base).content.decode()
    for act in ("assess", "notified", "not-notified", "people"):
        assert client.get(f"{base}{controller.pk}/{act}/").status_code == 200
    typed = boxes("on", case.now.date()) | {"reference": "IC-7", "time": "00:30"}
    assert client.post(f"{base}{controller.pk}/notified/", typed).status_code == 302
    text = client_of(case.officer).get(base).content.decode()
    assert "IC-7" in text and "by Toni Trust" in text and "on 15 July 2026 at 12:30am" in text
    assert "by 15 July" not in text and f'href="/{case.framework.slug}/breaches/1/"' in text.split("<main")[1]
    assert client.get(f"{base}new/").status_code == 200
    assert client.get(f"{base}processor/").status_code == 200
    assert client.get(f"{base}{controller.pk}/other/").status_code == 404


def test_the_moment_of_the_notification(case, controller):
    """UK-33b: the time is needed, so that nothing counts as midnight: not before it was aware, not in the future, and late on
    the last day needs reasons; times are read as the portal prints them. What was typed stays."""
    now = controller.aware_at + timedelta(hours=9, minutes=30)
    regulator.assess(controller, answer="yes", aware_at=now, risk="", by=case.guilty, now=now)
    url = f"/{case.framework.slug}/breaches/1/regulator/{controller.pk}/notified/"
    with time_machine.travel(now + timedelta(days=3, hours=2), tick=False):
        client = client_of(case.guilty)
        for time, day, words in (
            ("", now, "Enter the time"),
            ("9:29am", now, "You became aware on 15 July 2026 at 9:30am"),
            ("11pm", now - timedelta(days=1), "You became aware on"),
            ("11:31am", now + timedelta(days=3), "This moment has not come yet"),
            ("9:31am", now + timedelta(days=3), "Enter why it was late"),
            ("three", now, "Enter a time like 14:30 or 2:30pm"),
        ):
            text = client.post(url, boxes("on", day.date()) | {"reference": "IC-9", "time": time}).content.decode()
            assert words in text and 'value="IC-9"' in text, (time, words)
            assert "Why so late? (optional)" not in " ".join(text.split())
        assert not ControllerRecord.objects.filter(kind="notified").exists()
        assert client.post(url, boxes("on", now.date()) | {"reference": "IC-9", "time": "3pm"}).status_code == 302
    controller.refresh_from_db()
    assert regulator.clock_row(controller).met_at == controller.aware_at + timedelta(hours=5, minutes=30)


def test_first_the_risk(case, controller):
    """UK-33b: a decision not to notify before the risk is assessed comes back on the form, with what was typed and the way to
    the step that is missing."""
    client, base = client_of(case.guilty), f"/{case.framework.slug}/breaches/1/regulator/{controller.pk}/"
    answer = client.post(f"{base}not-notified/", {"reasons": "It was encrypted."})
    text = answer.content.decode()
    assert (answer.status_code, "error-summary" in text, "It was encrypted." in text) == (409, True, True)
    assert f'href="{base}assess/"' in text and "Assess the risk first" in text
    regulator.assess(controller, answer="yes", aware_at=controller.aware_at, risk="none", by=case.guilty, now=case.now)
    assert "Assess the risk first" not in client.get(f"{base}not-notified/").content.decode()
    assert client.post(f"{base}not-notified/", {"reasons": "It was encrypted."}).status_code == 302


def test_not_assessed_is_not_settled(case, controller):
    """UK-33c: while the risk is not assessed nobody can say whether the people must be told, so it is still open."""
    act = {"by": case.guilty, "now": case.now}
    regulator.notify(controller, at=case.now, reference="IC-1", **act)
    assert regulator.owed(controller) == ["the risk to people is not assessed"]
    regulator.assess(controller, answer="yes", aware_at=controller.aware_at, risk="risk", **act)
    controller.refresh_from_db()
    assert regulator.owed(controller) == []


def test_the_picture_names_whose_clock_it_is(case):
    """UK-33a: of two controllers each bar says whose it is, on the page and in the PDF; bars do not overlap."""
    breach = case.report(personal_data="yes", data_kinds="x", controllers=[case.trust.pk, case.police.pk])
    bars = picture_of(clocks_of(breach, now=case.now), now=case.now)["bars"]
    assert {bar["name"] for bar in bars if bar["label"].startswith("Notify")} == {"Trust", "Police"}
    assert all(lower["text_y"] - 12 >= upper["foot"] for upper, lower in pairwise(bars))
    assert ">Trust</text>" in client_of(case.officer).get(breach.get_absolute_url()).content.decode()
