"""Uploads of papers: told by content, refused with what to do (quality.md: uploads by purpose)."""

import io
import zipfile

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from docx import Document

from portal import papers


def pdf(pages=1, *, script=False, password="") -> bytes:
    """A PDF made here."""
    target = io.BytesIO()
    document = pikepdf.new()
    for _page in range(pages):
        document.add_blank_page()
    if script:
        document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    document.save(target, encryption=pikepdf.Encryption(owner=password, user=password) if password else False)
    return target.getvalue()


def word(**parts) -> bytes:
    """A Word document, with further parts of its zip file."""
    target = io.BytesIO()
    document = Document()
    document.add_paragraph("A paper")
    document.save(target)
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def macros() -> bytes:
    """A document that says it holds macros."""
    source, target = zipfile.ZipFile(io.BytesIO(word())), io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            content = source.read(name)
            if name == "[Content_Types].xml":
                content = content.replace(
                    b"vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
                    b"vnd.ms-word.document.macroEnabled.main+xml",
                )
            archive.writestr(name, content)
    return target.getvalue()


RELATION = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="a" Type="http://x/{}" Target="http://example.org/" TargetMode="External"/></Relationships>'
REFUSED = {
    "text": (b"Hello", "type"),
    "html as pdf": (b"<html>%PDF-</html>", "type"),
    "broken pdf": (b"%PDF-1.7 nothing", "broken"),
    "locked pdf": (pdf(password="x"), "locked"),
    "script in pdf": (pdf(script=True), "active"),
    "too many pages": (pdf(papers.MOST_PAGES + 1), "pages"),
    "broken zip": (b"PK\x03\x04 nothing", "broken"),
    "macros": (macros(), "type"),
    "macro part": (word(**{"word/vbaProject.bin": b"x"}), "macros"),
    "embedded file": (word(**{"word/embeddings/sheet.xlsx": b"x"}), "macros"),
    "bomb": (word(**{"word/big.bin": b"\0" * 40_000_000}), "bomb"),
    "entities": (word(**{"word/x.xml": b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"}), "entities"),
    "entities in another encoding": (word(**{"word/x.xml": "<!DOCTYPE x><x/>".encode("utf-16")}), "broken"),
    "template from elsewhere": (word(**{"word/x.rels": RELATION.format("attachedTemplate")}), "external"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name):
    """Each by its content, whatever its name says."""
    content, code = REFUSED[name]
    with pytest.raises(ValidationError) as refusal:
        papers.check(content, "paper.pdf")
    assert refusal.value.code == code


def test_what_is_kept():
    """A PDF with its pages, a Word document with a link; the ending follows the content, the folder goes."""
    assert papers.check(pdf(3), "C:\\x\\report.docx").pages == 3
    assert papers.check(pdf(3), "C:\\x\\report.docx").name == "report.pdf"
    checked = papers.check(word(**{"word/x.rels": RELATION.format("hyperlink")}), "../paper.pdf")
    assert (checked.name, checked.media_type, checked.pages) == ("paper.docx", papers.DOCX, None)
