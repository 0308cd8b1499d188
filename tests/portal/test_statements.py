"""Prepared statements (portal/db/statements.py): what is kept, that nobody gets another's values, what is refused."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Prefetch
from django.test.utils import CaptureQueriesContext

from portal.db.statements import prepared
from portal.errors import ScopeRequired
from portal.models import Membership, Organisation, User
from portal.permissions import Access, Role
from portal.tenancy import nothing, scope
from protocols.models import Protocol
from protocols.page_rows import versions_of
from protocols.protocol_page import visible_versions
from tests.builders import NOW, make_framework, make_member, make_organisation, make_user, make_version

pytestmark = pytest.mark.django_db


@prepared
def people(ids, before, text, *, active):
    """Every kind of value once."""
    return User.objects.filter(pk__in=ids, created_at__lt=before, full_name__iexact=text, is_active=active).order_by(
        "pk"
    )


def test_rows_are_those_of_the_values_given():
    """The second call fills in its own values and writes no SQL anew; Django's objects come out."""
    one, other = make_user(full_name="Ann Able"), make_user(full_name="Ben Able")
    after = max(one.created_at, other.created_at) + timedelta(days=1)
    assert people([one.pk, other.pk], after, "ann able", active=True) == [one]
    with CaptureQueriesContext(connection) as captured:
        assert people([one.pk, other.pk], after, "BEN ABLE", active=True) == [other]
    assert [query["sql"].split(" (")[0].rstrip('0123456789" ') for query in captured] == ['execute "people']
    assert people([one.pk, other.pk], one.created_at - timedelta(days=1), "Ann Able", active=True) == []
    assert people([one.pk], after, "Ann Able", active=False) == []
    assert people([], after, "Ann Able", active=True) == []


def test_values_of_other_shapes():
    """values() and values_list(), an annotation, related objects and a prefetch come as from the queryset itself."""
    framework = make_framework()
    with scope(framework.pk):
        member = make_member(framework, Role.VIEWER)

        @prepared
        def roles(framework):
            return Membership.objects.filter(framework=framework).select_related("organisation")

        @prepared
        def names(framework):
            return Membership.objects.filter(framework=framework).values_list("user__full_name", flat=True)

        @prepared
        def facts(framework):
            return Membership.objects.filter(framework=framework).values("role")

        @prepared
        def organisations(pk):
            return Organisation.objects.filter(pk=pk).prefetch_related("memberships")

        with CaptureQueriesContext(connection) as captured:
            (role,) = roles(framework)
            assert role.organisation.name
        assert len(captured) == 1
        assert names(framework) == [member.full_name]
        assert facts(framework) == [{"role": "viewer"}]
        (organisation,) = organisations(role.organisation_id)
        with CaptureQueriesContext(connection) as captured:
            assert [one.pk for one in organisation.memberships.all()] == [role.pk]
        assert not captured


def test_without_a_scope_it_refuses_each_time():
    """As the manager does: also when the statement is there already."""

    @prepared
    def titles(framework):
        return Protocol.objects.filter(framework=framework).values_list("title", flat=True)

    framework = make_framework()
    with scope(framework.pk):
        version = make_version(framework=framework)
        assert titles(framework) == [version.protocol.title]
    with nothing(), pytest.raises(ScopeRequired):
        titles(framework)


def test_a_value_that_is_made_into_another_is_refused():
    """Worked out from a marker it would be one person's value for everybody."""

    @prepared
    def containing(text):
        return User.objects.filter(full_name__icontains=text)

    @prepared
    def day_before(moment):
        return User.objects.filter(created_at__lt=moment - timedelta(days=1))

    @prepared
    def next_one(pk):
        return User.objects.filter(pk=pk + 1)

    @dataclass(frozen=True)
    class Asked:
        """A dataclass, as an access is one."""

        text: str

    @prepared
    def beginning(asked):
        return User.objects.filter(full_name=asked.text[:5] + asked.text[5:] + ":*")

    @prepared
    def with_members(user):
        mine = Membership._base_manager.filter(user=user)
        return Organisation.objects.prefetch_related(Prefetch("memberships", queryset=mine))

    for call in (
        lambda: containing("a"),
        lambda: with_members(make_user()),
        lambda: day_before(NOW),
        lambda: next_one(1),
        lambda: beginning(Asked("Ann")),
        lambda: people({1}, NOW, "a", active=True),
    ):
        with pytest.raises(TypeError):
            call()


def test_two_readers_one_statement():
    """What one reader may see says nothing of what the other may: organisations and permissions count, each time."""
    framework = make_framework()
    with scope(framework.pk):
        version = make_version(framework=framework, status="open-for-signature", parties=1)
        party = version.parties.get()
        inside = Access.of(make_member(framework, Role.VIEWER, party.organisation), framework)
        outside = Access.of(make_member(framework, Role.VIEWER, make_organisation(framework=framework)), framework)
        desk = Access.of(make_member(framework, Role.DRAFTER), framework)
        nobody = Access.of(make_user(), framework)
        seen = [
            [one.pk for one in visible_versions(version.protocol, access)]
            for access in (inside, outside, desk, nobody, inside, outside)
        ]
    assert seen == [[version.pk], [], [version.pk], [], [version.pk], []]


def test_two_tenants_one_statement():
    """The framework is a value as well, and the scope stands behind it."""
    tenants = []
    for _ in range(2):
        framework = make_framework()
        with scope(framework.pk):
            tenants.append((framework, make_version(framework=framework), make_member(framework, Role.DRAFTER)))
    for framework, version, drafter in tenants:
        with scope(framework.pk):
            access = Access.of(drafter, framework)
            assert [one.pk for one in visible_versions(version.protocol, access)] == [version.pk]
            (foreign,) = (other for own, other, _person in tenants if own != framework)
            assert versions_of(access, foreign.protocol_id) == []
