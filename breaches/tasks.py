"""Jobs of breaches: PDFs that are made once and kept."""

from django.db import transaction

from breaches import printing
from breaches.models import Minutes, WrittenReport
from portal.jobs import job
from portal.models import StoredFile

PDF = "application/pdf"


@job("breaches.report_pdf")
def report_pdf(job, now):
    """HAR-6.2: the PDF of a written report; rendered outside the lock, kept once."""
    with transaction.atomic():
        report = WrittenReport.objects.select_related("breach__protocol", "breach__framework", "breach__version").get(
            pk=job.subject_id
        )
        if report.file is not None:
            return
        content = printing.report_pdf(report, now=report.submitted_at)
        keep(content, report, f"{report.breach.reference}-report-{report.number}.pdf", now=now)


def keep(content, subject, name, *, now) -> StoredFile:
    """Store a PDF for those who may see the breach."""
    return StoredFile.objects.keep(
        content, framework=subject.framework, name=name, media_type=PDF, purpose="breach", subject=subject, now=now,
        audience=StoredFile.Audience.PARTIES,
    )  # fmt: skip


@job("breaches.minutes_pdf")
def minutes_pdf(job, now):
    """HAR-6.6: the PDF of the minutes as they were circulated; kept once."""
    with transaction.atomic():
        minutes = Minutes.objects.select_related("breach__protocol", "breach__framework", "breach__version").get(
            pk=job.subject_id
        )
        if minutes.file is None:
            content = printing.minutes_pdf(minutes, now=job.due_at)
            keep(content, minutes, f"{minutes.breach.reference}-minutes-{minutes.number}.pdf", now=now)
