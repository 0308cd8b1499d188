"""Lists as CSV files and workbooks that a spreadsheet opens without running anything."""

import csv
import io
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.http import HttpResponse

from portal.later import Later

if TYPE_CHECKING:
    import openpyxl
else:
    openpyxl = Later("openpyxl")

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
    return download(name, made.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8")


def as_xlsx(name: str, headers: Iterable, rows: Iterable[Iterable], *, sheet: str) -> HttpResponse:
    """The same as a workbook of one sheet, whose cells are all text and neutral as those of a CSV."""
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet(sheet)
    page.freeze_panes = "A2"
    page.append([text_cell(page, cell, bold=True) for cell in headers])
    for row in rows:
        page.append([text_cell(page, cell) for cell in row])
    made = io.BytesIO()
    book.save(made)
    return download(name, made.getvalue(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")


def text_cell(page, value, *, bold: bool = False) -> "openpyxl.cell.WriteOnlyCell":
    """A cell that is text, whatever it holds, without characters that XML cannot carry."""
    cell = openpyxl.cell.WriteOnlyCell(page, value=openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", neutral(value)))
    cell.data_type = "s"
    if bold:
        cell.font = openpyxl.styles.Font(bold=True)
    return cell


def download(name: str, content: bytes, content_type: str) -> HttpResponse:
    """A file that is saved, kept by no cache and found by no search engine."""
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Robots-Tag"] = "noindex"
    return response
