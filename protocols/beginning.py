"""A protocol is begun, and the next version of one (SIG-num)."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from portal.errors import StateError
from portal.models import AuditEvent, MemberOrganisation
from portal.models.history import at_moment
from portal.models.people import Nation
from protocols.models import (
    Clause,
    DataFlow,
    DataItem,
    Party,
    Protocol,
    Purpose,
    RelatedDocument,
    RetiredReference,
    Term,
    Tier,
    Version,
)

# A reference stands in an address beside these words
RESERVED_REFERENCES = {"new", "join", "organisations"}
UNFINISHED = {
    Version.Status.DRAFT,
    Version.Status.CONSULTATION,
    Version.Status.APPROVAL,
    Version.Status.APPROVED,
    Version.Status.OPEN_FOR_SIGNATURE,
    Version.Status.COMPLETED,
}
# Standings that are not carried to the next version's list of parties


def keep(row, *, by):
    """Save with the person in the history."""
    row._history_user = by
    row.save()


def tier_above(tier) -> Tier | None:
    """The tier in which the parents of this one's protocols are: one up, whatever the framework left out (HAM-2t)."""
    return Tier.objects.filter(framework=tier.framework_id, order__lt=tier.order).order_by("-order").first()


def parent_errors(tier, parent, external_parent: str) -> dict[str, str]:
    """What is wrong with the parent, by field: exactly one tier up, or an external document (KEN-4.1)."""
    if not tier.needs_parent:
        if parent or external_parent:
            return {"parent": _("A protocol of the first tier has no parent.")}
        return {}
    if parent and external_parent:
        return {"parent": _("Choose a protocol of this portal or name an external document, not both.")}
    if not parent and not external_parent:
        return {"parent": _("Choose the parent protocol, or name the external document that is the parent.")}
    above = tier_above(tier)
    if parent and (parent.framework_id != tier.framework_id or above is None or parent.tier_id != above.pk):
        return {"parent": _("The parent must be one tier above this protocol.")}
    return {}


def owner_errors(tier, partnership) -> dict[str, str]:
    """What is wrong with the owner, by field: a tier of partnerships needs one, another tier has none (KEN-4.3iii)."""
    if tier.decided_by != Tier.DecidedBy.PARTNERSHIP:
        if partnership:
            return {"partnership": _("A protocol of this tier does not belong to a partnership.")}
        return {}
    if partnership is None:
        return {"partnership": _("Select the partnership that owns the protocol: its board decides.")}
    if partnership.framework_id != tier.framework_id:
        return {"partnership": _("Select a partnership of this framework.")}
    return {}


def create_protocol(
    framework,
    *,
    tier,
    reference,
    title,
    lead_organisation,
    by,
    now,
    parent=None,
    partnership=None,
    external_parent="",
    external_parent_dated=None,
    nation="",
) -> Version:
    """Begin a protocol: version 1.0, draft 1 (SIG-num).

    partnership: the owner, where the tier belongs to partnerships (KEN-4.3iii), else None. The parent is a protocol
    exactly one tier up, or external_parent, the title of a document outside the portal with its date or None (KEN-4.1). nation: default is the framework's. Raises ValidationError with the errors by field.
    """
    protocol = Protocol(
        framework=framework,
        tier=tier,
        parent=parent,
        partnership=partnership,
        external_parent=external_parent.strip(),
        external_parent_dated=external_parent_dated if external_parent.strip() else None,
        reference=reference.strip(),
        title=title.strip(),
        lead_organisation=lead_organisation,
        nation=nation or framework.nation,
        created_at=now,
    )
    errors: dict[str, str | list[str]] = {}
    if tier.framework_id != framework.pk:
        errors["tier"] = _("Choose a tier of this framework.")
    else:
        errors |= parent_errors(tier, parent, protocol.external_parent) | owner_errors(tier, partnership)
    if not belongs(framework, lead_organisation):
        errors["lead_organisation"] = _("Choose an organisation that belongs to this framework.")
    if protocol.nation not in Nation.values:
        errors["nation"] = _("Choose a nation from the list.")
    taken = _("This reference is or was in use. A reference is never used again.")
    if reference_taken(framework, protocol.reference):
        errors["reference"] = taken
    elif protocol.reference.lower() in RESERVED_REFERENCES:
        errors["reference"] = _("“%(reference)s” cannot be a reference. Choose another one.") % {
            "reference": protocol.reference
        }
    try:
        protocol.clean_fields(exclude=["tier", "parent", "partnership", "lead_organisation", "framework", "nation"])
    except ValidationError as error:
        errors = {**error.message_dict, **errors}
    if errors:
        raise ValidationError(errors)
    try:
        with transaction.atomic(), at_moment(now, by):
            keep(protocol, by=by)
            version = Version(framework=framework, protocol=protocol)
            keep(version, by=by)
            AuditEvent.objects.record(
                "protocols.protocol:begun", protocol, by=by, now=now, reference=protocol.reference, tier=tier.name
            )
    except IntegrityError as error:  # somebody took the reference between the question and the act
        raise ValidationError({"reference": taken}) from error
    return version


def reference_taken(framework, reference) -> bool:
    """References are unique in their framework and never used again, whatever their case (SIG-num)."""
    same = {"framework": framework, "reference__iexact": reference}
    return Protocol.objects.filter(**same).exists() or RetiredReference.objects.filter(**same).exists()


def belongs(framework, organisation) -> bool:
    """Is the organisation an active member of the framework?"""
    return MemberOrganisation.objects.filter(
        framework=framework, organisation=organisation, status=MemberOrganisation.Status.ACTIVE
    ).exists()


def next_version(protocol, *, major: bool, by, now) -> Version:
    """The next version as draft 1, with the content of the one in force, or else of the newest (SIG-num, SIG-new).

    major: the parties must sign again, so the first number rises; else the second. Clauses keep their identity;
    parties are copied as not yet invited. Dates are not copied. Raises StateError while another one is unfinished.
    """
    with transaction.atomic():
        protocol.refresh_from_db(from_queryset=Protocol._base_manager.select_for_update(of=("self",)))
        versions = list(protocol.versions.all())
        refuse_unfinished(versions)
        source = next((one for one in versions if one.status == Version.Status.IN_FORCE), versions[0])
        if major:
            number = (max(one.major for one in versions) + 1, 0)
        else:
            number = (source.major, max(one.minor for one in versions if one.major == source.major) + 1)
        version = Version(
            framework_id=protocol.framework_id,
            protocol=protocol,
            major=number[0],
            minor=number[1],
            lang=source.lang,
            classification=source.classification,
            review_first_months=source.review_first_months,
            review_then_months=source.review_then_months,
        )
        with at_moment(now, by):
            keep(version, by=by)
            copy_content(source, version, by=by)
        AuditEvent.objects.record(
            "protocols.version:begun", version, by=by, now=now, number=version.number, based_on=source.number
        )
    return version


def refuse_unfinished(versions):
    """Only one version of a protocol is under way at a time. Raises StateError."""
    for version in versions:
        if version.status in UNFINISHED:
            raise StateError(
                _("%(version)s is not finished yet.") % {"version": version},
                _("Bring it into force or withdraw it, then begin the next version."),
            )


def copy_content(source, target, *, by):
    """Clauses with their uids, definitions, purposes, data items, flows, related documents and parties of one version into
    another."""
    own = {"framework_id": target.framework_id, "version": target}

    def copy(nodes, parent):
        for node in nodes:
            clause = Clause(
                **own, uid=node.uid, parent=parent, order=node.order, kind=node.kind, label=node.label,
                title=node.title, text=node.text,
            )  # fmt: skip
            keep(clause, by=by)
            copy(node.below, clause)

    copy(source.clauses.all().tree(), None)
    for row in source.terms.all():
        keep(Term(**own, term=row.term, text=row.text), by=by)
    for row in source.purposes.all():
        keep(Purpose(**own, label=row.label, text=row.text), by=by)
    for row in source.data_items.all():
        keep(DataItem(**own, label=row.label, level=row.level, name=row.name, detail=row.detail), by=by)
    for row in source.related_documents.all():
        facts = {name: getattr(row, name) for name in ("protocol_id", "title", "owner", "dated", "link")}
        keep(RelatedDocument(**own, **facts), by=by)
    for row in source.data_flows.all():
        keep(DataFlow(**own, label=row.label, **{name: getattr(row, name) for name in DataFlow.DRAFTED}), by=by)
    for row in source.parties.exclude(status__in=Party.LEFT):
        party = Party(
            **own, organisation_id=row.organisation_id, order=row.order, required=row.required, name=row.name,
            address=row.address, telephone=row.telephone,
        )  # fmt: skip
        keep(party, by=by)
