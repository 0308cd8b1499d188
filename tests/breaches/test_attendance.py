"""Who was there is one record: the meeting and the breach say the same (HAR-6.3, HAR-6.4)."""

import pytest
from django.db import transaction

from breaches import closed, hearing
from portal import meetings
from portal.errors import NotReady, StateError
from portal.models import Meeting
from portal.permissions import Role
from tests.breaches import sessions
from tests.breaches.test_views import client_of
from tests.builders import make_member

pytestmark = pytest.mark.django_db


def both(breach):
    """(what the breach counts, what the meeting says of those who count)."""
    held = hearing.of(breach)
    counted = {one.organisation_id for one in hearing.remaining(breach)}
    there = set(held.meeting.attendance.filter(present=True).values_list("organisation_id", flat=True))
    return set(held.present), there & counted


def correct(case, breach, *bodies, by=None):
    """Put right who was there."""
    meeting = Meeting.objects.get(pk=hearing.of(breach).meeting_id)
    with transaction.atomic():
        meetings.correct_attendance(
            meeting, present={one.pk: "x" for one in bodies}, by=by or case.secretary, now=case.now
        )


@pytest.mark.parametrize("stage", ["presented", "in-closed-session", "recalled"])
def test_not_by_somebody_in_breach(case, stage):
    """HAR-6.4: while the session runs, before and after it: refused on the page and by the verb; the quorum stays."""
    partial = make_member(case.framework, Role.SECRETARY, case.trust)
    breach = sessions.STAGES[stage](case)
    page = hearing.of(breach).meeting.get_absolute_url()
    client = client_of(partial)
    assert "Put right who was there" not in client.get(page).content.decode()
    assert "Put right who was there" in client_of(case.secretary).get(page).content.decode()
    assert client.get(f"{page}hold/").status_code == client.post(f"{page}hold/", {}).status_code == 409
    before = both(breach)
    with pytest.raises(StateError, match="an organisation in breach of"):
        correct(case, breach, by=partial)
    assert both(breach) == before and len(before[0]) == 3


def test_the_page_of_a_planned_meeting_offers_what_goes(case):
    """HAR-6.4: whoever would be refused is not offered to move, cancel or record it, and reads who can."""
    partial = make_member(case.framework, Role.SECRETARY, case.trust)
    meeting = hearing.of(sessions.called(case)).meeting
    offers = [f'href="{meeting.get_absolute_url()}{act}/"' for act in ("move", "cancel", "hold")]
    seen = client_of(case.secretary).get(meeting.get_absolute_url()).content.decode()
    assert [offer in seen for offer in offers] == [True] * 3
    seen = client_of(partial).get(meeting.get_absolute_url()).content.decode()
    assert [offer in seen for offer in offers] == [False] * 3
    assert case.secretary.full_name in seen and "to an organisation in breach of" in seen


def test_the_two_records_never_contradict(case):
    """HAR-6.3: what the breach counts follows the meeting until the session has decided; nobody who voted is taken off, and
    somebody was there; then only what does not count is put right."""
    breach = sessions.presented(case)
    correct(case, breach, case.council, case.police)
    assert both(breach) == ({case.council.pk, case.police.pk},) * 2
    with pytest.raises(NotReady):
        correct(case, breach, case.trust)
    act = {"by": case.secretary, "now": case.now}
    closed.begin(breach, **act)
    one = closed.propose(breach, organisation=case.trust.pk, kind="warning", text="x", **act)
    closed.vote(one, {case.police.pk: "for"}, **act)
    with pytest.raises(StateError, match="has voted"):
        correct(case, breach, case.council)
    correct(case, breach, case.police, case.school)
    assert both(breach) == ({case.police.pk, case.school.pk},) * 2
    with pytest.raises(NotReady):  # who is not there any more has no vote
        closed.vote(one, {case.council.pk: "for"}, **act)
    again = sessions.recalled(case, case.report())
    before = both(again)
    with pytest.raises(StateError, match="has decided"):
        correct(case, again, case.council)
    correct(case, again, case.council, case.police, case.school, case.trust)
    assert both(again) == before


def test_a_meeting_that_was_recorded_before(case):
    """HAR-6.3: it was recorded as held on its own page, with others; what the breach says of it is put right there."""
    breach = sessions.called(case)
    meeting = Meeting.objects.get(pk=hearing.of(breach).meeting_id)
    act = {"by": case.secretary, "now": case.now}
    meetings.hold(meeting, present={case.trust.pk: "T", case.council.pk: "C"}, **act)
    hearing.present(breach, organisations=[case.council.pk, case.school.pk], **act)
    assert both(breach) == ({case.council.pk, case.school.pk},) * 2
    people = dict(meeting.attendance.filter(present=True).values_list("organisation", "people"))
    assert people == {case.trust.pk: "T", case.council.pk: "C", case.school.pk: ""}
