"""The chain of contacts of an organisation: owner → deputy → organisation administrator → framework administrator.

Everybody is found by permission and live role, never by name, and everything is read once for a run.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import F

from portal.ladders import Level, Pace
from portal.models import Framework, Membership
from portal.permissions import ROLE_PERMISSIONS, Perm, Role

#: How often people hear who have chosen nothing; of several roles the quickest counts.
PACES = {Role.REPRESENTATIVE: Pace.AT_ONCE, Role.SECRETARY: Pace.WEEKLY}
ORDER = list(Pace)  # quickest first
ADMINISTERS = Perm.CONFIGURE


@dataclass(slots=True)
class Chain:
    """Live roles of one framework: person → role, by organisation. Paces of those people."""

    roles: dict[int | None, list[tuple[int, str]]] = field(default_factory=dict)
    paces: dict[int, Pace] = field(default_factory=dict)

    @classmethod
    def of(cls, framework: Framework) -> "Chain":
        """Read it: one statement, however many people there are. Needs the scope."""
        chain = cls()
        live = Membership.objects.live().filter(framework=framework).order_by("user", "pk")
        for user, organisation, role in live.values_list(F("user"), "organisation_id", "role"):
            chain.roles.setdefault(organisation, []).append((user, role))
            pace = PACES.get(Role(role), Pace.DAILY)
            chain.paces[user] = min(chain.paces.get(user, pace), pace, key=ORDER.index)
        return chain

    def holders(self, perm: Perm, organisation: int | None = None) -> list[int]:
        """People with a live role that gives the permission, of one organisation or of the whole framework."""
        groups = self.roles.values() if organisation is None else [self.roles.get(organisation, [])]
        return list(dict.fromkeys(user for group in groups for user, role in group if perm in ROLE_PERMISSIONS[role]))

    def told(self, owners: Iterable[int], level: Level) -> dict[int, Level]:
        """Person → as what they are told, of a step that reaches up to a level. Where nobody is, the next one up is."""
        people = dict.fromkeys(owners, Level.OWNER)
        if level >= Level.FRAMEWORK or not people:
            for user in self.holders(ADMINISTERS):
                people.setdefault(user, Level.FRAMEWORK)
        return people

    def pace(self, user: int) -> Pace:
        """How often a person hears."""
        return self.paces.get(user, Pace.DAILY)
