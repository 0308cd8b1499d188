"""The whole way of an invitation with real commits and real mail."""

import pytest
from django.urls import reverse

from portal.models import OutgoingEmail, User
from portal.permissions import ROLE_PERMISSIONS, Role
from tests.portal.mails import inbox
from tests.portal.place import ADDRESS, NEW_PASSWORD, Place, accept

pytestmark = pytest.mark.usefixtures("own_database")
__all__ = ["inbox"]


def test_from_the_mail_to_the_first_page(client, inbox):
    """Invitation by mail, password, straight on to the second factor: account, role and grants at once."""
    place, stranger = Place(client), type(client)()
    place.invite()
    subject, text, path = inbox.newest(ADDRESS)
    assert place.framework.name in subject
    assert "Drafter" in text
    assert "Anytown Council" in stranger.get(path).content.decode()
    answer = accept(stranger, path)
    assert answer["Location"] == place.url("framework")
    assert stranger.get(answer["Location"])["Location"] == reverse("mfa_set_up")
    user = User.objects.get(email=ADDRESS)
    assert (user.full_name, user.job_title, user.check_password(NEW_PASSWORD)) == ("Nova Person", "Manager", True)
    assert place.grants(user) == set(ROLE_PERMISSIONS[Role.DRAFTER])
    assert place.verbs() == ["portal.invitation:sent", "portal.invitation:accepted", "portal.membership:started"]
    assert inbox.fetch(ADDRESS)[-1][0] == subject


def test_nothing_is_sent_for_an_offer_that_was_taken_back(client, inbox):
    """What the mail would say is not true any more, so it is not sent."""
    place = Place(client)
    invitation = place.invite()
    place.client.post(place.url("invitation-revoke", invitation.pk))
    assert inbox.fetch(ADDRESS) == []


def test_token_is_made_at_sending_and_stored_nowhere(client, inbox):
    """The row of the outbox does not hold what the message carried (decisions.md, "Outbox")."""
    place = Place(client)
    place.invite()
    token = inbox.newest(ADDRESS)[2].split("/")[2]
    assert token not in str(place.only(OutgoingEmail).__dict__)
    assert place.only(OutgoingEmail).status == "sent"
