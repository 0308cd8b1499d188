"""What somebody could do to a sealed file."""

import io

import pikepdf
from pyhanko.pdf_utils import generic, writer
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter


def flip_content_byte(pdf: bytes) -> bytes:
    """One bit of one byte inside the signed content."""
    middle = pdf.index(b"stream", len(pdf) // 3) + 40
    return pdf[:middle] + bytes([pdf[middle] ^ 1]) + pdf[middle + 1 :]


def append_page(pdf: bytes) -> bytes:
    """A page added as an incremental update, as an editor would."""
    update = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page = writer.PageObject(
        contents=update.add_object(generic.StreamObject(stream_data=b"q Q")),
        media_box=generic.ArrayObject(map(generic.NumberObject, (0, 0, 595, 842))),
    )
    update.insert_page(page)
    return _written(update)


def annotate(pdf: bytes) -> bytes:
    """A free text annotation added as an incremental update."""
    update = IncrementalPdfFileWriter(io.BytesIO(pdf))
    note = generic.DictionaryObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/FreeText"),
            generic.pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (50, 50, 200, 80))),
            generic.pdf_name("/Contents"): generic.pdf_string("Not agreed"),
            generic.pdf_name("/DA"): generic.pdf_string("/Helv 12 Tf 0 g"),
        }
    )
    page = update.root["/Pages"]["/Kids"][0].get_object()
    page.setdefault(generic.pdf_name("/Annots"), generic.ArrayObject()).append(update.add_object(note))
    update.update_container(page)
    return _written(update)


def replace_content(pdf: bytes) -> bytes:
    """The content of a page replaced by an incremental update: the old bytes are all still there."""
    update = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page = update.root["/Pages"]["/Kids"][0].get_object()
    page[generic.pdf_name("/Contents")] = update.add_object(generic.StreamObject(stream_data=b"q Q"))
    update.update_container(page)
    return _written(update)


def rewrite(pdf: bytes) -> bytes:
    """The whole file written anew, as a PDF tool would."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.save(out)
    return out.getvalue()


def touch_padding(pdf: bytes) -> bytes:
    """One digit of the zero padding behind the signature: outside everything that is signed."""
    end = pdf.index(b"0>", pdf.rindex(b"/Contents <") if b"/Contents <" in pdf else pdf.rindex(b"/Contents<"))
    return pdf[:end] + b"1" + pdf[end + 1 :]


def remove_seal(pdf: bytes) -> bytes:
    """The seal cut out and the file written anew."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        del document.Root.AcroForm
        document.save(out)
    return out.getvalue()


def _written(update: IncrementalPdfFileWriter) -> bytes:
    out = io.BytesIO()
    update.write(out)
    return out.getvalue()
