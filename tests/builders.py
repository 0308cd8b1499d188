"""One plain function per noun: what tests need, made by the real verbs. Call inside the framework's scope where noted."""

import itertools
from datetime import UTC, date, datetime
from functools import cache

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.hashers import make_password
from django.db import transaction

from portal import tenancy
from portal.models import Board, Decision, Framework, MemberOrganisation, Membership, Organisation, User
from portal.models.people import sync_permissions
from portal.permissions import Role
from protocols import documents
from protocols.canonical import canonical_bytes
from protocols.circulation import circulate
from protocols.models import Clause, DataFlow, DataItem, Party, Protocol, Purpose, Term, Tier, Version

NOW = datetime(2026, 6, 15, 10, 0, tzinfo=UTC)
PASSWORD = "correct horse battery staple"
numbers = itertools.count(1)
# A whole flow, from anybody to everybody
FLOW = {
    "source": "all",
    "recipients": ["all"],
    "items": ["D1"],
    "purposes": ["P1"],
    "method": "By secure e-mail",
    "frequency": "Once, at the referral",
    "onward": "none",
    "power": "Children Act 2004 section 10",
    "readers": "Social workers\nTheir managers",
    "vetting": "Enhanced check",
}


def make_framework(name="", **fields) -> Framework:
    """A framework with a board and the two tiers of "General and individual"."""
    n = next(numbers)
    framework = Framework.objects.create(name=name or f"Area {n} board", slug=fields.pop("slug", f"area-{n}"), **fields)
    with tenancy.scope(framework.pk), transaction.atomic():
        board = Board.objects.create(framework=framework, name=f"Board {n}")
        for order, (level, label) in enumerate(
            [("overarching", "General protocol"), ("operational", "Individual protocol")], 1
        ):
            Tier.objects.create(framework=framework, level=level, name=label, order=order, deciding_body=board)
    return framework


def make_organisation(name="", framework=None, **fields) -> Organisation:
    """An organisation, and its membership of a framework if one is given."""
    n = next(numbers)
    facts = {"address": f"{n} High Street\nAnytown", "telephone": f"01632 960{n % 1000:03}", "ico_number": f"ZA{n:06}"}
    organisation = Organisation.objects.create(name=name or f"Body {n}", **facts | fields)
    if framework:
        with tenancy.scope(framework.pk), transaction.atomic():
            MemberOrganisation.objects.create(
                framework=framework, organisation=organisation, joined_on=date(2026, 1, 1)
            )
    return organisation


@cache
def hashed_password() -> str:
    """PASSWORD as the real hasher stores it; argon2 is slow on purpose, so it runs once."""
    return make_password(PASSWORD)


def make_user(full_name="", *, mfa=True, **fields) -> User:
    """A person with PASSWORD and, unless mfa=False, an authenticator app."""
    n = next(numbers)
    user = User.objects.create_user(
        fields.pop("email", f"person{n}@example.org"),
        full_name or f"Person Number{n}",
        job_title=fields.pop("job_title", "Director of Services"),
    )
    user.password = hashed_password()
    user.save(update_fields=["password"])
    if mfa:
        TOTP.activate(user, generate_totp_secret())
    return user


def join(user, framework, organisation, role=Role.VIEWER, *, now=NOW) -> Membership:
    """Give a person a role in a framework for an organisation."""
    with tenancy.scope(framework.pk), transaction.atomic():
        membership = Membership.objects.create(
            framework=framework, user=user, organisation=organisation, role=role, started_at=now
        )
        sync_permissions(framework, user)
    return membership


def make_member(framework, role=Role.VIEWER, organisation=None, **fields) -> User:
    """A new person with a role, for a new organisation unless one is given."""
    user = make_user(**fields)
    join(user, framework, organisation or make_organisation(framework=framework), role)
    return user


def make_protocol(framework, *, lead=None, tier=2, parent=None, **fields) -> Protocol:
    """A protocol of a tier (1 general, 2 individual). Needs the scope."""
    n = next(numbers)
    facts = {"reference": f"REF-{n:03}", "title": f"Protocol {n}", "nation": framework.nation, "created_at": NOW}
    if tier > 1 and parent is None:
        facts |= {"external_parent": "General protocol of the area", "external_parent_dated": date(2020, 1, 1)}
    return Protocol.objects.create(
        framework=framework,
        tier=Tier.objects.get(framework=framework, order=tier),
        parent=parent,
        lead_organisation=lead or make_organisation(framework=framework),
        **facts | fields,
    )


def make_party(version, organisation=None, *, required=True, **fields) -> Party:
    """An organisation on a version. Needs the scope."""
    organisation = organisation or make_organisation(framework=version.framework)
    facts = {"name": organisation.name, "address": organisation.address, "telephone": organisation.telephone}
    return Party.objects.create(
        framework=version.framework, version=version, organisation=organisation, required=required, **facts | fields
    )


def fill(version) -> None:
    """Give a draft everything that submitting asks for, except parties. Needs the scope."""
    common = {"framework": version.framework, "version": version}
    section = Clause.objects.create(**common, order=10, kind="heading", label="1", title="Purpose")
    Clause.objects.create(
        **common, order=20, parent=section, kind="clause", label="1.1", text="We share what is needed."
    )
    Term.objects.create(**common, term="Record", text="means anything written down.")
    Purpose.objects.create(**common, label="P1", text="To keep people safe")
    DataItem.objects.create(**common, label="D1", level=2, name="Name")
    DataFlow.objects.create(**common, label="F1", **FLOW)


def make_version(
    protocol=None, *, status="draft", parties=2, framework=None, effective_on=date(2026, 7, 1), now=NOW, **fields
) -> Version:
    """A whole version in any state up to "in-force", brought there by its own verbs (signatures aside). Needs the scope."""
    protocol = protocol or make_protocol(framework)
    facts = {
        "sign_by": date(2026, 6, 30),
        "review_first_months": 6,
        "review_then_months": 12,
        "effective_on": effective_on,
    }
    version = Version.objects.create(framework=protocol.framework, protocol=protocol, **facts | fields)
    fill(version)
    for index in range(parties):
        make_party(version, protocol.lead_organisation if index == 0 else None, order=index)
    return advance(version, status, now=now)


def advance(version, status, *, now=NOW) -> Version:
    """Move a draft along the main road to a state. Needs the scope."""
    road = ["draft", "consultation", "approval", "approved", "open-for-signature", "completed", "in-force"]
    steps = road[road.index(version.status) + 1 : road.index(status) + 1]
    if "consultation" in steps and status != "consultation":
        steps.remove("consultation")
    for step in steps:
        STEPS[step](version, now)
    version.refresh_from_db()
    return version


def quick_frozen(version) -> documents.Frozen:
    """The real canonical bytes with a placeholder for the text copy: rendering takes a second, most tests need none."""
    return documents.Frozen(
        canonical_bytes(documents.canonical(version)), b"%PDF-1.7 placeholder of the tests " + str(version.pk).encode()
    )


def make_decision(version, outcome="approved", *, by=None, now=NOW) -> Decision:
    """The deciding body's decision on a version. Needs the scope."""
    return Decision.objects.record(
        version,
        by=by,
        now=now,
        board=version.protocol.tier.deciding_body,
        decided_on=now.date(),
        reference="Minute 7",
        outcome=outcome,
    )


def _circulate(version, now):
    version.start_consultation(by=None, now=now)
    circulate(version, by=None, now=now)


def _open(version, now):
    version.open_for_signature(quick_frozen(version), by=None, now=now)
    for party in version.parties.all():
        party.invite(by=None, now=now)


def _sign_all(version, now):
    """Standing only, without evidence; signatures with evidence are made through signatories.workflow."""
    for party in version.parties.filter(status="invited"):
        party.sign(by=None, now=now)
    version.complete_if_signed(now=now)


STEPS = {
    "consultation": _circulate,
    "approval": lambda version, now: version.submit_for_approval(by=None, now=now, missing=[]),
    "approved": lambda version, now: version.decide(make_decision(version, now=now), by=None, now=now),
    "open-for-signature": _open,
    "completed": _sign_all,
    "in-force": lambda version, now: version.bring_into_force(now=version.in_force_from),
}
