"""What follows from the findings: the report, the plan of actions, the outcome, and what is done (HAR-5.3 to HAR-5.5).

Every function is one transaction, needs the framework's scope, and takes `by` (User) and `now` (aware UTC).
"""

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils.translation import gettext as _

from portal import clock, doorbell
from portal.errors import NotReady, StateError
from portal.models import AuditEvent, Deadline, Decision, StoredFile
from protocols.beginning import UNFINISHED, next_version
from protocols.models import Version
from protocols.workflow import refuse_bad_decision
from reviews import notices
from reviews.models import Action, Review
from reviews.workflow import locked, require

ACTION = "review.action"
REPORT = "review-report"
TO_PLAN = (Review.Status.COMPLETED, Review.Status.REPORTED)
# What the deciding body decided, as a Decision of the portal says it
OUTCOMES = {Review.Outcome.TERMINATE: Decision.Outcome.WITHDRAWN}


# --- the report (HAR-5.3)


@transaction.atomic
def report(review, content, *, by, now) -> StoredFile:
    """Findings settled → reported: the PDF is kept and the parties are told; that meets the deadline of the report.

    content: the bytes, made before the lock from the frozen findings.
    """
    with review.transition(Review.Status.REPORTED, by=by, now=now):
        review.report = StoredFile.objects.keep(
            content, framework=review.framework, name=f"{review.protocol.reference}-review.pdf",
            media_type="application/pdf", purpose=REPORT, audience=StoredFile.Audience.PARTIES, subject=review, now=now,
        )  # fmt: skip
        review.reported_at = now
    due_on(review).meet(by=by, now=now)
    notices.tell_reported(review, now=now)
    doorbell.ring()
    return review.report


def due_on(review):
    """The open deadline of the report."""
    return Deadline.objects.open().filter(subject_type=ContentType.objects.get_for_model(Review), subject_id=review.pk)


# --- the implementation plan (HAR-5.4, HAR-5.5)


@transaction.atomic
def plan_action(review, *, by, now, **facts) -> Action:
    """A line of the plan, before it is agreed. facts: text, organisation, owner, due_on, finding."""
    locked(review)
    require(review, *TO_PLAN, words=_("Actions are planned after the findings are settled, before the plan is agreed."))
    refuse_stranger(review, facts["organisation"])
    action = Action.objects.create(framework_id=review.framework_id, review=review, **facts)
    AuditEvent.objects.record("reviews.action:planned", action, by=by, now=now)
    return action


def refuse_stranger(review, organisation) -> None:
    """An action belongs to a party of the reviewed version."""
    if not review.version.parties.filter(organisation=organisation).exists():
        raise StateError(_("%(organisation)s is not a party.") % {"organisation": organisation})


@transaction.atomic
def change_action(action, *, by, now, **facts) -> None:
    """Another line of the plan instead, before it is agreed."""
    review = locked(action.review)
    require(review, *TO_PLAN, words=_("The plan is agreed. Move the date of the action, with the reason."))
    refuse_stranger(review, facts["organisation"])
    for name, value in facts.items():
        setattr(action, name, value)
    action.save()
    AuditEvent.objects.record("reviews.action:changed", action, by=by, now=now)


@transaction.atomic
def remove_action(action, *, by, now) -> None:
    """A line less, before the plan is agreed."""
    review = locked(action.review)
    require(review, *TO_PLAN, words=_("The plan is agreed. An action of it is done, not removed."))
    AuditEvent.objects.record("reviews.action:removed", action, by=by, now=now, text=action.text)
    action.delete()


@transaction.atomic
def agree(review, *, outcome, discussion, reason="", change="major", by, now, **facts) -> Decision:
    """Reported → plan agreed: the deciding body discussed the findings, and approves actions and outcome (REV-out).

    facts: of the Decision (board or delegated_to and delegation_scheme, decided_on, reference). change: "major" or
    "minor", the kind of the next version if the protocol is varied. Raises NotReady if it says too little.
    """
    made = {"outcome": OUTCOMES.get(outcome, Decision.Outcome.APPROVED), "reason": reason}
    with review.transition(Review.Status.AGREED, by=by, now=now, outcome=str(outcome), reason=reason):
        if outcome not in Review.Outcome.values:
            raise NotReady(_("Say what the outcome is."))
        if not discussion.strip():
            raise NotReady(_("Say what was discussed."))
        if outcome == Review.Outcome.TERMINATE and not reason.strip():
            raise NotReady(_("Say why the protocol is to be terminated."))
        refuse_bad_decision(review.version, facts | made)
        review.decision = Decision.objects.record(review, by=by, now=now, **facts, **made)
        review.outcome, review.outcome_reason = outcome, reason
        review.discussion, review.agreed_at = discussion, now
    for action in review.actions.all():
        Deadline.objects.start(
            ACTION, action, framework=review.framework, start=clock.start_of_day(action.due_on), now=now, by=by,
            nation=review.protocol.nation, owner=action.organisation,
        )  # fmt: skip
    if outcome == Review.Outcome.VARY:
        vary(review, major=change != "minor", by=by, now=now)
    notices.tell_agreed(review, now=now)
    close_if_done(review, now=now)
    doorbell.ring()
    return review.decision


def vary(review, *, major, by, now) -> None:
    """Open the next draft with the findings attached; one that is on its way already gets them instead."""
    coming = review.protocol.versions.filter(status__in=UNFINISHED).first()
    if coming is None:
        coming = next_version(review.protocol, major=major, by=by, now=now)
    review.draft = coming
    review.save(update_fields=["draft"])
    AuditEvent.objects.record("reviews.review:findings-attached", review, by=by, now=now, version=coming.number)


# --- what was agreed is done


@transaction.atomic
def finish_action(action, *, note, by, now) -> None:
    """An action was carried out; the last one closes the review."""
    review = locked(action.review)
    require(review, Review.Status.AGREED, words=_("Actions are carried out after the plan is agreed."))
    action.refresh_from_db()
    action.review = review
    if action.done_at is not None:
        raise StateError(_("This action is done already."))
    if not note.strip():
        raise NotReady(_("Say what was done."))
    action.finish(note=note, by=by, now=now)
    close_if_done(review, now=now)


@transaction.atomic
def move_action(action, *, due_on, reason, by, now) -> None:
    """A later or earlier day for an agreed action; the old one stays in the history of its deadline."""
    review = locked(action.review)
    require(review, Review.Status.AGREED, words=_("The date of an action is moved after the plan is agreed."))
    action.refresh_from_db()
    action.review = review
    if action.done_at is not None:
        raise StateError(_("This action is done already."))
    if not reason.strip():
        raise NotReady(_("Say why the day is moved."))
    was, action.due_on = action.due_on, due_on
    action.save(update_fields=["due_on"])
    facts = {"was": str(was), "date": str(due_on), "reason": reason}
    AuditEvent.objects.record("reviews.action:moved", action, by=by, now=now, **facts)
    for deadline in action.deadlines():
        deadline.recount(by=by, now=now, reason=reason, start=clock.start_of_day(due_on))


def close_if_done(review, *, now) -> bool:
    """Plan agreed → closed, once every action is done and a terminated version has ended. Returns whether it did."""
    if review.status != Review.Status.AGREED or review.actions.filter(done_at__isnull=True).exists():
        return False
    if review.outcome == Review.Outcome.TERMINATE and still_binds(review):
        return False
    with review.transition(Review.Status.CLOSED, by=None, now=now):
        review.closed_at = now
    return True


def still_binds(review) -> bool:
    """Is the version that was to be terminated still in force, or about to be?"""
    states = [Version.Status.IN_FORCE, Version.Status.COMPLETED]
    return Version.objects.filter(pk=review.version_id, status__in=states).exists()


def ended(version, now) -> None:
    """A version has ended: a review that terminated it may be closed."""
    if version.status in {Version.Status.WITHDRAWN, Version.Status.EXPIRED, Version.Status.SUPERSEDED}:
        wanted = {"version": version, "status": Review.Status.AGREED, "outcome": Review.Outcome.TERMINATE}
        for review in Review.objects.filter(**wanted):
            close_if_done(review, now=now)
