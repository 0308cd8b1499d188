"""The progress report in words, tables and pictures, the same for the page and the PDF (KEN-6iii)."""

from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal import charts
from portal.templatetags.dates import longdate
from protocols.models import Version
from protocols.progress import Progress

STATES = dict(Version.Status.choices)


def of(progress: Progress) -> dict:
    """Figures, with a label where the number stands behind the words; sections, each a headline sentence, a picture and the table of its numbers."""
    return {
        "figures": [
            {"number": progress.protocols, "text": ngettext("protocol", "protocols", progress.protocols)},
            {
                "number": share(progress.have_signed, progress.asked),
                "text": _("of the parties asked have signed"),
                "label": _("Share of the parties asked that have signed"),
            },
            {
                "number": progress.reviews_overdue,
                "text": ngettext("review overdue", "reviews overdue", progress.reviews_overdue),
                "urgent": progress.reviews_overdue > 0,
            },
            {
                "number": share(progress.in_time, progress.due),
                "text": _("of deadlines met in time"),
                "label": _("Share of the deadlines that were met in time"),
            },
        ],
        "sections": [states(progress), signed(progress), reviews(progress), deadlines(progress)],
        "as_at": longdate(progress.at),
    }


def share(part: int, whole: int) -> str:
    """ "85%", or a dash where there is nothing to take a share of."""
    return f"{round(100 * part / whole)}%" if whole else "–"


def states(progress: Progress) -> dict:
    """Protocols by state."""
    rows = [(str(STATES[state]), count) for state, count in progress.states]
    in_force = dict(progress.states).get(Version.Status.IN_FORCE, 0)
    headline = ngettext(
        "%(in_force)d of %(count)d protocol is in force.", "%(in_force)d of %(count)d protocols are in force.",
        progress.protocols,
    ) % {"in_force": in_force, "count": progress.protocols}  # fmt: skip
    return {
        "name": "states",
        "heading": _("Protocols by state"),
        "headline": headline,
        "chart": charts.bars("states", headline, rows) if rows else None,
        "headers": [_("State"), {"text": _("Protocols"), "numeric": True}],
        "rows": [[label, str(count)] for label, count in rows],
    }


def signed(progress: Progress) -> dict:
    """The signed share, tier by tier."""
    headline = _("%(signed)d of %(count)d required parties have signed what is open or in force.") % {
        "signed": progress.have_signed,
        "count": progress.asked,
    }
    return {
        "name": "signed",
        "heading": _("Signatures"),
        "headline": headline,
        "chart": None,
        "headers": [
            _("Tier"),
            {"text": _("Protocols"), "numeric": True},
            {"text": _("Parties asked"), "numeric": True},
            {"text": _("Signed"), "numeric": True},
            {"text": _("Share"), "numeric": True},
        ],
        "rows": [
            [one.tier, str(one.protocols), str(one.parties), str(one.signed), share(one.signed, one.parties)]
            for one in progress.signed
        ],
    }


def reviews(progress: Progress) -> dict:
    """Reviews due, overdue, done (HAR-5.1)."""
    headline = _("Reviews: %(overdue)d overdue, %(soon)d due in the next 3 months, %(done)d done in the last year.") % {
        "overdue": progress.reviews_overdue,
        "soon": progress.reviews_soon,
        "done": progress.reviews_done,
    }
    rows = [
        (_("Overdue"), progress.reviews_overdue),
        (_("Due in the next 3 months"), progress.reviews_soon),
        (_("Done in the last year"), progress.reviews_done),
    ]
    return {
        "name": "reviews",
        "heading": _("Reviews"),
        "headline": headline,
        "chart": charts.bars("reviews", headline, rows),
        "headers": [_("Reviews"), {"text": _("How many"), "numeric": True}],
        "rows": [[label, str(count)] for label, count in rows],
    }


def deadlines(progress: Progress) -> dict:
    """Deadlines met in time, late, missed, month by month."""
    headline = _("%(met)d of %(count)d deadlines of the last 12 months were met in time.") % {
        "met": progress.in_time,
        "count": progress.due,
    }
    names = (_("In time"), _("Late"), _("Not done yet"))
    shades = (charts.DONE, charts.LATE, charts.MISSED)
    found = [
        (
            format_date(one.first, "M"),
            [
                charts.Part(count, shade, name)
                for count, shade, name in zip((one.met, one.late, one.missed), shades, names, strict=True)
            ],
        )
        for one in progress.months
    ]
    return {
        "name": "deadlines",
        "heading": _("Deadlines over time"),
        "headline": headline,
        "chart": charts.columns("deadlines", headline, found) if progress.due else None,
        "headers": [_("Due in"), *({"text": name, "numeric": True} for name in names)],
        "rows": [
            [format_date(one.first, "F Y"), str(one.met), str(one.late), str(one.missed)] for one in progress.months
        ],
    }
