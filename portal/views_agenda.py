"""The agenda: items, their order, papers, board papers, the pack; published to those who sit on the board."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import agendas, board_papers, clock, packs
from portal.agendas import Overtaken
from portal.downloads import as_download
from portal.errors import StateError
from portal.meeting_forms import ItemForm, PaperForm, SectionsForm
from portal.models import AgendaItem, AuditEvent, BoardPaper, Meeting, Paper
from portal.papers import DOCX, PDF
from portal.pdf import RenderError
from portal.permissions import Perm
from portal.rates import limited
from portal.templatetags.dates import isodate
from portal.tenancy import scoped
from portal.views_meetings import find_item, find_meeting, form_page, href
from portal.views_people import posted


def back(request, item: AgendaItem) -> HttpResponse:
    """To the agenda, at this item."""
    return redirect(href(request, "meeting", item.meeting_id) + f"#item-{item.pk}")


@scoped(Perm.DECIDE)
@require_POST
def update(request, pk: int) -> HttpResponse:
    """Put on the agenda what has become due since."""
    found = find_meeting(request, pk)
    if agendas.compile_due(found, by=request.user, now=clock.now()):
        messages.success(request, _("What became due is on the agenda."))
    else:
        messages.success(request, _("Nothing else is due to this board by this meeting."))
    return redirect(href(request, "meeting", found.pk))


@scoped(Perm.DECIDE)
@require_POST
def publish(request, pk: int) -> HttpResponse:
    """Tell those who sit on the board that the agenda is there."""
    found = find_meeting(request, pk)
    agendas.send(found, by=request.user, now=clock.now())
    messages.success(request, _("The agenda is published. Those who sit on the board are told by email."))
    return redirect(href(request, "meeting", found.pk))


@scoped(Perm.DECIDE)
@require_http_methods(["GET", "HEAD", "POST"])
def item_new(request, pk: int) -> HttpResponse:
    """An item of the secretary's own."""
    found = find_meeting(request, pk)
    require_open(found)
    form = ItemForm(posted(request))
    if request.method == "POST" and form.is_valid():
        item = agendas.add(found, **form.cleaned_data, by=request.user, now=clock.now())
        messages.success(request, _("The item is on the agenda."))
        return back(request, item)
    return form_page(request, found, form, _("Add an item"), _("Add the item"))


def require_open(meeting: Meeting) -> None:
    """Raises StateError once the agenda cannot be changed any more: a page then shows no form."""
    if meeting.status not in agendas.OPEN:
        raise StateError(
            _("%(meeting)s is “%(state)s”, so its agenda cannot be changed any more.")
            % {"meeting": meeting, "state": meeting.get_status_display()}
        )


@scoped(Perm.DECIDE)
@require_http_methods(["GET", "HEAD", "POST"])
def item_edit(request, pk: int) -> HttpResponse:
    """Title, note, open or restricted."""
    item = find_item(request, pk)
    require_open(item.meeting)
    initial = {"title": item.title, "note": item.note, "paragraph": item.paragraph}
    form = ItemForm(posted(request), initial=initial, always_restricted=item.always_restricted)
    if request.method == "POST" and form.is_valid():
        agendas.edit(item, **form.cleaned_data, by=request.user, now=clock.now())
        messages.success(request, _("Saved."))
        return back(request, item)
    return form_page(request, item.meeting, form, _("Change the item"), _("Save"))


@scoped(Perm.DECIDE)
@require_POST
def item_move(request, pk: int, where: str) -> HttpResponse:
    """One place up or down."""
    item = find_item(request, pk)
    seen = AgendaItem.objects.visible_to(request.access)
    agendas.shift(item, up=where == "up", among=seen, by=request.user, now=clock.now())
    return back(request, item)


@scoped(Perm.DECIDE)
@require_POST
def item_remove(request, pk: int) -> HttpResponse:
    """Off the agenda; it can be put back."""
    item = find_item(request, pk)
    agendas.remove(item, by=request.user, now=clock.now())
    messages.success(request, _("The item is off the agenda. It can be put back."))
    return redirect(href(request, "meeting", item.meeting_id))


@scoped(Perm.DECIDE)
@require_POST
def item_put_back(request, pk: int) -> HttpResponse:
    """On the agenda again."""
    item = find_item(request, pk, removed=True)
    agendas.put_back(item, by=request.user, now=clock.now())
    return back(request, item)


# --- papers


@scoped(Perm.DECIDE)
@require_http_methods(["GET", "HEAD", "POST"])
def paper_new(request, pk: int) -> HttpResponse:
    """Attach a file to an item."""
    item = find_item(request, pk)
    require_open(item.meeting)
    form = PaperForm(posted(request), request.FILES if request.method == "POST" else None, restricted=item.restricted)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        agendas.attach(
            item,
            data["file"],
            title=data["title"],
            paragraph=data.get("paragraph", ""),
            by=request.user,
            now=clock.now(),
        )
        messages.success(request, _("The paper is attached."))
        return back(request, item)
    return form_page(request, item.meeting, form, _("Attach a paper"), _("Attach the paper"), intro=item.title)


def find_paper(request, pk: int) -> Paper:
    """A paper that the reader may see, or 404."""
    found = Paper.objects.visible_to(request.access).select_related("file", "item__meeting__board", "item__framework")
    paper = found.filter(pk=pk).first()
    if paper is None:
        raise Http404
    return paper


@scoped()
@require_safe
def paper(request, pk: int) -> HttpResponse:
    """Download a paper. Reading a restricted one is recorded."""
    found = find_paper(request, pk)
    content = found.file.content()
    if found.restricted and request.method == "GET":
        AuditEvent.objects.record(
            "portal.paper:fetched", found.item, by=request.user, now=clock.now(), sha256=found.file.sha256
        )
    return as_download(content, found.file.name, found.file.media_type)


@scoped(Perm.DECIDE)
@require_POST
def paper_remove(request, pk: int) -> HttpResponse:
    """Off its item."""
    found = find_paper(request, pk)
    agendas.detach(found, by=request.user, now=clock.now())
    messages.success(request, _("The paper is taken off."))
    return back(request, found.item)


# --- the board paper


@scoped(Perm.DECIDE)
@require_http_methods(["GET", "HEAD", "POST"])
def board_paper(request, pk: int) -> HttpResponse:
    """The report to the board on an item, under the headings of the body (DUD-17)."""
    item = find_item(request, pk)
    require_open(item.meeting)
    held = BoardPaper.objects.filter(item=item).first()
    sections = held.sections if held else board_papers.beginning(item)
    headings = [one["heading"] for one in sections]
    initial = {f"section_{number}": one["text"] for number, one in enumerate(sections)}
    form = SectionsForm(
        posted(request), headings=headings, initial=initial | {"revision": held.revision if held else 0}
    )
    more: dict = {"intro": item.title, "pdf_href": "", "word_href": ""}
    if held:
        more |= {"pdf_href": href(request, "board-paper-pdf", pk), "word_href": href(request, "board-paper-word", pk)}
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            agendas.write_paper(
                item, form.sections, revision=form.cleaned_data["revision"] or 0, by=request.user, now=clock.now()
            )
        except Overtaken as error:
            form, more["theirs"], status = again(form, BoardPaper.objects.get(item=item)), text_of(item), 409
            more["clash"] = error.explanation
        else:
            messages.success(request, _("The board paper is saved."))
            return redirect(href(request, "board-paper", pk))
    response = form_page(
        request, item.meeting, form, _("Board paper"), _("Save"), back=href(request, "meeting", item.meeting_id), **more
    )
    response.status_code = status
    return response


def again(form, row):
    """The form with what was typed, ready to replace what stands now."""
    data = form.data.copy()
    data["revision"] = row.revision
    kind = type(form)
    return kind(data, headings=form.headings) if hasattr(form, "headings") else kind(data)


def text_of(item: AgendaItem) -> list[dict]:
    """What somebody else wrote meanwhile."""
    paper = BoardPaper.objects.get(item=item)
    return [one for one in paper.sections if one["text"].strip()]


def written_paper(request, pk: int) -> AgendaItem:
    """An item with its board paper, or 404."""
    item = find_item(request, pk)
    if not BoardPaper.objects.filter(item=item).exists():
        raise Http404
    return item


@scoped()
@require_safe
@limited("pack", limit_get=True)
def board_paper_pdf(request, pk: int) -> HttpResponse:
    """The board paper as PDF."""
    item = written_paper(request, pk)
    content = made(lambda: board_papers.as_pdf(item, now=clock.now()))
    return as_download(content, f"board-paper-{item.pk}.pdf", PDF)


@scoped()
@require_safe
def board_paper_word(request, pk: int) -> HttpResponse:
    """The board paper as a Word document."""
    item = written_paper(request, pk)
    return as_download(board_papers.as_word(item), f"board-paper-{item.pk}.docx", DOCX)


def made(make) -> bytes:
    """A file, or a 409 page that says why it cannot be made."""
    try:
        return make()
    except (RenderError, OSError, ValueError) as error:
        raise StateError(str(error), _("Read it on its page, or print that page.")) from error


# --- the pack


@scoped()
@require_safe
@limited("pack", limit_get=True)
def pack(request, pk: int, part: str) -> HttpResponse:
    """The agenda pack, open or restricted, as this reader may see it."""
    found = find_meeting(request, pk)
    if not packs.entries_of(found, request.access, part):
        raise Http404
    content = made(lambda: packs.agenda_pack(found, request.access, part, now=clock.now()))
    return as_download(content, f"agenda-{isodate(clock.london_date(found.starts_at))}-{part}.pdf", PDF)
