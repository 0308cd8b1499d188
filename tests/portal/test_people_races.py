"""Two at once: one invitation gives one account, and two administrators cannot end each other's role."""

import threading

import pytest
from django.db import connections, transaction

from portal import tenancy, workflow
from portal.errors import StateError
from portal.models import Invitation, Membership, User
from portal.permissions import Role
from tests.builders import NOW, make_framework, make_member, make_organisation

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("own_database")]


def at_once(framework, *acts):
    """Run the acts in threads of their own that start together; gives what each returned or raised."""
    ready, outcomes = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number, act):
        try:
            with tenancy.scope(framework.pk):
                ready.wait(10)
                outcomes[number] = act()
        except StateError as error:
            outcomes[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes


def test_one_invitation_one_account():
    """Four clicks on "Accept" at the same moment: one account, one role, three clear refusals."""
    framework = make_framework()
    body = make_organisation(framework=framework)
    with tenancy.scope(framework.pk):
        offer = workflow.invite(
            framework,
            email="nova@example.org",
            full_name="Nova",
            organisation=body,
            role=Role.DRAFTER,
            by=None,
            now=NOW,
        )

    def accept():
        with transaction.atomic():
            mine = Invitation.objects.get(pk=offer.pk)
            return workflow.accept_invitation(mine, password="seven grey herons wading", now=NOW)

    outcomes = at_once(framework, *[accept] * 4)
    assert sum(isinstance(each, Membership) for each in outcomes) == 1
    assert sum(isinstance(each, StateError) for each in outcomes) == 3
    assert User.objects.filter(email="nova@example.org").count() == 1


def test_two_administrators_cannot_end_each_other():
    """Each ends the other's role at the same moment: one stays."""
    framework = make_framework()
    admins = [make_member(framework, Role.FRAMEWORK_ADMIN) for _ in range(2)]

    def end(user):
        def act():
            with transaction.atomic():
                workflow.end_membership(Membership.objects.get(user=user), by=None, now=NOW)
            return True

        return act

    outcomes = at_once(framework, *[end(user) for user in admins])
    assert sorted(type(each).__name__ for each in outcomes) == ["StateError", "bool"]
    with tenancy.scope(framework.pk), transaction.atomic():
        assert Membership.objects.live().filter(role=Role.FRAMEWORK_ADMIN).count() == 1
