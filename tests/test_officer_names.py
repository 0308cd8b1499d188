"""The people named in the source documents are named in no committed file and in no text of the demonstration."""

import subprocess
from pathlib import Path

import pytest

from protocols import demo_texts
from tests.officers import CONTROL, assert_no_officers, named

ROOT = Path(__file__).parent.parent
INVENTED = "Zebedee Quillfeather"


def committed_texts():
    """Yield (path, text) of every committed file that is text, which is every file without a NUL byte."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    for name in listed.decode().split("\0"):
        path = ROOT / name
        if not name or not path.is_file() or path.is_symlink():
            continue
        content = path.read_bytes()
        if b"\0" in content:
            continue
        yield name, content.decode("utf-8", errors="replace")


def test_no_committed_file_names_a_real_officer():
    """No committed text file, its name included, names a person of the source documents."""
    seen = set()
    for name, text in committed_texts():
        seen.add(name)
        assert_no_officers(f"{name}\n{text}", where=name)
    assert {"protocols/demo_texts/haringey.json", "tests/test_officer_names.py"} <= seen


@pytest.mark.parametrize("name", demo_texts.NAMES)
def test_no_demonstration_text_names_a_real_officer(name):
    """The texts that the demonstration loads name no person of the source documents."""
    data = demo_texts.load(name)
    assert_no_officers(repr(data), where=name)
    for clause in demo_texts.walk(data["clauses"]):
        assert_no_officers(f"{clause['title']}\n{clause['text']}", where=f"{name} {clause['key']}")


@pytest.mark.parametrize(
    "text",
    [
        INVENTED,
        "Signed by ZEBEDEE\n   QUILLFEATHER, Director",
        "zebedee.quillfeather@example.org",
        "<td>Zebedee</td> <td class='x'>Quillfeather</td>",
        "<b>Zebedee</b>&nbsp;Quillfeather",
        "by zebedee_quillfeather",
        "1 Zebedee-Quillfeather 2",
    ],
)
def test_a_name_is_found_however_it_is_written(text):
    """Positive control: the hash of an invented name is found in every form in which a name could slip in."""
    assert named(text, frozenset([CONTROL])) == [CONTROL]


def test_other_names_are_not_found():
    """The control finds neither half of a name, nor the words in another order, nor words run together."""
    for text in ("Zebedee", "Quillfeather, Zebedee", "ZebedeeQuillfeather", "Zebedee and Quillfeather"):
        assert named(text, frozenset([CONTROL])) == []


def test_an_officer_in_a_page_fails(monkeypatch):
    """``assert_no_officers`` itself fails, and says where, without repeating the name."""
    monkeypatch.setattr(named, "__defaults__", (frozenset([CONTROL]),))
    with pytest.raises(AssertionError, match="the register names 1 real person") as failure:
        assert_no_officers(f"<p>{INVENTED}</p>", where="the register")
    assert "Quillfeather" not in str(failure.value)
