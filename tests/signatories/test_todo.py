"""What waits for representatives and, after a refusal, for drafters (experience.md)."""

import pytest
from django.db import transaction
from django.urls import reverse

from portal import tenancy, todo
from portal.permissions import Role
from protocols.models import Party, Version
from signatories import workflow
from tests.builders import NOW, make_framework, make_member, make_version
from tests.signatories.signing import make_signer

pytestmark = pytest.mark.django_db


def test_a_refusal_waits_for_the_drafters(time_machine):
    """A required party that declines leaves the representative's list and enters the drafters', with the way to answer."""
    time_machine.move_to(NOW, tick=False)
    framework = make_framework()
    with tenancy.scope(framework.pk), transaction.atomic():
        version = make_version(status=Version.Status.OPEN_FOR_SIGNATURE, framework=framework)
        party = version.parties.first()
        signer, drafter = make_signer(party), make_member(framework, Role.DRAFTER)

        def titles(user):
            return [item.title for item in todo.items(user)]

        assert (len(titles(signer)), titles(drafter)) == (1, [])
        workflow.decline(party, reason="Not yet", by=signer, now=NOW)
        assert titles(signer) == []
        [item] = todo.items(drafter)
        reference = version.protocol.reference
        assert item.title == f"{party.name} declined to sign {reference} {version.number}"
        assert item.href == reverse("signatures", args=[framework.slug, reference, version.number])
        Party.objects.filter(pk=party.pk).update(required=False)
        assert titles(drafter) == []
