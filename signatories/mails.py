"""Who is written to about signing. Every mail is queued in the act's own transaction; notices.py makes its text."""

from dataclasses import dataclass

from portal.models import OutgoingEmail, User
from portal.notices import holders
from portal.permissions import Perm
from protocols.models import Party
from signatories.obstacles import authorised, representatives


@dataclass(frozen=True, slots=True)
class Invited:
    """people: who was written to. without: parties for which nobody may sign yet."""

    people: list
    without: list[Party]


def mail_representatives(parties, *, now) -> Invited:
    """Queue the invitations of these parties; those without an authorised representative are given back."""
    people = authorised([party.organisation_id for party in parties], now)
    for party in parties:
        mail_invitation(party, people.get(party.organisation_id, []), now=now)
    written = [person for party in parties for person in people.get(party.organisation_id, [])]
    return Invited(written, [party for party in parties if not people.get(party.organisation_id)])


def mail_invitation(party, people, *, now):
    """One invitation for each person; the link in it is an address, never a token that signs."""
    for person in people:
        key = f"invitation:{party.pk}:{person.pk}:{int(now.timestamp())}"
        OutgoingEmail.objects.queue(
            "signatories.invitation", to=person, key=key, now=now, framework=party.framework_id, party=party.pk
        )


def watchers(version, *, besides=None) -> list[User]:
    """Drafters of the lead organisation and the board's secretaries: told of every answer."""
    framework, lead = version.framework, version.protocol.lead_organisation_id
    people = holders(framework, Perm.DRAFT, organisations=[lead]) + holders(framework, Perm.DECIDE)
    return [person for person in dict.fromkeys(people) if person != besides]


def copies_of(version, signer) -> list[tuple[str, User]]:
    """(kind of mail, person): who hears of a signature. It is in the evidence before the mails are queued."""
    told = [("signatories.party-signed", person) for person in watchers(version, besides=signer)]
    return [("signatories.signed", signer), *told]


def tell_everybody(kind, version, *, now):
    """One mail to each representative of each party, and to the watchers, that the version has come to an end of signing."""
    parties = list(version.parties.all())
    members = representatives([party.organisation_id for party in parties]).select_related("user").order_by("user")
    people = [member.user for member in members]
    for person in dict.fromkeys(people + watchers(version)):
        OutgoingEmail.objects.queue(
            kind,
            to=person,
            key=f"{kind}:{version.pk}:{person.pk}",
            now=now,
            framework=version.framework_id,
            version=version.pk,
        )


def queue(kind, person, party, *, key, now, **ids):
    """One mail about a party."""
    OutgoingEmail.objects.queue(kind, to=person, key=key, now=now, framework=party.framework_id, party=party.pk, **ids)
