"""What each persona gets from the addresses of meetings. See tests/access_rows.py."""

from tests.access_kinds import Row, members


def meeting(*roles, meeting="planned", **options) -> Row:
    """A page below a meeting of the framework's board: every member sees those; secretaries work on them."""
    return members(*roles, below=True, ids={"pk": f"{meeting}-meeting"}, **options)


def item(*roles, of="item", **options) -> Row:
    """A page about an item, or a paper, of an agenda."""
    return members(*roles, below=True, ids={"pk": of}, **options)


MEETING, ITEM = "<slug:framework>/meetings/<int:pk>/", "<slug:framework>/agenda-items/<int:pk>/"
MEETINGS = {
    "<slug:framework>/meetings/": members(),
    "<slug:framework>/meetings/new/": members("secretary"),
    MEETING: meeting(),
    f"{MEETING}move/": meeting("secretary"),
    f"{MEETING}cancel/": meeting("secretary"),
    f"{MEETING}hold/": meeting("secretary", meeting="held"),
    f"{MEETING}update/": meeting("secretary", status=405),
    f"{MEETING}publish/": meeting("secretary", status=405),
    f"{MEETING}items/new/": meeting("secretary"),
    # its pack holds nothing for anybody: no PDF is made seven times over (tests/portal/test_packs.py makes them)
    f"{MEETING}pack/<part:part>.pdf": members(status=404, below=True, ids={"pk": "empty-meeting", "part": "open-part"}),
    f"{MEETING}minutes/": meeting(meeting="circulated"),
    f"{MEETING}minutes/finish/": meeting("secretary", status=405, meeting="held"),
    f"{MEETING}minutes/circulate/": meeting("secretary", status=405, meeting="held"),
    f"{MEETING}minutes/<part:part>.pdf": members(  # a planned meeting has none
        status=409, below=True, ids={"pk": "empty-meeting", "part": "open-part"}
    ),
    f"{ITEM}edit/": item("secretary"),
    f"{ITEM}move/<direction:where>/": members("secretary", status=405, below=True, ids={"pk": "item", "where": "up"}),
    f"{ITEM}remove/": item("secretary", status=405),
    f"{ITEM}put-back/": item("secretary", status=405),
    f"{ITEM}decide/": item("secretary", of="held-item"),
    f"{ITEM}minutes/": item("secretary", of="held-item"),
    f"{ITEM}correct/": item("secretary", of="circulated-item"),
    f"{ITEM}papers/new/": item("secretary"),
    f"{ITEM}board-paper/": item("secretary"),
    # nobody wrote one (tests/portal/test_board_papers.py makes them)
    f"{ITEM}board-paper.pdf": item(status=404, of="bare-item"),
    f"{ITEM}board-paper.docx": item(),
    "<slug:framework>/papers/<int:pk>/": item(
        "drafter",
        "representative",
        "secretary",
        "auditor",
        "framework_admin",
        of="restricted-paper",
        hidden=("viewer", "both", "organisation_admin"),
    ),
    "<slug:framework>/papers/<int:pk>/remove/": item("secretary", status=405, of="restricted-paper"),
    "<slug:framework>/boards/<int:pk>/rules/": members("framework_admin", below=True, ids={"pk": "board"}),
}
