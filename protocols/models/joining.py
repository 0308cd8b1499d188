"""Somebody asks how their organisation can join (HAM-register)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal.models.ledger import AuditEvent
from portal.models.lifecycle import Lifecycle
from portal.models.people import User
from portal.models.tenant import TenantManager, TenantModel, TenantQuerySet
from portal.models.verbs import verb
from protocols.models.protocol import Protocol


class JoinRequestQuerySet(TenantQuerySet["JoinRequest"]):
    """Requests of the public to one framework."""

    def ask(self, framework, *, now, **facts) -> "JoinRequest":
        """Keep a request. The ledger knows that there is one, not who asked."""
        request = self.create(framework=framework, made_at=now, **facts)
        AuditEvent.objects.record("protocols.joinrequest:made", request, by=None, now=now)
        return request

    def waiting(self):
        """Nobody has answered or closed these yet."""
        return self.filter(status=JoinRequest.Status.WAITING)


JoinRequestManager = TenantManager.from_queryset(JoinRequestQuerySet)


class JoinRequest(TenantModel, Lifecycle):
    """What somebody outside typed, and what was answered. Names and addresses stand here alone, never in the ledger."""

    class Status(models.TextChoices):
        """What became of it."""

        WAITING = "waiting", _("Waiting for an answer")
        ANSWERED = "answered", _("Answered")
        CLOSED = "closed", _("Closed without an answer")

    TRANSITIONS: ClassVar[dict[str, dict[str, str]]] = {
        Status.WAITING: {Status.ANSWERED: "secretary or administrator", Status.CLOSED: "secretary or administrator"},
        Status.ANSWERED: {},
        Status.CLOSED: {},
    }

    status = models.CharField(max_length=10, choices=Status.choices, default=Status.WAITING)
    organisation = models.CharField(_("Name of the organisation"), max_length=200)
    protocol = models.ForeignKey(Protocol, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    person = models.CharField(_("Your name"), max_length=200)
    email = models.EmailField(_("Work e-mail address"))
    message = models.TextField(_("Message"), blank=True, max_length=2_000)
    made_at = models.DateTimeField()
    answer = models.TextField(_("Answer"), blank=True, max_length=2_000)
    handled_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    handled_at = models.DateTimeField(null=True)

    objects = JoinRequestManager()  # type: ignore[misc]

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status="waiting", handled_at__isnull=True)
                | (~models.Q(status="waiting") & models.Q(handled_at__isnull=False)),
                name="join_request_handled_with_time",
            )
        ]
        indexes = [models.Index(fields=["framework", "status"], name="join_request_status")]

    def __str__(self):
        return _t("Request %(number)d to join") % {"number": self.pk or 0}

    @verb
    def give_answer(self, text, *, by, now):
        """Waiting → answered: the text is mailed to whoever asked."""
        with self.transition(self.Status.ANSWERED, by=by, now=now):
            self.answer, self.handled_by, self.handled_at = text, by, now

    @verb
    def close(self, *, by, now):
        """Waiting → closed, without a word to whoever asked: for what was no serious request."""
        with self.transition(self.Status.CLOSED, by=by, now=now):
            self.handled_by, self.handled_at = by, now
