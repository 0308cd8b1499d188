"""The manners of forms: what was typed stays, misleading characters are refused by name, messages say what to do."""

import datetime as dt
import unicodedata

import pytest
from django import forms
from django.forms import formset_factory
from django.http import QueryDict
from django.template import Context, Template

from portal.forms import LONGEST_TEXT, GovForm, SplitDateField, TextDateField
from portal.text import BIDI_CONTROLS
from tests.portal.gallery import EveryField


class Note(GovForm):
    title = forms.CharField(label="Title", max_length=10)
    text = forms.CharField(label="Text of the clause", widget=forms.Textarea, required=False)


class Meeting(GovForm):
    held = SplitDateField(
        label="Date of the meeting", earliest=dt.date(2019, 1, 1), latest=lambda: dt.date(2026, 11, 20)
    )


class Ending(GovForm):
    ends = TextDateField(label="End date", required=False, earliest=dt.date(2026, 11, 20))


def errors(form):
    return {name: list(messages) for name, messages in form.errors.items()}


def test_text_is_normalised_to_one_unicode_form_and_one_line_end():
    """NFC and \\n: what is frozen and hashed later does not depend on keyboard or browser."""
    form = Note({"title": unicodedata.normalize("NFD", "Café"), "text": "one\r\ntwo\rthree"})
    assert form.is_valid()
    assert form.cleaned_data == {"title": "Café", "text": "one\ntwo\nthree"}


@pytest.mark.parametrize("character", [*BIDI_CONTROLS, "\0", "\x1b", "\x85"])
def test_misleading_characters_are_refused_by_name_and_nothing_else_is_lost(character):
    """NUL, control and bidi control characters: a clear error that names them; the rest stays, ready to send again."""
    form = Note({"title": "Title", "text": f"before{character}after"})
    assert not form.is_valid()
    (message,) = errors(form)["text"]
    assert message.startswith("Text of the clause contained invisible characters")
    assert f"U+{ord(character):04X}" in message
    assert "beforeafter" in form.as_div()
    assert Note({"title": "Title", "text": form["text"].value()}).is_valid()


def test_the_message_names_a_bidi_control_in_words():
    """The reader cannot see the character, so its name is given."""
    form = Note({"title": "Title", "text": "a\u202eb"})
    assert "right-to-left override (U+202E)" in errors(form)["text"][0]


def test_welsh_arabic_and_emoji_are_welcome():
    """Only what misleads is refused, never a script."""
    text = "Gwybodaeth ŵŷ مرحبا 👩‍⚕️ \u200f"
    form = Note({"title": "Title", "text": text})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["text"] == text.strip()


def test_a_text_too_long_is_refused_in_words_and_kept():
    """Caps are told in characters, and the browser does not cut a pasted text (no maxlength attribute)."""
    form = Note({"title": "x" * 11})
    assert errors(form) == {"title": ["Title must be 10 characters or fewer. You have entered 11."]}
    html = form.as_div()
    assert "x" * 11 in html
    assert "maxlength=" not in html.replace("data-maxlength=", "")


def test_a_megabyte_is_refused_in_words():
    """A field without a cap of its own stops at 100,000 characters."""
    form = Note({"title": "Title", "text": "word " * 200_000})
    assert errors(form)["text"][0].startswith(f"Text of the clause must be {LONGEST_TEXT} characters or fewer.")


def test_line_ends_count_as_one_character():
    """The server counts as the counter on the page does."""

    class Short(GovForm):
        text = forms.CharField(widget=forms.Textarea, max_length=5)

    assert Short({"text": "ab\r\ncd"}).is_valid()


def typed(day="", month="", year=""):
    return Meeting(QueryDict(f"held_day={day}&held_month={month}&held_year={year}"))


@pytest.mark.parametrize(
    "parts, date",
    [
        (("27", "3", "2026"), dt.date(2026, 3, 27)),
        (("07", "03", "2026"), dt.date(2026, 3, 7)),
        (("1", "March", "2026"), dt.date(2026, 3, 1)),
        (("1", "sept", "2026"), dt.date(2026, 9, 1)),
        (("29", "2", "2024"), dt.date(2024, 2, 29)),
        ((" 20 ", "11", "2026"), dt.date(2026, 11, 20)),
    ],
)
def test_three_boxes_read_real_dates(parts, date):
    """Numbers with and without nought, month names."""
    form = typed(*parts)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["held"] == date


@pytest.mark.parametrize(
    "parts, message, wrong",
    [
        (("", "", ""), "Enter a date for “Date of the meeting”", ["day", "month", "year"]),
        (("27", "", "2026"), "Date of the meeting must include a month", ["month"]),
        (("", "", "2026"), "Date of the meeting must include a day and a month", ["day", "month"]),
        (("27", "3", "26"), "Date of the meeting: the year must be 4 numbers, like 2027", ["year"]),
        (("27", "13", "2026"), "Date of the meeting: the month must be a number from 1 to 12", ["month"]),
        (("27", "foo", "2026"), "Date of the meeting: the month must be a number from 1 to 12", ["month"]),
        (("31", "2", "2026"), "Date of the meeting must be a real date, like 27 3 2027", ["day", "month", "year"]),
        (("²", "2", "2026"), "Date of the meeting must be a real date, like 27 3 2027", ["day", "month", "year"]),
        (("0", "2", "2026"), "Date of the meeting must be a real date, like 27 3 2027", ["day", "month", "year"]),
        (("21", "11", "2026"), "Date of the meeting must be on or before 20 November 2026", ["day", "month", "year"]),
        (("31", "12", "2018"), "Date of the meeting must be on or after 1 January 2019", ["day", "month", "year"]),
    ],
)
def test_wrong_dates_say_which_part_is_wrong_and_stay_in_the_boxes(parts, message, wrong):
    """Three-box date: the message names the part, the part is marked, all that was typed comes back."""
    form = typed(*parts)
    assert errors(form) == {"held": [message]}
    assert form["held"].error_parts == wrong
    assert form["held"].first_id == f"id_held_{wrong[0]}"
    html = form.as_div()
    for part, value in zip(("day", "month", "year"), parts, strict=True):
        assert f'id="id_held_{part}" value="{value.strip()}"' in html
    assert html.count("govuk-input--error") == len(wrong)


def test_a_nul_in_a_date_box_is_no_crash():
    """NUL in a date box: an error like any other."""
    assert not typed("2%00", "x%00", "%00").is_valid()


def test_initial_date_fills_the_boxes():
    """A stored date is shown in its three parts."""
    assert 'value="27"' in Meeting(initial={"held": dt.date(2026, 3, 27)}).as_div()


@pytest.mark.parametrize("text", ["27 March 2027", "27 mar 2027", "27/3/2027", "27.03.2027", "27 3 2027", "2027-03-27"])
def test_text_date_reads_what_people_write(text):
    """Near dates are typed in one box."""
    form = Ending({"ends": text})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["ends"] == dt.date(2027, 3, 27)


def test_text_date_refuses_in_words_and_shows_its_value_in_full():
    """Unreal and too early dates."""
    assert errors(Ending({"ends": "31 June 2027"})) == {"ends": ["End date must be a real date, like 27 March 2027"]}
    assert errors(Ending({"ends": "1 May 2026"})) == {"ends": ["End date must be on or after 20 November 2026"]}
    assert 'value="7 March 2027"' in Ending(initial={"ends": dt.date(2027, 3, 7)}).as_div()


def test_default_messages_say_what_to_do():
    """Every default message is a sentence about this field, not "This field is required."."""
    found = errors(EveryField({"how_many": "0", "email": "x", "title": "T"}))
    assert found == {
        "found": ["Enter an answer to “When did you find out?”"],
        "how_many": ["“How many people are affected?” must be 1 or more"],
        "partner": ["Select the partner"],
        "risk": ["Select an answer to “Is there a high risk to people?”"],
        "what": ["Enter an answer to “What happened?”"],
        "email": ["Enter an email address in the correct format, like name@example.org"],
        "ends": ["Enter a date for “End date”"],
        "sure": ["Tick “The facts above are right”"],
    }


def test_own_messages_are_never_replaced():
    """A form that words its error itself keeps it."""

    class Own(GovForm):
        name = forms.CharField(error_messages={"required": "Give us the name"})

    assert errors(Own({})) == {"name": ["Give us the name"]}


def test_a_percent_sign_in_a_label_survives():
    """Labels go into messages that are interpolated later."""

    class Share(GovForm):
        share = forms.IntegerField(label="Share in %", max_value=100)

    assert errors(Share({"share": "101"})) == {"share": ["Share in % must be 100 or less"]}


def test_acronyms_keep_their_capitals():
    """ "ICO number" does not become "iCO number" inside a sentence."""

    class Registration(GovForm):
        ico = forms.CharField(label="ICO registration number")

    assert errors(Registration({})) == {"ico": ["Enter the ICO registration number"]}


def summary(*sources):
    names = {f"f{number}": source for number, source in enumerate(sources)}
    return Template("{% load components %}{% error_summary " + " ".join(names) + " %}").render(Context(names))


def test_summary_links_to_the_first_input_of_every_group():
    """Radios and dates: the first input of the group; hidden fields and form-wide errors: no link."""
    form = EveryField(QueryDict("found_day=1&found_month=2"))
    form.add_error(None, "Somebody else has changed this.")
    html = summary(form)
    for target in ("id_found_year", "id_risk_0", "id_partner", "id_sure"):
        assert f'href="#{target}"' in html
    assert "Somebody else has changed this." in html
    assert html.index("Somebody else") < html.index("id_found_year")


def test_summary_is_absent_without_errors_and_covers_formsets():
    """Nothing for a fresh form; every form of a formset by its own ids."""
    assert summary(Note()).strip() == ""
    formset = formset_factory(Note)({"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0", "form-1-title": "x" * 11})
    assert 'href="#id_form-1-title"' in summary(formset)


@pytest.mark.parametrize("source", ["form", "formset"])
def test_title_begins_with_error(source):
    """The page title says first that something is wrong."""
    bad = Note({}) if source == "form" else formset_factory(Note)({})
    title = Template("{% load components %}{% error_prefix %}Sign")
    assert title.render(Context({source: bad})) == "Error: Sign"
    assert title.render(Context({source: Note()})) == "Sign"
    assert title.render(Context()) == "Sign"


def test_user_text_is_escaped_everywhere():
    """Values, labels of choices and messages are text, never markup."""

    class Choice(GovForm):
        name = forms.CharField()
        pick = forms.ChoiceField(choices=[("<b>", "<i>x</i>")], widget=forms.RadioSelect)

    html = Choice({"name": "<script>alert(1)</script>"}).as_div()
    assert "<script>" not in html
    assert "<i>" not in html


def test_optional_is_said_unless_the_form_says_not():
    """Drafting forms, where everything is optional, do not say so at every field."""
    assert "(optional)" in Note().as_div()

    class Draft(Note):
        mark_optional = False

    assert "(optional)" not in Draft().as_div()


def test_hint_error_and_counter_describe_the_input():
    """aria-describedby names hint, error and character count; groups carry it on the fieldset."""
    html = EveryField(QueryDict("what=")).as_div()
    assert 'aria-describedby="id_what_error id_what-info"' in html
    assert 'aria-describedby="id_found_helptext id_found_error"' in html
    assert 'aria-invalid="true"' in html
