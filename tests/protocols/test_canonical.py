"""Canonical JSON: the bytes that signatures bind never change."""

import copy
import json
import subprocess
import sys
from pathlib import Path

import pytest

from protocols.canonical import MAX_INTEGER, SCHEMA, canonical_bytes, sha256_hex, validate, walk

GOLDEN = Path(__file__).parent / "golden"
GOLDEN_SHA256 = "d9126780d5541385a751e734653bad5161b0376cd9707f62a47ad9eb68828cb1"
FIRST_SHA256 = "3d18051ca464f081e46970caada4c59a101b389b3a100e2c7cf7821e20577563"


def golden():
    return json.loads((GOLDEN / "version.json").read_text("utf-8"))


def test_golden_file_keeps_its_hash():
    """The golden version gives the committed bytes and SHA-256, whatever the software version (SIG evidence)."""
    data = canonical_bytes(golden())
    assert data == (GOLDEN / "version.canonical.json").read_bytes()
    assert sha256_hex(data) == GOLDEN_SHA256


def test_older_schema_stays_verifiable():
    """What was frozen under the first schema keeps its bytes and its hash, and is still valid as it is, but with nothing new."""
    first = json.loads((GOLDEN / "version-1.json").read_text("utf-8"))
    validate(first)
    assert canonical_bytes(first) == (GOLDEN / "version-1.canonical.json").read_bytes()
    assert sha256_hex(canonical_bytes(first)) == FIRST_SHA256
    for name in ("data_flows", "related_documents"):
        with pytest.raises(ValueError, match=rf"\$\.{name}: is not part of the schema"):
            validate(first | {name: []})


def test_canonical_bytes_are_a_fixed_point():
    """Reading canonical bytes and writing them again gives the same bytes."""
    data = canonical_bytes(golden())
    assert canonical_bytes(json.loads(data)) == data


def test_members_are_sorted_by_utf16_code_units():
    """RFC 8785 3.2.3: U+1F600 (first unit D83D) stands before U+FB00, though its code point is higher."""
    keys = ["€", "\r", "ﬀ", "1", "😀", "\u0080", "ö"]
    written = canonical_bytes(dict.fromkeys(keys)).decode()
    assert list(json.loads(written)) == ["\r", "1", "\u0080", "ö", "€", "😀", "ﬀ"]


def test_strings_are_escaped_as_rfc_8785_says():
    """RFC 8785 3.2.2.2: two-character escapes, lower-case \\u00xx for the rest, nothing else escaped."""
    text = '€$\x0f\nA\'B"\\\\"/\x7f\u2028'
    assert canonical_bytes(text) == '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/\x7f\u2028"'.encode()


def test_literals_and_integers():
    """RFC 8785 3.2.2: literals as written, integers without sign of plus or leading zero."""
    assert canonical_bytes([None, True, False, 0, -7, MAX_INTEGER]) == b"[null,true,false,0,-7,9007199254740991]"


def test_decomposed_text_is_composed():
    """Unicode NFC: ŷ typed as y + circumflex gives the bytes of ŷ, in keys and values."""
    assert canonical_bytes({"y\u0302": "t\u0175 w\u0302"}) == '{"ŷ":"tŵ ŵ"}'.encode()


@pytest.mark.parametrize(
    "bad, error, says",
    [
        (1.0, TypeError, r"\$: float"),
        ({"a": [0.1]}, TypeError, r"\$\.a\[0\]: float"),
        ({"a": (1,)}, TypeError, "tuple"),
        ({1: "a"}, TypeError, "not a string"),
        ({"a": b"x"}, TypeError, "bytes"),
        ("a\ud800", ValueError, r"lone surrogate U\+D800"),
        ({"\udfff": 1}, ValueError, "lone surrogate"),
        (MAX_INTEGER + 1, ValueError, "out of range"),
        ({"ŷ": 1, "y\u0302": 2}, ValueError, "stands twice"),
    ],
)
def test_what_has_no_single_form_is_refused(bad, error, says):
    """Floats, other types, lone surrogates, large integers and keys equal after NFC are refused with their path."""
    with pytest.raises(error, match=says):
        canonical_bytes(bad)


def test_depth_is_limited():
    """A tree of thousands of levels is a ValueError, not a crash of the interpreter."""
    tree = []
    for _ in range(5000):
        tree = [tree]
    with pytest.raises(ValueError, match="nested too deeply"):
        canonical_bytes(tree)


def test_bytes_do_not_depend_on_the_process():
    """Another hash seed, locale and time zone give the same SHA-256."""
    script = (
        "import json,pathlib,sys;from protocols.canonical import *;"
        "sys.stdout.write(sha256_hex(canonical_bytes(json.loads(pathlib.Path(sys.argv[1]).read_text('utf-8')))))"
    )
    environment = {"PYTHONHASHSEED": "7", "TZ": "Pacific/Auckland", "LANG": "C"}
    command = [sys.executable, "-c", script, str(GOLDEN / "version.json")]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, env=environment, cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == GOLDEN_SHA256


def test_golden_version_is_valid():
    """The golden version passes, and names the schema in its bytes."""
    validate(golden())
    assert golden()["schema"] == SCHEMA


def change(path, value):
    version = golden()
    here = version
    for step in path[:-1]:
        here = here[step]
    if value is KeyError:
        del here[path[-1]]
    else:
        here[path[-1]] = value
    return version


@pytest.mark.parametrize(
    "path, value, says",
    [
        (["schema"], "concordat/protocol-version/3", r"\$\.schema: must be one of"),
        (["purposes"], KeyError, r"\$\.purposes: is missing"),
        (["secret"], "x", r"\$\.secret: is not part of the schema"),
        (["demonstration"], 1, r"\$\.demonstration: must be true or false"),
        (["protocol", "title"], "  ", r"\$\.protocol\.title: must not be empty"),
        (["protocol", "tier", "level"], "tier 2", r"\$\.protocol\.tier\.level: must be one of"),
        (["version", "effective_on"], "20260901", r"effective_on: must be a date written"),
        (["version", "effective_on"], "2026-02-30", r"effective_on: must be a date written"),
        (["version", "review", "first_months"], True, r"first_months: must be a whole number"),
        (["related_documents"], KeyError, r"\$\.related_documents: is missing"),
        (["related_documents", 0, "title"], " ", r"\$\.related_documents\[0\]\.title: must not be empty"),
        (["data_flows"], KeyError, r"\$\.data_flows: is missing"),
        (["data_flows", 0, "onward", "allowed"], "yes", r"\$\.data_flows\[0\]\.onward\.allowed: must be one of"),
        (["data_items", 1, "level"], 4, r"\$\.data_items\[1\]\.level: must be one of 1, 2, 3"),
        (["data_items", 0, "level"], True, r"\$\.data_items\[0\]\.level: must be one of"),
        (["parties"], {}, r"\$\.parties: must be a list"),
        (["parties", 2, "address"], None, r"\$\.parties\[2\]\.address: must be text"),
        (["attachments", 0, "sha256"], "ABC", r"\$\.attachments\[0\]\.sha256: must be 64"),
        (["clauses", 0, "children", 0, "label"], "", r"children\[0\]\.label: a clause of kind clause"),
        (["clauses", 0, "kind"], "section", r"\$\.clauses\[0\]\.kind: must be one of"),
        (["clauses", 0, "uid"], "1", r"\$\.clauses\[0\]\.uid: must be a UUID"),
    ],
)
def test_faults_are_named_with_their_path(path, value, says):
    """A version that does not fit the schema is refused with the path of the fault."""
    with pytest.raises(ValueError, match=says):
        validate(change(path, value))


def test_clause_uids_are_unique():
    """Redline, comments and references hang on the uid: the same one twice is refused, at any depth."""
    version = golden()
    version["clauses"][3]["uid"] = version["clauses"][0]["children"][0]["uid"]
    with pytest.raises(ValueError, match="stands twice"):
        validate(version)


def test_clause_depth_is_limited():
    """Clauses nested deeper than 30 are refused (rendering cap)."""
    version = golden()
    leaf = version["clauses"][0]
    for number in range(40):
        inner = copy.deepcopy(leaf) | {"uid": f"00000000-0000-4000-8000-{number:012x}", "children": []}
        leaf["children"] = [inner]
        leaf = inner
    with pytest.raises(ValueError, match="30 deep"):
        validate(version)


def test_walk_goes_in_printed_order():
    """walk() yields parents before children and sections in order."""
    labels = [clause["label"] for _path, clause in walk(golden()["clauses"]) if clause["kind"] == "clause"]
    assert labels == ["1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "5.1", "5.2"]
