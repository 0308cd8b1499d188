"""What one person may do: roles that live and grants that stand, both, and for which organisation (portal.permissions)."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from guardian.shortcuts import assign_perm, remove_perm

from portal import clock
from portal.models import MemberOrganisation, Membership, User
from portal.permissions import Access, Perm, Role
from portal.tenancy import cross_scope, scope
from tests import builders


@pytest.fixture
def place(db):
    """A framework with two organisations, and its scope."""
    framework = builders.make_framework()
    with scope(framework.pk):
        yield framework, builders.make_organisation("One", framework), builders.make_organisation("Two", framework)


def test_a_stranger_has_nothing(place):
    """Neither somebody who is not signed in nor somebody without a role, whatever grants were left behind."""
    framework, one, _two = place
    user = builders.make_user()
    assign_perm(Perm.DECIDE, user, framework)
    for who in (AnonymousUser(), user):
        access = Access.of(who, framework)
        assert (access.member, access.organisations, access.perms, access.roles, access.held) == (
            False, (), frozenset(), frozenset(), frozenset(),
        )  # fmt: skip
        assert not access.can(Perm.DECIDE)
        assert not access.can_for(Perm.DECIDE, one.pk)


def test_a_role_gives_what_is_granted_and_no_more(place):
    """A grant that no role of today gives counts for nothing; a role whose grant was taken away does not either."""
    framework, one, _two = place
    user = builders.make_member(framework, Role.REPRESENTATIVE, one)
    assert Access.of(user, framework).perms == {Perm.VIEW, Perm.COMMENT, Perm.REPRESENT}
    assign_perm(Perm.DECIDE, user, framework)
    remove_perm(Perm.COMMENT, user, framework)
    access = Access.of(user, framework)
    assert access.perms == {Perm.VIEW, Perm.REPRESENT}
    assert access.member
    assert access.can(Perm.REPRESENT)
    assert not access.can(Perm.DECIDE)
    assert not access.can(Perm.COMMENT)
    assert not access.can_for(Perm.COMMENT, one.pk)


def test_a_role_for_another_organisation_does_not_count(place):
    """What one may do for one organisation says nothing about another, a role of one's own there included."""
    framework, one, two = place
    user = builders.make_member(framework, Role.REPRESENTATIVE, one)
    builders.join(user, framework, two, Role.AUDITOR)
    access = Access.of(user, framework)
    assert access.organisations == tuple(sorted((one.pk, two.pk)))
    assert access.roles == {Role.REPRESENTATIVE, Role.AUDITOR}
    assert access.held == {(one.pk, Role.REPRESENTATIVE), (two.pk, Role.AUDITOR)}
    assert access.can_for(Perm.REPRESENT, one.pk)
    assert not access.can_for(Perm.REPRESENT, two.pk)
    assert access.can_for(Perm.AUDIT, two.pk)
    assert not access.can_for(Perm.AUDIT, one.pk)
    assert not access.can_for(Perm.DECIDE, one.pk)


def test_which_roles_are_live(db):
    """Looking across frameworks too, a role counts where its organisation is active, not where another framework keeps that
    organisation; and none of a disabled account."""
    one, two = builders.make_framework(), builders.make_framework()
    force, trust = builders.make_organisation(framework=one), builders.make_organisation(framework=two)
    user = builders.make_member(one, Role.VIEWER, force)
    here = builders.join(user, two, trust)
    with scope(two.pk), transaction.atomic():
        MemberOrganisation.objects.create(
            framework=two, organisation=force, joined_on=clock.today(), status=MemberOrganisation.Status.SUSPENDED
        )
    suspended = builders.join(user, two, force)
    with cross_scope(user):
        live = set(Membership.objects.live().values_list("pk", flat=True))
        assert here.pk in live
        assert suspended.pk not in live
    User.objects.filter(pk=user.pk).update(is_active=False)
    with scope(two.pk), transaction.atomic():
        assert Membership.objects.filter(pk=here.pk).exists()
        assert not Membership.objects.live().exists()
