"""What people type, made fit to store: one Unicode form, one kind of line end, nothing invisible that misleads.

Pure functions, no database. Used by :mod:`portal.forms`; importers of whole documents use them too.
"""

import unicodedata

# Characters that change the order in which a reader sees the text ("Trojan source"), by the names people can look up.
BIDI_CONTROLS = {
    "\u202a": "left-to-right embedding",
    "\u202b": "right-to-left embedding",
    "\u202c": "pop directional formatting",
    "\u202d": "left-to-right override",
    "\u202e": "right-to-left override",
    "\u2066": "left-to-right isolate",
    "\u2067": "right-to-left isolate",
    "\u2068": "first strong isolate",
    "\u2069": "pop directional isolate",
}
_ALLOWED_CONTROLS = "\t\n"


def normalise(value: str) -> str:
    """Return the text in Unicode form NFC with ``\\n`` as the only line end."""
    return unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n"))


def is_forbidden(character: str) -> bool:
    """Tell whether a character may not be stored: control characters, bidi controls, halves of surrogate pairs."""
    if character in _ALLOWED_CONTROLS:
        return False
    return character in BIDI_CONTROLS or unicodedata.category(character) in ("Cc", "Cs")


def forbidden_characters(value: str) -> list[str]:
    """Return the forbidden characters of a normalised text, each once, in the order of first appearance."""
    return [character for character in dict.fromkeys(value) if is_forbidden(character)]


def without_forbidden(value: str) -> str:
    """Return the text without its forbidden characters, to be shown again to the person who sent it."""
    return value.translate(dict.fromkeys(map(ord, forbidden_characters(value))))  # looked at once for each kind


def describe(character: str) -> str:
    """Name a forbidden character in words, for an error message: ``right-to-left override (U+202E)``."""
    code = f"U+{ord(character):04X}"
    if character in BIDI_CONTROLS:
        return f"{BIDI_CONTROLS[character]} ({code})"
    if character == "\0":
        return f"null character ({code})"
    return f"control character ({code})"
