"""Papers that people upload: PDF and Word documents, told by their content, and refused with what to do.

Nothing of a paper is ever run or shown inside the portal: it is served as a download with a sandbox, and the pages of a
PDF are copied into the pack without links, scripts or attachments (portal.packs).
"""

import io
import re
import zipfile
from dataclasses import dataclass
from xml.etree import ElementTree

import pikepdf
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MOST_PAGES = 500
# of a Word document, which is a zip file
MOST_ENTRIES, MOST_BYTES, MOST_RATIO = 2_000, 100_000_000, 200
MAIN = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
FORBIDDEN_PARTS = re.compile(r"(^|/)(vbaproject|vbadata|activex|embeddings/|oleobject)", re.IGNORECASE)
HYPERLINK = "/hyperlink"
ACTIVE = {"/JavaScript", "/Launch", "/RichMedia", "/ImportData", "/SubmitForm"}
ACTIVE_KEYS = {"/JavaScript", "/JS", "/XFA", "/EmbeddedFiles"}
DEEPEST = 50  # of what stands directly in one object


@dataclass(frozen=True, slots=True)
class Checked:
    """A paper that may be kept. pages: of a PDF."""

    content: bytes
    name: str
    media_type: str
    pages: int | None


def check(content: bytes, name: str) -> Checked:
    """Tell by the content what it is. Raises ValidationError for anything but a clean PDF or Word document."""
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", name.replace("\\", "/").rsplit("/", 1)[-1])[:150] or _("paper")
    if content[:1024].lstrip().startswith(b"%PDF-"):
        return Checked(content, f"{stem}.pdf", PDF, pages_of(content))
    if content.startswith(b"PK"):
        check_word(content)
        return Checked(content, f"{stem}.docx", DOCX, None)
    raise ValidationError(_("The file must be a PDF or a Word document (DOCX)"), code="type")


def pages_of(content: bytes) -> int:
    """Pages of a PDF that can be read, is not locked, and holds nothing that runs."""
    try:
        with pikepdf.open(io.BytesIO(content)) as document:
            if document.is_encrypted:
                raise ValidationError(
                    _("The PDF is protected by a password. Save it without protection"), code="locked"
                )
            count = len(document.pages)
            if runs_something(document):
                raise ValidationError(
                    _("The PDF holds scripts, forms, media or other files. Print it to PDF again and send that"),
                    code="active",
                )
    except pikepdf.PasswordError as error:
        raise ValidationError(
            _("The PDF is protected by a password. Save it without protection"), code="locked"
        ) from error
    except pikepdf.PdfError as error:
        raise ValidationError(_("The PDF cannot be read. Save or print it to PDF again"), code="broken") from error
    if not 0 < count <= MOST_PAGES:
        raise ValidationError(_("The PDF must have 1 to %(most)d pages") % {"most": MOST_PAGES}, code="pages")
    return count


def runs_something(document: pikepdf.Pdf) -> bool:
    """Does anything in the file start a script, a program or a dynamic form?"""
    return any(is_active(one) for one in document.objects)


def is_active(value, depth: int = 0) -> bool:
    """One object, with what stands directly in it; what it refers to is looked at in its own turn."""
    if depth > DEEPEST:
        return True
    if isinstance(value, pikepdf.Array):
        return any(is_active(one, depth + 1) for one in value if is_direct(one))
    if not isinstance(value, (pikepdf.Dictionary, pikepdf.Stream)):
        return False
    for key, one in value.items():
        if key in ACTIVE_KEYS or (key in {"/S", "/Subtype"} and str(one) in ACTIVE):
            return True
        if is_direct(one) and is_active(one, depth + 1):
            return True
    return False


def is_direct(value) -> bool:
    """Does it stand here, and is it not an object of its own?"""
    return isinstance(value, pikepdf.Object) and not value.is_indirect


def check_word(content: bytes) -> None:
    """Raises ValidationError for what is no Word document, is too large unpacked, or holds macros, programs, links to
    templates or entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            total = sum(entry.file_size for entry in entries)
            if len(entries) > MOST_ENTRIES or total > MOST_BYTES or total > MOST_RATIO * max(len(content), 1):
                raise ValidationError(_("The document is too large when it is unpacked"), code="bomb")
            for entry in entries:
                check_part(archive, entry)
            if MAIN not in archive.read("[Content_Types].xml"):
                raise ValidationError(_("The file must be a PDF or a Word document (DOCX)"), code="type")
            archive.getinfo("word/document.xml")
    except (zipfile.BadZipFile, KeyError, RuntimeError, NotImplementedError, ElementTree.ParseError) as error:
        raise ValidationError(_("The Word document cannot be read. Save it again as DOCX"), code="broken") from error


def check_part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """One entry of the zip file."""
    if FORBIDDEN_PARTS.search(entry.filename):
        raise ValidationError(
            _("The document holds macros or other files. Save it as DOCX without them"), code="macros"
        )
    if not entry.filename.lower().endswith((".xml", ".rels")):
        return
    with archive.open(entry) as part:
        text = part.read(MOST_BYTES + 1)
    if b"\0" in text[:200]:  # another encoding, in which the words below would not be found
        raise ElementTree.ParseError
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise ValidationError(_("The document holds entities. Save it again as DOCX"), code="entities")
    if entry.filename.lower().endswith(".rels"):
        for relation in ElementTree.fromstring(text):  # no entities: looked for above
            external = relation.get("TargetMode", "").lower() == "external"
            if external and not relation.get("Type", "").endswith(HYPERLINK):
                raise ValidationError(
                    _(
                        "The document loads something from elsewhere (a template, a picture). Save it with everything inside"
                    ),
                    code="external",
                )
