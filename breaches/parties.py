"""Who is a party in force, and who acts for one: the questions that every page of a breach asks."""

from django.db.models import Exists, OuterRef, Q

from portal.models import Membership
from portal.permissions import ROLE_PERMISSIONS, Perm
from protocols.models import Party, Protocol, Version


def in_force(version) -> list[Party]:
    """The parties that the version binds now (HAR-6.1: they are told); one that is suspended stays bound."""
    return list(version.parties.filter(status__in=Party.HELD, bound_until__isnull=True).order_by("order", "name"))


def deciding(breach) -> list[Party]:
    """The parties that deal with a breach: those of the version in force; where none is any more, those that the version
    bound when the breach was reported."""
    if (version := breach.protocol.in_force) is not None:
        return in_force(version)
    bound = Q(bound_until__isnull=True) | Q(bound_until__gte=breach.reported_at)
    held = breach.version.parties.filter(
        bound, bound_from__isnull=False, status__in=[*Party.HELD, Party.Status.NOT_RE_SIGNED]
    )
    return list(held.order_by("order", "name"))


def concerned(breach) -> list[Party]:
    """Those, and the organisations in breach, if the version in force no longer has them as parties."""
    found = deciding(breach)
    rest = set(breach.guilty()) - {one.organisation_id for one in found}
    return [*found, *breach.version.parties.filter(organisation__in=rest).order_by("order", "name")]


def protocols_for(access) -> list[Protocol]:
    """Protocols in force that the reader may see: anybody who may see one may report a breach of it (READ-9)."""
    running = Version.objects.filter(protocol=OuterRef("pk"), status=Version.Status.IN_FORCE)
    return list(Protocol.objects.visible_to(access).filter(Exists(running)).order_by("reference"))


def roles_with(perm: Perm) -> list[str]:
    """Roles that give a permission."""
    return [role for role, perms in ROLE_PERMISSIONS.items() if perm in perms]


def acts_for(access, perm: Perm) -> set[int]:
    """Organisations for which the reader holds a role with this permission: not one by a role for another."""
    held = Membership.objects.live().filter(framework=access.framework, user=access.user, role__in=roles_with(perm))
    return set(held.values_list("organisation_id", flat=True))


def people_of(framework, organisations, perm: Perm | None = None) -> dict[int, list]:
    """Organisation → people who hold a live role there (with the permission)."""
    held = Membership.objects.live().filter(framework=framework, organisation__in=organisations)
    if perm is not None:
        held = held.filter(role__in=roles_with(perm))
    found: dict[int, list] = {}
    for one in held.select_related("user").order_by("user_id"):
        mine = found.setdefault(one.organisation_id, [])
        if one.user not in mine:
            mine.append(one.user)
    return found
