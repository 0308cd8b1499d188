"""Jobs of the documents: what a version does by itself when its moment has come."""

from django.db import transaction

from portal.jobs import job
from protocols import notices, pilots
from protocols.models import Consultation, Publication, Version
from protocols.protocol_page import DONE
from protocols.workflow import reminder_of


@job("protocols.bring_into_force")
@transaction.atomic
def bring_into_force(job, now):
    """SIG-force: in force from the later of completion and effective date; after an outage the due moment counts."""
    version = Version.objects.get(pk=job.subject_id)
    if version.status == Version.Status.COMPLETED:
        before = version.protocol.in_force
        version.bring_into_force(now=version.in_force_from)
        pilots.begin(version, now=version.in_force_from)
        if before is not None:
            notices.tell_not_re_signed(before, now=now)


@job("protocols.expire")
@transaction.atomic
def expire(job, now):
    """Only if an expiry date is set."""
    version = Version.objects.get(pk=job.subject_id)
    if version.status == Version.Status.IN_FORCE:
        version.expire(now=job.due_at)


@job("protocols.pilot_ended")
@transaction.atomic
def pilot_ended(job, now):
    """DUD-11: the lead hears on the day after the last day, if nobody has decided what becomes of the pilot."""
    version = Version.objects.get(pk=job.subject_id)
    pilot = pilots.of(version)
    if version.status == Version.Status.IN_FORCE and pilot is not None and not pilot.outcome:
        notices.tell_pilot_ended(version, now=now)


@job("protocols.publication_review")
@transaction.atomic
def publication_review(job, now):
    """UK-pub: the day has come to look at a publication decision again, if it still holds and its version still applies."""
    decision = Publication.objects.in_effect().select_related("version__framework").filter(pk=job.subject_id).first()
    if decision is not None and decision.version.status in DONE:
        notices.tell_publication_review(decision, now=now)


@job("protocols.consultation_reminder")
@transaction.atomic
def remind_of_comments(job, now):
    """Those who have not commented, before the closing date; late is better than never, but not after it (READ-11)."""
    consultation = Consultation.objects.select_related("version__framework").get(pk=job.subject_id)
    if (
        consultation.takes_comments(now) and reminder_of(consultation) <= now
    ):  # else it was extended: another row is due
        notices.tell_comments_wanted(consultation, now=now)


@job("protocols.consultation_over")
@transaction.atomic
def tell_consultation_over(job, now):
    """The drafters, after the closing date: answer every comment, then close the round (HAR-¶9)."""
    consultation = Consultation.objects.select_related("version__framework").get(pk=job.subject_id)
    if consultation.closed_at is None and not consultation.takes_comments(now):
        notices.tell_consultation_over(consultation, now=now)
