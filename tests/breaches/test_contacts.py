"""An open breach always has a reachable contact (decisions.md): the duty moves in the same transaction, with a notice."""

import pytest

from breaches import contacts, glass
from portal import endings, notices, sweep, tenancy
from portal.models import AuditEvent, OutgoingEmail
from portal.permissions import Role
from tests.breaches import sessions
from tests.builders import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(case):
    return make_member(case.framework, Role.FRAMEWORK_ADMIN)


def moved():
    return AuditEvent.objects.filter(verb="breaches.breach:contact-moved").count()


def end(case, user):
    membership = case.framework.memberships.get(user=user)
    membership.ended_at = case.now
    membership.save(update_fields=["ended_at"])
    endings.run(membership, by=case.secretary, now=case.now)


def test_the_last_contact_leaves(case, admin):
    """Asked before, and done with the role: the administrators are told; with a colleague left nothing moves."""
    case.report()
    colleague = make_member(case.framework, Role.REPRESENTATIVE, case.trust)
    end(case, colleague)
    assert moved() == 0
    last = case.framework.memberships.get(user=case.guilty)
    assert "take it over" in " ".join(contacts.what_ends(last, case.now))
    end(case, case.guilty)
    assert moved() == 1
    assert {mail.user for mail in OutgoingEmail.objects.filter(kind="breaches.no-contact")} == {admin}


def test_the_last_contact_bounces(case, admin):
    """A mail that comes back for good moves it in the same transaction."""
    case.report()
    mail = OutgoingEmail.objects.get(kind="breaches.reported", user=case.guilty)
    sweep.refused_for_good(mail, 550, b"no such user", now=case.now)
    assert moved() == 1
    assert OutgoingEmail.objects.filter(kind="breaches.no-contact", user=admin).exists()


def test_without_an_open_breach_nothing_moves(case, admin):
    """Other organisations, and breaches that are closed, have no such duty."""
    breach = case.report()
    end(case, case.officer)
    breach.status, breach.closed_at = "closed", case.now
    breach.save()
    end(case, case.guilty)
    assert moved() == 0
    assert not OutgoingEmail.objects.filter(user=admin).exists()


def test_break_glass_is_notified(case):
    """HAR-6.4: an operator sees the session only by a break-glass that everybody of the session is told of, and nobody of
    the organisation in breach."""
    breach = sessions.in_session(case)
    with tenancy.scope(case.framework.pk):
        said = glass.break_glass(breach, operator="Op Erator", reason="court order", now=case.now)
    assert any(sessions.CANARY in line for line in said)
    told = OutgoingEmail.objects.filter(kind="breaches.glass-broken")
    assert {mail.user for mail in told} == {case.secretary, case.drafter, case.officer}
    assert "Op Erator" in notices.render(told.first()).body
