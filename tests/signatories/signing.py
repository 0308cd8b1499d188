"""What tests of signing need: authorised representatives, ticked statements, proofs of the second factor."""

from datetime import date

import pytest
from django.db import transaction

from portal import second_factor
from portal.models import AuditEvent, OutgoingEmail, User
from portal.permissions import Role
from protocols.models import Party
from signatories import workflow
from signatories.evidence import Submission
from signatories.models import Authority, Signature
from signatories.statements import statements
from tests.builders import NOW, join, make_member, make_user
from tests.totp import next_code


def refused(error, call, *arguments, **options):
    """The refusal, and that it left no signature, no ledger row and no mail."""
    before = (Signature.objects.count(), AuditEvent.objects.count(), OutgoingEmail.objects.count())
    with pytest.raises(error) as caught, transaction.atomic():
        call(*arguments, **options)
    assert (Signature.objects.count(), AuditEvent.objects.count(), OutgoingEmail.objects.count()) == before
    return caught.value


def make_authority(user, organisation, framework, *, by=None, now=NOW, **fields) -> Authority:
    """A recorded authority, granted by the chief executive. Needs the scope."""
    facts = {
        "capacity": f"Director of Services, for and on behalf of {organisation.name}",
        "granted_by": "Ada Marsh, Chief Executive",
        "scope": "All information sharing protocols",
        "valid_from": date(2026, 1, 1),
    }
    by = by or make_member(framework, Role.SECRETARY)
    return Authority.objects.grant(
        framework=framework, user=user, organisation=organisation, by=by, now=now, **facts | fields
    )


def make_signer(party, *, now=NOW, by=None, **fields) -> User:
    """A representative of the party with a recorded authority. Needs the scope."""
    user = make_user(**fields)
    join(user, party.framework, party.organisation, Role.REPRESENTATIVE)
    make_authority(user, party.organisation, party.framework, by=by, now=now)
    return user


def ticked(party, **fields) -> Submission:
    """The form of a signer who ticked everything."""
    facts = {"sha256": party.version.canonical.sha256, "ticked": tuple(shown.key for shown in statements(party))}
    return Submission(**facts | fields)


def proved(user, version, *, now=NOW):
    """A fresh proof of the second factor for this version's text, by a real code."""
    return second_factor.prove(user, next_code(user, now=now), sha256=version.canonical.sha256, now=now)


def sign(party, user=None, *, now=NOW) -> Signature:
    """Sign for a party, with evidence, as its page does. Makes a signer if none is given. Needs the scope."""
    user = user or make_signer(party, now=now)
    party = Party.objects.get(pk=party.pk)
    proved(user, party.version, now=now)
    return workflow.sign(party, ticked(party), by=user, now=now)
