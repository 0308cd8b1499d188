"""Lists as CSV files that a spreadsheet opens without running anything."""

import csv
import io
from collections.abc import Iterable

from django.http import HttpResponse

# What a spreadsheet takes for the beginning of a formula, or drops silently in front of one
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


def neutral(value) -> str:
    """A cell as text; one that a spreadsheet would run begins with an apostrophe."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(STARTS_A_FORMULA) else text


def as_csv(name: str, headers: Iterable, rows: Iterable[Iterable]) -> HttpResponse:
    """A download of that name. UTF-8 with its mark at the beginning, which Excel needs to read Welsh names."""
    made = io.StringIO()
    writer = csv.writer(made, quoting=csv.QUOTE_ALL)
    writer.writerow([neutral(cell) for cell in headers])
    for row in rows:
        writer.writerow([neutral(cell) for cell in row])
    response = HttpResponse(made.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Robots-Tag"] = "noindex"
    return response
