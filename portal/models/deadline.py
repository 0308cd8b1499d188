"""A duty with a date: started from a rule, met or not. Overdue is a question asked of a date (READ-11)."""

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models

from portal import deadlines
from portal.models.calendar import BankHoliday, ClosureDay
from portal.models.ledger import AuditEvent
from portal.models.people import Organisation
from portal.models.tenant import TenantManager, TenantModel, TenantQuerySet
from portal.working_days import WorkingCalendar, calendar_for


class DeadlineQuerySet(TenantQuerySet["Deadline"]):
    """Deadlines of one framework."""

    def start(self, rule, subject, *, framework, start, now, nation, owner=None, by=None, **options) -> "Deadline":
        """Start a deadline of a rule (portal.deadlines.RULES) for a subject, with its explanation.

        start: aware UTC moment from which the rule counts. options: as of `portal.deadlines.due` (n,
        next_meeting, overrides). Recorded in the ledger.
        """
        due = deadlines.due(rule, start, calendar=calendar_of(framework, nation), **options)
        deadline = self.create(
            framework=framework,
            rule=rule,
            subject=subject,
            owner=owner,
            started_at=start,
            due_at=due.due_at,
            provisional=due.provisional,
            explanation=due.explanation,
            note=due.note,
            inputs=dict(due.inputs),
        )
        AuditEvent.objects.record(
            "portal.deadline:started", subject, by=by, now=now, rule=rule, due=due.due_at.isoformat()
        )
        return deadline

    def open(self):
        """Not met and not dropped."""
        return self.filter(met_at__isnull=True, dropped_at__isnull=True)

    def overdue(self, at):
        """Open and past their moment."""
        return self.open().filter(due_at__lt=at)

    def drop(self, *, now) -> None:
        """Nothing is left to do: each open one is closed without being met, and recorded."""
        for deadline in self.open():
            deadline.dropped_at = now
            deadline.save(update_fields=["dropped_at"])
            AuditEvent.objects.record("portal.deadline:dropped", deadline.subject, by=None, now=now, rule=deadline.rule)

    drop.alters_data = True  # type: ignore[attr-defined]


DeadlineManager = TenantManager.from_queryset(DeadlineQuerySet)


class Deadline(TenantModel):
    """One duty on one subject."""

    rule = models.CharField(max_length=60)
    subject_type = models.ForeignKey(ContentType, on_delete=models.PROTECT)
    subject_id = models.BigIntegerField()
    subject = GenericForeignKey("subject_type", "subject_id")
    owner = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    met_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)
    provisional = models.BooleanField(default=False)
    explanation = models.TextField()
    note = models.TextField(blank=True)
    inputs = models.JSONField(default=dict)

    objects = DeadlineManager()  # type: ignore[misc]

    class Meta:
        ordering = ["due_at"]
        indexes = [
            models.Index(fields=["framework", "due_at"], name="deadline_framework_due"),
            models.Index(fields=["framework", "subject_type", "subject_id"], name="deadline_subject"),
        ]

    def __str__(self):
        return f"{self.rule} {self.due_at:%Y-%m-%d}"


def calendar_of(framework, nation) -> WorkingCalendar:
    """The working days of a nation, less the framework's closure days (READ-1); needs the scope."""
    return calendar_for(
        nation,
        extra_holidays=dict(BankHoliday.objects.filter(nation=nation).values_list("date", "title")),
        closures=dict(ClosureDay.objects.filter(framework=framework).values_list("date", "title")),
    )
