"""Who was consulted beside the parties: written down while a draft is worked on, then frozen with its text (KEN-5.2)."""

from django.db import transaction
from django.utils.translation import gettext as _

from portal.errors import StateError
from portal.models import AuditEvent
from protocols.models import Consulted, Version
from protocols.workflow import locked

WHILE = {Version.Status.DRAFT, Version.Status.CONSULTATION}
FIELDS = ("kind", "name", "held_on", "groups")


def require_consulting(version):
    """Raises StateError once the draft is in the hands of the deciding body, or later."""
    if version.status not in WHILE:
        raise StateError(
            _("%(version)s is “%(state)s”, so who was consulted stands as it is.")
            % {"version": version, "state": version.get_status_display()},
            _("It can be changed while the version is a draft or in consultation."),
        )


def told(row) -> dict:
    """The row for the ledger."""
    return {"name": row.name, "kind": row.kind, "held_on": row.held_on and str(row.held_on), "groups": row.groups}


@transaction.atomic
def add(version, *, by, now, **facts) -> Consulted:
    """Add an event or a body (HAM-consult, KEN-5.2)."""
    require_consulting(locked(version))
    row = Consulted.objects.create(framework_id=version.framework_id, version=version, **facts)
    AuditEvent.objects.record("protocols.consulted:added", row, by=by, now=now, **told(row))
    return row


@transaction.atomic
def change(row, *, by, now, **facts):
    """Put it right; what it said before stays in the ledger."""
    require_consulting(locked(row.version))
    row.refresh_from_db()
    before = told(row)
    for name in FIELDS:
        setattr(row, name, facts[name])
    row.save()
    AuditEvent.objects.record("protocols.consulted:changed", row, by=by, now=now, was=before, **told(row))


@transaction.atomic
def remove(row, *, by, now):
    """Take it out."""
    require_consulting(locked(row.version))
    row.refresh_from_db()
    AuditEvent.objects.record("protocols.consulted:removed", row, by=by, now=now, **told(row))
    row.delete()
