"""Agenda packs and minutes as files: open and restricted, nothing hidden in the open one (DUD-17, HAR-6.4, HAR-6.6)."""

import io
import subprocess

import pikepdf
import pytest
from django.db import transaction
from django.db.models import Q
from docx import Document

from portal import agenda, agendas, board_papers, meetings, minutes, packs, papers
from portal.models import AgendaItem, Board, Decision, Paragraph
from portal.permissions import Access, Role
from portal.tenancy import scope
from reviews import reporting
from reviews import workflow as review_workflow
from tests import builders
from tests.builders import NOW
from tests.pdf.validator import verdicts
from tests.portal.test_papers import pdf, word
from tests.reviews.holding import Case

pytestmark = [pytest.mark.django_db, pytest.mark.pdfvalid]
SECTIONS = [
    {"heading": "To", "text": "The board"},
    {"heading": "Summary", "text": "What it is about."},
    {"heading": "Recommendations", "text": "- Note it\n- Agree it"},
    {"heading": "Law", "text": ""},
]


@pytest.fixture
def framework():
    """Inside its scope."""
    framework = builders.make_framework()
    with scope(framework.pk), transaction.atomic():
        yield framework


@pytest.fixture
def meeting(framework):
    """Held now by one organisation, with an open item, its board paper, and a restricted item with its own."""
    body = builders.make_organisation(framework=framework)
    board = Board.objects.get_or_create(framework=framework, name="Strategic Partnership Board")[0]
    meeting = meetings.plan(board, starts_at=NOW, place="Hall", by=None, now=NOW)
    for title, paragraph in (("Open business", ""), ("Secret business", Paragraph.BUSINESS)):
        item = agendas.add(meeting, title=title, note=f"Note on {title}", paragraph=paragraph, by=None, now=NOW)
        agendas.write_paper(item, SECTIONS, revision=0, by=None, now=NOW)
    meetings.hold(meeting, present={body.pk: "Somebody"}, by=None, now=NOW)
    return meeting


def reader(framework, role=Role.REPRESENTATIVE) -> Access:
    """Of somebody."""
    return Access.of(builders.make_member(framework, role), framework)


def text_of(content: bytes) -> str:
    """The words of a PDF."""
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)
    return done.stdout.decode()


def attach(meeting, title, content, paragraph="") -> None:
    """A paper of the open item."""
    item = meeting.items.filter(restricted=False).first()
    agendas.attach(item, papers.check(content, "x"), title=title, paragraph=paragraph, by=None, now=NOW)


def report_of_a_review() -> bytes:
    """With findings, a correction, consents and an action: everything that its page prints (HAR-5.3). It stands here for the
    sake of one start of Java."""
    case = Case()
    with scope(case.framework.pk), transaction.atomic():
        review = case.begin().review("completed")
        words = {"severity": "low", "text": "One team uses it.", "recommendation": ""}
        review_workflow.correct(review.findings.get(), **words, by=case.drafter, now=NOW)
        case.planned(review, NOW)
        return reporting.pdf_bytes(review, now=NOW)


def test_both_packs_are_tagged_and_the_open_one_holds_nothing_restricted(meeting, tmp_path):
    """PDF/UA-1 and PDF/A-3a without foreign papers; contents with links; the same open file whatever is restricted. The
    report of a review likewise (HAR-5.3)."""
    access = reader(meeting.framework)
    files = {}
    for name, make in {
        "open": lambda: packs.agenda_pack(meeting, access, "open", now=NOW),
        "restricted": lambda: packs.agenda_pack(meeting, access, "restricted", now=NOW),
        "paper": lambda: board_papers.as_pdf(meeting.items.first(), now=NOW),
        "review": report_of_a_review,
    }.items():
        files[name] = tmp_path / f"{name}.pdf"
        files[name].write_bytes(make())
    found = verdicts(*files.values())
    assert set(found.values()) == {"pass"}, found
    opened, closed = (text_of(files[name].read_bytes()) for name in ("open", "restricted"))
    assert "Open business" in opened
    assert "Recommendations" in opened
    assert not any(word in opened for word in ("Secret", "Restricted", "R1", "paragraph 3"))
    assert "Secret business" in closed
    assert "Open business" not in closed
    with pikepdf.open(files["open"]) as document:
        links = [note for page in document.pages for note in page.get("/Annots", []) if note.Subtype == "/Link"]
        assert links
    AgendaItem.objects.filter(meeting=meeting, restricted=True).update(removed_at=NOW)
    assert packs.agenda_pack(meeting, access, "open", now=NOW) == files["open"].read_bytes()


def test_a_pack_with_annexes_stays_usable_and_claims_nothing_for_them(meeting):
    """Attached PDFs follow as bookmarks, on the page that the list says, without links of theirs; Word is named."""
    source = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf(2))) as document:
        link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9])
        document.pages[0].Annots = document.make_indirect([document.make_indirect(link)])
        document.save(source)
    attach(meeting, "Annual figures", source.getvalue())
    attach(meeting, "More figures", pdf(1))
    attach(meeting, "In Word", word())
    attach(meeting, "Hidden figures", pdf(4), Paragraph.BUSINESS)
    viewer = packs.agenda_pack(meeting, reader(meeting.framework, Role.VIEWER), "open", now=NOW)
    content = packs.agenda_pack(meeting, reader(meeting.framework), "open", now=NOW)
    assert content == viewer
    words = text_of(content)
    assert "Hidden figures" not in words
    assert "Word document, offered on the page of the meeting" in words
    with pikepdf.open(io.BytesIO(content)) as document:
        total = len(document.pages)
        first = total - 2
        assert f"{first}" in next(
            line for line in words.splitlines() if "Annual figures" in line and "1" in line.split()
        )
        assert "/Annots" not in document.pages[first - 1]
        with document.open_outline() as outline:
            titles = [str(one.title) for one in outline.root]
        assert titles[-2:] == ["Annex A: Annual figures", "Annex B: More figures"]
        with document.open_metadata() as metadata:
            assert "pdfuaid:part" not in metadata
    closed = text_of(packs.agenda_pack(meeting, reader(meeting.framework), "restricted", now=NOW))
    assert "Hidden figures" in closed
    assert "Annual figures" not in closed


def test_what_a_closed_session_hides_leaves_no_file(meeting, monkeypatch):
    """HAR-6.4: no restricted pack at all for whom nothing is left, and no page more or less in the open one."""
    access = reader(meeting.framework)
    before = packs.agenda_pack(meeting, access, "open", now=NOW)
    monkeypatch.setattr(agenda, "RULES", [lambda access: Q(restricted=True)])
    assert packs.entries_of(meeting, access, "restricted") == []
    assert packs.agenda_pack(meeting, access, "open", now=NOW) == before


def test_minutes_are_two_files_with_decisions_and_corrections_at_their_items(meeting, tmp_path):
    """HAR-6.6: who was there, text, decision and correction; the restricted part apart."""
    shown, hidden = meeting.items.order_by("restricted")
    for item in (shown, hidden):
        minutes.write(item, f"Minuted: {item.title}", revision=0, by=None, now=NOW)
    facts = {"outcome": "approved", "reference": "SPB 7", "board": meeting.board, "decided_on": NOW.date()}
    Decision.objects.record(shown, meeting=meeting, item=shown, by=None, now=NOW, **facts)
    minutes.finish(meeting, by=None, now=NOW)
    minutes.circulate(meeting, by=None, now=NOW)
    minutes.correct(shown, "Better words", reason="A slip", by=None, now=NOW)
    access = reader(meeting.framework)
    files = {part: tmp_path / f"{part}.pdf" for part in ("open", "restricted")}
    for part, path in files.items():
        path.write_bytes(packs.minutes_file(meeting, access, part, now=NOW))
    found = verdicts(*files.values())
    assert set(found.values()) == {"pass"}, found
    opened, closed = (text_of(path.read_bytes()) for path in files.values())
    for words in ("Minuted: Open business", "SPB 7", "Better words", "Somebody", "quorate"):
        assert words in opened
    assert "Secret" not in opened
    assert "Minuted: Secret business" in closed


def test_the_board_paper_in_word_has_real_headings_and_no_macros(meeting):
    """DUD-17, KEN-6: headings of the body, a list as a list; what it is made of passes our own check of uploads."""
    item = meeting.items.first()
    content = board_papers.as_word(item)
    assert papers.check(content, "x").media_type == papers.DOCX
    document = Document(io.BytesIO(content))
    headings = [one.text for one in document.paragraphs if one.style.name.startswith(("Heading", "Title"))]
    assert headings == ["Open business", "Summary", "Recommendations"]
    assert [one.text for one in document.paragraphs if one.style.name == "List Bullet"] == ["Note it", "Agree it"]
    assert document.tables[0].cell(0, 1).text == "The board"


def test_headings_are_those_of_the_body(meeting):
    """The default ones of KEN-6, or the body's own."""
    board = meeting.board
    assert board_papers.headings_of(board)[:4] == ["To", "From", "Date", "Classification"]
    meetings.change_rules(board, quorum_percent=60, majority="two-thirds", headings=["Issue"], by=None, now=NOW)
    assert board_papers.headings_of(Board.objects.get(pk=board.pk)) == ["Issue"]
