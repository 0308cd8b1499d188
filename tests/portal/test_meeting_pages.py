"""The pages of meetings, as a secretary and others use them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import Q

from portal import agenda, agendas, clock, meetings, minutes, papers, partnerships, workflow
from portal.models import AgendaItem, Board, Deadline, DeadlineChange, Meeting, Paper
from portal.permissions import Role
from portal.tenancy import scope
from protocols.models import Protocol
from tests import builders
from tests.portal.test_papers import pdf

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 15, 9, 0, tzinfo=UTC)


class Desk:
    """A framework, its board, a secretary who is signed in."""

    def __init__(self, client, framework):
        self.client, self.framework = client, framework
        self.body = builders.make_organisation("Anytown Council", framework=framework)
        self.secretary = builders.make_member(framework, Role.SECRETARY, self.body)
        self.client.force_login(self.secretary)
        self.base = f"/{framework.slug}"
        with self.inside():
            self.board = Board.objects.get_or_create(framework=framework, name="Strategic Board")[0]

    def inside(self):
        """The scope, in a transaction."""
        return scope(self.framework.pk)

    def get(self, path, status=200):
        """The text of a page."""
        answer = self.client.get(f"{self.base}/{path}")
        assert answer.status_code == status, answer.content.decode()[:2000]
        return answer.content.decode()

    def post(self, path, status=302, **data):
        """Send a form."""
        answer = self.client.post(f"{self.base}/{path}", data)
        assert answer.status_code == status, answer.content.decode()[-4000:]
        return answer.content.decode()


@pytest.fixture
def desk(client, time_machine):
    """On a Monday morning."""
    time_machine.move_to(NOW)
    cache.clear()
    return Desk(client, builders.make_framework())


@pytest.fixture
def meeting(desk):
    """In ten days."""
    with desk.inside(), transaction.atomic():
        meeting = meetings.plan(desk.board, starts_at=NOW + timedelta(days=10), by=None, now=NOW)
        agendas.add(meeting, title="First", paragraph="", by=None, now=NOW)
        agendas.add(meeting, title="Second", paragraph="", by=None, now=NOW)
        return meeting


def test_a_meeting_is_planned_in_london_time(desk):
    """10:00 in summer is 09:00 UTC; wrong words come back with what was typed; an hour that London skips is refused."""
    sent = {"board": desk.board.pk, "place": "Town Hall"}
    page = desk.post("meetings/new/", 200, **sent, day="32 foo", time="25:00")
    assert "Enter a time like 10:30 or 2:15pm" in page
    assert "Town Hall" in page
    assert "the clocks go forward" in desk.post("meetings/new/", 200, **sent, day="28 March 2027", time="1:30")
    page = desk.post("meetings/new/", 200, **sent, day="14 June 2026", time="10:30")
    assert "The date must be today or later" in page
    assert "14 June 2026" in page
    desk.post("meetings/new/", **sent, day="1 July 2026", time="2.15pm")
    with desk.inside(), transaction.atomic():
        assert Meeting.objects.get().starts_at == datetime(2026, 7, 1, 13, 15, tzinfo=UTC)
    assert "1 July 2026" in desk.get("meetings/")
    page = desk.get(f"meetings/?board={desk.board.pk}")
    assert "2:15pm" in page
    assert "/rules/" not in page  # those are the administrator's


def test_moving_shows_what_moved(desk, meeting, monkeypatch):
    """HAR-5.3, READ-6: what depends on the meeting is counted again in the same act, and named on its page."""
    with desk.inside(), transaction.atomic():
        protocol = builders.make_protocol(desk.framework)
        deadline = Deadline.objects.start(
            "review.findings", protocol, framework=desk.framework, start=NOW, now=NOW, nation="england-and-wales",
            next_meeting=meeting.starts_at,
        )  # fmt: skip

    def again(meeting, *, by, now):
        deadline.recount(by=by, now=now, reason="The meeting was moved", next_meeting=meeting.starts_at)

    monkeypatch.setattr(meetings, "LISTENERS", [again])
    desk.post(f"meetings/{meeting.pk}/move/", day="22 June 2026", time="10:00", place="Elsewhere", reason="No room")
    with desk.inside(), transaction.atomic():
        assert DeadlineChange.objects.count() == 1
        title = Protocol.objects.get().title
    page = desk.get(f"meetings/{meeting.pk}/")
    assert "This meeting was moved" in page
    assert title in page
    assert "25 June 2026" in page
    assert "No room" in page


def test_items_are_added_ordered_taken_off_and_put_back(desk, meeting):
    """Without JavaScript: each is a form."""
    desk.post(f"meetings/{meeting.pk}/items/new/", title="Third", note="Ask", paragraph="12a-3")
    with desk.inside(), transaction.atomic():
        first, second, third = AgendaItem.objects.order_by("pk")
        assert third.restricted
    desk.post(f"agenda-items/{second.pk}/move/up/")
    page = desk.get(f"meetings/{meeting.pk}/")
    assert page.index("Second") < page.index("First")
    desk.post(f"agenda-items/{first.pk}/remove/")
    assert "Taken off the agenda" in desk.get(f"meetings/{meeting.pk}/")
    desk.get(f"agenda-items/{first.pk}/edit/", 404)
    desk.post(f"agenda-items/{second.pk}/remove/")
    page = desk.get(f"meetings/{meeting.pk}/")
    assert "All items of this agenda are restricted." in page
    assert "Schedule 12A, paragraph 3" in page
    with desk.inside(), transaction.atomic():
        AgendaItem.objects.filter(pk=third.pk).update(paragraph="partnership")
    page = desk.get(f"meetings/{meeting.pk}/")
    assert "A rule of the partnership" in page
    assert "Partnership: restricted" not in page
    desk.post(f"agenda-items/{first.pk}/put-back/")
    desk.post(f"agenda-items/{first.pk}/edit/", title="First again", note="", paragraph="")
    desk.post(f"meetings/{meeting.pk}/publish/")
    assert "First again" in desk.get(f"meetings/{meeting.pk}/")


def test_a_paper_is_attached_and_downloaded_as_a_file(desk, meeting):
    """Served as a download with a sandbox; a wrong file comes back with its reason and what was typed."""
    with desk.inside(), transaction.atomic():
        item = meeting.items.first()
    wrong = SimpleUploadedFile("paper.pdf", b"no pdf", "application/pdf")
    page = desk.post(f"agenda-items/{item.pk}/papers/new/", 200, title="Figures", file=wrong)
    assert "The file must be a PDF or a Word document" in page
    assert "Figures" in page
    good = SimpleUploadedFile("paper.pdf", pdf(2), "application/pdf")
    desk.post(f"agenda-items/{item.pk}/papers/new/", title="Figures", file=good)
    with desk.inside(), transaction.atomic():
        paper = Paper.objects.get()
    answer = desk.client.get(f"{desk.base}/papers/{paper.pk}/")
    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "2 pages" in desk.get(f"meetings/{meeting.pk}/")
    desk.post(f"papers/{paper.pk}/remove/")
    desk.get(f"papers/{paper.pk}/", 404)


def test_two_who_write_the_same_minutes_both_find_their_words(desk, meeting, time_machine):
    """The second gets the page again (409) with both texts, and can replace the first."""
    time_machine.move_to(NOW + timedelta(days=11))
    desk.client.force_login(desk.secretary)
    desk.post(f"meetings/{meeting.pk}/hold/", present=[str(desk.body.pk)], **{f"people_{desk.body.pk}": "Somebody"})
    with desk.inside(), transaction.atomic():
        item = meeting.items.first()
        minutes.write(item, "Theirs", revision=0, by=None, now=clock.now())
    page = desk.post(f"agenda-items/{item.pk}/minutes/", 409, text="Mine", revision="0")
    assert "Theirs" in page
    assert "Mine" in page
    desk.post(f"agenda-items/{item.pk}/minutes/", text="Mine", revision="1")
    assert "Mine" in desk.get(f"meetings/{meeting.pk}/minutes/")


def test_from_the_held_meeting_to_circulated_minutes_and_a_correction(desk, meeting, time_machine):
    """HAR-6.3, HAR-6.6: held, decided, written, circulated, corrected; wrong steps are refused with what to do."""
    path = f"meetings/{meeting.pk}"
    assert "has not begun yet" in desk.get(f"{path}/hold/", 409)
    assert "has no minutes" in desk.get(f"{path}/minutes/", 409)
    with desk.inside(), transaction.atomic():
        first = meeting.items.first()
    assert "Minutes are written once it was held" in desk.get(f"agenda-items/{first.pk}/minutes/", 409)
    time_machine.move_to(NOW + timedelta(days=11))
    desk.client.force_login(desk.secretary)
    assert "cancel the meeting instead" in desk.post(f"{path}/hold/", 200, **{f"people_{desk.body.pk}": ""})
    with desk.inside(), transaction.atomic():
        meetings.hold(Meeting.objects.get(pk=meeting.pk), by=desk.secretary, now=NOW + timedelta(days=11))
        items = list(meeting.items.all())
        about = ContentType.objects.get_for_model(Board)
        AgendaItem.objects.filter(pk=items[1].pk).update(subject_type=about, subject_id=desk.board.pk)
    assert "Who came" in desk.get(f"{path}/")
    assert "was not quorate" in desk.get(f"agenda-items/{items[0].pk}/decide/", 409)
    desk.post(f"{path}/hold/", present=[str(desk.body.pk)], **{f"people_{desk.body.pk}": "Somebody"})
    sent = {"outcome": "approved", "reference": "SB 1", "reason": "As typed"}
    for votes, words in (
        ({"votes_for": "2"}, "more votes than organisations that were there. Enter at most 1 vote in all."),
        ({"votes_for": "0", "votes_against": "1"}, "The motion was not carried: 0 votes for it, 1 is needed."),
    ):
        page = desk.post(f"agenda-items/{items[0].pk}/decide/", 200, **sent, **votes)
        assert words in page.partition("govuk-error-summary")[2].partition("</form>")[0]
        assert "As typed" in page
    assert "1 vote makes a majority" in page
    desk.post(f"agenda-items/{items[0].pk}/decide/", **sent, votes_for="1")
    assert "on the page of what it is about" in desk.get(f"agenda-items/{items[1].pk}/decide/", 409)
    with desk.inside(), transaction.atomic():
        AgendaItem.objects.filter(pk=items[1].pk).update(subject_type=None, subject_id=None)
    for item in items:
        desk.post(f"agenda-items/{item.pk}/minutes/", text=f"On {item.title}", revision="0")
    assert "have not been circulated" in desk.get(f"agenda-items/{items[0].pk}/correct/", 409)
    desk.post(f"{path}/minutes/finish/")
    viewer = builders.make_member(desk.framework, Role.VIEWER, desk.body)
    desk.client.force_login(viewer)
    assert "not been circulated yet" in desk.get(f"{path}/minutes/", 409)
    desk.client.force_login(desk.secretary)
    desk.post(f"{path}/minutes/circulate/")
    page = desk.get(f"{path}/minutes/")
    assert "SB 1" in page
    assert "Queued" in page
    desk.post(f"agenda-items/{items[0].pk}/correct/", text="Corrected", reason="A slip")
    assert "Circulate the corrections" in desk.get(f"{path}/minutes/")
    for closed in (
        f"{path}/items/new/",
        *(f"agenda-items/{items[0].pk}/{what}/" for what in ("edit", "minutes", "board-paper")),
    ):
        desk.get(closed, 409)
    desk.client.force_login(viewer)
    page = desk.get(f"{path}/minutes/")
    assert "On First" in page
    assert "A slip" in page
    assert "Queued" not in page


def test_what_waits_for_a_secretary_is_on_the_first_page(desk, meeting, time_machine):
    """HAR-6.6: publish, record, write with its date, circulate, plan the next."""
    home = ""
    assert "Publish the agenda of Strategic Board" in desk.get(home)
    time_machine.move_to(NOW + timedelta(days=11))
    desk.client.force_login(desk.secretary)
    assert "Record that Strategic Board met on 25 June 2026, and who was there" in desk.get(home)
    with desk.inside(), transaction.atomic():
        meetings.hold(meeting, by=None, now=clock.now())
        AgendaItem.objects.filter(meeting=meeting).update(removed_at=NOW)
        assert "Nothing was on the agenda." in desk.get(f"meetings/{meeting.pk}/")
        AgendaItem.objects.filter(meeting=meeting).update(removed_at=None)
    page = desk.get(home)
    assert "Write the minutes of Strategic Board, 25 June 2026" in page
    assert "Plan the next meeting of Strategic Board" in page
    with desk.inside(), transaction.atomic():
        for item in meeting.items.all():
            minutes.write(item, "x", revision=0, by=None, now=clock.now())
        minutes.finish(meeting, by=None, now=clock.now())
    assert "Circulate the minutes of Strategic Board" in desk.get(home)


def test_quorum_majority_and_headings_are_data_of_the_board(desk):
    """By the administrator; half and a simple majority until then."""
    admin = builders.make_member(desk.framework, Role.FRAMEWORK_ADMIN, desk.body)
    desk.client.force_login(admin)
    path = f"boards/{desk.board.pk}/rules/"
    assert "must be 100 or less" in desk.post(path, 200, quorum_percent="200", majority="simple", headings="")
    desk.post(path, quorum_percent="66", majority="two-thirds", headings="Issue\n\nIssue\nWay forward")
    with desk.inside(), transaction.atomic():
        board = Board.objects.get(pk=desk.board.pk)
    assert (board.quorum_percent, board.majority, board.paper_headings) == (66, "two-thirds", ["Issue", "Way forward"])


ROADS = [
    "agenda-items/{item}/edit/",
    "agenda-items/{item}/minutes/",
    "agenda-items/{item}/decide/",
    "agenda-items/{item}/correct/",
    "agenda-items/{item}/papers/new/",
    "agenda-items/{item}/board-paper/",
    "agenda-items/{item}/board-paper.pdf",
    "agenda-items/{item}/board-paper.docx",
    "papers/{paper}/",
    "meetings/{meeting}/pack/restricted.pdf",
    "meetings/{meeting}/minutes/restricted.pdf",
]
BUTTONS = ["agenda-items/{item}/move/up/", "agenda-items/{item}/remove/", "papers/{paper}/remove/"]


def test_every_road_to_a_hidden_item_is_closed(desk, monkeypatch):
    """HAR-6.4: what a rule hides from the people of an organisation is not found by any address, and no page names it,
    for the secretary and the administrator of that organisation too; without the rule each road is there."""
    with desk.inside(), transaction.atomic():
        meeting = meetings.plan(desk.board, starts_at=NOW, by=None, now=NOW)
        item = agendas.add(meeting, title="Hidden title", paragraph="12a-7", by=None, now=NOW)
        paper = papers.Checked(b"%PDF-1.7", "a.pdf", papers.PDF, 1)
        paper = agendas.attach(item, paper, title="Hidden paper", paragraph="", by=None, now=NOW)
        agendas.write_paper(item, [{"heading": "A", "text": "Hidden text"}], revision=0, by=None, now=NOW)
        meetings.hold(meeting, present={desk.body.pk: ""}, by=None, now=NOW)
        minutes.write(item, "Hidden minute", revision=0, by=None, now=NOW)
    ids = {"item": item.pk, "paper": paper.pk, "meeting": meeting.pk}
    assert "Hidden title" in desk.get(f"meetings/{meeting.pk}/")
    for road in ("edit/", "minutes/", "board-paper/"):
        desk.get(f"agenda-items/{item.pk}/{road}")
    body = desk.body.pk
    rule = lambda access: Q(pk=item.pk) if body in access.organisations else None  # noqa: E731
    monkeypatch.setattr(agenda, "RULES", [rule])
    for role in (Role.SECRETARY, Role.FRAMEWORK_ADMIN, Role.AUDITOR):
        desk.client.force_login(builders.make_member(desk.framework, role, desk.body))
        pages = [f"meetings/{meeting.pk}/", "meetings/"]
        pages += [f"meetings/{meeting.pk}/minutes/"] if role == Role.SECRETARY else []
        pages += ["ledger/"] if role != Role.SECRETARY else []
        for page in pages:
            shown = desk.get(page)
            assert "Hidden" not in shown, (role, page)
            assert "estricted" not in shown.replace("unrestricted", ""), (role, page)
        for road in ROADS:
            # minutes that are being written are not there yet for others, whatever stands in them (409)
            wanted = {403, 404, 409} if role != Role.SECRETARY else {404}
            assert desk.client.get(f"{desk.base}/{road.format(**ids)}").status_code in wanted, (role, road)
        for button in BUTTONS:
            wanted = {403} if role != Role.SECRETARY else {404}
            assert desk.client.post(f"{desk.base}/{button.format(**ids)}").status_code in wanted, (role, button)


def test_a_hidden_item_is_no_step_on_the_way_and_not_among_those_taken_off(desk, meeting, monkeypatch):
    """HAR-6.4: who moves an item moves it past the next one that they see, and what was taken off is hidden as it was."""
    with desk.inside(), transaction.atomic():
        first, second = meeting.items.order_by("order")
        third = agendas.add(meeting, title="Third", paragraph="", by=None, now=NOW)
        gone = agendas.add(meeting, title="Taken away", paragraph="", by=None, now=NOW)
        agendas.remove(gone, by=None, now=NOW)
    page = f"meetings/{meeting.pk}/"
    assert "Taken away" in desk.get(page)
    monkeypatch.setattr(agenda, "RULES", [lambda access: Q(pk__in=[second.pk, gone.pk])])
    assert "Taken off the agenda" not in desk.get(page)
    desk.post(f"agenda-items/{first.pk}/move/down/")
    shown = desk.get(page)
    assert shown.index("Third") < shown.index("First")
    with desk.inside(), transaction.atomic():
        order = list(meeting.items.filter(removed_at=None).order_by("order").values_list("pk", flat=True))
    assert order == [third.pk, second.pk, first.pk]


def test_the_meeting_of_a_partnership_is_not_there_for_others(desk):
    """Page, list, pack and minutes: 404 and not named for a representative of an organisation that is not in it."""
    other = builders.make_organisation("Other Trust", framework=desk.framework)
    with desk.inside(), transaction.atomic():
        board = workflow.add_board(desk.framework, "Closed Board", kind="partnership", by=None, now=NOW)
        partnerships.create(desk.framework, name="Closed", board=board, organisations=[desk.body], by=None, now=NOW)
        meeting = meetings.plan(board, starts_at=NOW, by=None, now=NOW)
        agendas.add(meeting, title="Item", paragraph="", by=None, now=NOW)
        meetings.hold(meeting, by=None, now=NOW)
    for organisation, status in ((desk.body, 200), (other, 404)):
        desk.client.force_login(builders.make_member(desk.framework, Role.REPRESENTATIVE, organisation))
        desk.get(f"meetings/{meeting.pk}/", status)
        assert ("Closed Board" in desk.get("meetings/")) is (status == 200)
        desk.get(f"meetings/{meeting.pk}/minutes/", 409 if status == 200 else 404)
        desk.get(f"meetings/{meeting.pk}/minutes/open.pdf", 409 if status == 200 else 404)
        if status == 404:
            desk.get(f"meetings/{meeting.pk}/pack/open.pdf", 404)
