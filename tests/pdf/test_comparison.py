"""The comparison of two texts as PDF: valid, tagged, and never to be taken for a signed document (SIG-new)."""

from datetime import UTC, datetime

import pytest

from protocols.compare_printing import render_comparison
from tests.pdf import samples
from tests.pdf.tags import structure
from tests.pdf.validator import verdicts

NOW = datetime(2026, 8, 3, 9, 0, tzinfo=UTC)
NAMES = ("1.0 (in force from 1 September 2026)", "2.0 draft 1 (the draft as it stands now)")


def changed() -> dict:
    """The Haringey text with a word exchanged, a clause gone, one moved, a purpose added, as version 2.0."""
    new = samples.haringey()
    new["version"]["number"] = "2.0"
    procedures, security = (
        next(clause for clause in new["clauses"] if clause["label"] == label) for label in ("4", "7")
    )
    first = procedures["children"][0]
    first["text"] = first["text"].replace("must ensure", "shall make sure")
    del procedures["children"][3]
    security["children"].insert(0, security["children"].pop())
    new["purposes"].append({"label": "P99", "text": "To plan what comes next."})
    return new


@pytest.fixture(scope="module")
def comparison(tmp_path_factory):
    """A function (only changes?) → path, each rendered once."""
    folder = tmp_path_factory.mktemp("comparisons")

    def make(only_changes: bool):
        path = folder / f"comparison-{only_changes}.pdf"
        if not path.exists():
            path.write_bytes(
                render_comparison(samples.haringey(), changed(), names=NAMES, only_changes=only_changes, now=NOW)
            )
        return path

    return make


def test_every_page_says_that_it_is_no_signed_document(comparison):
    """In the running header, in words; the first page says what is compared and what changed."""
    pages = samples.text_of(comparison(True), "-layout").split("\f")[:-1]
    for page in pages:
        words = " ".join(page.split())
        assert "Comparison of 1.0 with 2.0" in words
        assert "not a signed document" in words
    first = " ".join(pages[0].split())
    assert NAMES[0] in first
    assert NAMES[1] in first
    assert "1 clause changed, 1 removed, 1 moved" in first


def test_words_put_in_and_taken_out_are_said_in_words(comparison):
    """Underlining is not read aloud: the words stand in the structure tree, in reading order."""
    text = " ".join(structure(comparison(True)).split())
    assert "taken out:" in text
    assert "put in:" in text
    tags = {line.split()[0] for line in structure(comparison(True)).splitlines() if line.strip()}
    assert {"H1", "H2", "H3"} <= tags


@pytest.mark.pdfvalid
def test_the_comparison_is_pdf_a_3a_and_pdf_ua_1(comparison):
    """As every other document of the portal, by veraPDF; the whole text and the changes alone."""
    paths = [comparison(True), comparison(False)]
    found = verdicts(*paths)
    for path in paths:
        for profile in ("PDFA-3A", "PDFUA-1"):
            assert found[path.name, profile] == "pass", (path.name, profile)
