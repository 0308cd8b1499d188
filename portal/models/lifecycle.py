"""A model that moves along one table of states, one audited step at a time."""

from contextlib import contextmanager, nullcontext
from typing import ClassVar

from django.db import models, transaction

from portal.errors import TransitionNotAllowed
from portal.models.history import at_moment
from portal.models.ledger import AuditEvent


class Lifecycle(models.Model):
    """A model whose status moves only along TRANSITIONS.

    TRANSITIONS: {from: {to: who}} where `who` is in words, as the docs print it.
    """

    Status: ClassVar[type[models.TextChoices]]
    status: models.CharField
    TRANSITIONS: ClassVar[dict[str, dict[str, str]]] = {}

    class Meta:
        abstract = True

    def require_step(self, target):
        """Raises TransitionNotAllowed (409) when the state now does not lead to this one: a page then shows no form."""
        if target not in self.TRANSITIONS.get(self.status, {}):
            raise TransitionNotAllowed(self, self.status, target)

    @contextmanager
    def transition(self, target, *, by, now, reason="", held=False, called="", **details):
        """Lock the row, refuse an illegal move, run the caller's guards and acts, save, record.

        by: User, or None for the system. now: aware UTC. details: plain values kept in the ledger. held: the caller
        read this row under its lock in the transaction that is open, so it is not read again. called: how the ledger
        calls the step, where the state that it leads to says something else.
        Raises TransitionNotAllowed (409). Everything is one transaction.
        """
        with nullcontext() if held else transaction.atomic():
            if not held:
                self.refresh_from_db(from_queryset=type(self)._base_manager.select_for_update(of=("self",)))
            source = self.status
            self.require_step(target)
            yield
            self.status = target
            with at_moment(now, by):
                self.save()
            AuditEvent.objects.record(
                f"{self._meta.label_lower}:{called or target}",
                self,
                by=by,
                now=now,
                was=source,
                reason=reason,
                **details,
            )
