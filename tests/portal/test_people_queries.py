"""Lists of people and organisations ask the same number of queries whatever their length."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal import tenancy
from portal.models import AuditEvent
from portal.permissions import Role
from tests.builders import NOW, join, make_framework, make_member, make_organisation, make_user

pytestmark = pytest.mark.django_db


def grow(framework, count):
    """More organisations, each with a person, and more ledger rows."""
    for _ in range(count):
        body = make_organisation(framework=framework)
        join(make_user(mfa=False), framework, body, Role.VIEWER)
        with tenancy.scope(framework.pk):
            AuditEvent.objects.record("tests.row:made", framework, by=None, now=NOW)


@pytest.mark.parametrize("name", ["people", "organisations", "ledger", "people-invite", "framework"])
def test_flat(client, name):
    """Two rows or twenty: the same."""
    framework = make_framework()
    client.force_login(make_member(framework, Role.FRAMEWORK_ADMIN))
    address = reverse(name, args=[framework.slug])
    client.get(address)  # the session writes when it was last seen
    counts = []
    for more in (2, 18):
        grow(framework, more)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(address).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert counts[0] <= 36  # what needs doing asks each room of the house once
