"""Mails about versions: rendered at sending, for people who may still see and do what the mail speaks of."""

from datetime import date

import pytest

from portal import notices
from portal.models import Membership, OutgoingEmail
from portal.permissions import Role
from portal.tenancy import scope
from protocols import workflow
from tests.builders import NOW, join, make_framework, make_member, make_version

pytestmark = pytest.mark.django_db
KIND = "protocols.consultation-opened"


@pytest.fixture
def told():
    """A representative of a party who waits for the mail that a consultation is open; inside the scope."""
    framework = make_framework()
    with scope(framework.pk):
        version = make_version(framework=framework)
        person = make_member(framework, Role.REPRESENTATIVE, version.parties.last().organisation)
        workflow.open_consultation(version, closes_on=date(2099, 7, 1), by=None, now=NOW)
        yield person, version


def rendered():
    """The message of the one mail of this kind, or None."""
    return notices.render(OutgoingEmail.objects.get(kind=KIND))


def test_a_mail_whose_reader_may_not_comment_any_more_is_not_sent(told):
    """HAR-¶9: the role ended between queue and sending; as a viewer the person still reads the draft."""
    person, version = told
    assert version.protocol.reference in rendered().body
    join(person, version.framework, version.parties.last().organisation, Role.VIEWER)
    Membership.objects.filter(user=person, role=Role.REPRESENTATIVE).update(ended_at=NOW)
    assert rendered() is None


def test_a_mail_about_what_its_reader_does_not_see_any_more_is_not_sent(told):
    """Closed by default: the organisation is no party any more."""
    _person, version = told
    version.parties.last().delete()
    assert rendered() is None
