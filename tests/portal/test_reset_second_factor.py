"""manage.py reset_second_factor: the way back in for somebody who lost phone and codes."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core.management import CommandError, call_command
from django.db import transaction

from portal import tenancy
from portal.models import AuditEvent, OutgoingEmail
from tests.builders import make_user

pytestmark = pytest.mark.django_db


def test_reset_is_recorded_and_told():
    """App and recovery codes go; the ledger says why, without a name; the owner gets a mail; others are untouched."""
    user, other = make_user(), make_user()
    RecoveryCodes.activate(user)
    call_command("reset_second_factor", user.email.upper(), reason="Seen in person with staff card")
    assert not Authenticator.objects.filter(user=user).exists()
    assert Authenticator.objects.filter(user=other).exists()
    with tenancy.installation(), transaction.atomic():
        events = AuditEvent.objects.filter(verb="portal.second-factor:reset")
        assert {event.payload["reason"] for event in events} == {"Seen in person with staff card"}
        assert all(event.chain == "installation" and user.full_name not in event.subject_label for event in events)
        mail = OutgoingEmail.objects.get()
    assert (mail.kind, mail.user) == ("account.second_factor_reset", user)


@pytest.mark.parametrize("mfa, email", [(False, None), (True, "nobody@example.org")])
def test_nothing_to_reset(mfa, email):
    """Nobody of this address, or nothing to remove: said, and nothing happens."""
    user = make_user(mfa=mfa)
    with pytest.raises(CommandError):
        call_command("reset_second_factor", email or user.email, reason="Asked")
    with tenancy.installation(), transaction.atomic():
        assert not OutgoingEmail.objects.exists()
