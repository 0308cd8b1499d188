"""Jobs of reviews: what is opened by itself when its moment has come."""

from django.db import transaction

from portal import doorbell
from portal.jobs import job
from portal.models import Deadline, Framework
from reviews import cycle, triggers
from reviews.models import LawChange


@job(cycle.PREPARE)
@transaction.atomic
def prepare(job, now):
    """KEN-1.2: three months before its date a review is opened, so that it is prepared in time."""
    deadline = Deadline.objects.select_related("framework").filter(pk=job.subject_id).first()
    if deadline is not None:
        cycle.open_for(deadline, now=now)
        doorbell.ring()


@job(triggers.LAWS)
@transaction.atomic
def look_at_laws(job, now):
    """HAM-law: something in the catalogue has changed, or may have."""
    triggers.look(Framework.objects.get(pk=job.framework_id), now=now)
    doorbell.ring()


@job(triggers.RECORDED)
@transaction.atomic
def apply_recorded(job, now):
    """HAM-law: the day of a change has come that an administrator recorded."""
    triggers.apply([triggers.as_change(LawChange.objects.get(pk=job.subject_id))], now=now)
    doorbell.ring()
