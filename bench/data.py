"""Workload W: N protocols, 200 organisations, 1,000 people; the measured person sees 6 % of the protocols."""

from datetime import UTC, date, datetime, timedelta

from django.db import connection, transaction

from bench import many
from portal.models import AuditEvent, MemberOrganisation, Organisation, OutgoingEmail, User
from portal.permissions import Role
from portal.tenancy import scope
from protocols.models import Clause, DataItem, Party, Protocol, Publication, Purpose, Tier, Version
from tests.builders import hashed_password, join, make_framework, make_user

ORGANISATIONS, PEOPLE = 200, 1_000
BY_DJANGO = 100  # made row by row; the rest is copied from them
BATCH = 5_000
WORD = "zlatoroh"  # in 5.3 % of the protocols
EPOCH = datetime(2026, 1, 1, 12, tzinfo=UTC)
BODY = "Information is shared only where it is necessary, and each partner records why it shared. " * 29  # 2.6 KB


def parties_of(i: int) -> list[int]:
    """Numbers of the organisations on protocol i: three or four, number 0 on about 6 % of all."""
    numbers = {i % ORGANISATIONS, (7 * i + 3) % ORGANISATIONS, (13 * i + 11) % ORGANISATIONS}
    return sorted(numbers | ({0} if i % 20 == 0 else set()))


def reference(i: int) -> str:
    """The reference of protocol i."""
    return f"W-{i:06}"


def make(n: int, *, slug: str = "bench"):
    """Fill the connected database; returns the framework, an ordinary member of organisation 0 and a drafter."""
    with transaction.atomic():
        framework = make_framework(slug=slug)
        with scope(framework.pk):
            organisations = people(framework)
            reader, drafter = make_user(email="reader@example.org"), make_user(email="drafter@example.org")
            join(reader, framework, organisations[0], Role.VIEWER)
            join(drafter, framework, organisations[0], Role.DRAFTER)
            first, version = protocols(framework, organisations, range(min(n, BY_DJANGO)))
    if n > BY_DJANGO:
        many.copy(framework, first, version, organisations, start=BY_DJANGO, end=n, body=BODY, word=WORD)
    return framework, reader, drafter


def people(framework):
    """200 organisations in the framework, five people each; two of the first one have roles."""
    organisations = Organisation.objects.bulk_create(
        Organisation(name=f"Organisation {i:03}", address=f"{i} High Street", telephone="01632 960000")
        for i in range(ORGANISATIONS)
    )
    MemberOrganisation.objects.bulk_create(
        MemberOrganisation(framework=framework, organisation=one, joined_on=date(2026, 1, 1)) for one in organisations
    )
    password = hashed_password()
    User.objects.bulk_create(
        User(email=f"somebody{i}@example.org", full_name=f"Person {i}", password=password, is_active=True)
        for i in range(PEOPLE)
    )
    return organisations


def protocols(framework, organisations, numbers):
    """Protocols with a version in force, parties, text, one history row and four ledger rows each; gives the first."""
    tier = Tier.objects.get(framework=framework, order=2)
    own = {"framework": framework}
    made = Protocol.objects.bulk_create(
        Protocol(
            **own, tier=tier, external_parent="General protocol", reference=reference(i),
            title=f"Protocol {i} for sharing information{' about ' + WORD if i % 19 == 4 else ''}",
            lead_organisation=organisations[i % ORGANISATIONS], nation=framework.nation,
            created_at=EPOCH - timedelta(days=7919 * i % 3650),
        )
        for i in numbers
    )  # fmt: skip
    since = [one.created_at for one in made]
    versions = Version.objects.bulk_create(
        Version(
            **own, protocol=one, status="in-force", circulated_at=at, completed_at=at, in_force_from=at,
            effective_on=at.date(), sign_by=at.date(), review_first_months=6, review_then_months=12,
        )
        for one, at in zip(made, since, strict=True)
    )  # fmt: skip
    rows = list(zip(numbers, made, versions, since, strict=True))
    Party.objects.bulk_create(
        Party(
            **own, version=version, organisation=organisations[k], name=organisations[k].name, order=order,
            address="1 High Street", telephone="01632 960000", status="signed", signed_at=at, bound_from=at,
        )
        for i, _protocol, version, at in rows
        for order, k in enumerate(parties_of(i))
    )  # fmt: skip
    Clause.objects.bulk_create(
        Clause(**own, version=version, order=10, kind="clause", label="1", text=BODY + (WORD if i % 19 == 4 else ""))
        for i, _protocol, version, _at in rows
    )
    Purpose.objects.bulk_create(Purpose(**own, version=one, label="P1", text="To keep people safe") for one in versions)
    DataItem.objects.bulk_create(DataItem(**own, version=one, label="D1", level=2, name="Name") for one in versions)
    Publication.objects.bulk_create(
        Publication(
            **own, version=version, level="summary", summary="Who shares what, and why.", reason="Tier", review_on=at,
            decided_at=at,
        )
        for _i, _protocol, version, at in rows
    )  # fmt: skip
    for model, made_rows in ((Protocol, made), (Version, versions)):
        model.history.bulk_history_create(made_rows, default_date=EPOCH, batch_size=BATCH)
    verbs = ("begun", "draft→approval", "approval→approved", "completed→in-force")
    AuditEvent.objects.bulk_create(
        (
            AuditEvent(
                framework_id=framework.pk, chain=f"protocol:{protocol.pk}", at=at, verb=f"protocols.version:{verb}",
                subject_type="protocols.version", subject_id=version.pk, subject_label=str(protocol.reference),
                actor_commitment="0" * 64,
            )
            for _i, protocol, version, at in rows
            for verb in verbs
        ),
        batch_size=BATCH,
    )  # fmt: skip
    return made[0], versions[0]


def analyse(cursor_of_owner):
    """Statistics, as autovacuum makes them within a minute; the planner needs them."""
    cursor_of_owner.execute("analyze")


def mails(framework, count: int, now):
    """Mails that are due, each with the key that makes it once."""
    with scope(framework.pk), transaction.atomic():
        drafter = User.objects.get(email="drafter@example.org")
        version = Version.objects.order_by("pk").first()
        OutgoingEmail.objects.bulk_create(
            OutgoingEmail(
                framework=framework, kind="bench.reminder", user=drafter, key=f"bench-{i}", ids={"version": version.pk},
                queued_at=now, next_attempt_at=now,
            )
            for i in range(count)
        )  # fmt: skip


def size() -> str:
    """Size of the connected database in words."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_size_pretty(pg_database_size(current_database()))")
        return cursor.fetchone()[0]
