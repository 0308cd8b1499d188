"""How many statements a page costs: held to a committed baseline, and the same for 10 rows and for 1,000."""

import json
import os
from pathlib import Path

import psycopg2
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.permissions import Role
from portal.tenancy import scope
from protocols.models import Party, Protocol, Publication, Tier, Version
from tests.builders import NOW, advance, make_framework, make_member, make_organisation, make_version

BASELINE = Path(__file__).with_name("query_counts.json")
BUDGET = {
    "protocols": 8,
    "protocols-party": 8,
    "protocol": 12,
    "protocol-party": 12,
    "register": 8,
    "public-protocol": 8,
}
SAVE_BUDGET = 15


def analyse(database):
    """Statistics, as autovacuum makes them within a minute; the planner needs them, and only the owner may ask."""
    admin = psycopg2.connect(os.environ["PORTAL_SUPERUSER_DATABASE_URL"], dbname=database)
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute("analyze")
    admin.close()


def statements(client, address, **query):
    """SQL of one request, without transactions and settings; the first request fills process-wide caches."""
    client.get(address, query)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address, query)
    assert response.status_code == 200
    return counted(captured)


def counted(captured):
    """The statements that ask or change something."""
    skipped = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT", "SET")
    return [one["sql"] for one in captured if not one["sql"].lstrip().upper().startswith(skipped)]


def fill(framework, count):
    """Many protocols with a version in force and two parties each, in a few statements."""
    tier = Tier.objects.get(order=2)
    lead, partner = (make_organisation(framework=framework) for _n in range(2))
    made = Protocol.objects.bulk_create(
        Protocol(
            framework=framework,
            tier=tier,
            external_parent="General protocol",
            reference=f"BULK-{n:04}",
            title=f"Bulk protocol {n}",
            lead_organisation=lead,
            nation=framework.nation,
            created_at=NOW,
        )
        for n in range(count)
    )
    facts = {"status": "in-force", "circulated_at": NOW, "in_force_from": NOW, "completed_at": NOW}
    versions = Version.objects.bulk_create(Version(framework=framework, protocol=one, **facts) for one in made)
    Party.objects.bulk_create(
        Party(
            framework=framework,
            version=version,
            organisation=organisation,
            name=organisation.name,
            status="signed",
            signed_at=NOW,
        )
        for version in versions
        for organisation in (lead, partner)
    )
    Publication.objects.bulk_create(
        Publication(
            framework=framework,
            version=version,
            level="summary",
            summary="S",
            reason="R",
            review_on=NOW.date(),
            decided_at=NOW,
        )
        for version in versions
    )
    return made, partner


def measured(client, framework, reference, people):
    """Statements of each page, by who looks."""
    pages = {"register": ("register",), "public-protocol": ("public-protocol", reference)}
    found = {name: statements(client, reverse(url[0], args=[framework.slug, *url[1:]])) for name, url in pages.items()}
    for suffix, person in people.items():
        client.force_login(person)
        found[f"protocols{suffix}"] = statements(client, reverse("protocols", args=[framework.slug]), q="bulk")
        found[f"protocol{suffix}"] = statements(client, reverse("protocol", args=[framework.slug, reference]))
    return found


@pytest.mark.parametrize("count", [10, 1000])
def test_pages_keep_to_their_number_of_statements(client, own_database, count):
    """Flat at 10 and at 1,000 protocols, equal to the committed baseline, within the budget of the performance goals."""
    with transaction.atomic():
        framework = make_framework(slug="counted")
        with scope(framework.pk):
            protocols, partner = fill(framework, count)
            people = {
                "": make_member(framework, Role.DRAFTER),
                "-party": make_member(framework, Role.REPRESENTATIVE, partner),
            }
    analyse(own_database)
    found = measured(client, framework, protocols[0].reference, people)
    counts = {name: len(sql) for name, sql in sorted(found.items())}
    assert counts == json.loads(BASELINE.read_text("utf-8"))
    assert not {name: number for name, number in counts.items() if number > BUDGET[name]}


@pytest.mark.django_db
def test_protocol_page_with_parties_signing_and_a_version_on_its_way(client):
    """The fullest page: in force, many parties, editions being sealed, the next version open for signature."""
    framework = make_framework(slug="counted")
    with scope(framework.pk):
        version = make_version(framework=framework, status="in-force", parties=12)
        advance(make_version(version.protocol, major=2, parties=12), "open-for-signature")
        address = reverse("protocol", args=[framework.slug, version.protocol.reference])
    client.force_login(make_member(framework, Role.DRAFTER))
    assert len(statements(client, address)) <= BUDGET["protocol"]


@pytest.mark.django_db
def test_saving_a_clause_keeps_to_its_number_of_statements(client):
    """One clause of a draft through its form: history, ledger and what was kept while typing, within the budget."""
    framework = make_framework(slug="counted")
    with scope(framework.pk):
        version = make_version(framework=framework)
        clause = version.clauses.filter(kind="clause").first()
        where = [framework.slug, version.protocol.reference, version.number, clause.uid]
    client.force_login(make_member(framework, Role.DRAFTER))
    address = reverse("clause-edit", args=where)
    for text in ("First words.", "Second words."):  # the first request fills process-wide caches
        form = client.get(address).context["form"]
        sent = {name: form[name].value() or "" for name in form.fields} | {"text": text}
        with CaptureQueriesContext(connection) as captured:
            assert client.post(address, sent).status_code == 302
    assert len(counted(captured)) <= SAVE_BUDGET
