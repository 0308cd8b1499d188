"""Notices of intention: what a party says before signature, and who reads it (HAR-r2)."""

from django.db import transaction
from django.utils.translation import gettext as _

from portal.errors import StateError
from portal.models import Membership
from portal.permissions import Role
from portal.templatetags.dates import longdate
from protocols import notices
from protocols.models import Intention, Party, Version
from protocols.pages import place
from protocols.workflow import locked

BEFORE_SIGNATURE = {
    Version.Status.CONSULTATION,
    Version.Status.APPROVAL,
    Version.Status.APPROVED,
    Version.Status.OPEN_FOR_SIGNATURE,
}
UNANSWERED = {Party.Status.PENDING, Party.Status.INVITED}


def own_parties(version, user):
    """The parties of the version that the person represents now (SIG-who)."""
    held = Membership.objects.live().filter(framework=version.framework_id, user=user, role=Role.REPRESENTATIVE)
    return version.parties.filter(organisation__in=held.values("organisation"))


def require_before_signature(party):
    """Raises StateError before the draft was circulated and once the party has signed or declined."""
    if party.version.status not in BEFORE_SIGNATURE or party.status not in UNANSWERED:
        raise StateError(
            _("A notice of intention is given before signature, and %(party)s is “%(state)s” on %(version)s.")
            % {"party": party.name, "state": party.get_status_display(), "version": party.version},
            _("Look at the page of the protocol for what you can do now."),
        )


def give(party, *, will_sign, sign_by, note, by, now) -> Intention:
    """Record what the party intends; the secretary and the lead organisation are told. Changed only by a new one."""
    with transaction.atomic():
        version = locked(party.version)
        party = version.parties.get(pk=party.pk)
        party.version = version
        require_before_signature(party)
        intention = Intention.objects.record(
            party, will_sign=will_sign, sign_by=sign_by if will_sign else None, note=note, by=by, now=now
        )
        notices.tell_intention(intention, now=now)
        return intention


def words_of(intention) -> str:
    """ "Intends to sign by 27 March 2027", or "Does not intend to sign"."""
    if not intention.will_sign:
        return _("Does not intend to sign")
    return _("Intends to sign by %(day)s") % {"day": longdate(intention.sign_by)}


def intention_rows(version, access) -> list[list]:
    """A row for each party whose notice the reader may see; empty when nobody has given one."""
    given = {
        one.party_id: one
        for one in Intention.objects.visible_to(access)
        .newest()
        .filter(party__version=version)
        .select_related("made_by")
    }
    if not given:
        return []
    return [
        [party.name, words_of(one), {"lines": one.note.split("\n") if one.note else [], "empty": "–"}, given_words(one)]
        for party in version.parties.all()
        if (one := given.get(party.pk))
    ]


def given_words(intention) -> str:
    """By whom and when."""
    who = intention.made_by.full_name if intention.made_by else ""
    return ", ".join(filter(None, [who, longdate(intention.made_at)]))


def intention_links(request, version) -> list[dict]:
    """For a representative: the way to say what the organisation intends."""
    if version.status not in BEFORE_SIGNATURE:
        return []
    return [
        {
            "text": _("Say whether %(organisation)s intends to sign") % {"organisation": party.name},
            "href": place(request, "intention", version, party.pk),
        }
        for party in own_parties(version, request.user).filter(status__in=UNANSWERED)
    ]
