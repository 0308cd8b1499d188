"""Row-level security, as the serving role sees it, on every table there is."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from portal.db.context import NOTHING, current
from portal.errors import ScopeRequired
from portal.models import AuditEvent, Board, Framework
from portal.models.people import needs_second_factor
from portal.permissions import Role
from portal.tenancy import cross_scope, installation, scope
from protocols.models import Clause, Protocol, Tier, Version
from tests.builders import (
    NOW,
    join,
    make_framework,
    make_member,
    make_organisation,
    make_protocol,
    make_user,
    make_version,
)
from tests.portal.lazy_view import lazy_boards

pytestmark = pytest.mark.django_db

# Tables without row-level security, and why
GLOBAL = {
    "portal_user": "people are global; what they may see is decided by memberships",
    "portal_user_groups": "Django's own, always empty",
    "portal_user_user_permissions": "Django's own, always empty",
    "portal_organisation": "organisations are global: a police force belongs to many frameworks",
    "portal_framework": "the list of tenants: names and settings, public on the home page",
    "portal_bankholiday": "public facts",
    "portal_heartbeat": "when the sweep last ran",
    "portal_pause": "whether the operators have paused mail",
    "portal_ledgerseal": "public at /checkpoints: hashes only",
    "portal_secondfactorproof": "belongs to a person, like the session",
    "portal_signin": "belongs to a person, like the session beside which it stands",
    "portal_cache": "rate-limit counters",
    "auth_group": "Django's own, always empty",
    "auth_group_permissions": "Django's own, always empty",
    "auth_permission": "names of permissions",
    "django_content_type": "names of tables",
    "django_migrations": "names of migrations",
    "django_session": "belongs to a person; the key is the secret",
    "account_emailaddress": "belongs to a person",
    "account_emailconfirmation": "belongs to a person; never used",
    "mfa_authenticator": "belongs to a person; secrets are encrypted",
}


def rows(query, parameters=()):
    """All rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


def test_every_table_is_protected_or_named_as_global():
    """A new table is under FORCE row-level security with a policy, or stands in GLOBAL with its reason."""
    found = rows(
        "select c.relname, c.relrowsecurity and c.relforcerowsecurity and exists (select 1 from pg_policy p where p.polrelid = c.oid)"
        " from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')"
    )
    unprotected = {name for name, protected in found if not protected}
    assert unprotected == set(GLOBAL)


def test_the_serving_role_owns_nothing_and_cannot_bypass():
    """portal_app: no superuser, no BYPASSRLS, no ownership, no TRUNCATE, and does not inherit portal_cross."""
    assert rows("select current_user") == [("portal_app",)]
    assert rows("select rolsuper, rolbypassrls, rolinherit from pg_roles where rolname = 'portal_app'") == [
        (False, False, False)
    ]
    assert rows("select count(*) from pg_class where relowner = 'portal_app'::regrole") == [(0,)]
    assert rows("select count(*) from pg_roles where rolbypassrls and not rolsuper") == [(0,)]
    truncatable = "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and has_table_privilege(oid, 'TRUNCATE')"
    assert rows(truncatable) == []


def test_temporary_tables_never_stand_in_for_real_ones():
    """Functions with the owner's rights look into pg_temp last: else the serving role could forge what they read."""
    paths = rows(
        "select proname, proconfig from pg_proc where prosecdef and pronamespace = 'public'::regnamespace order by 1"
    )
    assert {name for name, _path in paths} >= {"my_scopes", "verify_lookup", "ledger_append"}
    assert {tuple(path) for _name, path in paths} == {("search_path=pg_catalog, public, pg_temp",)}
    with connection.cursor() as cursor:
        cursor.execute(
            "create temporary table portal_membership as select 7 as user_id, 'secretary' as role, null as ended_at"
        )
        cursor.execute("grant select on portal_membership to portal_owner")
    assert rows("select role from my_roles(7)") == []


def test_every_foreign_key_between_tenant_tables_has_its_composite_twin():
    """PostgreSQL's own checks bypass row-level security; `(framework_id, x_id)` keeps a row in its tenant."""
    missing = rows(
        """
        with tenant as (select attrelid from pg_attribute a join pg_class c on c.oid = a.attrelid
            where a.attname = 'framework_id' and c.relkind = 'r' and exists (select 1 from pg_constraint k
              where k.conrelid = a.attrelid and k.contype = 'f' and k.confrelid = 'portal_framework'::regclass)),
        keys as (select conrelid, confrelid, conkey from pg_constraint where contype = 'f'
            and conrelid in (select attrelid from tenant) and confrelid in (select attrelid from tenant))
        select k.conrelid::regclass::text, k.conkey from keys k where array_length(k.conkey, 1) = 1 and not exists (
            select 1 from keys t where t.conrelid = k.conrelid and t.confrelid = k.confrelid
              and array_length(t.conkey, 1) = 2 and t.conkey @> k.conkey)
        """
    )
    assert missing == []


def test_a_row_cannot_point_into_another_tenant():
    """Own parent with a foreign child is refused by the database itself."""
    ours, theirs = make_framework(), make_framework()
    with scope(theirs.pk):
        foreign = make_protocol(theirs)
    with pytest.raises(IntegrityError), transaction.atomic(), scope(ours.pk):
        Version._base_manager.create(framework=ours, protocol_id=foreign.pk)
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")


def test_one_tenant_sees_nothing_of_another():
    """Lists, counts and lookups by id find only the scope's rows."""
    ours, theirs = make_framework(), make_framework()
    with scope(theirs.pk):
        version = make_version(framework=theirs, status="open-for-signature")
        clause = Clause.objects.first()
    with scope(ours.pk):
        for model, key in [(Protocol, version.protocol_id), (Version, version.pk), (Clause, clause.pk)]:
            assert not model.objects.exists()
            assert not model._base_manager.filter(pk=key).exists()
        assert not AuditEvent.objects.exists()
        assert Version._base_manager.filter(pk=version.pk).update(draft=9) == 0


def test_writing_for_another_tenant_is_refused():
    """WITH CHECK: a row of another framework cannot be inserted."""
    ours, theirs = make_framework(), make_framework()
    with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic(), scope(ours.pk):
        Board._base_manager.create(framework=theirs, name="Smuggled")


def test_without_a_scope_nothing_is_there():
    """Managers raise; the database itself gives zero rows (fails closed)."""
    framework = make_framework()
    assert current.get() == NOTHING
    with pytest.raises(ScopeRequired):
        Tier.objects.count()
    assert Tier._base_manager.count() == 0
    with scope(framework.pk):
        assert Tier.objects.count() == 2
    assert Tier._base_manager.count() == 0, "leaving a scope inside an open transaction must restore the old one"


def test_scopes_nest_and_come_back():
    """Entering a scope inside another holds at once and is undone on exit, also after an error."""
    first, second = make_framework(), make_framework()
    with scope(first.pk):
        before = Board.objects.get().name
        with pytest.raises(ZeroDivisionError), scope(second.pk):
            assert Board.objects.get().name != before
            1 / 0  # noqa: B018
        assert Board.objects.get().name == before
        with pytest.raises(IntegrityError), scope(second.pk), transaction.atomic():
            Board.objects.create(framework=second, name=Board.objects.get().name)
        assert Board.objects.get().name == before


def test_a_person_of_two_frameworks_reads_across_both_and_writes_in_none():
    """portal_cross: SELECT over the frameworks in which the person holds a role now, nothing else."""
    one, two, three = make_framework(), make_framework(), make_framework()
    force = make_organisation("Anyshire Police", framework=one)
    user = make_user()
    join(user, one, force)
    second = join(user, two, make_organisation(framework=two))
    with cross_scope(user):
        assert set(Board.objects.values_list("framework_id", flat=True)) == {one.pk, two.pk}
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            Board._base_manager.create(framework=one, name="From afar")
    with scope(two.pk):
        second.ended_at = second.started_at
        second.save()
    with cross_scope(user):
        assert set(Board.objects.values_list("framework_id", flat=True)) == {one.pk}
    assert not Board._base_manager.filter(framework=three).exists()


def test_a_suspended_organisation_loses_its_frameworks_at_once():
    """my_scopes counts only active organisations."""
    framework = make_framework()
    organisation = make_organisation(framework=framework)
    user = make_member(framework, organisation=organisation)
    with scope(framework.pk):
        member = organisation.frameworks.get()
        member.status = "suspended"
        member.save()
    with cross_scope(user):
        assert not Board.objects.exists()


def test_a_disabled_account_reads_across_nothing():
    """my_scopes counts only accounts that may sign in, and only the person's own roles."""
    framework = make_framework()
    user, stranger = make_member(framework), make_user()
    with cross_scope(user):
        assert Board.objects.exists()
    with cross_scope(stranger):
        assert not Board.objects.exists()
    user.is_active = False
    user.save(update_fields=["is_active"])
    with cross_scope(user):
        assert not Board.objects.exists()


def test_a_second_factor_is_asked_for_ones_own_living_roles():
    """my_roles counts neither the roles of others nor one that has ended (ASVS 6.3.3)."""
    framework = make_framework()
    drafter, viewer = make_member(framework, Role.DRAFTER), make_member(framework, Role.VIEWER)
    assert needs_second_factor(drafter)
    assert not needs_second_factor(viewer)
    with scope(framework.pk):
        framework.memberships.filter(user=drafter).update(ended_at=NOW)
    assert not needs_second_factor(drafter)


def test_rows_of_the_installation_belong_to_no_tenant():
    """Ledger rows and mails without a framework are seen only in the installation scope."""
    framework = make_framework()
    user = make_user()
    with installation():
        AuditEvent.objects.record("portal.user:tested", user, by=user, now=user.created_at)
        assert AuditEvent.objects.count() == 1
    with scope(framework.pk):
        assert not AuditEvent.objects.filter(verb="portal.user:tested").exists()


def test_views_render_inside_their_scope():
    """A lazy queryset in a template finds its rows, because @scoped renders before the transaction ends."""
    framework = make_framework()
    user = make_member(framework)
    response = lazy_boards(user, framework)
    with scope(framework.pk):
        assert Board.objects.get().name in response.content.decode()
    assert Framework.objects.count() == 1
