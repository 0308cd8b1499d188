"""What is due to a board about breaches: the report of each open one, restricted, for the meeting of its parties."""

from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, OuterRef

from breaches.clocks import MEETING
from breaches.finding import place
from breaches.models import Breach, Hearing
from portal import agenda
from portal.models import Board, Deadline, Meeting


@agenda.register
def breach_reports(board, meeting):
    """Breaches that no meeting has taken, on the agenda of the meeting of the parties of their protocol (HAR-6.3); not one
    for which another meeting is called."""
    if board.kind != Board.Kind.PARTIES:
        return
    rows = Breach.objects.filter(framework=board.framework_id, protocol=board.subject_id, status=Breach.Status.REPORTED)
    elsewhere = Hearing.objects.filter(breach=OuterRef("pk"), meeting__status=Meeting.Status.PLANNED)
    rows = rows.exclude(Exists(elsewhere.exclude(meeting=meeting)))
    # by when the meeting is to be held (HAR-6.3): the strict date, which is never hidden (READ-4)
    duties = Deadline.objects.open().filter(rule=MEETING, subject_type=ContentType.objects.get_for_model(Breach))
    owed = dict(duties.filter(subject_id__in=rows.values("pk")).values_list("subject_id", "due_at"))
    for breach in rows.select_related("framework", "protocol").order_by("pk"):
        yield agenda.Entry(
            kind="breaches.report",
            title=str(breach),
            href=place(breach),
            subject=breach,
            due_at=owed.get(breach.pk),
            restricted=True,
        )
