"""Consultation on a numbered draft: comments on clauses, and a response to every comment (HAR-¶9)."""

from django.db import models
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.errors import NotReady, StateError
from portal.models.ledger import AuditEvent
from portal.models.people import Organisation, User
from portal.models.tenant import TenantManager, TenantModel, TenantQuerySet
from portal.models.verbs import verb
from portal.templatetags.dates import longdate
from protocols.models.circulation import DraftIssue
from protocols.models.version import Version


class ConsultationQuerySet(TenantQuerySet["Consultation"]):
    """Rounds of one framework."""

    def visible_to(self, access):
        """The rounds on the drafts that the reader got (DraftIssue.visible_to): comments speak of their text."""
        got = DraftIssue.objects.visible_to(access).filter(
            version=models.OuterRef("version"), number=models.OuterRef("draft")
        )
        return self.filter(models.Exists(got))


ConsultationManager = TenantManager.from_queryset(ConsultationQuerySet)


class Consultation(TenantModel):
    """One round on one numbered draft. Comments are taken until the end of `closes_on`; the drafter closes the round."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="consultations")
    draft = models.PositiveSmallIntegerField()
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    closes_on = models.DateField(_("Comments by"))
    closed_at = models.DateTimeField(null=True)

    objects = ConsultationManager()  # type: ignore[misc]

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

    def takes_comments(self, now) -> bool:
        """Open, and its last day is not over in London (HAR-¶9)."""
        return self.closed_at is None and now <= clock.end_of_day(self.closes_on)

    def require_comments(self, now):
        """Raises StateError when the round is closed or its last day is over."""
        if self.closed_at:
            raise StateError(_t("This consultation is closed."), _t("Send your comment to the lead organisation."))
        if not self.takes_comments(now):
            raise StateError(
                _t("Comments on draft %(draft)d were taken until the end of %(day)s.")
                % {"draft": self.draft, "day": longdate(self.closes_on)},
                _t("Copy what you typed, and send it to the lead organisation. It may extend the closing date."),
            )

    def require_open(self):
        """Raises StateError when the round is closed."""
        if self.closed_at:
            raise StateError(_t("This consultation is closed, so its responses stand."))

    @verb
    def comment(self, *, by, organisation, clause_uid, text, now) -> "Comment":
        """Add a comment on a clause, or on the whole (clause_uid None). Refused when the round takes none any more."""
        self.require_comments(now)
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
    def extend(self, *, closes_on, by, now):
        """A later closing date, while the round is open; the old one stays in the ledger (HAR-¶9)."""
        self.require_open()
        if closes_on <= self.closes_on or clock.end_of_day(closes_on) < now:
            raise StateError(
                _t("The new closing date must be later than %(day)s, and not past.") % {"day": longdate(self.closes_on)}
            )
        before, self.closes_on = self.closes_on, closes_on
        self.save(update_fields=["closes_on"])
        AuditEvent.objects.record(
            "protocols.consultation:extended", self, by=by, now=now, was=before.isoformat(), closes_on=str(closes_on)
        )

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
    """What somebody said of a clause, what others replied, and what the drafter answered: taken, in part or not."""

    class Outcome(models.TextChoices):
        """What became of the comment."""

        ACCEPTED = "accepted", _("Accepted")
        PARTLY = "partly", _("Accepted in part")
        NOT_ACCEPTED = "not-accepted", _("Not accepted")

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="comments")
    clause_uid = models.UUIDField(null=True)
    author = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("Comment"), max_length=10_000)
    made_at = models.DateTimeField()
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
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
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="") | models.Q(responded_at__isnull=False),
                name="comment_outcome_with_response",
            ),
        ]

    def __str__(self):
        return str(self.text)[:60]

    @property
    def ledger_chain(self) -> str:
        """The protocol's chain."""
        return self.consultation.ledger_chain

    @verb
    def respond(self, *, by, text, now, outcome=Outcome.ACCEPTED):
        """Say what becomes of the comment and why (once more is allowed while the round is open)."""
        self.consultation.require_open()
        self.outcome, self.response, self.responded_by, self.responded_at = outcome, text, by, now
        self.save(update_fields=["outcome", "response", "responded_by", "responded_at"])
        AuditEvent.objects.record("protocols.comment:answered", self, by=by, now=now, outcome=outcome)

    def require_replies(self, now, *, drafter):
        """Raises StateError when no reply is taken any more."""
        if drafter:
            self.consultation.require_open()
        else:
            self.consultation.require_comments(now)

    @verb
    def reply(self, *, by, organisation, text, now, drafter=False) -> "Reply":
        """Add a reply to the thread, while comments are taken; the drafter may go on until the round is closed."""
        self.require_replies(now, drafter=drafter)
        reply = Reply.objects.create(
            framework_id=self.framework_id, comment=self, author=by, organisation=organisation, text=text, made_at=now
        )
        AuditEvent.objects.record("protocols.comment:replied", self, by=by, now=now, reply=reply.pk)
        return reply


class Reply(TenantModel):
    """What somebody said under a comment. It asks for no response of its own, and is never changed."""

    comment = models.ForeignKey(Comment, on_delete=models.PROTECT, related_name="replies")
    author = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("Reply"), max_length=10_000)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["made_at", "pk"]
        verbose_name_plural = "replies"

    def __str__(self):
        return str(self.text)[:60]
