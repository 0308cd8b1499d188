"""What the addresses of the pages of breaches name, in the demonstration."""

from breaches import hearing, reporting
from breaches.models import Breach, Proposal, Sanction, WrittenReport
from portal.models import User
from portal.tenancy import scope


def breaches_of(world, framework) -> dict:
    """The breach that was just reported, and a report that the auditor is still writing."""
    breach = Breach.objects.filter(status=Breach.Status.REPORTED).order_by("-reported_at").first()
    draft = reporting.begin(framework, by=User.objects.get(email=world.person("auditor", "anyshire")), now=world.now)
    typed = {"protocol": [str(breach.protocol_id)]}
    reporting.keep(draft, "protocol", typed, now=world.now)
    written = WrittenReport.objects.select_related("breach").first()
    in_session = Breach.objects.get(status=Breach.Status.IN_CLOSED_SESSION)
    with scope(framework.pk, user_id=User.objects.get(email=world.person("secretary", "anyshire")).pk):
        proposal = Proposal._base_manager.filter(breach=in_session).first().pk
    minuted = Breach.objects.filter(status=Breach.Status.CIRCULATED).first()
    presented = Breach.objects.get(status=Breach.Status.PRESENTED)
    recalled = Breach.objects.get(status=Breach.Status.RECALLED)
    suspension = Sanction.objects.create(
        framework=framework, breach=minuted, organisation_id=minuted.guilty()[0], name=minuted.in_breach.get().name,
        kind=Proposal.Kind.SUSPENSION, text="Until the mailbox has been tested twice",
    )  # fmt: skip
    return {
        "breach_presented": presented.number,
        "breach_recalled": recalled.number,
        "breach_to_circulate": Breach.objects.get(status=Breach.Status.MINUTED).number,
        "meeting_of_breach": hearing.of(minuted).meeting_id,
        "breach_in_session": in_session.number,
        "proposal": proposal,
        "breach_minuted": minuted.number,
        "sanction": minuted.sanctions.first().pk,
        "suspension": suspension.pk,
        "breach_closed": Breach.objects.get(status=Breach.Status.CLOSED).number,
        "breach": breach.number,
        "breach_notice": breach.notices.first().pk,
        "breach_draft": draft.pk,
        "controller": breach.controllers.first().pk,
        "breacher": breach.guilty()[0],
        "breach_written": written.breach.number,
        "written_report": written.pk,
    }
