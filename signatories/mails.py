"""Who is written to about signing. Every mail is queued in the act's own transaction; notices.py makes its text."""

from dataclasses import dataclass

from django.db.models import Q

from portal.db.statements import prepared
from portal.models import Membership, OutgoingEmail, User
from portal.models.outbox import Queued
from portal.notices import holders
from portal.permissions import ROLE_PERMISSIONS, Perm
from protocols import bars
from protocols.models import Party
from signatories.models import Authority
from signatories.obstacles import SIGNABLE, authorised, representatives


@dataclass(frozen=True, slots=True)
class Invited:
    """people: who was written to. without: parties for which nobody may sign yet."""

    people: list
    without: list[Party]


def mail_representatives(parties, *, now) -> Invited:
    """Queue the invitations of these parties of one version; those without an authorised representative are given back."""
    protocol = parties[0].version.protocol_id if parties else None
    people = authorised([party.organisation_id for party in parties], now, protocol=protocol)
    for party in parties:
        mail_invitation(party, people.get(party.organisation_id, []), now=now)
    written = [person for party in parties for person in people.get(party.organisation_id, [])]
    return Invited(written, [party for party in parties if not people.get(party.organisation_id)])


def mail_invitation(party, people, *, now):
    """One invitation for each person; the link in it is an address, never a token that signs."""
    mails = [
        Queued(
            "signatories.invitation",
            person,
            f"invitation:{party.pk}:{person.pk}:{int(now.timestamp())}",
            {"party": party.pk},
        )
        for person in people
    ]
    OutgoingEmail.objects.queue_many(mails, now=now, framework=party.framework_id)


def invite_holder(authority, *, now):
    """Write to the holder of a new authority about everything that it lets them sign and that waits."""
    if not Authority.objects.valid(now).filter(pk=authority.pk).exists():
        return
    for party in waiting_of(authority.organisation_id, authority.protocol_id):
        mail_invitation(party, [authority.user], now=now)


def waiting_of(organisation, protocol=None) -> list[Party]:
    """Parties of this organisation, in this protocol or in all (ids), that were asked to sign, have not answered and may."""
    found = Party.objects.filter(organisation=organisation, status=Party.Status.INVITED, version__status__in=SIGNABLE)
    if protocol is not None:
        found = found.filter(version__protocol=protocol)
    waiting = list(found.select_related("version__protocol", "version__framework"))
    barred = bars.barring(waiting)  # HAR-6.6
    return [party for party in waiting if party.pk not in barred]


@bars.when_lifted
def invite_after_suspension(organisation, protocol, *, now):
    """Whoever was suspended when a version was opened is asked now (HAR-6.6)."""
    for party in waiting_of(organisation, protocol):
        mail_representatives([party], now=now)


def without_signer(organisation, now) -> list[Party]:
    """Of those, the ones that nobody may sign for now."""
    return [
        party
        for party in waiting_of(organisation)
        if not authorised([organisation], now, protocol=party.version.protocol_id)
    ]


def tell_if_nobody_signs(framework, organisation, *, now):
    """Board secretaries and administrators are told of parties that wait although nobody may sign for them any more."""
    if not without_signer(organisation, now):
        return
    mails = [
        Queued(
            "signatories.nobody-signs",
            person,
            f"nobody-signs:{organisation}:{person.pk}:{int(now.timestamp())}",
            {"organisation": organisation},
        )
        for person in holders(framework, Perm.AUTHORISE)
    ]
    OutgoingEmail.objects.queue_many(mails, now=now, framework=framework)


def watchers(version, *, besides=None) -> list[User]:
    """Drafters of the lead organisation and the board's secretaries: told of every answer."""
    people = people_watching(version.framework_id, version.protocol.lead_organisation_id)
    return [person for person in people if person != besides]


@prepared
def people_watching(framework, lead):
    """The same of any version of a framework that this organisation leads."""
    roles = {perm: [role for role, perms in ROLE_PERMISSIONS.items() if perm in perms] for perm in Perm}
    drafts = Q(role__in=roles[Perm.DRAFT], organisation=lead)
    held = Membership.objects.live().filter(drafts | Q(role__in=roles[Perm.DECIDE]), framework=framework)
    return User.objects.filter(pk__in=held.values("user")).order_by("pk")


def copies_of(version, signer) -> list[tuple[str, User]]:
    """(kind of mail, person): who hears of a signature. It is in the evidence before the mails are queued."""
    told = [("signatories.party-signed", person) for person in watchers(version, besides=signer)]
    return [("signatories.signed", signer), *told]


def tell_everybody(kind, version, *, now):
    """One mail to each representative of each party, and to the watchers, that the version has come to an end of signing."""
    parties = list(version.parties.all())
    members = representatives([party.organisation_id for party in parties]).select_related("user").order_by("user")
    people = [member.user for member in members]
    mails = [
        Queued(kind, person, f"{kind}:{version.pk}:{person.pk}", {"version": version.pk})
        for person in dict.fromkeys(people + watchers(version))
    ]
    OutgoingEmail.objects.queue_many(mails, now=now, framework=version.framework_id)


def queue_answer(party, told, *, key, now, **ids):
    """The mails about an answer of a party. told: [(kind, person)]. key: of the answer."""
    mails = [Queued(kind, person, f"{kind}:{key}:{person.pk}", {"party": party.pk, **ids}) for kind, person in told]
    OutgoingEmail.objects.queue_many(mails, now=now, framework=party.framework_id)
