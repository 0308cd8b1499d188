"""What each controller owes the law: its clock, the regulator, the people concerned (UK-33a to UK-33d).

The portal never writes to the regulator; it records what was done. Every function is one transaction, needs the
framework's scope, and takes `by` (User) and `now` (aware UTC).
"""

from django.db import transaction
from django.utils.translation import gettext as _

from breaches.clocks import REGULATOR, start_clock
from breaches.models import Breach, Controller, ControllerRecord
from breaches.reporting import about
from portal import doorbell
from portal.errors import NotReady, StateError
from portal.models import AuditEvent, Deadline
from portal.templatetags.dates import longdatetime

Kind = ControllerRecord.Kind
VERBS = {
    Kind.ASSESSED: "breaches.controller:assessed",
    Kind.NOTIFIED: "breaches.controller:notified",
    Kind.PHASE: "breaches.controller:phase",
    Kind.NOT_NOTIFIED: "breaches.controller:not-notified",
    Kind.PEOPLE_TOLD: "breaches.controller:people-told",
    Kind.PEOPLE_NOT_TOLD: "breaches.controller:people-not-told",
    Kind.CONTROLLER_TOLD: "breaches.controller:controller-told",
}


def locked(controller) -> Controller:
    """The controller under its lock, of a breach that is not closed. Raises StateError."""
    found = Controller.objects.select_for_update(of=("self",)).select_related("breach__protocol", "organisation")
    held = found.get(pk=controller.pk)
    if held.breach.status == Breach.Status.CLOSED:
        raise StateError(_("%(reference)s is closed.") % {"reference": held.breach.reference})
    return held


def clock_row(controller) -> Deadline | None:
    """Its clock, running or stopped; none while nothing is affected."""
    rows = Deadline.objects.filter(rule=REGULATOR, dropped_at__isnull=True, **about(controller))
    return rows.order_by("pk").last()


def record(controller, kind, *, at, by, now, reference="", reasons="", **details) -> ControllerRecord:
    """One row that is never changed, and the ledger."""
    row = ControllerRecord.objects.create(
        framework=controller.framework, controller=controller, kind=kind, at=at, reference=reference, reasons=reasons,
        details=details, recorded_by=by, recorded_at=now,
    )  # fmt: skip
    facts = {"organisation": controller.name, "reference": reference, "done_at": at.isoformat()}
    verb = VERBS[kind]
    AuditEvent.objects.record(verb, controller, by=by, now=now, **facts)
    return row


@transaction.atomic
def begin(breach, party, *, answer, aware_at, by, now) -> Controller:
    """A party says that it is a controller of the data as well (READ-9: per controller). A second time gives the first."""
    if breach.status == Breach.Status.CLOSED:
        raise StateError(_("%(reference)s is closed.") % {"reference": breach.reference})
    controller, made = Controller.objects.get_or_create(
        framework=breach.framework, breach=breach, organisation_id=party.organisation_id,
        defaults={"name": party.name, "answer": answer, "aware_at": aware_at},
    )  # fmt: skip
    if made:
        record(controller, Kind.ASSESSED, at=aware_at, by=by, now=now, answer=answer)
        if answer != Breach.PersonalData.NO:
            start_clock(controller, by=by, now=now)
    return controller


@transaction.atomic
def assess(controller, *, answer, aware_at, risk, reasons="", by, now) -> None:
    """UK-33a: what is affected, since when the controller is aware, and the risk. Its clock follows, visibly."""
    held = locked(controller)
    if answer == Breach.PersonalData.NO and not reasons.strip():
        raise NotReady(_("Say how you know that no personal data is affected."))
    was = {"answer": held.answer, "aware_at": held.aware_at.isoformat(), "risk": held.risk}
    held.answer, held.aware_at, held.risk = answer, aware_at, risk
    held.save(update_fields=["answer", "aware_at", "risk"])
    record(
        held, Kind.ASSESSED, at=now, reasons=reasons, by=by, now=now, was=was, answer=answer, risk=risk,
        aware_at=aware_at.isoformat(),
    )  # fmt: skip
    row = clock_row(held)
    if answer == Breach.PersonalData.NO:
        Deadline.objects.filter(rule=REGULATOR, **about(held)).drop(now=now)
    elif row is None:
        start_clock(held, by=by, now=now)
    elif row.started_at != aware_at:
        row.recount(by=by, now=now, reason=_("the controller was aware at another moment"), start=aware_at)
    doorbell.ring()


@transaction.atomic
def notify(controller, *, at, reference, reasons="", by, now) -> ControllerRecord:
    """UK-33b: it was notified at this moment. Late needs reasons."""
    held = locked(controller)
    row = require_running(held)
    if at > now or at < held.aware_at.replace(second=0, microsecond=0):
        raise NotReady(
            _("%(name)s became aware on %(at)s; it was notified after that, and not in the future.")
            % {"name": held.name, "at": longdatetime(held.aware_at)}
        )
    if at > row.due_at and not reasons.strip():
        raise NotReady(_("The regulator was notified late. Say why: the law asks for the reasons of the delay."))
    if not reference.strip():
        raise NotReady(_("Enter the reference that the regulator gave."))
    kind = Kind.PHASE if held.records.filter(kind=Kind.NOTIFIED).exists() else Kind.NOTIFIED
    made = record(held, kind, at=at, reference=reference, reasons=reasons, by=by, now=now)
    row.meet(by=by, now=now, at=at)
    return made


@transaction.atomic
def leave_it(controller, *, reasons, by, now) -> ControllerRecord:
    """UK-33b: decided not to notify, because a risk is unlikely. Needs reasons, and that assessment."""
    held = locked(controller)
    row = require_running(held)
    if held.records.filter(kind=Kind.NOTIFIED).exists():
        raise StateError(_("The regulator has been notified already."))
    if held.risk != Controller.Risk.NONE:
        raise NotReady(
            _("Only a breach that is unlikely to be a risk to people need not be notified."),
            what_to_do=_("Assess the risk first."),
        )
    if not reasons.strip():
        raise NotReady(_("Give the reasons: the law asks you to keep them."))
    made = record(held, Kind.NOT_NOTIFIED, at=now, reasons=reasons, by=by, now=now)
    row.meet(by=by, now=now)
    return made


@transaction.atomic
def people(controller, *, told: bool, at, reasons, by, now) -> ControllerRecord:
    """UK-33c: the people concerned were told (how), or need not be (why)."""
    held = locked(controller)
    require_running(held)
    if not reasons.strip():
        raise NotReady(_("Say how they were told.") if told else _("Say why they need not be told."))
    return record(held, Kind.PEOPLE_TOLD if told else Kind.PEOPLE_NOT_TOLD, at=at, reasons=reasons, by=by, now=now)


@transaction.atomic
def processor_told(breach, processor, party, *, at, by, now) -> Controller:
    """UK-33d: a processor told its controller at this moment; from then the controller is aware."""
    controller = begin(breach, party, answer=Breach.PersonalData.NOT_KNOWN, aware_at=at, by=by, now=now)
    held = locked(controller)
    record(held, Kind.CONTROLLER_TOLD, at=at, by=by, now=now, processor=processor.name)
    if at < held.aware_at:
        held.aware_at = at
        held.save(update_fields=["aware_at"])
        row = clock_row(held)
        if row is not None:
            row.recount(by=by, now=now, reason=_("its processor told it earlier"), start=at)
    return held


def require_running(controller) -> Deadline:
    """The clock that runs or ran. Raises StateError when nothing is affected (UK-33a)."""
    row = clock_row(controller)
    if row is None or controller.answer == Breach.PersonalData.NO:
        raise StateError(
            _("%(name)s has said that no personal data is affected, so nothing is to be notified.")
            % {"name": controller.name},
            _("Change that answer first."),
        )
    return row


def owed(controller) -> list[str]:
    """What is left to do for this controller, in words: notified or decided not to, the risk assessed, since without it
    nobody can say whether the people concerned must be told, and they are dealt with at high risk (UK-33b, UK-33c)."""
    if controller.answer == Breach.PersonalData.NO:
        return []
    kinds, found = {row.kind for row in controller.records.all()}, []
    if not kinds & {Kind.NOTIFIED, Kind.NOT_NOTIFIED}:
        found.append(_("the regulator is not notified, nor is it decided that it need not be"))
    if controller.risk == Controller.Risk.NOT_ASSESSED:
        found.append(_("the risk to people is not assessed"))
    if controller.risk == Controller.Risk.HIGH and not kinds & {Kind.PEOPLE_TOLD, Kind.PEOPLE_NOT_TOLD}:
        found.append(_("the people concerned are not told, nor is it decided that they need not be"))
    return found


def settled(controller) -> bool:
    """Is nothing left to do for this controller?"""
    return not owed(controller)
