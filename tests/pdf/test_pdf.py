"""portal.pdf: same bytes every time, nothing from outside, limits that hold, characters that are right."""

import base64
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest

from portal.pdf import RenderError, render_pdf, unsupported_characters
from portal.press import WORKER
from tests.pdf import samples
from tests.pdf.tags import structure

ROOT = Path(__file__).parents[2]
MADE_AT = datetime(2026, 7, 28, 11, 20, tzinfo=UTC)
PIXEL = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/%3E"

CHILD = """
import hashlib, sys
import django
from django.conf import settings
engine = {"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [sys.argv[1]]}
settings.configure(TEMPLATES=[engine], LANGUAGE_CODE="en-gb", USE_I18N=True)
django.setup()
from tests.pdf import samples
sys.stdout.write(hashlib.sha256(samples.rendered(samples.golden(), "sealed")).hexdigest())
"""


@pytest.fixture
def render(tmp_path, settings):
    """A function (HTML, **options) → PDF bytes, through a template folder of the test."""
    for name in ("print.css", "watermark.svg"):
        (tmp_path / "pdf").mkdir(exist_ok=True)
        (tmp_path / "pdf" / name).write_bytes((ROOT / "templates" / "pdf" / name).read_bytes())
    settings.TEMPLATES = [
        {"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [tmp_path], "OPTIONS": {}}
    ]

    def make(body, css="", **options):
        page = f"<!doctype html><html lang=en><head><style>{css}</style></head><body>{body}</body></html>"
        # A name of its own each time: Django keeps a template that it has read.
        name = f"page-{len(list(tmp_path.iterdir()))}.html"
        (tmp_path / name).write_text("{% verbatim %}" + page + "{% endverbatim %}", "utf-8")
        return render_pdf(name, {}, title="Test", lang="en-GB", created=MADE_AT, **options)

    return make


# -- Reproducible -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "1", "TZ": "UTC", "LANG": "C"},
        {"PYTHONHASHSEED": "4242", "TZ": "Pacific/Auckland", "LANG": "cy_GB.UTF-8", "LC_ALL": "C.UTF-8"},
    ],
)
def test_same_bytes_in_every_process(made, environment):
    """Another process, hash seed, time zone and locale give the same file, byte for byte."""
    command = [sys.executable, "-c", CHILD, str(ROOT / "templates")]
    environment |= {"PATH": os.defpath, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == samples.sha256_hex(made("golden", "sealed").read_bytes())


def test_the_only_date_in_the_file_is_the_one_given(made):
    """Creation and modification date are edition.made_at in UTC, in the metadata and in the attachment."""
    with pikepdf.open(made("golden", "sealed")) as pdf:
        assert str(pdf.docinfo.CreationDate) == str(pdf.docinfo.ModDate) == "D:20260728112000+00'00"
        parameters = pdf.attachments["protocol.json"].obj.EF.F.Params
        assert str(parameters.CreationDate).startswith("D:20260728112000")
        assert str(parameters.ModDate).startswith("D:20260728112000")


def test_title_and_language(made):
    """Title, language and display of the title are set for assistive technology."""
    with pikepdf.open(made("golden", "sealed")) as pdf:
        assert str(pdf.docinfo.Title) == "Information Sharing Agreement for Family Support (AV-ISP-2026-002, 1.0)"
        assert str(pdf.Root.Lang) == "en-GB"
        assert pdf.Root.ViewerPreferences.DisplayDocTitle


# -- Fonts --------------------------------------------------------------------------------------------


def test_only_bundled_fonts_are_embedded(made):
    """Every font is one of the two bundled families, embedded and with a way back to the text."""
    listing = subprocess.run(["pdffonts", str(made("golden", "sealed"))], capture_output=True, text=True, check=True)
    rows = listing.stdout.splitlines()[2:]
    assert rows
    for row in rows:
        assert re.match(r"[A-Z]{6}\+ISP-(Sans|Mono)", row)
        assert re.search(r"yes +yes +yes +\d+ +\d+$", row)


def test_welsh_letters_are_drawn_and_copied_right(render, tmp_path):
    """ŵ ŷ Ŵ Ŷ are drawn with glyphs of their own (not w, y or a box) and come back as the same letters."""
    path = tmp_path / "welsh.pdf"
    path.write_bytes(render("<p style='font: 40pt \"ISP Sans\"'>ŵ ŷ Ŵ Ŷ</p>"))
    assert "".join(samples.text_of(path).split()).startswith("ŵŷŴŶ")
    drawn = {}
    for letters in ("ŵ", "w", "ŷ", "y", "\u25a1"):
        path.write_bytes(render(f"<p style='font: 60pt \"ISP Sans\"'>{letters}</p>"))
        picture = subprocess.run(["pdftoppm", "-r", "40", "-gray", str(path)], capture_output=True, check=True).stdout
        drawn[letters] = sum(1 for shade in picture if shade < 128)
    assert drawn["ŵ"] > drawn["w"] > 0
    assert drawn["ŷ"] > drawn["y"] > 0
    assert len({drawn[letter] for letter in ("ŵ", "ŷ")}) == 2


def test_unsupported_characters_are_named():
    """Refusal at save: each character that the fonts lack is named once, in order; good text gives nothing."""
    assert unsupported_characters("Tŷ, dŵr: “yes” – £5 ☐ ✓ → ≥ ½\n\tnaïve co\u00adoperate y\u0302") == []
    assert unsupported_characters("a 😀 b ع 😀 漢") == [
        "😀 (U+1F600 GRINNING FACE)",
        "ع (U+0639 ARABIC LETTER AIN)",
        "漢 (U+6F22 CJK UNIFIED IDEOGRAPH-6F22)",
    ]


@pytest.mark.parametrize(
    "text, name",
    [("a\x00b", "U+0000"), ("a\u202eb", "U+202E RIGHT-TO-LEFT OVERRIDE"), ("\ue000", "U+E000"), ("\x1b", "U+001B")],
)
def test_invisible_characters_are_refused(text, name):
    """Control characters and marks that turn the direction of text are refused, even if a font has them."""
    [found] = unsupported_characters(text)
    assert name in found
    assert text not in found


# -- Tags ---------------------------------------------------------------------------------------------

TAGGED = """<h1>One &amp; only</h1><p>Before <b>bold</b> after, <a href="https://example.org/">a link</a>, ŵ ﬁ office</p>
<ul><li>First</li><li>Second <i>word</i></li></ul>
<table><thead><tr><th scope=col>Name</th></tr></thead><tbody><tr><td>Cell</td></tr></tbody></table>
<p style="break-before: page">Next page</p>"""


def test_the_reader_of_tags_agrees_with_poppler(render, tmp_path):
    """tests/pdf/tags.py: element for element and text for text; poppler adds attributes and references to objects."""
    path = tmp_path / "tagged.pdf"
    path.write_bytes(render(TAGGED))
    done = subprocess.run(["pdfinfo", "-struct-text", str(path)], capture_output=True, text=True, check=True)
    found = essence(structure(path))
    assert found == essence(done.stdout)
    assert {"H1", "Table", "Link", '"Second "', '"Next page"'} <= set(found)


def essence(printed: str) -> list[str]:
    """Names of elements and texts."""
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    return [
        line if line.startswith('"') else line.split()[0].rstrip(":")
        for line in lines
        if not line.startswith(("/", "Object "))
    ]


# -- Nothing from outside -------------------------------------------------------------------------------

SECRET = "file:///etc/passwd"
PROBES = {
    "img": (f"<img alt=x src='{SECRET}'>", ""),
    "http": ("<img alt=x src='http://127.0.0.1:9/x.png'>", ""),
    "link stylesheet": (f"<link rel=stylesheet href='{SECRET}'>", ""),
    "import": ("<p>x</p>", f"@import url('{SECRET}');"),
    "inline url": (f"<p style=\"background:url('{SECRET}')\">x</p>", ""),
    "object": (f"<object data='{SECRET}'>x</object>", ""),
    "embed": (f"<embed src='{SECRET}'>", ""),
    "svg image": (f"<svg width=9 height=9><image href='{SECRET}' width=9 height=9 /></svg>", ""),
    "font": ("<p style='font-family:Evil'>x</p>", f"@font-face {{font-family:Evil; src:url('{SECRET}')}}"),
    "font path": ("<p style='font-family:Evil'>x</p>", "@font-face {font-family:Evil; src:url('font:../pdf.py')}"),
    "base": ("<base href='http://127.0.0.1:9/'><img alt=x src='x.png'>", ""),
    "list style": (f"<ul style=\"list-style-image:url('{SECRET}')\"><li>x</li></ul>", ""),
    "content": ("<p class=c>x</p>", f".c::after {{content:url('{SECRET}')}}"),
    "data of another kind": ("<img alt=x src='data:text/html,x'>", ""),
    "large data": (f'<img alt=x src="{PIXEL}{"%20" * 200_000}">', ""),
    "nested svg": (
        "<img alt=x src='data:image/svg+xml;base64,"
        + base64.b64encode(
            b"<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' width='9' height='9'>"
            b"<image xlink:href='file:///etc/passwd' width='9' height='9'/></svg>"
        ).decode()
        + "'>",
        "",
    ),
}


@pytest.mark.parametrize("probe", PROBES)
def test_no_address_is_fetched(render, probe):
    """Every road to a file or server is refused, loudly: the render fails and says which address it was."""
    body, css = PROBES[probe]
    with pytest.raises(RenderError, match="refused: address refused"):
        render(body, css)


def test_attachment_links_embed_nothing(render):
    """A link of relation attachment would embed a file of the server; it is refused like the others."""
    with pytest.raises(RenderError):
        render(f"<link rel=attachment href='{SECRET}'><p>x</p>")


def test_small_data_images_are_allowed(render):
    """The QR code is a data: image; those pass."""
    assert render(f'<img alt=dot src="{PIXEL}">').startswith(b"%PDF-1.7")


def test_image_without_words_is_refused(render):
    """An image without alternative text would break PDF/UA: the render fails instead."""
    with pytest.raises(RenderError, match="alt"):
        render(f'<img src="{PIXEL}">')


@pytest.mark.parametrize(
    "action",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import socket; socket.getaddrinfo('example.org', 80)",
        "import subprocess; subprocess.run(['true'])",
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/')",
    ],
)
def test_the_worker_reaches_no_network_and_starts_no_program(action):
    """After confine() a socket, a name lookup, another program and a request are all refused."""
    script = f"import runpy, sys; m = runpy.run_path({str(WORKER)!r}); m['confine'](768, 60)\n{action}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "PermissionError" in done.stderr


# -- Limits -----------------------------------------------------------------------------------------------


def test_too_much_time_is_cut_off(render):
    """A bomb that takes for ever ends in a clear error, in the seconds given."""
    bomb = "<table>" + "<tr><td colspan=10000000>x</td></tr>" * 50 + "</table>"
    with pytest.raises(RenderError, match=r"longer than 4 seconds|limit of time|more memory"):
        render(bomb, seconds=4)


def test_too_much_memory_is_cut_off(render):
    """A table of 50,000 rows ends in a clear error when its memory is used up; the parent lives on."""
    rows = "<tr><td>x</td><td>y</td></tr>" * 50_000
    with pytest.raises(RenderError, match=r"more memory|limit of time"):
        render(f"<table>{rows}</table>", megabytes=250)


def test_deep_nesting_is_refused(render):
    """Thousands of elements inside each other are refused, not a crash."""
    with pytest.raises(RenderError):
        render("<div>" * 3000 + "x" + "</div>" * 3000)


def test_nothing_is_left_behind(render, tmp_path, monkeypatch):
    """A killed worker leaves no scratch folder."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    with pytest.raises(RenderError):
        render("<table>" + "<tr><td colspan=10000000>x</td></tr>" * 50 + "</table>", seconds=3)
    assert list(scratch.iterdir()) == []
