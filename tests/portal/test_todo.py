"""What needs doing: sorted by urgency, across frameworks on /me/, one framework on its own page (experience.md)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal import clock, tenancy, todo
from portal.models import ClosureDay, Deadline
from portal.permissions import Role
from tests.builders import (
    NOW,
    advance,
    join,
    make_framework,
    make_member,
    make_organisation,
    make_party,
    make_protocol,
    make_user,
    make_version,
)

pytestmark = pytest.mark.django_db


def owe(framework, body, rule="review.first", start=NOW, parties=()):
    """Start a deadline that the organisation must keep, about a protocol that it and the parties have been sent."""
    with tenancy.scope(framework.pk), transaction.atomic():
        protocol = make_protocol(framework, lead=body)
        version = make_version(protocol, parties=0)
        for party in {body, *parties}:
            make_party(version, party)
        advance(version, "consultation")
        return Deadline.objects.start(
            rule, protocol, framework=framework, start=start, now=start, nation=framework.nation, owner=body
        )


@pytest.fixture
def sources(monkeypatch):
    """Sources of the tests only."""
    monkeypatch.setattr(todo, "SOURCES", [])


def item(framework, due_at, title="Sign"):
    """One thing to do."""
    return todo.Item(title, "/somewhere/", due_at, framework)


def test_groups_by_urgency(now):
    """Overdue, within 5 working days of the framework's own calendar, waiting if nothing dates it, later."""
    framework = make_framework()
    friday = clock.end_of_day(date(2026, 6, 19))
    found = [
        item(framework, now - timedelta(seconds=1)),
        item(framework, friday),
        item(framework, clock.end_of_day(date(2026, 6, 22))),
        item(framework, clock.end_of_day(date(2026, 6, 23))),
        item(framework, None),
    ]
    with tenancy.scope(framework.pk):
        groups = todo.by_urgency(found, now=now)
        assert {kind: len(items) for kind, items in groups.items()} == {
            "overdue": 1, "soon": 2, "waiting": 1, "later": 1
        }  # fmt: skip
        ClosureDay.objects.create(framework=framework, date=date(2026, 6, 17), title="Closed")
        assert len(todo.by_urgency(found, now=now)["soon"]) == 3


def test_soonest_first(sources, now):
    """One list out of every app's, by date."""
    framework = make_framework()
    todo.register(lambda user: [item(framework, now, "second"), item(framework, None, "last")])
    todo.register(lambda user: [item(framework, now - timedelta(days=1), "first")])
    with tenancy.scope(framework.pk):
        assert [each.title for each in todo.items(make_user())] == ["first", "second", "last"]


def test_deadlines_of_my_organisations(client):
    """A member sees what their organisation owes; not what others owe, nor what is met."""
    framework = make_framework()
    mine, other = (make_organisation(framework=framework) for _ in range(2))
    user = make_user()
    join(user, framework, mine, Role.REPRESENTATIVE)
    owe(framework, mine)
    owe(framework, other, parties=[mine])
    met = owe(framework, mine, "review.findings")
    with tenancy.scope(framework.pk):
        Deadline.objects.filter(pk=met.pk).update(met_at=NOW)
    client.force_login(user)
    for address in (reverse("me"), reverse("framework", args=[framework.slug])):
        page = client.get(address).content.decode()
        assert page.count("Hold the first review") == 1
        assert "Report the findings" not in page


def test_deadline_leads_to_its_protocol(client):
    """The item is a link to the protocol's page; more items ask no more queries."""
    framework = make_framework()
    body = make_organisation(framework=framework)
    user = make_user()
    join(user, framework, body, Role.REPRESENTATIVE)

    def owe_about_a_protocol():
        deadline = owe(framework, body)
        with tenancy.scope(framework.pk), transaction.atomic():
            return deadline.subject

    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert client.get(reverse("framework", args=[framework.slug])).status_code == 200
        return len(seen)

    protocol = owe_about_a_protocol()
    client.force_login(user)
    address = reverse("protocol", args=[framework.slug, protocol.reference])
    assert f'href="{address}"' in client.get(reverse("me")).content.decode()
    few = queries()
    for _ in range(9):
        owe_about_a_protocol()
    assert queries() == few


def test_statements_are_written_once(client):
    """Thirty questions are asked on every visit of the home page: none of them is written anew for the next visitor."""
    framework = make_framework()
    first, second = make_user(), make_user()
    for user in (first, second):
        body = make_organisation(framework=framework)
        for role in (Role.DRAFTER, Role.SECRETARY, Role.REPRESENTATIVE):
            join(user, framework, body, role)
    with tenancy.cross_scope(first):
        todo.items(first)
    with tenancy.cross_scope(second), CaptureQueriesContext(connection) as seen:
        todo.items(second)
    assert len(seen) > 15
    assert [query["sql"] for query in seen if not query["sql"].startswith(("execute ", "prepare "))] == []


def test_figures_are_for_those_who_see_every_protocol(client):
    """The front page counts nothing for a viewer, who may not see what would be counted."""
    framework = make_framework()
    for role, counted in ((Role.VIEWER, False), (Role.AUDITOR, True)):
        client.force_login(make_member(framework, role))
        assert bool(client.get(f"/{framework.slug}/").context["figures"]) is counted


def test_person_of_two_frameworks(client, time_machine):
    """Both on /me/, one on each framework's page (issue 2, 4.4)."""
    time_machine.move_to(datetime(2027, 2, 1, tzinfo=UTC))
    user = make_user()
    places = []
    for name in ("First Area", "Second Area"):
        framework = make_framework(name)
        body = make_organisation(f"Body of {name}", framework=framework)
        join(user, framework, body, Role.REPRESENTATIVE)
        owe(framework, body)
        places.append(framework)
    client.force_login(user)
    page = client.get(reverse("me")).content.decode()
    assert page.count("Hold the first review") == 2
    assert "Overdue" in page
    for framework, other in (places, places[::-1]):
        page = client.get(reverse("framework", args=[framework.slug])).content.decode()
        assert page.count("Hold the first review") == 1
        assert other.name not in page


def test_ended_role_sees_nothing(client):
    """Whoever left sees neither the deadlines nor the framework's inside."""
    framework = make_framework()
    body = make_organisation(framework=framework)
    user = make_user()
    membership = join(user, framework, body, Role.REPRESENTATIVE)
    owe(framework, body)
    with tenancy.scope(framework.pk):
        membership.ended_at = NOW
        membership.save()
    client.force_login(user)
    assert "Hold the first review" not in client.get(reverse("me")).content.decode()
    page = client.get(reverse("framework", args=[framework.slug])).content.decode()
    assert "Hold the first review" not in page
    assert body.name not in page


def test_front_doors_for_everybody(client):
    """The home page lists frameworks; a framework's front page shows no person and no organisation to the public."""
    framework = make_framework("Anyshire Partnership")
    admin, viewer = make_member(framework, Role.FRAMEWORK_ADMIN), make_member(framework, Role.VIEWER)
    assert "Anyshire Partnership" in client.get(reverse("home")).content.decode()
    page = client.get(reverse("framework", args=[framework.slug])).content.decode()
    assert admin.full_name not in page
    assert "Body" not in page
    assert client.get("/no-such-framework/").status_code == 404
    assert client.get(reverse("me"))["Location"].startswith(reverse("account_login"))
    for user, told in ((admin, True), (viewer, False)):  # the whole framework in figures, for those who see it
        client.force_login(user)
        inside = client.get(reverse("framework", args=[framework.slug])).content.decode()
        assert ("Deadlines of the framework" in inside) is told
