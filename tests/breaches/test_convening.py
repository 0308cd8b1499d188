"""Who convenes the meeting on a breach: nobody of an organisation in breach, and never a dead end (HAR-6.3, HAR-6.4)."""

from datetime import timedelta

import pytest
from django.db import transaction

from breaches import convening, hearing, outcome
from portal import meetings
from portal.errors import StateError
from portal.models import Meeting
from portal.permissions import Role
from tests.breaches import sessions
from tests.breaches.test_views import client_of
from tests.builders import join, make_member

pytestmark = pytest.mark.django_db

PAGES = {"reported": ["meeting", "officers", "present"], "in-closed-session": ["officers"], "circulated": ["close"]}


@pytest.mark.parametrize("stage", list(PAGES))
def test_nobody_in_breach_convenes(case, stage):
    """HAR-6.4: a secretary, an administrator and one who left since of the organisation in breach neither call nor move the
    meeting, name officers, present or close; they are told who can. An administrator of another body and another secretary
    can, and the people whom it does not concern find nothing."""
    partial = [make_member(case.framework, role, case.trust) for role in (Role.SECRETARY, Role.FRAMEWORK_ADMIN)]
    left = make_member(case.framework, Role.SECRETARY, case.council)
    breach = sessions.called(case) if stage == "reported" else sessions.STAGES[stage](case)
    gone = join(left, case.framework, case.trust, Role.VIEWER)
    gone.ended_at = case.now + timedelta(minutes=1)
    gone.save(update_fields=["ended_at"])
    admin = make_member(case.framework, Role.FRAMEWORK_ADMIN, case.police, full_name="Ada Admin")
    base = f"/{case.framework.slug}/breaches/{breach.number}/"
    for name in PAGES[stage]:
        for user in (*partial, left):
            answer = client_of(user).get(f"{base}{name}/")
            assert answer.status_code == 409, (user, name)
            assert "Sam Secretary" in answer.content.decode() and "Ada Admin" in answer.content.decode()
        assert client_of(case.guilty).get(f"{base}{name}/").status_code == 404
        assert {client_of(one).get(f"{base}{name}/").status_code for one in (admin, case.secretary)} == {200}
        assert f'href="{base}{name}/"' not in client_of(left).get(base).content.decode()
        assert f'href="{base}{name}/"' in client_of(admin).get(base).content.decode()
    assert "These people can do it: " in client_of(left).get(base).content.decode()
    act = {"by": left, "now": case.now}
    for verb in (
        lambda: hearing.call(breach, starts_at=case.now, place="Hall", **act),
        lambda: hearing.name_officers(breach, chair=case.officer, secretary=case.secretary, **act),
        lambda: hearing.present(breach, organisations=[case.police.pk], **act),
        lambda: outcome.close(breach, lessons="x", **act),
    ):
        with pytest.raises(StateError, match="an organisation in breach of"), transaction.atomic():
            verb()


def test_there_is_always_a_way(case):
    """HAR-6.4: with nobody left who could, the page says how somebody comes to be there."""
    breach = case.report()
    for user in (case.secretary, case.drafter):
        join(user, case.framework, case.trust)
    assert convening.conveners(breach) == []
    assert (
        "Give somebody of another organisation"
        in client_of(case.secretary).get(breach.get_absolute_url()).content.decode()
    )


def test_nor_by_the_page_of_the_meeting(case):
    """HAR-6.4: the same people neither move, cancel nor record the meeting as one of the board's."""
    partial = make_member(case.framework, Role.SECRETARY, case.trust)
    meeting = hearing.of(sessions.called(case)).meeting
    client, page = client_of(partial), meeting.get_absolute_url()
    for name in ("move", "cancel", "hold"):
        answer = client.get(f"{page}{name}/")
        assert answer.status_code == 409 and "Sam Secretary" in answer.content.decode(), name
        assert client_of(case.secretary).get(f"{page}{name}/").status_code == 200
    act = {"by": partial, "now": case.now}
    for verb in (
        lambda: meetings.move(meeting, starts_at=case.now, **act),
        lambda: meetings.cancel(meeting, reason="x", **act),
        lambda: meetings.hold(meeting, **act),
    ):
        with pytest.raises(StateError, match="an organisation in breach of"), transaction.atomic():
            verb()
    assert Meeting.objects.get(pk=meeting.pk).status == "planned"
