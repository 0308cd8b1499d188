"""What a review found, and what is done about it."""

from django.db import models
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.models import Deadline
from portal.models.ledger import AuditEvent
from portal.models.people import Organisation, User
from portal.models.tenant import TenantManager, TenantModel, TenantQuerySet
from portal.models.verbs import verb
from portal.permissions import Perm
from protocols.models import Protocol
from reviews.models.review import Review, Reviewer


class FindingQuerySet(TenantQuerySet["Finding"]):
    """Findings of one framework."""

    def visible_to(self, access):
        """With VIEW_ALL, or as a reviewer of it, from the first word; everybody else who may read the review once its
        findings are settled."""
        if not access.member:
            return self.none()
        mine = self.filter(review__in=Review.objects.visible_to(access).order_by().values("pk"))
        if access.can(Perm.VIEW_ALL):
            return mine
        reviewer = Reviewer._base_manager.filter(review=OuterRef("review"), user=access.user)
        return mine.filter(Exists(reviewer) | models.Q(review__completed_at__isnull=False))


FindingManager = TenantManager.from_queryset(FindingQuerySet)


class Finding(TenantModel):
    """About one clause, or the protocol as a whole. Frozen when the review is completed: a trigger refuses changes; a
    correction is a finding of its own."""

    class Severity(models.TextChoices):
        """How much it matters."""

        LOW = "low", _("To be noted")
        MEDIUM = "medium", _("Should be changed")
        HIGH = "high", _("Must be changed")

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="findings")
    clause_uid = models.UUIDField(null=True, blank=True)
    clause_label = models.CharField(max_length=250, blank=True)  # the clause's number and title as it was then
    severity = models.CharField(_("How much does it matter?"), max_length=6, choices=Severity.choices)
    text = models.TextField(_("Finding"), max_length=10_000)
    recommendation = models.TextField(_("Recommendation"), blank=True, max_length=10_000)
    is_informal = models.BooleanField(default=False)  # from a report of informal sharing (KEN-3.2iii)
    corrects = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="corrections")
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=1)  # rises with every change: two who change it see each other

    objects = FindingManager()  # type: ignore[misc]

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return str(self.text)[:60]

    @property
    def ledger_chain(self) -> str:
        """The protocol's chain."""
        return self.review.ledger_chain

    @property
    def about(self) -> str:
        """What it is about: "clause 2 Parties", the protocol as a whole."""
        return (
            _t("clause %(clause)s") % {"clause": self.clause_label} if self.clause_label else _t("the whole protocol")
        )


class InformalReport(TenantModel):
    """Sharing outside the protocol, reported without blame (KEN-3.2iii). Who reported it is kept only if they wish."""

    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("What was shared, and how?"), max_length=5_000)
    why = models.TextField(_("Why was the protocol not used?"), blank=True, max_length=5_000)
    reported_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    reported_at = models.DateTimeField()
    finding = models.OneToOneField(Finding, null=True, on_delete=models.SET_NULL, related_name="informal_report")

    class Meta:
        ordering = ["reported_at", "pk"]

    def __str__(self):
        return str(self.text)[:60]


class ActionQuerySet(TenantQuerySet["Action"]):
    """Actions of one framework."""

    def visible_to(self, access):
        """Those of reviews that the reader may see, once they are agreed; before, for those who see every protocol."""
        mine = self.filter(review__in=Review.objects.visible_to(access).order_by().values("pk"))
        return mine if access.can(Perm.VIEW_ALL) else mine.filter(review__agreed_at__isnull=False)

    def to_do(self):
        """Agreed and not done."""
        return self.filter(done_at__isnull=True, review__status=Review.Status.AGREED)


ActionManager = TenantManager.from_queryset(ActionQuerySet)


class Action(TenantModel):
    """A line of the implementation plan: what, who, by when, done (HAR-5.4, HAR-5.5). Overdue is asked of a moment."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="actions")
    finding = models.ForeignKey(Finding, null=True, blank=True, on_delete=models.PROTECT, related_name="actions")
    text = models.TextField(_("Action"), max_length=2_000)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    owner = models.CharField(_("Officer (job title)"), max_length=150)
    due_on = models.DateField(_("By"))
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    note = models.TextField(_("What was done"), blank=True, max_length=5_000)

    objects = ActionManager()  # type: ignore[misc]

    class Meta:
        ordering = ["due_on", "pk"]

    def __str__(self):
        return f"{self.review}: {str(self.text)[:60]}"

    def get_absolute_url(self) -> str:
        """The page of its review."""
        return f"{reverse('review', args=[self.framework.slug, self.review_id])}#plan"

    @property
    def ledger_chain(self) -> str:
        """The protocol's chain."""
        return self.review.ledger_chain

    def overdue(self, now) -> bool:
        """Is the day over, and it is not done (READ-11)?"""
        return self.done_at is None and clock.end_of_day(self.due_on) < now

    def deadlines(self):
        """The open duty to carry it out."""
        return Deadline.objects.open().filter(
            subject_type__app_label="reviews", subject_type__model="action", subject_id=self.pk
        )

    @verb
    def finish(self, *, note, by, now):
        """It was done. The caller holds the review's lock."""
        self.done_at, self.done_by, self.note = now, by, note
        self.save(update_fields=["done_at", "done_by", "note"])
        AuditEvent.objects.record("reviews.action:done", self, by=by, now=now, note=note)
        self.deadlines().meet(by=by, now=now)
