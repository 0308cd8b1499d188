"""The breach clock as a picture: what was due when, met, late. Positions only; the words stand in the table below it."""

from datetime import timedelta

from breaches.clocks import Clock, headline
from portal.templatetags.dates import shortdate

WIDTH, LEFT, RIGHT, ROW, TOP = 360, 8, 352, 50, 26
SHADES = {"met": "#00703c", "late": "#b58840", "overdue": "#d4351c", "running": "#1d70b8"}


def picture_of(clocks: list[Clock], *, now) -> dict:
    """For breaches/clock_picture.html: headline, size, bars, the line of today."""
    if not clocks:
        return {}
    first = min(clock.start for clock in clocks)
    last = max([now, *(end_of(clock) for clock in clocks)]) + timedelta(hours=6)
    span = (last - first).total_seconds()

    def at(moment) -> int:
        return LEFT + round((moment - first).total_seconds() / span * (RIGHT - LEFT))

    bars = []
    for index, clock in enumerate(clocks):
        row, y = clock.deadline, TOP + index * ROW
        bars.append(
            {
                "label": clock.duty,
                "text_y": y + 12,
                "y": y + 19,
                "x": at(clock.start),
                "width": max(at(row.due_at) - at(clock.start), 2),
                "shade": SHADES[clock.state],
                "pattern": clock.state == "overdue",
                "due_x": at(row.due_at),
                "done_x": at(row.met_at) if row.met_at else None,
                "practical_x": at(row.practical_at) if row.practical_at else None,
                "mid": y + 25,
                "foot": y + 31,
            }
        )
    return {
        "headline": headline(clocks),
        "width": WIDTH,
        "height": TOP + len(clocks) * ROW + 4,
        "bars": bars,
        "now_x": at(now),
        "now_words": shortdate(now),
        "now_anchor": "end" if at(now) > WIDTH / 2 else "start",
        "now_text_x": at(now) + (-4 if at(now) > WIDTH / 2 else 4),
        "foot": TOP + len(clocks) * ROW,
    }


def end_of(clock):
    """The last moment of a bar."""
    row = clock.deadline
    return max(moment for moment in (row.due_at, row.met_at, row.practical_at) if moment)
