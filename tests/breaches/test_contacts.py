"""An open breach always has a reachable contact (decisions.md): the duty moves in the same transaction, with a notice."""

import pytest

from breaches import contacts, glass, reporting
from portal import endings, notices, sweep, tenancy
from portal.models import AuditEvent, Deadline, OutgoingEmail
from portal.permissions import Role
from tests.breaches import sessions
from tests.breaches.test_views import client_of
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


def bounce(user, now):
    """The mail about the breach comes back for good."""
    sweep.refused_for_good(
        OutgoingEmail.objects.get(kind="breaches.reported", user=user), 550, b"no such user", now=now
    )


def duty(breach):
    """Of HAR-6.1."""
    return Deadline.objects.get(rule="breach.notify_partners", subject_id=breach.pk)


def test_a_notice_that_comes_back_is_owed_again(case, admin):
    """HAR-6.1: the last mail to a party bounces: it is untold, the duty is open by its old date and shown to who owes it,
    and the administrators, to whom it falls, can record how it was told; that meets it again."""
    second = make_member(case.framework, Role.DRAFTER, case.police)
    breach = case.report()
    due = duty(breach).due_at
    bounce(case.officer, case.now)
    assert duty(breach).met_at is not None  # a colleague is still being told
    bounce(second, case.now)
    notice = breach.notices.get(organisation=case.police)
    assert (notice.told_at, duty(breach).met_at, duty(breach).due_at) == (None, None, due)
    assert {mail.user for mail in OutgoingEmail.objects.filter(kind="breaches.no-contact")} == {admin}
    assert AuditEvent.objects.filter(verb="portal.deadline:reopened").count() == 1
    assert "Report the breach to the other partners" in client_of(case.guilty).get("/me/").content.decode()
    page = f"/{case.framework.slug}/breaches/1/"
    client = client_of(admin)
    assert "Record how they were told" in client.get(page).content.decode()
    assert client.post(f"{page}notices/{notice.pk}/told/", {"how": "by telephone"}).status_code == 302
    assert duty(breach).met_at is not None


def test_a_notice_that_was_acknowledged_stays_told(case, admin):
    """HAR-6.1: somebody there has read it, or was told in another way; a mail that comes back afterwards changes nothing,
    nor does one about a breach that is closed."""
    breach = case.report()
    reporting.acknowledge(breach.notices.get(organisation=case.police), by=case.officer, now=case.now)
    reporting.tell_otherwise(
        breach.notices.get(organisation=case.school), how="by telephone", by=case.secretary, now=case.now
    )
    bounce(case.officer, case.now)
    bounce(case.teacher, case.now)
    assert duty(breach).met_at is not None and not breach.notices.untold().exists()
    breach.status, breach.closed_at = "closed", case.now
    breach.save()
    bounce(case.drafter, case.now)
    assert duty(breach).met_at is not None
    assert not OutgoingEmail.objects.filter(kind="breaches.no-contact").exists()


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
