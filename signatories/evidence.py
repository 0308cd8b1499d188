"""The record of one signature: everything that was, in eight groups (evidence.md), as canonical JSON.

Built inside the signing transaction from rows that are locked or never change; stored once, never updated.
Address and browser are not in it, only a salted commitment to them, so that they can be erased (UK-keep).
"""

import json
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime

import portal
from portal import clock
from portal.db.statements import prepared
from portal.models import AuditEvent, OutgoingEmail
from portal.models.ledger import commitment
from portal.request_facts import facts as request_facts
from protocols.canonical import canonical_bytes, sha256_hex
from protocols.models.edition import CODE_ALPHABET
from signatories.models import Signature
from signatories.statements import WORDING, button_label, statements

SCHEMA = "concordat/signature/1"
TEMPLATE = "pdf/protocol.html"
FETCHED = "signatories.text-copy:fetched"


@dataclass(frozen=True, slots=True)
class Submission:
    """What the signer's form said.

    sha256: of the canonical JSON, as the page showed it. ticked: keys of the statements. opened_at: when the page
    was first opened (aware UTC). sign_in: (method, aware UTC) of each step of the session's sign-in. lang: of the page.
    """

    sha256: str
    ticked: tuple[str, ...]
    opened_at: datetime | None = None
    sign_in: tuple[tuple[str, datetime], ...] = ()
    lang: str = "en-gb"


@dataclass(frozen=True, slots=True)
class Evidence:
    """record: the canonical bytes. sha256: their hash. reference: as "SIG-7F3K-2QXM". salt, ip, user_agent: the
    personal side, kept one year in SignaturePerson."""

    reference: str
    record: bytes
    salt: str
    ip: str
    user_agent: str
    sha256: str = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "sha256", sha256_hex(self.record))


def new_reference() -> str:
    """ "SIG-" and eight characters in two groups (40 bits), to be read over the telephone."""
    letters = "".join(secrets.choice(CODE_ALPHABET) for _ in range(8))
    return f"SIG-{letters[:4]}-{letters[4:]}"


def build(party, submission, *, by, authority, proof, before, copies, now) -> Evidence:
    """The evidence of this signature. Call under the version's lock.

    proof: the spent SecondFactorProof. before: the version's Signature before this one, or None.
    copies: [(kind of mail, User)] that the same transaction queues. now: the moment of signing.
    """
    facts, salt, reference = request_facts(), secrets.token_hex(16), new_reference()
    ip, user_agent = facts.get("ip", ""), facts.get("user_agent", "")
    record = {
        "schema": SCHEMA,
        "reference": reference,
        "document": document_of(party.version),
        "signer": signer_of(party, by, authority),
        "authority": authority_as_recorded(authority, party),
        "intent": intent_of(party, submission, by),
        "authentication": {
            "method": proof.method,
            "credential": proof.credential,
            "proved_at": utc(proof.made_at),
            "bound_to_sha256": proof.sha256,
            "sign_in": [{"method": method, "at": utc(at)} for method, at in submission.sign_in],
        },
        "circumstance": {
            "signed_at": utc(now),
            "signed_at_london": now.astimezone(clock.LONDON).isoformat(),
            "request_id": facts.get("request_id", ""),
            "session_sha256": facts.get("session_hash", ""),
            "software": portal.__version__,
            "person_commitment": person_commitment(salt, ip, user_agent),
        },
        "integrity": {
            "position": before.position + 1 if before else 1,
            "prev_sha256": before.record_sha256 if before else "",
        },
        "delivery": {"copies": [{"kind": kind, "to": person.email} for kind, person in copies]},
    }
    return Evidence(reference, canonical_bytes(record), salt, ip, user_agent)


def person_commitment(salt: str, ip: str, user_agent: str) -> str:
    """What stands in the record for the personal side."""
    return commitment(salt, {"ip": ip, "user_agent": user_agent})


def utc(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC, or None."""
    return moment.astimezone(UTC).isoformat() if moment else None


def document_of(version) -> dict:
    """Group 1. Reads the kept canonical JSON, so a damaged file is found before anything is signed (ValueError)."""
    frozen = json.loads(version.canonical.content())
    return {
        "framework": version.framework.slug,
        "protocol": {"reference": version.protocol.reference, "title": version.protocol.title},
        "version": version.number,
        "canonical_sha256": version.canonical.sha256,
        "text_copy": {"sha256": version.text_copy.sha256, "size": version.text_copy.size},
        "renderer": {"template": TEMPLATE, "schema": frozen["schema"], "software": frozen["software"]},
        "attachments": frozen["attachments"],
    }


def signer_of(party, user, authority) -> dict:
    """Group 2, copied as at signing; name and address of the organisation as the frozen text has them (HAR-2.2)."""
    organisation = party.organisation
    return {
        "user": user.pk,
        "full_name": user.full_name,
        "job_title": user.job_title or authority.capacity,
        "email": user.email,
        "organisation": {
            "name": party.name,
            "address": party.address,
            "telephone": party.telephone,
            "ico_number": organisation.ico_number or None,
            "ods_code": organisation.ods_code or None,
        },
    }


def authority_as_recorded(authority, party) -> dict:
    """Group 3: the grant, and the signer's own confirmation in the words that were ticked."""
    confirmation = next(shown.text for shown in statements(party) if shown.key == "authorised")
    return {
        **grant_of(authority),
        "document_sha256": None,  # of a scanned instrument; none can be uploaded yet
        **(delegation_of(authority) if authority.delegated_from_id else {}),
        "confirmation": confirmation,
    }


def delegation_of(authority) -> dict:
    """For a delegated authority, the grant under which it was delegated: the other link of the chain (SIG-who)."""
    above = authority.delegated_from
    return {
        "delegated_under": {
            "holder": above.user.full_name,
            "job_title": above.user.job_title,
            **grant_of(above),
        }
    }


def grant_of(authority) -> dict:
    """Who granted it, for what, from and to when, and who recorded it."""
    return {
        "capacity": authority.capacity,
        "granted_by": authority.granted_by,
        "scope": authority.scope,
        "valid_from": authority.valid_from.isoformat(),
        "valid_to": authority.valid_to.isoformat() if authority.valid_to else None,
        "recorded_by": authority.recorded_by.full_name if authority.recorded_by else None,
        "recorded_at": utc(authority.recorded_at),
    }


def intent_of(party, submission, user) -> dict:
    """Group 4: the words as shown, each ticked by hand; when page and PDF were opened; that declining was offered."""
    return {
        "wording": WORDING,
        "lang": submission.lang,
        "statements": [
            {"key": shown.key, "text": shown.text, "ticked": shown.key in submission.ticked}
            for shown in statements(party)
        ],
        "page_opened_at": utc(submission.opened_at),
        "text_copy_fetched_at": utc(text_copy_fetched_at(party, user)),
        "button": button_label(party),
        "declining_offered": True,
    }


def text_copy_fetched_at(party, user) -> datetime | None:
    """When the person first fetched the PDF from the signing page, if ever."""
    return next(iter(fetches(party, user.pk)), None)


@prepared
def fetches(party, user):
    """The moment of the first, of this person."""
    fetched = AuditEvent.objects.about(party).filter(verb=FETCHED, person__user_id=user)
    return fetched.order_by("at").values_list("at", flat=True)[:1]


def record_fetched(party, *, by, now):
    """The representative fetched the text copy from the signing page: an access event."""
    AuditEvent.objects.record(FETCHED, party, by=by, now=now, text_copy_sha256=party.version.text_copy.sha256)


def deliveries(signature) -> list[OutgoingEmail]:
    """Group 8 as it stands now: the mails that carried news of this signature, with their delivery state."""
    return list(OutgoingEmail.objects.filter(ids__signature=signature.pk).order_by("pk"))


def faults(signature: Signature) -> list[str]:
    """What in a stored signature does not agree with its record; empty when it is whole."""
    record = json.loads(signature.record)
    person = getattr(signature, "person", None)
    found = []
    if sha256_hex(signature.record.encode()) != signature.record_sha256:
        found.append("record_sha256")
    if (record["integrity"]["position"], record["integrity"]["prev_sha256"]) != (
        signature.position,
        signature.prev_sha256,
    ):
        found.append("integrity")
    if record["reference"] != signature.reference:
        found.append("reference")
    if (
        person
        and person_commitment(person.salt, person.ip, person.user_agent) != record["circumstance"]["person_commitment"]
    ):
        found.append("person")
    return found
