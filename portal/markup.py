"""Markup of what a page shows hundreds of times: cells, tags, options. In Python, because a template costs ten times as
much for each of them.

Everything is put together from safe strings with `+`: the sum of a safe string and one that nobody escaped is not safe,
so the template escapes the whole, and a mistake shows as text and never as markup.
"""

from functools import lru_cache
from html import escape

from django.utils.formats import localize
from django.utils.safestring import SafeString
from django.utils.timezone import template_localtime  # type: ignore[attr-defined]

NOTHING = SafeString("")
BREAK, LINE = SafeString("<br>"), SafeString("\n")
QUOTE, END = SafeString('"'), SafeString('">')
A, A_END = SafeString('<a class="govuk-link" href="'), SafeString("</a>")
HIDDEN = SafeString('<span class="govuk-visually-hidden"> ')
SECONDARY, SPAN, SPAN_END = SafeString('<span class="portal-secondary">'), SafeString("<span>"), SafeString("</span>")
NOTE = SafeString('<span class="portal-secondary portal-note">')
NOTE_BESIDE_TAG = SafeString('<span class="portal-secondary portal-note portal-nowrap">')
TAG, TAG_COLOUR, TAG_END = (SafeString(f"{part}") for part in ('<strong class="govuk-tag', " govuk-tag--", "</strong>"))
ROW, ROW_END = SafeString('<tr class="govuk-table__row" role="row">\n'), SafeString("\n</tr>")
TH, TH_END = SafeString('<th scope="row" class="govuk-table__header" role="rowheader">'), SafeString("</th>")
TD, TD_NUMERIC = (
    SafeString(f'<td class="govuk-table__cell{more}" role="cell" data-label="')
    for more in ("", " govuk-table__cell--numeric")
)
TD_END = SafeString("</td>")


def shown(text) -> SafeString:
    """As `{{ text }}` shows it: escaped unless it is safe, numbers and dates in the reader's form."""
    if isinstance(text, SafeString):
        return text
    if not isinstance(text, str):
        text = localize(template_localtime(text))
        if hasattr(text, "__html__"):
            return SafeString(text.__html__())
    return SafeString(escape(str(text)))


def together(parts, between=NOTHING) -> SafeString:
    """One after the other; safe when every one of them is."""
    parts = list(parts)
    whole = between.join(parts)
    return SafeString(whole) if all(isinstance(part, SafeString) for part in parts) else whole


def tag(text, colour="") -> SafeString:
    """A tag with words."""
    more = TAG_COLOUR + shown(colour) if colour else NOTHING
    return TAG + more + END + shown(text) + TAG_END


def value(cell) -> SafeString:
    """What stands in a cell or in a row of a summary list: lines, a link, a value or what is said of nothing; tag; note."""
    get = cell.get
    whole = _words(get)
    if words := get("tag"):
        whole = whole + LINE + tag(words, get("colour"))
    if note := get("note"):
        whole = whole + LINE + (NOTE_BESIDE_TAG if words else NOTE) + shown(note) + SPAN_END
    return whole


def _words(get) -> SafeString:
    if lines := get("lines"):
        return together((shown(line) for line in lines), BREAK)
    if link := get("link"):
        more = HIDDEN + shown(hidden) + SPAN_END if (hidden := get("link_hidden")) else NOTHING
        return A + shown(link) + END + shown(get("value", "")) + more + A_END
    if words := get("value"):
        return shown(words)
    if not get("tag") and (words := get("empty")):
        return SECONDARY + shown(words) + SPAN_END
    return NOTHING


def table_body(headers, rows, *, row_headers=True) -> SafeString:
    """The rows of a table, as `{% table %}` takes them. A row of another length than the headers is refused."""
    labels = [shown(header["text"]) for header in headers]
    columns = [(label, header.get("numeric")) for label, header in zip(labels, headers, strict=True)]
    return together((_row(columns, row, row_headers=row_headers) for row in rows), LINE)


def _row(columns, row, *, row_headers) -> SafeString:
    cells: list[SafeString] = []
    for (label, numeric), cell in zip(columns, row, strict=True):
        if not isinstance(cell, dict):
            cell = {"value": "" if cell is None else cell}
        if (nought := cell.get("value")) == 0 and not isinstance(nought, bool):
            cell = cell | {"value": "0"}
        if row_headers and not cells:
            cells.append(TH + value(cell) + TH_END)
            continue
        opening = TD_NUMERIC if cell.get("numeric", numeric) else TD
        inside = value(cell)
        inside = SPAN + inside + SPAN_END if inside else NOTHING
        cells.append(opening + shown(cell.get("label", label)) + END + inside + TD_END)
    return ROW + together(cells, LINE) + ROW_END


# --- a select with its options

SELECT, SELECT_END = SafeString('<select name="'), SafeString("\n</select>")
GROUP, GROUP_END = SafeString('\n<optgroup label="'), SafeString("\n</optgroup>")
OPTION, OPTION_END, OVER = SafeString('\n<option value="'), SafeString("</option>"), SafeString(">")


def select(widget) -> SafeString:
    """`widget` is the context that Django makes for the template of a widget."""
    opening = SELECT + shown(widget["name"]) + QUOTE + attributes(widget["attrs"]) + OVER
    if "choices" in widget:
        return opening + options(widget["choices"], tuple(widget["value"])) + SELECT_END
    groups = []
    for name, members, _index in widget["optgroups"]:
        made = together(map(option, members))
        groups.append(GROUP + shown(name) + END + made + GROUP_END if name else made)
    return opening + together(groups) + SELECT_END


@lru_cache(maxsize=64)
def options(choices: tuple[tuple[str, str], ...], chosen: tuple[str, ...]) -> SafeString:
    """The options of a long select, kept for whoever gets exactly these: on every list of a framework they are the same."""
    selected = {"selected": True}
    return together(
        option({"value": value, "label": label, "attrs": selected if value in chosen else {}})
        for value, label in choices
    )


def option(one) -> SafeString:
    """One choice."""
    more = attributes(one["attrs"]) if one["attrs"] else NOTHING
    return OPTION + shown(str(one["value"])) + QUOTE + more + OVER + shown(one["label"]) + OPTION_END


def attributes(attrs) -> SafeString:
    """Attributes as Django's own widgets write them: False is left out, True stands alone."""
    whole = NOTHING
    for name, content in attrs.items():
        if content is not False:
            whole = whole + SafeString(" ") + shown(name)
            if content is not True:
                whole = whole + SafeString('="') + shown(str(content)) + QUOTE
    return whole
