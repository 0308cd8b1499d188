"""Rows for the pages of signing: ready values, so that templates only lay them out."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal import clock, ladders
from portal.models import AuditEvent
from portal.permissions import Perm
from portal.templatetags.components import STATUS_COLOURS
from portal.templatetags.dates import longdate, longdatetime
from protocols import bars
from protocols.editorial import is_exempt
from protocols.models import Edition, Party, Version
from protocols.parents import external_parent
from signatories.models import Refusal, Signature
from signatories.obstacles import SIGNABLE, UNSIGNED, authorised, may_invite, registration_warnings, representatives
from signatories.reminders import made_for


def links(version) -> dict[str, str]:
    """Addresses of the version's own pages."""
    args = [version.framework.slug, version.protocol.reference, version.number]
    names = {
        "text": "version",
        "signatures": "signatures",
        "open": "open-for-signature",
        "withdraw": "version-withdraw",
    }
    return {key: reverse(name, args=args) for key, name in names.items()}


def party_link(name, party) -> str:
    """Address of a page about one party."""
    version = party.version
    return reverse(name, args=[version.framework.slug, version.protocol.reference, version.number, party.pk])


def crumbs(version, here) -> list[tuple[str, str]]:
    """Breadcrumbs down to a page about a version."""
    slug, reference = version.framework.slug, version.protocol.reference
    return [
        (_("Protocols"), reverse("protocols", args=[slug])),
        (reference, reverse("protocol", args=[slug, reference])),
        (version.name, links(version)["text"]),
        (here, ""),
    ]


def force_words(version) -> str:
    """When the version comes into force, as far as it is known (SIG-force)."""
    if version.in_force_from:
        return longdatetime(version.in_force_from)
    return _("%(date)s, or the moment when the last required party signs, if that is later") % {
        "date": longdate(version.effective_on)
    }


def parent_words(protocol) -> str:
    """The parent in words; empty for a protocol of the first tier."""
    return str(protocol.parent) if protocol.parent else external_parent(protocol)


def names(version) -> list[dict]:
    """Which text it is: rows for the opening page; the signing page has them in its heading."""
    return [
        {"key": _("Title"), "value": version.protocol.title},
        {"key": _("Reference"), "value": version.protocol.reference},
        {"key": _("Version"), "value": version.number},
    ]


def facts(version) -> list[dict]:
    """What is signed, or will be: the rows that the signing page and the opening page share."""
    protocol = version.protocol
    rows = [{"key": _("Tier"), "value": protocol.tier.name}]
    if parent := parent_words(protocol):
        rows.append({"key": _("Supplements"), "value": parent})
    return [
        *rows,
        {"key": _("Lead organisation"), "value": protocol.lead_organisation.name},
        {"key": _("Sign by"), "value": longdate(version.sign_by), "empty": _("No deadline")},
        {"key": _("In force from"), "value": force_words(version)},
    ]


def signed_as(party, user, authority) -> list[str]:
    """Title, organisation and capacity under the signer's name, none of them twice."""
    lines = [user.job_title, party.name, authority.capacity if authority else ""]
    return [line for index, line in enumerate(lines) if line and not any(line in other for other in lines[index + 1 :])]


def fingerprints(version) -> list[dict]:
    """The two hashes that a signature binds."""
    return [
        {"name": _("Text (canonical JSON), SHA-256"), "sha256": version.canonical.sha256},
        {"name": _("PDF text copy, SHA-256"), "sha256": version.text_copy.sha256},
    ]


# --- opening


def opening_rows(version, parties, now) -> list[list]:
    """Each party with the people who will be written to."""
    people = authorised([party.organisation_id for party in parties], now, protocol=version.protocol_id)
    return [
        [
            party.name,
            _("Required") if party.required else _("Not required"),
            {
                "lines": [person.full_name for person in people.get(party.organisation_id, [])],
                "empty": _("Nobody may sign yet"),
            },
        ]
        for party in parties
    ]


def opening_warnings(version, parties, now) -> list[str]:
    """What the drafter should know before the text is frozen. None of it is in the way."""
    people = authorised([party.organisation_id for party in parties], now, protocol=version.protocol_id)
    found = [nobody_words(party) for party in parties if not people.get(party.organisation_id)]
    barred = bars.barring(parties)
    found += [barred_words(party, barred[party.pk]) for party in parties if party.pk in barred]
    for party in parties:
        found += [warning.words for warning in registration_warnings(party.organisation, now)]
    today = clock.london_date(now)
    if version.sign_by and version.sign_by < today:
        found.append(_("The sign-up deadline, %(date)s, has passed.") % {"date": longdate(version.sign_by)})
    if version.effective_on < today:
        words = _(
            "The effective date, %(date)s, has passed: the version will come into force when the last required party signs."
        )
        found.append(words % {"date": longdate(version.effective_on)})
    return found


def barred_words(party, bar) -> str:
    """A party that the parties have suspended or excluded (HAR-6.6)."""
    words = _(
        "%(organisation)s is suspended from this protocol (%(reference)s). It cannot sign until the parties lift that."
    )
    if bar.excluded:
        words = _(
            "%(organisation)s was excluded from this protocol (%(reference)s). It is not invited now, nor waited for: "
            "invite it afterwards if it is to come back."
        )
    return words % {"organisation": party.name, "reference": bar.reference}


def nobody_words(party) -> str:
    """A party for which nobody may sign."""
    words = _(
        "Nobody may sign for %(organisation)s yet: no representative with a recorded authority. Ask the board secretary to record one."
    )
    return words % {"organisation": party.name}


# --- who has signed


def signature_table(version) -> tuple[list, list]:
    """Headers and rows of "who has signed"."""
    signed = {row.party_id: row for row in Signature.objects.filter(version=version).select_related("user")}
    headers = [_("Organisation"), _("Standing"), _("Signed"), _("Signed by"), _("Bound from"), _("Evidence")]
    rows, parties = [], list(version.parties.select_related("signature_of__version", "version"))
    barred = bars.barring(parties) if version.status in SIGNABLE else {}
    for party in parties:
        signature, notes = signed.get(party.pk), [] if party.required else [_("not required")]
        if bar := barred.get(party.pk):
            notes.append(bar.note)
        rows.append(
            [
                {"value": party.name, "note": ", ".join(notes)},
                {
                    "tag": party.get_status_display(),
                    "colour": STATUS_COLOURS.get(party.status.replace("-", "_"), "grey"),
                },
                signed_cell(party),
                {"value": signature.user.full_name if signature and signature.user else "", "empty": "–"},
                {"value": longdatetime(party.bound_from), "empty": "–"},
                {"value": signature.reference if signature else "", "empty": "–"},
            ]
        )
    return headers, rows


def signed_cell(party) -> dict:
    """When it signed; on an editorial version, which version it signed (HAR-2.3)."""
    if party.signature_of is None:
        return {"value": longdatetime(party.signed_at), "empty": _("Not yet")}
    signed = party.signature_of
    return {
        "value": _("Version %(number)s") % {"number": signed.version.number},
        "note": longdatetime(signed.signed_at),
    }


def state_words(version) -> str:
    """One sentence about where signing stands."""
    parties = list(version.parties.all())
    waiting = [party for party in parties if party.required and party.status not in Party.SETTLED]
    if version.status == Version.Status.OPEN_FOR_SIGNATURE:
        words = ngettext(
            "%(count)d required party has still to sign.",
            "%(count)d required parties have still to sign.",
            len(waiting),
        )
        return words % {"count": len(waiting)}
    if version.status == Version.Status.COMPLETED and is_exempt(version):
        words = _("An editorial change that nobody signs again. In force from %(force)s.")
        return words % {"force": longdatetime(version.in_force_from)}
    if version.status == Version.Status.COMPLETED:
        facts = {"completed": longdatetime(version.completed_at), "force": longdatetime(version.in_force_from)}
        return _("The last required party signed on %(completed)s. In force from %(force)s.") % facts
    if version.status == Version.Status.IN_FORCE:
        return _("In force from %(force)s.") % {"force": longdatetime(version.in_force_from)}
    return _("This version is “%(state)s”. Nobody signs it now.") % {"state": version.get_status_display()}


def deadline(version, now) -> dict | None:
    """The sign-up deadline, and that passing it closes nothing (HAR-r4)."""
    if version.sign_by is None or version.status != Version.Status.OPEN_FOR_SIGNATURE:
        return None
    passed = version.sign_by < clock.london_date(now)
    words = _("The sign-up deadline has passed. The version stays open, and the parties can still sign.")
    return {"at": clock.end_of_day(version.sign_by), "words": words if passed else ""}


def reminder_table(version) -> tuple[list, list]:
    """Who was reminded of signing, and when."""
    names = {party.pk: party.name for party in version.parties.all()}
    headers = [_("Reminded"), _("Organisation"), _("When"), _("Step")]
    rows = [
        [row.user.full_name, names[row.subject_id], longdatetime(row.reminded_at), step_words(row.step)]
        for row in made_for(version)
    ]
    return headers, rows


def step_words(step) -> str:
    """A step of the ladder in words; it comes every week when it is overdue."""
    name, _dash, number = step.rpartition("-")
    if name == "overdue":
        return ngettext("%(count)s week overdue", "%(count)s weeks overdue", int(number)) % {"count": number}
    return ladders.step_words(step)


def refusals(version, access) -> list[dict]:
    """Reasons of those who declined, oldest first: for those who see every protocol, and for the party itself."""
    found = Refusal.objects.filter(party__version=version).select_related("party", "user")
    if not access.can(Perm.VIEW_ALL):
        found = found.filter(party__organisation__in=access.organisations)
    return [
        {
            "title": _("%(organisation)s declined") % {"organisation": row.party.name},
            "by": row.user.full_name if row.user else "",
            "at": row.refused_at,
            "text": row.reason,
        }
        for row in found
    ]


def signatures_words() -> str:
    """Name of the page."""
    return _("Who has signed")


def sign_words() -> str:
    """Name of the signing page, short enough for a phone."""
    return _("Sign")


def withdrawal(version) -> AuditEvent | None:
    """The ledger's row of the withdrawal, with its reason and time."""
    if version.status != Version.Status.WITHDRAWN:
        return None
    return AuditEvent.objects.about(version).filter(verb__endswith=":withdrawn").order_by("-seq").first()


def choices(version, access) -> list[dict]:
    """What this reader may do with the parties of this version: links with words."""
    parties = list(version.parties.all())
    mine = set(representatives().filter(user=access.user).values_list("organisation_id", flat=True))
    found = []
    for party in parties:
        party.version = version
    barred = bars.barring(parties)
    suspended = {pk for pk, bar in barred.items() if not bar.excluded}
    for party in parties:
        signs = version.status in SIGNABLE and party.status in UNSIGNED and party.pk not in barred
        if signs and party.organisation_id in mine:
            found.append(
                {
                    "text": _("Sign for %(organisation)s") % {"organisation": party.name},
                    "href": party_link("sign", party),
                }
            )
    if access.can(Perm.DRAFT) and version.status in SIGNABLE:
        for party in parties:
            if may_invite(party) and party.pk not in suspended:
                found.append(
                    {
                        "text": _("Invite %(organisation)s again") % {"organisation": party.name},
                        "href": party_link("party-invite", party),
                    }
                )
    if access.can(Perm.AUTHORISE):
        found.append(
            {
                "text": _("Record who may sign for an organisation"),
                "href": reverse("representatives", args=[version.framework.slug]),
            }
        )
    if access.can(Perm.DECIDE):
        if version.status == Version.Status.OPEN_FOR_SIGNATURE:
            for party in parties:
                if party.required and party.status in UNSIGNED:
                    words = _("Record that %(organisation)s is no longer required") % {"organisation": party.name}
                    found.append({"text": words, "href": party_link("party-release", party)})
        if version.status in SIGNABLE:
            found.append({"text": _("Withdraw this version"), "href": links(version)["withdraw"]})
    return found


def unreachable(version, now) -> list[str]:
    """Words for each party that waits although nobody may sign for it."""
    waiting = [party for party in version.parties.all() if party.status in UNSIGNED]
    people = authorised([party.organisation_id for party in waiting], now, protocol=version.protocol_id)
    return [nobody_words(party) for party in waiting if not people.get(party.organisation_id)]


def sealed_copy(version) -> Edition | None:
    """The newest sealed edition for the parties, or the one that is being sealed, or None before completion."""
    return version.editions.filter(kind=Edition.Kind.PARTIES).order_by("-number").first()
