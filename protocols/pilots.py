"""A pilot: its period is agreed with the text; then it is evaluated; then it is rolled out or ended (DUD-11).

Every function is one transaction, needs the framework's scope, and takes `by` (User) and `now` (aware UTC).
"""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from portal import clock, doorbell
from portal.errors import NotReady, StateError
from portal.models import AuditEvent, Deadline, Decision, Job
from protocols import notices
from protocols.drafting import changing
from protocols.models import Pilot, Version
from protocols.models.pilot import RULE
from protocols.workflow import locked, refuse_bad_decision


def of(version) -> Pilot | None:
    """The pilot of a version, if it is one."""
    return Pilot.objects.filter(version=version).select_related("decision__board").first()


def set_period(version, *, starts_on, ends_on, by, now):
    """Make the draft a pilot for these days, or no pilot (both None). Raises StateError outside the drafter's desk."""
    if starts_on and ends_on and ends_on <= starts_on:
        raise NotReady(_("The last day of the pilot must be after its first."))
    facts = {"starts_on": str(starts_on or ""), "ends_on": str(ends_on or "")}
    with changing(version, "pilot-changed", by=by, now=now, **facts):
        if starts_on is None or ends_on is None:
            Pilot.objects.filter(version=version).delete()
        else:
            Pilot.objects.update_or_create(
                framework_id=version.framework_id,
                version=version,
                defaults={"starts_on": starts_on, "ends_on": ends_on},
            )


@transaction.atomic
def begin(version, *, now):
    """The version has come into force: the duty to evaluate and decide runs to the last day. Safe to run twice."""
    pilot = of(version)
    if pilot is None or pilot.outcome or pilot.deadlines().exists():
        return
    protocol = version.protocol
    Deadline.objects.start(
        RULE,
        protocol,
        framework=version.framework,
        start=clock.start_of_day(pilot.ends_on),
        now=now,
        nation=protocol.nation,
        owner=protocol.lead_organisation,
    )
    Job.objects.plan(
        "protocols.pilot_ended",
        framework=version.framework,
        subject_id=version.pk,
        run_at=clock.start_of_day(pilot.ends_on + timedelta(days=1)),
        key=f"pilot-ended:{version.pk}",
    )


def require_running(version) -> Pilot:
    """The pilot of a version in force, not decided yet. Raises StateError."""
    pilot = of(version)
    if pilot is None:
        raise StateError(_("%(version)s is not a pilot.") % {"version": version})
    if pilot.outcome:
        raise StateError(_("What becomes of the pilot of %(version)s has been decided.") % {"version": version})
    if version.status != Version.Status.IN_FORCE:
        facts = {"version": version, "state": version.get_status_display()}
        raise StateError(_("%(version)s is “%(state)s”. A pilot is evaluated while it is in force.") % facts)
    return pilot


@transaction.atomic
def evaluate(version, *, text, by, now) -> Pilot:
    """Record what came of it, or put the record right until it is decided. The older words stay in the ledger."""
    pilot = require_running(locked(version))
    if not text.strip():
        raise NotReady(_("Say what came of the pilot."))
    was = pilot.evaluation
    pilot.evaluation, pilot.evaluated_at, pilot.evaluated_by = text, now, by
    pilot.save(update_fields=["evaluation", "evaluated_at", "evaluated_by"])
    AuditEvent.objects.record("protocols.pilot:evaluated", pilot, by=by, now=now, evaluation=text, was=was)
    return pilot


@transaction.atomic
def decide(version, *, outcome, reason="", by, now, **facts) -> Pilot:
    """Record the decision: rolled out (it stays in force, and is no pilot any more) or ended (it is withdrawn).

    facts: of the Decision (board or delegated_to and delegation_scheme, decided_on, reference). Raises NotReady
    without an evaluation, or for a decision that says too little or is not the deciding body's.
    """
    pilot = require_running(locked(version))
    if not pilot.evaluation.strip():
        raise NotReady(_("The pilot has not been evaluated."), what_to_do=_("Record the evaluation first."))
    if outcome not in Pilot.Outcome.values:
        raise NotReady(_("Say whether the pilot is rolled out or ended."))
    ends = outcome == Pilot.Outcome.ENDED
    if ends and not reason.strip():
        raise NotReady(_("Say why it is ended."))
    facts |= {"outcome": Decision.Outcome.WITHDRAWN if ends else Decision.Outcome.APPROVED, "reason": reason}
    refuse_bad_decision(version, facts)
    decision = Decision.objects.record(pilot, by=by, now=now, **facts)
    pilot.outcome, pilot.decision, pilot.decided_at = outcome, decision, now
    pilot.save(update_fields=["outcome", "decision", "decided_at"])
    AuditEvent.objects.record(
        f"protocols.pilot:{'ended' if ends else 'rolled-out'}", pilot, by=by, now=now, reference=decision.reference
    )
    pilot.meet(by=by, now=now)
    if ends:
        version.withdraw(by=by, now=now, reason=reason, decision=decision)
    notices.tell_pilot_decided(version, now=now)
    doorbell.ring()
    return pilot
