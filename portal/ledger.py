"""Sealing and checking the ledger; the rows themselves are portal.models.ledger."""

import hashlib
import json

from django.conf import settings
from django.db import connection, transaction

from portal import seal as sealing
from portal.models import LedgerSeal


def root_of(hashes, prev: str) -> str:
    """SHA-256 over the previous root and the hashes of the rows, in id order."""
    digest = hashlib.sha256(prev.encode())
    for row_hash in hashes:
        digest.update(bytes.fromhex(row_hash))
    return digest.hexdigest()


def statement(number_before: int, at, upto: int, count: int, root: str, prev: str) -> bytes:
    """The bytes that a seal signs."""
    return json.dumps([1, number_before, at.isoformat(), upto, count, root, prev], separators=(",", ":")).encode()


def seal(*, now) -> LedgerSeal | None:
    """Seal every row since the last seal, or nothing when there is none."""
    with transaction.atomic():
        rows = LedgerSeal.unsealed()
        if not rows:
            return None
        last = LedgerSeal.objects.order_by("-number").first()
        prev, before = (last.root, last.number) if last else ("", 0)
        root = root_of((row_hash for _id, row_hash in rows), prev)
        signed = sealing.sign_bytes(statement(before, now, rows[-1][0], len(rows), root, prev), key=sealing_key())
        return LedgerSeal.objects.create(at=now, upto=rows[-1][0], count=len(rows), root=root, prev=prev, signature=signed)


def sealing_key():
    """The installation's key: made on first use."""
    return sealing.load(settings.SEAL_PKCS12, settings.SEAL_PASSPHRASE)


def faults() -> list[tuple[str, int, str]]:
    """(chain, position, what) for every broken place of the ledger; empty when it is whole."""
    with connection.cursor() as cursor:
        cursor.execute("select chain, seq, fault from ledger_faults()")
        return cursor.fetchall()
