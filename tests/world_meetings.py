"""Meetings of a tenant of tests.world: one planned, with an agenda, one held, one whose minutes were circulated."""

from datetime import timedelta

from portal import agendas, meetings, minutes, partnerships
from portal.models import Board, Meeting, Paper, Paragraph
from portal.papers import PDF, Checked
from tests.builders import NOW

# in the title, note, paper and minutes of restricted items: not for viewers
RESTRICTED_CANARY = "Bittern"


def make_meetings(tenant) -> dict[str, Meeting]:
    """By where they stand: planned, held, circulated."""
    board = tenant.in_force.protocol.deciding_body
    made = {}
    for state, days in (("planned", 30), ("circulated", -30), ("held", -2)):
        when = NOW + timedelta(days=days)
        made[state] = meeting = meetings.plan(
            board, starts_at=when, place=f"{tenant.canary} hall", by=None, now=when - timedelta(days=40)
        )
        fill_agenda(tenant, meeting)
        if state != "planned":
            present = {tenant.lead.pk: f"{tenant.canary} officer", tenant.partner.pk: f"{tenant.canary} chief"}
            meetings.hold(meeting, present=present, by=None, now=when)
            for item in meeting.items.all():
                hidden = RESTRICTED_CANARY if item.restricted else ""
                minutes.write(item, f"{tenant.canary} minute {hidden}", revision=0, by=None, now=when)
    done = made["circulated"]
    minutes.finish(done, by=None, now=NOW - timedelta(days=29))
    minutes.circulate(done, by=None, now=NOW - timedelta(days=28))
    minutes.correct(
        done.items.filter(restricted=False, kind="").first(), f"{tenant.canary} corrected", reason=f"{tenant.canary} slip", by=None,
        now=NOW - timedelta(days=27),
    )  # fmt: skip
    return made


def meeting_of_others(tenant, title: str) -> Meeting:
    """Of a partnership of the lead alone. title: what the partner's people may not read; that there is such a board, every
    member may know."""
    board = Board.objects.create(
        framework=tenant.framework, name=f"{tenant.canary} board of the lead", kind=Board.Kind.PARTNERSHIP
    )
    partnerships.create(
        tenant.framework, name=f"{tenant.canary} alone", board=board, organisations=[tenant.lead], by=None, now=NOW
    )
    meeting = meetings.plan(board, starts_at=NOW + timedelta(days=31), place=f"{title} hall", by=None, now=NOW)
    item = agendas.add(meeting, title=f"{title} item", note=f"{title} note", paragraph="", by=None, now=NOW)
    paper = Checked(b"%PDF-1.7 placeholder", f"{title}.pdf", PDF, 1)
    agendas.attach(item, paper, title=f"{title} paper", paragraph="", by=None, now=NOW)
    return meeting


def fill_agenda(tenant, meeting) -> None:
    """An open item with a paper and a board paper, and a restricted one with a paper."""
    secret = f"{tenant.canary} {RESTRICTED_CANARY}"
    for words, paragraph in ((tenant.canary, ""), (secret, Paragraph.BUSINESS)):
        item = agendas.add(meeting, title=f"{words} item", note=f"{words} note", paragraph=paragraph, by=None, now=NOW)
        paper = Checked(b"%PDF-1.7 placeholder", f"{words}.pdf", PDF, 1)
        agendas.attach(item, paper, title=f"{words} paper", paragraph="", by=None, now=NOW)
        agendas.write_paper(item, [{"heading": "Summary", "text": f"{words} summary"}], revision=0, by=None, now=NOW)


def meeting_ids(tenant) -> dict[str, object]:
    """What the addresses of meetings name."""
    made = tenant.meetings
    first = {state: meeting.items.filter(restricted=False, kind="").first() for state, meeting in made.items()}
    empty = meetings.plan(made["planned"].board, starts_at=NOW + timedelta(days=90), by=None, now=NOW)
    empty.items.update(removed_at=NOW)
    return {
        **{f"{state}-meeting": meeting.pk for state, meeting in made.items()},
        "empty-meeting": empty.pk,
        "open-part": "open",
        "up": "up",
        "item": first["planned"].pk,
        "held-item": first["held"].pk,
        "circulated-item": first["circulated"].pk,
        "bare-item": agendas.add(made["planned"], title=f"{tenant.canary} bare", paragraph="", by=None, now=NOW).pk,
        "restricted-paper": Paper.objects.filter(item__meeting=made["planned"], restricted=True).first().pk,
        "board": made["planned"].board_id,
    }
