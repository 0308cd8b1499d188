"""The written report, its distribution, and corrections of what was reported (HAR-6.2, READ-5).

Every function is one transaction, needs the framework's scope, and takes `by` (User) and `now` (aware UTC).
"""

from django.db import transaction
from django.utils.translation import gettext as _

from breaches import mails
from breaches.clocks import MEETING, REPORT
from breaches.models import Breach, Correction, WrittenReport
from breaches.reporting import about
from portal import doorbell
from portal.errors import NotReady, StateError
from portal.models import AuditEvent, Deadline, Job


def locked(breach) -> Breach:
    """The breach under its lock, not closed. Raises StateError."""
    held = Breach.objects.select_for_update(of=("self",)).select_related("protocol", "framework").get(pk=breach.pk)
    if held.status == Breach.Status.CLOSED:
        raise StateError(_("%(reference)s is closed.") % {"reference": held.reference})
    return held


@transaction.atomic
def submit(breach, organisation, *, details, actions, why="", once, by, now) -> WrittenReport:
    """Send the written report of an organisation in breach, or a further one that corrects it. Never edited.

    once: of the form that was sent; the same one again gives the first result.
    """
    held = locked(breach)
    known = WrittenReport.objects.filter(breach=held, once=once).first()
    if known is not None:
        return known
    if not held.in_breach.filter(organisation=organisation).exists():
        raise StateError(_("%(name)s is not in breach, so it owes no report.") % {"name": organisation.name})
    number = WrittenReport.objects.filter(breach=held, organisation=organisation).count() + 1
    if number > 1 and not why.strip():
        raise NotReady(_("A report that was sent is not changed. Say what this one corrects."))
    if not details.strip() or not actions.strip():
        raise NotReady(_("Give the details of the breach and the actions taken."))
    report = WrittenReport.objects.create(
        framework=held.framework, breach=held, organisation=organisation, name=organisation.name, number=number,
        details=details, actions=actions, why=why, submitted_by=by, submitted_at=now, once=once,
    )  # fmt: skip
    AuditEvent.objects.record(
        "breaches.breach:report-sent", held, by=by, now=now, organisation=organisation.name, number=number, reason=why
    )
    if number == 1:
        Deadline.objects.open().filter(rule=REPORT, owner=organisation, **about(held)).meet(by=by, now=now)
    Job.objects.plan(
        "breaches.report_pdf",
        framework=held.framework,
        subject_id=report.pk,
        run_at=now,
        key=f"breach-report:{report.pk}",
    )
    mails.tell("breaches.report-sent", held, mails.everybody(held), report.pk, now=now, report=report.pk)
    doorbell.ring()
    return report


@transaction.atomic
def correct(breach, *, text, occurred="", occurred_from=None, occurred_until=None, by, now) -> Correction:
    """A correction beside what was reported. With another day of the breach the clocks are counted again, visibly."""
    held = locked(breach)
    if not text.strip():
        raise NotReady(_("Say what is corrected, and why."))
    was, said = "", ""
    if occurred and (occurred, occurred_from, occurred_until) != (
        held.occurred,
        held.occurred_from,
        held.occurred_until,
    ):
        if occurred_from and occurred_from > held.identified_on:
            raise NotReady(_("It cannot have happened after it was identified."))
        was = held.occurred_words
        held.occurred, held.occurred_from, held.occurred_until = occurred, occurred_from, occurred_until
        held.save(update_fields=["occurred", "occurred_from", "occurred_until"])
        said = held.occurred_words
        for row in (
            Deadline.objects.open().filter(rule__in=[REPORT, MEETING], **about(held)).select_related("framework")
        ):
            row.recount_from_breach(
                occurred=held.first_day, identified=held.identified_at, by=by, now=now,
                reason=_("the date of the breach was corrected"),
            )  # fmt: skip
    made = Correction.objects.create(
        framework=held.framework, breach=held, was=was, now_said=said, text=text, made_by=by, made_at=now
    )
    AuditEvent.objects.record("breaches.breach:corrected", held, by=by, now=now, was=was, said=said)
    mails.tell("breaches.corrected", held, mails.everybody(held), made.pk, now=now)
    doorbell.ring()
    return made
