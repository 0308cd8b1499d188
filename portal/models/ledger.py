"""The ledger: everything that was done, append-only, hash-chained per protocol.

A row is written in the same transaction as the act. It has no foreign keys to live data: it outlives what
it describes. Position, previous hash and hash are set by a trigger under the lock of the chain's head;
UPDATE, DELETE and TRUNCATE are refused by triggers and by grant (portal/db/ledger.sql).
"""

import hashlib
import json
import secrets
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.contrib.postgres.indexes import BTreeIndex
from django.db import connection, models

from portal import agenda
from portal.db.context import current
from portal.models.tenant import TenantManager, TenantQuerySet
from portal.request_facts import facts as request_facts

INSTALLATION = "installation"
# planned once on a connection: every act has one or two of these, and planning takes longer than writing
APPEND = """
with event as (
  insert into portal_auditevent (framework_id, chain, at, verb, subject_type, subject_id, subject_label, request_id,
    payload, actor_commitment, form)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
  returning id, seq, prev, hash
), person as (
  insert into portal_auditperson (event_id, framework_id, salt, user_id, name, ip, user_agent)
  select id, $1, $12, $13, $14, $15, $16 from event
)
select id, seq, prev, hash from event
"""
PREPARE = (
    'prepare "ledger_append" (bigint, text, timestamptz, text, text, bigint, text, text, jsonb, text, smallint,'
    " text, bigint, text, text, text) as "
)
EXECUTE = f'execute "ledger_append" ({", ".join(["%s"] * 16)})'


def commitment(salt: str, person: dict[str, Any]) -> str:
    """SHA-256 over salt and person: stands in the chain, so that erasing the person breaks nothing."""
    return hashlib.sha256((salt + json.dumps(person, sort_keys=True, ensure_ascii=False)).encode()).hexdigest()


# access → the condition of rows whose chain is closed to the reader; each app adds its own
HIDDEN_CHAINS: list[Callable[[Any], models.Q]] = []


def hide_chains(rule: Callable[[Any], models.Q]) -> Callable[[Any], models.Q]:
    """Register what of the ledger is closed to a reader; usable as a decorator."""
    if rule not in HIDDEN_CHAINS:
        HIDDEN_CHAINS.append(rule)
    return rule


class AuditEventQuerySet(TenantQuerySet["AuditEvent"]):
    """Ledger rows."""

    def about(self, subject):
        """Rows about one thing."""
        return self.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk)

    def visible_to(self, access):
        """Rows of chains that the reader may see: auditors all of the framework but the chains that are closed to them,
        which are left out whole and not named (HAR-6.4); others none."""
        if not access.can("read_ledger"):
            return self.none()
        mine = self.filter(framework_id=access.framework.pk)
        for closed in HIDDEN_CHAINS:
            mine = mine.exclude(closed(access))
        # what a closed session hides from the reader has no rows for them either
        hidden = apps.get_model("portal.AgendaItem")._base_manager.filter(agenda.hidden(access)).values("pk")
        return mine.exclude(subject_type="portal.agendaitem", subject_id__in=hidden)

    def record(self, verb: str, subject, *, by, now, chain: str | None = None, **payload) -> "AuditEvent":
        """Append one row.

        verb: namespaced ("protocols.version:approved"). by: User or None (the system).
        chain: default is the subject's `ledger_chain` ("protocol:12") or the framework's.
        payload: JSON values; what was, what is, why.
        """
        framework = getattr(subject, "framework_id", None) or current.get().framework
        chain = (
            chain or getattr(subject, "ledger_chain", None) or (f"framework:{framework}" if framework else INSTALLATION)
        )
        facts = request_facts()
        person = {
            "id": getattr(by, "pk", None),
            "name": getattr(by, "full_name", "") or "",
            "ip": facts.get("ip", ""),
            "user_agent": facts.get("user_agent", ""),
        }
        salt = secrets.token_hex(16)
        event = self.model(
            framework_id=framework,
            chain=chain,
            at=now,
            verb=verb,
            subject_type=subject._meta.label_lower,
            subject_id=subject.pk,
            subject_label=str(subject)[:300],
            request_id=facts.get("request_id", ""),
            payload={key: value for key, value in payload.items() if value not in ("", None)},
            actor_commitment=commitment(salt, person),
        )
        event.append(salt=salt, person=person)
        return event


AuditEventManager = TenantManager.from_queryset(AuditEventQuerySet)


class AuditEvent(models.Model):
    """One act. `seq`, `prev` and `hash` are filled by the database."""

    framework_id = models.BigIntegerField(null=True)
    chain = models.CharField(max_length=60)
    seq = models.BigIntegerField(db_default=0)
    at = models.DateTimeField()
    verb = models.CharField(max_length=80)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField(null=True)
    subject_label = models.CharField(max_length=300)
    request_id = models.CharField(max_length=64, blank=True)
    payload = models.JSONField(default=dict)
    actor_commitment = models.CharField(max_length=64)
    form = models.SmallIntegerField(default=1)  # version of the canonical bytes
    prev = models.CharField(max_length=64, db_default="")
    hash = models.CharField(max_length=64, db_default="")

    objects = AuditEventManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "seq"], name="ledger_chain_seq")]
        indexes = [
            BTreeIndex(fields=["framework_id", "subject_type", "subject_id"], name="ledger_subject"),
            BTreeIndex(fields=["framework_id", "chain", "-seq"], name="ledger_framework_chain"),
        ]

    def __str__(self):
        return f"{self.chain}#{self.seq} {self.verb}"

    def append(self, *, salt: str, person: dict[str, Any]) -> None:
        """Write the row and its person in one statement; takes over what the database gave it."""
        fields = (
            self.framework_id, self.chain, self.at, self.verb, self.subject_type, self.subject_id, self.subject_label,
            self.request_id, json.dumps(self.payload), self.actor_commitment, self.form,
        )  # fmt: skip
        who = (person["id"], str(person["name"]), str(person["ip"]), str(person["user_agent"]))
        connection.prepare("ledger_append", PREPARE, APPEND, [])  # type: ignore[attr-defined]  # portal.db.base
        with connection.cursor() as cursor:
            cursor.execute(EXECUTE, [*fields, salt, *who])
            self.pk, self.seq, self.prev, self.hash = cursor.fetchone()
        self._state.adding, self._state.db = False, connection.alias


class AuditPerson(models.Model):
    """Who did it: the personal side of a ledger row. Can be erased; the chain holds only a commitment."""

    event = models.OneToOneField(
        AuditEvent, primary_key=True, on_delete=models.PROTECT, related_name="person", db_constraint=False
    )
    framework_id = models.BigIntegerField(null=True)
    salt = models.CharField(max_length=32)
    user_id = models.BigIntegerField(null=True)
    name = models.CharField(max_length=150, blank=True)
    ip = models.CharField(max_length=45, blank=True)
    user_agent = models.CharField(max_length=300, blank=True)

    def __str__(self):
        return self.name or "system"


class ChainHead(models.Model):
    """Where a chain stands. Only the ledger's trigger touches it."""

    chain = models.CharField(max_length=60, primary_key=True)
    framework_id = models.BigIntegerField(null=True)
    seq = models.BigIntegerField()
    hash = models.CharField(max_length=64)

    def __str__(self):
        return f"{self.chain}#{self.seq}"


class LedgerSeal(models.Model):
    """A checkpoint of the whole ledger, signed with a key outside the database; public at /checkpoints."""

    number = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    upto = models.BigIntegerField()  # last ledger row id that it covers
    count = models.BigIntegerField()
    root = models.CharField(max_length=64)
    prev = models.CharField(max_length=64)
    signature = models.TextField()

    class Meta:
        ordering = ["-number"]

    def __str__(self):
        return f"{self.number}: {self.root[:16]}"

    @staticmethod
    def unsealed() -> list[tuple[int, str]]:
        """(id, hash) of every ledger row that no seal covers, in id order; waits for open writers."""
        with connection.cursor() as cursor:
            cursor.execute("select id, hash from ledger_unsealed()")
            return cursor.fetchall()
