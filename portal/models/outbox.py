"""Mail is a row first: written with the act, claimed by lease, sent outside any transaction, marked after.

At most one duplicate per crash (the send in flight), never a loss. The text is rendered at sending, from
kind and ids; links carry a token made then, so no token is ever stored.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, connection, models, transaction
from django.utils.translation import gettext_lazy as _

from portal.models.pause import Pause
from portal.models.people import User
from portal.models.tenant import TenantManager, TenantQuerySet
from portal.models.verbs import verb

LEASE = timedelta(minutes=5)
BATCH = 50
SENT = (
    "update portal_outgoingemail set status = 'sent', sent_at = %s, lease_until = null, last_error = '' where id = %s"
)
MAX_ATTEMPTS = 16  # with the pauses below: a little over three days, so that a weekend is outlasted


def pause_after(attempts: int) -> timedelta:
    """How long to wait after the n-th failure: 1, 2, 4 … minutes, at most 12 hours."""
    return min(timedelta(minutes=2 ** max(attempts - 1, 0)), timedelta(hours=12))


@dataclass(frozen=True, slots=True)
class Queued:
    """One mail to be queued; the fields are those of `queue`. to: a User or its id, or an address."""

    kind: str
    to: User | int | str
    key: str
    ids: dict[str, Any] = field(default_factory=dict)

    def fields(self, *, now, framework) -> dict[str, Any]:
        """Of its row."""
        return {
            "framework_id": getattr(framework, "pk", framework),
            "kind": self.kind,
            "user_id": getattr(self.to, "pk", None if isinstance(self.to, str) else self.to),
            "address": self.to if isinstance(self.to, str) else "",
            "ids": self.ids,
            "queued_at": now,
            "next_attempt_at": now,
        }


class OutgoingEmailQuerySet(TenantQuerySet["OutgoingEmail"]):
    """Mails of one framework, or of the installation."""

    def queue(self, kind, *, to, key, now, framework=None, **ids) -> "OutgoingEmail":
        """Queue a mail once: the same key is never queued a second time.

        to: a User, or an address for somebody who has no account yet. ids: what the text is rendered from.
        """
        row = Queued(kind, to, key, ids)
        email, _created = self.get_or_create(key=key, defaults=row.fields(now=now, framework=framework))
        return email

    def queue_many(self, mails, *, now, framework=None) -> None:
        """Queue several mails (`Queued`) in one statement for each 500; a key that is there already is left as it is."""
        rows = [self.model(key=mail.key, **mail.fields(now=now, framework=framework)) for mail in mails]
        self.bulk_create(rows, batch_size=500, ignore_conflicts=True)

    def due(self, now):
        """Waiting for a send, or left behind by a worker that died."""
        return self.filter(
            models.Q(status="queued", next_attempt_at__lte=now) | models.Q(status="sending", lease_until__lt=now)
        )

    def claim(self, *, now, limit=BATCH) -> list["OutgoingEmail"]:
        """Hand up to `limit` mails to this worker alone, for the length of the lease; none while mail is paused."""
        if Pause.objects.filter(name=Pause.MAIL).exists():
            return []
        with transaction.atomic():
            due = self.due(now).select_related("user", "framework").order_by("next_attempt_at", "pk")
            rows = list(due.select_for_update(skip_locked=True, of=("self",))[:limit])
            for row in rows:
                row.status, row.lease_until, row.attempts = "sending", now + LEASE, row.attempts + 1
            held = self.filter(pk__in=[row.pk for row in rows])
            held.update(status="sending", lease_until=now + LEASE, attempts=models.F("attempts") + 1)
        return rows


OutgoingEmailManager = TenantManager.from_queryset(OutgoingEmailQuerySet)


class OutgoingEmail(models.Model):
    """One mail to one person."""

    class Status(models.TextChoices):
        """`sent` = accepted by the server; nothing here ever claims that it was read."""

        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")
        DELIVERED = "delivered", _("Delivered")
        BOUNCED = "bounced", _("Bounced")
        DEAD = "dead", _("Given up")
        DROPPED = "dropped", _("Not needed any more")

    framework = models.ForeignKey("portal.Framework", null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=60)
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    address = models.EmailField(blank=True)
    key = models.CharField(max_length=200)
    ids = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    queued_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)

    objects = OutgoingEmailManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["framework", "key"], name="outgoing_email_once", nulls_distinct=False),
            models.CheckConstraint(
                condition=models.Q(user__isnull=False) | ~models.Q(address=""), name="outgoing_email_has_recipient"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                condition=models.Q(status__in=["queued", "sending"]),
                name="outgoing_email_due",
            ),
            models.Index(
                fields=["framework", "user"],
                condition=models.Q(status__in=["bounced", "dead"]),
                name="outgoing_email_undelivered",
            ),
        ]

    def __str__(self):
        return f"{self.kind} → {self.recipient}"

    @property
    def recipient(self) -> str:
        """The address to send to."""
        return self.user.email if self.user else self.address

    def mark_sent(self, *, now):
        """The server took it. In one round trip: until it is done, a worker that is killed leaves a duplicate."""
        if connection.at_once(SENT, [now, self.pk]) != 1:  # type: ignore[attr-defined]
            raise DatabaseError(f"Mail {self.pk} is gone.")
        self.status, self.sent_at, self.lease_until, self.last_error = self.Status.SENT, now, None, ""

    @transaction.atomic
    def mark_dropped(self):
        """There was nothing left to tell when its turn came."""
        self.status, self.lease_until, self.last_error = self.Status.DROPPED, None, ""
        self.save(update_fields=["status", "lease_until", "last_error"])

    @transaction.atomic
    def mark_bounced(self, *, error):
        """The server refused the recipient for good (5xx)."""
        self.status, self.lease_until, self.last_error = self.Status.BOUNCED, None, error[:300]
        self.save(update_fields=["status", "lease_until", "last_error"])

    @transaction.atomic
    def mark_failed(self, *, error, now):
        """It may work later: wait longer each time, and give up in the end where operators see it."""
        dead = self.attempts >= MAX_ATTEMPTS
        self.status = self.Status.DEAD if dead else self.Status.QUEUED
        # of a dead one: since when it lies
        self.next_attempt_at, self.lease_until = now if dead else now + pause_after(self.attempts), None
        self.last_error = error[:300]
        self.save(update_fields=["status", "next_attempt_at", "lease_until", "last_error"])

    @verb
    @transaction.atomic
    def retry(self, *, now) -> bool:
        """Let one that was given up or came back be tried again from the start. Returns whether it was one."""
        again = [self.Status.DEAD, self.Status.BOUNCED]
        found = OutgoingEmail._base_manager.filter(pk=self.pk, status__in=again)
        facts = {"status": self.Status.QUEUED, "attempts": 0, "queued_at": now, "next_attempt_at": now}
        return bool(found.update(**facts, last_error=""))
