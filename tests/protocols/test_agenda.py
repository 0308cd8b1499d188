"""Decisions on versions are bound to the meeting that took them (HAR-2.3, HAR-6.3)."""

from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.db import transaction

from portal import meetings
from portal.models import Decision, Meeting
from portal.permissions import Role
from portal.tenancy import scope
from protocols import workflow
from tests import builders

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 15, 9, 0, tzinfo=UTC)


def test_the_secretary_names_the_meeting_and_the_decision_stands_at_its_item(client, time_machine):
    """Offered once the board has met; refused for another day and for a meeting that was not quorate."""
    time_machine.move_to(NOW)
    cache.clear()
    framework = builders.make_framework()
    body = builders.make_organisation(framework=framework)
    with scope(framework.pk), transaction.atomic():
        version = builders.make_version(builders.make_protocol(framework, lead=body), parties=2)
        board = version.protocol.deciding_body
        meeting = meetings.plan(board, starts_at=NOW, by=None, now=NOW)
        workflow.submit(version, by=None, now=NOW)
    client.force_login(builders.make_member(framework, Role.SECRETARY, body))
    path = f"/{framework.slug}/protocols/{version.protocol.reference}/{version.number}/approval/decide/"
    assert "At which meeting?" not in client.get(path).content.decode()
    with scope(framework.pk), transaction.atomic():
        workflow_meeting = Meeting.objects.get(pk=meeting.pk)
        # what was submitted after the meeting began is on its agenda only when the secretary asks
        meetings.agendas.compile_due(workflow_meeting, by=None, now=NOW)
        meetings.hold(workflow_meeting, by=None, now=NOW)
    sent = {
        "who": "board", "decided_on_day": "15", "decided_on_month": "6", "decided_on_year": "2026", "reference": "Item 1",
        "outcome": "approved", "draft": version.draft, "meeting": meeting.pk,
    }  # fmt: skip
    assert "was not quorate" in client.post(path, sent).content.decode()
    with scope(framework.pk), transaction.atomic():
        meetings.correct_attendance(workflow_meeting, present={body.pk: ""}, by=None, now=NOW)
    assert "The meeting was on 15 June 2026" in client.post(path, sent | {"decided_on_day": "14"}).content.decode()
    assert client.post(path, sent).status_code == 302
    with scope(framework.pk), transaction.atomic():
        decision = Decision.objects.get()
        assert (decision.meeting, decision.item.subject) == (meeting, version)
