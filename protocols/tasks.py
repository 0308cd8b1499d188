"""Jobs of the documents: what a version does by itself when its moment has come."""

from django.db import transaction

from portal.jobs import job
from protocols import notices
from protocols.models import Version


@job("protocols.bring_into_force")
@transaction.atomic
def bring_into_force(job, now):
    """SIG-force: in force from the later of completion and effective date; after an outage the due moment counts."""
    version = Version.objects.get(pk=job.subject_id)
    if version.status == Version.Status.COMPLETED:
        before = version.protocol.in_force
        version.bring_into_force(now=version.in_force_from)
        if before is not None:
            notices.tell_not_re_signed(before, now=now)


@job("protocols.expire")
@transaction.atomic
def expire(job, now):
    """Only if an expiry date is set."""
    version = Version.objects.get(pk=job.subject_id)
    if version.status == Version.Status.IN_FORCE:
        version.expire(now=job.due_at)
