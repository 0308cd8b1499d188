"""The agenda as one reader sees it, for the page, the pack and the minutes alike: open part, restricted part, numbers."""

from dataclasses import dataclass, field

from django.db.models import Prefetch

from portal.models import AgendaItem, Decision, Meeting, MinuteCorrection, Paper


@dataclass(slots=True)
class Entry:
    """An item with what belongs to it. whole: the item itself belongs to this part; else only its restricted papers do."""

    number: str
    item: AgendaItem
    papers: list[Paper] = field(default_factory=list)
    whole: bool = True

    @property
    def decisions(self) -> list[Decision]:
        """Recorded on it, at this meeting."""
        return list(self.item.decisions.all()) if self.whole else []

    @property
    def corrections(self) -> list[MinuteCorrection]:
        """Of its minutes, oldest first."""
        return list(self.item.corrections.all()) if self.whole else []


def items_of(meeting: Meeting, access):
    """The standing items that the reader may see, with their papers, in order."""
    papers = Paper.objects.visible_to(access).select_related("file").order_by("added_at", "pk")
    found = AgendaItem.objects.visible_to(access).standing().filter(meeting=meeting)
    return (
        found.select_related("board_paper", "minute", "meeting__board", "framework")
        .prefetch_related(Prefetch("papers", queryset=papers, to_attr="shown_papers"), "corrections__made_by")
        .prefetch_related(Prefetch("decisions", queryset=Decision.objects.select_related("board")))
        .order_by("order", "pk")
    )


def parts_of(meeting: Meeting, access) -> dict[str, list[Entry]]:
    """open → items 1, 2, 3 with their open papers; restricted → items R1, R2 and, behind them, restricted papers of open
    items. Numbers are counted over what the reader sees of a part, and the open part is the same for everybody."""
    rows: list = list(items_of(meeting, access))
    open_items, hidden = [row for row in rows if not row.restricted], [row for row in rows if row.restricted]
    parts = {
        "open": [
            Entry(str(number), row, [paper for paper in row.shown_papers if not paper.restricted])
            for number, row in enumerate(open_items, 1)
        ],
        "restricted": [Entry(f"R{number}", row, row.shown_papers) for number, row in enumerate(hidden, 1)],
    }
    for number, row in enumerate(open_items, 1):
        if papers := [paper for paper in row.shown_papers if paper.restricted]:
            parts["restricted"].append(Entry(str(number), row, papers, whole=False))
    return parts
