"""Documents of a breach as PDF: the written report, and the minutes. In the print design of the protocols."""

import base64

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from breaches.clocks import clocks_of
from breaches.picture import picture_of
from breaches.presenters import clock_headers, due_lines, explanations, hearing_rows, outcome_rows, questions
from portal.pdf import render_pdf
from portal.templatetags.dates import longdatetime

LANG = "en-GB"


def image_of(picture) -> str:
    """The breach clock as the address of an image."""
    svg = render_to_string("breaches/clock_picture.html", {"picture": picture}).strip()
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def clock_context(breach, *, now) -> dict:
    """Picture and table of the clocks, as the page shows them (READ-4)."""
    clocks = clocks_of(breach, now=now)
    picture = picture_of(clocks, now=now)
    return {
        "picture": picture,
        "image": image_of(picture) if picture else "",
        "clock_headers": clock_headers(),
        "clock_rows": [
            (one.duty, one.source, one.owner or _("Board secretary"), due_lines(one), one.words) for one in clocks
        ],
        "explanations": explanations(clocks),
    }


def document_of(breach, heading, *, now, **more) -> dict:
    """What every document of a breach has."""
    return {
        "breach": breach,
        "heading": heading,
        "owner": breach.framework.name,
        "header_words": _("Restricted: for the parties"),
        "classification": _("RESTRICTED"),
        "demonstration": settings.PORTAL_DEMO,
        "made_at": longdatetime(now),
        **more,
    }


def report_pdf(report, *, now) -> bytes:
    """The PDF of a written report (HAR-6.2). May raise RenderError."""
    breach = report.breach
    with translation.override(LANG):
        heading = _("Report of %(name)s on breach %(reference)s") % {"name": report.name, "reference": breach.reference}
        context = document_of(breach, heading, now=now, report=report, questions=questions(breach))
        context |= clock_context(breach, now=report.submitted_at)
        return render_pdf("pdf/breach_report.html", context, title=heading, lang=LANG, created=now)


def minutes_pdf(minutes, *, now) -> bytes:
    """The PDF of the minutes, with what was carried and nothing else of the closed session (HAR-6.6)."""
    breach = minutes.breach
    with translation.override(LANG):
        heading = _("Minutes of the meeting on breach %(reference)s") % {"reference": breach.reference}
        context = document_of(
            breach, heading, now=now, minutes=minutes, rows=[*hearing_rows(breach), *outcome_rows(breach)],
            sanctions=breach.sanctions.all(),
        )  # fmt: skip
        context |= clock_context(breach, now=now)
        return render_pdf("pdf/breach_minutes.html", context, title=heading, lang=LANG, created=now)
