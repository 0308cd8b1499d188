"""Two secretaries at once: minutes circulate once, nothing is written into minutes that are on their way (HAR-6.6)."""

import pytest
from django.db import transaction

from portal import agendas, meetings, minutes, tenancy
from portal.errors import StateError
from portal.models import AgendaItem, Board, Circulation, Meeting, Minute, OutgoingEmail
from portal.permissions import Role
from tests.builders import NOW, make_framework, make_member, make_organisation
from tests.portal.test_people_races import at_once

pytestmark = [pytest.mark.race, pytest.mark.usefixtures("own_database")]


def written() -> tuple:
    """A framework, and a meeting whose minutes are written."""
    framework = make_framework()
    make_member(framework, Role.REPRESENTATIVE, make_organisation(framework=framework))
    with tenancy.scope(framework.pk), transaction.atomic():
        board = Board.objects.get_or_create(framework=framework, name="Strategic Board")[0]
        meeting = meetings.plan(board, starts_at=NOW, by=None, now=NOW)
        item = agendas.add(meeting, title="Item", paragraph="", by=None, now=NOW)
        meetings.hold(meeting, by=None, now=NOW)
        minutes.write(item, "One", revision=0, by=None, now=NOW)
        minutes.finish(meeting, by=None, now=NOW)
    return framework, meeting.pk, item.pk


def test_two_who_circulate_at_once_circulate_once():
    """One circulation, one mail to each, and one refusal that says so."""
    framework, meeting, _item = written()

    def circulate():
        with transaction.atomic():
            return minutes.circulate(Meeting.objects.get(pk=meeting), by=None, now=NOW)

    outcomes = at_once(framework, circulate, circulate)
    assert sorted(isinstance(one, StateError) for one in outcomes) == [False, True]
    with tenancy.scope(framework.pk), transaction.atomic():
        assert Circulation.objects.count() == 1
        assert OutgoingEmail.objects.filter(kind="portal.minutes-circulated").count() == 1


@pytest.mark.parametrize("round", range(3))
def test_what_is_written_while_another_circulates_comes_before_or_is_refused(round):
    """Whoever comes first: the circulated text is the stored one, and two who write at once lose nothing."""
    framework, meeting, item = written()

    def circulate():
        with transaction.atomic():
            return minutes.circulate(Meeting.objects.get(pk=meeting), by=None, now=NOW)

    def write(text):
        with transaction.atomic():
            return minutes.write(AgendaItem.objects.get(pk=item), text, revision=1, by=None, now=NOW)

    sent, *texts = at_once(framework, circulate, lambda: write("Two"), lambda: write("Three"))
    assert isinstance(sent, Circulation)
    kept = [one for one in texts if isinstance(one, Minute)]
    assert len(kept) <= 1
    with tenancy.scope(framework.pk), transaction.atomic():
        assert Minute.objects.get().text == (kept[0].text if kept else "One")
