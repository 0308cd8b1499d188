"""Deadlines of a framework: the list with its filters, as page, CSV and XLSX; the page of one of them."""

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from portal import clock, deadline_page, due, spreadsheets
from portal.deadline_forms import DeadlineFilter
from portal.deadlines import RULES
from portal.templatetags.dates import isodate, longdate, longdatetime
from portal.tenancy import scoped
from portal.views_people import crumbs
from portal.views_saved_filters import shown

PER_PAGE = 25
HEADERS = (
    gettext_lazy("Duty"),
    gettext_lazy("About"),
    gettext_lazy("Organisation"),
    gettext_lazy("Due"),
    gettext_lazy("State"),
)
COLUMNS = (
    *HEADERS,
    gettext_lazy("How far"),
    gettext_lazy("Source"),
    gettext_lazy("Practical date"),
    gettext_lazy("Provisional"),
    gettext_lazy("Assumed"),
    gettext_lazy("Done on"),
    gettext_lazy("How it is counted"),
)


@scoped()
@require_safe
def deadlines(request) -> HttpResponse:
    """What must be done by when, filtered by the address, 25 to a page."""
    form, now = DeadlineFilter(request.GET, framework=request.framework), clock.now()
    wanted = form.wanted()
    page = Paginator(due.wanted(request.access, wanted, now=now), PER_PAGE).get_page(request.GET.get("page"))
    slug, query = request.framework.slug, form.query()
    context = {
        "form": form,
        "tags": form.tags(request),
        "page": page,
        "count": page.paginator.count,
        "narrowed": wanted.narrowed,
        "headers": HEADERS,
        "rows": rows(page.object_list, request.access, now=now),
        "saved": shown(request),
        "here": f"?{query}",
        "save_href": f"{reverse('saved-filter-new', args=[slug])}?{query}" if query else "",
        "calendar_href": f"{reverse('calendar', args=[slug])}?{query}",
        "downloads": [
            (kind.upper(), f"{reverse(f'deadlines-{kind}', args=[slug])}?{query}") for kind in ("csv", "xlsx")
        ],
        "breadcrumbs": crumbs(request, _("Deadlines")),
    }
    return TemplateResponse(request, "portal/deadlines.html", context)


def rows(found, access, *, now) -> list[list]:
    """Rows of the table."""
    framework, calendars = access.framework, due.Calendars(access.framework)
    soon = due.edge(framework, now=now)
    return [row(one, framework, calendars, now=now, soon=soon) for one in due.with_subjects(found, access)]


def row(deadline, framework, calendars, *, now, soon) -> list:
    """Cells of one deadline."""
    words, colour = due.standing(deadline, now=now, soon=soon)
    shown = longdatetime(deadline.due_at) if due.in_hours(deadline) else longdate(deadline.due_at)
    is_open = deadline.met_at is None and deadline.dropped_at is None
    notes = [due.distance(deadline, calendars, now=now)] if is_open else []
    if deadline.practical_at:
        notes.append(_("practical date %(date)s") % {"date": longdate(deadline.practical_at)})
    return [
        {"value": due.duty(deadline), "link": due.href(deadline, framework), "note": source(deadline)},
        {"value": due.subject_words(deadline), "link": due.subject_href(deadline, framework)},
        {"value": due.responsible(deadline)},
        {"value": shown, "note": " · ".join([*notes, *due.marks(deadline)])},
        {"tag": words, "colour": colour},
    ]


def source(deadline) -> str:
    """Rule and, if the protocol has a length of its own, its clause (READ-10)."""
    rule = RULES.get(deadline.rule)
    return ", ".join(filter(None, [rule.source if rule else "", due.clause_words(deadline)]))


# --- downloads


@scoped()
@require_safe
def as_csv(request) -> HttpResponse:
    """The list, with the same filters, for those who may see it."""
    return spreadsheets.as_csv(name_of(request, "csv"), COLUMNS, cells(request))


@scoped()
@require_safe
def as_xlsx(request) -> HttpResponse:
    """The same as a workbook."""
    return spreadsheets.as_xlsx(name_of(request, "xlsx"), COLUMNS, cells(request), sheet=_("Deadlines"))


def name_of(request, ending: str) -> str:
    """A name for the file."""
    return f"{request.framework.slug}-deadlines-{clock.today().isoformat()}.{ending}"


def cells(request) -> list[list]:
    """Every deadline that fits the filters, with what its page says."""
    now = clock.now()
    wanted = DeadlineFilter(request.GET, framework=request.framework).wanted()
    found = due.with_subjects(due.wanted(request.access, wanted, now=now), request.access)
    calendars, soon = due.Calendars(request.framework), due.edge(request.framework, now=now)
    return [cells_of(one, calendars, now=now, soon=soon) for one in found]


def cells_of(deadline, calendars, *, now, soon) -> list:
    """One line of the download; dates as ISO, times with London's offset."""
    is_open = deadline.met_at is None and deadline.dropped_at is None
    day = isodate if due.in_hours(deadline) else lambda at: isodate(clock.london_date(at)) if at else ""
    yes = {True: _("Yes"), False: ""}
    return [
        due.duty(deadline),
        due.subject_words(deadline),
        due.responsible(deadline),
        day(deadline.due_at),
        due.standing(deadline, now=now, soon=soon)[0],
        due.distance(deadline, calendars, now=now) if is_open else "",
        source(deadline),
        day(deadline.practical_at),
        yes[deadline.provisional],
        yes[deadline.assumed],
        isodate(clock.london_date(deadline.met_at)) if deadline.met_at else "",
        deadline.explanation,
    ]


# --- one of them


@scoped()
@require_safe
def deadline(request, pk: int) -> HttpResponse:
    """Rule, source, inputs, how it is counted, the dates it had before (READ-1 to READ-12)."""
    found = due.with_subjects(due.visible(request.access).filter(pk=pk), request.access).first()
    if found is None:
        raise Http404
    now = clock.now()
    context = deadline_page.of(found, request.framework, now=now) | {
        "breadcrumbs": crumbs(request, due.duty(found), ("deadlines", _("Deadlines"))),
    }
    return TemplateResponse(request, "portal/deadline.html", context)
