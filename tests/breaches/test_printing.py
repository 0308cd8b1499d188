"""The dates of a breach as its PDFs show them (READ-1, READ-4, READ-10); that they are PDF/A and PDF/UA is asked in tests/pdf."""

import subprocess
from datetime import date, timedelta

import pytest

from breaches import printing, written
from breaches.clocks import clocks_of
from portal.deadlines import Override
from portal.models import Deadline
from portal.pdf import render_pdf
from tests.breaches import sessions
from tests.breaches.cases import at
from tests.breaches.test_reporting import VECTORS
from tests.breaches.test_views import client_of

pytestmark = pytest.mark.django_db


def words_of(pdf: bytes, path) -> str:
    """What a reader finds in the file, cell by cell, spaces and line breaks as one."""
    path.write_bytes(pdf)
    text = subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, text=True, check=True).stdout
    return " ".join(text.split())


def test_vectors_as_the_pdf_shows_them(case, time_machine, tmp_path):
    """READ-1, READ-4: every vector of rules.md, England and Scotland, and the breach that was found late: strict date with
    "could not be met: found late" and labelled practical date, in the table of the printed report."""
    late = (
        date(2026, 11, 2),
        date(2026, 11, 18),
        "england-and-wales",
        "16 November 2026",
        "30 November 2026",
        "25 November 2026",
    )
    context, expected = None, []
    for occurred, identified, nation, report, meeting, notify in [*VECTORS, late]:
        now = at(identified, 12)
        time_machine.move_to(now, tick=False)
        case.protocol.nation = nation
        case.protocol.save(update_fields=["nation"])
        breach = case.report(now=now, occurred_from=occurred, identified_on=identified)
        shown = printing.clock_context(breach, now=now)
        if context is None:
            sent = written.submit(breach, case.trust, details="x", actions="y", once="1", by=case.guilty, now=now)
            context = printing.document_of(breach, "Report", now=now, report=sent, questions=[]) | shown
        else:  # the tables of all breaches in one file, so that one file is rendered
            context["clock_rows"] += shown["clock_rows"]
            context["explanations"] += shown["explanations"]
        expected += [f"Prepare and distribute the report of the breach HAR-6.2 · 10 working days Trust {report}"]
        expected += [f"Hold the meeting of the partners HAR-6.3 · 20 working days Council {meeting}"]
        expected += (
            [f"Report the breach to the other partners HAR-6.1 · 5 working days Trust {notify}"] if notify else []
        )
    tail = " could not be met: found late {day}: practical date, counted from the identification"
    expected[-3] += tail.format(day="2 December 2026")
    expected[-2] += " 16 December 2026: practical date, counted from the identification"
    pdf = render_pdf("pdf/breach_report.html", context, title="Report", lang=printing.LANG, created=now)
    words = words_of(pdf, tmp_path / "report.pdf")
    assert [line for line in expected if line not in words] == [], words


def test_a_document_of_an_earlier_day(case):
    """HAR-6.2: the report as of the day it was sent shows nothing as done that was done later, whenever the PDF is made."""
    breach = sessions.presented(case)
    later = case.now + timedelta(minutes=5)
    written.submit(breach, case.trust, details="x", actions="y", once="1", by=case.guilty, now=later)
    words = {row[1].split(" ")[0]: row[4] for row in printing.clock_context(breach, now=case.now)["clock_rows"]}
    assert words["HAR-6.2"] == "Running" and words["HAR-6.3"].startswith("Done")
    before = printing.clock_context(breach, now=case.now - timedelta(minutes=5))
    assert {row[4] for row in before["clock_rows"]} == {"Running"}
    assert not [row for row in before["clock_rows"] if row[1].startswith("HAR-6.6")]


def test_a_length_of_the_protocols_own(case):
    """READ-10: page and table of the PDF say how long the time is, and of a length of the protocol's own its clause."""
    breach = case.report()
    Deadline.objects.filter(rule="breach.report").drop(now=case.now)
    Deadline.objects.start_from_breach(
        "breach.report", breach, framework=case.framework, occurred=breach.first_day, identified=breach.identified_at,
        now=case.now, nation="england-and-wales", owner=case.trust, overrides={"breach.report": Override(8, "6.2")},
    )  # fmt: skip
    sources = {one.deadline.rule: one.source for one in clocks_of(breach, now=case.now)}
    assert sources["breach.report"] == "HAR-6.2 · 8 working days · clause 6.2"
    assert sources["breach.meeting"] == "HAR-6.3 · 20 working days"
    assert sources["breach.report"] in [row[1] for row in printing.clock_context(breach, now=case.now)["clock_rows"]]
    page = client_of(case.officer).get(f"/{case.framework.slug}/breaches/1/").content.decode()
    assert "HAR-6.2 · 8 working days · clause 6.2" in page
