"""What apps above the documents show on the page of a protocol and on the task list of a draft: two registries.

Each source is one statement at most: the page of a protocol has a budget (tests/protocols/test_query_counts.py).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portal.permissions import Access


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with a table and links, on the page of a protocol. empty: what is said when there are no rows."""

    heading: str
    headers: list[str]
    rows: list[list]
    empty: str
    links: list[dict] = field(default_factory=list)  # text, href


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that the drafter of a version is to take into account. tag: how much it matters, in words."""

    about: str
    tag: str
    colour: str
    text: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class Remarks:
    """Remarks from one source, on the task list of a draft. href: where they come from."""

    heading: str
    href: str
    remarks: list[Remark]


# (protocol, the version that the page is about, access, now) → section, or None where there is nothing to say
SectionSource = Callable[[Any, Any, Access, datetime], Section | None]
RemarkSource = Callable[[Any, Access], Iterable[Remarks]]
SECTIONS: list[SectionSource] = []
REMARKS: list[RemarkSource] = []


def on_protocol_page(source: SectionSource) -> SectionSource:
    """Register a section of the page of a protocol; usable as a decorator."""
    if source not in SECTIONS:
        SECTIONS.append(source)
    return source


def on_draft_page(source: RemarkSource) -> RemarkSource:
    """Register remarks for the task list of a draft; usable as a decorator."""
    if source not in REMARKS:
        REMARKS.append(source)
    return source


def sections_of(protocol, version, access: Access, *, now: datetime) -> list[Section]:
    """The sections of a protocol's page for this reader."""
    found = [source(protocol, version, access, now) for source in SECTIONS]
    return [section for section in found if section is not None]


def remarks_for(version, access: Access) -> list[Remarks]:
    """What the drafter of a version finds on its task list."""
    return [remarks for source in REMARKS for remarks in source(version, access)]
