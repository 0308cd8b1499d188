"""How many statements a signature costs (quality.md: at most 20), whoever is told of it."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.permissions import Role
from protocols.models import Party
from signatories import workflow
from tests.builders import NOW, make_member, make_protocol, make_version
from tests.signatories.signing import make_signer, proved, ticked

pytestmark = pytest.mark.django_db
BUDGET = 20


def cost(version) -> int:
    """Statements of one signature, savepoints counted, by a signer who does not complete the version."""
    party = version.parties.first()
    user = make_signer(party)
    proved(user, version)
    party, form = Party.objects.get(pk=party.pk), ticked(party)
    party.version  # noqa: B018  the page has read it
    with CaptureQueriesContext(connection) as queries:
        workflow.sign(party, form, by=user, now=NOW)
    return len(queries)


def test_a_signature_costs_at_most_twenty_statements(version):
    """Lock, authority, proof, evidence, standing, ledger, mails: within the budget."""
    assert cost(version) <= BUDGET


def test_a_child_costs_no_more(framework):
    """The same below a parent, and the number does not grow with those who are told (HAR-10)."""
    parent = make_protocol(framework, tier=1)
    upper = make_version(parent, status="in-force", effective_on=date(2026, 6, 1))
    child = make_protocol(framework, parent=parent, lead=upper.parties.first().organisation)
    version = make_version(child, status="open-for-signature")
    for _ in range(5):
        make_member(framework, Role.SECRETARY)
    assert cost(version) <= BUDGET
