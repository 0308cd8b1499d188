"""Jobs of signing: sealed editions. Here, because only this app knows the signatures."""

from functools import partial

from portal.jobs import job
from protocols.documents import make_edition
from protocols.models import Edition
from signatories.schedule import signature_rows


@job("protocols.seal")
def seal_parties_copy(job, now):
    """Edition 1 of the parties' copy, at completion."""
    make_edition(job.subject_id, Edition.Kind.PARTIES, signature_rows, now=now)


@job("protocols.seal_public")
def seal_public_copy(job, now):
    """The public copy, after a decision to publish in full (UK-pub): no names of signing persons."""
    make_edition(job.subject_id, Edition.Kind.PUBLIC, partial(signature_rows, names=False), now=now)
