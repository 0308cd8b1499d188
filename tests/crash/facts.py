"""What a database says of itself, as one line of JSON: run beside the server as `python -m tests.crash.facts …`.

`demo` counts the demonstration; `signing <framework> <reference>` tells all about one version that is being signed.
"""

import hashlib
import io
import json
import os
import sys
from collections import Counter

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from django.core.management import CommandError, call_command  # noqa: E402
from django.db import transaction  # noqa: E402

from portal.models import AuditEvent, Deadline, Framework, Job, Membership, OutgoingEmail, User  # noqa: E402
from portal.models.reminder import RUN  # noqa: E402
from portal.notices import message_id  # noqa: E402
from portal.tenancy import scope  # noqa: E402
from protocols.models import Clause, Edition, Party, Version  # noqa: E402
from signatories.models import Authority, Signature, SignaturePerson  # noqa: E402


def verify() -> str:
    """What `manage.py verify` finds; empty when everything is whole."""
    faults = io.StringIO()
    try:
        call_command("verify", stdout=io.StringIO(), stderr=faults)
    except CommandError as error:
        return f"{error} {faults.getvalue()}"
    return ""


def demo() -> dict:
    """Rows of the demonstration, by framework; and the editions that no job will seal any more."""
    found: dict = {"users": User.objects.count()}
    for framework in Framework.objects.order_by("slug"):
        with scope(framework.pk), transaction.atomic():
            found[framework.slug] = {
                "versions": sorted(f"{v.protocol.reference} {v.number} {v.status}" for v in Version.objects.select_related("protocol")),
                "parties": dict(sorted(Counter(Party.objects.values_list("status", flat=True)).items())),
                "clauses": Clause.objects.count(),
                "members": Membership.objects.filter(framework=framework).count(),
                "authorities": Authority.objects.count(),
                "signatures": Signature.objects.count(),
                "deadlines": Deadline.objects.count(),
                # a run of reminders that has begun is followed by another one: how many depends on the moment
                "jobs": Job.objects.exclude(kind=RUN).count(),
                "given up": Job.objects.filter(given_up_at__isnull=False).count(),
            }  # fmt: skip
    return found


def unsealed() -> int:
    """Seal jobs that are still to be done, in all frameworks."""
    waiting = 0
    for framework in Framework.objects.all():
        with scope(framework.pk), transaction.atomic():
            waiting += Job.objects.filter(kind__startswith="protocols.seal", done_at__isnull=True).count()
    return waiting


def signing(slug: str, reference: str) -> dict:
    """Standing, evidence, ledger, mails and editions of one version."""
    framework = Framework.objects.get(slug=slug)
    with scope(framework.pk), transaction.atomic():
        version = Version.objects.get(protocol__reference=reference)
        signatures = list(Signature.objects.filter(version=version).order_by("position"))
        events = Counter(
            AuditEvent.objects.filter(framework_id=framework.pk, chain=version.ledger_chain).values_list(
                "verb", "subject_id"
            )
        )
        return {
            "status": version.status,
            "parties": [[p.pk, p.status, p.required, p.bound_from is not None] for p in version.parties.order_by("pk")],
            "signatures": [[s.party_id, s.reference, s.position] for s in signatures],
            "chain": chain_fault(signatures),
            "persons": SignaturePerson.objects.filter(signature__version=version).count(),
            "made": sorted(count for (verb, _), count in events.items() if verb == "signatories.signature:made"),
            "completions": sum(count for (verb, _), count in events.items() if verb == "protocols.version:completed"),
            "editions": [[e.kind, e.number, e.status] for e in Edition.objects.filter(version=version)],
            "deadlines": Deadline.objects.filter(rule="review.first", subject_id=version.protocol_id).count(),
            "mails": [
                [m.kind, m.status, message_id(m), m.ids.get("party"), m.last_error]
                for m in OutgoingEmail.objects.filter(framework=framework).order_by("pk")
            ],
            "jobs": [[j.kind, j.done_at is not None, j.last_error] for j in Job.objects.order_by("pk")],
        }


def chain_fault(signatures) -> str:
    """What is wrong with the chain of the version's evidence records; empty when it is whole."""
    before = ""
    for position, signature in enumerate(signatures, 1):
        if signature.position != position:
            return f"position {signature.position} where {position} belongs"
        if hashlib.sha256(signature.record.encode()).hexdigest() != signature.record_sha256:
            return f"record {position} is not what was hashed"
        if signature.prev_sha256 != before:
            return f"record {position} does not follow the one before it"
        before = signature.record_sha256
    return ""


if __name__ == "__main__":
    what, *words = sys.argv[1:]
    told = {"demo": demo, "signing": signing}[what](*words)
    sys.stdout.write(json.dumps({"verify": verify(), "unsealed": unsealed(), "told": told}))
