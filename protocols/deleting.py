"""Deleting a draft that nobody but its drafters ever saw. What was circulated, decided or frozen stays for good."""

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from portal.errors import StateError
from portal.models import AuditEvent, Decision
from protocols.drafting import changing, drop
from protocols.models import DataFlow, DataItem, Party, Purpose, RelatedDocument, RetiredReference, Term, Version
from protocols.workflow import locked

ROWS = (Term, Purpose, DataFlow, DataItem, Party, RelatedDocument)  # the clauses besides, which are a tree


def takes_protocol_along(version) -> bool:
    """Is there nothing else of the protocol, so that it goes with its only draft?"""
    return not version.protocol.versions.exclude(pk=version.pk).exists()


def may_be_deleted(version) -> bool:
    """Is it a draft that never left the drafter's desk, and nothing hangs on it?"""
    try:
        refuse_deletion(version)
    except StateError:
        return False
    return True


def refuse_deletion(version):
    """Raises StateError unless the draft was never circulated, submitted or decided on, and nothing else names it."""
    never_seen = (
        version.status == Version.Status.DRAFT
        and version.circulated_at is None
        and not version.issues.exists()
        and not version.consultations.exists()
        and not Decision.objects.about(version).exists()
    )
    if not never_seen:
        raise StateError(
            _("%(version)s cannot be deleted.") % {"version": version},
            _("Only a draft that was never circulated can be deleted. What others have seen stays."),
        )
    if takes_protocol_along(version) and version.protocol.children.exists():
        raise StateError(
            _("Other protocols supplement %(protocol)s, so it cannot be deleted.") % {"protocol": version.protocol},
            _("Delete their drafts first."),
        )


def delete_draft(version, *, revision, by, now) -> bool:
    """Delete the draft with its text; returns whether the protocol went too, because it had nothing else.

    The reference of a protocol that goes stays used (SIG-num); the ledger keeps both acts. Raises EditClash when
    somebody changed the draft since the page was loaded, StateError for what may not be deleted.
    """
    with transaction.atomic():
        locked(version)
        refuse_deletion(version)
        protocol, whole = version.protocol, takes_protocol_along(version)
        facts = {"reference": protocol.reference, "number": version.number}
        name = str(version)
        try:
            with changing(version, "deleted", by=by, now=now, revision=revision, **facts):
                drop_content(version, by=by)
                drop(version, by=by)
            if whole:
                AuditEvent.objects.record("protocols.protocol:deleted", protocol, by=by, now=now, **facts)
                RetiredReference.objects.create(
                    framework_id=protocol.framework_id, reference=protocol.reference, retired_at=now
                )
                drop(protocol, by=by)
        except ProtectedError as error:
            raise StateError(
                _("%(version)s is named elsewhere, so it cannot be deleted.") % {"version": name}
            ) from error
    return whole


def drop_content(version, *, by):
    """Everything that the draft says, leaves of the clause tree first."""

    def fell(nodes):
        for node in nodes:
            fell(node.below)
            drop(node, by=by)

    fell(version.clauses.all().tree())
    for model in ROWS:
        for row in model.objects.filter(version=version):
            drop(row, by=by)
