"""Template tags: dates in words, tables, pagination, brand colour, navigation; error pages without a database."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django import forms
from django.contrib.messages.storage.base import Message
from django.core.paginator import Paginator
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils.safestring import SafeString

from portal import __version__, markup
from portal.context import portal
from portal.templatetags.components import brand_style, message_banner
from portal.templatetags.dates import contextual_days, days_ago, isodate, londontime, longdate, longdatetime

TODAY = dt.date(2026, 11, 20)


def utc(*parts):
    return dt.datetime(*parts, tzinfo=dt.UTC)


def render(text, **context):
    return Template("{% load components dates %}" + text).render(Context(context))


def test_long_dates_are_london_dates():
    """27 March 2027; an instant late on a summer evening in UTC is already the next day in London."""
    assert longdate(dt.date(2027, 3, 7)) == "7 March 2027"
    assert longdate(utc(2027, 6, 30, 23, 30)) == "1 July 2027"
    assert longdatetime(utc(2027, 7, 1, 12, 5)) == "1 July 2027 at 1:05pm"
    assert longdatetime(dt.date(2027, 3, 27)) == "27 March 2027"
    assert longdate(None) == longdatetime(None) == isodate(None) == ""
    assert isodate(utc(2027, 7, 1, 12, 5)) == "2027-07-01T13:05:00+01:00"


@pytest.mark.parametrize(
    "hour, minute, words", [(0, 0, "midnight"), (12, 0, "midday"), (0, 5, "12:05am"), (9, 0, "9am"), (13, 5, "1:05pm")]
)
def test_times_in_words(hour, minute, words):
    """GOV.UK style for times."""
    assert londontime(utc(2027, 1, 5, hour, minute)) == words


@pytest.mark.parametrize(
    "day, words",
    [
        (dt.date(2027, 1, 12), "in 53 days"),
        (dt.date(2026, 11, 21), "tomorrow"),
        (TODAY, "today"),
        (dt.date(2026, 11, 19), "overdue by 1 day"),
        (dt.date(2026, 11, 10), "overdue by 10 days"),
    ],
)
def test_contextual_days(day, words):
    """The distance of a due date is always in words, never by colour alone."""
    assert contextual_days(day, TODAY) == words


def test_days_ago():
    """Past dates that are no deadlines."""
    assert [days_ago(TODAY - dt.timedelta(days=count), TODAY) for count in (0, 1, 12)] == [
        "today",
        "yesterday",
        "12 days ago",
    ]


def test_contextual_date_says_overdue_in_working_days_and_by_the_hour():
    """Where the rule counts working days, so do the words; a clock in hours is late within the same day."""
    html = render(
        "{% contextual_date due now=now overdue_days=2 %}", due=dt.date(2026, 11, 18), now=utc(2026, 11, 20, 9)
    )
    assert "18 November 2026" in html
    assert "overdue by 2 working days" in html
    html = render(
        "{% contextual_date due now=now with_time=True %}", due=utc(2026, 11, 20, 8), now=utc(2026, 11, 20, 9)
    )
    assert "20 November 2026 at 8am" in html
    assert "overdue since today" in html


def test_table_labels_every_cell_and_escapes_it():
    """A card on a phone needs the column's name at each value; nought is a value, emptiness is none."""
    html = render("{% table 'Caption' headers rows %}", headers=["Body", "Count"], rows=[["<b>A</b>", 0], ["B", None]])
    assert html.count('data-label="Count"') == 2
    assert "&lt;b&gt;" in html
    assert "<span>0</span>" in html
    assert 'data-label="Count"></td>' in html


def test_table_refuses_a_row_of_another_length():
    """A missing cell would move every later one under a wrong heading."""
    with pytest.raises(ValueError, match="zip"):
        render("{% table 'Caption' headers rows %}", headers=["Body", "Count"], rows=[["A"]])


def test_pagination_keeps_the_filters():
    """Page links carry the other query parameters, once each."""
    request = RequestFactory().get("/", {"q": "a&b", "page": "2"})
    html = render("{% pagination page %}", page=Paginator(range(100), 10).page(2), request=request)
    assert "?q=a%26b&amp;page=3" in html
    assert html.count('aria-current="page"') == 1


def test_signing_progress_counts_in_words():
    """The bar is decoration; the sentence says it."""
    html = render("{% signing_progress states %}", states=["signed", "invited", "declined"])
    assert "1 of 3 parties have signed" in html
    assert 'aria-hidden="true"' in html


@pytest.mark.parametrize("colour", ["red", "#12436d;}body{display:none", "#12436", "", None, "</style><script>"])
def test_brand_colour_is_a_hexadecimal_colour_or_nothing(colour):
    """The one inline style takes nothing but six hexadecimal digits."""
    context = {"request": SimpleNamespace(csp_nonce="n")}
    assert brand_style(context, SimpleNamespace(brand_colour=colour)) == ""


def test_brand_colour_is_set_under_the_nonce():
    """The framework's colour, allowed by the page's own nonce."""
    context = {"request": SimpleNamespace(csp_nonce="n0nce")}
    style = brand_style(context, SimpleNamespace(brand_colour="#12436d"))
    assert style == '<style nonce="n0nce">:root{--govuk-brand-colour:#12436d}</style>'


@pytest.mark.parametrize(
    "level, part",
    [
        (25, "govuk-notification-banner--success"),
        (20, "Important"),
        (30, "moj-alert--warning"),
        (40, "moj-alert--error"),
    ],
)
def test_messages_are_banners_and_alerts_and_escaped(level, part):
    """Success and information as banner, warning and error as alert."""
    html = message_banner(Message(level, "<b>Saved</b>"), 1)
    assert part in html
    assert "<b>" not in html


def test_context_gives_version_and_navigation(rf, settings):
    """Version and demonstration are known to every page; navigation leaves out what is not routed."""
    request = rf.get("/")
    request.user = SimpleNamespace(is_authenticated=False)
    context = portal(request)
    assert context["portal"]["version"] == __version__
    assert all(item["href"] for item in context["navigation"])


def test_500_renders_without_request_context_or_database(settings):
    """The page of last resort needs nothing, and still says Demonstration in a demonstration."""
    settings.PORTAL_DEMO = True
    html = render_to_string("500.html")
    assert "Something went wrong" in html
    assert "Demonstration" in html
    settings.PORTAL_DEMO = False
    assert "Demonstration" not in render_to_string("500.html")


@pytest.mark.parametrize("template", ["400", "403", "403_csrf", "404", "409", "429"])
def test_error_pages_render_without_context(template):
    """Error pages query nothing: no database is available to this test."""
    assert "<h1" in render_to_string(f"{template}.html")


def test_409_says_what_happened_and_what_to_do():
    """A wrong state is an answer: explanation, what is missing, what to do."""
    html = render_to_string(
        "409.html", {"explanation": "It is signed already.", "what_to_do": "Ask the lead.", "missing": ["Title"]}
    )
    assert all(words in html for words in ("It is signed already.", "Ask the lead.", "<li>Title</li>"))


def test_cells_are_escaped_wherever_the_text_stands():
    """Value, note, tag, link and lines of a cell; a safe string that a template made stays as it is."""
    hostile = '"><script>'
    html = render(
        "{% table 'Caption' headers rows %}",
        headers=["Body", "More"],
        rows=[
            [{"value": hostile, "link": hostile, "note": hostile}, {"tag": hostile, "colour": hostile}],
            [{"lines": [hostile, hostile]}, {"value": "", "empty": hostile, "label": hostile}],
        ],
    )
    assert hostile not in html
    assert html.count("&quot;&gt;&lt;script&gt;") == 9
    assert "<b>kept</b>" in render("{% value cell %}", cell={"value": SafeString("<b>kept</b>")})


def test_markup_that_nobody_escaped_is_shown_as_text():
    """A sum of safe and plain text is not safe, so the template escapes the whole."""
    assert not isinstance(markup.together([SafeString("<b>"), "<i>"]), SafeString)
    assert isinstance(markup.value({"value": "<i>"}), SafeString)


def test_select_escapes_its_options():
    """Two hundred organisations, one of them with a name that looks like markup."""
    form = forms.Form({"of": "2"})
    form.fields["of"] = forms.ChoiceField(choices=[("", "All"), ("2", "A & <b>"), ("In", [("3", "C")])])
    html = str(form["of"])
    assert '<option value="2" selected>A &amp; &lt;b&gt;</option>' in html
    assert '<optgroup label="In">' in html
