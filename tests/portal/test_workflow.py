"""Invitations and roles: what the verbs refuse by themselves, whatever page or command calls them."""

from datetime import timedelta

import pytest
from django.db import transaction

from portal import clock, workflow
from portal.errors import StateError
from portal.models import Membership, User
from portal.permissions import Role
from tests.builders import make_member, make_user
from tests.portal.place import ADDRESS, NEW_PASSWORD, Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(client):
    return Place(client)


def refused(place, verb, *args, **facts):
    """A state error, no account, no role and no row of the ledger."""
    before = place.verbs(), place.count(Membership), User.objects.count()
    with place.in_scope(), pytest.raises(StateError), transaction.atomic():
        verb(*args, **facts)
    assert (place.verbs(), place.count(Membership), User.objects.count()) == before


def test_an_offer_is_taken_up_once_and_in_time(place):
    """Not when it is too old, not a second time by its own account, not after it was taken back."""
    offer, now = place.invite(), clock.now()
    late = offer.expires_at + timedelta(seconds=1)
    refused(place, workflow.accept_invitation, offer, now=late, password=NEW_PASSWORD)
    with place.in_scope(), transaction.atomic():
        membership = workflow.accept_invitation(offer, now=now, password=NEW_PASSWORD)
        workflow.end_membership(membership, by=place.admin, now=now)
    refused(place, workflow.accept_invitation, offer, now=now, user=User.objects.get(email=ADDRESS))
    other = place.invite(email="other@example.org")
    with place.in_scope(), transaction.atomic():
        workflow.revoke_invitation(other, by=place.admin, now=now)
    refused(place, workflow.accept_invitation, other, now=now, password=NEW_PASSWORD)


def test_an_offer_is_for_the_account_of_its_address(place):
    """Another account does not get the role, and an address that has an account gets no second one."""
    offer = place.invite()
    refused(place, workflow.accept_invitation, offer, now=clock.now(), user=make_user())
    make_user(email=ADDRESS)
    refused(place, workflow.accept_invitation, offer, now=clock.now(), password=NEW_PASSWORD)


def test_an_offer_that_was_taken_up_is_not_taken_back(place):
    """The role is ended instead."""
    offer = place.invite()
    with place.in_scope(), transaction.atomic():
        workflow.accept_invitation(offer, now=clock.now(), password=NEW_PASSWORD)
    refused(place, workflow.revoke_invitation, offer, by=place.admin, now=clock.now())


def test_a_role_ends_once(place):
    """The moment at which it ended stays what it was."""
    user = make_member(place.framework, Role.DRAFTER, place.body)
    membership, now = place.only(Membership, user=user), clock.now()
    with place.in_scope(), transaction.atomic():
        workflow.end_membership(membership, by=place.admin, now=now)
    refused(place, workflow.end_membership, membership, by=place.admin, now=now + timedelta(days=1))
    assert place.only(Membership, user=user).ended_at == now
