"""The agenda pack and the minutes as files: an open one and a restricted one, made from what this reader may see.

Two files, so that the open one holds no restricted word, count or page (DUD-17). Both are made when asked for, from
`AgendaItem.objects.visible_to(access)` and the like, and kept nowhere: nothing that is hidden later can be found in a file
made earlier. Attached PDFs are appended as annexes; Word papers are named, and offered on the page.
"""

import io
from dataclasses import dataclass

import pikepdf
from django.conf import settings
from django.utils.translation import gettext as _

from portal import agenda
from portal.agenda_page import Entry, parts_of
from portal.board_papers import refuse_unprintable, shown
from portal.models import Meeting, Paper
from portal.pdf import RenderError, render_pdf
from portal.templatetags.dates import longdate, longdatetime

OPEN, RESTRICTED = "open", "restricted"
SECONDS = 40  # less than the web server waits
MOST_ANNEXED = 100_000_000  # bytes


@dataclass(slots=True)
class Annex:
    """A PDF paper in the pack. label: "A" …; page: where it begins in this file."""

    label: str
    number: str
    paper: Paper
    page: int = 0


def entries_of(meeting: Meeting, access, part: str) -> list[Entry]:
    """The items of a part as this reader sees them, with their papers. Empty: there is no such file for them."""
    return parts_of(meeting, access)[part]


def agenda_pack(meeting: Meeting, access, part: str, *, now) -> bytes:
    """The pack of one part. Raises RenderError, or OSError and ValueError if a kept paper is damaged."""
    entries = entries_of(meeting, access, part)
    annexes = annexes_of(entries)
    printing = [printed(entry) | {"contents": contents(entry, access)} for entry in entries]
    context = common(meeting, part) | {"entries": printing, "annexes": annexes}
    refuse_unprintable([[one["title"], one["note"], one["papers"], one["contents"]] for one in printing])
    content = rendered("pdf/pack.html", context, meeting, _("Agenda"), part, now=now)
    if not annexes:
        return content
    for _attempt in range(
        3
    ):  # page numbers of the annexes are known once the rest is rendered; then they take no more room
        before = [annex.page for annex in annexes]
        place(annexes, pages_of(content))
        if before == [annex.page for annex in annexes]:
            break
        content = rendered("pdf/pack.html", context, meeting, _("Agenda"), part, now=now)
    return appended(content, annexes)


def minutes_file(meeting: Meeting, access, part: str, *, now) -> bytes:
    """The minutes of one part, with decisions and corrections at their items. Raises RenderError."""
    entries = entries_of(meeting, access, part)
    context = common(meeting, part) | {
        "entries": [printed(entry) for entry in entries],
        "attendance": list(meeting.attendance.select_related("organisation")),
        "quorum": meeting.quorum(),
    }
    refuse_unprintable([[entry["title"], entry["minute"]] for entry in context["entries"]])
    return rendered("pdf/minutes.html", context, meeting, _("Minutes"), part, now=now)


def common(meeting: Meeting, part: str) -> dict:
    """What stands on every such file."""
    return {
        "meeting": meeting,
        "board": meeting.board,
        "framework_name": meeting.framework.name,
        "demonstration": settings.PORTAL_DEMO,
        "is_restricted": part == RESTRICTED,
        "classification": _("Restricted") if part == RESTRICTED else _("Open"),
        "when": longdatetime(meeting.starts_at),
    }


def rendered(template: str, context: dict, meeting: Meeting, words: str, part: str, *, now) -> bytes:
    """As PDF/UA."""
    return render_pdf(
        template,
        context | {"made_at": longdatetime(now)},
        title=f"{words}: {meeting.board}, {longdate(meeting.starts_at)} ({context['classification']})",
        lang="en-GB",
        created=now,
        seconds=SECONDS,
    )


def printed(entry: Entry) -> dict:
    """An item as the templates print it."""
    item = entry.item
    paper = getattr(item, "board_paper", None) if entry.whole else None
    minute = getattr(item, "minute", None) if entry.whole else None
    return {
        "number": entry.number,
        "anchor": f"item-{item.pk}",
        "title": item.title,
        "note": item.note if entry.whole else "",
        "why": item.why,
        "due": longdate(item.due_at) if item.due_at else "",
        "paper": shown(paper.sections) if paper else None,
        "papers": [{"title": paper.title, "annexed": paper.is_pdf, "why": paper.why} for paper in entry.papers],
        "minute": minute.text if minute else "",
        "decisions": list(entry.decisions),
        "corrections": list(entry.corrections),
    }


def contents(entry: Entry, access) -> list[dict[str, str]]:
    """What the thing that an item is about says of itself."""
    return agenda.printed(entry.item, access) if entry.whole else []


def annexes_of(entries: list[Entry]) -> list[Annex]:
    """The PDF papers, in the order of the agenda."""
    papers = [(entry.number, paper) for entry in entries for paper in entry.papers if paper.is_pdf]
    if sum(paper.file.size for _number, paper in papers) > MOST_ANNEXED:
        raise RenderError(_("The papers are too large for one file."))
    return [Annex(letters(index), number, paper) for index, (number, paper) in enumerate(papers)]


def letters(index: int) -> str:
    """A … Z, AA …"""
    first, second = divmod(index, 26)
    return (chr(64 + first) if first else "") + chr(65 + second)


def pages_of(content: bytes) -> int:
    """How many there are."""
    with pikepdf.open(io.BytesIO(content)) as document:
        return len(document.pages)


def place(annexes: list[Annex], before: int) -> None:
    """Say of each annex on which page it begins."""
    page = before + 1
    for annex in annexes:
        annex.page = page
        page += annex.paper.pages or 0


def appended(content: bytes, annexes: list[Annex]) -> bytes:
    """The file with its annexes behind it, found by bookmarks. Foreign pages come without links, forms or scripts, and the
    file no longer says that it is PDF/A or PDF/UA: nobody can promise that for papers that somebody attached."""
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as document:
        starts = []
        for annex in annexes:
            starts.append((annex, len(document.pages)))
            with pikepdf.open(io.BytesIO(annex.paper.file.content())) as paper:
                for page in paper.pages:
                    for key in ("/Annots", "/AA", "/StructParents", "/B", "/Metadata", "/PieceInfo"):
                        if key in page.obj:
                            del page.obj[key]
                    document.pages.append(page)
        with document.open_outline() as outline:
            for annex, first in starts:
                words = _("Annex %(label)s: %(title)s") % {"label": annex.label, "title": annex.paper.title}
                outline.root.append(pikepdf.OutlineItem(words, first))
        with document.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
            for claim in ("pdfaid:part", "pdfaid:conformance", "pdfuaid:part"):
                if claim in metadata:
                    del metadata[claim]
        document.save(target, deterministic_id=True)
    return target.getvalue()
