"""Is this document genuine? Decided by the kept SHA-256 and by the seal together, never by one of them (evidence.md).

A file whose hash is unknown is never genuine, and so never parsed: nothing that a stranger sends is opened
here. Only bytes that the portal itself has kept go to the PDF library.
"""

import hashlib
import re
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import connection, transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal import installation_key
from portal.models import Framework
from portal.permissions import Access
from portal.templatetags.dates import longdate, longdatetime
from portal.tenancy import scope
from protocols.models import Edition, Party, Publication, Version
from protocols.printing import DRAFT_MARK
from protocols.register import PUBLISHED

GENUINE, ALTERED, UNKNOWN = "genuine", "altered", "unknown"
# A version that ended unbinds everybody; only these have left by themselves
# Letters that people type for digits; the alphabet of the codes has none of them
MISTAKEN = str.maketrans("OIL", "011")


@dataclass(slots=True)
class Verdict:
    """What the page says. result: genuine, altered or unknown; rows: for the summary list; href: for those who may see."""

    result: str
    title: str
    text: str = ""
    more: list[str] = field(default_factory=list)
    rows: list[dict] = field(default_factory=list)
    href: str = ""
    link_text: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A row of verify_lookup: ids only. kind: "parties", "public" or "text-copy"."""

    framework: int
    version: int
    edition: int | None
    kind: str


def tidy_code(typed: str) -> str:
    """The code as it is kept, from how it was typed: case, spaces, dashes and look-alike letters do not matter.

    Raises ValueError if twelve letters and digits are not what is left.
    """
    letters = re.sub(r"[\s\-–—]+", "", typed).upper().translate(MISTAKEN)
    if not re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{12}", letters):
        raise ValueError(typed)
    return "-".join(letters[start : start + 4] for start in (0, 4, 8))


def look_up(*, sha256: str = "", code: str = "") -> Found | None:
    """Which kept document has this hash or code, in whatever framework."""
    with connection.cursor() as cursor:
        cursor.execute("select framework_id, version_id, edition_id, kind from verify_lookup(%s, %s)", [sha256, code])
        row = cursor.fetchone()
    return Found(*row) if row else None


def verify_file(content: bytes, *, user, now) -> Verdict:
    """The verdict on a file."""
    sha256 = hashlib.sha256(content).hexdigest()
    found = look_up(sha256=sha256)
    if found is None:
        if sealed_here(content, now=now):
            return altered()
        return draft_copy() if DRAFT_MARK.encode() in content else unknown_file()
    if found.edition is not None:
        report = installation_key.check_pdf(content, now=now)
        if not report.bottom_line:
            return unconfirmed(report.reason)
    verdict = on_kept_document(found, user=user, by_code=False)
    verdict.rows.append({"key": _("SHA-256 of the file"), "value": sha256})
    return verdict


def verify_code(code: str, *, user) -> Verdict:
    """The verdict on a code: it shows that the document exists, not that a file is unchanged."""
    found = look_up(code=code)
    if found is None:
        return Verdict(
            UNKNOWN,
            _("We do not know this code"),
            _("No document with the code %(code)s was sealed here.") % {"code": code},
            [_("Check that you typed it as it is printed, or choose the PDF itself.")],
        )
    return on_kept_document(found, user=user, by_code=True)


def sealed_here(content: bytes, *, now) -> bool:
    """Does the file carry traces of our seal? Bytes are searched, nothing is parsed.

    Key and serial number stand in different places of a seal, so one changed byte leaves at least one of them.
    """
    pem = installation_key.certificate_pem(installation_key.key_file(now=now))
    certificate = x509.load_pem_x509_certificate(pem)
    key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    serial = certificate.serial_number.to_bytes((certificate.serial_number.bit_length() + 7) // 8, "big")
    traces = [key, serial] if len(serial) >= 8 else [key]  # a short number would be found in any file
    lowered = content.lower()
    return any(trace in content or trace.hex().encode() in lowered for trace in traces)


def altered() -> Verdict:
    """The hash is unknown, but the file says that it was sealed here."""
    return Verdict(
        ALTERED,
        _("This document is not genuine"),
        _("It carries traces of a seal of this installation, but it is not a file that was sealed here."),
        [
            _(
                "Something in it was changed or added after it was sealed, or its seal was copied from another document."
            ),
            _("Do not rely on it. Ask the person who sent it, or the lead organisation, for the original file."),
        ],
    )


def unconfirmed(reason: str) -> Verdict:
    """The bytes are known, yet the seal does not hold: never genuine by the hash alone."""
    return Verdict(
        ALTERED,
        _("The seal of this document cannot be confirmed"),
        reason,
        [_("The file is one that was kept here. Tell the people who run this installation.")],
    )


def draft_copy() -> Verdict:
    """It says of itself that it is a draft: there is nothing to confirm, since drafts are neither sealed nor kept."""
    return Verdict(
        UNKNOWN,
        _("This is a draft copy"),
        _("It says of itself that it is a draft. Drafts are not sealed, so nobody can confirm that it is genuine."),
        [_("Nobody is bound by a draft. Ask the lead organisation for the version that is in force.")],
    )


def unknown_file() -> Verdict:
    """Not ours, or no longer ours."""
    return Verdict(
        UNKNOWN,
        _("We do not know this document"),
        _("It is not a file that was made and kept here."),
        [
            _(
                "That is also the answer if it was opened and saved again by a program, printed and scanned, or if it is"
                " a draft. Use the file exactly as you received it."
            )
        ],
    )


def on_kept_document(found: Found, *, user, by_code) -> Verdict:
    """What may be said of a genuine document to this reader, asked in the document's own framework."""
    with scope(found.framework, user_id=user.pk), transaction.atomic():
        framework = Framework.objects.get(pk=found.framework)
        access = Access.of(user, framework)
        version = Version.objects.select_related("protocol__tier").get(framework=framework, pk=found.version)
        decision = Publication.objects.in_effect().filter(version=version).first()
        edition = Edition.objects.filter(version=version, pk=found.edition).first() if found.edition else None
        may_see = Version.objects.visible_to(access).filter(pk=version.pk).exists()
        named = may_see or (decision is not None and decision.level in PUBLISHED)
        verdict = Verdict(
            GENUINE, _("This code belongs to a genuine document") if by_code else _("This document is genuine")
        )
        verdict.text = kind_words(edition, adopted=version.protocol.tier.adopted)
        verdict.more = [force_words(version, named=named)]
        if edition:
            verdict.more += edition_words(edition, named=named)
        if by_code:
            verdict.more.append(_("To know that the file in your hands is unchanged, choose the file itself below."))
        verdict.rows = document_rows(version, edition, framework, named=named)
        if not named:
            verdict.more.append(
                _("It is not published, so nothing more is said of it here. Its parties see more after they sign in.")
            )
        if may_see:
            verdict.href = reverse("protocol", args=[framework.slug, version.protocol.reference])
            verdict.link_text = _("Open the page of this protocol")
        elif named and version.status == Version.Status.IN_FORCE:
            verdict.href = reverse("public-protocol", args=[framework.slug, version.protocol.reference])
            verdict.link_text = _("Open it in the public register")
    return verdict


def kind_words(edition, *, adopted=False) -> str:
    """What kind of file it is."""
    if edition is None and adopted:
        return _("It is the text copy: exactly what was adopted. It carries no seal.")
    if edition is None:
        return _("It is the text copy: exactly what the parties sign. It carries no seal and no signatures.")
    if edition.kind == Edition.Kind.PUBLIC:
        return _("It is the public copy, sealed here and unchanged since.")
    return _("It is edition %(number)d of the parties’ copy, sealed here and unchanged since.") % {
        "number": edition.number
    }


def force_words(version, *, named) -> str:
    """Is it the version in force?"""
    if version.status == Version.Status.IN_FORCE:
        return _("This version is in force.")
    if version.status == Version.Status.SUPERSEDED:
        return _("This version is no longer in force: a newer version has replaced it.")
    if version.status == Version.Status.WITHDRAWN:
        return _("This version is no longer in force: it was withdrawn.")
    if version.status == Version.Status.EXPIRED:
        return _("This version is no longer in force: it has expired.")
    if version.status == Version.Status.COMPLETED:
        if named:
            return _("This version is not in force yet. It comes into force on %(date)s.") % {
                "date": longdate(version.in_force_from)
            }
        return _("This version is not in force yet.")
    return _("This version is not in force.")


def edition_words(edition, *, named) -> list[str]:
    """Whether a newer edition exists, and what happened to the parties since."""
    newest = Edition.objects.filter(version=edition.version, kind=edition.kind).order_by("-number").first()
    if newest is None or newest.pk == edition.pk:
        return [_("It is the current edition.")]
    if not named:
        return [_("It is an older edition; a newer one exists.")]
    parties = Party.objects.filter(version=edition.version)
    joined = parties.filter(signed_at__gt=edition.made_at).count()
    left = parties.filter(status__in=Party.LEFT, bound_until__gt=edition.made_at).count()
    words = [
        _("It is edition %(number)d; the current one is edition %(newest)d.")
        % {"number": edition.number, "newest": newest.number}
    ]
    if joined:
        words.append(
            ngettext(
                "Since then %(count)d organisation has joined.",
                "Since then %(count)d organisations have joined.",
                joined,
            )
            % {"count": joined}
        )
    if left:
        words.append(
            ngettext(
                "Since then %(count)d organisation has left.", "Since then %(count)d organisations have left.", left
            )
            % {"count": left}
        )
    return words


def document_rows(version, edition, framework, *, named) -> list[dict]:
    """Facts of the document. Without `named` nothing that tells what it is about: no title, reference or party."""
    rows = []
    if named:
        rows += [
            {"key": _("Title"), "value": version.protocol.title},
            {"key": _("Reference"), "value": version.protocol.reference},
            {"key": _("Version"), "value": version.number},
            {"key": _("Register"), "value": framework.name},
        ]
        if version.status == Version.Status.IN_FORCE:
            rows.append({"key": _("In force since"), "value": longdate(version.in_force_from)})
    if edition:
        rows += [
            {"key": _("Code"), "value": edition.code},
            {"key": _("Made"), "value": longdatetime(edition.made_at)},
        ]
    return rows
