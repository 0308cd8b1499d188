"""Procedures and senior managers of a protocol (HAR-8): who may change them, what is missing, and the acts.

Each act is one transaction with its ledger event. They are possible from the first draft to the end of the protocol,
also while a version is being signed and after: nothing of them is part of the frozen text (docs/adr).
"""

import hashlib
import json

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _

from portal.errors import StateError
from portal.models import AuditEvent, Membership
from portal.permissions import Perm, Role
from protocols.beginning import keep
from protocols.drafting import drop
from protocols.models import Arrangement, Protocol, Version

FIELDS = ("title", "status", "owner", "link")
OVER = {Version.Status.SUPERSEDED, Version.Status.WITHDRAWN, Version.Status.EXPIRED}
Kind, Status = Arrangement.Kind, Arrangement.Status


def represented(access) -> set[int]:
    """Ids of the organisations whose representative the person is here, now."""
    if not access.can(Perm.REPRESENT):
        return set()
    mine = Membership.objects.live().filter(framework=access.framework, user=access.user, role=Role.REPRESENTATIVE)
    return set(mine.values_list("organisation_id", flat=True))


def may_change(access, organisation_id) -> bool:
    """Joint ones (no organisation) are the drafter's, local ones and managers the party's own representative's."""
    return access.can(Perm.DRAFT) if organisation_id is None else organisation_id in represented(access)


def base_of(arrangement) -> str:
    """A fingerprint of what a form was loaded from."""
    values = [str(getattr(arrangement, name)) for name in FIELDS]
    return hashlib.sha256(json.dumps(values, ensure_ascii=False).encode()).hexdigest()


def refuse_over(protocol):
    """Nothing is arranged for a protocol that has ended. Raises StateError."""
    if not protocol.versions.exclude(status__in=OVER).exists():
        raise StateError(
            _("%(protocol)s has ended, so its procedures stand as they are.") % {"protocol": protocol},
            _("Begin a next version, if the protocol is to go on."),
        )


def locked(protocol):
    """One change at a time, while the protocol goes on."""
    protocol.refresh_from_db(from_queryset=Protocol._base_manager.select_for_update(of=("self",)))
    refuse_over(protocol)


def add(protocol, kind, organisation, data, *, by, now) -> Arrangement:
    """A procedure of one party or of all, or a party's senior manager."""
    with transaction.atomic():
        locked(protocol)
        made = Arrangement(
            framework_id=protocol.framework_id, protocol=protocol, kind=kind, organisation=organisation,
            changed_at=now, changed_by=by, **data,
        )  # fmt: skip
        keep(made, by=by)
        record("added", made, by=by, now=now)
    return made


def change(arrangement, data, *, base, by, now):
    """Save what was changed. Raises StateError when somebody else changed it since the form was opened."""
    with transaction.atomic():
        locked(arrangement.protocol)
        current(arrangement, base)
        was = arrangement.status
        for name, value in data.items():
            setattr(arrangement, name, value)
        arrangement.changed_at, arrangement.changed_by = now, by
        keep(arrangement, by=by)
        record("changed", arrangement, by=by, now=now, was=was)


def remove(arrangement, *, base, by, now):
    """Take it away; its history stays."""
    with transaction.atomic():
        locked(arrangement.protocol)
        current(arrangement, base)
        record("removed", arrangement, by=by, now=now)
        drop(arrangement, by=by)


def current(arrangement, base):
    """Read it again under the protocol's lock. Raises StateError if it is not what the form was opened with."""
    found = Arrangement.objects.filter(pk=arrangement.pk).first()
    if found is None or base_of(found) != base:
        raise StateError(
            _("Somebody else changed this while you had it open."), _("Look at what stands now, then decide again.")
        )
    for name in FIELDS:
        setattr(arrangement, name, getattr(found, name))


def record(what, arrangement, *, by, now, **details):
    """In the ledger; names of persons stay out of it."""
    organisation = arrangement.organisation.name if arrangement.organisation_id else ""
    AuditEvent.objects.record(
        f"protocols.arrangement:{what}", arrangement, by=by, now=now, kind=arrangement.kind, organisation=organisation,
        status="" if arrangement.kind == Kind.MANAGER else arrangement.status, **details,
    )  # fmt: skip


# --- what is missing


def in_one(protocol):
    """kind, organisation and status of every row of a protocol, as an expression: the protocol's page has them in a
    statement that it makes anyway."""
    rows = Arrangement.objects.filter(protocol=protocol).order_by("pk")
    return ArraySubquery(rows.values(facts=JSONObject(kind="kind", organisation="organisation_id", status="status")))


def warnings(parties, rows) -> list[str]:
    """What the protocol asks its partners for and is not there yet; nothing of it stops anybody (HAR-8).

    rows: as in_one() gives them.
    """
    placed = [row for row in rows if row["status"] == Status.IN_PLACE]
    local = {row["organisation"] for row in placed if row["kind"] == Kind.LOCAL}
    managed = {row["organisation"] for row in rows if row["kind"] == Kind.MANAGER}
    found = []
    if lacking := names_without(parties, local):
        found.append(_("No local procedure in place: %(parties)s") % {"parties": lacking})
    if not any(row["kind"] == Kind.JOINT for row in placed):
        found.append(_("No joint procedure in place"))
    if lacking := names_without(parties, managed):
        found.append(_("No senior manager designated: %(parties)s") % {"parties": lacking})
    return found


def names_without(parties, organisations) -> str:
    """The parties whose organisation is not among these."""
    return ", ".join(party.name for party in parties if party.organisation_id not in organisations)
