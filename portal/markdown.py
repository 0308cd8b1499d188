"""Text that people typed as HTML: the one road from Markdown to HTML, for pages and PDFs alike."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import nh3
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.token import Token

MAX_CHARACTERS = 1_000_000
MAX_WORDS = 100_000
MAX_TABLE_ROWS = 500

_TAGS = {"p", "br", "em", "strong", "s", "a", "table", "thead", "tbody", "tr", "th", "td"}
_ATTRIBUTES = {"a": {"href"}}
_ADDRESS = re.compile(r"(https://|mailto:).+|#c-[0-9a-f-]{36}")
_REFERENCE = re.compile(r"\{\{clause:([0-9a-f-]{36})\}\}")
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")

# Numbers and bullets belong to the clause tree. A line that happens to begin with "2004." or "-" must
# stay as it was typed, so the block rules of Markdown are off, and so is everything that would
# change a character (entities, typographic quotes).
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False}).enable("table")
_OFF = "list heading lheading code fence blockquote hr reference html_block html_inline image backticks entity"
_MARKDOWN.disable(_OFF.split())


class TextTooLarge(ValueError):
    """The text is beyond a cap; the message names the cap."""


@dataclass(frozen=True)
class Block:
    """One paragraph ("p", its inner HTML) or one table ("table", whole) of a text."""

    kind: str
    html: SafeString


def check_caps(text: str) -> None:
    """Raise TextTooLarge if the text has more than 100,000 words, 1,000,000 characters or 500 table rows."""
    if len(text) > MAX_CHARACTERS:
        raise TextTooLarge(_("The text is longer than %(count)s characters.") % {"count": f"{MAX_CHARACTERS:,}"})
    if len(text.split()) > MAX_WORDS:
        raise TextTooLarge(_("The text has more than %(count)s words.") % {"count": f"{MAX_WORDS:,}"})
    if sum(1 for line in text.splitlines() if "|" in line) > MAX_TABLE_ROWS:
        raise TextTooLarge(_("The text has more than %(count)s table rows.") % {"count": MAX_TABLE_ROWS})


def markdown_to_html(text: str, labels: dict[str, str] | None = None) -> SafeString:
    """The HTML of a text in Markdown: paragraphs, emphasis, line breaks, tables, links to https and mailto.

    Lists, headings and raw HTML are not Markdown here and stay as typed. `labels` (clause uid to printed
    label) turns {{clause:uid}} into a link to #c-uid; an unknown uid stays as typed. Raises TextTooLarge.
    """
    check_caps(text)
    return _clean(_MARKDOWN.render(_referring(text, labels)))


def markdown_blocks(text: str, labels: dict[str, str] | None = None) -> list[Block]:
    """The same text block by block, for a page that puts a clause number into the first paragraph."""
    check_caps(text)
    return [_block(part) for part in _top_level(_MARKDOWN.parse(_referring(text, labels)))]


def _block(tokens: list[Token]) -> Block:
    kind = "p" if tokens[0].type == "paragraph_open" else "table"
    inner = tokens[1:-1] if kind == "p" else tokens
    return Block(kind, _clean(_MARKDOWN.renderer.render(inner, _MARKDOWN.options, {})))


def _top_level(tokens: list[Token]) -> Iterator[list[Token]]:
    part = []
    for token in tokens:
        part.append(token)
        if token.level == 0 and token.nesting <= 0:
            yield part
            part = []


def _referring(text: str, labels: dict[str, str] | None) -> str:
    def link(match: re.Match[str]) -> str:
        label = (labels or {}).get(match[1])
        return match[0] if label is None else f"[{_PUNCTUATION.sub(_backslash, label)}](#c-{match[1]})"

    return _REFERENCE.sub(link, text)


def _backslash(match: re.Match[str]) -> str:
    return "\\" + match[0]


def _only_good_addresses(_tag: str, _attribute: str, value: str) -> str | None:
    return value if _ADDRESS.fullmatch(value) else None


def _clean(html: str) -> SafeString:
    # Safe because nh3 builds it anew from a short list of tags; this is the only place that says so.
    return SafeString(
        nh3.clean(
            html,
            tags=_TAGS,
            attributes=_ATTRIBUTES,
            attribute_filter=_only_good_addresses,
            url_schemes={"https", "mailto"},
        )
    )
