"""Minutes are owed once: a meeting about one breach alone has those of the breach (HAR-6.6, portal.handing_over)."""

from datetime import timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from breaches import closed, hearing, outcome
from breaches.models import Breach
from portal import agendas, clock, handing_over, minutes, todo
from portal.errors import StateError
from portal.meeting_subjects import in_calendars
from portal.models import AgendaItem, AuditEvent, Circulation, Deadline, Meeting, OutgoingEmail
from portal.permissions import Role
from portal.templatetags.dates import longdate
from protocols.models import Protocol
from tests.breaches import sessions
from tests.breaches.test_views import client_of
from tests.builders import make_member

pytestmark = pytest.mark.django_db


def meeting_of(breach) -> Meeting:
    """The meeting of the breach, read anew."""
    return Meeting.objects.get(pk=hearing.of(breach).meeting_id)


def owed() -> list[tuple[str, str]]:
    """(of what, due) of every duty of minutes that is open."""
    rows = Deadline.objects.open().filter(rule="meeting.minutes").order_by("pk")
    return [(ContentType.objects.get(pk=row.subject_type_id).model, row.due_at) for row in rows]


def of_whom() -> list[str]:
    """Whose minutes are owed."""
    return [what for what, _due in owed()]


def titles(user) -> list[str]:
    """What needs doing about minutes."""
    return [f"{one.title}{one.note}" for one in todo.items(user) if "inutes" in one.title]


def words(meeting) -> str:
    """Which meeting: those of the parties of one protocol have one name."""
    day = longdate(meeting.starts_at)
    return f"Write the minutes of the meeting of the parties of {meeting.board.subject.reference}, {day}"


def add(meeting, title="Any other business"):
    """An item of the secretary's own."""
    return agendas.add(meeting, title=title, paragraph="", by=None, now=meeting.starts_at)


def test_minutes_are_owed_once(case):
    """HAR-6.6: the meeting's until the recall, the breach's from then, by the same day; circulating those takes the meeting
    along through its own states, without mails of its own, and nothing of it is ever overdue."""
    breach = sessions.decided(case)
    meeting = meeting_of(breach)
    ((before, due),) = owed()
    assert (before, titles(case.secretary)) == ("meeting", [f"{words(meeting)}{breach}"])
    (item,) = [one for one in todo.items(case.secretary) if "inutes" in one.title]
    assert item.href == breach.get_absolute_url()  # past the closed session nothing is minuted
    assert titles(make_member(case.framework, Role.SECRETARY, case.trust)) == []  # it is closed to them (HAR-6.4)
    month = f"/{case.framework.slug}/deadlines/calendar/?month={meeting.starts_at:%Y-%m}"
    for reader, names in ((case.secretary, True), (make_member(case.framework, Role.DRAFTER), False)):
        page = client_of(reader).get(month).content.decode().split(": meeting of the parties of ")[1].split("</li>")[0]
        assert (breach.reference in page) is names
    assert in_calendars(meeting.board) == meeting.board.name
    closed.recall(breach, told_by="a", told_to="b", told_at=case.now, by=case.secretary, now=case.now)
    assert owed() == [("breach", due)]
    assert titles(case.secretary) == ["Circulate the minutes with action and sanctionsBR-001"]
    outcome.write_minutes(breach, text="It was agreed.", by=case.secretary, now=case.now)
    assert meeting_of(breach).status == "held"
    outcome.circulate(breach, by=case.secretary, now=case.now)
    assert (owed(), titles(case.secretary), meeting_of(breach).status) == ([], [], "circulated")
    assert "inutes" not in client_of(case.secretary).get("/me/").content.decode().split("<main")[1]
    rows = AuditEvent.objects.about(meeting).filter(verb__startswith="portal.meeting:").order_by("pk")
    steps = [row.verb.split(":")[1] for row in rows]
    assert steps == ["planned", "held", "handed-over", "minuted", "circulated"]
    assert not Circulation.objects.exists()
    assert not OutgoingEmail.objects.filter(kind="portal.minutes-circulated").exists()
    assert OutgoingEmail.objects.filter(kind="breaches.minutes").exists()


def test_the_meeting_says_where_its_minutes_are(case):
    """HAR-6.6: with a link for those who may see the breach, whose name the others do not learn (HAR-6.4); there is nothing
    to write, to correct or to fetch at the meeting itself."""
    breach = sessions.recalled(case)
    meeting = meeting_of(breach)
    page, link = meeting.get_absolute_url(), breach.get_absolute_url()
    stranger = make_member(case.framework, Role.DRAFTER)
    secretary, partner, other = (client_of(one) for one in (case.secretary, case.officer, stranger))
    text = secretary.get(page).content.decode()
    assert "They are written with what the meeting was about." in text and f'href="{link}"' in text
    assert "The minutes are written" not in secretary.get(f"{page}minutes/").content.decode()
    for address in (
        page,
        f"{page}minutes/",
    ):  # one quorum, that of the breach: whom it concerns counts in neither (HAR-6.3)
        text = secretary.get(address).content.decode()
        assert "Who counted, and whether it was quorate" in text and "Needed for a quorum" not in text
        assert "Not recorded" in text
        text = client_of(stranger).get(address).content.decode() if address == page else ""
        assert "Who counted" not in text
    item = AgendaItem.objects.get(meeting=meeting)
    with pytest.raises(StateError, match="kept there"):
        minutes.write(item, "x", revision=0, by=None, now=case.now)
    with pytest.raises(StateError, match="kept there"):
        minutes.finish(meeting, by=None, now=case.now)
    outcome.write_minutes(breach, text="It was agreed.", by=case.secretary, now=case.now)
    outcome.circulate(breach, by=case.secretary, now=case.now)
    for reader, names in ((secretary, True), (partner, True), (other, False)):
        for address in (page, f"{page}minutes/"):
            text = reader.get(address).content.decode()
            assert "They were circulated with what the meeting was about." in text
            assert ((breach.reference in text), (link in text)) == (names, names), address
    assert secretary.get(f"{page}minutes/restricted.pdf").status_code == 409
    with pytest.raises(StateError, match="kept there"):
        minutes.correct(item, "x", reason="y", by=None, now=case.now)


@pytest.mark.parametrize("what", ["item", "minutes"])
def test_a_meeting_with_more_on_its_agenda_keeps_its_duty(case, what):
    """HAR-6.6: another item, or minutes of its own that were begun: both are owed, each by its own."""
    breach = sessions.decided(case)
    meeting = meeting_of(breach)
    if what == "item":
        add(meeting)
    else:
        item = AgendaItem.objects.get(meeting=meeting)
        minutes.write(item, "The parties met.", revision=0, by=None, now=case.now)
    closed.recall(breach, told_by="a", told_to="b", told_at=case.now, by=case.secretary, now=case.now)
    assert of_whom() == ["meeting", "breach"]
    outcome.write_minutes(breach, text="It was agreed.", by=case.secretary, now=case.now)
    outcome.circulate(breach, by=case.secretary, now=case.now)
    assert (of_whom(), meeting_of(breach).status) == (["meeting"], "held")
    assert titles(case.secretary) == [words(meeting)]


def test_urgent_business_gives_the_meeting_its_duty_back(case):
    """HAR-6.6: an item that is added after the recall has minutes of the meeting, by the day it had; taken off again, the
    minutes of the breach are all there is. So does the item of the breach itself, when it is taken off."""
    breach = sessions.decided(case)
    ((_what, due),) = owed()
    closed.recall(breach, told_by="a", told_to="b", told_at=case.now, by=case.secretary, now=case.now)
    meeting = meeting_of(breach)
    extra = add(meeting)
    assert owed() == [("breach", due), ("meeting", due)]
    agendas.remove(extra, by=None, now=case.now)
    assert handing_over.hand_over(meeting, breach, by=None, now=case.now)
    own = AgendaItem.objects.get(meeting=meeting, removed_at=None)
    agendas.remove(own, by=None, now=case.now)
    assert of_whom() == ["breach", "meeting"]
    agendas.put_back(own, by=None, now=case.now)
    outcome.write_minutes(breach, text="It was agreed.", by=case.secretary, now=case.now)
    outcome.circulate(breach, by=case.secretary, now=case.now)
    assert (owed(), meeting_of(breach).status) == ([], "circulated")


def test_a_meeting_without_a_decision_owes_its_own_minutes(case):
    """HAR-6.3, HAR-6.6: it was not quorate; the next meeting decides, and the breach's minutes are that one's."""
    breach = sessions.in_session(case, there=[case.council])
    first = meeting_of(breach)
    closed.end(breach, by=case.secretary, now=case.now)
    assert of_whom() == ["meeting"]
    act = {"by": case.secretary, "now": case.now}
    hearing.call(breach, starts_at=case.now, place="Hall", **act)
    hearing.present(breach, organisations=[case.council.pk, case.school.pk], **act)
    closed.begin(breach, **act)
    closed.decide(breach, outcome="No sanction.", **act)
    closed.recall(breach, told_by="a", told_to="b", told_at=case.now, **act)
    assert of_whom() == ["meeting", "breach"]
    outcome.write_minutes(breach, text="It was agreed.", **act)
    outcome.circulate(breach, **act)
    assert (Meeting.objects.get(pk=first.pk).status, meeting_of(breach).status) == ("held", "circulated")


def test_one_meeting_is_about_one_breach(case):
    """HAR-6.3: a breach for which a meeting is called, or that a meeting has taken, is not put on another meeting's agenda;
    one that nobody has taken is."""
    first, second = case.report(), case.report()
    act = {"by": case.secretary, "now": case.now}
    called = hearing.call(first, starts_at=case.now + timedelta(days=3), place="Hall", **act).meeting
    assert on_agenda(called) == {first.pk, second.pk}
    later = hearing.call(second, starts_at=case.now + timedelta(days=4), place="Hall", **act).meeting
    assert on_agenda(later) == {second.pk}
    third = sessions.presented(case, case.report())
    assert on_agenda(meeting_of(third)) == {third.pk}


def on_agenda(meeting) -> set[int]:
    """Breaches on it."""
    kind = ContentType.objects.get_for_model(Breach)
    return set(AgendaItem.objects.filter(meeting=meeting, subject_type=kind).values_list("subject_id", flat=True))


def notes_of_meetings(client, meeting) -> list[str]:
    """What the calendar says that the meetings of its month are about."""
    month = f"{clock.london_date(meeting.starts_at):%Y-%m}"
    weeks = client.get(reverse("calendar", args=[meeting.framework.slug]), {"month": month}).context["weeks"]
    entries = [entry for week in weeks for day in week["days"] for entry in day.get("entries", ())]
    return [entry.note for entry in entries if entry.kind == "meeting"]


def test_what_hangs_on_the_item_stays_closed(case):
    """HAR-6.4: minutes and a board paper that were written on the agenda item of the breach behind closed doors are not there
    for the organisation in breach after the recall either; a secretary of its own does not finish those minutes."""
    breach = sessions.in_session(case)
    meeting, own = meeting_of(breach), make_member(case.framework, Role.SECRETARY, case.trust)
    item, act = AgendaItem.objects.get(meeting=meeting), {"by": case.secretary, "now": case.now}
    minutes.write(item, f"{sessions.CANARY} minutes", revision=0, **act)
    agendas.write_paper(item, [{"heading": "Summary", "text": f"{sessions.CANARY} paper"}], revision=0, **act)
    with pytest.raises(StateError, match="closed to you"):
        minutes.finish(meeting, by=own, now=case.now)
    closed.decide(breach, outcome="A warning.", **act)
    closed.recall(breach, told_by="a", told_to="b", told_at=case.now, **act)
    minutes.finish(meeting, **act)
    with pytest.raises(StateError, match="closed to you"):
        minutes.circulate(meeting, by=own, now=case.now)
    minutes.circulate(meeting, **act)
    page, paper = meeting.get_absolute_url(), f"/{case.framework.slug}/agenda-items/{item.pk}/board-paper.docx"
    for reader, sees in ((case.officer, True), (case.guilty, False), (own, False)):
        client = client_of(reader)
        assert (client.get(paper).status_code == 200) is sees
        assert (f"{sessions.CANARY} minutes" in client.get(f"{page}minutes/").content.decode()) is sees
        assert AgendaItem.objects.visible_to(case.access(reader)).filter(pk=item.pk).exists() is sees
        assert client.get(breach.get_absolute_url()).status_code == 200
        assert notes_of_meetings(client, meeting) == ([item.title] if sees else [""])


def test_the_next_meeting_has_its_item_again(case):
    """HAR-6.4: a session that ended without a decision leaves its own item closed; the next one is there until it closes.
    It closes no more than its own: another breach of theirs stays on that agenda, whatever becomes of it, and so does
    what is about a thing of another kind that has the same number."""
    other = case.report()
    breach = sessions.in_session(case, case.report(), there=[case.council])
    first, act = meeting_of(breach), {"by": case.secretary, "now": case.now}
    closed.end(breach, **act)
    second = hearing.call(breach, starts_at=case.now, place="Hall", **act).meeting
    namesake = add(second)
    kind = ContentType.objects.get_for_model(Protocol)
    AgendaItem.objects.filter(pk=namesake.pk).update(subject_type=kind, subject_id=breach.pk)
    AgendaItem.objects.filter(meeting=second, subject_id=other.pk).delete()
    third = hearing.call(other, starts_at=case.now + timedelta(days=3), place="Hall", **act).meeting
    seen = AgendaItem.objects.visible_to(case.access(case.guilty)).exclude(pk=namesake.pk)
    stays = {(first.pk, other.pk), (third.pk, other.pk)}
    assert set(seen.values_list("meeting", "subject_id")) == {*stays, (second.pk, breach.pk)}
    hearing.present(breach, organisations=[case.council.pk, case.school.pk], **act)
    assert set(seen.values_list("meeting", "subject_id")) == {*stays, (second.pk, breach.pk)}
    closed.begin(breach, **act)
    assert set(seen.values_list("meeting", "subject_id")) == stays
    assert AgendaItem.objects.visible_to(case.access(case.guilty)).filter(pk=namesake.pk).exists()
    everybody = AgendaItem.objects.visible_to(case.access(case.officer)).filter(subject_id=breach.pk)
    assert set(everybody.values_list("meeting", flat=True)) == {first.pk, second.pk}
