"""Who was reminded of what, and when: one row for each step, person and duty, so that no step comes twice (READ-11).

The row is written together with the mail that carries it. `rule` and `step` are keys of portal.deadlines.REMINDERS.
"""

from django.db import models

from portal.models.people import User
from portal.models.tenant import TenantModel


class Reminder(TenantModel):
    """One step of one ladder, told to one person."""

    rule = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    step = models.CharField(max_length=40)
    due_on = models.DateField()  # the date of the duty, as it was then
    reminded_at = models.DateTimeField()

    class Meta:
        ordering = ["reminded_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["framework", "rule", "subject_type", "subject_id", "user", "step", "due_on"],
                name="reminder_once",
            )
        ]
        indexes = [models.Index(fields=["framework", "user", "reminded_at"], name="reminder_of_a_mail")]

    def __str__(self):
        return f"{self.rule} {self.step}"
