"""Mails about signing and what stands on the list of things to do."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import transaction

from portal import notices, tenancy, todo
from portal.errors import StateError
from portal.models import Membership, OutgoingEmail
from portal.permissions import Role
from signatories import workflow
from signatories.todo import to_sign
from tests.builders import NOW, make_framework, make_member, make_version
from tests.signatories.signing import make_signer, sign

pytestmark = pytest.mark.django_db
SECRET = "Canary in the title"


@pytest.fixture
def version(time_machine):
    """An open version in a scope, at NOW, with a title that no mail may hold."""
    time_machine.move_to(NOW, tick=False)
    cache.clear()
    framework = make_framework()
    with tenancy.scope(framework.pk), transaction.atomic():
        version = make_version(status="open-for-signature", framework=framework)
        type(version.protocol).objects.update(title=SECRET)
        yield type(version).objects.get(pk=version.pk)


def rendered(kind, user):
    """The message of the newest mail of a kind to a person, or None."""
    return notices.render(OutgoingEmail.objects.filter(kind=kind, user=user).order_by("-pk").first())


def test_invitation(version, settings):
    """One link, to the signing page, that needs a sign-in; reference and number, no title; says why."""
    party = version.parties.first()
    user = make_signer(party, full_name="Tamsin Reid")
    workflow.invite(party, by=None, now=NOW)
    message = rendered("signatories.invitation", user)
    assert message.to == [user.email]
    assert message.subject == f"Sign {version.protocol.reference} 1.0 for {party.name}"
    link = f"{settings.PORTAL_URL}/{version.framework.slug}/protocols/{version.protocol.reference}/1.0/sign/{party.pk}/"
    assert message.body.splitlines().count(link) == 1
    assert "Please answer by 30 June 2026." in message.body
    assert "because you may sign for this organisation" in message.body
    assert SECRET not in message.subject + message.body


def test_an_invitation_that_is_out_of_date_is_not_sent(version):
    """Nothing goes out when the party signed meanwhile, the authority ended, or the version closed."""
    first, second = version.parties.all()
    one, two = make_signer(first), make_signer(second)
    for party in (first, second):
        workflow.invite(party, by=None, now=NOW)
    sign(first, one)
    assert rendered("signatories.invitation", one) is None
    assert rendered("signatories.invitation", two) is not None
    Membership.objects.filter(user=two).update(ended_at=NOW)
    assert rendered("signatories.invitation", two) is None
    Membership.objects.filter(user=two).update(ended_at=None)
    version.withdraw(by=None, now=NOW, reason="Wrong")
    assert rendered("signatories.invitation", two) is None
    for status in ("declined", "pending"):
        version.parties.filter(pk=second.pk).update(status=status)
        with pytest.raises(StateError, match="cannot be invited now"):
            workflow.invite(second, by=None, now=NOW)


def test_every_kind_has_its_words(version):
    """Confirmation, notices, completion, withdrawal: each says what happened, carries one link and no title."""
    lead, other = version.parties.all()
    drafter = make_member(version.framework, Role.DRAFTER, lead.organisation)
    one, two = make_signer(lead), make_signer(other)
    workflow.decline(other, reason="Our board has not met.", by=two, now=NOW)
    declined = rendered("signatories.declined", drafter)
    assert "declined" in declined.subject
    assert "has not met" not in declined.body
    signature = sign(lead, one)
    assert signature.reference in rendered("signatories.signed", one).body
    assert "/signatures/" in rendered("signatories.party-signed", drafter).body
    assert "/sign/" not in rendered("signatories.party-signed", drafter).body
    sign(other, two, now=NOW + timedelta(hours=1))
    assert "from 1 July 2026 at midnight" in rendered("signatories.completed", two).body
    workflow.withdraw(version, reason="A clause was wrong.", by=None, now=NOW)
    assert "was withdrawn" in rendered("signatories.withdrawn", one).body
    for mail in OutgoingEmail.objects.exclude(kind="signatories.invitation"):
        message = notices.render(mail)
        assert (SECRET in message.subject + message.body, message.body.count("http://")) == (
            False,
            2,
        )  # the link and the foot


def test_who_lost_access_is_told_nothing(version):
    """Asked again at sending."""
    lead, _other = version.parties.all()
    drafter = make_member(version.framework, Role.DRAFTER, lead.organisation)
    sign(lead)
    Membership.objects.filter(user=drafter).update(ended_at=NOW)
    assert rendered("signatories.party-signed", drafter) is None


def test_to_sign(version):
    """A representative's list says what waits, for whom and by when, in the framework and across all of them."""
    party, other = version.parties.all()
    user = make_signer(party)
    sign(other)
    item = next(iter(to_sign(user)))
    assert (item.title, item.note) == (f"Sign {SECRET} 1.0", f"{version.protocol.reference} for {party.name}")
    assert item.href.endswith(f"/sign/{party.pk}/")
    assert item.due_at.isoformat() == "2026-06-30T22:59:59+00:00"
    with tenancy.cross_scope(user):
        assert [item.title for item in todo.items(user) if "Sign" in item.title] == [f"Sign {SECRET} 1.0"]
    sign(party, user)
    assert list(to_sign(user)) == []
