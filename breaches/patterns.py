"""What looks like a person in a text that must name nobody: NHS numbers, dates of birth, e-mail addresses.

It warns and is confirmed, never blocks: a phone number may look like an NHS number. Pure.
"""

import re
from datetime import date

from django.utils.translation import gettext as _

NHS = re.compile(r"(?<![\d.,/-])(\d{3})[ -]?(\d{3})[ -]?(\d{4})(?![\d/-]|[.,]\d)")
EMAIL = re.compile(r"[A-Z0-9._%+-]+@[A-Z0-9-]+(?:\.[A-Z0-9-]+)+", re.IGNORECASE)
BORN = re.compile(r"\b(?:born(?:\s+on)?|d\.?\s?o\.?\s?b\.?|date\s+of\s+birth|birth\s?day)\b\W{0,4}\d", re.IGNORECASE)
MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
DAY = re.compile(
    rf"\b(?:\d{{1,2}}[./-]\d{{1,2}}[./-](?P<a>\d{{4}})|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:{MONTHS})[a-z]*\.?,?\s+(?P<b>\d{{4}})"
    r"|(?P<c>\d{4})-\d{2}-\d{2})\b",
    re.IGNORECASE,
)
OLD = 2  # years: an earlier full date in an account of a breach is more likely a birth than an event


def is_nhs_number(digits: str) -> bool:
    """Ten digits with the right check digit (modulus 11). Ten equal digits are nobody's."""
    if len(digits) != 10 or len(set(digits)) == 1:
        return False
    check = 11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    return check != 10 and check % 11 == int(digits[9])


def found_in(text: str, *, today: date) -> list[str]:
    """What it looks like, in words, each kind once; the matching words are not repeated."""
    found = []
    if any(is_nhs_number("".join(match.groups())) for match in NHS.finditer(text)):
        found.append(_("an NHS number"))
    if BORN.search(text) or any(is_old(match, today) for match in DAY.finditer(text)):
        found.append(_("a date of birth"))
    if EMAIL.search(text):
        found.append(_("an email address"))
    return found


def is_old(match, today: date) -> bool:
    """A full date of some years ago."""
    year = int(next(group for group in match.groups() if group))
    return 1900 <= year < today.year - OLD
