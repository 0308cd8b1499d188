"""Pages of meetings, as they are photographed."""

from tests.screens.ways import ADMIN, DRAFTER, SECRETARY, SIGNER, Page, fill, send


def met(name, what="to_come", persona=SECRETARY, state="", before=None, **args):
    """A page of a meeting, or of an item, of the small framework."""
    return Page(name, persona, {"pk": what} | args, framework="anyshire", state=state, before=before)


MEETINGS = [
    Page("meetings", SECRETARY, framework="anyshire", state="secretary"),
    Page("meetings", SIGNER, framework="anyshire", state="representative"),
    Page("meetings", DRAFTER),
    Page("meeting-new", SECRETARY, framework="anyshire"),
    Page("meeting-new", SECRETARY, framework="anyshire", state="empty", before=send),
    Page("meeting-new", SECRETARY, framework="anyshire", state="wrong", before=fill(day="32 foo", time="25:70")),
    met("meeting"),
    met("meeting", persona=SIGNER, state="representative"),
    met("meeting", "held", state="held"),
    met("meeting", "circulated", state="circulated"),
    met("meeting-move"),
    met("meeting-move", state="wrong", before=fill(time="x")),
    met("meeting-cancel"),
    met("meeting-cancel", state="empty", before=send),
    met("meeting-hold", "held"),
    met("meeting-hold", state="409"),
    met("item-new"),
    met("item-new", state="empty", before=send),
    met("item-edit", "item"),
    met("item-decide", "held_item"),
    met("item-decide", "held_item", state="empty", before=send),
    met("paper-new", "item"),
    met("paper-new", "item", state="empty", before=send),
    met("board-paper", "item"),
    met("minutes", "held", state="to write"),
    met("minutes", "circulated"),
    met("minutes", "circulated", SIGNER, state="representative"),
    met("minutes", "held", SIGNER, state="409"),
    met("minute-write", "held_item"),
    met("minute-write", "held_item", state="empty", before=send),
    met("minute-correct", "circulated_item"),
    met("minute-correct", "circulated_item", state="empty", before=send),
    Page("board-rules", ADMIN, {"pk": "board"}, framework="anyshire"),
    Page("board-rules", ADMIN, {"pk": "board"}, framework="anyshire", state="wrong", before=fill(quorum_percent="200")),
]

NO_PAGE_OF_MEETINGS = {
    "agenda-update": "a button of the page of the meeting",
    "agenda-publish": "a button of the page of the meeting",
    "meeting-pack": "a download; looked at in tests/portal/test_packs.py",
    "minutes-pdf": "a download; looked at in tests/portal/test_packs.py",
    "minutes-finish": "a button of the page of the minutes",
    "minutes-circulate": "a button of the page of the minutes",
    "item-move": "a button of the page of the meeting",
    "item-remove": "a button of the page of the meeting",
    "item-put-back": "a button of the page of the meeting",
    "board-paper-pdf": "a download",
    "board-paper-word": "a download",
    "paper": "a download",
    "paper-remove": "a button of the page of the meeting",
}
