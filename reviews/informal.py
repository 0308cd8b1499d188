"""Sharing outside the protocol, reported without blame, becomes a finding of the next review (KEN-3.2iii)."""

from django.db import transaction
from django.utils.translation import gettext as _

from portal import request_facts
from portal.models import AuditEvent
from reviews.models import Finding, InformalReport, Review


@transaction.atomic
def report(protocol, *, text, why="", by=None, now) -> InformalReport:
    """Keep a report. by: None if the person wishes not to be named; then nothing that was known of the request is kept in
    the ledger either. A review in progress gets it at once."""
    made = InformalReport.objects.create(
        framework_id=protocol.framework_id, protocol=protocol, text=text, why=why, reported_by=by, reported_at=now
    )
    if by is None:
        with request_facts.nobody():
            AuditEvent.objects.record("reviews.informalreport:made", protocol, by=None, now=now)
    else:
        AuditEvent.objects.record("reviews.informalreport:made", protocol, by=by, now=now)
    running = Review.objects.filter(protocol=protocol, status=Review.Status.IN_PROGRESS).order_by("started_at").first()
    if running is not None:
        with request_facts.nobody():
            take_in(running, now=now)
    return made


def waiting(protocol):
    """Reports that no review has taken in yet."""
    return InformalReport.objects.filter(protocol=protocol, finding__isnull=True)


def take_in(review, *, now) -> list[Finding]:
    """Each report that waits becomes a finding of the review, which its reviewers then judge."""
    made = []
    for one in waiting(review.protocol):
        words = _("Reported as shared outside the protocol: %(text)s") % {"text": one.text}
        if one.why:
            words += "\n\n" + _("Why the protocol was not used: %(why)s") % {"why": one.why}
        finding = Finding.objects.create(
            framework_id=review.framework_id, review=review, severity=Finding.Severity.MEDIUM, text=words[:10_000],
            is_informal=True, made_at=now,
        )  # fmt: skip
        one.finding = finding
        one.save(update_fields=["finding"])
        AuditEvent.objects.record("reviews.finding:taken-in", finding, by=None, now=now)
        made.append(finding)
    return made
