"""Minutes: written item by item, finished, circulated to all within the time of HAR-6.6; corrections are new records.

One transaction each, under the lock of the meeting's row, so two secretaries at once never circulate twice, and nothing is
written into minutes that are on their way. Needs the framework's scope.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from portal import agenda, handing_over, meeting_notices, meetings
from portal.agendas import Overtaken, locked
from portal.errors import NotReady, StateError
from portal.handing_over import duty
from portal.models import (
    AgendaItem,
    AuditEvent,
    Circulation,
    Meeting,
    Minute,
    MinuteCorrection,
    OutgoingEmail,
    Recipient,
    User,
)
from portal.permissions import Access

WRITABLE = (Meeting.Status.HELD, Meeting.Status.MINUTED)


@transaction.atomic
def write(item: AgendaItem, text: str, *, revision: int, by: User | None, now: datetime) -> Minute:
    """What is minuted on an item. revision: what the form was loaded with, 0 for a new one. Raises Overtaken if somebody
    else wrote meanwhile, StateError before the meeting was held and once its minutes are circulated."""
    handing_over.require_own(locked(item.meeting, *WRITABLE))
    minute = Minute.objects.filter(item=item).first()
    if revision != (minute.revision if minute else 0):
        raise Overtaken()
    minute = minute or Minute(framework_id=item.framework_id, item=item, revision=0)
    minute.text, minute.written_at, minute.written_by = text, now, by
    minute.revision += 1
    minute.save()
    AuditEvent.objects.record("portal.minute:written", item, by=by, now=now, revision=minute.revision)
    return minute


@transaction.atomic
def finish(meeting: Meeting, *, by: User | None, now: datetime) -> None:
    """Held → minutes written. Raises NotReady while an item has none; of restricted items it names none."""
    with meeting.transition(Meeting.Status.MINUTED, by=by, now=now):
        handing_over.require_own(meeting)
        require_impartial(meeting, by)
        lacking = AgendaItem.objects.filter(meeting=meeting, minute=None).standing()
        if lacking.exists():
            titles = [item.title for item in lacking.filter(restricted=False)]
            if lacking.filter(restricted=True).exists():
                titles.append(_("a restricted item"))
            raise NotReady(_("Not every item has its minutes yet."), titles, _("Write them, then try again."))
    meetings.tell(meeting, by=by, now=now)


def require_impartial(meeting: Meeting, by: User | None) -> None:
    """Raises StateError for somebody to whom an item of the meeting is closed (HAR-6.4): who cannot read the minutes does not
    finish or circulate them, nor learn in that way whether they are written."""
    if by is None:
        return
    access = Access.of(by, meeting.framework)
    if AgendaItem.objects.filter(agenda.hidden(access), meeting=meeting).standing().exists():
        raise StateError(
            _("An item of this meeting is closed to you, so its minutes are finished and circulated by somebody else."),
            _("Ask another board secretary."),
        )


@transaction.atomic
def circulate(meeting: Meeting, *, by: User | None, now: datetime) -> Circulation:
    """Minutes written → circulated, to all who sit on the board; the duty of HAR-6.6 is met. The text is then frozen."""
    with meeting.transition(Meeting.Status.CIRCULATED, by=by, now=now):
        require_impartial(meeting, by)
        made = send_round(meeting, 1, by=by, now=now)
    duty(meeting).meet(by=by, now=now)
    meetings.tell(meeting, by=by, now=now)
    return made


def send_round(meeting: Meeting, number: int, *, by: User | None, now: datetime) -> Circulation:
    """One circulation: a row for everybody who gets it, and for an organisation with nobody to tell."""
    circulation = Circulation.objects.create(
        framework_id=meeting.framework_id, meeting=meeting, number=number, made_at=now, made_by=by
    )
    for organisation, people in meeting_notices.audience(meeting.board):
        told: list[User | None] = [*people] or [None]
        for person in told:
            Recipient.objects.create(
                framework_id=meeting.framework_id, circulation=circulation, organisation=organisation, user=person
            )
    meeting_notices.tell_minutes(circulation, now=now)
    return circulation


@transaction.atomic
def correct(item: AgendaItem, text: str, *, reason: str, by: User | None, now: datetime) -> MinuteCorrection:
    """After circulation: a new record beside the old text, never in its place."""
    handing_over.require_own(locked(item.meeting, Meeting.Status.CIRCULATED))
    correction = MinuteCorrection.objects.create(
        framework_id=item.framework_id, item=item, text=text, reason=reason, made_at=now, made_by=by
    )
    AuditEvent.objects.record("portal.minute:corrected", item, by=by, now=now)
    return correction


@transaction.atomic
def circulate_corrections(meeting: Meeting, *, by: User | None, now: datetime) -> Circulation:
    """Send the corrected minutes round. Raises StateError if nothing was corrected since the last time."""
    held = locked(meeting, Meeting.Status.CIRCULATED)
    last = held.circulations.latest("number")
    if not MinuteCorrection.objects.filter(item__meeting=held, made_at__gt=last.made_at).exists():
        raise StateError(_("Nothing was corrected since the minutes were circulated."))
    made = send_round(held, last.number + 1, by=by, now=now)
    AuditEvent.objects.record("portal.minute:corrections-circulated", held, by=by, now=now, number=made.number)
    return made


def deliveries(circulation: Circulation) -> dict[int, OutgoingEmail]:
    """Person → the mail of this circulation, whose state is the state of delivery."""
    keys = {
        meeting_notices.minutes_key(circulation, user): user
        for user in circulation.recipients.exclude(user=None).values_list("user", flat=True)
    }
    mails = OutgoingEmail.objects.filter(framework=circulation.framework_id, key__in=keys)
    return {keys[mail.key]: mail for mail in mails}
