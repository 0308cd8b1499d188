"""The cycle of reviews (HAR-5.1): opened in time to be prepared (KEN-1.2), each date counted from the completion date.

Every function needs the framework's scope, and takes `now` (aware UTC).
"""

from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from portal import clock, deadlines
from portal.deadlines import add_months
from portal.ladders import PREPARE_REVIEW
from portal.models import AuditEvent, Deadline, Job
from protocols.models import Protocol, Version, review_clock
from reviews import notices
from reviews.models import Review

EFFECTIVENESS = "review.effectiveness"
KINDS = {
    "review.first": Review.Kind.FIRST,
    "review.annual": Review.Kind.ANNUAL,
    EFFECTIVENESS: Review.Kind.EFFECTIVENESS,
}
PREPARE = "reviews.prepare"


def owed(protocol):
    """The open deadlines by which a review of the protocol must be held."""
    return Deadline.objects.open().filter(
        rule__in=KINDS, subject_type=ContentType.objects.get_for_model(Protocol), subject_id=protocol.pk
    )


def plan(deadline, *, now) -> Job:
    """Plan the opening of the review that meets a deadline: three months before it, or at once."""
    before = clock.start_of_day(add_months(clock.london_date(deadline.due_at), -PREPARE_REVIEW))
    return Job.objects.plan(
        PREPARE, framework=deadline.framework, subject_id=deadline.pk, run_at=max(before, now),
        key=f"{PREPARE}:{deadline.pk}",
    )  # fmt: skip


def plan_all(protocol, *, now) -> None:
    """The same for everything that the protocol owes; a deadline that is planned for is left as it is."""
    for deadline in owed(protocol).select_related("framework"):
        plan(deadline, now=now)


@transaction.atomic
def open_for(deadline, *, now) -> Review | None:
    """Open the review that is to be held by a deadline. None if it is met, dropped or opened already, or binds nobody."""
    protocol = Protocol.objects.select_for_update(of=("self",)).get(pk=deadline.subject_id)
    deadline.refresh_from_db()
    is_open = deadline.met_at is None and deadline.dropped_at is None
    version = version_of(protocol)
    if not is_open or version is None or Review.objects.filter(deadline=deadline).exists():
        return None
    return open_review(version, KINDS[deadline.rule], deadline=deadline, now=now)


def version_of(protocol) -> Version | None:
    """What is reviewed: the version in force, or else the one that everybody has signed."""
    binding = protocol.versions.filter(status__in=[Version.Status.IN_FORCE, Version.Status.COMPLETED])
    return binding.select_related("protocol", "framework").order_by("-status", "-major", "-minor").first()


def open_review(version, kind, *, now, deadline=None, reason="", by=None) -> Review:
    """A review of this version is to be prepared; those are told who take part."""
    review = Review.objects.create(
        framework_id=version.framework_id, protocol=version.protocol, version=version, kind=kind, deadline=deadline,
        reason=reason, opened_at=now,
    )  # fmt: skip
    AuditEvent.objects.record("reviews.review:opened", review, by=by, now=now, kind=str(review.kind), reason=reason)
    notices.tell_opened(review, now=now)
    return review


def held(review, *, by, now) -> Deadline | None:
    """The review was held: its deadline is met, and the next one of the cycle starts, counted from the same anchor.

    A late review shifts nothing (READ-3). Rounds whose date has passed before it was held are not begun any more; the
    ledger says how many there were. Returns the new deadline.
    """
    deadline = review.deadline
    if deadline is None or deadline.met_at is not None or deadline.dropped_at is not None:
        return None
    deadline.meet(by=by, now=now)
    if deadline.rule not in review_clock.RULES:
        return None
    protocol = review.protocol
    options = {"nation": protocol.nation, "overrides": review_clock.lengths(review.version)}
    n, missed = (deadline.inputs.get("round") or 0) + 1, 0
    while deadlines.due("review.annual", deadline.started_at, n=n, **options).due_at <= now:
        n, missed = n + 1, missed + 1
    following = Deadline.objects.start(
        "review.annual", protocol, framework=review.framework, start=deadline.started_at, now=now, by=by, n=n,
        owner=protocol.lead_organisation, **options,
    )  # fmt: skip
    if missed:
        AuditEvent.objects.record("reviews.review:rounds-missed", review, by=None, now=now, rounds=missed)
    plan(following, now=now)
    return following


# --- turns in the life of a version


def turned(version, now) -> None:
    """A version was completed, came into force or has ended (protocols.models.turning)."""
    status = Version.Status
    if version.status == status.COMPLETED:
        plan_all(version.protocol, now=now)
    elif version.status == status.IN_FORCE:
        ask_for_effectiveness(version, now=now)
        carry_on(version, now=now)
    elif version.status in {status.WITHDRAWN, status.EXPIRED}:
        for review in Review.objects.unfinished().filter(version=version):
            review_over(review, now=now)
        if version.in_force_from and version.in_force_from <= now:
            owed(version.protocol).filter(rule=EFFECTIVENESS).drop(now=now)


def ask_for_effectiveness(version, *, now) -> None:
    """HAR-r5: the approval named a day by which the effectiveness is reviewed."""
    wanted = version.approval.effectiveness_by if version.approval else None
    if wanted is None:
        return
    owed(version.protocol).filter(rule=EFFECTIVENESS).drop(now=now)  # of an earlier version
    deadline = Deadline.objects.start(
        EFFECTIVENESS, version.protocol, framework=version.framework, start=clock.start_of_day(wanted), now=now,
        nation=version.protocol.nation, owner=version.protocol.lead_organisation,
    )  # fmt: skip
    plan(deadline, now=now)


def carry_on(version, *, now) -> None:
    """What was being prepared for the version before: an editorial successor takes it over, one that was signed anew has
    a clock of its own (SIG-new)."""
    earlier = Review.objects.unfinished().filter(protocol=version.protocol_id).exclude(version=version)
    for review in earlier:
        if version.minor and review.deadline is not None and review.deadline.dropped_at is None:
            review.version = version
            review.save(update_fields=["version"])
            AuditEvent.objects.record("reviews.review:carried-on", review, by=None, now=now, version=version.number)
        else:
            review_over(review, now=now)


def review_over(review, *, now) -> None:
    """The version that it was about has ended."""
    with review.transition(Review.Status.DROPPED, by=None, now=now):
        pass
