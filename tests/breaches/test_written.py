"""The written report and corrections (HAR-6.2, READ-5): nothing that was sent is ever edited."""

import subprocess
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from breaches import written
from breaches.clocks import clocks_of
from breaches.models import WrittenReport
from breaches.presenters import due_lines
from portal import sweep
from portal.errors import NotReady, StateError
from portal.models import AuditEvent, OutgoingEmail
from tests.breaches.cases import at
from tests.breaches.test_views import client_of

pytestmark = pytest.mark.django_db


def by_rule(breach, now):
    return {one.deadline.rule: one for one in clocks_of(breach, now=now)}


def send(case, breach, once="1", **more):
    facts = {"details": "A list was sent astray.", "actions": "The list is closed.", "once": once} | more
    return written.submit(breach, case.trust, **facts, by=case.guilty, now=case.now)


def test_report_is_sent_and_distributed(case):
    """HAR-6.2: the duty is met, everybody is told once."""
    breach = case.report()
    report = send(case, breach)
    assert report.number == 1
    assert by_rule(breach, case.now)["breach.report"].state == "met"
    told = {mail.user for mail in OutgoingEmail.objects.filter(kind="breaches.report-sent")}
    assert told == {case.secretary, case.drafter, case.officer, case.teacher, case.guilty}


def test_sending_twice_gives_the_first(case):
    """The same form again is the same report."""
    breach = case.report()
    assert send(case, breach) == send(case, breach, details="other")
    assert WrittenReport.objects.count() == 1


def test_a_correction_is_a_new_report(case):
    """HAR-6.2: the second says what it corrects; the first stays, and the database refuses to change it."""
    breach = case.report()
    first = send(case, breach)
    with pytest.raises(NotReady):
        send(case, breach, once="2")
    second = send(case, breach, once="2", why="the number of people")
    assert (second.number, WrittenReport.objects.count()) == (2, 2)
    for act in (lambda: first.delete(), lambda: WrittenReport.objects.filter(pk=first.pk).update(details="x")):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_only_who_is_in_breach_owes_a_report(case):
    """Another organisation's is refused without a trace; an empty one too; of a closed breach none is taken."""
    breach = case.report()
    before = AuditEvent.objects.count()
    facts = {"details": "x", "actions": "y", "once": "1", "by": case.officer, "now": case.now}
    with pytest.raises(StateError):
        written.submit(breach, case.police, **facts)
    for empty in ({"actions": " "}, {"details": " "}):
        with pytest.raises(NotReady):
            send(case, breach, **empty)
    with pytest.raises(NotReady):
        written.correct(breach, text=" ", by=case.guilty, now=case.now)
    assert (AuditEvent.objects.count(), WrittenReport.objects.count()) == (before, 0)


def test_pages_and_pdf(case, tmp_path):
    """HAR-6.2, READ-4: written by its own people; the PDF shows the same dates as the page."""
    breach = case.report(occurred_from=case.now.date() - timedelta(days=30))
    base = f"/{case.framework.slug}/breaches/1/"
    form = f"{base}write/{case.trust.pk}/"
    assert client_of(case.officer).get(form).status_code == 404
    assert client_of(case.secretary).get(form).status_code == 404
    client = client_of(case.guilty)
    assert client.get(form).status_code == 200
    page = client.post(form, {"details": "A list.", "actions": "Closed it.", "once": "abc"}, follow=True)
    report = WrittenReport.objects.get()
    text = page.content.decode()
    assert "The PDF is being made" in text and f'href="{base}reports/{report.pk}/"' in text
    assert f'href="{base}"' in text.split("<main")[1]
    assert client.get(f"{base}reports/{report.pk}/pdf/").status_code == 409
    for _again in range(2):
        sweep.run_jobs({"jobs": 0, "failed": 0}, now=case.now)
    answer = client_of(case.officer).get(f"{base}reports/{report.pk}/pdf/")
    path = tmp_path / "report.pdf"
    path.write_bytes(answer.content)
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout
    words = " ".join(text.split())
    assert "A list." in words and "Closed it." in words
    for clock in clocks_of(breach, now=case.now):
        for line in due_lines(clock):
            for part in line.replace(":", "").split():
                assert part in words
        assert clock.due in words
    assert "could not be met: found late" in words


def test_corrected_date(case, time_machine):
    """READ-5: unknown, then known: strict and practical as of READ-4; the assumed dates stay in the history."""
    now = at(date(2026, 11, 18), 12)
    time_machine.move_to(now, tick=False)
    breach = case.report(now=now, occurred="unknown", occurred_from=None, identified_on=date(2026, 11, 18))
    assert due_lines(by_rule(breach, now)["breach.report"])[0] == "2 December 2026"
    written.correct(
        breach,
        text="The log shows the day.",
        occurred="known",
        occurred_from=date(2026, 11, 2),
        by=case.guilty,
        now=now,
    )
    assert due_lines(by_rule(breach, now)["breach.report"]) == [
        "16 November 2026",
        "could not be met: found late",
        "2 December 2026: practical date, counted from the identification",
        "before it was counted again: 2 December 2026",
    ]
    page = client_of(case.officer).get(f"/{case.framework.slug}/breaches/1/").content.decode()
    assert "corrected; reported at first: not known yet" in page
    with pytest.raises(NotReady):
        written.correct(
            breach, text="x", occurred="known", occurred_from=date(2026, 11, 19), by=case.guilty, now=now
        )  # not after it was identified


def test_who_corrects(case):
    """Who reported it, who is in breach, the secretary; other parties find no form."""
    breach = case.report(by=case.teacher)
    url = f"/{case.framework.slug}/breaches/{breach.number}/correct/"
    assert [client_of(one).get(url).status_code for one in (case.teacher, case.guilty, case.secretary)] == [200] * 3
    assert client_of(case.officer).get(url).status_code == 404
    assert client_of(case.teacher).post(url, {"text": "It was two lists.", "occurred": "unknown"}).status_code == 302
    assert "It was two lists." in client_of(case.officer).get(url.replace("correct/", "")).content.decode()
