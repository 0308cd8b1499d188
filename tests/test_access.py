"""Every address × every persona × every method, with real ids: who gets in, and that no canary gets out.

An address without a row in ROWS fails. A row says for each persona what a GET answers: 2 shows (200), 3 redirects,
4 is "not found" (strangers never learn that something is there), 403 is for members without the permission, 409
explains a state. POST, PUT, PATCH and DELETE with an empty body may never reach somebody whom GET turns away. Strangers
are stopped before the request knows the framework, and no page offers a way that ends in "no permission".
"""

import re
from contextlib import contextmanager
from functools import lru_cache

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.urls import Resolver404, resolve

from portal.db import statements
from portal.db.operations import SCOPE
from portal.models import AuditEvent, User
from portal.permissions import ROLE_PERMISSIONS, Access, Perm, Role
from portal.tenancy import scope
from protocols.models import Version
from protocols.models.protocol import ProtocolQuerySet
from tests import tenant_rows
from tests.access_rows import ROWS
from tests.access_visible import READERS, VISIBLE, counted, of_a_bystander, of_other_frameworks, of_others
from tests.addresses import addresses, fill
from tests.databases import as_owner, connected_to, copy_of_template
from tests.world import CANARIES, DRAFT_CANARY, PERSON_CANARY, make_tenant, personas
from tests.world_meetings import RESTRICTED_CANARY

OUTSIDE = {"anonymous", "pending", "revoked", "former-partner", "suspended", "other-framework"}
WAYS = re.compile(r'(?:href|action)="(/[^"#?]*)')


class World:
    """Both tenants, the personas, and one signed-in client each. first_fault_only: one is enough for who only asks
    whether there is any (tests/sabotage)."""

    first_fault_only = False

    def __init__(self):
        self.ours, self.theirs = make_tenant("ours"), make_tenant("theirs")
        self.people: dict[str, User | None] = personas(self.ours, self.theirs)
        self.clients = {name: self.client(user) for name, user in self.people.items()}

    @staticmethod
    def client(user) -> Client:
        """A browser of this person; errors come back as pages."""
        client = Client(raise_request_exception=False)
        if user is not None:
            client.force_login(user, backend="portal.accounts.AuthenticationBackend")
        return client

    def url(self, route: str, tenant, *, child=None) -> str:
        """A real address: `tenant` is the framework; `child` (another tenant) gives everything below it."""
        row, of = ROWS[route], child or tenant
        if row.url:
            return row.url
        reference, number = of.names[row.state]
        ids = {name: str(of.ids[kind]) for name, kind in row.ids.items()}
        return fill(route, {"framework": tenant.framework.slug, "reference": reference, "number": number, **ids})


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """A database with everything in it, shared by this module: nothing here changes it."""
    with django_db_blocker.unblock(), copy_of_template() as name, connected_to(name):
        cache.clear()
        yield World()


def test_every_address_is_classified():
    """A new address stands in ROWS before it is served; a row of an address that is gone is taken out."""
    assert {address.route for address in addresses()} == set(ROWS)


def test_the_extractor_finds_what_is_there():
    """Known addresses of three apps, one nested and one at the root, are found whole."""
    routes = {address.route: address.name for address in addresses()}
    assert routes["healthz"] == "healthz"
    assert routes["<slug:framework>/people/"] == "people"
    assert routes["accounts/login/"] == "account_login"


@pytest.mark.parametrize("route", sorted(ROWS))
def test_each_persona_gets_what_the_row_says(world, route):
    """GET with real ids: the row's answer, and nothing of the other tenant in body or headers."""
    assert faults(world, route) == {}


def faults(world, route) -> dict[str, tuple]:
    """persona → (status, expected status, what else is wrong), for each persona that got something else than the row
    says, or more than it should."""
    wrong = {}
    for name, client in sorted(world.clients.items(), key=lambda each: each[0] not in OUTSIDE):
        response = client.get(world.url(route, world.ours))
        expected = ROWS[route].expected(name)
        more = [*leaks(name, response), *closed_ways(world, name, response)]
        if (
            name in OUTSIDE
            and not (ROWS[route].public or ROWS[route].inside)
            and hasattr(response.wsgi_request, "framework")
        ):
            more.append("the request of a stranger came behind @scoped")
        if response.status_code != expected or more:
            wrong[name] = (response.status_code, expected, more)
            if world.first_fault_only:
                break
    return wrong


def closed_ways(world, name, response) -> list[str]:
    """Links and forms of a page that this persona may not go: they would answer 403. Of what has an id of its own, only
    the one that the row is about."""
    if response.status_code != 200 or response.streaming or "text/html" not in response["Content-Type"]:
        return []
    found = []
    for path in sorted(set(WAYS.findall(response.content.decode()))):
        row = ROWS.get(route_of(path))
        if row and row.expected(name) == 403 and (not row.ids or path == world.url(route_of(path), world.ours)):
            found.append(path)
    return found


@lru_cache(maxsize=10_000)
def route_of(path) -> str:
    """The address as it stands in ROWS, or nothing."""
    try:
        return resolve(path).route
    except Resolver404:
        return ""


def test_both_tenants_have_a_row_in_every_table(world):
    """Else the looks below the managers would look at nothing: a new table gets a row in tests/world.py."""
    with everything():
        assert tenant_rows.empty_for(world.ours.framework) | tenant_rows.empty_for(world.theirs.framework) == set()


def test_the_database_itself_shows_one_tenant(world):
    """Below all managers, every tenant table shows the scope's rows only, and outside every scope none."""
    assert tenant_rows.seen_in_scope(world.ours.framework, world.ours.people["drafter"]) == set()
    assert tenant_rows.seen_without_scope() == set()


def test_the_database_itself_takes_rows_for_one_tenant(world):
    """Below all managers, every tenant table refuses a row of another framework."""
    people = world.ours.people
    assert tenant_rows.taken_for(world.ours.framework, world.theirs.framework, people["drafter"]) == set()


def test_the_database_itself_shows_across_only_ones_own(world):
    """Pages across frameworks: every tenant table shows the rows of the frameworks of this person only."""
    assert tenant_rows.seen_across(world.ours.people["drafter"], world.ours.framework) == set()


def test_the_database_itself_shows_nobody_what_another_typed(world):
    """What is typed and not saved is the person's own, inside one framework too."""
    people = world.ours.people
    assert tenant_rows.of_another_person(world.ours.framework, people["secretary"], people["drafter"]) == (0, False)


# --- three sabotages: with one guard away the checks above must turn red (the full set is in `script/test slow`)


def test_sabotaged_permission_is_noticed(world, monkeypatch):
    """Every permission granted to every member: the matrix sees it."""
    monkeypatch.setattr(Access, "can", lambda self, perm: self.member)
    assert faults(world, "<slug:framework>/people/invite/")


def test_sabotaged_visible_to_is_noticed(world):
    """visible_to() gives every protocol of the framework: the matrix sees an uncirculated draft in a viewer's list."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ProtocolQuerySet, "visible_to", lambda self, access: self.filter(framework=access.framework))
        statements.forget()
        found = faults(world, "<slug:framework>/protocols/")
    statements.forget()
    assert found


def test_sabotaged_policy_is_noticed(world):
    """The policy on protocols lets everything through: the look below the managers sees it."""
    name = connection.settings_dict["NAME"]
    with as_owner(name) as cursor:
        cursor.execute("alter policy tenant on protocols_protocol using (true)")
    try:
        seen = tenant_rows.seen_in_scope(world.ours.framework, world.ours.people["drafter"])
        assert seen == {"protocols_protocol"}
    finally:
        with as_owner(name) as cursor:
            cursor.execute(f"alter policy tenant on protocols_protocol using (framework_id = {SCOPE})")


@pytest.mark.parametrize("route", sorted(route for route in ROWS if "<slug:framework>" in route))
def test_the_other_framework_stays_closed(world, route):
    """The same address in the other framework, and our framework with the other's ids: not found for all of ours."""
    row = ROWS[route]
    for name in ("anonymous", "drafter", "secretary", "framework_admin", "auditor", "representative"):
        client = world.clients[name]
        foreign = client.get(world.url(route, world.theirs))
        assert foreign.status_code == row.expected("anonymous" if name == "anonymous" else "other-framework"), name
        if row.below:
            mixed = client.get(world.url(route, world.ours, child=world.theirs))
            # a member without the permission is turned away before anything is looked up
            assert mixed.status_code in ({302, 404} if name == "anonymous" else {403, 404, 405}), name
            assert leaks(name, mixed) == []


def test_what_is_of_others_alone_is_not_there(world):
    """A protocol and a meeting of other organisations: at each of their addresses, nothing for the partner's people."""
    paths, board = of_others(world.ours)
    assert len(paths) > 20
    for path in paths:
        for name in ("viewer", "representative"):
            response = world.clients[name].get(path)
            # without the permission, one is turned away before anything is looked up
            assert response.status_code in {403, 404}, (name, path)
            assert leaks(name, response) == [], (name, path)
    for path in ("meetings/", "calendar-feeds/"):
        for name in ("viewer", "representative"):
            response = world.clients[name].get(f"/{world.ours.framework.slug}/{path}")
            assert board not in response.content.decode(), (name, path)


def test_who_is_party_to_nothing_finds_nothing(world):
    """A member whose organisation is on no protocol: at each address of what only parties read, and in every list."""
    assert of_a_bystander(world) == []


@pytest.mark.parametrize("state", ["draft", "consulted", "submitted", "urgent", "open", "in_force"])
def test_no_page_of_a_protocol_offers_a_closed_way(world, state):
    """In every state, for everybody who reads it: the page of the protocol links only where the reader may go."""
    reference, _number = world.ours.names[state]
    for name in ("viewer", "representative", "drafter", "secretary", "auditor", "framework_admin"):
        response = world.clients[name].get(f"/{world.ours.framework.slug}/protocols/{reference}/")
        assert response.status_code == (404 if state == "draft" and name in {"viewer", "representative"} else 200)
        assert closed_ways(world, name, response) == [], name


def test_nothing_is_visible_to_strangers(world):
    """Every visible_to() is empty for whoever is outside, for a role that lost its grants and for the roles of another
    framework; the ledger for all but those who may read it."""
    querysets = [model.objects for model in apps.get_models() if hasattr(getattr(model, "objects", None), "visible_to")]
    assert {AuditEvent.objects, Version.objects} <= set(querysets)
    framework, theirs = world.ours.framework, world.theirs
    with scope(theirs.framework.pk), transaction.atomic():
        elsewhere = {f"{role} elsewhere": Access.of(theirs.people[role], theirs.framework) for role in Role.values}
    organisations = (world.ours.lead.pk, world.ours.partner.pk)
    with scope(framework.pk), transaction.atomic():
        people = {name: Access.of(world.people[name] or AnonymousUser(), framework) for name in OUTSIDE}
        people["without grants"] = Access(world.people["drafter"], framework, organisations)
        people |= elsewhere
        for name, access in people.items():
            for rows in querysets:
                assert not rows.visible_to(access).exists(), (name, rows.model)
        for role in Role:
            seen = AuditEvent.objects.visible_to(Access.of(world.people[role], framework)).exists()
            assert seen == (Perm.AUDIT in ROLE_PERMISSIONS[role]), role


def test_no_visible_to_gives_what_its_reader_may_not_see(world):
    """Below all pages: no row that visible_to() gives, nor how it calls itself, has a canary that its reader may not see;
    nor is it of a version that was never circulated."""
    framework = world.ours.framework
    querysets = [model.objects for model in apps.get_models() if hasattr(getattr(model, "objects", None), "visible_to")]
    for name in ("viewer", "representative", "organisation_admin", "both", "half-suspended"):
        with scope(framework.pk, user_id=world.people[name].pk), transaction.atomic():
            access = Access.of(world.people[name], framework)
            for rows in querysets:
                seen = rows.visible_to(access)
                text = " ".join(
                    f"{row} {fields}"
                    for row, fields in zip(seen.order_by("pk"), seen.order_by("pk").values(), strict=True)
                )
                assert [canary for canary in hidden_from(name) if canary in text] == [], (name, rows.model)
                for version in [getattr(row, "version", row) for row in seen]:
                    assert not isinstance(version, Version) or version.pk != world.ours.draft.pk, (name, rows.model)


def test_visible_to_gives_each_role_its_rows(world):
    """How many rows of each model each role reads, also for a body in breach and for one that is no party to anything; of
    the ledger less for who is in breach."""
    found = counted(world)
    ledger = dict(zip(READERS, found.pop(AuditEvent._meta.label), strict=True))
    assert (
        0 < ledger["auditor in breach"] < ledger["auditor"] == ledger["framework_admin"] == ledger["auditor elsewhere"]
    )
    assert {name for name, count in ledger.items() if count} == {
        "auditor", "framework_admin", "auditor in breach", "auditor elsewhere",
    }  # fmt: skip
    assert {label: tuple(counts) for label, counts in found.items()} == VISIBLE


def test_visible_to_stays_in_the_framework(world):
    """Where no policy stands behind it (the owner of the schema sees all), visible_to() gives rows of one framework."""
    with everything(), scope(world.ours.framework.pk), transaction.atomic():
        assert of_other_frameworks(world) == []


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("route", sorted(route for route in ROWS if "<slug:framework>" in route))
def test_writing_is_closed_to_whom_reading_is_closed(world, route, method):
    """No method gets further than GET, and whoever is outside changes nothing."""
    row = ROWS[route]
    for name in OUTSIDE | {"no-mfa"}:
        response = getattr(world.clients[name], method)(world.url(route, world.ours))
        allowed = {302, 404, 403, 405} if not row.public else {200, 302, 403, 404, 405}
        assert response.status_code in allowed, (name, response.status_code)
        assert leaks(name, response) == []


def test_nothing_was_written_by_anybody_who_was_turned_away(world):
    """All POSTs, PUTs, PATCHes and DELETEs of strangers together leave every row of the portal as it was."""
    before = checksum()
    for route in [route for route in ROWS if "<slug:framework>" in route]:
        for name in OUTSIDE | {"no-mfa"}:
            world.clients[name].post(world.url(route, world.ours), {"reason": "x", "name": "x", "text": "x"})
    assert checksum() == before


def leaks(name, response) -> list[str]:
    """Canaries that this persona may not see, found in body or headers."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    text = content.decode(errors="replace") + str(response.headers)
    forbidden = hidden_from(name)
    if name in OUTSIDE - {"anonymous"} and response.status_code != 200:
        forbidden.append(CANARIES["ours"])
    if "/me/" not in str(getattr(response, "request", {}).get("PATH_INFO", "")) and name == "both":
        forbidden.append(CANARIES["theirs"])
    return [canary for canary in forbidden if canary in text]


def hidden_from(name) -> list[str]:
    """Canaries that this persona sees nowhere."""
    forbidden = []
    if name not in {"other-framework", "both"}:
        forbidden.append(CANARIES["theirs"])
    if name == "anonymous":
        forbidden.append(PERSON_CANARY)
    if name in {"anonymous", "viewer", "representative", "organisation_admin", "both", "half-suspended"}:
        forbidden.append(DRAFT_CANARY)
    if name in {"anonymous", "viewer", "both", "half-suspended"}:
        forbidden.append(RESTRICTED_CANARY)
    return forbidden


def checksum() -> str:
    """A hash over every row of the tables of our apps, as the owner of the world sees them (session and cache aside)."""
    with everything(), connection.cursor() as cursor:
        cursor.execute(
            "select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'"
            " and c.relname ~ '^(portal|protocols|signatories|breaches|reviews)_' and c.relname not in ('portal_cache', 'portal_chainhead', 'portal_signin')"
        )
        tables = sorted(row[0] for row in cursor.fetchall())
        total = []
        for table in tables:
            cursor.execute(f"select md5(coalesce(string_agg(t::text, '' order by t::text), '')) from {table} t")
            total.append(cursor.fetchone()[0])
    return "".join(total)


@contextmanager
def everything():
    """Look as portal_owner, who sees all tenants."""
    settings = connection.settings_dict
    before = settings["USER"]
    connection.close()
    settings["USER"] = "portal_owner"
    try:
        yield
    finally:
        connection.close()
        settings["USER"] = before


def test_a_person_of_two_frameworks_sees_each_on_its_own_pages(world):
    """/me/ shows both; a framework's pages show one."""
    client = world.clients["both"]
    me = client.get("/me/").content.decode()
    assert CANARIES["ours"] in me
    assert CANARIES["theirs"] in me
    for mine, other in [(world.ours, world.theirs), (world.theirs, world.ours)]:
        page = client.get(f"/{mine.framework.slug}/protocols/").content.decode()
        assert mine.canary in page
        assert other.canary not in page
