"""Who sits on a board: its organisations, by the kind of the board. The app that owns a kind registers it."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

from portal.models import Board, MemberOrganisation, Organisation, PartnershipMember

# board → ids of organisations, as a queryset or a list
Members = Callable[[Board], Any]
MEMBERS: dict[str, Members] = {}


def members(kind: str) -> Callable[[Members], Members]:
    """Register who sits on boards of a kind."""

    def register(find: Members) -> Members:
        MEMBERS[kind] = find
        return find

    return register


def organisations_of(board: Board) -> QuerySet[Organisation]:
    """The organisations that sit on the board now, active in its framework. Needs the scope."""
    active = MemberOrganisation.objects.filter(
        framework=board.framework_id, status=MemberOrganisation.Status.ACTIVE
    ).values("organisation")
    found = Organisation.objects.filter(pk__in=MEMBERS[board.kind](board)).filter(pk__in=active)
    return found.order_by("name", "pk")


@members(Board.Kind.FRAMEWORK)
def of_the_framework(board: Board):
    """Every organisation of the framework."""
    return MemberOrganisation.objects.filter(framework=board.framework_id).values("organisation")


@members(Board.Kind.PARTNERSHIP)
def of_the_partnerships(board: Board):
    """The organisations of the partnerships whose board it is."""
    return PartnershipMember.objects.filter(partnership__board=board).values("organisation")
