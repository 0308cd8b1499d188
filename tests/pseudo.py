"""Pseudo-language: every text that goes through gettext comes back in ⟦brackets⟧, so what does not can be seen.

No catalogue is needed, so new strings count at once. Only tests switch it on (`speaking`); settings know no such language.
"""

import gettext
import re
from contextlib import contextmanager
from html.parser import HTMLParser

from django.test import override_settings
from django.utils.translation import trans_real

LANGUAGE = "en-xx"
OPEN, CLOSE = "⟦", "⟧"
CONTEXT = "\x04"  # between context and message
ATTRIBUTES = ("alt", "title", "aria-label", "placeholder", "data-label")
SILENT = {"script", "style"}
LETTERS = re.compile(r"[^\W\d_]{2,}")


class Pseudo(gettext.NullTranslations):
    """Gives each message back in brackets."""

    def gettext(self, message):
        """One message."""
        return f"{OPEN}{message.rpartition(CONTEXT)[2]}{CLOSE}"

    def ngettext(self, singular, plural, number):
        """By number."""
        return self.gettext(singular if number == 1 else plural)

    def to_language(self):
        """What Django asks a catalogue."""
        return LANGUAGE


@contextmanager
def speaking():
    """Everything in the pseudo-language: pages, mails, PDFs."""
    with override_settings(LANGUAGE_CODE=LANGUAGE, LANGUAGES=[(LANGUAGE, "Pseudo")]):  # this forgets all catalogues
        trans_real._translations[LANGUAGE] = Pseudo()
        yield


class Text(HTMLParser):
    """The visible text of a page, and the attributes that are read out."""

    def __init__(self):
        super().__init__()
        self.silent, self.parts, self.attributes = 0, [], []

    def handle_starttag(self, tag, attrs):
        """Words in attributes; buttons of an input."""
        self.silent += tag in SILENT
        has = dict(attrs)
        self.attributes += [has[name] for name in ATTRIBUTES if has.get(name)]
        if tag == "input" and has.get("type") in {"submit", "button"}:
            self.attributes.append(has.get("value") or "")
        self.parts.append(" ")

    def handle_endtag(self, tag):
        """Back."""
        self.silent -= tag in SILENT
        self.parts.append(" ")

    def handle_data(self, data):
        """Text."""
        if not self.silent:
            self.parts.append(data)


def outside(text: str) -> str:
    """What stands outside all brackets; a bracketed text may hold bracketed names."""
    depth, kept = 0, []
    for letter in text:
        if letter == OPEN:
            depth += 1
            kept.append("\n")
        elif letter == CLOSE:
            depth = max(depth - 1, 0)
        elif depth == 0:
            kept.append(letter)
    return "".join(kept)


def literals(html: str, data: list[str]) -> list[str]:
    """Words of a page that neither went through gettext nor are among the data. data: longest first."""
    reader = Text()
    reader.feed(html)
    found = []
    for text in ["".join(reader.parts), *reader.attributes]:
        found += words_of(outside(text), data)
    return found


def words_of(text: str, data: list[str]) -> list[str]:
    """The lines of a text in which words remain when the data are taken out."""
    plain = re.sub(r"https?://\S+", " ", text)  # before the data: a word of it may stand in an address
    for value in data:
        if value in plain:
            plain = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", " ", plain)
    return [" ".join(line.split()) for line in plain.splitlines() if LETTERS.search(line)]
