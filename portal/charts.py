"""Pictures of numbers as SVG, made on the server. Positions only; every number stands in the table below the picture too.

Shades differ in lightness as well as in hue, and each part carries its number in words, so colour alone says nothing.
"""

import base64
from dataclasses import dataclass

from django.template.loader import render_to_string

WIDTH, LABEL, ROW = 600, 190, 30
HEIGHT, FOOT, LEFT = 190, 24, 36
DONE, LATE, MISSED, OPEN = "#0f7a52", "#c98a2b", "#a3261b", "#5694ca"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a column or bar: how many, its shade, its name."""

    count: int
    shade: str
    name: str


def bars(name: str, headline: str, rows: list[tuple[str, int]]) -> dict:
    """Horizontal bars, the longest as wide as the picture; one row for each (label, count)."""
    most = max((count for _label, count in rows), default=0) or 1
    space = WIDTH - LABEL - 50
    drawn = [
        {
            "label": label,
            "count": count,
            "y": index * ROW + 5,
            "text_y": index * ROW + 20,
            "width": round(space * count / most, 1),
            "end": LABEL + round(space * count / most, 1) + 6,
        }
        for index, (label, count) in enumerate(rows)
    ]
    return {
        "kind": "bars",
        "name": name,
        "headline": headline,
        "width": WIDTH,
        "height": len(rows) * ROW + 6,
        "label_x": LABEL - 8,
        "bar_x": LABEL,
        "shade": OPEN,
        "rows": drawn,
    }


def columns(name: str, headline: str, found: list[tuple[str, list[Part]]]) -> dict:
    """Stacked columns over time, with a legend in words; one for each (label, parts)."""
    most = max((sum(part.count for part in parts) for _label, parts in found), default=0) or 1
    step = (WIDTH - LEFT) / max(len(found), 1)
    room = HEIGHT - FOOT - 20
    drawn = []
    for index, (label, parts) in enumerate(found):
        x, y, pieces = LEFT + index * step + step * 0.15, float(HEIGHT - FOOT), []
        for part in parts:
            height = round(room * part.count / most, 1)
            y -= height
            if part.count:
                pieces.append({"y": round(y, 1), "height": height, "shade": part.shade})
        total = sum(part.count for part in parts)
        drawn.append(
            {
                "label": label,
                "x": round(x, 1),
                "width": round(step * 0.7, 1),
                "middle": round(x + step * 0.35, 1),
                "pieces": pieces,
                "total": total or "",
                "total_y": round(y - 4, 1),
            }
        )
    legend = [{"name": part.name, "shade": part.shade} for part in (found[0][1] if found else [])]
    for index, one in enumerate(legend):
        one["x"] = str(LEFT + index * 140)
    return {
        "kind": "columns",
        "name": name,
        "headline": headline,
        "width": WIDTH,
        "height": HEIGHT + 24,
        "foot": HEIGHT - FOOT,
        "label_y": HEIGHT - FOOT + 16,
        "legend_y": HEIGHT + 6,
        "left": LEFT,
        "columns": drawn,
        "legend": legend,
    }


def as_image(chart: dict) -> str:
    """The picture as an address with the whole picture in it, for documents, where it has a text beside it."""
    svg = render_to_string("components/chart.html", {"chart": chart, "alone": True})
    return "data:image/svg+xml;base64," + base64.b64encode(svg.strip().encode()).decode()
