"""What a reader can do about a breach, by its state and by who they are. Nothing here tells of the closed session to
somebody to whom it is closed."""

from django.utils.translation import gettext as _

from breaches import hearing
from breaches.convening import has_the_right, may_convene, who_can, why_not
from breaches.finding import place
from breaches.models import Breach
from breaches.models.session import attended
from breaches.parties import acts_for
from breaches.views_hearing import may_run
from breaches.views_written import may_correct
from portal.models import Meeting
from portal.permissions import Perm

Status = Breach.Status
TO_CONVENE = {Status.REPORTED, Status.PRESENTED, Status.IN_CLOSED_SESSION, Status.CIRCULATED}


def next_steps(access, breach) -> list[dict]:
    """Titles with their addresses, the next step of the procedure first."""
    steps = [*procedure(access, breach)]
    steps.append({"title": _("The regulator and the people concerned"), "href": place(breach, "breach-regulator")})
    if breach.status == Status.CLOSED:
        return steps
    acting = acts_for(access, Perm.COMMENT)
    sent = set(breach.reports.values_list("organisation_id", flat=True))
    for one in breach.in_breach.all():
        if one.organisation_id in acting:
            words = _("Correct the written report") if one.organisation_id in sent else _("Send the written report")
            steps.append({"title": words, "href": place(breach, "breach-write", one.organisation_id), "hint": one.name})
    if may_correct(access, breach):
        steps.append({"title": _("Correct what was reported"), "href": place(breach, "breach-correct")})
    return steps


def held_back(access, breach) -> str:
    """For somebody who would convene, and belongs to an organisation in breach: why not, and who can (HAR-6.4)."""
    if breach.status not in TO_CONVENE or not has_the_right(access, breach) or may_convene(access, breach):
        return ""
    return f"{why_not(breach)} {who_can(breach)}"


def procedure(access, breach) -> list[dict]:
    """The steps of HAR-6.3 to HAR-6.6."""
    found = hearing.of(breach)
    convenes, runs = may_convene(access, breach), may_run(access, breach)
    steps: list[tuple[str, str]] = []
    if breach.status == Status.REPORTED and convenes:
        planned = found is not None and found.meeting.status == Meeting.Status.PLANNED
        if planned or (found and not found.present):
            steps.append((_("Record that the breach was presented"), "breach-present"))
        steps.append((_("Move the meeting") if planned else _("Call the meeting of the parties"), "breach-call"))
    if breach.status in {Status.REPORTED, Status.PRESENTED, Status.IN_CLOSED_SESSION} and convenes and found:
        steps.append((_("Name the chair and the secretary of the session"), "breach-officers"))
    if breach.status == Status.PRESENTED and runs:
        steps.insert(0, (_("Close the session"), "breach-session-begin"))
    closed_once = breach.status not in {Status.REPORTED, Status.PRESENTED}
    if closed_once and attended(access).filter(pk=breach.pk).exists():
        steps.append((_("Closed session"), "breach-session"))
    if breach.status == Status.RECALLED and runs:
        steps.insert(0, (_("Write the minutes"), "breach-minutes"))
    if breach.status == Status.MINUTED and runs:
        steps.insert(0, (_("Circulate the minutes"), "breach-minutes"))
    if breach.status in {Status.CIRCULATED, Status.CLOSED}:
        steps.append((_("Minutes"), "breach-minutes"))
    if breach.status == Status.CIRCULATED and convenes:
        steps.insert(0, (_("Close the breach"), "breach-close"))
    return [{"title": title, "href": place(breach, name)} for title, name in steps]
