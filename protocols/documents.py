"""From rows to documents: the canonical JSON, the freeze, the editions.

What is signed is stored once (canonical JSON and text copy) and never rendered again; editions are new
files beside it. Rendering happens outside any transaction; under the lock only hashes are compared.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

import portal
from portal import clock, installation_key
from portal.errors import StateError
from portal.models import LedgerSeal, StoredFile
from portal.templatetags.dates import longdate
from protocols.canonical import SCHEMA, canonical_bytes, sha256_hex
from protocols.editorial import is_exempt, words_of
from protocols.models import Adoption, Clause, Edition, Pilot, Version
from protocols.models.flow import EVERYBODY
from protocols.printing import render_protocol

PDF = "application/pdf"


def canonical(version: Version) -> dict:
    """The canonical JSON of a version as a dictionary (schema concordat/protocol-version/2)."""
    protocol, framework = version.protocol, version.framework
    return {
        "schema": SCHEMA,
        "software": portal.__version__,
        "lang": version.lang,
        "demonstration": settings.PORTAL_DEMO,
        "framework": {"name": framework.name, "slug": framework.slug, "nation": framework.nation},
        "protocol": {
            "reference": protocol.reference,
            "title": protocol.title,
            "tier": tier_of(protocol.tier),
            **({"partnership": protocol.partnership.name} if protocol.partnership else {}),
            "parent": parent_of(protocol),
            "lead_organisation": protocol.lead_organisation.name,
            "nation": protocol.nation,
            "deciding_body": protocol.deciding_body.name if protocol.deciding_body else None,
        },
        "version": {
            "number": version.number,
            "classification": version.classification,
            "effective_on": iso(version.effective_on),
            "sign_by": iso(version.sign_by),
            "expires_on": iso(version.expires_on),
            **pilot_of(version),
            "review": {"first_months": version.review_first_months, "then_months": version.review_then_months},
        },
        "document_control": {
            "drafts": drafts_of(version),
            "approvals": approvals_of(version),
            **({"consulted": consulted} if (consulted := consulted_of(version)) else {}),
        },
        "definitions": [{"term": row.term, "text": row.text} for row in version.terms.all()],
        "purposes": [{"label": row.label, "text": row.text} for row in version.purposes.all()],
        "data_items": [
            {"label": row.label, "level": row.level, "name": row.name, "detail": row.detail}
            for row in version.data_items.all()
        ],
        "data_flows": flows_of(version),
        "related_documents": [
            {"title": row.title, "owner": row.owner, "dated": iso(row.dated), "link": row.link}
            for row in version.related_documents.all()
        ],
        "parties": [party_of(party, protocol) for party in version.parties.select_related("organisation")],
        "clauses": [clause_of(clause) for clause in Clause.objects.filter(version=version).tree()],
        "attachments": [],
    }


def tier_of(tier) -> dict:
    """Level and name; and that it is adopted, where it is not signed (DUD-8)."""
    return {"level": tier.level, "name": tier.name} | ({"adopted": True} if tier.adopted else {})


def pilot_of(version) -> dict:
    """The period of a pilot, where the version is one (DUD-11)."""
    pilot = Pilot.objects.filter(version=version).first()
    return {"pilot": {"from": iso(pilot.starts_on), "to": iso(pilot.ends_on)}} if pilot else {}


def flows_of(version) -> list[dict]:
    """The flows of a version as they stand in the canonical JSON. "from": null is any of the parties, "to": null is
    every other party; an organisation that is no party any more is left out, and the draft lacks it (protocols.gaps)."""
    names = {str(organisation): name for organisation, name in version.parties.values_list("organisation", "name")}
    return [
        {
            "label": flow.label,
            "from": None if flow.source == EVERYBODY else names.get(flow.source, ""),
            "to": None if EVERYBODY in flow.recipients else [names[one] for one in flow.recipients if one in names],
            "data_items": list(flow.items),
            "purposes": list(flow.purposes),
            "method": flow.method,
            "frequency": flow.frequency,
            "onward": {"allowed": flow.onward, "to": flow.onward_to},
            "power": flow.power,
            "readers": {"roles": flow.roles, "vetting": flow.vetting},
        }
        for flow in version.data_flows.all()
    ]


def iso(day):
    """ISO date or None."""
    return day.isoformat() if day else None


def parent_of(protocol) -> dict | None:
    """The parent as the text names it: inside the portal, external, or none."""
    if protocol.external_parent:
        return {
            "reference": None,
            "title": protocol.external_parent,
            "version": None,
            "dated": iso(protocol.external_parent_dated),
            "external": True,
        }
    if protocol.parent is None:
        return None
    held = protocol.parent.in_force or protocol.parent.latest
    dated = clock.london_date(held.completed_at) if held and held.completed_at else None
    return {
        "reference": protocol.parent.reference,
        "title": protocol.parent.title,
        "version": held.number if held else None,
        "dated": iso(dated),
        "external": False,
    }


def drafts_of(version) -> list[dict]:
    """The numbered drafts that were circulated (HAR-¶9)."""
    author = version.protocol.lead_organisation.name
    return [
        {
            "number": _("Draft %(number)d") % {"number": issue.number},
            "date": clock.london_date(issue.issued_at).isoformat(),
            "author": author,
            "change": issue.change or _("Circulated for consultation"),
        }
        for issue in version.issues.all()
    ]


def consulted_of(version) -> list[dict]:
    """Who was consulted beside the parties: events with groups and counts (HAM-consult), bodies (KEN-5.2)."""
    return [
        {"kind": row.kind, "name": row.name, "date": iso(row.held_on), "groups": row.groups}
        for row in version.consulted.all()
    ]


def approvals_of(version) -> list[dict]:
    """The decision under which the text opens for signature (HAR-2.3)."""
    if version.approval is None:
        return []
    decision = version.approval
    return [
        {
            "body": str(decision.board or decision.delegation_scheme),
            "date": decision.decided_on.isoformat(),
            "reference": decision.reference,
            "outcome": outcome_words(decision),
        }
    ]


def outcome_words(decision) -> str:
    """The outcome as document control prints it."""
    if decision.no_re_signing:
        return _("%(outcome)s; editorial change, not signed again") % {"outcome": decision.get_outcome_display()}
    return decision.get_outcome_display()


def party_of(party, protocol) -> dict:
    """One row of the parties' schedule (HAR-2.2)."""
    return {
        "organisation": party.name,
        "address": party.address,
        "telephone": party.telephone,
        "ico_number": party.organisation.ico_number or None,
        "ods_code": party.organisation.ods_code or None,
        "required": party.required or party.released_at is not None,  # what was asked for at the freeze
        "lead": party.organisation_id == protocol.lead_organisation_id,
    }


def clause_of(clause) -> dict:
    """One clause with what stands below it."""
    return {
        "uid": str(clause.uid),
        "kind": clause.kind,
        "label": clause.label,
        "title": clause.title,
        "text": clause.text,
        "children": [clause_of(child) for child in clause.below],
    }


@dataclass(frozen=True, slots=True)
class Frozen:
    """A version's canonical bytes and its text copy, made outside the lock, to be kept under it."""

    canonical_bytes: bytes
    text_copy: bytes

    @property
    def canonical_sha256(self) -> str:
        """What every signature binds, together with the text copy's."""
        return sha256_hex(self.canonical_bytes)

    @property
    def text_copy_sha256(self) -> str:
        """SHA-256 of the exact PDF that is read and signed."""
        return sha256_hex(self.text_copy)

    def keep(self, version, *, now):
        """Store both, once. Call under the version's lock; raises StateError if the text changed meanwhile."""
        if canonical_bytes(canonical(version)) != self.canonical_bytes:
            raise StateError(
                _("The text changed while its copy was being made."), _("Look at the draft and open it again.")
            )
        name = f"{version.protocol.reference}-{version.number}"
        keep = partial(
            StoredFile.objects.keep,
            framework=version.framework,
            audience=StoredFile.Audience.MEMBERS,
            subject=version,
            now=now,
        )
        version.canonical = keep(
            self.canonical_bytes, name=f"{name}.json", media_type="application/json", purpose="canonical"
        )
        version.text_copy = keep(self.text_copy, name=f"{name}-text-copy.pdf", media_type=PDF, purpose="text-copy")


def prepare(version, *, now) -> Frozen:
    """Render the text copy of an approved version. Takes about a second; hold no lock. May raise RenderError."""
    data = canonical(version)
    extras = extras_of(
        kind="text_copy",
        made_at=now,
        canonical_sha256=sha256_hex(canonical_bytes(data)),
        status_words=opening_words(version),
        not_signed_again=words_of(version),
    )
    return Frozen(canonical_bytes(data), render_protocol(data, extras))


def opening_words(version) -> str:
    """What the text copy says of its state."""
    if version.protocol.tier.adopted:
        return _("For adoption")
    return _("Not signed again") if is_exempt(version) else _("Open for signature")


def draft_pdf(version, *, now) -> bytes:
    """A preview of a draft: DRAFT in words and behind the text, kept nowhere."""
    data = canonical(version)
    return render_protocol(data, extras_of(kind="draft", made_at=now, status_words=version.get_status_display()))


def extras_of(*, kind, made_at, status_words, canonical_sha256=None, **more) -> dict:
    """The part of a document that is not frozen, as protocols.printing takes it."""
    edition = {
        "number": more.pop("number", 1),
        "kind": kind,
        "code": more.pop("code", None),
        "audience": {"public": _("Public copy")}.get(kind, _("The parties")),
        "verify_url": more.pop("verify_url", f"{settings.PORTAL_URL}{reverse('verify')}"),
        "made_at": made_at.isoformat(),
        "canonical_sha256": canonical_sha256,
        "text_copy_sha256": more.pop("text_copy_sha256", None),
        "status_words": status_words,
    }
    nothing: dict = {
        "signatures": [], "adoption": None, "completed_at": None, "in_force_from": None, "checkpoint": None,
    }  # fmt: skip
    nothing["not_signed_again"] = {}
    return {"edition": edition, **nothing, **more}


def adoption_of(version) -> dict | None:
    """The decision by which the one organisation adopted it, or None where it is signed (DUD-8)."""
    held = Adoption.objects.filter(version=version).first()
    if held is None:
        return None
    return {
        "organisation": held.adopted_by,
        "body": held.body,
        "date": held.decided_on.isoformat(),
        "reference": held.reference,
        "statement": held.statement,
    }


def edition_of(version, kind, number, *, now) -> Edition:
    """The row of an edition, made on first call, so that pages can say "being sealed"."""
    edition, _created = Edition.objects.get_or_create(
        framework=version.framework, version=version, kind=kind, number=number, defaults={"made_at": now}
    )
    return edition


def make_edition(version_id: int, kind, signatures: Callable[[Version], list[dict]], *, number=1, now) -> Edition:
    """Render, seal and keep one edition of a version. Safe to run twice; the worker retries if anything fails.

    signatures: gives the rows of the signature schedule and evidence page (HAR-13), from signatories. Needs the
    framework's scope; rendering and sealing happen between two short transactions.
    """
    with transaction.atomic():
        version = Version.objects.select_related("framework", "protocol", "canonical", "text_copy").get(pk=version_id)
        edition = edition_of(version, kind, number, now=now)
        if edition.status == Edition.Status.SEALED:
            return edition
        material = material_of(edition, signatures(version))
    sealed = installation_key.seal_pdf(render_protocol(*material), now=now)
    public = edition.kind == Edition.Kind.PUBLIC
    suffix = "public-copy" if public else f"edition-{edition.number}"
    with transaction.atomic():
        stored = StoredFile.objects.keep(
            sealed,
            framework=version.framework,
            name=f"{version.protocol.reference}-{version.number}-{suffix}.pdf",
            media_type=PDF,
            purpose="public-copy" if public else "sealed-edition",
            audience=StoredFile.Audience.PUBLIC if public else StoredFile.Audience.PARTIES,
            subject=version,
            now=now,
        )
        edition.sealed(stored, now=now)
    return edition


def material_of(edition: Edition, signatures: list[dict]) -> tuple[dict, dict]:
    """What protocols.printing needs for an edition: the frozen JSON and what is not frozen."""
    version = edition.version
    kept = version.kept()
    checkpoint = LedgerSeal.objects.order_by("-number").first()
    extras = extras_of(
        kind="public" if edition.kind == Edition.Kind.PUBLIC else "sealed",
        made_at=edition.made_at,
        number=edition.number,
        code=edition.code,
        verify_url=f"{settings.PORTAL_URL}{reverse('verify')}?code={edition.code}",
        canonical_sha256=kept.canonical.sha256,
        text_copy_sha256=kept.text_copy.sha256,
        status_words=_("In force from %(date)s") % {"date": longdate(clock.london_date(kept.in_force_from))},
        signatures=signatures,
        adoption=adoption_of(version),
        not_signed_again=words_of(version),
        completed_at=kept.completed_at.isoformat(),
        in_force_from=kept.in_force_from.isoformat(),
        checkpoint=checkpoint
        and {"number": checkpoint.number, "root": checkpoint.root, "at": checkpoint.at.isoformat()},
    )
    return json.loads(kept.canonical.content()), extras
