"""Canonical JSON of a protocol version: the bytes that every signature binds.

RFC 8785 (JSON Canonicalization Scheme) narrowed further: no floats at all, every string in
Unicode NFC, so that two installations that hold the same words produce the same bytes.
Pure functions: no models, no settings, no clock.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

SCHEMA = "concordat/protocol-version/2"
# What was frozen under an older schema stays valid and verifiable for ever
FIRST_SCHEMA = "concordat/protocol-version/1"

# RFC 8785 numbers are IEEE doubles: beyond this an integer would not survive another reader.
MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 30

TIERS = ("overarching", "partnership", "operational")
NATIONS = ("england-and-wales", "scotland", "northern-ireland")
CLAUSE_KINDS = ("heading", "clause", "item", "unnumbered")

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
_NEEDS_ESCAPE = re.compile(r'["\\\x00-\x1f]')
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def sha256_hex(data: bytes) -> str:
    """SHA-256 of the bytes as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def canonical_bytes(obj: object) -> bytes:
    """The RFC 8785 bytes (UTF-8) of a tree of dict, list, str, int, bool and None.

    Strings and keys are put into Unicode NFC. Raises TypeError for a float or any other type and
    for a key that is no string; ValueError for a lone surrogate, for an integer beyond ±(2^53 − 1),
    for two keys that are equal after NFC and for more than 200 levels.
    """
    return "".join(_write(obj, "$", 0)).encode("utf-8")


def _write(obj, path, depth):
    if depth > 200:
        raise ValueError(f"{path}: nested too deeply")
    if obj is None:
        yield "null"
    elif obj is True:
        yield "true"
    elif obj is False:
        yield "false"
    elif isinstance(obj, str):
        yield _string(obj, path)
    elif isinstance(obj, int):
        if abs(obj) > MAX_INTEGER:
            raise ValueError(f"{path}: integer out of range")
        yield str(int(obj))
    elif isinstance(obj, dict):
        yield from _object(obj, path, depth)
    elif isinstance(obj, list):
        yield "["
        for index, item in enumerate(obj):
            if index:
                yield ","
            yield from _write(item, f"{path}[{index}]", depth + 1)
        yield "]"
    else:
        raise TypeError(f"{path}: {type(obj).__name__} has no canonical form")


def _object(obj, path, depth):
    members = {}
    for key, value in obj.items():
        if not isinstance(key, str):
            raise TypeError(f"{path}: the key {key!r} is not a string")
        name = unicodedata.normalize("NFC", key)
        if name in members:
            raise ValueError(f"{path}: the key {name!r} stands twice")
        members[name] = (_string(name, path), value)
    yield "{"
    # RFC 8785 3.2.3: sorted by UTF-16 code units, not by code points. Surrogates were refused above.
    for index, name in enumerate(sorted(members, key=lambda text: text.encode("utf-16-be"))):
        written, value = members[name]
        yield f"{',' if index else ''}{written}:"
        yield from _write(value, f"{path}.{name}", depth + 1)
    yield "}"


def _string(text, path):
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError(f"{path}: lone surrogate U+{ord(text[error.start]):04X}") from error
    return '"' + _NEEDS_ESCAPE.sub(_escape, unicodedata.normalize("NFC", text)) + '"'


def _escape(match):
    return _ESCAPES.get(match[0]) or f"\\u{ord(match[0]):04x}"


# -- The structure of a frozen version --------------------------------------------------------
# A shape is a function (value, path) that raises ValueError; shapes are composed as data below.


def _fail(path, expected):
    raise ValueError(f"{path}: {expected}")


def _text(value, path):
    if not isinstance(value, str):
        _fail(path, "must be text")


def _filled(value, path):
    _text(value, path)
    if not value.strip():
        _fail(path, "must not be empty")


def _bool(value, path):
    if not isinstance(value, bool):
        _fail(path, "must be true or false")


def _date(value, path):
    _text(value, path)
    try:
        good = date.fromisoformat(value).isoformat() == value
    except ValueError:
        good = False
    if not good:
        _fail(path, "must be a date written YYYY-MM-DD")


def _count(value, path):
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        _fail(path, "must be a whole number of 0 or more")


def _matching(pattern, expected):
    def shape(value, path):
        _text(value, path)
        if not pattern.fullmatch(value):
            _fail(path, expected)

    return shape


def _one_of(*allowed):
    def shape(value, path):
        if isinstance(value, bool) or value not in allowed:
            _fail(path, f"must be one of {', '.join(map(str, allowed))}")

    return shape


def _or_null(inner):
    def shape(value, path):
        if value is not None:
            inner(value, path)

    return shape


def _list(inner):
    def shape(value, path):
        if not isinstance(value, list):
            _fail(path, "must be a list")
        for index, item in enumerate(value):
            inner(item, f"{path}[{index}]")

    return shape


class _Optional(NamedTuple):
    """A member that is there only where it says something, so that the bytes of texts without it stay what they were."""

    shape: Callable[[Any, str], None]


def _object_of(**members):
    def shape(value, path):
        if not isinstance(value, dict):
            _fail(path, "must be an object")
        for name, inner in members.items():
            if name not in value and not isinstance(inner, _Optional):
                _fail(f"{path}.{name}", "is missing")
        for name in value:
            if name not in members:
                _fail(f"{path}.{name}", "is not part of the schema")
        for name, inner in members.items():
            if name in value:
                (inner.shape if isinstance(inner, _Optional) else inner)(value[name], f"{path}.{name}")

    return shape


def _clause(value, path):
    if path.count(".children") > MAX_DEPTH:
        _fail(path, f"clauses may be nested {MAX_DEPTH} deep")
    _CLAUSE(value, path)
    if value["kind"] in ("clause", "item") and not value["label"].strip():
        _fail(f"{path}.label", f"a clause of kind {value['kind']} must have a label")


_CLAUSE = _object_of(
    uid=_matching(_UUID, "must be a UUID in lower case"),
    kind=_one_of(*CLAUSE_KINDS),
    label=_text,
    title=_text,
    text=_text,
    children=lambda value, path: _list(_clause)(value, path),
)

_CONSULTED = _object_of(
    kind=_one_of("event", "body"),
    name=_filled,
    date=_or_null(_date),
    groups=_list(_object_of(name=_filled, people=_count)),
)
_RELATED = _object_of(title=_filled, owner=_text, dated=_or_null(_date), link=_text)
_FLOW = _object_of(
    **{"from": _or_null(_text)},  # null: any of the parties
    label=_filled,
    to=_or_null(_list(_filled)),  # null: every other party
    data_items=_list(_filled),
    purposes=_list(_filled),
    method=_text,
    frequency=_text,
    onward=_object_of(allowed=_one_of("", "none", "listed"), to=_text),
    power=_text,
    readers=_object_of(roles=_list(_filled), vetting=_text),
)


def _version(schema, **more):
    return _object_of(
        schema=_one_of(schema),
        software=_filled,
        lang=_filled,
        demonstration=_bool,
        framework=_object_of(name=_filled, slug=_filled, nation=_one_of(*NATIONS)),
        protocol=_object_of(
            reference=_filled,
            title=_filled,
            tier=_object_of(level=_one_of(*TIERS), name=_filled, adopted=_Optional(_bool)),
            partnership=_Optional(_filled),
            parent=_or_null(
                _object_of(
                    reference=_or_null(_text),
                    title=_filled,
                    version=_or_null(_text),
                    dated=_or_null(_date),
                    external=_bool,
                )
            ),
            lead_organisation=_or_null(_filled),
            nation=_one_of(*NATIONS),
            deciding_body=_or_null(_filled),
        ),
        version=_object_of(
            number=_filled,
            classification=_filled,
            effective_on=_or_null(_date),
            sign_by=_or_null(_date),
            expires_on=_or_null(_date),
            pilot=_Optional(_object_of(**{"from": _date, "to": _date})),
            review=_object_of(first_months=_or_null(_count), then_months=_or_null(_count)),
        ),
        document_control=_object_of(
            drafts=_list(_object_of(number=_filled, date=_date, author=_text, change=_text)),
            approvals=_list(_object_of(body=_filled, date=_date, reference=_text, outcome=_filled)),
            # only where somebody beside the parties was consulted; texts that were frozen before have no such member
            consulted=_Optional(_list(_CONSULTED)),
        ),
        definitions=_list(_object_of(term=_filled, text=_filled)),
        purposes=_list(_object_of(label=_filled, text=_filled)),
        data_items=_list(_object_of(label=_filled, level=_one_of(1, 2, 3), name=_filled, detail=_text)),
        parties=_list(
            _object_of(
                organisation=_filled,
                address=_text,
                telephone=_text,
                ico_number=_or_null(_text),
                ods_code=_or_null(_text),
                required=_bool,
                lead=_bool,
            )
        ),
        clauses=_list(_clause),
        attachments=_list(
            _object_of(name=_filled, sha256=_matching(_SHA256, "must be 64 hexadecimal digits"), size=_count)
        ),
        **more,
    )


_SHAPES = {
    FIRST_SCHEMA: _version(FIRST_SCHEMA),
    SCHEMA: _version(SCHEMA, data_flows=_list(_FLOW), related_documents=_list(_RELATED)),
}


def validate(obj: Any) -> None:
    """Check the structure of a version against its schema; draft previews pass with null dates and bodies.

    Raises ValueError with the path of the first fault, as "$.version.effective_on: must be a date
    written YYYY-MM-DD". Unknown keys are faults; every clause uid stands once. What a version must
    hold before it is approved (HAR-2, HAR-3) is not checked here: that is the submit form's work.
    """
    schema = obj.get("schema") if isinstance(obj, dict) else None
    _SHAPES.get(schema if isinstance(schema, str) else SCHEMA, _SHAPES[SCHEMA])(obj, "$")
    seen = set()
    for path, clause in walk(obj["clauses"]):
        if clause["uid"] in seen:
            _fail(f"{path}.uid", f"{clause['uid']} stands twice")
        seen.add(clause["uid"])


def walk(clauses: list, path: str = "$.clauses"):
    """Yield (path, clause) of every clause of the tree in printed order."""
    for index, clause in enumerate(clauses):
        here = f"{path}[{index}]"
        yield here, clause
        yield from walk(clause["children"], f"{here}.children")
