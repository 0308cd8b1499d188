"""Two frameworks with everything in them, each text marked with its tenant's canary; and every persona there is."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import transaction

from portal import partnerships
from portal.models import (
    Board,
    CalendarFeed,
    ClosureDay,
    Deadline,
    Framework,
    Invitation,
    Job,
    Meeting,
    MemberOrganisation,
    Organisation,
    OutgoingEmail,
    PublicPages,
    SavedFilter,
    User,
)
from portal.models.people import sync_permissions
from portal.permissions import Role
from portal.tenancy import scope
from protocols import arrangements
from protocols import workflow as drafting
from protocols.intentions import give
from protocols.models import (
    Arrangement,
    Comment,
    Consulted,
    JoinRequest,
    Party,
    Pilot,
    Publication,
    RelatedDocument,
    Tier,
    Version,
)
from signatories import workflow as signing
from signatories.models import Authority
from tests import builders
from tests.breach_rows import breach_of
from tests.builders import NOW
from tests.world_meetings import make_meetings, meeting_ids, meeting_of_others
from tests.world_reviews import make_reviews
from tests.world_rows import hidden_documents, keep_unsaved, remaining_rows, signed_by_the_lead

CANARIES = {"ours": "Kingfisher", "theirs": "Nightingale"}
# Names of people who sign or are contacts: never in an anonymous response or file
PERSON_CANARY = "Quillfeather"
# In the titles of a draft that was never circulated, of one that came back to the desk, and of one that went to others:
# not for the partner's viewers and representatives
DRAFT_CANARY = "Wheatear"


@dataclass
class Tenant:
    """One framework and what the tests need of it, by name."""

    framework: Framework
    canary: str
    lead: Organisation
    partner: Organisation
    draft: Version = None
    open: Version = None
    in_force: Version = None
    consulted: Version = None  # in consultation, its round open
    submitted: Version = None  # waits for the decision
    urgent: Version = None  # approved, to be ratified
    people: dict[str, User] = field(default_factory=dict)
    meetings: dict[str, Meeting] = field(default_factory=dict)  # planned, held, circulated
    elsewhere: tuple[Version, Meeting] = None  # of the lead alone, not there for the partner's people
    ids: dict[str, object] = field(default_factory=dict)
    names: dict[str, tuple[str, str]] = field(default_factory=dict)  # state → (reference, number)


def make_tenant(side: str) -> Tenant:
    """A framework whose every name and text holds its canary."""
    canary = CANARIES[side]
    # names of frameworks are public (the home page lists them), so they carry no canary
    area = {"ours": "North", "theirs": "South"}[side]
    framework = builders.make_framework(f"{area} Area Board", slug=f"{area.lower()}-area")
    lead = builders.make_organisation(
        f"{canary} Council", framework=framework, address=f"1 {canary} Road", telephone="01632 960001"
    )
    partner = builders.make_organisation(
        f"{canary} Trust", framework=framework, address=f"2 {canary} Road", telephone="01632 960002"
    )
    tenant = Tenant(framework, canary, lead, partner)
    for role in Role.values:
        organisation = partner if role in {Role.VIEWER, Role.REPRESENTATIVE, Role.ORGANISATION_ADMIN} else lead
        tenant.people[role] = builders.make_member(
            framework,
            role,
            organisation,
            full_name=f"{PERSON_CANARY} {canary} {role}",
            email=f"{role}@{canary.lower()}.example.org",
            job_title=f"{canary} officer",
        )
    with scope(framework.pk), transaction.atomic():
        grant_authority(tenant)
        PublicPages.objects.create(framework=framework, controllers=f"{canary} Council", changed_at=NOW)
        tenant.in_force = make_document(tenant, "open-for-signature", 1)
        signer = signed_by_the_lead(tenant.in_force, f"{PERSON_CANARY} {canary} signer", tenant.people["secretary"])
        builders.advance(tenant.in_force, "in-force")
        tenant.open = make_document(tenant, "open-for-signature", 2)
        tenant.draft = make_document(tenant, "draft", 3)
        tenant.consulted = make_document(tenant, "consultation", 4)
        tenant.submitted = make_document(tenant, "approval", 5)
        tenant.urgent = make_urgent(tenant, make_document(tenant, "approval", 6))
        _returned, elsewhere = hidden_documents(tenant, f"{canary} {DRAFT_CANARY}")
        remaining_rows(tenant, signer, elsewhere)
        publish(tenant)
        tenant.meetings = make_meetings(tenant)
        tenant.elsewhere = elsewhere, meeting_of_others(tenant, f"{canary} {DRAFT_CANARY}")
        Pilot.objects.create(
            framework=framework,
            version=tenant.in_force,
            starts_on=date(2026, 7, 1),
            ends_on=date(2026, 12, 31),
            evaluation=f"{canary} evaluation",
        )
        tenant.ids = identifiers(tenant) | make_reviews(tenant)
        breach_of(tenant)
        for state in ("draft", "open", "in_force", "consulted", "submitted", "urgent"):
            version = getattr(tenant, state)
            tenant.names[state] = (version.protocol.reference, version.number)
    return tenant


def grant_authority(tenant) -> None:
    """The representative may sign for the partner, and so may a deputy under a delegation."""
    facts = {
        "capacity": f"{tenant.canary} officer",
        "granted_by": f"{PERSON_CANARY} chief",
        "scope": f"{tenant.canary} protocols",
    }
    own = signing.record_authority(
        tenant.framework,
        user=tenant.people["representative"],
        organisation=tenant.partner,
        by=tenant.people["secretary"],
        now=NOW,
        valid_from=date(2026, 1, 1),
        valid_to=None,
        **facts,
    )
    deputy = builders.make_member(
        tenant.framework,
        Role.REPRESENTATIVE,
        tenant.partner,
        full_name=f"{PERSON_CANARY} {tenant.canary} deputy",
        email=f"deputy@{tenant.canary.lower()}.example.org",
        job_title=f"{tenant.canary} deputy",
    )
    signing.delegate(
        own,
        user=deputy,
        protocol=None,
        capacity=f"{tenant.canary} deputy",
        valid_from=NOW.date(),
        valid_to=date(2027, 6, 1),
        by=tenant.people["representative"],
        now=NOW,
    )


def make_document(tenant, status, n) -> Version:
    """A protocol of the tenant in a state, with the canary in each of its texts and a comment answered."""
    protocol = builders.make_protocol(
        tenant.framework,
        lead=tenant.lead,
        reference=f"{tenant.canary[:3].upper()}-{n:03}",
        title=f"{tenant.canary} protocol {n} {DRAFT_CANARY if status == 'draft' else ''}".strip(),
        external_parent=f"{tenant.canary} charter",
        external_parent_dated=date(2020, 1, 1),
    )
    version = builders.make_version(protocol, parties=0, status="draft")
    for row in [*version.clauses.all(), *version.terms.all(), *version.purposes.all(), *version.data_items.all(), *version.data_flows.all()]:  # fmt: skip
        mark(row, tenant.canary)
    for index, organisation in enumerate([tenant.lead, tenant.partner]):
        builders.make_party(version, organisation, order=index)
    Consulted.objects.create(
        framework=tenant.framework, version=version, kind="event", name=f"{tenant.canary} workshop",
        groups=[{"name": f"{tenant.canary} parents", "people": 103}],
    )  # fmt: skip
    if status != "draft":
        consultation = drafting.open_consultation(
            version, closes_on=date(2099, 6, 20), by=None, now=NOW, change=f"{tenant.canary} change"
        )
        comment = consultation.comment(
            by=tenant.people["representative"],
            organisation=tenant.partner,
            clause_uid=None,
            text=f"{tenant.canary} remark",
            now=NOW,
        )
        comment.reply(by=tenant.people["secretary"], organisation=tenant.lead, text=f"{tenant.canary} reply", now=NOW)
        if status == "consultation":
            return version
        comment.respond(by=tenant.people["drafter"], text=f"{tenant.canary} answer", now=NOW)
        consultation.close(by=None, now=NOW)
    return builders.advance(version, status)


def make_urgent(tenant, version) -> Version:
    """Approved as urgent, with a notice of intention."""
    party = version.parties.get(organisation=tenant.partner)
    facts = {"will_sign": True, "sign_by": date(2099, 6, 20), "note": f"{tenant.canary} note"}
    give(party, **facts, by=tenant.people["representative"], now=NOW)
    drafting.decide(
        version, by=tenant.people["secretary"], now=NOW, board=version.protocol.tier.deciding_body,
        decided_on=NOW.date(), reference=f"{tenant.canary} minute", outcome="urgent", ratify_by=date(2099, 7, 1),
    )  # fmt: skip
    return version


def mark(row, canary) -> None:
    """Put the canary into whatever text a row has."""
    for name in ("title", "text", "term", "name", "detail", "method", "power", "readers", "vetting"):
        if getattr(row, name, ""):
            setattr(row, name, f"{getattr(row, name)} {canary}")
    row.save()


def publish(tenant) -> None:
    """The version in force is published as a summary."""
    Publication.objects.decide(
        tenant.in_force,
        by=tenant.people["secretary"],
        now=NOW,
        level="summary",
        summary=f"{tenant.canary} summary",
        reason=f"{tenant.canary} reason",
        review_on=date(2027, 6, 1),
    )


def identifiers(tenant) -> dict[str, object]:
    """Real ids of whatever an address can name, by what it is."""
    draft = tenant.draft
    return {
        "party": Party.objects.get(version=tenant.open, organisation=tenant.partner).pk,
        "draft-party": draft.parties.get(organisation=tenant.partner).pk,
        "clause": draft.clauses.get(kind="clause").uid,
        "term": draft.terms.get().pk,
        "purpose": draft.purposes.get().pk,
        "item": draft.data_items.get().pk,
        "related": RelatedDocument.objects.create(
            framework=tenant.framework, version=draft, protocol=tenant.in_force.protocol, title=f"{tenant.canary} guide"
        ).pk,
        "partner": tenant.partner.pk,
        **meeting_ids(tenant),
        "arrangement": arranged(tenant).pk,
        "flow": draft.data_flows.get().pk,
        "join-request": JoinRequest.objects.ask(
            tenant.framework,
            now=NOW,
            organisation=f"{tenant.canary} Charity",
            person=f"{PERSON_CANARY} Asker",
            email=f"asker@{tenant.canary.lower()}.example.org",
            message=f"{tenant.canary} asks",
        ).pk,
        "comment": Comment.objects.get(consultation__version=tenant.consulted).pk,
        "issue": 1,
        "consulted": draft.consulted.get().pk,
        "file": tenant.in_force.text_copy.uid,
        "draft-side": "1.0-draft-1",
        "version-side": "1.0",
        "partnership": make_partnership(tenant).pk,
        "free-tier": Tier.objects.create(
            framework=tenant.framework, level="operational", name=f"{tenant.canary} tier", order=3
        ).pk,
        "authority": Authority.objects.get(delegated_from=None, organisation=tenant.partner).pk,
        "delegation": Authority.objects.exclude(delegated_from=None).get().pk,
        "closure-day": ClosureDay.objects.get().pk,
        "deadline": Deadline.objects.get(rule="review.first").pk,
        "calendar-feed": CalendarFeed.objects.get().pk,
        "saved-filter": SavedFilter.objects.get().pk,
        "person": tenant.people["representative"].pk,
        "dead-mail": OutgoingEmail.objects.get(status="dead").pk,
        "given-up-job": Job.objects.get(given_up_at__isnull=False).pk,
        "membership": tenant.framework.memberships.get(user=tenant.people["viewer"]).pk,
        "member-organisation": MemberOrganisation.objects.get(organisation=tenant.partner).pk,
        "invitation": Invitation.objects.create(
            framework=tenant.framework,
            organisation=tenant.lead,
            email=f"new@{tenant.canary.lower()}.example.org",
            full_name=f"{PERSON_CANARY} new",
            role=Role.VIEWER,
            invited_at=NOW,
            expires_at=NOW + timedelta(days=3650),
        ).pk,
    }


def make_partnership(tenant):
    """Of both organisations, under a board of its own."""
    board = Board.objects.create(framework=tenant.framework, name=f"{tenant.canary} partnership board")
    return partnerships.create(
        tenant.framework,
        name=f"{tenant.canary} partnership",
        board=board,
        organisations=[tenant.lead, tenant.partner],
        by=None,
        now=NOW,
    )


def arranged(tenant) -> Arrangement:
    """A joint procedure, a manager of the partner, and the partner's local procedure, which is given back."""
    protocol, by = tenant.open.protocol, tenant.people["representative"]
    arrangements.add(protocol, "joint", None, {"title": f"{tenant.canary} joint procedure"}, by=by, now=NOW)
    manager = {"title": f"{PERSON_CANARY} manager", "owner": f"{tenant.canary} director"}
    arrangements.add(protocol, "manager", tenant.partner, manager, by=by, now=NOW)
    local = {"title": f"{tenant.canary} local procedure", "link": "https://example.org/"}
    return arrangements.add(protocol, "local", tenant.partner, local, by=by, now=NOW)


def personas(ours: Tenant, theirs: Tenant) -> dict[str, User | None]:
    """Everybody who may come to an address of `ours`."""
    framework = ours.framework
    with_roles = {role: ours.people[role] for role in Role.values}
    no_mfa = builders.make_member(framework, Role.DRAFTER, ours.lead, mfa=False, full_name="No Factor")
    revoked = builders.make_member(framework, Role.DRAFTER, ours.lead, full_name="Former Colleague")
    former = builders.make_member(
        framework,
        Role.SECRETARY,
        builders.make_organisation("Left body", framework=framework),
        full_name="Of a body that left",
    )
    body = builders.make_organisation("Suspended body", framework=framework)
    suspended = builders.make_member(framework, Role.FRAMEWORK_ADMIN, body, full_name="Of a suspended body")
    # a viewer of the partner whose other role, with its grants, is of the suspended body: a viewer and no more
    half = builders.make_member(framework, Role.VIEWER, ours.partner, full_name="Half suspended")
    builders.join(half, framework, body, Role.FRAMEWORK_ADMIN)
    pending = builders.make_user("Not yet in", email="pending@example.org")
    both = builders.make_member(framework, Role.VIEWER, ours.partner, full_name="In both")
    builders.join(both, theirs.framework, theirs.partner, Role.VIEWER)
    keep_unsaved(theirs, ours.people["drafter"])  # who may have been there once
    with scope(framework.pk), transaction.atomic():
        end(framework, revoked)
        leave(former, status="left", left_on=date(2026, 6, 1))
        leave(suspended, status="suspended")
        Invitation.objects.create(
            framework=framework,
            organisation=ours.lead,
            email=pending.email,
            full_name=pending.full_name,
            role=Role.DRAFTER,
            invited_at=NOW,
            expires_at=NOW + timedelta(days=14),
        )
    return {
        "anonymous": None,
        "no-mfa": no_mfa,
        **with_roles,
        "former-partner": former,
        "revoked": revoked,
        "pending": pending,
        "suspended": suspended,
        "half-suspended": half,
        "other-framework": theirs.people["framework_admin"],
        "both": both,
    }


def end(framework, user) -> None:
    """End every role of a person."""
    for membership in framework.memberships.filter(user=user):
        membership.ended_at = NOW
        membership.save()
    sync_permissions(framework, user)


def leave(user, **fields) -> None:
    """Change the standing of the organisation that a person works for."""
    row = MemberOrganisation.objects.get(organisation__memberships__user=user)
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()
