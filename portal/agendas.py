"""The agenda of a meeting: compiled from what is due, ordered, with own items and papers, sent round.

One transaction each, recorded in the ledger without a word of a restricted item; needs the framework's scope.
"""

from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from portal import agenda, handing_over, meeting_notices
from portal.errors import StateError
from portal.models import AgendaItem, AuditEvent, BoardPaper, Meeting, Paper, Paragraph, StoredFile, User
from portal.papers import Checked

# An agenda may still be changed while the meeting is being written up: urgent business
OPEN = (Meeting.Status.PLANNED, Meeting.Status.HELD)


def locked(meeting: Meeting, *states) -> Meeting:
    """The meeting under its row lock, in one of these states. Raises StateError otherwise."""
    held = Meeting._base_manager.select_for_update(of=("self",)).select_related("board", "framework").get(pk=meeting.pk)
    if held.status not in states:
        raise StateError(
            _("%(meeting)s is “%(state)s”, so this cannot be done any more.")
            % {"meeting": held, "state": held.get_status_display()}
        )
    return held


def next_order(meeting: Meeting) -> int:
    """Behind the last item."""
    return (AgendaItem.objects.filter(meeting=meeting).aggregate(last=Max("order"))["last"] or 0) + 1


@transaction.atomic
def compile_due(meeting: Meeting, *, by: User | None, now: datetime) -> int:
    """Put on the agenda of a planned meeting what is due to its board by then and was never on it. Returns how many."""
    held = locked(meeting, *OPEN)
    known = set(
        AgendaItem.objects.filter(meeting=held, subject_type__isnull=False).values_list(
            "kind", "subject_type", "subject_id"
        )
    )
    order, added = next_order(held), 0
    for entry in agenda.due(held.board, held):
        subject_type = ContentType.objects.get_for_model(type(entry.subject))
        if (entry.kind, subject_type.pk, entry.subject.pk) in known:
            continue
        AgendaItem.objects.create(
            framework_id=held.framework_id, meeting=held, kind=entry.kind, title=entry.title[:300], href=entry.href,
            subject_type=subject_type, subject_id=entry.subject.pk, due_at=entry.due_at, order=order + added,
            restricted=entry.restricted, always_restricted=entry.restricted,
            paragraph=(entry.paragraph or Paragraph.PARTNERSHIP) if entry.restricted else "",
        )  # fmt: skip
        known.add((entry.kind, subject_type.pk, entry.subject.pk))
        added += 1
    if added:
        AuditEvent.objects.record("portal.agenda:compiled", held, by=by, now=now)
        handing_over.take_back(held, by=by, now=now)
    return added


def refresh(board, *, now: datetime, by: User | None = None) -> int:
    """Something new is due to the board: put it on the agenda of its next planned meeting, if there is one."""
    meeting = Meeting.objects.next_after(board, now)
    return compile_due(meeting, by=by, now=now) if meeting else 0


@transaction.atomic
def add(meeting: Meeting, *, by: User | None, now: datetime, **facts) -> AgendaItem:
    """An item of the secretary's own. facts: title, note, restricted, paragraph."""
    held = locked(meeting, *OPEN)
    item = AgendaItem.objects.create(
        framework_id=held.framework_id, meeting=held, order=next_order(held), **classified(facts)
    )
    AuditEvent.objects.record("portal.agendaitem:added", item, by=by, now=now)
    handing_over.take_back(held, by=by, now=now)
    return item


@transaction.atomic
def edit(item: AgendaItem, *, by: User | None, now: datetime, **facts) -> None:
    """Title, note, open or restricted. What is always restricted stays so. Nobody opens what was circulated as restricted:
    the agenda can be changed until the minutes are written."""
    locked(item.meeting, *OPEN)
    facts = classified(facts)
    if item.always_restricted and not facts["restricted"]:
        raise StateError(
            _("This item is about something that not everybody on the board may see. It stays restricted.")
        )
    for name, value in facts.items():
        setattr(item, name, value)
    item.save(update_fields=list(facts))
    AuditEvent.objects.record("portal.agendaitem:changed", item, by=by, now=now)


def classified(facts: dict) -> dict:
    """Facts with a paragraph exactly if they are restricted."""
    restricted = bool(facts.get("paragraph"))
    return facts | {"restricted": restricted, "paragraph": facts.get("paragraph") or ""}


@transaction.atomic
def shift(item: AgendaItem, *, up: bool, among, by: User | None, now: datetime) -> bool:
    """One place up or down in its part of the agenda. among: the items that the person sees. Returns whether it moved."""
    held = locked(item.meeting, *OPEN)
    part = list(among.filter(meeting=held, restricted=item.restricted, removed_at=None).order_by("order", "pk"))
    place = [one.pk for one in part].index(item.pk)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(part):
        return False
    part[place], part[other] = part[other], part[place]
    # the places that these items hold between them, dealt out again; items that the person does not see keep theirs
    for order, one in zip(sorted(each.order for each in part), part, strict=True):
        if one.order != order:
            one.order = order
            one.save(update_fields=["order"])
    AuditEvent.objects.record("portal.agendaitem:moved", item, by=by, now=now)
    return True


@transaction.atomic
def remove(item: AgendaItem, *, by: User | None, now: datetime) -> None:
    """Take an item off; it can be put back. Raises StateError once it has minutes or a decision."""
    held = locked(item.meeting, *OPEN)
    if hasattr(item, "minute") or item.decisions.exists():
        raise StateError(_("This item has minutes or a decision, so it stays on the agenda."))
    item.removed_at = now
    item.save(update_fields=["removed_at"])
    AuditEvent.objects.record("portal.agendaitem:removed", item, by=by, now=now)
    if held.minuted_with_id == item.pk:
        handing_over.take_back(held, by=by, now=now)


@transaction.atomic
def put_back(item: AgendaItem, *, by: User | None, now: datetime) -> None:
    """On the agenda again, at its end."""
    held = locked(item.meeting, *OPEN)
    item.removed_at, item.order = None, next_order(held)
    item.save(update_fields=["removed_at", "order"])
    AuditEvent.objects.record("portal.agendaitem:put-back", item, by=by, now=now)
    handing_over.take_back(held, by=by, now=now)


@transaction.atomic
def attach(item: AgendaItem, checked: Checked, *, title: str, paragraph: str, by: User | None, now: datetime) -> Paper:
    """Attach a paper that was checked (portal.papers). A paper of a restricted item is restricted like it."""
    locked(item.meeting, *OPEN)
    paragraph = item.paragraph or paragraph
    paper = Paper(
        framework_id=item.framework_id, item=item, title=title, pages=checked.pages, restricted=bool(paragraph),
        paragraph=paragraph, added_at=now, added_by=by,
    )  # fmt: skip
    paper.file = StoredFile.objects.keep(
        checked.content, framework=item.framework, name=checked.name, media_type=checked.media_type,
        purpose="paper", audience=StoredFile.Audience.MEMBERS, subject=item, now=now,
    )  # fmt: skip
    paper.save()
    AuditEvent.objects.record(
        "portal.paper:added", paper.item, by=by, now=now, sha256=paper.file.sha256, restricted=paper.restricted
    )
    return paper


@transaction.atomic
def detach(paper: Paper, *, by: User | None, now: datetime) -> None:
    """Take a paper off its item; the file stays kept."""
    locked(paper.item.meeting, *OPEN)
    paper.removed_at = now
    paper.save(update_fields=["removed_at"])
    AuditEvent.objects.record("portal.paper:removed", paper.item, by=by, now=now, sha256=paper.file.sha256)


@transaction.atomic
def write_paper(item: AgendaItem, sections: list[dict], *, revision: int, by: User | None, now: datetime) -> BoardPaper:
    """The report to the board on an item (DUD-17). revision: what the form was loaded with, 0 for a new one. Raises
    StateError if somebody else wrote meanwhile."""
    locked(item.meeting, *OPEN)
    paper = BoardPaper.objects.select_for_update(of=("self",)).filter(item=item).first()
    if revision != (paper.revision if paper else 0):
        raise Overtaken()
    paper = paper or BoardPaper(framework_id=item.framework_id, item=item, revision=0)
    paper.sections, paper.changed_at, paper.changed_by = sections, now, by
    paper.revision += 1
    paper.save()
    AuditEvent.objects.record("portal.boardpaper:written", item, by=by, now=now)
    return paper


class Overtaken(StateError):
    """Somebody else saved first: the page shows both texts, and loses neither."""

    def __init__(self):
        super().__init__(
            _("Somebody else changed this while you wrote."), _("Compare both texts below, then save again.")
        )


@transaction.atomic
def send(meeting: Meeting, *, by: User | None, now: datetime) -> None:
    """The agenda is published to those who sit on the board; sent again, it is a revised one."""
    held = locked(meeting, Meeting.Status.PLANNED)
    if not AgendaItem.objects.filter(meeting=held).standing().exists():
        raise StateError(_("There is nothing on the agenda yet."), _("Add an item first."))
    held.agenda_sent_at = now
    held.save(update_fields=["agenda_sent_at"])
    AuditEvent.objects.record("portal.agenda:sent", held, by=by, now=now)
    meeting_notices.tell_agenda(held, now=now)
    meeting.agenda_sent_at = now
