"""Small sealed editions for tests: a real seal of the test installation over a one-page PDF."""

import io

import pikepdf

from portal import installation_key
from portal.models import StoredFile
from protocols.documents import edition_of
from protocols.models import Edition


def small_pdf(words="A page") -> bytes:
    """A PDF of one blank page whose bytes depend on the words."""
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.docinfo["/Title"] = words
        document.save(out, deterministic_id=True)
    return out.getvalue()


def sealed_edition(version, *, now, number=1, kind=Edition.Kind.PARTIES) -> Edition:
    """An edition with its sealed file, as the worker leaves it. Needs the scope."""
    edition = edition_of(version, kind, number, now=now)
    public = kind == Edition.Kind.PUBLIC
    stored = StoredFile.objects.keep(
        installation_key.seal_pdf(small_pdf(f"{version.pk} {kind} {number}"), now=now),
        framework=version.framework,
        name=f"{version.protocol.reference}-{number}.pdf",
        media_type="application/pdf",
        purpose="public-copy" if public else "sealed-edition",
        audience=StoredFile.Audience.PUBLIC if public else StoredFile.Audience.PARTIES,
        subject=version,
        now=now,
    )
    edition.sealed(stored, now=now)
    return edition
