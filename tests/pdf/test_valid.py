"""Every kind of file is PDF/A-3a and PDF/UA-1, before and after the seal, by veraPDF."""

import io
import subprocess
from itertools import pairwise
from pathlib import Path

import pikepdf
import pytest

from tests.pdf import samples
from tests.pdf.tags import structure
from tests.pdf.validator import verdicts

pytestmark = pytest.mark.pdfvalid


@pytest.fixture(scope="module")
def untagged(tmp_path_factory, made):
    """Known-bad: a good file without its structure tree."""
    path = tmp_path_factory.mktemp("bad") / "untagged.pdf"
    with pikepdf.open(made("golden", "text_copy")) as pdf:
        del pdf.Root.StructTreeRoot
        del pdf.Root.MarkInfo
        pdf.save(path)
    return path


@pytest.fixture(scope="module")
def unembedded(tmp_path_factory, made):
    """Known-bad: a good file with a page drawn in a font that is not in the file and without colour profile."""
    path = tmp_path_factory.mktemp("bad") / "unembedded.pdf"
    with pikepdf.open(made("golden", "text_copy")) as pdf:
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        pdf.pages[0].Resources.Font["/Foreign"] = pdf.make_indirect(font)
        pdf.pages[0].contents_add(b"BT /Foreign 12 Tf 50 50 Td (not embedded) Tj ET")
        del pdf.Root.OutputIntents
        pdf.save(path)
    return path


def test_every_kind_of_file_is_pdf_a_3a_and_pdf_ua_1(made, sealed, of_a_breach, untagged, unembedded):
    """Draft, text copy, edition and public copy pass, sealed or not, and report and minutes of a breach with its clock
    (HAR-6.2, HAR-6.6); two known-bad files fail both profiles."""
    good = [made("golden", kind) for kind in ("draft", "text_copy", "sealed", "public")]
    good += [made("haringey", "sealed"), sealed("haringey", "sealed"), sealed("golden", "public")]
    good += [sealed("large", "sealed"), *of_a_breach]
    found = verdicts(*good, untagged, unembedded)
    for path in good:
        for profile in ("PDFA-3A", "PDFUA-1"):
            assert found[path.name, profile] == "pass", (path.name, profile)
    for path in (untagged, unembedded):
        for profile in ("PDFA-3A", "PDFUA-1"):
            assert found[path.name, profile].startswith("fail: "), (path.name, profile)


def test_missing_java_fails_by_name(monkeypatch, made):
    """Without Java the run fails and names the Debian package; it never skips."""
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(AssertionError, match="default-jdk-headless"):
        verdicts(made("golden", "text_copy"))
    monkeypatch.undo()
    monkeypatch.setattr("tests.pdf.validator.JAVA", Path("/nonexistent"))
    with pytest.raises(AssertionError, match="libjaxb-java"):
        verdicts(made("golden", "text_copy"))


def test_canonical_json_is_embedded_as_source(sealed):
    """The sealed file carries the version's canonical JSON, relationship Source, byte for byte."""
    with pikepdf.open(sealed("haringey", "sealed")) as pdf:
        specification = pdf.attachments["protocol.json"]
        assert specification.obj.AFRelationship == "/Source"
        data = specification.get_file().read_bytes()
    fingerprint = samples.extras(samples.haringey(), "sealed")["edition"]["canonical_sha256"]
    assert samples.sha256_hex(data) == fingerprint


def test_sealed_file_is_sound(sealed):
    """qpdf finds no fault in the sealed file, and it is a PDF 1.7 as PDF/A-3 wants it."""
    path = sealed("haringey", "sealed")
    done = subprocess.run(["qpdf", "--check", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    with pikepdf.open(io.BytesIO(path.read_bytes())) as pdf:
        assert pdf.pdf_version == "1.7"
        assert "/Version" not in pdf.Root


def test_tags_follow_the_reading_order(made):
    """The structure tree has headings without a gap, lists, tables with heads, and links, in printed order."""
    text = structure(made("haringey", "sealed"))
    tags = [line.strip().split()[0].rstrip(":") for line in text.splitlines() if line.strip()[:1].isalpha()]
    levels = [int(tag[1]) for tag in tags if tag in ("H1", "H2", "H3", "H4")]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert {"Table", "THead", "TH", "TD", "L", "LI", "Link", "Figure"} <= set(tags)
    assert text.index("Contents") < text.index("Document control") < text.index("Breaches of protocol")
