"""Markdown of clauses: words stay as typed, nothing dangerous comes through, references become links."""

import re

import pytest
from django.template import Context, Template

from portal.markdown import MAX_CHARACTERS, TextTooLarge, check_caps, markdown_blocks, markdown_to_html

UID = "5d0f3c1e-6a57-5b0a-9a3c-1f6f0a4f7a10"


@pytest.mark.parametrize(
    "text",
    [
        "2004. The Children Act applies.",
        "- a line that begins with a hyphen",
        "# 4 is a number",
        "> 5 working days",
        "    four spaces in front",
        "a `backtick` and &copy; and --- and ...",
        "line\n=====",
        "(c) is not a copyright sign",
    ],
)
def test_words_stay_as_typed(text):
    """Numbers, bullets and headings belong to the clause tree: such marks in a text are printed, not interpreted."""
    html = markdown_to_html(text)
    for tag in ("<ol", "<ul", "<h1", "<h2", "<blockquote", "<code", "<pre", "<hr"):
        assert tag not in html
    plain = html.replace("<p>", "").replace("</p>", "").replace("&amp;", "&").replace("&gt;", ">")
    assert plain.split() == text.split()


def test_what_markdown_is_for():
    """Paragraphs, emphasis, hard line breaks, tables and links to https and mailto."""
    html = markdown_to_html("One *a* **b**  \ntwo\n\nthree [x](https://example.org/) [m](mailto:a@example.org)")
    assert html.startswith(
        '<p>One <em>a</em> <strong>b</strong><br>\ntwo</p>\n<p>three <a href="https://example.org/">'
    )
    assert 'href="mailto:a@example.org"' in html
    assert "<th>a</th>" in markdown_to_html("| a | b |\n|---|---|\n| 1 | 2 |")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg><image href='file:///etc/passwd'/></svg>",
        "![x](file:///etc/passwd)",
        "![x](https://example.org/x.png)",
        "[x](javascript:alert(1))",
        "[x](file:///etc/passwd)",
        "[x](//example.org)",
        "[x](/etc/passwd)",
        "[x](http://example.org)",
        "[x](data:text/html,x)",
        "[x](#anything)",
        "<a href=javascript:x>x</a>",
        "<input name=sig_01>",
        "<p id=sigbox-01 style='background:url(file:///x)' class=x>",
        "<link rel=attachment href=file:///etc/passwd>",
        "<base href=http://127.0.0.1/>",
        "{% load x %}{{ settings.SECRET_KEY }}",
    ],
)
def test_nothing_dangerous_comes_through(text):
    """No markup of the user's own, no image, no address but https and mailto: pages and PDFs print it as text."""
    tags = set(re.findall(r"<[^>]*>", markdown_to_html(text)))
    assert tags <= {"<p>", "</p>", "<a>", "</a>", '<a href="https://example.org/x.png">'}


def test_references_become_labels_that_link():
    """{{clause:uid}} is printed as that clause's label, with a link; an unknown one stays as typed."""
    text = "see {{clause:" + UID + "}} and {{clause:" + UID.replace("5d", "00") + "}}"
    html = markdown_to_html(text, {UID: "(a)"})
    assert f'<a href="#c-{UID}">(a)</a>' in html
    assert "{{clause:000f3c1e" in html


def test_blocks_are_the_same_text_in_parts():
    """The parts are the paragraphs (inner HTML) and tables of the whole, in order."""
    text = "one *a*\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\ntwo"
    blocks = markdown_blocks(text)
    assert [block.kind for block in blocks] == ["p", "table", "p"]
    assert [block.html for block in blocks if block.kind == "p"] == ["one <em>a</em>", "two"]
    assert markdown_blocks("") == []


@pytest.mark.parametrize(
    "text, says",
    [
        ("x" * (MAX_CHARACTERS + 1), "characters"),
        ("word " * 100_001, "words"),
        ("| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 500, "table rows"),
    ],
)
def test_caps(text, says):
    """100,000 words, 1,000,000 characters and 500 table rows are the limits; the message names the one passed."""
    with pytest.raises(TextTooLarge, match=says):
        markdown_to_html(text)
    with pytest.raises(TextTooLarge, match=says):
        check_caps(text)


def test_nesting_is_bounded():
    """Ten thousand brackets and stars inside each other come back at once, as text."""
    assert markdown_to_html("*" * 10_000 + "x")
    assert markdown_to_html("[" * 10_000 + "x")


def test_a_text_beyond_its_caps_is_shown_as_typed():
    """A summary of 501 lines with bars must not turn the public page of a protocol into an error."""
    typed = "a | <b>b</b>\n" * 501
    page = Template("{% load text %}{{ typed|markdown }}{% clause_text typed %}").render(Context({"typed": typed}))
    assert page.count("a | &lt;b&gt;b&lt;/b&gt;<br>") >= 1000
    assert "<b>" not in page
