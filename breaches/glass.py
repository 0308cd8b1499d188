"""Break-glass: an operator looks into a closed session in an emergency, and everybody of the session is told (HAR-6.4)."""

from django.db import connection, transaction

from breaches import mails
from breaches.attending import belongs
from breaches.models import BreakGlass, ClosedNote, ClosedSession, Proposal, Vote
from breaches.parties import people_of
from portal import doorbell
from portal.models import AuditEvent
from portal.notices import holders
from portal.permissions import Perm


@transaction.atomic
def break_glass(breach, *, operator, reason, now) -> list[str]:
    """What stands in the closed session, line by line. Recorded in its chain, and mailed to everybody of it, in the same
    transaction: whoever looks has told. Needs the framework's scope, without a person."""
    row = BreakGlass._base_manager.create(
        framework=breach.framework, breach=breach, operator=operator, reason=reason, opened_at=now
    )
    with connection.cursor() as cursor:
        cursor.execute("select set_config('portal.break_glass', %s, true)", [str(row.pk)])
    AuditEvent.objects.record("breaches.session:break-glass", row, by=None, now=now, operator=operator, reason=reason)
    told = list(breach.notices.values_list("organisation_id", flat=True))
    people = [one for mine in people_of(breach.framework, told, Perm.COMMENT).values() for one in mine]
    people += holders(breach.framework, Perm.DECIDE)
    mails.tell("breaches.glass-broken", breach, [one for one in people if not belongs(one, breach)], row.pk, now=now)
    doorbell.ring()
    return list(lines(breach))


def lines(breach):
    """Sessions, notes, proposals with their votes."""
    for session in ClosedSession._base_manager.filter(breach=breach):
        yield f"{session.get_status_display()} {session.outcome}".strip()
    for note in ClosedNote._base_manager.filter(breach=breach):
        yield f"{note.made_at:%Y-%m-%d %H:%M} {note.text}"
    for one in Proposal._base_manager.filter(breach=breach).select_related("organisation"):
        votes = Vote._base_manager.filter(proposal=one).select_related("organisation")
        cast = ", ".join(f"{vote.organisation}: {vote.get_choice_display()}" for vote in votes)
        yield f"{one.get_kind_display()} {one.organisation}: {one.text} ({cast})"
