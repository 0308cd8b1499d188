"""Calendar feeds: what a real iCalendar parser reads, and that an address gives no more than its maker may see now."""

import re
from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.db import transaction
from django.urls import reverse
from icalendar import Calendar

from portal import meetings, subjects, workflow
from portal.models import AuditEvent, Board, CalendarFeed, ClosureDay, Meeting, MemberOrganisation
from portal.models.people import sync_permissions
from portal.permissions import Role
from tests.builders import NOW
from tests.portal.duties import Duties, at

pytestmark = pytest.mark.django_db
LABEL = Meeting._meta.label_lower


@pytest.fixture
def duties(client):
    """A framework whose secretary is signed in."""
    cache.clear()
    duties = Duties()
    duties.client, duties.secretary = client, duties.member()
    client.force_login(duties.secretary)
    return duties


@pytest.fixture
def meetings_shown(monkeypatch):
    """Meetings of the framework are there for its members, as the app that owns them will say."""
    kind = subjects.Kind(
        visible_to=lambda access: Meeting.objects.filter(framework=access.framework),
        words=str,
        href=lambda _meeting: "",
        protocol=lambda _meeting: None,
    )
    if LABEL not in subjects.KINDS:
        monkeypatch.setitem(subjects.KINDS, LABEL, kind)


def make(duties, **sent) -> str:
    """Make a feed through the page; its path."""
    answer = duties.client.post(reverse("calendar-feeds", args=[duties.framework.slug]), sent)
    assert "no-store" in answer["Cache-Control"]
    address = re.search(r'id="feed-address">([^<]+)<', answer.content.decode())[1]
    return "/" + address.split("/", 3)[3]


def fetch(path, client):
    """What a calendar program gets, which is not signed in."""
    client.logout()
    return client.get(path)


def events(answer) -> dict:
    """UID → event, read by the parser."""
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert "no-store" in answer["Cache-Control"]
    return {str(one["uid"]): one for one in Calendar.from_ical(answer.content).walk("VEVENT")}


def test_a_person_reads_their_deadlines_in_a_calendar(duties):
    """Duty and reference, on the day; hours at their moment in UTC; no title of the protocol, no explanation."""
    mine, hours = duties.owe(start=at(2026, 12, 18)), duties.owe("breach.notify_ico", start=at(2027, 3, 26, 12))
    theirs = duties.owe("audit.notice", owner=duties.partner)
    path = make(duties)
    found = events(fetch(path, duties.client))
    event = found[f"deadline-{duties.framework.pk}-{mine.pk}@localhost"]
    assert str(event["summary"]) == "Circulate the minutes with action and sanctions: REF-ONE"
    assert event.decoded("dtstart") == date(2026, 12, 29)
    assert event.decoded("dtend") == date(2026, 12, 30)
    assert str(event["url"]).endswith(reverse("deadline", args=[duties.framework.slug, mine.pk]))
    assert found[f"deadline-{duties.framework.pk}-{hours.pk}@localhost"].decoded("dtstart") == hours.due_at
    assert not any(f"-{theirs.pk}@" in uid for uid in found)
    whole = duties.client.get(path).content.decode()
    for words in ("First protocol", "working days", "DESCRIPTION"):
        assert words not in whole


def test_a_changed_date_raises_the_sequence_and_keeps_the_uid(duties):
    """RFC 5545: programs replace an entry of the same UID by one with a higher SEQUENCE."""
    deadline = duties.owe(start=at(2026, 12, 18))
    path = make(duties)
    uid = f"deadline-{duties.framework.pk}-{deadline.pk}@localhost"
    before = events(fetch(path, duties.client))[uid]
    with duties.scope(), transaction.atomic():
        ClosureDay.objects.create(framework=duties.framework, date=date(2026, 12, 29), title="Closed")
        deadline.recount(by=None, now=NOW + timedelta(days=1), reason="Closed")
    after = events(fetch(path, duties.client))[uid]
    assert after.decoded("dtstart") == date(2026, 12, 30)
    assert after["sequence"] == before["sequence"] + 1
    assert after.decoded("last-modified") == NOW + timedelta(days=1)
    with duties.scope(), transaction.atomic():
        deadline.meet(by=None, now=NOW + timedelta(days=2))
    done = events(fetch(path, duties.client))[uid]
    assert str(done["summary"]).startswith("Done. ")
    assert done["sequence"] == after["sequence"] + 1


def test_a_board_has_its_meetings_and_what_is_about_its_protocols(duties, meetings_shown):
    """Moved: a higher SEQUENCE; cancelled: it says so; another board's meeting is not there."""
    with duties.scope(), transaction.atomic():
        board = duties.protocol.deciding_body
        other = Board.objects.create(framework=duties.framework, name="Other board")
        meeting = meetings.plan(board, starts_at=at(2099, 7, 1, 13), by=None, now=NOW)
        meetings.plan(other, starts_at=at(2099, 7, 2, 13), by=None, now=NOW)
    theirs = duties.owe("audit.notice", owner=duties.partner)
    path = make(duties, board=board.pk)
    uid = f"meeting-{duties.framework.pk}-{meeting.pk}@localhost"
    found = events(fetch(path, duties.client))
    assert found[uid].decoded("dtstart") == at(2099, 7, 1, 13)
    assert str(found[uid]["summary"]) == f"Meeting: {board.name}"
    assert f"deadline-{duties.framework.pk}-{theirs.pk}@localhost" in found
    assert sum(uid.startswith("meeting") for uid in found) == 1
    with duties.scope(), transaction.atomic():
        meetings.move(meeting, starts_at=at(2099, 7, 8, 13), by=None, now=NOW + timedelta(days=1))
        meetings.cancel(meeting, reason="No business", by=None, now=NOW + timedelta(days=2))
    after = events(fetch(path, duties.client))[uid]
    assert after.decoded("dtstart") == at(2099, 7, 8, 13)
    assert str(after["status"]) == "CANCELLED"
    assert after["sequence"] == found[uid]["sequence"] + 2
    assert "No business" not in duties.client.get(path).content.decode()


def test_what_the_maker_may_not_see_is_not_there(duties):
    """A viewer of the partner makes a feed of the board: nothing of the drafts of others."""
    hidden, seen = duties.owe(subject=duties.other), duties.owe()
    duties.client.force_login(duties.member(Role.VIEWER, duties.partner))
    with duties.scope():
        board = duties.protocol.deciding_body.pk
    found = events(fetch(make(duties, board=board), duties.client))
    assert any(f"-{seen.pk}@" in uid for uid in found)
    assert not any(f"-{hidden.pk}@" in uid for uid in found)
    assert "REF-TWO" not in str(found)


def test_the_token_is_long_hashed_shown_once_and_never_logged(duties, capfd):
    """At least 128 bits; the database has its hash; the list does not know it; no log line has it, found or not."""
    path = make(duties)
    token = path.rsplit("/", 1)[1].removesuffix(".ics")
    assert len(token) >= 43
    with duties.scope(), transaction.atomic():
        feed = CalendarFeed.objects.get()
        assert token not in str(vars(feed))
        assert AuditEvent.objects.filter(verb="portal.calendarfeed:made").count() == 1
    assert token not in duties.client.get(reverse("calendar-feeds", args=[duties.framework.slug])).content.decode()
    assert duties.client.get(path).status_code == 200
    assert duties.client.get(path.replace(token, f"x{token}")).status_code == 404
    logged = capfd.readouterr().err
    assert "/<slug:framework>/calendar/<str:token>.ics" in logged
    assert token not in logged


def revoke(duties):
    """On the page."""
    with duties.scope(), transaction.atomic():
        feed = CalendarFeed.objects.get()
    duties.client.force_login(duties.secretary)
    address = reverse("calendar-feed-revoke", args=[duties.framework.slug, feed.pk])
    assert duties.client.post(address).status_code == 302


def end_role(duties):
    """The role ends by its verb, by somebody else."""
    duties.member(Role.FRAMEWORK_ADMIN)
    with duties.scope(), transaction.atomic():
        role = duties.framework.memberships.get(user=duties.secretary)
        workflow.end_membership(role, by=None, now=NOW)
        assert CalendarFeed.objects.live().count() == 0


def suspend(duties):
    """The organisation is suspended in the framework."""
    with duties.scope(), transaction.atomic():
        MemberOrganisation.objects.filter(organisation=duties.lead).update(status="suspended")


def deactivate(duties):
    """The account is closed."""
    duties.secretary.is_active = False
    duties.secretary.save()


@pytest.mark.parametrize("closed_by", [revoke, end_role, suspend, deactivate])
def test_an_address_ends_at_once(duties, closed_by):
    """Permission is checked on each fetch: 404 afterwards, as for an address that never was."""
    path = make(duties)
    assert fetch(path, duties.client).status_code == 200
    closed_by(duties)
    assert fetch(path, duties.client).status_code == 404


def test_a_role_that_remains_keeps_the_feed_with_less_in_it(duties):
    """From secretary to viewer of the partner: the same address, what a viewer may see."""
    hidden = duties.owe(subject=duties.other)
    path = make(duties)
    with duties.scope(), transaction.atomic():
        role = duties.framework.memberships.get(user=duties.secretary)
        role.role, role.organisation = Role.VIEWER, duties.partner
        role.save()
        sync_permissions(duties.framework, duties.secretary)
    assert not any(f"-{hidden.pk}@" in uid for uid in events(fetch(path, duties.client)))


def test_the_feed_of_a_board_ends_when_the_board_is_not_there_for_its_maker(duties):
    """A partnership's board, and the maker is of none of its organisations any more: 404."""
    with duties.scope(), transaction.atomic():
        board = Board.objects.create(framework=duties.framework, name="Partners", kind=Board.Kind.PARTNERSHIP)
    path = make(duties, board=board.pk)
    assert fetch(path, duties.client).status_code == 200
    with duties.scope(), transaction.atomic():
        role = duties.framework.memberships.get(user=duties.secretary)
        role.role, role.organisation = Role.VIEWER, duties.partner
        role.save()
        sync_permissions(duties.framework, duties.secretary)
    assert fetch(path, duties.client).status_code == 404


def test_the_feed_of_another_framework_and_person(duties):
    """A token opens its own framework only; another person cannot revoke it."""
    path = make(duties)
    elsewhere = Duties()
    assert duties.client.get(path.replace(duties.framework.slug, elsewhere.framework.slug)).status_code == 404
    with duties.scope(), transaction.atomic():
        feed = CalendarFeed.objects.get()
    duties.client.force_login(duties.member(Role.FRAMEWORK_ADMIN))
    address = reverse("calendar-feed-revoke", args=[duties.framework.slug, feed.pk])
    assert duties.client.post(address).status_code == 404
    assert fetch(path, duties.client).status_code == 200


def test_asking_too_often_is_refused(duties, monkeypatch):
    """429 beyond the rate of one feed; the others go on."""
    monkeypatch.setattr("portal.views_feeds.TRIES", 2)
    path, other = make(duties), make(duties)
    assert [fetch(path, duties.client).status_code for _n in range(3)] == [200, 200, 429]
    assert fetch(other, duties.client).status_code == 200
    monkeypatch.setattr("portal.views_feeds.TRIES_OF_ADDRESS", 4)
    assert fetch(other, duties.client).status_code == 429


def test_a_fetch_changes_nothing(duties):
    """GET and HEAD only."""
    path = make(duties)
    for method in ("post", "put", "delete", "patch"):
        assert getattr(duties.client, method)(path).status_code == 405
    assert duties.client.head(path).status_code == 200


def test_ten_feeds_are_enough(duties, monkeypatch):
    """One more is refused, and says what to do."""
    monkeypatch.setattr(CalendarFeed, "MOST", 1)
    make(duties)
    answer = duties.client.post(reverse("calendar-feeds", args=[duties.framework.slug]), {})
    assert answer.status_code == 409
    assert "Revoke one that you do not use" in answer.content.decode()
