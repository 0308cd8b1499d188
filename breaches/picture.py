"""The breach clock as a picture: what was due when, met, late. Positions only; the words stand in the table below it."""

from datetime import timedelta

from breaches.clocks import REGULATOR, REPORT, Clock, headline
from portal.templatetags.dates import shortdate

WIDTH, LEFT, RIGHT, ROW, TOP = 360, 8, 352, 50, 26
NAME, LONGEST = 15, 52  # the line that says whose duty it is, and how many letters it has room for
OF_EACH = {REGULATOR, REPORT}  # of several organisations each has its own, so whose it is stands above the bar
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

    bars: list[dict] = []
    y = TOP
    for clock in clocks:
        row, top = clock.deadline, y
        name = shortened(clock.owner) if row.rule in OF_EACH else ""
        y += NAME if name else 0
        bars.append(
            {
                "label": clock.duty,
                "name": name,
                "name_y": y + 12,
                "text_y": top + 12,
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
        y += ROW
    return {
        "headline": headline(clocks),
        "width": WIDTH,
        "height": y + 4,
        "bars": bars,
        "now_x": at(now),
        "now_words": shortdate(now),
        "now_anchor": "end" if at(now) > WIDTH / 2 else "start",
        "now_text_x": at(now) + (-4 if at(now) > WIDTH / 2 else 4),
        "foot": y,
    }


def shortened(name) -> str:
    """As much of a name as fits; the table below has it whole."""
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def end_of(clock):
    """The last moment of a bar."""
    row = clock.deadline
    return max(moment for moment in (row.due_at, row.met_at, row.practical_at) if moment)
