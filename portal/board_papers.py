"""Board papers: headings as data of the body, the paper as PDF and as Word (DUD-17, KEN-6)."""

import io
import json
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal.later import Later
from portal.models import AgendaItem, Board
from portal.pdf import RenderError, render_pdf, unsupported_characters
from portal.templatetags.dates import longdate

if TYPE_CHECKING:
    import docx
else:
    docx = Later("docx")

# KEN-6, in the order in which such reports are read. A body may have its own (Board.paper_headings).
DEFAULT_HEADINGS = (
    _("To"),
    _("From"),
    _("Date"),
    _("Classification"),
    _("Summary"),
    _("Purpose"),
    _("Background"),
    _("Finance and resources"),
    _("Law"),
    _("Equality impact"),
    _("Recommendations"),
    _("Lead and contact officer"),
    _("Background papers"),
)
SHORT = DEFAULT_HEADINGS[:4]  # these stand in a table at the top, if they are on one line


def headings_of(board: Board) -> list[str]:
    """Of its papers."""
    return board.paper_headings or [str(heading) for heading in DEFAULT_HEADINGS]


def beginning(item: AgendaItem) -> list[dict]:
    """What is known of a new paper."""
    known = {
        str(_("To")): item.meeting.board.name,
        str(_("Date")): longdate(item.meeting.starts_at),
        str(_("Classification")): item.get_paragraph_display() if item.restricted else _t("Open"),
        str(_("Purpose")): item.note,
    }
    return [{"heading": heading, "text": known.get(heading, "")} for heading in headings_of(item.meeting.board)]


def shown(sections: list[dict]) -> dict:
    """Facts for the table at the top, and sections with paragraphs and lists, as pages and files show them."""
    written = [one for one in sections if one["text"].strip()]
    short = {str(heading) for heading in SHORT}
    facts = [
        one for one in written if one["heading"] in short and "\n" not in one["text"].strip() and len(one["text"]) < 200
    ]
    rest = [one | {"blocks": blocks(one["text"])} for one in written if one not in facts]
    return {"facts": facts, "sections": rest}


def blocks(text: str) -> list[dict]:
    """Paragraphs, and lists of lines that begin with a dash or a bullet."""
    found: list[dict] = []
    for paragraph in text.replace("\r", "").split("\n\n"):
        lines = [line.strip() for line in paragraph.splitlines() if line.strip()]
        items = [line[1:].strip() for line in lines if line[0] in "-•*"]
        if lines and len(items) == len(lines):
            found.append({"lines": items})
        elif lines:
            found.append({"text": "\n".join(lines)})
    return found


def refuse_unprintable(facts) -> None:
    """Raises RenderError, naming the characters."""
    if missing := unsupported_characters(json.dumps(facts, ensure_ascii=False)):
        raise RenderError(_t("These characters cannot be printed: %(list)s") % {"list": ", ".join(missing[:10])})


def as_pdf(item: AgendaItem, *, now) -> bytes:
    """The paper of an item. Raises RenderError."""
    paper = item.board_paper
    refuse_unprintable([item.title, paper.sections])
    context = shown(paper.sections) | {
        "item": item, "meeting": item.meeting, "board": item.meeting.board, "framework_name": item.framework.name,
        "demonstration": settings.PORTAL_DEMO, "classification": classification(item),
    }  # fmt: skip
    return render_pdf(
        "pdf/board_paper.html", context, title=f"{item.title} ({item.meeting.board})", lang="en-GB", created=now
    )


def classification(item: AgendaItem) -> str:
    """The short word in the foot of each page."""
    return _t("Restricted") if item.restricted else _t("Open")


def as_word(item: AgendaItem) -> bytes:
    """The paper of an item as a Word document: real headings, a table with its header column, no macros."""
    document = docx.Document()
    document.styles["Normal"].font.size = docx.shared.Pt(11)
    document.core_properties.title = item.title
    document.core_properties.author = item.framework.name
    document.core_properties.language = "en-GB"
    paper = shown(item.board_paper.sections)
    document.add_heading(item.title, level=0)
    if paper["facts"]:
        table = document.add_table(rows=0, cols=2)
        table.style = "Table Grid"
        for fact in paper["facts"]:
            left, right = table.add_row().cells
            left.paragraphs[0].add_run(fact["heading"]).bold = True
            right.text = fact["text"]
    for section in paper["sections"]:
        document.add_heading(section["heading"], level=1)
        for block in section["blocks"]:
            for line in block.get("lines", []):
                document.add_paragraph(line, style="List Bullet")
            if "text" in block:
                document.add_paragraph(block["text"])
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()
