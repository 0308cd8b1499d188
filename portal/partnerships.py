"""Partnerships are made and changed (KEN-4.3iii). One transaction each, recorded; needs the framework's scope."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from portal.errors import StateError
from portal.models import AuditEvent, Board, Framework, Organisation, Partnership, PartnershipMember, User
from portal.workflow import must_be_active


@transaction.atomic
def create(
    framework: Framework,
    *,
    name: str,
    board: Board,
    organisations: Iterable[Organisation],
    by: User | None,
    now: datetime,
) -> Partnership:
    """A partnership of active members of the framework, with the board that decides on its protocols.

    Raises StateError for a name that is taken or an organisation that is no active member here.
    """
    Framework.objects.select_for_update().get(pk=framework.pk)
    refuse_taken(framework, name)
    partnership = Partnership.objects.create(framework=framework, name=name, board=board)
    change_members(partnership, organisations)
    record("created", partnership, by=by, now=now)
    return partnership


@transaction.atomic
def edit(
    partnership: Partnership,
    *,
    name: str,
    board: Board,
    organisations: Iterable[Organisation],
    by: User | None,
    now: datetime,
) -> None:
    """Change name, board and members. A decision already recorded stays the decision of the board that took it.

    Raises StateError as `create` does.
    """
    framework = Framework.objects.select_for_update().get(pk=partnership.framework_id)
    refuse_taken(framework, name, besides=partnership)
    was = facts_of(partnership)
    partnership.name, partnership.board = name, board
    partnership.save(update_fields=["name", "board"])
    change_members(partnership, organisations)
    record("edited", partnership, by=by, now=now, was=was)


def refuse_taken(framework, name, *, besides=None):
    """Raises StateError if another partnership of the framework has this name."""
    others = Partnership.objects.filter(framework=framework, name__iexact=name)
    if besides is not None:
        others = others.exclude(pk=besides.pk)
    if others.exists():
        raise StateError(_("There is a partnership called “%(name)s” already.") % {"name": name})


def change_members(partnership, organisations):
    """Make the members exactly these; one that is there already may stay although it is suspended."""
    wanted = {organisation.pk: organisation for organisation in organisations}
    held = set(partnership.members.values_list("organisation_id", flat=True))
    for pk in wanted.keys() - held:
        must_be_active(partnership.framework, wanted[pk])
        PartnershipMember.objects.create(
            framework_id=partnership.framework_id, partnership=partnership, organisation=wanted[pk]
        )
    partnership.members.filter(organisation__in=held - wanted.keys()).delete()


def facts_of(partnership) -> dict:
    """Name, board and members, for the ledger."""
    return {
        "name": partnership.name,
        "board": partnership.board.name,
        "organisations": sorted(partnership.members.values_list("organisation_id", flat=True)),
    }


def record(what, partnership, *, by, now, **more):
    """The ledger's row, with the facts as they are now."""
    AuditEvent.objects.record(
        f"portal.partnership:{what}", partnership, by=by, now=now, **facts_of(partnership), **more
    )
