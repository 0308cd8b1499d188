"""Sealing and checking the ledger; the rows themselves are portal.models.ledger."""

import base64
import hashlib
import json

from django.db import connection, transaction

from portal import installation_key
from portal.models import LedgerSeal


def root_of(hashes, prev: str) -> str:
    """SHA-256 over the previous root and the hashes of the rows, in id order."""
    digest = hashlib.sha256(prev.encode())
    for row_hash in hashes:
        digest.update(bytes.fromhex(row_hash))
    return digest.hexdigest()


def statement(at, upto: int, count: int, root: str, prev: str) -> bytes:
    """The bytes that a seal signs: version of the form, moment (UTC), last row, rows, root, previous root."""
    return json.dumps([1, at.isoformat(), upto, count, root, prev], separators=(",", ":")).encode()


def seal(*, now) -> LedgerSeal | None:
    """Seal every row since the last seal, or nothing when there is none."""
    with transaction.atomic():
        rows = LedgerSeal.unsealed()
        if not rows:
            return None
        last = LedgerSeal.objects.order_by("-number").first()
        prev = last.root if last else ""
        upto, count, root = rows[-1][0], len(rows), root_of((row_hash for _id, row_hash in rows), prev)
        signature = installation_key.sign(statement(now, upto, count, root, prev), now=now)
        return LedgerSeal.objects.create(
            at=now, upto=upto, count=count, root=root, prev=prev, signature=base64.b64encode(signature).decode()
        )


def faults() -> list[tuple[str, int, str]]:
    """(chain, position, what) for every broken place of the ledger; empty when it is whole."""
    with connection.cursor() as cursor:
        cursor.execute("select chain, seq, fault from ledger_faults()")
        return cursor.fetchall()


def seal_faults() -> list[str]:
    """What is wrong with the seals themselves, in words; empty when every one is whole."""
    found, prev = [], ""
    for row in LedgerSeal.objects.order_by("number"):
        signed = statement(row.at, row.upto, row.count, row.root, row.prev)
        if row.prev != prev:
            found.append(f"seal {row.number} does not follow the one before it")
        if not installation_key.verify(signed, base64.b64decode(row.signature)):
            found.append(f"seal {row.number} does not bear the installation's signature")
        prev = row.root
    return found
