"""What /verify says, case by case: the table is the specification, each row a test (UK-pub, evidence.md).

A row: what was kept and what became of it, what is asked, and the words of the answer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from portal.permissions import Role
from portal.tenancy import scope
from protocols.models import Party, Publication, Version
from protocols.printing import DRAFT_MARK, render_protocol
from tests.builders import NOW, make_framework, make_member, make_party, make_protocol, make_version
from tests.pdf import samples
from tests.protocols.sealed import sealed_edition, small_pdf

pytestmark = pytest.mark.django_db
GENUINE, ALTERED, UNKNOWN = "portal-result--genuine", "portal-result--altered", "portal-result--unknown"
TITLE, REFERENCE = "Canary title of the protocol", "CANARY-7"
LATER = NOW + timedelta(days=30)


@pytest.fixture(autouse=True)
def _fresh_limits():
    """Each test has its full share of requests."""
    cache.clear()


class Kept:
    """A protocol with its sealed edition 1; what may happen to it, and what may be asked of it."""

    def __init__(self, status):
        self.framework = make_framework("Canary Board")
        with scope(self.framework.pk):
            self.version = make_version(make_protocol(self.framework, title=TITLE, reference=REFERENCE), status=status)
            self.edition = sealed_edition(self.version, now=NOW) if self.version.completed_at else None

    def publish(self, level):
        with scope(self.framework.pk):
            facts = {"summary": "What it is.", "reason": "Agreed", "review_on": NOW.date()}
            Publication.objects.decide(self.version, by=None, now=NOW, level=level, **facts)

    def replaced(self):
        with scope(self.framework.pk):
            make_version(self.version.protocol, major=2, status="in-force")

    def withdrawn(self):
        with scope(self.framework.pk):
            self.version.withdraw(by=None, now=NOW, reason="Ended", decision=object())

    def expired(self):
        with scope(self.framework.pk):
            Version.objects.filter(pk=self.version.pk).update(status="expired", ended_at=NOW)

    def joined(self, count):
        with scope(self.framework.pk):
            for _n in range(count):
                party = make_party(self.version)
                signed = {"status": "signed", "signed_at": LATER, "bound_from": LATER}
                Party.objects.filter(pk=party.pk).update(**signed)
            sealed_edition(self.version, number=2, now=LATER)

    def left(self):
        with scope(self.framework.pk):
            gone = {"status": "withdrawn", "bound_from": NOW, "bound_until": LATER}
            Party.objects.filter(pk=self.version.parties.first().pk).update(**gone)
            sealed_edition(self.version, number=2, now=LATER)

    def file(self):
        with scope(self.framework.pk):
            return self.edition.file.content()

    def text_copy(self):
        with scope(self.framework.pk):
            return self.version.text_copy.content()

    def public_copy(self):
        with scope(self.framework.pk):
            return sealed_edition(self.version, kind="public", now=NOW).file.content()

    def altered(self):
        content = self.file()
        return content[:300] + bytes([content[300] ^ 1]) + content[301:]

    def by_code(self):
        return self.edition.code


@dataclass(frozen=True)
class Case:
    """given: acts on the kept document. asked: bytes of a file, or a code. says and keeps_quiet: words of the page.
    reader: role of a member who asks; else the public."""

    result: str
    says: tuple[str, ...]
    given: Callable = lambda kept: None
    asked: Callable = Kept.file
    keeps_quiet: tuple[str, ...] = ()
    status: str = "in-force"
    reader: str = ""


UNNAMED = (TITLE, REFERENCE, "Canary Board")
IN_FORCE = "This version is in force."
CASES = {
    "published, in force": Case(
        GENUINE,
        ("This document is genuine", IN_FORCE, TITLE, REFERENCE, "edition 1 of the parties’ copy", "the current edition"),
        lambda kept: kept.publish("summary"),
    ),
    "published, superseded": Case(
        GENUINE, ("no longer in force: a newer version has replaced it", TITLE),
        lambda kept: (kept.publish("full"), kept.replaced()), keeps_quiet=(IN_FORCE,),
    ),
    "published, withdrawn": Case(
        GENUINE, ("no longer in force: it was withdrawn", TITLE),
        lambda kept: (kept.publish("full"), kept.withdrawn()), keeps_quiet=(IN_FORCE,),
    ),
    "published, expired": Case(
        GENUINE, ("no longer in force: it has expired", TITLE),
        lambda kept: (kept.publish("full"), kept.expired()), keeps_quiet=(IN_FORCE,),
    ),
    "published, not yet in force": Case(
        GENUINE, ("not in force yet. It comes into force on 1 July 2026", TITLE),
        lambda kept: kept.publish("summary"), status="completed", keeps_quiet=(IN_FORCE,),
    ),
    "published, edition 1, since then two joined": Case(
        GENUINE, ("It is edition 1; the current one is edition 2.", "Since then 2 organisations have joined."),
        lambda kept: (kept.publish("summary"), kept.joined(2)), keeps_quiet=("have left", "has left"),
    ),
    "published, edition 1, since then one left": Case(
        GENUINE, ("the current one is edition 2.", "Since then 1 organisation has left."),
        lambda kept: (kept.publish("summary"), kept.left()), keeps_quiet=("joined",),
    ),
    "published, edition 1 of a version that was replaced: nobody left by that": Case(
        GENUINE, ("the current one is edition 2.", "a newer version has replaced it", "2 organisations have joined"),
        lambda kept: (kept.publish("summary"), kept.joined(2), kept.replaced()), keeps_quiet=("have left", "has left"),
    ),
    "unpublished, in force": Case(
        GENUINE, ("This document is genuine", IN_FORCE, "It is not published"), keeps_quiet=UNNAMED
    ),
    "decided not to publish": Case(
        GENUINE, (IN_FORCE, "It is not published"), lambda kept: kept.publish("none"), keeps_quiet=UNNAMED
    ),
    "unpublished, superseded": Case(
        GENUINE, ("no longer in force", "It is not published"), lambda kept: kept.replaced(), keeps_quiet=UNNAMED
    ),
    "unpublished, not yet in force": Case(
        GENUINE, ("This version is not in force yet.",), status="completed", keeps_quiet=(*UNNAMED, "1 July 2026")
    ),
    "unpublished, older edition": Case(
        GENUINE, ("It is an older edition; a newer one exists.",), lambda kept: kept.joined(2),
        keeps_quiet=(*UNNAMED, "have joined"),
    ),
    "unpublished, asked by a signed-in member who may see it": Case(
        GENUINE, (IN_FORCE, TITLE, REFERENCE, "Open the page of this protocol"), reader=Role.AUDITOR
    ),
    "unpublished, asked by a member who may not see it": Case(
        GENUINE, (IN_FORCE, "It is not published"), reader=Role.VIEWER, keeps_quiet=(TITLE, REFERENCE)
    ),
    "text copy": Case(
        GENUINE, ("exactly what the parties sign. It carries no seal", IN_FORCE), asked=Kept.text_copy, keeps_quiet=UNNAMED
    ),
    "text copy, open for signature": Case(
        GENUINE, ("It is the text copy", "This version is not in force."), asked=Kept.text_copy,
        status="open-for-signature", keeps_quiet=UNNAMED,
    ),
    "public copy": Case(
        GENUINE, ("It is the public copy, sealed here and unchanged since.", IN_FORCE, TITLE),
        lambda kept: kept.publish("full"), asked=Kept.public_copy,
    ),
    "draft copy": Case(
        UNKNOWN, ("This is a draft copy", "Nobody is bound by a draft."),
        asked=lambda kept: small_pdf("A draft") + f"%{DRAFT_MARK}".encode(), keeps_quiet=UNNAMED,
    ),
    "altered file": Case(
        ALTERED, ("This document is not genuine", "Do not rely on it."), lambda kept: kept.publish("full"),
        asked=Kept.altered, keeps_quiet=(*UNNAMED, GENUINE),
    ),
    "unknown file": Case(
        UNKNOWN, ("We do not know this document",), asked=lambda kept: small_pdf("of a stranger"), keeps_quiet=UNNAMED
    ),
    "by code": Case(
        GENUINE, ("This code belongs to a genuine document", IN_FORCE, "choose the file itself"), asked=Kept.by_code,
        keeps_quiet=UNNAMED,
    ),
    "by an unknown code": Case(
        UNKNOWN, ("We do not know this code",), asked=lambda kept: "0000-0000-0000", keeps_quiet=UNNAMED
    ),
    "no PDF": Case(
        "", ("The file is not a PDF.", "Error: "), asked=lambda kept: b"PK zip", keeps_quiet=("portal-result--",)
    ),
    "a wrong code": Case(
        "", ("Enter the 12 letters and digits",), asked=lambda kept: "ABC", keeps_quiet=("portal-result--",)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_every_case_has_its_words(client, name):
    """The row of the table, asked through the page."""
    case = CASES[name]
    kept = Kept(case.status)
    case.given(kept)
    if case.reader:
        client.force_login(make_member(kept.framework, case.reader, mfa=case.reader != Role.VIEWER))
    asked = case.asked(kept)
    typed = {"code": asked} if isinstance(asked, str) else {"document": SimpleUploadedFile("p.pdf", asked)}
    html = client.post(reverse("verify"), typed).content.decode()
    assert case.result in html
    for words in case.says:
        assert words in html, words
    for words in case.keeps_quiet:
        assert words not in html, words


def test_a_draft_preview_carries_its_mark():
    """The bytes of a real draft preview hold the mark in the open; a text copy does not."""
    version = samples.golden()
    marked = {
        kind: DRAFT_MARK.encode() in render_protocol(version, samples.extras(version, kind))
        for kind in ("draft", "text_copy")
    }
    assert marked == {"draft": True, "text_copy": False}
