"""What changed since the version that an organisation signed, on the page where it signs the next one (SIG-new)."""

from datetime import date

import pytest
from django.db import transaction
from django.urls import reverse

from portal.permissions import Access, Role
from portal.tenancy import scope
from protocols import workflow
from signatories.changes import changes_since_signed
from tests.builders import NOW, advance, make_framework, make_member, make_organisation, make_party, make_version
from tests.signatories.signing import make_signer

pytestmark = pytest.mark.django_db


class Signed:
    """1.0 in force, signed by two; 2.0 open, with a clause changed and a third party."""

    def __init__(self, client):
        self.client, self.framework = client, make_framework()
        with scope(self.framework.pk), transaction.atomic():
            first = make_version(framework=self.framework, status="in-force")
            self.reference = first.protocol.reference
            self.version = workflow.next_version(first.protocol, major=True, by=None, now=NOW)
            self.version.clauses.filter(label="1.1").update(text="We share what is needed for the purpose.")
            self.version.effective_on = date(2027, 1, 1)
            self.version.save()
            self.joiner = make_party(self.version, make_organisation("Joiner", framework=self.framework))
            advance(self.version, "open-for-signature")
            self.partner = self.version.parties.exclude(pk=self.joiner.pk).order_by("order").last()
            self.people = {party.pk: make_signer(party) for party in (self.partner, self.joiner)}

    def page(self, party):
        """The signing page of a party."""
        self.client.force_login(self.people[party.pk])
        args = [self.framework.slug, self.reference, self.version.number, party.pk]
        return self.client.get(reverse("sign", args=args))


@pytest.fixture
def case(client, time_machine):
    """As above, at NOW."""
    time_machine.move_to(NOW, tick=False)
    return Signed(client)


def test_a_signatory_is_told_what_changed_since_it_signed(case):
    """A sentence, the link to the changes only, and that the old signature stays where it was (SIG-new)."""
    response = case.page(case.partner)
    page = response.content.decode()
    assert "What changed since version 1.0" in page
    assert "That signature stays with that version." in page
    assert "1 clause changed; 3 changes in details and schedules." in page
    href = response.context["changes"].href
    assert href.endswith("/compare/1.0/2.0/?show=changes")
    assert case.client.get(href).status_code == 200
    stranger = make_member(case.framework, Role.REPRESENTATIVE)  # nor is it told to who reads neither text
    with scope(case.framework.pk), transaction.atomic():
        assert changes_since_signed(case.partner, Access.of(stranger, case.framework)) is None


def test_a_party_that_never_signed_is_told_nothing(case):
    """It has nothing to compare with, and the text that others signed is not its business."""
    response = case.page(case.joiner)
    assert response.status_code == 200
    assert response.context["changes"] is None
    assert "What changed" not in response.content.decode()
