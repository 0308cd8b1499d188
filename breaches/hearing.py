"""The meeting of the parties on a breach: called, held, presented to (HAR-6.3, HAR-6.4).

Every function is one transaction, needs the framework's scope, and takes `by` (User) and `now` (aware UTC).
"""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from breaches import mails
from breaches.attending import belongs
from breaches.clocks import MEETING
from breaches.convening import require_impartial
from breaches.models import Breach, Hearing
from breaches.parties import deciding
from breaches.reporting import about
from breaches.written import locked
from portal import doorbell, meetings
from portal.errors import NotReady, StateError
from portal.models import AuditEvent, Deadline, Meeting
from portal.models.meeting import needed_words
from protocols.meeting_of_parties import board_of


@dataclass(frozen=True, slots=True)
class Quorum:
    """Of one breach: the parties that remain, those of them that were there, how many are needed; votes for a motion."""

    remaining: int
    present: int
    needed: int
    majority: int

    @property
    def reached(self) -> bool:
        """Can anything be decided? (HAR-6.3)"""
        return self.remaining > 0 and self.present >= self.needed


def words_of(quorum) -> str:
    """Who is there, and how many are needed."""
    facts = {"present": quorum.present, "remaining": quorum.remaining, "needed": needed_words(quorum.needed)}
    return _("%(present)d of %(remaining)d parties are there, %(needed)s") % facts


def of(breach) -> Hearing | None:
    """The meeting that counts: the newest that was not cancelled."""
    rows = Hearing.objects.filter(breach=breach).exclude(meeting__status=Meeting.Status.CANCELLED)
    return rows.select_related("meeting__board", "chair", "secretary").order_by("-pk").first()


def remaining(breach) -> list:
    """The parties in force without those in breach, who count neither for quorum nor for majority."""
    guilty = set(breach.guilty())
    return [one for one in deciding(breach) if one.organisation_id not in guilty]


def quorum_of(breach, hearing) -> Quorum:
    """By the rules of the body: half of the remaining parties unless it says otherwise, a majority of those present."""
    rest = [one.organisation_id for one in remaining(breach)]
    present = sum(one in set(hearing.present) for one in rest)
    board = hearing.meeting.board
    needed = max(1, -(-len(rest) * board.quorum_percent // 100))
    votes = {"all": max(1, present), "two-thirds": max(1, -(-2 * present // 3))}.get(board.majority, present // 2 + 1)
    return Quorum(len(rest), present, needed, votes)


@transaction.atomic
def call(breach, *, starts_at, place, by, now) -> Hearing:
    """Call the meeting of the parties. One is waited for at a time; a planned one that is called again is moved."""
    require_impartial(breach, by)
    held = locked(breach)
    held.require_step(Breach.Status.PRESENTED)
    hearing = of(held)
    if hearing is not None and hearing.meeting.status == Meeting.Status.PLANNED:
        meetings.move(hearing.meeting, starts_at=starts_at, place=place, by=by, now=now)
    else:
        meeting = meetings.plan(
            board_of(held.protocol, by=by, now=now), starts_at=starts_at, place=place, by=by, now=now
        )
        hearing = Hearing.objects.create(
            framework=held.framework, breach=held, meeting=meeting, chair=hearing.chair if hearing else None,
            secretary=hearing.secretary if hearing else None,
        )  # fmt: skip
    AuditEvent.objects.record(
        "breaches.breach:meeting-called", held, by=by, now=now, starts_at=starts_at.isoformat(), place=place
    )
    key = f"{hearing.pk}:{int(starts_at.timestamp())}:{place}"[:60]
    mails.tell("breaches.meeting-called", held, mails.everybody(held), key, now=now)
    doorbell.ring()
    return hearing


@transaction.atomic
def name_officers(breach, *, chair, secretary, by, now) -> None:
    """Who chairs and who keeps the record. Whoever belongs to an organisation in breach must be substituted (HAR-6.4)."""
    require_impartial(breach, by)
    held = locked(breach)
    hearing = of(held)
    if hearing is None or held.status not in {
        Breach.Status.REPORTED,
        Breach.Status.PRESENTED,
        Breach.Status.IN_CLOSED_SESSION,
    }:
        raise StateError(_("No meeting is called at which somebody could chair."), _("Call the meeting first."))
    refuse_partial(held, chair, secretary)
    hearing.chair, hearing.secretary = chair, secretary
    hearing.save(update_fields=["chair", "secretary"])
    AuditEvent.objects.record(
        "breaches.breach:officers-named", held, by=by, now=now, chair=chair.full_name, secretary=secretary.full_name
    )


def refuse_partial(breach, *people) -> None:
    """Raises NotReady for somebody who belongs to an organisation in breach."""
    for person in people:
        if person is not None and belongs(person, breach):
            raise NotReady(
                _("%(name)s belongs to an organisation in breach.") % {"name": person.full_name},
                what_to_do=_("Name somebody else in their place."),
            )


@transaction.atomic
def present(breach, *, organisations, by, now) -> None:
    """The meeting has begun and the organisation in breach has presented it. organisations: ids of those that are there."""
    require_impartial(breach, by)
    hearing = of(breach)
    with breach.transition(Breach.Status.PRESENTED, by=by, now=now):
        if hearing is None:
            raise NotReady(_("The meeting has not been called."), what_to_do=_("Call the meeting first."))
        rest = {one.organisation_id for one in remaining(breach)}
        hearing.present = sorted(rest & set(organisations))
        if not hearing.present:
            raise NotReady(_("Say which organisations are there."))
        hearing.save(update_fields=["present"])
        if hearing.meeting.status == Meeting.Status.PLANNED:
            there = dict.fromkeys(organisations, "")
            meetings.hold(hearing.meeting, present=there, by=by, now=now)
        else:
            record_at(hearing.meeting, hearing.present, rest, by=by, now=now)
    rows = Deadline.objects.open().filter(rule=MEETING, **about(breach))
    for row in rows:
        row.meet(by=by, now=now, at=hearing.meeting.starts_at)


def record_at(meeting, there, counted, *, by, now) -> None:
    """The breach was presented at a meeting that was recorded before: it says the same of those who count. there: ids of
    those who are; counted: ids of those who count."""
    rows = {row.organisation_id: row for row in meeting.attendance.all()}
    was = {pk for pk, row in rows.items() if row.present}
    if was & set(counted) != set(there) & set(rows):
        right = (was - set(counted)) | set(there)
        people = {pk: rows[pk].people if pk in rows else "" for pk in right}
        meetings.correct_attendance(meeting, present=people, by=by, now=now)
