"""An editorial change that the deciding body exempts from signing again (HAR-2.3, SIG-num, SIG-new).

The version is frozen and comes into force without signatures. A signature never moves: each party stays bound by the
one that it gave to an earlier version, and the rows of the new version say so.
"""

from django.utils.translation import gettext as _

from portal.errors import NotReady
from portal.templatetags.dates import longdate
from protocols import bars
from protocols.models import Party


def is_exempt(version) -> bool:
    """Does the decision under which it is approved exempt it from signing?"""
    return version.approval is not None and version.approval.no_re_signing


def earlier_parties(version) -> dict[int, Party]:
    """Organisation → its party on the version in force, for those that are bound by it now."""
    held = version.protocol.in_force
    if held is None or held.pk == version.pk:
        return {}
    bound = held.parties.filter(status__in=Party.GIVEN, bound_from__isnull=False, bound_until__isnull=True)
    found = {party.organisation_id: party for party in bound.select_related("signature_of__version")}
    for party in found.values():
        party.version = held
    return found


def in_the_way(version) -> list[str]:
    """Why this version cannot come into force without being signed again; empty: it can."""
    held = version.protocol.in_force
    if not version.minor or held is None:
        return [_("Only an editorial change of a version that is in force need not be signed again.")]
    earlier, parties = earlier_parties(version), list(version.parties.all())
    there = {party.organisation_id for party in parties}
    facts = {"number": held.number}
    left = [
        _("%(organisation)s is bound by version %(number)s, so it must stay a party.")
        % {"organisation": party.name, **facts}
        for organisation, party in earlier.items()
        if organisation not in there
    ]
    new = [
        _("%(organisation)s must sign, and is not bound by version %(number)s.") % {"organisation": party.name, **facts}
        for party in parties
        if party.required and party.organisation_id not in earlier
    ]
    return left + new


def refuse_exemption(version):
    """Raises NotReady with what is in the way."""
    if found := in_the_way(version):
        raise NotReady(
            _("%(version)s cannot come into force without being signed again.") % {"version": version},
            found,
            _("Have it signed again, or change its parties first."),
        )


def carry_on(version, *, by, now):
    """Open for signature → completed, each party bound by its earlier signature. Call under the version's lock."""
    refuse_exemption(version)
    earlier = earlier_parties(version)
    parties = list(version.parties.select_related("version__protocol"))
    barred, reference = bars.barring(parties), version.approval.reference
    for party in parties:
        if party.organisation_id in earlier:
            by_what = barred[party.pk].reference if party.pk in barred else ""
            held = earlier[party.organisation_id]
            party.carry_on(held, reference=reference, suspended_by=by_what, by=by, now=now)
    version.complete(now=now)


def words_of(version) -> dict[str, str]:
    """Name of party → what stands in the place of its signature in the printed document; empty unless exempt."""
    if not is_exempt(version):
        return {}
    rows = {
        party.name: party.signature_of
        for party in version.parties.filter(signature_of__isnull=False).select_related("signature_of__version")
    }
    if not rows:  # before it is frozen
        earlier = earlier_parties(version)
        rows = {
            party.name: earlier[party.organisation_id].signature_of or earlier[party.organisation_id]
            for party in version.parties.all()
            if party.organisation_id in earlier
        }
    words = _("Signed version %(number)s on %(date)s; not signed again by decision %(reference)s")
    return {
        name: words
        % {
            "number": signed.version.number,
            "date": longdate(signed.signed_at),
            "reference": version.approval.reference,
        }
        for name, signed in rows.items()
    }
