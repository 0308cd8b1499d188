"""What is due to a board about breaches: the report of each open one, restricted, for the meeting of its parties."""

from breaches.finding import place
from breaches.models import Breach
from portal import agenda
from portal.models import Board


@agenda.register
def breach_reports(board, meeting):
    """Open breaches that are not minuted yet, on the agenda of the meeting of the parties of their protocol (HAR-6.3)."""
    if board.kind != Board.Kind.PARTIES:
        return
    before = (Breach.Status.REPORTED, Breach.Status.PRESENTED, Breach.Status.IN_CLOSED_SESSION)
    rows = Breach.objects.filter(framework=board.framework_id, protocol=board.subject_id, status__in=before)
    for breach in rows.select_related("framework", "protocol").order_by("pk"):
        yield agenda.Entry(
            kind="breaches.report",
            title=str(breach),
            href=place(breach),
            subject=breach,
            due_at=breach.reported_at,
            restricted=True,
        )
