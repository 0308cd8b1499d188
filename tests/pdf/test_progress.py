"""The progress report as PDF: valid PDF/A-3a and PDF/UA-1, with its pictures described (KEN-6iii)."""

from datetime import UTC, date, datetime

import pytest

from protocols.progress import Month, Progress, Signed
from protocols.views_progress import render_report
from tests.pdf.tags import structure
from tests.pdf.validator import verdicts

NOW = datetime(2026, 8, 3, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """A report with every kind of figure in it."""
    months = [Month(date(2025 + (n + 7) // 12, (n + 7) % 12 + 1, 1), n % 4, n % 3, n % 2) for n in range(1, 13)]
    figures = Progress(
        [("draft", 2), ("open-for-signature", 1), ("in-force", 7)], [Signed("General protocol", 3, 12, 9)], 2, 1, 4,
        months, NOW,
    )  # fmt: skip
    path = tmp_path_factory.mktemp("progress") / "progress.pdf"
    path.write_bytes(render_report("Anyshire Information Sharing Board", figures, now=NOW))
    return path


@pytest.mark.pdfvalid
def test_it_is_pdf_a_3a_and_pdf_ua_1(report):
    """By veraPDF."""
    found = verdicts(report)
    assert [found[report.name, profile] for profile in ("PDFA-3A", "PDFUA-1")] == ["pass", "pass"]


def test_pictures_have_their_sentence_and_every_number_stands_in_a_table(report):
    """Tagged: three figures with words, tables with heads."""
    tags = structure(report)
    assert tags.count("Figure") >= 3
    assert "7 of 10 protocols are in force." in tags
    assert "9 of 12 required parties have signed what is open or in force." in tags
    assert "August 2025" not in tags
    assert tags.count("TH") > 15
