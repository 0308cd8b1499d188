"""Addresses under which a calendar program fetches deadlines and meetings, without signing in."""

import hashlib
import secrets

from django.db import models, transaction

from portal.models.board import Board
from portal.models.ledger import AuditEvent
from portal.models.people import User
from portal.models.tenant import TenantManager, TenantModel, TenantQuerySet
from portal.models.verbs import verb

TOKEN_BYTES = 32  # 256 bits


def digest(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


class CalendarFeedQuerySet(TenantQuerySet["CalendarFeed"]):
    """Feeds of one framework."""

    def live(self):
        """Not revoked."""
        return self.filter(revoked_at__isnull=True)

    @transaction.atomic
    def make(self, framework, user, *, board=None, now) -> tuple["CalendarFeed", str]:
        """A new feed of a person, and its token: shown once, kept only as a hash."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        feed = self.create(framework=framework, user=user, board=board, token_hash=digest(token), made_at=now)
        AuditEvent.objects.record("portal.calendarfeed:made", feed, by=user, now=now)
        return feed, token

    make.alters_data = True  # type: ignore[attr-defined]

    def of(self, token: str) -> "CalendarFeed | None":
        """The live feed of a token, if there is one."""
        return self.live().filter(token_hash=digest(token)).select_related("user", "board").first()


CalendarFeedManager = TenantManager.from_queryset(CalendarFeedQuerySet)


class CalendarFeed(TenantModel):
    """One address. It shows what its maker may see at the moment of each fetch, and nothing after it was revoked."""

    MOST = 10  # live ones of one person in one framework

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    board = models.ForeignKey(Board, null=True, on_delete=models.CASCADE, related_name="+")  # none: the person's own
    token_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    objects = CalendarFeedManager()  # type: ignore[misc]

    class Meta:
        ordering = ["made_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["framework", "token_hash"], name="calendar_feed_token_once")]
        indexes = [models.Index(fields=["framework", "user"], name="calendar_feed_user")]

    def __str__(self):
        # without the name: the ledger keeps this label for good
        return str(self.board) if self.board else "own deadlines"

    @verb
    @transaction.atomic
    def revoke(self, *, by, now) -> None:
        """Its address answers 404 from now on. A second time does nothing."""
        held = type(self)._base_manager.select_for_update(of=("self",)).get(pk=self.pk)
        if held.revoked_at is None:
            held.revoked_at = now
            held.save(update_fields=["revoked_at"])
            AuditEvent.objects.record("portal.calendarfeed:revoked", held, by=by, now=now)
        self.revoked_at = held.revoked_at
