"""What is kept of a signature, word for word (evidence.md)."""

import hashlib
import json
import re

import pytest
from django.core.cache import cache
from django.db import transaction

import portal
from portal import request_facts, tenancy
from portal.models import AuditEvent
from portal.models.files import path_of
from portal.models.ledger import commitment
from protocols.canonical import SCHEMA, canonical_bytes
from signatories import evidence, workflow
from signatories.schedule import signature_rows
from signatories.statements import WORDING, statements
from tests.builders import NOW, advance, make_framework, make_organisation, make_party, make_version
from tests.signatories.signing import make_signer, proved, ticked

pytestmark = pytest.mark.django_db


@pytest.fixture
def framework():
    """A framework, entered."""
    cache.clear()
    framework = make_framework(name="Anyshire partnership", slug="anyshire")
    with tenancy.scope(framework.pk), transaction.atomic():
        yield framework


@pytest.fixture
def signed(framework):
    """(party, signer, signature) of a signature made over HTTP as far as the evidence can tell."""
    version = make_version(status="approved", framework=framework, parties=1)
    police = make_organisation(
        "Anyshire Police",
        framework,
        address="1 Quay Street\nAnytown",
        telephone="01632 960001",
        ico_number="ZA123456",
        ods_code="X26",
    )
    make_party(version, police, order=9)
    version = advance(version, "open-for-signature")
    party = version.parties.get(organisation=police)
    user = make_signer(
        party, full_name="Tamsin Reid", job_title="Assistant Chief Constable", email="tamsin.reid@example.org"
    )
    evidence.record_fetched(party, by=user, now=NOW)
    proved(user, version)
    token = request_facts.remember(
        ip="192.0.2.7", user_agent="Browser/1.0", request_id="abcdef0123456789", session_hash="5" * 64
    )
    try:
        form = ticked(party, opened_at=NOW, sign_in=(("password", NOW), ("mfa", NOW)))
        return party, user, workflow.sign(party, form, by=user, now=NOW)
    finally:
        request_facts.forget(token)


def test_the_eight_groups(signed):
    """Document, signer, authority, intent, authentication, circumstance, integrity, delivery: all there, copied."""
    party, user, signature = signed
    version, record = party.version, json.loads(signature.record)
    authority = signature.authority
    assert record == {
        "schema": "concordat/signature/1",
        "reference": signature.reference,
        "document": {
            "framework": "anyshire",
            "protocol": {"reference": version.protocol.reference, "title": version.protocol.title},
            "version": "1.0",
            "canonical_sha256": version.canonical.sha256,
            "text_copy": {"sha256": version.text_copy.sha256, "size": version.text_copy.size},
            "renderer": {
                "template": "pdf/protocol.html",
                "schema": SCHEMA,
                "software": portal.__version__,
            },
            "attachments": [],
        },
        "signer": {
            "user": user.pk,
            "full_name": "Tamsin Reid",
            "job_title": "Assistant Chief Constable",
            "email": "tamsin.reid@example.org",
            "organisation": {
                "name": "Anyshire Police",
                "address": "1 Quay Street\nAnytown",
                "telephone": "01632 960001",
                "ico_number": "ZA123456",
                "ods_code": "X26",
            },
        },
        "authority": {
            "capacity": "Director of Services, for and on behalf of Anyshire Police",
            "granted_by": "Ada Marsh, Chief Executive",
            "scope": "All information sharing protocols",
            "valid_from": "2026-01-01",
            "valid_to": None,
            "recorded_by": authority.recorded_by.full_name,
            "recorded_at": "2026-06-15T10:00:00+00:00",
            "document_sha256": None,
            "confirmation": "I am authorised to sign it for and on behalf of Anyshire Police.",
        },
        "intent": {
            "wording": 1,
            "lang": "en-gb",
            "statements": [
                {"key": "read", "text": "I have read and understood this protocol.", "ticked": True},
                {
                    "key": "authorised",
                    "text": "I am authorised to sign it for and on behalf of Anyshire Police.",
                    "ticked": True,
                },
                {"key": "bound", "text": "Anyshire Police intends to be bound by it.", "ticked": True},
                {
                    "key": "parent",
                    "text": "We are bound by General protocol of the area, dated 1 January 2020.",
                    "ticked": True,
                },
            ],
            "page_opened_at": "2026-06-15T10:00:00+00:00",
            "text_copy_fetched_at": "2026-06-15T10:00:00+00:00",
            "button": "Sign for Anyshire Police",
            "declining_offered": True,
        },
        "authentication": {
            "method": "TOTP",
            "credential": record["authentication"]["credential"],
            "proved_at": "2026-06-15T10:00:00+00:00",
            "bound_to_sha256": version.canonical.sha256,
            "sign_in": [
                {"method": "password", "at": "2026-06-15T10:00:00+00:00"},
                {"method": "mfa", "at": "2026-06-15T10:00:00+00:00"},
            ],
        },
        "circumstance": {
            "signed_at": "2026-06-15T10:00:00+00:00",
            "signed_at_london": "2026-06-15T11:00:00+01:00",
            "request_id": "abcdef0123456789",
            "session_sha256": "5" * 64,
            "software": portal.__version__,
            "person_commitment": commitment(signature.person.salt, {"ip": "192.0.2.7", "user_agent": "Browser/1.0"}),
        },
        "integrity": {"position": 1, "prev_sha256": ""},
        "delivery": {"copies": [{"kind": "signatories.signed", "to": "tamsin.reid@example.org"}, *told(signature)]},
    }


def told(signature):
    """The notices besides the signer's own, as queued."""
    return [
        {"kind": mail.kind, "to": mail.recipient}
        for mail in evidence.deliveries(signature)
        if mail.kind != "signatories.signed"
    ]


def test_the_record_is_its_own_bytes(signed):
    """The record is canonical JSON, stored as the bytes that were hashed; the ledger holds the hash."""
    _party, _user, signature = signed
    assert canonical_bytes(json.loads(signature.record)) == signature.record.encode()
    assert hashlib.sha256(signature.record.encode()).hexdigest() == signature.record_sha256
    row = AuditEvent.objects.get(verb="signatories.signature:made")
    assert row.payload["record_sha256"] == signature.record_sha256
    assert row.chain == signature.version.ledger_chain


def test_no_address_and_no_browser_in_the_record(signed):
    """They stand on the personal side, so that erasing them breaks nothing (UK-keep)."""
    _party, _user, signature = signed
    assert "192.0.2.7" not in signature.record
    assert "Browser/1.0" not in signature.record
    assert (signature.person.ip, signature.person.user_agent) == ("192.0.2.7", "Browser/1.0")


@pytest.mark.parametrize("field, value", [
    ("record", "{}"), ("record_sha256", "0" * 64), ("position", 7), ("prev_sha256", "1" * 64), ("reference", "SIG-0000-0000"),
])  # fmt: skip
def test_a_changed_signature_is_found(signed, field, value):
    """Whatever is altered in a copy of the row, the record says so."""
    signature = signed[2]
    assert evidence.faults(signature) == []
    if field == "record":
        value = signature.record.replace("Tamsin Reid", "Tamsin Read")
    setattr(signature, field, value)
    assert evidence.faults(signature)


def test_a_changed_person_is_found(signed):
    """The commitment covers address and browser."""
    signature = signed[2]
    signature.person.ip = "192.0.2.8"
    assert evidence.faults(signature) == ["person"]


def test_the_schedule_has_the_columns_of_the_source(signed):
    """HAR-13: organisation, address, registration number, name of signatory, title, signature, date."""
    row = signature_rows(signed[0].version)[0]
    assert [row[key] for key in ("organisation", "address", "registration_number", "signatory", "title", "signature")] == [
        "Anyshire Police", "1 Quay Street\nAnytown", "ZA123456", "Tamsin Reid", "Assistant Chief Constable", "Signed electronically",
    ]  # fmt: skip
    assert row["signed_at_words"] == "15 June 2026 at 11am"
    assert row["method"] == "A code from an authenticator app"


def test_a_damaged_text_is_not_signed(framework):
    """The kept canonical JSON is read in the act; if it is not what was stored, nothing is signed."""
    version = make_version(status="open-for-signature", framework=framework)
    party = version.parties.first()
    user = make_signer(party)
    proved(user, version)
    path = path_of(version.canonical.sha256)
    whole = path.read_bytes()
    try:
        path.write_bytes(whole + b" ")
        with pytest.raises(ValueError, match="SHA-256"), transaction.atomic():
            workflow.sign(party, ticked(party), by=user, now=NOW)
    finally:
        path.write_bytes(whole)


def test_wording_is_numbered(framework):
    """Golden wording 1: whoever changes a word raises the number and this test."""
    party = make_version(status="open-for-signature", framework=framework).parties.first()
    words = [shown.text.replace(party.name, "ORGANISATION") for shown in statements(party)]
    assert (WORDING, words) == (1, [
        "I have read and understood this protocol.",
        "I am authorised to sign it for and on behalf of ORGANISATION.",
        "ORGANISATION intends to be bound by it.",
        "We are bound by General protocol of the area, dated 1 January 2020.",
    ])  # fmt: skip


def test_references_can_be_read_aloud():
    """Eight characters of an alphabet without I, L, O and U."""
    for _ in range(50):
        assert re.fullmatch(r"SIG-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", evidence.new_reference())
