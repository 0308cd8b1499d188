"""Who was reminded of what, and when: one row for each step, person and duty, so that no step comes twice (READ-11).

The row is written together with the mail that carries it. `rule` and `step` are keys of portal.ladders.LADDERS.
"""

from django.db import models

from portal.models.job import Job
from portal.models.people import User
from portal.models.tenant import TenantModel

RUN = "portal.remind"  # kind of the job that reminds (portal.reminders)


class Reminder(TenantModel):
    """One step of one ladder, told to one person."""

    rule = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    step = models.CharField(max_length=40)
    due_on = models.DateField()  # the date of the duty, as it was then
    told_as = models.PositiveSmallIntegerField(default=0)  # portal.ladders.Level: place in the chain of contacts
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

    @staticmethod
    def plan_run(framework_id, *, run_at) -> Job:
        """Plan one run of reminders, once for each moment. Needs the scope and a transaction."""
        key = f"{RUN}:{run_at.isoformat()}"
        job = Job.objects.plan(RUN, framework_id=framework_id, subject_id=framework_id, run_at=run_at, key=key)
        if job.done_at is None and job.given_up_at is None and job.lease_until is None:
            return job
        # that run has begun: it may have looked before this act, so another one follows
        key = f"{key}:{job.pk}:{job.attempts}:{Job.objects.filter(kind=RUN, run_at=run_at).count()}"
        return Job.objects.plan(RUN, framework_id=framework_id, subject_id=framework_id, run_at=run_at, key=key)
