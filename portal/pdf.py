"""Documents as PDF: PDF/A-3a and PDF/UA-1 in one file, the same bytes every time.

The work is done in a process of its own with limits (portal/press.py, portal/pdf_worker.py), so no text that
somebody typed can take the server with it. Findings and pitfalls: docs (how it is built).
"""

import base64
import json
import unicodedata
from datetime import UTC, datetime
from functools import cache

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

from portal.press import FONTS, PRESS, NoPress, Stopped

TEXT_FONT = "SourceSans3_400Regular.ttf"
HEADING_FONT = "SourceSans3_700Bold.ttf"

MEGABYTES = 768
SECONDS = 60

_REFUSED, _OUT_OF_MEMORY = 3, 4  # as in portal/pdf_worker.py


class RenderError(Exception):
    """The document could not be made; the message says why, in words for the person who asked."""


def render_pdf(
    template_name: str,
    context: dict,
    *,
    title: str,
    lang: str,
    created: datetime,
    attachment: tuple[str, bytes] | None = None,
    keywords: list[str] | None = None,
    megabytes: int = MEGABYTES,
    seconds: int = SECONDS,
) -> bytes:
    """The PDF/A-3a and PDF/UA-1 bytes of a template of templates/pdf/, in the language given.

    `created` (aware) is the only date in the file: equal input gives equal bytes. `attachment` (name,
    content) is embedded as source; `keywords` stand in the metadata. If the context holds "watermark", a list of words, each is drawn
    behind the text of every page; they must also stand in the text, since screen readers skip it.
    Raises RenderError when the limits (megabytes, seconds) are reached or an address is asked for.
    """
    with translation.override(lang):
        html = render_to_string(template_name, {**context, "title": title, "lang": lang})
        css = [render_to_string("pdf/print.css")]
        if context.get("watermark"):
            css.append(_watermark(context["watermark"]))
    job = {
        "html": html,
        "css": css,
        "title": title,
        "lang": lang,
        "created": created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00"),
        "attachment": attachment and {"name": attachment[0], "data": base64.b64encode(attachment[1]).decode()},
        "keywords": keywords or [],
    }
    return _run(json.dumps(job).encode(), megabytes, seconds)


def _run(job, megabytes, seconds):
    try:
        status, content = PRESS.make(job, megabytes=megabytes, seconds=seconds)
    except Stopped as error:
        if error.late:
            raise RenderError(_("The document took longer than %(seconds)s seconds.") % {"seconds": seconds}) from error
        raise RenderError(_("The document was stopped because it reached a limit of time or memory.")) from error
    except NoPress as error:
        reason = _("the PDF library could not be loaded; the log of the server says why")
        raise RenderError(_("The document could not be made: %(reason)s") % {"reason": reason}) from error
    if status == 0 and content.startswith(b"%PDF-"):
        return content
    reason = content.decode("utf-8", "replace").strip()
    if status == _REFUSED:
        raise RenderError(_("The document was refused: %(reason)s") % {"reason": reason})
    if status == _OUT_OF_MEMORY or "MemoryError" in reason:
        raise RenderError(_("The document needed more memory than is allowed."))
    raise RenderError(_("The document could not be made: %(reason)s") % {"reason": reason})


def _watermark(words):
    lines = [
        {"path": _outline(word), "y": 163 if len(words) == 1 else y} for word, y in zip(words, (140, 188), strict=False)
    ]
    svg = render_to_string("pdf/watermark.svg", {"lines": lines})
    address = "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
    return f"@page {{ background: url({address}) center / 150mm 150mm no-repeat }}"


def unsupported_characters(text: str) -> list[str]:
    """The characters of the text that the bundled fonts cannot print, named, each once, in order.

    Every entry reads as "☃ (U+2603 SNOWMAN)". Line ends and tabs are allowed; other control
    characters and the marks that turn the direction of text are not, since a reader cannot see them.
    """
    known = _printable()
    unknown = dict.fromkeys(char for char in unicodedata.normalize("NFC", text) if ord(char) not in known)
    return [_described(char) for char in unknown]


def _described(char):
    shown = char if char.isprintable() and not unicodedata.combining(char) else ""
    name = unicodedata.name(char, _("unnamed character"))
    return f"{shown} (U+{ord(char):04X} {name})".strip()


@cache
def _outline(word):
    """The word as one SVG path, centred on 150, 40 units high: as text it would mix with the text in copying."""
    with TTFont(FONTS / HEADING_FONT) as font:
        glyphs, names, unit = font.getGlyphSet(), font.getBestCmap(), 40 / font["head"].unitsPerEm
        drawn = [glyphs[names[ord(char)]] for char in word if ord(char) in names]
        pen = SVGPathPen(glyphs, ntos=lambda number: f"{number:.1f}")
        left = 150 - sum(glyph.width for glyph in drawn) * unit / 2
        for glyph in drawn:
            glyph.draw(TransformPen(pen, (unit, 0, 0, -unit, left, 0)))
            left += glyph.width * unit
        return pen.getCommands()


@cache
def _printable():
    with TTFont(FONTS / TEXT_FONT, lazy=True) as font:
        drawn = set(font.getBestCmap())
    invisible = {"Cc", "Cf", "Co", "Cs", "Cn"}
    return {code for code in drawn if unicodedata.category(chr(code)) not in invisible} | set(map(ord, "\n\r\t\u00ad"))
