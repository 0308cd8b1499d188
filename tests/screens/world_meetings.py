"""What the pages of meetings name, in the demonstration."""

from portal.models import Meeting


def meetings_of_anyshire():
    """The three meetings of the framework's board in the demonstration, and an item of each."""
    found = {}
    for name, status in (("to_come", "planned"), ("held", "held"), ("circulated", "circulated")):
        meeting = Meeting.objects.get(status=status, board__subject_type=None)
        item = meeting.items.filter(restricted=False, kind="").order_by("-order").first()
        found |= {name: meeting.pk, "item" if name == "to_come" else f"{name}_item": item.pk, "board": meeting.board_id}
    return found
