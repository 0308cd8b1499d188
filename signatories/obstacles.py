"""The one function that says what stands between a party and its signature."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from portal import clock
from portal.models import Membership
from portal.permissions import Role
from portal.templatetags.dates import longdate, longdatetime
from protocols import bars
from protocols.models import Party, Version
from protocols.parents import adopted_above, applies, bound_by, resting_on_signed
from signatories.models import Authority

# A later joiner signs a version that is completed or in force already (HAM-signed, SIG-force)
SIGNABLE = frozenset({Version.Status.OPEN_FOR_SIGNATURE, Version.Status.COMPLETED, Version.Status.IN_FORCE})
UNSIGNED = frozenset({Party.Status.INVITED, Party.Status.DECLINED})


@dataclass(frozen=True, slots=True)
class Obstacle:
    """rule: ID in the rules. words: what is in the way. what_to_do: the way out, or empty."""

    rule: str
    words: str
    what_to_do: str = ""


@dataclass(frozen=True, slots=True)
class Obstacles:
    """blocks: nothing can be signed while one stands. warnings: told, not in the way. authority: under which the
    person may sign now, or None."""

    blocks: tuple[Obstacle, ...]
    warnings: tuple[Obstacle, ...]
    authority: Authority | None


def obstacles(party, user, now, *, along=frozenset()) -> Obstacles:
    """What stands between this party and its signature by this person at this moment (aware UTC).

    along: ids of protocols that the same organisation signs in the same act, before this one (HAR-10).
    """
    return found_obstacles(party, authority_of(user, party, now), now, along=along)


def found_obstacles(party, authority, now, *, along=frozenset()) -> Obstacles:
    """The same, when the authority is known already."""
    blocks = [
        state_block(party.version),
        party_block(party),
        sanction_block(party),
        authority_block(party, authority),
        parent_block(party, now, along),
    ]
    warnings = [*registration_warnings(party.organisation, now), sign_by_warning(party.version, now)]
    return Obstacles(tuple(filter(None, blocks)), tuple(filter(None, warnings)), authority)


def representatives(organisations=None):
    """Live memberships as representative in the framework of the scope, of these organisations or of all."""
    held = Membership.objects.live().filter(role=Role.REPRESENTATIVE)
    return held if organisations is None else held.filter(organisation__in=organisations)


def authority_of(user, party, now) -> Authority | None:
    """The authority under which the person may sign for the party now. It counts only while the person is also the
    organisation's representative (SIG-who)."""
    return Authority.objects.of(user, party.organisation_id, now, protocol=party.version.protocol_id)


def authorised(organisations, now, *, protocol) -> dict[int, list]:
    """Organisation id → people who may sign this protocol for it now, for several organisations in one query."""
    people: dict[int, list] = {}
    held = Authority.objects.usable(now).covering(protocol).filter(organisation__in=organisations)
    for authority in held.select_related("user").order_by("user__full_name"):
        known = people.setdefault(authority.organisation_id, [])
        if authority.user not in known:
            known.append(authority.user)
    return people


def state_block(version) -> Obstacle | None:
    """Only an open version is signed, or by later joiners one that is completed or in force."""
    if version.status in SIGNABLE:
        return None
    words = _("%(version)s is “%(state)s”, so it cannot be signed.") % {
        "version": version,
        "state": version.get_status_display(),
    }
    return Obstacle("SIG-force", words)


def party_block(party) -> Obstacle | None:
    """A party signs once, after it was invited; one that declined may still sign while it is open."""
    if party.status == Party.Status.SIGNED:
        words = _("%(organisation)s signed on %(time)s.") % {
            "organisation": party.name,
            "time": longdatetime(party.signed_at),
        }
        return Obstacle("HAM-signed", words, _("Nothing is left to do."))
    if party.status == Party.Status.DECLINED and party.version.status != Version.Status.OPEN_FOR_SIGNATURE:
        return Obstacle(
            "HAM-signed",
            _("%(organisation)s declined.") % {"organisation": party.name},
            _("Ask the lead organisation for a new invitation."),
        )
    if party.status in UNSIGNED:
        return None
    words = _("The standing of %(organisation)s is “%(state)s”.") % {
        "organisation": party.name,
        "state": party.get_status_display(),
    }
    return Obstacle("HAM-signed", words, _("Ask the lead organisation for an invitation."))


def may_invite(party) -> bool:
    """Is there an invitation to send: to one that waits or was left out at opening, or while it is open to one that
    declined?"""
    if party.version.status == Version.Status.OPEN_FOR_SIGNATURE:
        return party.status in {Party.Status.PENDING, *UNSIGNED}
    return party.status in {Party.Status.PENDING, Party.Status.INVITED} and party.version.status in SIGNABLE


def sanction_block(party) -> Obstacle | None:
    """Who is suspended from the protocol does not sign another version of it in the meantime, and who was excluded does
    not come back by an invitation that is older (HAR-6.6)."""
    bar = bars.barring([party]).get(party.pk)
    return barred(party, bar) if bar else None


def barred(party, bar: bars.Bar) -> Obstacle:
    """In words, and who can do something about it."""
    facts = {"organisation": party.name, "protocol": party.version.protocol, "reference": bar.reference}
    if bar.excluded:
        words = _("The parties have excluded %(organisation)s from %(protocol)s (%(reference)s).") % facts
        return Obstacle("HAR-6.6", words, _("Ask the lead organisation for a new invitation."))
    words = _("%(organisation)s is suspended from %(protocol)s (%(reference)s).") % facts
    return Obstacle("HAR-6.6", words, _("The parties can lift the suspension; the board secretary records it."))


def authority_block(party, authority) -> Obstacle | None:
    """No one signs without a recorded authority that is valid now (SIG-who)."""
    if authority is not None:
        return None
    return Obstacle(
        "SIG-who",
        _("No authority is recorded under which you may sign for %(organisation)s today.")
        % {"organisation": party.name},
        _("Ask the board secretary to record who granted you the authority, for what, and from when to when."),
    )


def parent_block(party, now, along=frozenset()) -> Obstacle | None:
    """A child is signed only by an organisation that is bound by its parent, or that signs both in one act (HAR-10);
    an external parent is stated.

    An adopted parent binds only the organisation that adopted it (DUD-8): it must be in force, and the duty passes
    through it to the nearest parent that is signed.
    """
    protocol = party.version.protocol
    for above in adopted_above(protocol):
        if not applies(above, now):
            return Obstacle(
                "HAR-10",
                _("%(parent)s, which this protocol supplements, is not in force.") % {"parent": above},
                _("When it has been adopted and is in force, come back to this page."),
            )
    parent = resting_on_signed(protocol).parent
    if parent is None or parent.pk in along or bound_by(parent, party.organisation, now):
        return None
    facts = {"organisation": party.name, "parent": parent}
    words = _("%(organisation)s is not bound by %(parent)s, which this protocol supplements.") % facts
    held = Party.objects.filter(
        organisation=party.organisation_id, version__protocol=parent, version__status__in=SIGNABLE
    )
    upper = held.order_by("-version__major", "-version__minor").first()
    if upper is None:
        what_to_do = _("%(parent)s is not open for signature to %(organisation)s. Ask its lead organisation.") % facts
    elif upper.status == Party.Status.SUSPENDED:
        what_to_do = _("It is suspended from it. The parties of %(parent)s can lift that.") % facts
    elif upper.status in Party.LEFT:
        what_to_do = _("It has left %(parent)s. Ask its lead organisation for a new invitation.") % facts
    elif upper.status == Party.Status.PENDING:
        what_to_do = _("%(parent)s is not open for signature to %(organisation)s. Ask its lead organisation.") % facts
    elif upper.status in UNSIGNED:
        what_to_do = _("Sign both in one act: first the parent, then this protocol.")
    elif upper.bound_from:
        what_to_do = _("You have signed it, and it binds you from %(time)s. Come back then.") % {
            "time": longdatetime(upper.bound_from)
        }
    else:
        what_to_do = _("You have signed it. It binds you when every required party has signed; come back then.")
    return Obstacle("HAR-10", words, what_to_do)


def registration_warnings(organisation, now) -> list[Obstacle]:
    """The registration with the Information Commissioner, missing or lapsed (HAR-4.1, HAR-4.2)."""
    if not organisation.ico_number:
        words = _(
            "No registration number of the Information Commissioner’s Office (ICO) is recorded for %(organisation)s."
        )
        return [
            Obstacle(
                "HAR-4.1",
                words % {"organisation": organisation},
                _("You can sign all the same. Ask a framework administrator to add it."),
            )
        ]
    if organisation.ico_expires and organisation.ico_expires < clock.london_date(now):
        words = _("The ICO registration of %(organisation)s lapsed on %(date)s.")
        facts = {"organisation": organisation, "date": longdate(organisation.ico_expires)}
        return [
            Obstacle("HAR-4.2", words % facts, _("Renew it, and ask a framework administrator to record the new date."))
        ]
    return []


def sign_by_warning(version, now) -> Obstacle | None:
    """The sign-up deadline has passed; it is another date than the effective date (HAR-r4)."""
    if version.sign_by is None or version.sign_by >= clock.london_date(now):
        return None
    words = _("The sign-up deadline was %(date)s. You can still sign.") % {"date": longdate(version.sign_by)}
    return Obstacle("HAR-r4", words)
