"""The month of a framework: deadlines and meetings on their days. A list on phones, a table on wide screens."""

from dataclasses import replace

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from portal import clock, due, months, subjects
from portal.deadline_forms import DeadlineFilter
from portal.meeting_subjects import meeting_of
from portal.models import AgendaItem, Board, Meeting
from portal.templatetags.dates import londontime
from portal.tenancy import scoped
from portal.views_people import crumbs
from portal.views_saved_filters import shown

WEEKDAYS = (
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
    gettext_lazy("Saturday"),
    gettext_lazy("Sunday"),
)


@scoped()
@require_safe
def calendar(request) -> HttpResponse:
    """One month; which one, and the filters, are in the address. Without a state it shows what is done as well."""
    now = clock.now()
    first = months.asked(request.GET.get("month", ""), clock.london_date(now))
    form = DeadlineFilter(request.GET, framework=request.framework, months=True)
    entries = [*deadlines(request, form.wanted(), first, now=now), *meetings(request, first)]
    context = {
        "form": form,
        "tags": form.tags(request),
        "narrowed": form.wanted().narrowed,
        "month": month_words(first),
        "month_value": f"{first:%Y-%m}",
        "weekdays": WEEKDAYS,
        "weeks": months.weeks(first, entries, today=clock.london_date(now)),
        "count": len(entries),
        "before": link(request, months.earlier(first)),
        "after": link(request, months.later(first)),
        "today": link(request, clock.london_date(now).replace(day=1)),
        "list_href": f"{reverse('deadlines', args=[request.framework.slug])}?{form.query()}",
        "day_href": f"{reverse('deadlines', args=[request.framework.slug])}?{form.query()}",
        "feeds_href": reverse("calendar-feeds", args=[request.framework.slug]),
        "saved": shown(request),
        "breadcrumbs": crumbs(request, _("Calendar"), ("deadlines", _("Deadlines"))),
    }
    return TemplateResponse(request, "portal/calendar.html", context)


def deadlines(request, wanted, first, *, now):
    """The deadlines of the month that fit the filters."""
    soon = due.edge(request.framework, now=now)
    found = due.wanted(request.access, replace(wanted, state=wanted.state or due.ALL), now=now)
    found = found.filter(
        dropped_at__isnull=True,
        due_at__gte=clock.start_of_day(first),
        due_at__lte=clock.end_of_day(months.last_day(first)),
    ).order_by("due_at", "pk")
    for one in due.with_subjects(found, request.access):
        words, colour = due.standing(one, now=now, soon=soon)
        text = due.duty(one)
        if due.in_hours(one):
            text = _("%(time)s: %(duty)s") % {"time": londontime(one.due_at), "duty": text}
        yield (
            clock.london_date(one.due_at),
            months.Entry(text, due.href(one, request.framework), colour, due.subject_words(one), words),
        )


def meetings(request, first):
    """The meetings of the month that the reader may see."""
    found = subjects.rows(Meeting, request.access).filter(
        starts_at__gte=clock.start_of_day(first), starts_at__lte=clock.end_of_day(months.last_day(first))
    )
    rows = list(found.exclude(status=Meeting.Status.CANCELLED).select_related("board").order_by("starts_at"))
    notes = about(request, rows)
    for one in rows:
        text = _("%(time)s: %(meeting)s") % {"time": londontime(one.starts_at), "meeting": meeting_of(one.board)}
        entry = months.Entry(text, meeting_href(one, request.framework), "meeting", notes.get(one.pk, ""))
        yield clock.london_date(one.starts_at), entry


def about(request, rows) -> dict[int, str]:
    """Meeting of parties → what it is about, so far as the reader may see it: two on one day have the same name."""
    parties = [one.pk for one in rows if one.board.kind == Board.Kind.PARTIES]
    found: dict[int, list[str]] = {}
    if parties:
        items = AgendaItem.objects.visible_to(request.access).standing().filter(meeting__in=parties)
        for meeting, title in items.order_by("order", "pk").values_list("meeting", "title"):
            found.setdefault(meeting, []).append(title)
    return {meeting: ", ".join(titles[:3]) for meeting, titles in found.items()}


def meeting_href(meeting, framework) -> str:
    """The page of the meeting, once there is one."""
    try:
        return reverse("meeting", args=[framework.slug, meeting.pk])
    except NoReverseMatch:
        return ""


def month_words(first) -> str:
    """ "March 2027"."""
    return format_date(first, "F Y")


def link(request, first) -> dict | None:
    """The address of another month, with the same filters."""
    if first is None:
        return None
    query = request.GET.copy()
    query["month"] = f"{first:%Y-%m}"
    return {"text": month_words(first), "href": f"?{query.urlencode()}"}
