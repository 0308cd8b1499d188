"""Mails about signing. Each names reference and number only, never the title or a word of the text, and carries one
link, which is an address: whoever opens it must sign in, and nothing happens by opening it."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.models import AuditEvent
from portal.notices import absolute, notice
from portal.permissions import Access
from protocols.models import Party, Version
from signatories.mails import without_signer
from signatories.models import Signature
from signatories.obstacles import SIGNABLE, authority_of

REPRESENTATIVE = _("You get this message because you may sign for this organisation.")
RUNNING = _("You get this message because you draft for the lead organisation or keep the board’s records.")
ALL = _("You get this message because you represent a party or run the signing of this version.")


def about(version, name, *more) -> dict:
    """Reference, number and one link to a page of the version."""
    args = [version.framework.slug, version.protocol.reference, version.number, *more]
    return {
        "version": version,
        "protocol": version.protocol,
        "framework": version.framework,
        "link": absolute(reverse(name, args=args)),
    }


def party_of(email) -> Party | None:
    """The party that a mail is about."""
    found = Party.objects.select_related("organisation", "version__protocol", "version__framework")
    return found.filter(pk=email.ids["party"]).first()


def readable(email) -> Version | None:
    """The version that a mail is about, if its recipient may read it now."""
    version = Version.objects.select_related("protocol", "framework").filter(pk=email.ids["version"]).first()
    return version if version and may_read(email.user, version) else None


def may_read(user, version) -> bool:
    """Asked again at sending: somebody who lost access since is told nothing."""
    return Version.objects.visible_to(Access.of(user, version.framework)).filter(pk=version.pk).exists()


@notice("signatories.invitation", why=REPRESENTATIVE)
def invitation(email):
    """Nothing is said once the party has answered, the version has closed or the authority has ended."""
    party = party_of(email)
    if party is None or party.status != Party.Status.INVITED or party.version.status not in SIGNABLE:
        return None
    if authority_of(email.user, party, clock.now()) is None:
        return None
    return {"party": party, **about(party.version, "sign", party.pk)}


@notice("signatories.signed", why=_("You get this message because you signed."))
def signed(email):
    """The signer's own confirmation, with the reference of the evidence."""
    signature = Signature.objects.select_related("party__version__protocol", "party__version__framework").get(
        pk=email.ids["signature"]
    )
    return {
        "signature": signature,
        "party": signature.party,
        **about(signature.party.version, "sign-done", signature.party_id),
    }


@notice("signatories.party-signed", why=RUNNING)
def party_signed(email):
    """To drafters of the lead and secretaries. They get no signer's link."""
    party = party_of(email)
    if party is None or not may_read(email.user, party.version):
        return None
    return {"party": party, **about(party.version, "signatures")}


@notice("signatories.declined", why=RUNNING)
def declined(email):
    """To drafters of the lead and secretaries; the reason stands on the page, not in the mail."""
    return party_signed(email)


@notice("signatories.completed", why=ALL)
def completed(email):
    """The last required party has signed."""
    version = readable(email)
    return version and about(version, "signatures")


@notice("signatories.withdrawn", why=ALL)
def withdrawn(email):
    """Nobody need sign any more; or nobody is bound any more."""
    version = readable(email)
    if version is None:
        return None
    ended = AuditEvent.objects.about(version).filter(verb="protocols.version:withdrawn").order_by("pk").last()
    was_in_force = ended is not None and ended.payload.get("was") == Version.Status.IN_FORCE
    return about(version, "signatures") | {"was_in_force": was_in_force}


@notice("signatories.nobody-signs", why=_("You get this message because you record who may sign."))
def nobody_signs(email):
    """A party waits and nobody may sign for it any more: to those who can record an authority. The documents are counted
    again at sending; none is named that the reader may not read."""
    waiting = without_signer(email.ids["organisation"], clock.now())
    readable = [party for party in waiting if may_read(email.user, party.version)]
    if not readable:
        return None
    return {
        "organisation": readable[0].name,
        "documents": [f"{party.version.protocol.reference} {party.version.number}" for party in readable],
        "framework": readable[0].version.framework,
        "link": absolute(reverse("representatives", args=[readable[0].version.framework.slug])),
    }
