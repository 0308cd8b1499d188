"""What the pages for signing several documents show: which wait, each with what is in its way (HAR-10, SIG-new)."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import Http404
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.templatetags.dates import longdate
from protocols import bars
from protocols.models import Party, Version
from signatories import presenters
from signatories.forms import page_opened
from signatories.forms_together import DocumentForm
from signatories.obstacles import SIGNABLE, UNSIGNED, Obstacles, obstacles, representatives
from signatories.signing import in_order

READ = (
    "organisation",
    "version__protocol__tier",
    "version__protocol__parent",
    "version__protocol__lead_organisation",
    "version__framework",
    "version__canonical",
    "version__text_copy",
)


def own_parties(access):
    """Parties that the reader represents, on versions that the reader may see, upper tiers first."""
    mine = representatives().filter(user=access.user).values("organisation")
    visible = Version.objects.visible_to(access)
    found = Party.objects.filter(organisation__in=mine, version__in=visible.values("pk")).select_related(*READ)
    return found.order_by("version__protocol__tier__order", "version__protocol_id", "version_id", "pk")


def waiting(access) -> list[Party]:
    """Those that can be signed, as far as state and standing go."""
    found = list(own_parties(access).filter(status__in=UNSIGNED, version__status__in=SIGNABLE))
    barred = bars.barring(found)  # HAR-6.6
    return [party for party in found if party.pk not in barred]


def named(access, ids) -> list[Party]:
    """The parties that an address names, in the order in which they are signed. Raises Http404 for a strange one."""
    wanted = {int(one) for one in ids if one.isdecimal() and len(one) < 19}
    found = list(own_parties(access).filter(pk__in=wanted))
    if not found or len(found) != len(set(ids)):
        raise Http404
    return [party for party, _nothing in in_order([(party, None) for party in found])]


def choices(parties) -> list[tuple[str, str]]:
    """One line for each document that waits."""
    return [(str(party.pk), line_of(party)) for party in parties]


def line_of(party) -> str:
    """Reference, title, for whom, until when."""
    version = party.version
    facts = {
        "reference": version.protocol.reference,
        "number": version.number,
        "title": version.protocol.title,
        "organisation": party.name,
        "date": longdate(version.sign_by),
    }
    if version.sign_by:
        return _("%(reference)s %(number)s, %(title)s, for %(organisation)s: sign by %(date)s") % facts
    return _("%(reference)s %(number)s, %(title)s, for %(organisation)s") % facts


def address(name, framework, parties) -> str:
    """The page of that name about these parties."""
    return f"{reverse(name, args=[framework.slug])}?{urlencode([('party', party.pk) for party in parties])}"


def relatives(party) -> list[Party]:
    """Parent and children that wait for the same organisation's signature too: offered in one act (HAR-10)."""
    protocol = party.version.protocol
    others = Party.objects.filter(
        organisation=party.organisation_id, status__in=UNSIGNED, version__status__in=SIGNABLE
    ).select_related("version__protocol")
    family = [one for one in others if one.version.protocol_id == protocol.parent_id]
    return family + [one for one in others if one.version.protocol.parent_id == protocol.pk]


def offer(party) -> dict | None:
    """The link from the signing page of one document to the page that signs it with its parent or children."""
    if party.status not in UNSIGNED or not (family := relatives(party)):
        return None
    references = ", ".join(f"{one.version.protocol.reference} {one.version.number}" for one in family)
    return {
        "words": _("%(organisation)s is asked to sign %(references)s too, which belongs together with this protocol.")
        % {"organisation": party.name, "references": references},
        "text": _("Sign them in one act"),
        "href": address("sign-together", party.version.framework, [party, *family]),
    }


@dataclass
class Document:
    """One of the documents on the page. number: its place, from 1. without: the page without it, or empty."""

    number: int
    party: Party
    form: DocumentForm
    found: Obstacles
    facts: list
    size: str
    links: dict
    text_copy_href: str
    signed_as: list
    without: str


def documents(request, parties, *, now, data=None) -> list[Document]:
    """The documents of one act, each with its own statements and its own obstacles. data: what was sent, if it was."""
    shown: list[Document] = []
    for number, party in enumerate(parties, 1):
        along = {
            before.party.version.protocol_id
            for before in shown
            if before.party.organisation_id == party.organisation_id and not before.found.blocks
        }
        version = party.version
        found = obstacles(party, request.user, now, along=along)
        initial = {"opened": page_opened(party, request.user, now)}
        if version.frozen:
            initial["sha256"] = version.canonical.sha256
        shown.append(
            Document(
                number=number,
                party=party,
                form=DocumentForm(data, party=party, prefix=f"party{party.pk}", initial=initial),
                found=found,
                facts=presenters.facts(version),
                size=filesizeformat(version.text_copy.size) if version.frozen else "",
                links=presenters.links(version),
                text_copy_href=presenters.party_link("sign-text-copy", party),
                signed_as=presenters.signed_as(party, request.user, found.authority),
                without=address("sign-together", request.framework, [one for one in parties if one != party])
                if len(parties) > 1
                else "",
            )
        )
    return shown
