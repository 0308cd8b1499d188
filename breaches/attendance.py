"""A meeting on a breach is kept as one record: who was there says the meeting, and the breach counts by it (HAR-6.3).

Nobody of an organisation in breach moves, cancels or records such a meeting, nor puts right who was there (HAR-6.4); and
what the meeting says and what the closed session counted never contradict each other.
"""

from django.utils.translation import gettext as _

from breaches import hearing
from breaches.attending import acting
from breaches.convening import require_impartial
from breaches.models import ClosedSession, Hearing, Vote
from portal import meetings
from portal.errors import NotReady, StateError

FIXED = (ClosedSession.Status.DECIDED, ClosedSession.Status.TOLD)


@meetings.guard
def guarded(meeting, *, by, present=None) -> None:
    """Asked before a meeting is moved, cancelled, held or corrected. present: ids of who is to have been there."""
    rows = Hearing.objects.filter(meeting=meeting).select_related("breach__framework", "breach__protocol")
    for held in rows.order_by("pk"):
        require_impartial(held.breach, by)
        if held.present and present is not None and by is not None:
            follow(held, present, by=by)


def follow(held, present, *, by) -> None:
    """What the breach counts follows the meeting, until the session has decided. Raises StateError."""
    breach = held.breach
    with acting(breach, by):
        session = ClosedSession._base_manager.select_for_update(of=("self",)).filter(hearing=held).first()
        held = Hearing.objects.select_for_update(of=("self",)).get(pk=held.pk)
        wanted = sorted({one.organisation_id for one in hearing.remaining(breach)} & set(present))
        gone = set(held.present) - set(wanted)
        if wanted == sorted(held.present):
            return
        if session is not None and session.status in FIXED:
            raise StateError(
                _("The session on %(reference)s has decided with those who were there.")
                % {"reference": breach.reference},
                _("Leave them as they are, and write in the minutes what was wrong."),
            )
        if not wanted:
            raise NotReady(_("Say which organisations are there."))
        votes = Vote._base_manager.filter(proposal__session=session, organisation__in=gone)
        if session is not None and (names := sorted({str(one.organisation) for one in votes})):
            raise StateError(
                _("An organisation that has voted was there: %(names)s.") % {"names": ", ".join(names)},
                _("Look again who was there."),
            )
        held.present = wanted
        held.save(update_fields=["present"])
