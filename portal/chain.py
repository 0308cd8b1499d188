"""The chain of contacts of an organisation: owner → deputy → organisation administrator → framework administrator.

Everybody is found by permission and live role, never by name, and everything is read once for a run. Whom nothing
reaches (they have left, or their mail came back) is passed over for the next contact, in the same run.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, Q

from portal.ladders import Level, Pace
from portal.models import Deputy, Framework, Membership, OutgoingEmail, Skipped, User
from portal.permissions import ROLE_PERMISSIONS, Access, Perm, Role

#: How often people hear who have chosen nothing; of several roles the quickest counts.
PACES = {Role.REPRESENTATIVE: Pace.AT_ONCE, Role.SECRETARY: Pace.WEEKLY}
QUICKEST = list(Pace)
ARRIVED = [OutgoingEmail.Status.SENT, OutgoingEmail.Status.DELIVERED]

Sees = Callable[[int], bool]


def everything(user: int) -> bool:
    """Nothing is hidden from anybody."""
    return True


@dataclass(slots=True)
class Chain:
    """Of one framework: live roles by organisation, paces, person → (organisation, deputy), whose mail came back, roles
    that are over by organisation, the last first; and, filled while asking, who was passed over and why."""

    roles: dict[int, list[tuple[int, str]]] = field(default_factory=dict)
    of_person: dict[int, frozenset[tuple[int, str]]] = field(default_factory=dict)
    paces: dict[int, Pace] = field(default_factory=dict)
    deputies: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    bounced: frozenset[int] = frozenset()
    former: dict[int | None, list[tuple[int, str]]] = field(default_factory=dict)  # None: of all of them
    skipped: dict[tuple[int | None, int], str] = field(default_factory=dict)
    seen: dict[frozenset[tuple[int, str]], frozenset[int]] = field(
        default_factory=dict
    )  # by roles (deadline_reminders)

    @classmethod
    def of(cls, framework: Framework) -> "Chain":
        """Read it: as many statements for ten people as for ten thousand. Needs the scope."""
        chain = cls(bounced=unreached(framework))
        live = Membership.objects.live().filter(framework=framework).order_by("user", "pk")
        for user, organisation, role, chosen in live.values_list(
            "user_id", "organisation_id", "role", "user__reminder_pace"
        ):
            chain.roles.setdefault(organisation, []).append((user, role))
            chain.of_person[user] = chain.held(user) | {(organisation, role)}
            pace = Pace(chosen) if chosen else PACES.get(Role(role), Pace.DAILY)
            chain.paces[user] = min(chain.paces.get(user, pace), pace, key=QUICKEST.index)
        for organisation, user, deputy in Deputy.objects.filter(framework=framework).values_list(
            "organisation_id", "user_id", "deputy_id"
        ):
            chain.deputies.setdefault(user, []).append((organisation, deputy))
        over = Membership.objects.filter(framework=framework).filter(
            Q(ended_at__isnull=False) | Q(user__is_active=False)
        )
        for organisation, user, role in over.order_by("-ended_at").values_list("organisation_id", "user_id", "role"):
            for place in (organisation, None):
                chain.former.setdefault(place, []).append((user, role))
        return chain

    def holders(self, perm: Perm, organisation: int | None = None) -> list[int]:
        """People with a live role that gives the permission, of one organisation or of the whole framework."""
        groups = self.roles.values() if organisation is None else [self.roles.get(organisation, [])]
        return list(dict.fromkeys(user for group in groups for user, role in group if perm in ROLE_PERMISSIONS[role]))

    def reached(self, people: Iterable[int]) -> list[int]:
        """Those of them whom a mail reaches and who work here now."""
        return [user for user in people if user in self.paces and user not in self.bounced]

    def reached_of(self, organisation: int | None, contacts: list[int]) -> list[int]:
        """Those of the contacts of an organisation whom a mail reaches; the others are noted as passed over."""
        for user in contacts:
            if user in self.bounced:
                self.skipped[organisation, user] = Skipped.Reason.BOUNCED
        return self.reached(contacts)

    def held(self, user: int) -> frozenset[tuple[int, str]]:
        """(organisation, role) of each of the person's live roles."""
        return self.of_person.get(user, frozenset())

    def access(self, framework: Framework, user: int) -> Access:
        """What the person may do, by the roles that were read."""
        held = self.held(user)
        perms = frozenset().union(*(ROLE_PERMISSIONS[role] for _place, role in held))
        places = tuple(sorted({place for place, _role in held}))
        return Access(User(pk=user), framework, places, perms, frozenset(role for _place, role in held), held)

    def stand_ins(self, organisation: int | None, user: int) -> list[int]:
        """The person's deputy at the organisation (anywhere in the framework when it is None), if a mail reaches them
        and they hold a role there."""
        named = [
            (place, deputy)
            for place, deputy in self.deputies.get(user, [])
            if organisation is None or place == organisation
        ]
        return self.reached_of(organisation, [deputy for place, deputy in named if deputy in self.people_of(place)])

    def people_of(self, organisation: int | None) -> set[int]:
        """Everybody with a live role for an organisation, or anywhere in the framework."""
        if organisation is None:
            return set(self.paces)
        return {user for user, _role in self.roles.get(organisation, [])}

    def above(self, organisation: int | None, sees: Sees = everything) -> list[tuple[int, Level]]:
        """The organisation's administrators; the framework's where it has none that a mail reaches."""
        own = self.holders(Perm.ORGANISATION, organisation) if organisation is not None else []
        if own := list(filter(sees, self.reached_of(organisation, own))):
            return [(user, Level.ORGANISATION) for user in own]
        chiefs = self.reached_of(None, self.holders(Perm.CONFIGURE))
        return [(user, Level.FRAMEWORK) for user in filter(sees, chiefs)]

    def told(
        self,
        owners: Sequence[int],
        level: Level,
        *,
        organisation: int | None = None,
        perm: Perm | None = None,
        sees: Sees = everything,
    ) -> dict[int, Level]:
        """Person → as what they are told, of a step that reaches up to a level.

        perm: what owners are found by; when nobody holds it any more, deputies of those who held it are told. sees:
        whether a person may see what it is about; who may not is no contact.
        """
        owners = [user for user in owners if sees(user)]
        people = dict.fromkeys(self.reached(owners), Level.OWNER)
        lost = [user for user in owners if user not in people]
        for user in lost:
            self.skipped[organisation, user] = Skipped.Reason.BOUNCED
        if not owners and perm is not None:
            held = [user for user, role in self.former.get(organisation, []) if perm in ROLE_PERMISSIONS[role]]
            lost = list(dict.fromkeys(held))
            # the last who held it; earlier ones were told of in their time. Who only changed roles has not left
            for user in [user for user in lost[:1] if user not in self.people_of(organisation)]:
                self.skipped[organisation, user] = Skipped.Reason.LEFT
        instead = {
            user: list(filter(sees, self.stand_ins(organisation, user))) for user in (*lost, *(owners if level else ()))
        }
        for deputies in instead.values():
            for deputy in deputies:
                people.setdefault(deputy, Level.DEPUTY)
        unanswered = owners and any(not instead[user] for user in lost)
        if level >= Level.ORGANISATION or unanswered or not people:
            for user, place in self.above(organisation, sees):
                people.setdefault(user, place)
        if level >= Level.FRAMEWORK:
            for user in filter(sees, self.reached(self.holders(Perm.CONFIGURE))):
                people.setdefault(user, Level.FRAMEWORK)
        return people

    def pace(self, user: int) -> Pace:
        """How often a person hears."""
        return self.paces.get(user, Pace.DAILY)


def unreached(framework: Framework) -> frozenset[int]:
    """People whose mail of this framework came back, and nothing since arrived or was allowed to be tried again."""
    bounced = OutgoingEmail.objects.filter(framework=framework, status=OutgoingEmail.Status.BOUNCED, user__isnull=False)
    of_user = {"framework": framework, "user": OuterRef("user")}
    later = OutgoingEmail.objects.filter(**of_user, pk__gt=OuterRef("pk"), status__in=ARRIVED)
    cleared = Skipped.objects.filter(**of_user, reason=Skipped.Reason.BOUNCED, cleared_at__gt=OuterRef("queued_at"))
    return frozenset(bounced.exclude(Exists(later)).exclude(Exists(cleared)).values_list("user_id", flat=True))
