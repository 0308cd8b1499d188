"""Jobs of signing: sealed editions. Here, because only this app knows the signatures."""

from functools import partial

from portal.jobs import job
from protocols.documents import make_edition
from protocols.models import Edition
from protocols.models.planning import number_of
from signatories.schedule import signature_rows


@job("protocols.seal")
def seal_parties_copy(job, now):
    """The parties' copy: edition 1 at completion, a further one after each change of the parties (evidence.md)."""
    make_edition(job.subject_id, Edition.Kind.PARTIES, signature_rows, number=number_of(job), now=now)


@job("protocols.seal_public")
def seal_public_copy(job, now):
    """The public copy, after a decision to publish in full (UK-pub): no names of signing persons."""
    rows = partial(signature_rows, names=False)
    make_edition(job.subject_id, Edition.Kind.PUBLIC, rows, number=number_of(job), now=now)
