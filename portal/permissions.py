"""Who may do what: permissions and roles as data.

Membership is the truth. guardian's rows are derived from ROLE_PERMISSIONS in the same transaction
(`sync`), and buttons ask the Access of the request, which reads guardian once.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from django.db.models import BigIntegerField, TextChoices, Value
from django.utils.translation import gettext_lazy as _
from guardian.core import ObjectPermissionChecker

from portal.db.statements import prepared


class Perm(StrEnum):
    """Every permission on a framework; the value is guardian's codename."""

    VIEW = "view_framework"
    VIEW_ALL = "view_all_protocols"
    DRAFT = "draft_protocol"
    COMMENT = "comment_on_draft"
    DECIDE = "record_decision"
    AUDIT = "read_ledger"
    REPRESENT = "represent_organisation"
    AUTHORISE = "record_authority"
    ORGANISATION = "manage_organisation"
    MEMBERS = "manage_members"
    CONFIGURE = "configure_framework"
    REVIEW = "review_protocol"


class Role(TextChoices):
    """What a person is in a framework, for one organisation."""

    VIEWER = "viewer", _("Viewer")
    DRAFTER = "drafter", _("Drafter")
    REPRESENTATIVE = "representative", _("Representative")
    SECRETARY = "secretary", _("Board secretary")
    AUDITOR = "auditor", _("Auditor")
    ORGANISATION_ADMIN = "organisation_admin", _("Organisation administrator")
    FRAMEWORK_ADMIN = "framework_admin", _("Framework administrator")


ROLE_PERMISSIONS: dict[str, frozenset[Perm]] = {
    Role.VIEWER: frozenset({Perm.VIEW}),
    Role.DRAFTER: frozenset({Perm.VIEW, Perm.VIEW_ALL, Perm.DRAFT, Perm.COMMENT, Perm.REVIEW}),
    Role.REPRESENTATIVE: frozenset({Perm.VIEW, Perm.COMMENT, Perm.REPRESENT}),
    Role.SECRETARY: frozenset({Perm.VIEW, Perm.VIEW_ALL, Perm.COMMENT, Perm.DECIDE, Perm.AUTHORISE, Perm.REVIEW}),
    Role.AUDITOR: frozenset({Perm.VIEW, Perm.VIEW_ALL, Perm.AUDIT}),
    Role.ORGANISATION_ADMIN: frozenset({Perm.VIEW, Perm.ORGANISATION}),
    Role.FRAMEWORK_ADMIN: frozenset(
        {Perm.VIEW, Perm.VIEW_ALL, Perm.AUDIT, Perm.AUTHORISE, Perm.MEMBERS, Perm.CONFIGURE}
    ),
}
# A viewer may use a password alone; everyone else needs a second factor (ASVS 6.3.3)
ROLES_WITHOUT_SECOND_FACTOR = frozenset({Role.VIEWER})


@dataclass(frozen=True, slots=True)
class Access:
    """What one person may do in one framework, read once per request.

    organisations: ids of the organisations for which the person holds a live role here. held: (organisation, role) of
    each of those roles.
    """

    user: object
    framework: object
    organisations: tuple[int, ...] = ()
    perms: frozenset[str] = frozenset()
    roles: frozenset[str] = field(default_factory=frozenset)
    held: frozenset[tuple[int, str]] = field(default_factory=frozenset)

    @classmethod
    def of(cls, user, framework) -> "Access":
        """Read memberships and grants; needs the framework's scope."""
        if not user.is_authenticated:
            return cls(user, framework)
        found = roles_and_grants(user, framework)
        held = [(organisation, role) for kind, organisation, role in found if kind == "role"]
        granted = [name for kind, _organisation, name in found if kind == "grant"]
        # a grant that outlived its role (the organisation was suspended since) counts for nothing
        perms = frozenset(granted) & frozenset().union(*(ROLE_PERMISSIONS[role] for _organisation, role in held))
        organisations = tuple(sorted({organisation for organisation, _role in held}))
        return cls(user, framework, organisations, perms, frozenset(role for _o, role in held), frozenset(held))

    @property
    def member(self) -> bool:
        """Does the person hold any live role here?"""
        return Perm.VIEW in self.perms

    def can(self, perm: Perm) -> bool:
        """Has the person this permission here?"""
        return perm in self.perms

    def can_for(self, perm: Perm, organisation: int) -> bool:
        """Does a role for this very organisation give the permission? A role for another one does not count."""
        return self.can(perm) and any(of == organisation and perm in ROLE_PERMISSIONS[role] for of, role in self.held)


@prepared
def roles_and_grants(user, framework):
    """(kind, organisation, name) of a person's live roles and of guardian's grants: one statement, asked on every page.

    Grants to groups are never made, so the question after them is not asked.
    """
    grants = ObjectPermissionChecker(user).get_user_perms(framework).order_by()
    mine = framework.memberships.live().filter(user=user).order_by()
    return mine.values_list(Value("role"), "organisation_id", "role").union(
        grants.values_list(Value("grant"), Value(None, output_field=BigIntegerField()), "codename"), all=True
    )
