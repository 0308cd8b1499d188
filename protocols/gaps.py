"""What a draft still lacks before it can be submitted. Everything may be saved empty; this is where it is strict."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from protocols.models import Clause, Tier
from protocols.models.flow import EVERYBODY
from protocols.register import published

LEAST_PARTIES = 2
NEEDS_LABEL = {Clause.Kind.CLAUSE, Clause.Kind.ITEM}


@dataclass(frozen=True, slots=True)
class Gap:
    """section: of the task list (details, clauses, terms, purposes, items, flows, related, parties). text: what is missing,
    in words."""

    section: str
    text: str


def missing(version) -> list[str]:
    """What must be there before the draft is submitted, in words, in the order of the task list; empty: nothing."""
    return [gap.text for gap in gaps(version)]


def gaps(version) -> list[Gap]:
    """The same, each with the section of the task list in which it is put right."""
    return [
        *_identity(version),
        *_dates(version),
        *_text(version),
        *_schedules(version),
        *_flows(version),
        *_related(version),
        *_parties(version),
    ]


def _tier(version) -> Tier | None:
    """The tier, which a half made draft may lack."""
    return version.protocol.tier if version.protocol.tier_id else None


def _identity(version):
    protocol, tier = version.protocol, _tier(version)
    if not protocol.title.strip():
        yield Gap("details", _("Title"))
    if not protocol.reference.strip():
        yield Gap("details", _("Reference"))
    if tier is None:
        yield Gap("details", _("Tier"))
    elif tier.needs_parent and not protocol.parent_id and not protocol.external_parent:
        yield Gap("details", _("Parent: a protocol one tier up, or an external document"))
    if tier is None or protocol.deciding_body is None:
        yield Gap("details", _("Deciding body of the tier"))
    if not protocol.lead_organisation_id:
        yield Gap("details", _("Lead organisation"))


def _dates(version):
    if not version.effective_on:
        yield Gap("details", _("Effective date"))
    tier = _tier(version)
    if not version.sign_by and not (tier and tier.adopted):
        yield Gap("details", _("Sign-up deadline"))
    if not version.review_first_months or not version.review_then_months:
        yield Gap("details", _("Review rule: when the first review is due, and how often after that"))


def _text(version):
    tree = version.clauses.all().tree()
    if not tree:
        yield Gap("clauses", _("The text: at least one section"))
    for section in tree:
        yield from _empty_sections(section)
        yield from _without_label(section)


def _empty_sections(clause):
    if clause.kind == Clause.Kind.HEADING and not _says_something(clause):
        yield Gap("clauses", _("Text in section “%(section)s”") % {"section": str(clause)})
        return
    for child in clause.below:
        yield from _empty_sections(child)


def _without_label(clause):
    if clause.kind in NEEDS_LABEL and not clause.label.strip():
        yield Gap("clauses", _("Number or letter of “%(clause)s”") % {"clause": str(clause)})
    for child in clause.below:
        yield from _without_label(child)


def _says_something(clause) -> bool:
    """Has a heading any text below it, or a clause text or title of its own?"""
    own = clause.text.strip() or (clause.kind != Clause.Kind.HEADING and clause.title.strip())
    return bool(own) or any(_says_something(child) for child in clause.below)


def _schedules(version):
    for row in version.terms.filter(Q(term="") | Q(text="")):
        words = _("Meaning of “%(term)s”") if row.term else _("Term that means “%(term)s”")
        yield Gap("terms", words % {"term": str(row)})
    if not version.purposes.exclude(text="").exists():
        yield Gap("purposes", _("At least one purpose"))
    items = list(version.data_items.all())
    if not any(item.level and item.name for item in items):
        yield Gap("items", _("At least one data item with its level"))
    for item in items:
        if not item.name:
            yield Gap("items", _("Name of data item %(label)s") % {"label": item.label})
        if not item.level:
            yield Gap("items", _("Level of data item %(label)s") % {"label": item.label})


def _related(version):
    for row in version.related_documents.filter(title=""):
        yield Gap("related", _("Title of related document “%(row)s”") % {"row": str(row)})


def _flows(version):
    """HAM-voice and KEN-2.2 are asked of an operational protocol; a flow that stands is whole in every tier."""
    flows = list(version.data_flows.all())
    tier = _tier(version)
    if not flows and tier is not None and tier.level == Tier.Level.OPERATIONAL:
        yield Gap("flows", _("At least one information flow: from whom to whom, and who may look at it"))
    if not flows:
        return
    parties = {str(organisation) for organisation in version.parties.values_list("organisation", flat=True)}
    items = set(version.data_items.values_list("label", flat=True))
    purposes = set(version.purposes.values_list("label", flat=True))
    for flow in flows:
        lacking = list(_lacking(flow, parties | {EVERYBODY}, items, purposes))
        if lacking:
            facts = {"label": flow.label, "things": ", ".join(lacking)}
            yield Gap("flows", _("Flow %(label)s: %(things)s") % facts)


def _lacking(flow, parties, items, purposes):
    """What one flow lacks: empty, or naming what the draft does not have any more."""
    if flow.source not in parties:
        yield _("from whom")
    if not flow.recipients or not parties.issuperset(flow.recipients):
        yield _("to whom")
    if not flow.items or not items.issuperset(flow.items):
        yield _("which data items")
    if not flow.purposes or not purposes.issuperset(flow.purposes):
        yield _("for which purpose")
    if not flow.method.strip():
        yield _("how it is sent")
    if not flow.frequency.strip():
        yield _("how often")
    if not flow.onward or (flow.onward == flow.Onward.LISTED and not flow.onward_to.strip()):
        yield _("whether it may be passed on")
    if not flow.power.strip():
        yield _("power or duty")
    if not flow.roles:
        yield _("who may look at the information")
    if not flow.vetting.strip():
        yield _("how those who look are checked")


def _parties(version):
    parties = list(version.parties.all())
    tier = _tier(version)
    if tier and tier.adopted:  # by one organisation, and signed by nobody (DUD-8)
        if len(parties) != 1 or not parties[0].address.strip() or not parties[0].telephone.strip():
            yield Gap("parties", _("The one organisation that adopts it, with address and telephone number"))
        return
    reachable = [party for party in parties if party.address.strip() and party.telephone.strip()]
    if len(reachable) < LEAST_PARTIES:
        yield Gap("parties", _("At least two parties with address and telephone number"))
    if not any(party.required for party in parties):
        yield Gap("parties", _("At least one party that must sign"))


def warnings(version) -> list[str]:
    """What is odd but does not stop the draft."""
    found = []
    if version.effective_on and version.sign_by and version.effective_on < version.sign_by:
        found.append(_("The effective date is before the sign-up deadline."))
    if version.expires_on and version.effective_on and version.expires_on <= version.effective_on:
        found.append(_("The expiry date is not after the effective date."))
    for row in unpublished_related(version):
        words = _("“%(title)s” is not published. Everybody who reads this protocol will read that title.")
        found.append(words % {"title": row.title})
    if not version.parties.filter(organisation=version.protocol.lead_organisation_id).exists():
        found.append(_("The lead organisation is not among the parties."))
    return found


def unpublished_related(version):
    """Related documents that name a protocol of this portal which the public does not see (HAR-9)."""
    shown = published(version.framework_id).values("protocol")
    return version.related_documents.filter(protocol__isnull=False).exclude(protocol__in=shown)
