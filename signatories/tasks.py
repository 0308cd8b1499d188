"""Jobs of signing: sealed editions. Here, because only this app knows the signatures."""

from portal.jobs import job
from protocols.documents import edition_of, make_edition
from protocols.models import Edition, Version
from signatories.schedule import signature_rows


@job("protocols.seal")
def seal_parties_copy(job, now):
    """Edition 1 of the parties' copy, at completion."""
    version = Version.objects.get(pk=job.subject_id)
    edition = edition_of(version, Edition.Kind.PARTIES, 1, now=now)
    make_edition(edition, signature_rows(version), now=now)


@job("protocols.seal_public")
def seal_public_copy(job, now):
    """The public copy, after a decision to publish in full (UK-pub): no names of signing persons."""
    version = Version.objects.get(pk=job.subject_id)
    edition = edition_of(version, Edition.Kind.PUBLIC, 1, now=now)
    make_edition(edition, signature_rows(version, names=False), now=now)
