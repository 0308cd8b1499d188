"""The demonstration loads with its flows: submitting asks for them (HAM-voice)."""

import pytest

from portal import clock
from portal.models import Framework
from portal.tenancy import scope
from protocols.models import Tier, Version
from signatories import demo

pytestmark = pytest.mark.django_db


def test_every_operational_protocol_of_the_demonstration_says_who_may_look(settings):
    """The whole demonstration by its real verbs; every operational version has a flow with roles and vetting."""
    settings.PORTAL_DEMO = True
    assert demo.load(now=clock.now())
    for framework in Framework.objects.all():
        with scope(framework.pk):
            for version in Version.objects.filter(protocol__tier__level=Tier.Level.OPERATIONAL):
                flows = list(version.data_flows.all())
                assert flows, version
                assert all(flow.roles and flow.vetting for flow in flows)
