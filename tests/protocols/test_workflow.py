"""A protocol is begun, and its next version."""

import pytest
from django.core.exceptions import ValidationError

from portal.models import Framework, MemberOrganisation, Organisation, User
from portal.tenancy import scope
from protocols import presets, workflow

pytestmark = pytest.mark.django_db


def test_begin(now):
    framework = Framework.objects.create(name="Anyshire", slug="anyshire")
    organisation = Organisation.objects.create(name="Anyshire Council")
    user = User.objects.create_user("a@example.org", "A B")
    with scope(framework.pk):
        MemberOrganisation.objects.create(framework=framework, organisation=organisation, joined_on=now.date())
        general, individual = presets.apply(framework, by=user, now=now)
        v = workflow.create_protocol(
            framework, tier=general, reference="GEN-1", title="General", lead_organisation=organisation, by=user, now=now
        )
        assert v.name == "1.0 draft 1"
        with pytest.raises(ValidationError) as caught:
            workflow.create_protocol(
                framework, tier=individual, reference="gen-1", title="", lead_organisation=organisation, by=user, now=now
            )
        assert set(caught.value.message_dict) == {"title", "reference", "parent"}
