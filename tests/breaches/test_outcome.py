"""Minutes and closure of a breach: what is owed after the recall, and what stands in the way (HAR-6.6)."""

from datetime import timedelta

import pytest

from breaches import outcome, regulator
from breaches.models import Breach, Sanction
from breaches.parties import in_force
from portal import sweep, todo
from portal.errors import NotReady, StateError
from portal.models import Deadline, OutgoingEmail
from portal.permissions import Role
from tests.breaches import sessions
from tests.breaches.test_views import client_of
from tests.breaches.test_written import send
from tests.builders import make_member

pytestmark = pytest.mark.django_db


def test_minutes_are_circulated_in_time(case):
    """HAR-6.6: 5 working days from the meeting; circulated to everybody, then there as page and PDF, not before."""
    breach = sessions.recalled(case)
    row = Deadline.objects.open().get(rule="meeting.minutes", subject_id=breach.pk, subject_type__model="breach")
    assert row.due_at.date() == (case.now + timedelta(days=7)).date()
    url = f"/{case.framework.slug}/breaches/{breach.number}/minutes/"
    assert client_of(case.guilty).get(url).status_code == 404
    outcome.write_minutes(breach, text="It was agread.", by=case.secretary, now=case.now)
    assert (
        client_of(case.guilty).get(url).status_code == client_of(case.guilty).get(f"{url}?change=1").status_code == 404
    )
    secretary = client_of(case.secretary)  # checked, and put right before everybody reads them
    assert "It was agread." in secretary.get(f"{url}?change=1").content.decode()
    assert secretary.post(f"{url}?change=1", {"text": "It was agreed.", "number": "1"}).status_code == 302
    answer = secretary.post(f"{url}?change=1", {"text": "Another.", "number": "1"})
    assert answer.status_code == 409 and "Another." in answer.content.decode()
    assert [one.text for one in breach.minutes.all()] == ["It was agread.", "It was agreed."]
    assert "Change the minutes" in secretary.get(url).content.decode()
    with pytest.raises(NotReady):
        outcome.change_minutes(breach, text=" ", number=2, by=case.secretary, now=case.now)
    outcome.circulate(breach, by=case.secretary, now=case.now)
    row.refresh_from_db()
    assert row.met_at == case.now
    with pytest.raises(StateError, match="until they are circulated"):
        outcome.change_minutes(breach, text="x", number=2, by=case.secretary, now=case.now)
    assert "Change the minutes" not in secretary.get(url).content.decode()
    assert OutgoingEmail.objects.filter(kind="breaches.minutes", user=case.guilty).exists()
    assert "It was agreed." in client_of(case.guilty).get(url).content.decode()
    assert client_of(case.guilty).get(f"{url}pdf/").status_code == 409  # it is being made
    sweep.run_jobs({"jobs": 0, "failed": 0}, now=case.now)
    answer = client_of(case.guilty).get(f"{url}pdf/")
    assert answer.content.startswith(b"%PDF-")


def test_closure_waits_for_what_is_open(case):
    """Nothing is closed over an open action, an unsent report or a running clock; then with its lessons."""
    breach = case.report(personal_data="yes", data_kinds="x", controllers=[case.trust.pk])
    sessions.circulated(case, breach)
    act = {"by": case.secretary, "now": case.now}
    with pytest.raises(NotReady) as refused:
        outcome.close(breach, lessons="x", **act)
    assert len(refused.value.missing) == 4
    page = f"/{case.framework.slug}/breaches/1/close/"
    answer = client_of(case.secretary).post(page, {"lessons": "Check the address."})
    text = answer.content.decode()  # the form with what was typed, and the way to each that has one
    assert (answer.status_code, "error-summary" in text, "Check the address." in text) == (409, True, True)
    assert "/breaches/1/regulator/" in text and "/breaches/1/sanctions/" in text
    administrator = make_member(
        case.framework, Role.FRAMEWORK_ADMIN
    )  # convenes meetings, and finishes nobody's actions
    for person, offered in ((case.secretary, True), (case.guilty, True), (case.officer, False), (administrator, False)):
        shown = client_of(person).get(f"/{case.framework.slug}/breaches/1/").content.decode()
        assert ("Record that it was done" in shown) is offered
    with pytest.raises(NotReady):
        outcome.done(Sanction.objects.get(), note=" ", **act)
    outcome.done(Sanction.objects.get(), note="Trained.", **act)
    send(case, breach)
    controller = breach.controllers.get()
    regulator.notify(controller, at=case.now, reference="IC-1", by=case.guilty, now=case.now)
    with pytest.raises(NotReady) as refused:  # whether the people must be told is not known yet (UK-33c)
        outcome.close(breach, lessons="x", **act)
    assert refused.value.missing == ["Trust: the risk to people is not assessed"]
    aware = {"answer": "yes", "aware_at": controller.aware_at, "by": case.guilty, "now": case.now}
    regulator.assess(controller, risk="none", **aware)
    with pytest.raises(NotReady):
        outcome.close(breach, lessons=" ", **act)
    outcome.close(breach, lessons="Check the address.", **act)
    assert Breach.objects.get(pk=breach.pk).status == "closed"
    assert not Deadline.objects.open().filter(rule__startswith="breach.").exists()
    page = f"/{case.framework.slug}/breaches/1/"  # nobody is asked to acknowledge it any more
    assert "Acknowledge for" not in client_of(case.officer).get(page).content.decode()
    assert not [one for one in todo.items(case.officer) if "BR-001" in one.title]
    assert "Check the address." in client_of(case.guilty).get(f"/{case.framework.slug}/breaches/1/").content.decode()
    controller, other = breach.controllers.get(), next(one for one in in_force(case.version) if one.name == "Council")
    aware = {"answer": "yes", "aware_at": case.now, "by": case.guilty, "now": case.now}
    for late in (
        lambda: send(case, breach, once="9", why="late"),
        lambda: regulator.assess(controller, risk="none", **aware),
        lambda: regulator.begin(Breach.objects.get(pk=breach.pk), other, **aware),
    ):
        with pytest.raises(StateError, match="is closed"):
            late()
