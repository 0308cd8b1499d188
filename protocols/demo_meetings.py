"""Chapter of the demonstration: meetings held, minuted and planned, relative to today, by the product's own verbs.

The words are invented. In the framework with real names one meeting is planned, and nothing more.
"""

from datetime import time

from portal import agendas, boards, clock, demo, meetings, minutes, tenancy
from portal.models import AgendaItem, Board, Decision, Meeting, OutgoingEmail, Paragraph
from protocols.models import Version

TEN = time(10, 0)
WELCOME = "Minutes of the last meeting"
PAPER = {
    "Summary": "Training on information sharing has reached two thirds of the front line. We ask the board for two more days.",
    "Background": "The board asked in spring for a programme of one day for each team.\n\n- Police: 61 of 80 people\n- Council: 112 of 140 people\n- Health: 44 of 110 people",
    "Finance and resources": "Two more days cost £3,400, from the budget of the board.",
    "Law": "None. Training is an obligation of every signatory.",
    "Equality impact": "The days are offered at three places and online.",
    "Recommendations": "- Note the report\n- Agree two more days before the summer",
}


def board_of(story) -> Board:
    """The governing board of the framework."""
    return Board.objects.filter(framework=story.framework, kind=Board.Kind.FRAMEWORK).order_by("pk")[0]


def plan(story, board: Board, offset: int, place: str) -> Meeting:
    """Planned 40 days before it, or today."""
    return meetings.plan(
        board, starts_at=story.day(offset, TEN), place=place, by=story.who("secretary"),
        now=min(story.day(offset - 40), story.now),
    )  # fmt: skip


def add(story, meeting: Meeting, offset: int, title: str, note: str = "", paragraph: str = "") -> AgendaItem:
    """An item of the secretary's own."""
    return agendas.add(
        meeting,
        title=title,
        note=note,
        paragraph=paragraph,
        by=story.who("secretary"),
        now=min(story.day(offset), story.now),
    )


def hold(story, meeting: Meeting, offset: int, *, absent: str = "") -> None:
    """All were there but one."""
    sitting = boards.organisations_of(meeting.board)
    present = {one.pk: "" for one in sitting if one.name != absent}
    meetings.hold(meeting, present=present, by=story.who("secretary"), now=story.day(offset))


def training(story, meeting: Meeting, offset: int) -> AgendaItem:
    """An item with a board paper."""
    item = add(story, meeting, offset, "Training on information sharing", "Agree two more days.")
    known = {
        "To": meeting.board.name,
        "From": "Board Secretary",
        "Date": f"{clock.london_date(meeting.starts_at):%-d %B %Y}",
        "Classification": "Open",
    }
    sections = [{"heading": heading, "text": text} for heading, text in (known | PAPER).items()]
    agendas.write_paper(item, sections, revision=0, by=story.who("secretary"), now=story.day(offset))
    return item


@demo.chapter("anyshire")
def anyshire(story) -> None:
    """One meeting with circulated minutes, one of a partnership that waits for its minutes, one to come."""
    by = story.who("secretary")
    with tenancy.scope(story.framework.pk):
        board = board_of(story)
        past = plan(story, board, -48, "County Hall, committee room 2")
        first = add(story, past, -60, WELCOME)
        item = training(story, past, -60)
        hidden = add(story, past, -60, "Offer for the case system", "Compare three offers.", Paragraph.BUSINESS)
        agendas.send(past, by=by, now=story.day(-55))
        hold(story, past, -48, absent="Anyshire Refuge Network")
        texts = {
            first: "Agreed as a correct record.",
            item: "The board thanked the trainers and asked for figures by team.",
            hidden: "The second offer is the most economical. The council goes on with it.",
        }
        for one, text in texts.items():
            minutes.write(one, text, revision=0, by=by, now=story.day(-47))
        Decision.objects.record(
            item, meeting=past, item=item, board=board, decided_on=story.date(-48), reference="AISB 12/3",
            outcome=Decision.Outcome.APPROVED, reason="Two more days before the summer.", votes_for=3, votes_against=0, by=by,
            now=story.day(-47),
        )  # fmt: skip
        minutes.finish(past, by=by, now=story.day(-46))
        made = minutes.circulate(past, by=by, now=story.day(-45))
        for mail in OutgoingEmail.objects.filter(kind="portal.minutes-circulated", ids__meeting=past.pk):
            mail.mark_sent(now=made.made_at)
        held = plan(story, Board.objects.get(name="Safer Communities Board"), -2, "Police headquarters")
        add(story, held, -10, WELCOME)
        add(story, held, -10, "The pilot on domestic abuse", "Hear how it is going.")
        hold(story, held, -2)
        to_come = plan(story, board, 16, "County Hall, committee room 2, and online")
        add(story, to_come, -1, WELCOME)
        training(story, to_come, -1)
        add(story, to_come, -1, "Support for the case system", "Note the contract.", Paragraph.BUSINESS)


@demo.chapter("elmshire")
def elmshire(story) -> None:
    """A meeting that is near: what waits for approval is on its agenda, published."""
    with tenancy.scope(story.framework.pk):
        waits = Version.objects.filter(status=Version.Status.APPROVAL).order_by("pk").first()
        board = waits.protocol.deciding_body if waits else None
        near = plan(story, board or board_of(story), 6, "Elm House, and online")
        add(story, near, 0, WELCOME)
        agendas.send(near, by=story.who("secretary"), now=story.now)


@demo.chapter("haringey")
def haringey(story) -> None:
    """One meeting to come."""
    with tenancy.scope(story.framework.pk):
        add(story, plan(story, board_of(story), 20, "Civic Centre"), 0, WELCOME)
