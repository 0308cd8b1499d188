"""Tags for the GOV.UK and Ministry of Justice components. Markup: ``templates/components/``; look: ``/static/css``.

Everything shown is escaped by the templates; a value may be a ``SafeString`` made with ``format_html``.
"""

import re
from itertools import chain

from django import template
from django.conf import settings
from django.template.defaultfilters import striptags
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal import clock, markup
from portal.templatetags.dates import contextual_days, longdate, longdatetime, overdue_working_days

register = template.Library()

_COLOUR = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)

# Tag colours of the statuses of versions, parties and mails; a view may pass a mapping of its own.
STATUS_COLOURS = {
    "draft": "grey",
    "consultation": "blue",
    "approval": "purple",
    "approved": "teal",
    "open_for_signature": "yellow",
    "open for signature": "yellow",
    "completed": "teal",
    "in_force": "green",
    "in force": "green",
    "superseded": "grey",
    "withdrawn": "red",
    "expired": "red",
    "pending": "grey",
    "invited": "yellow",
    "signed": "green",
    "adopted": "green",
    "continued": "green",
    "declined": "red",
    "suspended": "orange",
    "excluded": "red",
    "not_re_signed": "orange",
    "succeeded": "grey",
}


def _has_errors(source):
    if source is None or not getattr(source, "is_bound", False):
        return False
    errors = source.errors
    if isinstance(errors, list):  # a formset
        return any(errors) or bool(source.non_form_errors())
    return bool(errors)


@register.simple_tag(takes_context=True)
def error_prefix(context):
    """``Error: `` for the page title when a form of the page (``form``, ``forms``, ``formset``) has errors."""
    sources = [context.get("form"), context.get("formset"), *(context.get("forms") or ())]
    return _("Error: ") if context.get("has_errors") or any(_has_errors(source) for source in sources) else ""


def _form_errors(form):
    for text in form.non_field_errors():
        yield {"text": text, "id": ""}
    for field in form:
        for text in field.errors:
            yield {"text": text, "id": "" if field.is_hidden else field.first_id}


@register.inclusion_tag("components/error_summary.html")
def error_summary(*forms):
    """The summary of all errors of the forms, lists of forms and formsets; nothing when there is none. Links go to the
    first input."""
    errors = []
    for source in chain.from_iterable(one if isinstance(one, list) else [one] for one in forms):
        if not _has_errors(source):
            continue
        if isinstance(source.errors, list):
            errors += [{"text": text, "id": ""} for text in source.non_form_errors()]
            for form in source.forms:
                errors += _form_errors(form)
        else:
            errors += _form_errors(source)
    return {"errors": errors}


@register.simple_tag
def field(bound_field, label_size="s", heading=False):
    """One field with label, hint and errors. ``label_size``: s, m, l, xl or empty; ``heading=True``: the label is h1."""
    bound_field.label_size, bound_field.is_heading = label_size, heading
    return bound_field.as_field_group()


@register.inclusion_tag("components/button.html")
def button(text, href="", variant="", name="", value="", form=""):
    """A submit button, or a link that looks like one when ``href`` is given. ``variant``: secondary, warning, inverse."""
    classes = f" govuk-button--{variant}" if variant else ""
    return {"text": text, "href": href, "classes": classes, "name": name, "value": value, "form": form}


@register.simple_tag
def tag(text, colour=""):
    """A tag with words. ``colour``: grey, green, teal, blue, purple, magenta, red, orange, yellow."""
    return markup.tag(text, colour)


@register.simple_tag
def value(cell):
    """What stands in a cell of a table or in a row of a summary list: a dictionary as in :func:`summary_list`."""
    return markup.value(cell)


@register.simple_tag
def status_tag(status, text, colours=None):
    """A tag for a status value; the colour comes from ``colours`` (mapping), else from STATUS_COLOURS, else grey."""
    return markup.tag(text, (colours or STATUS_COLOURS).get(str(status).replace("-", "_"), "grey"))


@register.inclusion_tag("components/summary_list.html")
def summary_list(rows, borderless=False):
    """Rows of dictionaries: ``key``; ``value`` or ``lines`` (list), ``link``, ``tag``+``colour``, ``note``, ``empty``;
    with a Change link: ``href`` and ``action`` ("Change"), ``hidden`` (what is changed, default the key)."""
    rows = [row for row in rows if row]
    return {"rows": rows, "borderless": borderless, "has_actions": any(row.get("href") for row in rows)}


@register.inclusion_tag("components/task_list.html")
def task_list(items, prefix="task"):
    """Dictionaries: ``title``, ``status`` (words), optional ``href``, ``hint``, ``colour`` (none: plain text)."""
    return {"items": items, "prefix": prefix}


@register.inclusion_tag("components/panel.html")
def panel(title, text="", reference=""):
    """The green panel of a confirmation page, with the page's h1."""
    return {"title": title, "text": text, "reference": reference}


@register.inclusion_tag("components/timeline.html")
def timeline(events, level=3):
    """Dictionaries: ``title``, ``at`` (aware date-time or date), optional ``by``, ``text``, ``href``+``link_text``."""
    return {"events": events, "level": level}


@register.inclusion_tag("components/table.html")
def table(caption, headers, rows, caption_size="m", caption_hidden=False, row_headers=True):
    """A table that becomes cards on a phone.

    ``headers``: strings, or dictionaries ``text``, ``numeric``, ``href``+``sort`` (ascending, descending, none).
    ``rows``: lists of cells; a cell is a string or a dictionary as a value of :func:`summary_list`.
    """
    headers = [header if isinstance(header, dict) else {"text": header} for header in headers]
    return {
        "caption": caption,
        "caption_size": caption_size,
        "caption_hidden": caption_hidden,
        "headers": headers,
        "body": markup.table_body(headers, rows, row_headers=row_headers),
    }


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context, page, parameter="page"):
    """Page links for a :class:`django.core.paginator.Page`; the other query parameters are kept."""
    query = context["request"].GET.copy()

    def href(number):
        query[parameter] = number
        return f"?{query.urlencode()}"

    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {
        "page": page,
        "items": [{"number": number, "href": href(number) if isinstance(number, int) else ""} for number in numbers],
        "previous_href": href(page.previous_page_number()) if page.has_previous() else "",
        "next_href": href(page.next_page_number()) if page.has_next() else "",
    }


def _alert(kind, content, heading):
    words = {"success": _("success"), "warning": _("warning"), "error": _("error"), "information": _("information")}
    name = striptags(heading or content).strip()
    return render_to_string(
        "components/alert.html",
        {
            "kind": kind,
            "content": content,
            "heading": heading,
            "icon": f"components/icons/{kind}.html",
            "spoken": f"{words[kind]}: {name}",
        },
    )


@register.simple_block_tag(end_name="endalert")
def alert(content, kind="information", heading=""):
    """``{% alert "warning" heading=… %}…{% endalert %}``: success, warning, error or information."""
    return _alert(kind, content, heading)


@register.simple_tag
def message_banner(message, number):
    """A message of ``django.contrib.messages``: success as banner, error and warning as alert."""
    if message.level_tag in ("error", "warning"):
        return _alert(message.level_tag, format_html("{}", message.message), "")
    context = {"text": message.message, "is_success": message.level_tag == "success", "number": number}
    return render_to_string("components/banner.html", context)


@register.simple_block_tag(end_name="enddetails")
def details(content, summary):
    """``{% details "Why we ask" %}…{% enddetails %}``: text that opens."""
    return render_to_string("components/details.html", {"summary": summary, "content": content})


@register.simple_block_tag(end_name="endinset")
def inset(content):
    """``{% inset %}…{% endinset %}``: text set off by a bar."""
    return render_to_string("components/inset.html", {"content": content})


@register.simple_block_tag(end_name="endwarning")
def warning(content):
    """``{% warning %}…{% endwarning %}``: text with the exclamation mark."""
    return render_to_string("components/warning.html", {"content": content})


@register.simple_block_tag(end_name="endempty")
def empty(content, title):
    """``{% empty "No protocols yet" %}…{% endempty %}``: what an empty list says, and what to do next.

    Not directly inside ``{% for %}``, which has an ``empty`` of its own.
    """
    return render_to_string("components/empty.html", {"title": title, "content": content})


@register.inclusion_tag("components/back_link.html")
def back_link(href, text=""):
    return {"href": href, "text": text}


@register.inclusion_tag("components/breadcrumbs.html")
def breadcrumbs(items):
    """Pairs (text, address); the last one without address is the page itself."""
    return {"items": items}


@register.inclusion_tag("components/sub_navigation.html")
def sub_navigation(items, label=""):
    """Dictionaries: ``text``, ``href``, ``is_current``."""
    return {"items": items, "label": label or _("On this page")}


@register.inclusion_tag("components/contextual_date.html")
def contextual_date(due, now=None, overdue_days=None, with_time=False, soon_days=7, distance=""):
    """A due date with its distance in words.

    ``due``: date or aware date-time; ``now``: likewise, default the clock; ``overdue_days``: working days late, when the
    rule counts working days ("overdue by 2 working days"); ``distance``: words that are known already; the class says
    overdue, soon or later.
    """
    now = now or clock.now()
    words = distance or contextual_days(due, now)
    due_day, today = (clock.london_date(at) if hasattr(at, "tzinfo") else at for at in (due, now))
    left = (due_day - today).days
    is_late = left < 0 or (hasattr(due, "tzinfo") and hasattr(now, "tzinfo") and due < now)
    if is_late and overdue_days:
        words = overdue_working_days(overdue_days)
    elif is_late and left == 0 and not distance:
        words = _("overdue since today")
    urgency = "overdue" if is_late else "soon" if left <= soon_days else "later"
    shown = longdatetime(due) if with_time else longdate(due)
    return {"value": due, "shown": shown, "words": words, "urgency": urgency}


SIGNED = ("signed", "continued", "suspended")  # whose signature stands (protocols.models.Party.GIVEN)


@register.inclusion_tag("components/signing_progress.html")
def signing_progress(states, noun=""):
    """Bar and sentence of who has signed. ``states``: per party one of those in SIGNED, ``declined``, or anything else
    (waiting)."""
    states = list(states)
    signed = sum(state in SIGNED for state in states)
    words = ngettext(
        "%(signed)d of %(count)d party has signed", "%(signed)d of %(count)d parties have signed", len(states)
    ) % {"signed": signed, "count": len(states)}
    steps = {"declined": "refused"} | dict.fromkeys(SIGNED, "done")
    return {"steps": [steps.get(state, "") for state in sorted(states, key=_step_order)], "words": noun or words}


def _step_order(state):
    return 0 if state in SIGNED else 1 if state == "declined" else 2


@register.simple_tag(takes_context=True)
def brand_style(context, framework=None):
    """The one inline style of a page: the framework's brand colour, under the nonce of the content security policy."""
    colour = getattr(framework, "brand_colour", None) or ""
    request = context.get("request")
    if request is None or not _COLOUR.fullmatch(colour):
        return ""
    return format_html('<style nonce="{}">:root{{--govuk-brand-colour:{}}}</style>', request.csp_nonce, colour)


@register.inclusion_tag("components/demonstration.html")
def demonstration():
    """The band that says "Demonstration", on every page of a demonstration. Needs no context: the 500 page has it too."""
    return {"is_demo": settings.PORTAL_DEMO}
