"""Quorum, decisions and minutes of meetings, and their circulation (HAR-6.3, HAR-6.6)."""

from datetime import date, timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, connection, transaction

from portal import agendas, meetings, minutes, notices
from portal.errors import NotReady, StateError, TransitionNotAllowed
from portal.models import (
    AgendaItem,
    AuditEvent,
    Board,
    Circulation,
    Deadline,
    Decision,
    Meeting,
    Minute,
    MinuteCorrection,
    OutgoingEmail,
    Paragraph,
)
from portal.permissions import Role
from portal.tenancy import scope
from tests import builders
from tests.builders import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def framework():
    """Inside its scope."""
    framework = builders.make_framework()
    with scope(framework.pk), transaction.atomic():
        yield framework


@pytest.fixture
def bodies(framework):
    """Three organisations, each with a representative."""
    made = [builders.make_organisation(f"Body {n}", framework=framework) for n in range(3)]
    for body in made:
        builders.make_member(framework, Role.REPRESENTATIVE, body)
    return made


@pytest.fixture
def meeting(framework, bodies):
    """Of now, with an open and a restricted item."""
    board = Board.objects.get_or_create(framework=framework, name="Strategic Partnership Board")[0]
    meeting = meetings.plan(board, starts_at=NOW, by=None, now=NOW - timedelta(days=20))
    agendas.add(meeting, title="Open item", paragraph="", by=None, now=NOW)
    agendas.add(meeting, title="Hidden words", paragraph=Paragraph.BUSINESS, by=None, now=NOW)
    return meeting


@pytest.fixture
def held(meeting, bodies):
    """Two of three were there."""
    meetings.hold(meeting, present={bodies[0].pk: "A", bodies[1].pk: "B"}, by=None, now=NOW)
    return meeting


@pytest.fixture
def circulated(held):
    """Written and sent."""
    return circulate(held)


def write_all(meeting) -> None:
    """A text for each item."""
    for item in meeting.items.all():
        minutes.write(item, "It was so.", revision=0, by=None, now=NOW)


def circulate(meeting) -> Meeting:
    """All the way."""
    write_all(meeting)
    minutes.finish(meeting, by=None, now=NOW)
    minutes.circulate(meeting, by=None, now=NOW)
    return meeting


def decide(meeting, subject=None, **facts) -> Decision:
    """A decision of its board at the meeting."""
    item = meeting.items.first()
    given = {
        "board": meeting.board,
        "decided_on": NOW.date(),
        "reference": "Minute 1",
        "outcome": "approved",
        "item": item,
    }
    return Decision.objects.record(subject or item, by=None, now=NOW, meeting=meeting, **given | facts)


# --- quorum and majority


@pytest.mark.parametrize(
    ("percent", "there", "reached"),
    [(50, 1, False), (50, 2, True), (66, 2, True), (67, 2, False), (100, 3, True), (1, 0, False)],
)
def test_the_quorum_is_a_share_of_the_organisations_of_the_board(meeting, bodies, percent, there, reached):
    """HAR-6.3: half by default, as data; nobody at all is never a quorum."""
    Board.objects.filter(pk=meeting.board_id).update(quorum_percent=percent)
    meetings.hold(meeting, present={body.pk: "" for body in bodies[:there]}, by=None, now=NOW)
    meeting = Meeting.objects.get(pk=meeting.pk)
    assert meeting.quorum().reached is reached


def test_an_organisation_that_does_not_count_counts_in_neither(held, bodies):
    """HAR-6.3: half of the remaining parties, and the majority of the remaining ones that are there."""
    quorum = held.quorum(without=[bodies[0].pk])
    assert (quorum.members, quorum.present, quorum.needed, quorum.reached) == (2, 1, 1, True)
    quorum = held.quorum(without=[bodies[0].pk, bodies[1].pk])
    assert (quorum.members, quorum.present, quorum.reached) == (1, 0, False)


@pytest.mark.parametrize(
    ("majority", "present", "needed"),
    [("simple", 4, 3), ("simple", 5, 3), ("two-thirds", 4, 3), ("two-thirds", 6, 4), ("all", 4, 4), ("all", 0, 1)],
)
def test_majorities(held, bodies, majority, present, needed):
    """More than half, two thirds, all: of those present."""
    Board.objects.filter(pk=held.board_id).update(majority=majority)
    extra = [builders.make_organisation(framework=held.framework) for _n in range(6)]
    for row in held.attendance.all():
        row.delete()
    for index, body in enumerate(extra):
        held.attendance.create(framework=held.framework, organisation=body, present=index < present)
    assert Meeting.objects.get(pk=held.pk).quorum().majority == needed


def test_nothing_is_decided_at_a_meeting_that_was_not_quorate(meeting, bodies):
    """HAR-6.3: refused, and no trace; a meeting that has not been held decides nothing either."""
    with pytest.raises(StateError, match="not been held"):
        decide(meeting)
    meetings.hold(meeting, present={bodies[0].pk: ""}, by=None, now=NOW)
    with pytest.raises(StateError, match="not quorate"):
        decide(meeting)
    assert not Decision.objects.exists()


def test_a_decision_is_bound_to_its_meeting_and_item(held):
    """The item is found by the subject; date, body and votes must fit."""
    version = builders.make_version(builders.make_protocol(held.framework))
    item = held.items.first()
    AgendaItem.objects.filter(pk=item.pk).update(
        subject_type=ContentType.objects.get_for_model(version), subject_id=version.pk
    )
    decision = decide(held, version, item=None, votes_for=2, votes_against=0)
    assert (decision.meeting, decision.item) == (held, item)
    other = Board.objects.create(framework=held.framework, name="Another")
    refused = [
        {"decided_on": date(2026, 1, 1)},
        {"board": other},
        {"votes_for": 2, "votes_against": 1},
        {"votes_for": 1, "votes_against": 1},
        {
            "item": agendas.add(
                meetings.plan(other, starts_at=NOW, by=None, now=NOW), title="X", paragraph="", by=None, now=NOW
            )
        },
    ]
    for facts in refused:
        with pytest.raises(StateError):
            decide(held, **facts)
    with pytest.raises(StateError, match="1 vote for it, 2 are needed"):
        decide(held, votes_for=1)
    assert Decision.objects.count() == 1


def test_attendance_is_put_right_until_a_decision_hangs_on_it(held, bodies):
    """With a decision recorded, it may not become a meeting that was not quorate."""
    meetings.correct_attendance(held, present={bodies[2].pk: "C", bodies[1].pk: ""}, by=None, now=NOW)
    assert [row.organisation for row in held.attendance.filter(present=True)] == [bodies[1], bodies[2]]
    decide(Meeting.objects.get(pk=held.pk))
    with pytest.raises(StateError), transaction.atomic():
        meetings.correct_attendance(held, present={bodies[2].pk: "C"}, by=None, now=NOW)
    assert held.attendance.filter(present=True).count() == 2


# --- minutes


def test_the_duty_to_circulate_starts_with_the_meeting_and_is_met_by_circulation(held):
    """HAR-6.6: 5 working days from the meeting."""
    duty = minutes.duty(held).get()
    assert (duty.started_at, duty.met_at) == (held.starts_at, None)
    assert duty.inputs["amount"] == 5
    circulate(held)
    assert minutes.duty(held).get().met_at == NOW


def test_minutes_are_finished_only_when_each_item_has_them_and_restricted_ones_are_not_named(held):
    """What is missing is listed, without a word of a restricted item."""
    with pytest.raises(NotReady) as refusal:
        minutes.finish(held, by=None, now=NOW)
    assert "Open item" in refusal.value.missing
    assert not any("Hidden" in words for words in refusal.value.missing)
    write_all(held)
    minutes.finish(held, by=None, now=NOW)
    assert Meeting.objects.get(pk=held.pk).status == "minuted"


def test_circulation_reaches_every_organisation_with_the_state_of_its_mail(held, bodies):
    """HAR-6.6: everybody of the board, one mail to each person; an organisation with nobody is listed without one."""
    lonely = bodies[2].memberships.get()
    lonely.ended_at = NOW
    lonely.save()
    circulate(held)
    made = Circulation.objects.get(meeting=held)
    told = {row.organisation: row.user for row in made.recipients.all()}
    assert set(told) == set(bodies)
    assert told[bodies[2]] is None
    mails = minutes.deliveries(made)
    assert {mail.status for mail in mails.values()} == {"queued"}
    assert set(mails) == {user.pk for user in told.values() if user}
    message = notices.render(OutgoingEmail.objects.filter(kind="portal.minutes-circulated").first())
    assert "Strategic Partnership Board" in message.subject
    assert "Open item" not in message.body


def test_a_mail_about_minutes_is_not_sent_to_somebody_who_may_no_longer_see_them(held, bodies):
    """Closed at sending too."""
    circulate(held)
    mail = OutgoingEmail.objects.filter(kind="portal.minutes-circulated").first()
    mail.user.memberships.update(ended_at=NOW)
    assert notices.render(mail) is None


def test_circulated_minutes_are_never_changed_and_a_correction_is_a_record_of_its_own(circulated):
    """The text is frozen by the verb and by the database; the correction can be circulated once."""
    item = circulated.items.first()
    with pytest.raises(StateError, match="have been circulated"):
        decide(circulated)
    with pytest.raises(StateError):
        minutes.write(item, "Otherwise", revision=1, by=None, now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Minute.objects.filter(item=item).update(text="Otherwise")
    with pytest.raises(StateError):
        minutes.circulate_corrections(circulated, by=None, now=NOW)
    later = NOW + timedelta(hours=1)
    correction = minutes.correct(item, "It was so, and so.", reason="A slip", by=None, now=later)
    assert minutes.circulate_corrections(circulated, by=None, now=later).number == 2
    with pytest.raises(StateError):
        minutes.circulate_corrections(circulated, by=None, now=later)
    assert Minute.objects.get(item=item).text == "It was so."
    for statement in ("update portal_minutecorrection set text = 'x'", "delete from portal_circulation"):
        with pytest.raises(Exception, match=r"denied|append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert MinuteCorrection.objects.get() == correction


def test_two_who_write_the_same_minute_lose_nothing(held):
    """The second is told, and nothing is overwritten."""
    item = held.items.first()
    minutes.write(item, "One", revision=0, by=None, now=NOW)
    with pytest.raises(agendas.Overtaken):
        minutes.write(item, "Two", revision=0, by=None, now=NOW)
    assert Minute.objects.get(item=item).text == "One"


ACTS = {
    "hold": lambda m: meetings.hold(m, by=None, now=NOW),
    "cancel": lambda m: meetings.cancel(m, reason="x", by=None, now=NOW),
    "move": lambda m: meetings.move(m, starts_at=NOW + timedelta(days=1), by=None, now=NOW),
    "write": lambda m: minutes.write(m.items.first(), "x", revision=0, by=None, now=NOW),
    "finish": lambda m: minutes.finish(m, by=None, now=NOW),
    "circulate": lambda m: minutes.circulate(m, by=None, now=NOW),
    "correct": lambda m: minutes.correct(m.items.first(), "x", reason="x", by=None, now=NOW),
    "circulate corrections": lambda m: minutes.circulate_corrections(m, by=None, now=NOW),
    "attendance": lambda m: meetings.correct_attendance(m, present={}, by=None, now=NOW),
}
ALLOWED = {
    "planned": {"hold", "cancel", "move"},
    "held": {"write", "finish", "attendance"},
    "minuted": {"write", "circulate", "attendance"},
    "circulated": {"correct", "circulate corrections"},
    "cancelled": set(),
}


@pytest.mark.parametrize("act", ACTS)
def test_each_act_is_refused_in_every_other_state_and_leaves_no_trace(meeting, act):
    """The table of refusals."""
    for status, allowed in ALLOWED.items():
        if act in allowed:
            continue
        Meeting.objects.filter(pk=meeting.pk).update(status=status)
        before = (AuditEvent.objects.count(), Deadline.objects.count(), OutgoingEmail.objects.count())
        with pytest.raises((StateError, TransitionNotAllowed)), transaction.atomic():
            ACTS[act](Meeting.objects.get(pk=meeting.pk))
        assert Meeting.objects.get(pk=meeting.pk).status == status
        assert (AuditEvent.objects.count(), Deadline.objects.count(), OutgoingEmail.objects.count()) == before
