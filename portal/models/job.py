"""Work that is due at a time and must be done once: bring a version into force, seal an edition.

The row is the schedule. A worker claims it by lease; the handler (portal.jobs) must be safe to run twice.
"""

from django.db import models, transaction

from portal.models.outbox import LEASE, MAX_ATTEMPTS, pause_after
from portal.models.tenant import TenantManager, TenantModel, TenantQuerySet
from portal.models.verbs import verb


class JobQuerySet(TenantQuerySet["Job"]):
    """Jobs of one framework."""

    def plan(self, kind, *, subject_id, run_at, key, framework=None, framework_id=None) -> "Job":
        """Plan a job once per key."""
        job, _created = self.get_or_create(
            framework_id=framework_id or framework.pk,
            key=key,
            defaults={"kind": kind, "subject_id": subject_id, "due_at": run_at, "run_at": run_at},
        )
        return job

    def claim(self, *, now, limit=10) -> list["Job"]:
        """Hand due jobs to this worker alone, oldest duty first."""
        with transaction.atomic():
            due = self.filter(done_at__isnull=True, given_up_at__isnull=True, run_at__lte=now).exclude(
                lease_until__gte=now
            )
            jobs = list(due.select_for_update(skip_locked=True).order_by("due_at", "pk")[:limit])
            for job in jobs:
                job.lease_until, job.attempts = now + LEASE, job.attempts + 1
            self.bulk_update(jobs, ["lease_until", "attempts"])
        return jobs


JobManager = TenantManager.from_queryset(JobQuerySet)


class Job(TenantModel):
    """One planned piece of work. `due_at` is the duty's own moment, kept however late it runs."""

    kind = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    key = models.CharField(max_length=120)
    due_at = models.DateTimeField()
    run_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)

    objects = JobManager()  # type: ignore[misc]

    class Meta:
        constraints = [models.UniqueConstraint(fields=["framework", "key"], name="job_once")]
        indexes = [
            models.Index(
                fields=["run_at", "id"],
                condition=models.Q(done_at__isnull=True, given_up_at__isnull=True),
                name="job_due",
            )
        ]

    def __str__(self):
        return f"{self.kind} {self.subject_id}"

    @transaction.atomic
    def mark_done(self, *, now):
        """Finished."""
        self.done_at, self.lease_until, self.last_error = now, None, ""
        self.save(update_fields=["done_at", "lease_until", "last_error"])

    @transaction.atomic
    def mark_failed(self, *, error, now):
        """Try again later; after many attempts leave it to an operator."""
        self.run_at, self.lease_until, self.last_error = now + pause_after(self.attempts), None, error[:300]
        self.given_up_at = now if self.attempts >= MAX_ATTEMPTS else None
        self.save(update_fields=["run_at", "lease_until", "last_error", "given_up_at"])

    @verb
    @transaction.atomic
    def retry(self, *, now) -> bool:
        """Let one that was given up be tried again from the start. Returns whether it was one."""
        found = Job._base_manager.filter(pk=self.pk, given_up_at__isnull=False, done_at__isnull=True)
        return bool(found.update(given_up_at=None, attempts=0, run_at=now, lease_until=None))


class HeartbeatQuerySet(models.QuerySet["Heartbeat"]):
    """Of the installation."""

    def beat(self, name: str, *, now) -> None:
        """It runs now: one statement, since it is said every minute."""
        rows = [self.model(name=name, at=now)]
        self.bulk_create(rows, update_conflicts=True, unique_fields=["name"], update_fields=["at"])

    beat.alters_data = True  # type: ignore[attr-defined]


class Heartbeat(models.Model):
    """When a periodic process last ran; /readyz looks at it."""

    name = models.CharField(max_length=30, primary_key=True)
    at = models.DateTimeField()

    objects = HeartbeatQuerySet.as_manager()

    def __str__(self):
        return f"{self.name} {self.at}"
