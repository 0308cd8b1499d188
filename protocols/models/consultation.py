"""Consultation on a numbered draft: comments on clauses, and a response to every comment (HAR-¶9)."""

from django.db import models
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal.errors import NotReady, StateError
from portal.models.ledger import AuditEvent
from portal.models.people import Organisation, User
from portal.models.tenant import TenantModel
from portal.models.verbs import verb
from protocols.models.version import Version


class Consultation(TenantModel):
    """One round on one numbered draft."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="consultations")
    draft = models.PositiveSmallIntegerField()
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    closes_on = models.DateField(_("Comments by"))
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["opened_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["version"], condition=models.Q(closed_at__isnull=True), name="one_open_consultation"
            )
        ]

    def __str__(self):
        return f"{self.version} · {self.draft}"

    @property
    def ledger_chain(self) -> str:
        """The protocol's chain."""
        return self.version.ledger_chain

    @verb
    def comment(self, *, by, organisation, clause_uid, text, now) -> "Comment":
        """Add a comment on a clause, or on the whole (clause_uid None). Refused when the round is closed."""
        if self.closed_at:
            raise StateError(_t("This consultation is closed."), _t("Send your comment to the lead organisation."))
        comment = Comment.objects.create(
            framework_id=self.framework_id,
            consultation=self,
            author=by,
            organisation=organisation,
            clause_uid=clause_uid,
            text=text,
            made_at=now,
        )
        AuditEvent.objects.record("protocols.comment:made", self, by=by, now=now, comment=comment.pk)
        return comment

    @verb
    def close(self, *, by, now):
        """Close the round; every comment must have its response."""
        open_comments = self.comments.filter(responded_at__isnull=True).count()
        if open_comments:
            raise NotReady(
                _t("%(count)d comments have no response yet.") % {"count": open_comments},
                what_to_do=_t("Respond to every comment, then close the consultation."),
            )
        if self.closed_at:
            raise StateError(_t("This consultation is closed already."))
        self.closed_at = now
        self.save(update_fields=["closed_at"])
        AuditEvent.objects.record("protocols.consultation:closed", self, by=by, now=now)


class Comment(TenantModel):
    """What somebody said of a clause, and what the drafter answered."""

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="comments")
    clause_uid = models.UUIDField(null=True)
    author = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("Comment"), max_length=10_000)
    made_at = models.DateTimeField()
    response = models.TextField(_("Response"), blank=True, max_length=10_000)
    responded_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    responded_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["made_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(responded_at__isnull=True, response="")
                | (models.Q(responded_at__isnull=False) & ~models.Q(response="")),
                name="comment_response_with_time",
            )
        ]

    def __str__(self):
        return str(self.text)[:60]

    @property
    def ledger_chain(self) -> str:
        """The protocol's chain."""
        return self.consultation.ledger_chain

    def refuse_if_closed(self):
        """Responses stand once their round is closed. Raises StateError."""
        if self.consultation.closed_at:
            raise StateError(_t("This consultation is closed, so its responses stand."))

    @verb
    def respond(self, *, by, text, now):
        """Answer the comment (once more is allowed while the round is open)."""
        self.refuse_if_closed()
        self.response, self.responded_by, self.responded_at = text, by, now
        self.save(update_fields=["response", "responded_by", "responded_at"])
        AuditEvent.objects.record("protocols.comment:answered", self, by=by, now=now)
