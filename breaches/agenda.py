"""What is due to a board about breaches: the report of each open one, restricted, for the meeting of its parties."""

from django.db.models import Exists, OuterRef

from breaches.finding import place
from breaches.models import Breach, Hearing
from portal import agenda
from portal.models import Board, Meeting


@agenda.register
def breach_reports(board, meeting):
    """Breaches that no meeting has taken, on the agenda of the meeting of the parties of their protocol (HAR-6.3); not one
    for which another meeting is called."""
    if board.kind != Board.Kind.PARTIES:
        return
    rows = Breach.objects.filter(framework=board.framework_id, protocol=board.subject_id, status=Breach.Status.REPORTED)
    elsewhere = Hearing.objects.filter(breach=OuterRef("pk"), meeting__status=Meeting.Status.PLANNED)
    rows = rows.exclude(Exists(elsewhere.exclude(meeting=meeting)))
    for breach in rows.select_related("framework", "protocol").order_by("pk"):
        yield agenda.Entry(
            kind="breaches.report",
            title=str(breach),
            href=place(breach),
            subject=breach,
            due_at=breach.reported_at,
            restricted=True,
        )
