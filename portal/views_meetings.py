"""Meetings: the list, one meeting, plan, move, cancel, record that it was held."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from portal import boards, clock, handing_over, meetings, subjects
from portal.agenda_page import parts_of
from portal.deadlines import RULES
from portal.errors import StateError
from portal.meeting_forms import AttendanceForm, BoardRulesForm, CancelForm, MoveForm, PlanForm
from portal.models import AgendaItem, AuditEvent, Board, DeadlineChange, Meeting
from portal.permissions import Perm
from portal.templatetags.dates import londontime, longdate, longdatetime
from portal.tenancy import scoped
from portal.views_people import crumbs, posted

PER_PAGE = 25
# What a secretary does with a meeting: Perm.DECIDE
COLOURS = {"planned": "blue", "held": "yellow", "minuted": "yellow", "circulated": "green", "cancelled": "grey"}


def find_meeting(request, pk: int) -> Meeting:
    """A meeting that the reader may see, or 404."""
    found = Meeting.objects.visible_to(request.access).select_related("board__subject_type", "framework").filter(pk=pk)
    meeting = found.first()
    if meeting is None:
        raise Http404
    return meeting


def find_item(request, pk: int, *, removed=False) -> AgendaItem:
    """An item that the reader may see, or 404."""
    found = AgendaItem.objects.visible_to(request.access).select_related("meeting__board", "meeting__framework")
    item = found.filter(pk=pk, removed_at__isnull=not removed).first()
    if item is None:
        raise Http404
    return item


def href(request, name: str, *args) -> str:
    """An address in the framework."""
    return reverse(name, args=[request.framework.slug, *args])


def below(request, meeting: Meeting, here: str) -> list[tuple[str, str]]:
    """Breadcrumbs of a page below a meeting."""
    steps = crumbs(request, here, ("meetings", _("Meetings")))
    return [*steps[:-1], (words_of(meeting), href(request, "meeting", meeting.pk)), steps[-1]]


def words_of(meeting: Meeting) -> str:
    """ "Safer Communities Board, 27 March 2027"."""
    return f"{meeting.board.name}, {longdate(meeting.starts_at)}"


def form_page(request, meeting: Meeting, form, heading: str, submit: str, *, back: str = "", **more) -> HttpResponse:
    """A form below a meeting."""
    context = {
        "form": form,
        "caption": words_of(meeting),
        "heading": heading,
        "submit": submit,
        "breadcrumbs": below(request, meeting, heading),
        "cancel_href": back or href(request, "meeting", meeting.pk),
    }
    return TemplateResponse(request, "portal/meeting_form.html", context | more)


@scoped()
@require_safe
def meetings_list(request) -> HttpResponse:
    """To come and past, of every board that the reader may see or of one of them."""
    visible = Board.objects.visible_to(request.access)
    wanted = request.GET.get("board", "")
    board = visible.filter(pk=wanted).first() if wanted.isdecimal() and len(wanted) < 19 else None
    found = Meeting.objects.visible_to(request.access).select_related("board")
    if board is not None:
        found = found.filter(board=board)
    now = clock.now()
    to_come = found.filter(status=Meeting.Status.PLANNED).order_by("starts_at", "pk")
    past = Paginator(found.exclude(status=Meeting.Status.PLANNED).order_by("-starts_at", "-pk"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "headers": [_("Date"), _("Board"), _("Place"), _("State")],
        "to_come": [row_of(request, meeting, now=now) for meeting in to_come],
        "past": [row_of(request, meeting, now=now) for meeting in past],
        "page": past,
        "boards": visible,
        "board": board,
        "rules_href": href(request, "board-rules", board.pk) if board and request.access.can(Perm.CONFIGURE) else "",
        "rules": rules_of(board) if board else [],
        "new_href": href(request, "meeting-new") + (f"?board={board.pk}" if board else "")
        if request.access.can(Perm.DECIDE) else "",
        "breadcrumbs": crumbs(request, _("Meetings")),
    }  # fmt: skip
    return TemplateResponse(request, "portal/meetings.html", context)


def row_of(request, meeting: Meeting, *, now) -> list:
    """One row of the list."""
    state = {"tag": meeting.get_status_display(), "colour": COLOURS[meeting.status]}
    if meeting.status == Meeting.Status.PLANNED and meeting.starts_at < now:
        state = {"tag": _("To be recorded"), "colour": "orange"}
    when = {"value": longdate(meeting.starts_at), "link": href(request, "meeting", meeting.pk),
            "link_hidden": meeting.board.name, "note": londontime(meeting.starts_at)}  # fmt: skip
    return [when, meeting.board.name, {"value": meeting.place, "empty": _("Not said")}, state]


def rules_of(board: Board) -> list[dict]:
    """Quorum and majority, as a summary list."""
    return [
        {"key": _("Quorum"), "value": _("%(percent)d%% of its organisations") % {"percent": board.quorum_percent}},
        {"key": _("Majority"), "value": board.get_majority_display()},
    ]


@scoped(Perm.DECIDE)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request) -> HttpResponse:
    """Plan a meeting."""
    choices = Board.objects.visible_to(request.access)
    form = PlanForm(posted(request), boards=choices, initial={"board": request.GET.get("board"), "time": "10:00"})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        meeting = meetings.plan(
            data["board"], starts_at=data["starts_at"], place=data["place"], by=request.user, now=clock.now()
        )
        messages.success(request, _("The meeting is planned. What is due by then is on its agenda."))
        return redirect(href(request, "meeting", meeting.pk))
    context = {
        "form": form,
        "heading": _("Plan a meeting"),
        "submit": _("Plan the meeting"),
        "breadcrumbs": crumbs(request, _("Plan a meeting"), ("meetings", _("Meetings"))),
        "cancel_href": href(request, "meetings"),
    }
    return TemplateResponse(request, "form_page.html", context)


@scoped()
@require_safe
def meeting(request, pk: int) -> HttpResponse:
    """One meeting: when, where, its agenda with papers, who was there, what moved with it."""
    found = find_meeting(request, pk)
    status, secretary = Meeting.Status, request.access.can(Perm.DECIDE)
    parts = parts_of(found, request.access)
    changeable = secretary and found.status in {status.PLANNED, status.HELD}
    visible = AgendaItem.objects.visible_to(request.access).filter(meeting=found)
    context = {
        "meeting": found,
        "colours": COLOURS,
        "rows": rows_of(request, found),
        "parts": shown_parts(request, parts, changeable=changeable, is_planned=found.status == status.PLANNED),
        "removed": visible.filter(removed_at__isnull=False).order_by("order") if changeable else [],
        "changeable": changeable,
        "moved": what_moved(request, found),
        "move_headers": [_("What"), _("Before"), _("Now")],
        "is_planned": found.status == status.PLANNED,
        "has_begun": found.starts_at <= clock.now(),
        "secretary": secretary,
        **who_was_there(request, found),
        "may_correct": secretary and found.status in {status.HELD, status.MINUTED} and not refused(request, found),
        "refused": refused(request, found) if secretary and found.status == status.PLANNED else None,
        "has_minutes": found.minuted_with_id is None
        and found.status in {status.CIRCULATED, status.MINUTED, status.HELD},
        "breadcrumbs": crumbs(request, words_of(found), ("meetings", _("Meetings"))),
    }
    return TemplateResponse(request, "portal/meeting.html", context)


def refused(request, found: Meeting) -> StateError | None:
    """Why a guard refuses this reader to change it, and who can (HAR-6.4)."""
    try:
        meetings.ask(found, by=request.user)
    except StateError as error:
        return error
    return None


def rows_of(request, found: Meeting) -> list[dict]:
    """The summary list of a meeting."""
    rows = [
        {"key": _("When"), "value": longdatetime(found.starts_at)},
        {"key": _("Where"), "value": found.place, "empty": _("Not said yet")},
        {
            "key": _("Agenda published"),
            "value": longdatetime(found.agenda_sent_at),
            "empty": _("Not yet") if found.status == Meeting.Status.PLANNED else _("Not published"),
        },
    ]
    kind = subjects.kind_of(found.board.subject) if found.board.subject else None
    if kind:
        rows.insert(
            0,
            {"key": _("Parties of"), "value": kind.words(found.board.subject), "link": kind.href(found.board.subject)},
        )
    if where := minutes_elsewhere(request, found):
        rows.append(where)
    return rows + rules_of(found.board)


def minutes_elsewhere(request, found: Meeting) -> dict | None:
    """Where the minutes are of a meeting that was about one thing alone (portal.handing_over): a row of its summary list.
    What it was about is named to those only who may see that (HAR-6.4)."""
    if found.minuted_with_id is None:
        return None
    words = _("They are written with what the meeting was about.")
    if found.status == Meeting.Status.CIRCULATED:
        words = _("They were circulated with what the meeting was about.")
    item = AgendaItem.objects.filter(subjects.visible(request.access), pk=found.minuted_with_id).first()
    if item is None:
        return {"key": _("Minutes"), "value": words}
    return {"key": _("Minutes"), "value": item.title, "link": item.href, "note": words}


def shown_parts(request, parts: dict, *, changeable: bool, is_planned: bool) -> list[dict]:
    """The parts that hold something, with the words and addresses of each item."""
    headings = {"open": _("Agenda"), "restricted": _("Restricted part")}
    items = [entry.item.pk for entries in parts.values() for entry in entries if entry.item.href]
    nothing = _("Nothing is on the agenda yet.") if is_planned else _("Nothing was on the agenda.")
    if parts["restricted"]:
        nothing = _("All items of this agenda are restricted.")
    known = set()
    if items:  # what the items are about, as far as it is there for the reader
        about = AgendaItem.objects.filter(subjects.visible(request.access), pk__in=items)
        known = set(about.values_list("pk", flat=True))
    return [
        {
            "part": part,
            "heading": headings[part],
            "nothing": nothing,
            "pack_href": "" if not entries else href(request, "meeting-pack", entries[0].item.meeting_id, part),
            "entries": [shown_item(request, entry, entries, known, changeable=changeable) for entry in entries],
        }
        for part, entries in parts.items()
        if entries or part == "open"
    ]


def shown_item(request, entry, entries, known, *, changeable: bool) -> dict:
    """One item as the page shows it."""
    item, whole = entry.item, [one.item.pk for one in entries if one.whole]
    return {
        "entry": entry,
        "item": item,
        "subject_href": item.href if item.pk in known else "",
        "papers": [
            {
                "paper": paper,
                "href": href(request, "paper", paper.pk),
                "why": paper.why,
                "note": _("PDF, %(pages)d pages") % {"pages": paper.pages} if paper.pages else _("Word document"),
            }
            for paper in entry.papers
        ],
        "has_paper": entry.whole and hasattr(item, "board_paper"),
        "may_change": changeable and entry.whole,
        "is_first": not whole or item.pk == whole[0],
        "is_last": not whole or item.pk == whole[-1],
    }


def who_was_there(request, found: Meeting) -> dict:
    """Attendance and quorum. Of a meeting about one thing alone that counts by itself, its page says who counted: here it
    says no other number, nor that somebody was away of whom it was not asked (HAR-6.3)."""
    rows = list(found.attendance.select_related("organisation"))
    counted = None
    if rows and found.board.kind == Board.Kind.PARTIES:
        seen = AgendaItem.objects.visible_to(request.access).standing()  # what a session hides is not there (HAR-6.4)
        counted = handing_over.counted_elsewhere(found, seen)
    return {
        "attendance": [attendance_row(row, _("Not recorded") if counted else _("No")) for row in rows],
        "attendance_headers": [_("Organisation"), _("Was there"), _("Who came")],
        "counted_elsewhere": counted,
        "quorum": found.quorum() if rows else None,
    }


def attendance_row(row, otherwise: str) -> list:
    """One organisation."""
    there = {"tag": _("Yes"), "colour": "green"} if row.present else {"tag": otherwise, "colour": "grey"}
    return [row.organisation.name, there, {"value": row.people, "empty": "–"}]


def what_moved(request, found: Meeting) -> dict | None:
    """The last move of the meeting, and the deadlines that were counted again in its act (HAR-5.3, READ-6)."""
    move = AuditEvent.objects.about(found).filter(verb="portal.meeting:moved").order_by("pk").last()
    if move is None:
        return None
    visible = subjects.visible(request.access, subject_type="deadline__subject_type", subject_id="deadline__subject_id")
    changes = DeadlineChange.objects.filter(visible, changed_at=move.at).select_related("deadline")
    return {
        "at": move.at,
        "was": meetings.was_of(move),
        "reason": move.payload.get("reason", ""),
        "rows": [change_row(change) for change in changes],
    }


def change_row(change: DeadlineChange) -> list:
    """A deadline that moved with the meeting."""
    subject = change.deadline.subject
    kind = subjects.kind_of(subject) if subject is not None else None
    name = {"value": str(RULES[change.deadline.rule].duty), "note": kind.words(subject) if kind else ""}
    if kind:
        name["link"] = kind.href(subject)
    return [name, longdate(change.was_due_at), longdate(change.due_at)]


@scoped(Perm.DECIDE)
@require_http_methods(["GET", "HEAD", "POST"])
def move(request, pk: int) -> HttpResponse:
    """Another date, time or place; what depends on it is counted again, and shown."""
    found = find_meeting(request, pk)
    meetings.require_planned(found)
    meetings.ask(found, by=request.user)
    local = found.starts_at.astimezone(clock.LONDON)
    initial = {"day": local.date(), "time": f"{local:%H:%M}", "place": found.place}
    form = MoveForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        meetings.move(
            found,
            starts_at=data["starts_at"],
            place=data["place"],
            reason=data["reason"],
            by=request.user,
            now=clock.now(),
        )
        messages.success(request, _("The meeting is moved. What depends on its date was counted again."))
        return redirect(href(request, "meeting", found.pk))
    return form_page(request, found, form, _("Move the meeting"), _("Move the meeting"))


@scoped(Perm.DECIDE)
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request, pk: int) -> HttpResponse:
    """It does not take place."""
    found = find_meeting(request, pk)
    found.require_step(Meeting.Status.CANCELLED)
    meetings.ask(found, by=request.user)
    form = CancelForm(posted(request))
    if request.method == "POST" and form.is_valid():
        meetings.cancel(found, reason=form.cleaned_data["reason"], by=request.user, now=clock.now())
        messages.success(request, _("The meeting is cancelled."))
        return redirect(href(request, "meeting", found.pk))
    return form_page(request, found, form, _("Cancel the meeting"), _("Cancel the meeting"), submit_variant="warning")


@scoped(Perm.DECIDE)
@require_http_methods(["GET", "HEAD", "POST"])
def hold(request, pk: int) -> HttpResponse:
    """It took place, and these were there; or, once it is recorded, put right who was there."""
    found = find_meeting(request, pk)
    recorded = found.status in {Meeting.Status.HELD, Meeting.Status.MINUTED}
    if not recorded:
        meetings.require_begun(found, now=clock.now())
    meetings.ask(found, by=request.user)
    rows = {row.organisation_id: row for row in found.attendance.select_related("organisation")}
    organisations = [row.organisation for row in rows.values()] if recorded else boards.organisations_of(found.board)
    initial: dict = {"present": [str(pk) for pk, row in rows.items() if row.present]}
    initial |= {f"people_{pk}": row.people for pk, row in rows.items()}
    form = AttendanceForm(posted(request), organisations=organisations, initial=initial)
    if request.method == "POST" and form.is_valid():
        act = meetings.correct_attendance if recorded else meetings.hold
        act(found, present=form.who, by=request.user, now=clock.now())
        messages.success(request, _("Recorded."))
        return redirect(href(request, "meeting", found.pk))
    heading = _("Who was there") if recorded else _("Record that the meeting was held")
    return form_page(request, found, form, heading, _("Save") if recorded else _("Record the meeting"))


@scoped(Perm.CONFIGURE)
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request, pk: int) -> HttpResponse:
    """Quorum, majority and the headings of papers of a board."""
    board = Board.objects.visible_to(request.access).filter(pk=pk).first()
    if board is None:
        raise Http404
    form = BoardRulesForm(posted(request), instance=board, initial={"headings": "\n".join(board.paper_headings)})
    if request.method == "POST" and form.is_valid():
        meetings.change_rules(board, **form.cleaned_data, by=request.user, now=clock.now())
        messages.success(request, _("Saved."))
        return redirect(href(request, "meetings") + f"?board={board.pk}")
    context = {
        "form": form,
        "caption": board.name,
        "heading": _("Quorum, majority and papers"),
        "breadcrumbs": crumbs(request, _("Quorum, majority and papers"), ("meetings", _("Meetings"))),
        "cancel_href": href(request, "meetings") + f"?board={board.pk}",
    }
    return TemplateResponse(request, "form_page.html", context)
