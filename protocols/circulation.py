"""A numbered draft goes out: its text is kept as it was circulated, with when and to whom (SIG-num, HAR-¶9)."""

from portal.models import AuditEvent, StoredFile
from protocols.canonical import canonical_bytes
from protocols.documents import canonical
from protocols.models import DraftIssue, DraftRecipient


def circulate(version, *, by, now, change="") -> DraftIssue:
    """Keep the draft as it goes to its parties; the first circulation of its number holds. Call inside a transaction.

    change: what is new in this draft, for document control.
    """
    if (already := version.issues.filter(number=version.draft).first()) is not None:
        return already
    issue = DraftIssue.objects.create(
        framework_id=version.framework_id, version=version, number=version.draft, issued_at=now, issued_by=by,
        change=change,
    )  # fmt: skip
    DraftRecipient.objects.bulk_create(
        DraftRecipient(
            framework_id=version.framework_id, issue=issue, organisation_id=party.organisation_id, name=party.name
        )
        for party in version.parties.all()
    )
    # after its own row, so that the draft stands in its own document control
    issue.canonical = StoredFile.objects.keep(
        canonical_bytes(canonical(version)),
        framework=version.framework,
        name=f"{version.protocol.reference}-{version.number}-draft-{issue.number}.json",
        media_type="application/json",
        purpose="circulated-draft",
        audience=StoredFile.Audience.MEMBERS,
        subject=issue,  # no version: it is for those who got the draft, and has a page of its own
        now=now,
    )
    issue.save(update_fields=["canonical"])
    AuditEvent.objects.record(
        "protocols.draft:circulated", version, by=by, now=now, draft=issue.number, sha256=issue.canonical.sha256
    )
    return issue
