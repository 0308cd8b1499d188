"""Minutes: read, write, finish, circulate, correct; decisions on items that have no form of their own (HAR-6.6)."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import clock, handing_over, minutes, packs
from portal.agenda_page import parts_of
from portal.agendas import Overtaken
from portal.downloads import as_download
from portal.errors import StateError
from portal.meeting_forms import CorrectionForm, ItemDecisionForm, MinuteForm
from portal.models import Decision, Meeting, Minute, MinuteCorrection, OutgoingEmail
from portal.papers import PDF
from portal.permissions import Perm
from portal.rates import limited
from portal.templatetags.dates import isodate, longdatetime
from portal.tenancy import scoped
from portal.views_agenda import again, made
from portal.views_meetings import (
    COLOURS,
    below,
    find_item,
    find_meeting,
    form_page,
    href,
    minutes_elsewhere,
    who_was_there,
)
from portal.views_people import posted

DELIVERY: dict[str, str] = {
    OutgoingEmail.Status.QUEUED: "grey", OutgoingEmail.Status.SENDING: "grey", OutgoingEmail.Status.SENT: "green",
    OutgoingEmail.Status.DELIVERED: "green", OutgoingEmail.Status.BOUNCED: "red", OutgoingEmail.Status.DEAD: "red",
    OutgoingEmail.Status.DROPPED: "grey",
}  # fmt: skip


def find_minutes(request, pk: int) -> Meeting:
    """A meeting whose minutes the reader may read: secretaries while they are written, everybody once they circulate."""
    found = find_meeting(request, pk)
    if found.status in {Meeting.Status.PLANNED, Meeting.Status.CANCELLED}:
        raise StateError(_("%(meeting)s has no minutes.") % {"meeting": found})
    if found.status != Meeting.Status.CIRCULATED and not request.access.can(Perm.DECIDE):
        raise StateError(
            _("The minutes of %(meeting)s have not been circulated yet.") % {"meeting": found},
            _("You are told by email when they are there."),
        )
    return found


@scoped()
@require_safe
def minutes_page(request, pk: int) -> HttpResponse:
    """The minutes, item by item; for secretaries what is still to be written, and how far they have reached."""
    found = find_minutes(request, pk)
    status, secretary = found.status, request.access.can(Perm.DECIDE)
    elsewhere = minutes_elsewhere(request, found)
    secretary = secretary and elsewhere is None
    writes = secretary and status in minutes.WRITABLE
    corrects = secretary and status == Meeting.Status.CIRCULATED
    parts = {} if elsewhere else parts_of(found, request.access)
    duty = minutes.duty(found).first()
    context = {
        "meeting": found,
        "colours": COLOURS,
        "duty": duty,
        "elsewhere": [elsewhere] if elsewhere else [],
        "parts": [
            {
                "is_restricted": part == packs.RESTRICTED,
                "heading": _("Restricted part") if part == "restricted" else _("Items"),
                "pdf_href": href(request, "minutes-pdf", found.pk, part),
                "entries": [
                    shown(request, entry, writes=writes, corrects=corrects) for entry in entries if entry.whole
                ],
            }
            for part, entries in parts.items()
            if any(entry.whole for entry in entries)
        ],
        "writes": writes,
        "may_finish": secretary and status == Meeting.Status.HELD,
        "may_circulate": secretary and status == Meeting.Status.MINUTED,
        "may_send_corrections": corrects and is_corrected(found),
        "circulations": [shown_circulation(one) for one in found.circulations.all()] if secretary else [],
        "delivery_headers": [_("Organisation"), _("Person"), _("Delivery")],
        **who_was_there(request, found),
        "breadcrumbs": below(request, found, _("Minutes")),
    }
    return TemplateResponse(request, "portal/minutes.html", context)


def is_corrected(found: Meeting) -> bool:
    """Was anything corrected since the last circulation?"""
    last = found.circulations.order_by("number").last()
    return last is not None and MinuteCorrection.objects.filter(item__meeting=found, made_at__gt=last.made_at).exists()


def shown(request, entry, *, writes: bool, corrects: bool) -> dict:
    """One item of the minutes."""
    item = entry.item
    return {
        "entry": entry,
        "item": item,
        "minute": getattr(item, "minute", None),
        "decisions": [decision_rows(decision) for decision in entry.decisions],
        "write_href": href(request, "minute-write", item.pk) if writes else "",
        "decide_href": (item.href or href(request, "item-decide", item.pk)) if writes else "",
        "correct_href": href(request, "minute-correct", item.pk) if corrects else "",
    }


def decision_rows(decision: Decision) -> list[dict]:
    """A decision as a summary list."""
    rows: list[dict] = [
        {"key": _("Decision"), "value": decision.get_outcome_display()},
        {"key": _("Reference"), "value": decision.reference},
    ]
    if decision.votes_for is not None or decision.votes_against is not None:
        votes = {"for": decision.votes_for or 0, "against": decision.votes_against or 0}
        rows.append({"key": _("Votes"), "value": _("%(for)d for, %(against)d against") % votes})
    for key, text in ((_("Listed changes"), decision.listed_changes), (_("In words"), decision.reason)):
        if text:
            rows.append({"key": key, "lines": text.split("\n")})
    return rows


def shown_circulation(circulation) -> dict:
    """Who got it, and how far the mail to each has come: sent means accepted by the server, and no more."""
    mails = minutes.deliveries(circulation)
    rows = []
    for recipient in circulation.recipients.select_related("organisation", "user"):
        mail = mails.get(recipient.user_id)
        state: dict = {"tag": mail.get_status_display(), "colour": DELIVERY[mail.status]} if mail else {"value": "–"}
        if mail and mail.status == OutgoingEmail.Status.SENT:
            state |= {"tag": _("Accepted by the mail server"), "note": longdatetime(mail.sent_at)}
        if recipient.user is None:
            state = {"tag": _("Nobody to tell"), "colour": "red"}
        rows.append(
            [recipient.organisation.name, {"value": getattr(recipient.user, "full_name", ""), "empty": "–"}, state]
        )
    return {"circulation": circulation, "rows": rows}


@scoped(Perm.DECIDE)
@require_http_methods(["GET", "HEAD", "POST"])
def write(request, pk: int) -> HttpResponse:
    """The minutes of one item."""
    item = find_item(request, pk)
    if item.meeting.status not in minutes.WRITABLE:
        raise StateError(
            _("%(meeting)s is “%(state)s”. Minutes are written once it was held, until they are circulated.")
            % {"meeting": item.meeting, "state": item.meeting.get_status_display()}
        )
    handing_over.require_own(item.meeting)
    held = Minute.objects.filter(item=item).first()
    initial = {"text": held.text, "revision": held.revision} if held else {"revision": 0}
    form = MinuteForm(posted(request), initial=initial)
    more: dict = {"intro": item.title}
    status, back = 200, href(request, "minutes", item.meeting_id) + f"#item-{item.pk}"
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            minutes.write(item, data["text"], revision=data["revision"] or 0, by=request.user, now=clock.now())
        except Overtaken as error:
            held = Minute.objects.get(item=item)
            form, status = again(form, held), 409
            more |= {"clash": error.explanation, "theirs": [{"heading": "", "text": held.text}]}
        else:
            messages.success(request, _("Saved."))
            return redirect(back)
    response = form_page(request, item.meeting, form, _("Minutes of this item"), _("Save"), back=back, **more)
    response.status_code = status
    return response


@scoped(Perm.DECIDE)
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request, pk: int) -> HttpResponse:
    """What the meeting decided on an item; only if it was quorate (HAR-6.3)."""
    item = find_item(request, pk)
    quorum = item.meeting.require_quorate()
    if item.subject_type_id:
        raise StateError(
            _("The decision on this item is recorded on the page of what it is about."),
            _("Follow the link of the item."),
        )
    form = ItemDecisionForm(posted(request), quorum=quorum)
    if request.method == "POST" and form.is_valid():
        Decision.objects.record(
            item, meeting=item.meeting, item=item, board=item.meeting.board,
            decided_on=clock.london_date(item.meeting.starts_at), **form.cleaned_data, by=request.user, now=clock.now(),
        )  # fmt: skip
        messages.success(request, _("The decision is recorded."))
        return redirect(href(request, "minutes", item.meeting_id) + f"#item-{item.pk}")
    needed = ngettext(
        "%(present)d of %(members)d organisations were there. %(majority)d vote makes a majority.",
        "%(present)d of %(members)d organisations were there. %(majority)d votes make a majority.",
        quorum.majority,
    ) % {"present": quorum.present, "members": quorum.members, "majority": quorum.majority}
    return form_page(
        request, item.meeting, form, _("Record the decision"), _("Record the decision"), intro=item.title, help=needed
    )


@scoped(Perm.DECIDE)
@require_POST
def finish(request, pk: int) -> HttpResponse:
    """The minutes are written."""
    found = find_meeting(request, pk)
    minutes.finish(found, by=request.user, now=clock.now())
    messages.success(request, _("The minutes are written. Circulate them when they are checked."))
    return redirect(href(request, "minutes", found.pk))


@scoped(Perm.DECIDE)
@require_POST
def circulate(request, pk: int) -> HttpResponse:
    """To all who sit on the board; or the corrections, once they were circulated."""
    found = find_meeting(request, pk)
    if found.status == Meeting.Status.CIRCULATED:
        minutes.circulate_corrections(found, by=request.user, now=clock.now())
    else:
        minutes.circulate(found, by=request.user, now=clock.now())
    messages.success(request, _("The minutes are on their way. This page shows how far they have come."))
    return redirect(href(request, "minutes", found.pk))


@scoped(Perm.DECIDE)
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request, pk: int) -> HttpResponse:
    """A correction of circulated minutes: a new record beside the old one."""
    item = find_item(request, pk)
    if item.meeting.status != Meeting.Status.CIRCULATED:
        raise StateError(_("These minutes have not been circulated: change their text."))
    handing_over.require_own(item.meeting)
    held = Minute.objects.filter(item=item).first()
    form = CorrectionForm(posted(request), initial={"text": held.text if held else ""})
    if request.method == "POST" and form.is_valid():
        minutes.correct(item, **form.cleaned_data, by=request.user, now=clock.now())
        messages.success(request, _("The correction is recorded. Circulate it when you are done."))
        return redirect(href(request, "minutes", item.meeting_id) + f"#item-{item.pk}")
    return form_page(
        request, item.meeting, form, _("Correct the minutes"), _("Record the correction"), intro=item.title,
        back=href(request, "minutes", item.meeting_id),
    )  # fmt: skip


@scoped()
@require_safe
@limited("pack", limit_get=True)
def minutes_pdf(request, pk: int, part: str) -> HttpResponse:
    """The minutes of one part, as this reader may see it."""
    found = find_minutes(request, pk)
    handing_over.require_own(found)
    if not any(entry.whole for entry in packs.entries_of(found, request.access, part)):
        raise Http404
    content = made(lambda: packs.minutes_file(found, request.access, part, now=clock.now()))
    return as_download(content, f"minutes-{isodate(clock.london_date(found.starts_at))}-{part}.pdf", PDF)
