"""The printed protocol as a reader sees it: order, numbers, pages, words. Seen through poppler."""

import re
import subprocess
import xml.etree.ElementTree as ET

import pikepdf
import pytest

from protocols.canonical import walk
from protocols.printing import render_protocol
from tests.pdf import samples
from tests.pdf.tags import structure
from tests.protocols.source_text import (
    LABELS,
    PARTIES_FOOT,
    PARTIES_HEAD,
    SIGNATURES_HEAD,
    source_words,
)

KINDS = ["draft", "text_copy", "sealed", "public"]


def body(path, first, last):
    """The text lines of pages first to last (1-based), header and footer left out."""
    return [[text for _y, _x, text in page] for page in samples.pages(path)[first - 1 : last]]


def run_together(lines):
    """Lines as one word: a long word may break at a slash. Case, bullets and the marks of italic type are layout."""
    return "".join("".join(lines).lower().replace("•", "").replace("*", "").split())


def clause_pages(path):
    """First and last page that hold clauses, by the contents."""
    numbers = contents(path)
    return numbers["Definitions"][0], numbers["Signatures of partner organisations"][0]


def contents(path):
    """The contents page: title → (printed page number, target page number of its link)."""
    with pikepdf.open(path) as pdf:
        number_of = {page.objgen: index for index, page in enumerate(pdf.pages, 1)}
        names = pdf.Root.Names.Dests.Names
        targets = {str(names[i]): number_of[names[i + 1][0].objgen] for i in range(0, len(names), 2)}
        # Title and page number are a link each, on one line.
        links = {
            (round(float(link.Rect[1])), targets[str(link.Dest)])
            for link in pdf.pages[1].Annots
            if link.Subtype == "/Link" and "/Dest" in link
        }
    page = [text for _y, _x, text in samples.pages(path)[1]]
    # The document control may follow on the same page.
    page = page[: page.index("Document control")] if "Document control" in page else page
    lines = [text for text in page if re.search(r"\D \d+$", text)]
    assert len(lines) == len(links)
    entries = {}
    for line, (_height, target) in zip(lines, sorted(links, reverse=True), strict=True):
        title, printed = re.fullmatch(r"(?:\d+ |Schedule \d+ )?(.+) (\d+)", line).groups()
        entries.setdefault(title, (int(printed), target))
    return entries


def normal(text):
    return " ".join(text.split())


# -- HAR: the text of the source ------------------------------------------------------------------


def test_51_numbered_clauses_stand_in_the_pdf_word_for_word(made):
    """The PDF of the Haringey protocol has the source's 51 clauses, items and unnumbered sections, word by word."""
    path = made("haringey", "text_copy")
    first, last = clause_pages(path)
    printed = run_together(line for page in body(path, first, last) for line in page)
    source = " ".join(source_words())
    # The two tables are printed by the portal in its own form; the rest must be the source, word by word.
    start, end = source.index(PARTIES_HEAD), source.index(PARTIES_FOOT) + len(PARTIES_FOOT)
    before, after = run_together([source[:start]]), run_together([source[end : source.index(SIGNATURES_HEAD)]])
    assert printed.startswith(before)
    assert printed[printed.index(after[:40]) :].startswith(after)
    assert len(before) + len(after) > 13000


def test_labels_stand_once_each_at_the_start_of_a_line(made):
    """2.1-2.3, 3.1-3.9, 4.1-4.8, 5.1-5.14, 6.1-6.6, 7.1-7.4, 8.1-8.3, 11.1-11.2, 12.1-12.2, on pdftotext -layout."""
    path = made("haringey", "text_copy")
    first, last = clause_pages(path)
    text = samples.text_of(path, "-layout", "-f", str(first), "-l", str(last))
    found = re.findall(r"^ {0,8}(\d{1,2}\.\d{1,2}) +\S", text, re.MULTILINE)
    assert found == LABELS
    assert len(found) == 51


def test_items_have_the_letters_of_the_source(made):
    """3.7 a-c, 3.8 a-b, 10 i-ii, 11.1 a-g, each at the start of a line with its text; section 9 has no numbers."""
    path = made("haringey", "text_copy")
    first, last = clause_pages(path)
    text = samples.text_of(path, "-layout", "-f", str(first), "-l", str(last))
    found = re.findall(r"^ +(\(?[a-z]{1,2}[).]) +\S", text, re.MULTILINE)
    letters = [f"({letter})" for letter in "abcdefg"]
    assert found == ["a)", "b)", "c)", "a)", "b)", "i.", "ii.", *letters]
    lines = [line for page in body(path, first, last) for line in page]
    section9 = lines[lines.index("9 Joint procedures") + 1 : lines.index("10 Contractual agreement")]
    assert not [line for line in section9 if re.match(r"9\.|\(?[a-z]\)", line)]
    assert len([line for line in section9 if line.startswith("• ")]) == 9


# -- Pages ------------------------------------------------------------------------------------------


def headings(version):
    found = {clause["title"] for _path, clause in walk(version["clauses"]) if clause["title"]}
    fixed = {"Drafts", "Approvals", "Evidence of the signatures", "Document control", "Contents"}
    return {normal(title) for title in found | fixed} | {party["organisation"] for party in version["parties"]}


def is_heading(line, titles):
    line = re.sub(r"^(\d+(\.\d+)?|Schedule \d+) ", "", normal(line))
    return line in titles or bool(re.match(r"Level \d: |SCHEDULE \d", line))


@pytest.mark.parametrize("sample, kind", [("golden", "sealed"), ("haringey", "sealed"), ("large", "text_copy")])
def test_no_heading_is_the_last_line_of_a_page(made, sample, kind):
    """A heading keeps with the text that follows it, on every page."""
    version = {"golden": samples.golden, "haringey": samples.haringey, "large": lambda: samples.large(40)}[sample]()
    titles = headings(version) - {party["organisation"] for party in version["parties"] if sample == "large"}
    last = [page[-1][2] for page in samples.pages(made(sample, kind))[1:]]
    assert [line for line in last if is_heading(line, titles)] == []


@pytest.mark.parametrize("size", range(1, 9))
def test_headings_and_numbers_hold_wherever_the_page_breaks(tmp_path, size):
    """Pushed down the page line by line, no heading is left behind and no number parts from its text."""
    version = samples.golden()
    filler = version["clauses"][0]["children"][0]
    filler["text"] = "\n\n".join(["One more line that pushes the rest down the page."] * size * 2)
    version["clauses"][0]["children"][1]["children"] = []
    path = tmp_path / "pushed.pdf"
    path.write_bytes(samples.rendered(version, "text_copy"))
    titles = headings(version)
    for page in samples.pages(path)[1:]:
        assert not is_heading(page[-1][2], titles)
        assert parted(page) == []


def parted(page):
    """Lines that are a clause number and nothing else."""
    return [text for _y, _x, text in page if re.fullmatch(r"\d+\.\d+|\(?[a-z]{1,3}\)|[ivx]+\.|•", text)]


@pytest.mark.parametrize("sample", ["golden", "haringey"])
def test_no_clause_number_is_parted_from_its_text(made, sample):
    """A number, letter or bullet is always on the line of its text."""
    assert [line for page in samples.pages(made(sample, "sealed")) for line in parted(page)] == []


def paragraphs(path):
    """The text of every paragraph and heading of the structure tree, in its order."""
    found, inside = [], None
    for line in structure(path).splitlines():
        indent, content = len(line) - len(line.lstrip()), line.strip()
        if inside is not None and indent <= inside:
            inside = None
        if re.match(r"(P|H\d)\b", content):
            inside = indent
            found.append("")
        elif inside is not None and content.startswith('"'):
            found[-1] += content.strip('"')
    return found


def test_numbers_are_tagged_with_their_text(made):
    """By tags: each of the 51 numbers begins a paragraph or heading that goes on with the text, after a space."""
    texts = paragraphs(made("haringey", "sealed"))
    assert [text for text in texts if re.fullmatch(r"\d+\.\d+\s*|\(?[a-z]{1,3}[).]\s*|•\s*", text)] == []
    starts = [match[1] for text in texts if (match := re.match(r"(\d{1,2}\.\d{1,2}) \S", text))]
    assert starts == LABELS


def test_numbers_hang_in_the_margin(made):
    """Clause numbers share one left edge, the text another: following lines never run under the number."""
    path = made("haringey", "text_copy")
    page = samples.pages(path)[contents(path)["Procedures"][0] - 1]
    numbers = {round(x) for _y, x, text in page if re.match(r"\d+\.\d+ ", text)}
    plain = {round(x) for _y, x, text in page if not re.match(r"(\d|•)", text)}
    assert len(numbers) == 1
    assert min(plain) - numbers.pop() > 35


@pytest.mark.parametrize(
    "sample, kind", [("golden", "sealed"), ("haringey", "sealed"), ("large", "sealed"), ("golden", "public")]
)
def test_no_word_runs_into_the_margin(made, sample, kind):
    """Every word of every page after the cover stands between the margins of 22 mm, on landscape pages too."""
    tree = ET.fromstring(re.sub(r'xmlns="[^"]+"', "", samples.text_of(made(sample, kind), "-bbox")))
    for page in list(tree.iter("page"))[1:]:
        right = float(page.get("width")) - 62
        outside = [
            word.text for word in page.iter("word") if float(word.get("xMin")) < 61 or float(word.get("xMax")) > right
        ]
        assert outside == []


@pytest.mark.parametrize("kind", KINDS)
def test_contents_show_the_page_of_every_section_and_link_to_it(made, kind):
    """Page numbers in the contents are right: link target and printed number agree, and the heading is there."""
    path = made("haringey", kind)
    entries = contents(path)
    assert len(entries) >= 18
    for title, (printed, target) in entries.items():
        assert printed == target
        page = " ".join(text for _y, _x, text in samples.pages(path)[printed - 1])
        assert normal(title) in normal(page)


def test_clause_pages_of_all_editions_are_equal_as_text(made):
    """Contents, document control, clauses and schedules of the text copy, sealed edition and public copy are equal."""
    texts = {}
    for kind in ("text_copy", "sealed", "public"):
        path = made("haringey", kind)
        last = contents(path)["Signatures"][0] - 1
        pages = body(path, 2, last)
        # The last entry of the contents, the pages after the signatures, may move.
        pages[0] = [line for line in pages[0] if not line.startswith("About this copy")]
        texts[kind] = pages
    assert texts["text_copy"] == texts["sealed"] == texts["public"]
    assert len(texts["text_copy"]) >= 10


def test_clause_pages_stay_the_same_when_somebody_joins(made, tmp_path):
    """Edition 2 after an accession: one row more in the schedule of signatures, every clause page equal as text."""
    version = samples.haringey()
    extras = samples.extras(version, "sealed")
    joined = extras["signatures"][0] | {"organisation": "Later Joiner Trust", "evidence_code": "EVID-9999"}
    extras["signatures"].append(joined)
    extras["edition"] |= {"number": 2, "code": "ZZZZ-ZZZZ-ZZZZ", "made_at": "2026-10-01T09:00:00+00:00"}
    second = tmp_path / "second.pdf"
    second.write_bytes(render_protocol(version, extras))
    first = made("haringey", "sealed")
    pages = []
    for path in (first, second):
        text = body(path, 2, contents(path)["Signatures"][0] - 1)
        text[0] = [line for line in text[0] if not line.startswith("About this copy")]
        pages.append(text)
    assert pages[0] == pages[1]
    assert "Later Joiner Trust" in samples.text_of(second)
    assert "Later Joiner Trust" not in samples.text_of(first)


@pytest.mark.parametrize("kind", KINDS)
def test_every_page_says_demonstration(made, kind):
    """A demonstration says so in words on every page and on the cover in a sentence."""
    path = made("haringey", kind)
    for page in samples.text_of(path, "-layout").split("\f")[:-1]:
        assert "Demonstration" in page
    assert "This is not a real agreement" in samples.text_of(path, "-l", "1")


def test_every_page_of_a_draft_says_draft(made):
    """A draft preview says on every page that it is not for signature, beside the watermark; others do not."""
    pages = samples.text_of(made("haringey", "draft"), "-layout").split("\f")[:-1]
    assert all(re.search(r"Draft.*[Nn]ot for|Draft, not", page, re.DOTALL) for page in pages)
    assert "Not for signature. The text may still change." in pages[0]
    assert "ot for signature" not in samples.text_of(made("haringey", "sealed"), "-layout")


def test_running_header_and_footer(made):
    """Every page but the cover has reference, version, page x of y, fingerprint and classification."""
    version = samples.haringey()
    fingerprint = samples.extras(version, "sealed")["edition"]["canonical_sha256"]
    pages = samples.text_of(made("haringey", "sealed"), "-layout").split("\f")[:-1]
    for number, page in enumerate(pages[1:], 2):
        for words in ("HSP-ISP-014 · version 1.0", f"Page {number} of {len(pages)}", fingerprint[:16], "OFFICIAL"):
            assert words in page
    assert fingerprint in pages[0]


def test_cover_has_the_facts(made):
    """The cover names title, tier, reference, version, status, dates, review, lead, number of partners, address, hash."""
    cover = normal(samples.text_of(made("haringey", "sealed"), "-l", "1", "-layout"))
    for words in (
        "Individual protocol",
        "Reference HSP-ISP-014",
        "Version 1.0",
        "Status In force from 1 September 2026",
        "In force from 1 September 2026",
        "Review By 28 January 2027, then every year",
        "Lead organisation Haringey Council",
        "Partner organisations 3 organisations",
        "https://portal.example.org/verify",
        "ABCD-EFGH-JKMN",
    ):
        assert words in cover
    assert "must never be a reason for not sharing" in cover  # DCS-isp, operational tier


def test_caveat_stands_on_operational_protocols_only(tmp_path):
    """DCS-isp belongs to practitioners: a tier 1 protocol does not carry it."""
    version = samples.golden()
    version["protocol"]["tier"] = {"level": "overarching", "name": "Tier 1"}
    path = tmp_path / "tier1.pdf"
    path.write_bytes(samples.rendered(version, "text_copy"))
    assert "must never be a reason" not in samples.text_of(path)


@pytest.mark.parametrize("length", [60, 120, 200])
def test_cover_is_one_page_whatever_the_title(tmp_path, length):
    """A long title takes a smaller size; the contents still begin on page 2."""
    version = samples.golden()
    version["protocol"]["title"] = ("Information sharing protocol for safeguarding and prevention " * 5)[
        :length
    ].strip()
    path = tmp_path / "title.pdf"
    path.write_bytes(samples.rendered(version, "sealed"))
    assert samples.pages(path)[1][0][2] == "Contents"


# -- Signatures and evidence --------------------------------------------------------------------------


def test_signature_schedule_has_exactly_the_columns_of_har_13(made):
    """HAR-13: organisation, address, registration number, name of signatory, title, signature, date."""
    path = made("haringey", "sealed")
    page = contents(path)["Signatures"][0]
    head = next(line for line in body(path, page, page)[0] if line.startswith("Organisation"))
    assert head == SIGNATURES_HEAD
    text = normal(samples.text_of(path, "-f", str(page), "-l", str(page)))
    assert "Invented Signatory 1" in text
    assert "Signed electronically" in text


def test_text_copy_awaits_its_signatures(made):
    """The schedule of the text copy names the parties and says that they have still to sign."""
    path = made("haringey", "text_copy")
    text = samples.text_of(path)
    assert text.count("Awaiting signature") == 3
    assert "Signed electronically" not in text


def test_table_heads_are_repeated(made):
    """With 40 parties the parties' and the signature tables have their head on each of their pages."""
    path = made("large", "sealed")
    start = contents(path)["Signatures"][0]
    schedule = [page for page in body(path, start, 99) if any("Partner Organisation" in line for line in page)]
    heads = [SIGNATURES_HEAD in page for page in schedule if not any("Time in UTC" in line for line in page)]
    assert len(heads) >= 3
    assert all(heads)


def test_evidence_of_each_signature(made):
    """Record hash, second factor, both times, statement, the seal in plain words and the checkpoint are printed."""
    path = made("haringey", "sealed")
    text = normal(samples.text_of(path, "-layout", "-f", str(contents(path)["About this copy"][0])))
    for entry in samples.extras(samples.haringey(), "sealed")["signatures"]:
        for words in (entry["record_sha256"], entry["evidence_code"], entry["signatory"]):
            assert words in text
    assert "21 July 2026, 10:30:00 (BST)" in text
    assert "2026-07-21T09:30:00Z" in text
    assert text.count(samples.STATEMENT) == 3
    assert "the seal of the operator" in text
    assert "not the seal of a party, and it is not a qualified signature" in text
    assert "Number 412" in text
    assert "9e" * 32 in text


def test_public_copy_names_no_person_and_holds_no_evidence(made):
    """UK-pub: the public copy says so and has organisation, job title and date of each signature, no more."""
    text = samples.text_of(made("haringey", "public"))
    assert "Public copy" in text
    assert "Director of Services" in text
    assert "21 July 2026" in text
    raw = subprocess.run(["qpdf", "--qdf", str(made("haringey", "public")), "-"], capture_output=True, check=True)
    for entry in samples.extras(samples.haringey(), "sealed")["signatures"]:
        for secret in (entry["signatory"], entry["record_sha256"], entry["evidence_code"]):
            assert secret not in text
            assert secret.encode() not in raw.stdout
    assert samples.STATEMENT not in normal(text)


def test_references_to_clauses_are_printed_as_labels_and_linked(made):
    """{{clause:uid}} becomes the label of that clause, and leads there."""
    text = normal(samples.text_of(made("golden", "text_copy")))
    assert "A dispute about clause 2.2 goes to" in text
    assert "{{" not in text


def test_schedules_are_placed_or_follow_the_clauses(tmp_path):
    """The parties stand where the text places them; without a place they follow as a schedule."""
    version = samples.golden()
    version["clauses"][0]["children"][1]["children"] = []
    path = tmp_path / "unplaced.pdf"
    path.write_bytes(samples.rendered(version, "text_copy"))
    assert "Parties" in contents(path)
    assert samples.text_of(path).count("01632 960002") == 1
