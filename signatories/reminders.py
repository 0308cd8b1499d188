"""Reminders of the sign-up deadline (HAR-r4): "you have not signed yet", to those who can sign, by permission.

They stop when the party has signed or declined, when the deciding body no longer requires it, and when the version is
complete or withdrawn: the duty is then not open any more.
"""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from portal import clock
from portal.chain import Chain, unreached
from portal.ladders import Level, Timing
from portal.models import Reminder
from portal.permissions import Access
from portal.reminders import Duty, Line
from protocols import bars
from protocols.models import Party, Version
from signatories.models import Authority
from signatories.obstacles import authority_of

RULE = "signature.sign_by"
SUBJECT = Party._meta.label_lower


def unsigned():
    """Required parties of open versions with a sign-up deadline that have not answered."""
    return Party.objects.filter(
        status=Party.Status.INVITED,
        required=True,
        version__status=Version.Status.OPEN_FOR_SIGNATURE,
        version__sign_by__isnull=False,
    )


def duties(chain: Chain, now) -> Iterator[Duty]:
    """One for each of them, with the people who may sign now. Three statements, however many there are."""
    parties = list(unsigned().select_related("version"))
    if not parties:
        return
    barred = bars.barring(parties)  # nobody is asked for what they may not do (HAR-6.6)
    waiting = [party for party in parties if party.pk not in barred]
    held: dict[int, list[tuple[int, int | None]]] = {}
    organisations = {party.organisation_id for party in waiting}
    usable = Authority.objects.usable(now).filter(organisation__in=organisations)
    for organisation, user, covers in usable.values_list("organisation_id", "user_id", "protocol_id"):
        held.setdefault(organisation, []).append((user, covers))
    for party in waiting:
        version, organisation = party.version, party.organisation_id
        able = {user for user, covers in held.get(organisation, []) if covers in {None, version.protocol_id}}
        asked = clock.end_of_day(clock.london_date(party.invited_at or version.opened_at))
        timing = Timing(clock.end_of_day(version.sign_by), asked)
        yield Duty(RULE, SUBJECT, party.pk, timing, tuple(sorted(able)), organisation)


def describe(rows: list[Reminder]) -> dict[int, Line]:
    """What the reminders of one person say now."""
    return {row.subject_id: line for row in rows if (line := line_of(row))}


def line_of(reminder: Reminder) -> Line | None:
    """Reference and organisation, never the title; nothing once it is answered or the authority has ended."""
    party = unsigned().select_related("version__protocol", "version__framework").filter(pk=reminder.subject_id).first()
    if party is None or bars.barring([party]):
        return None
    version = party.version
    facts = {"reference": version.protocol.reference, "number": version.number, "organisation": party.name}
    args = [version.framework.slug, version.protocol.reference, version.number]
    by = clock.end_of_day(version.sign_by)
    if authority_of(reminder.user, party, clock.now()) is not None:
        href = reverse("sign", args=[*args, party.pk])
        return Line(_("Sign %(reference)s %(number)s for %(organisation)s") % facts, by, href)
    if reminder.told_as == Level.OWNER:
        return None
    if not Version.objects.visible_to(Access.of(reminder.user, version.framework)).filter(pk=version.pk).exists():
        return None
    return Line(standing(party) % facts, by, reverse("signatures", args=args))


def standing(party) -> str:
    """For whoever cannot sign: that it has not been signed, and why they hear of it, if nobody who may sign does."""
    usable = Authority.objects.usable(clock.now()).filter(organisation=party.organisation_id)
    able = set(usable.covering(party.version.protocol_id).values_list("user", flat=True))
    if not able:
        return _("%(organisation)s has not signed %(reference)s %(number)s, and nobody may sign for it yet")
    if able <= unreached(party.version.framework):
        return _("%(organisation)s has not signed %(reference)s %(number)s, and no mail reaches who may sign")
    return _("%(organisation)s has not signed %(reference)s %(number)s")


def made_for(version) -> list[Reminder]:
    """Reminders of this version's parties, newest first."""
    parties = version.parties.values("pk")
    found = Reminder.objects.filter(rule=RULE, subject_type=SUBJECT, subject_id__in=parties)
    return list(found.select_related("user").order_by("-reminded_at", "user__full_name"))
