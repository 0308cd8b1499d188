"""A review is held: who takes part, its findings, its report, what is decided, what is done (HAR-5.2 to HAR-5.5).

Every function is one transaction, needs the framework's scope, and takes `by` (User) and `now` (aware UTC).
"""

from django.db import transaction
from django.utils.translation import gettext as _

from portal.errors import NotReady, StateError
from portal.models import AuditEvent, Deadline, Meeting, Membership
from portal.permissions import ROLE_PERMISSIONS, Perm, Role
from reviews import cycle, informal
from reviews.errors import FindingClash
from reviews.models import Consent, Finding, Review, Reviewer

FINDINGS = "review.findings"


def locked(review) -> Review:
    """The review, re-read under its row lock; call inside a transaction."""
    review.refresh_from_db(from_queryset=Review._base_manager.select_for_update(of=("self",)))
    return review


def require(review, *states, words) -> None:
    """Raises StateError unless the review stands in one of the states."""
    if review.status not in states:
        raise StateError(
            _("%(review)s is “%(state)s”.") % {"review": review, "state": review.get_status_display().lower()}, words
        )


# --- who takes part (HAR-5.2)


def holds(user, organisation, perm, framework_id) -> bool:
    """Does the person hold a role with this permission for this organisation now?"""
    roles = [role for role, perms in ROLE_PERMISSIONS.items() if perm in perms]
    mine = Membership.objects.live().filter(framework=framework_id, user=user, role__in=roles)
    return mine.filter(organisation=organisation).exists()


def represents(user, organisation, framework_id) -> bool:
    """Is the person a representative of the organisation now?"""
    mine = Membership.objects.live().filter(framework=framework_id, user=user, role=Role.REPRESENTATIVE)
    return mine.filter(organisation=organisation).exists()


def may_name(user, organisation, framework_id) -> bool:
    """Reviewers are named by the organisation itself: its representative, or its own drafter or secretary."""
    return represents(user, organisation, framework_id) or holds(user, organisation, Perm.REVIEW, framework_id)


def may_work(review, access) -> bool:
    """Who starts a review, writes findings and settles them: its reviewers, and drafters and secretaries."""
    return access.can(Perm.REVIEW) or review.reviewers.filter(user=access.user).exists()


def people_of(organisation, framework_id):
    """Who can be named as reviewer: everybody who works here for the organisation now."""
    return Membership.objects.live().filter(framework=framework_id, organisation=organisation)


def party_organisation(review, organisation):
    """Raises StateError unless the organisation is a party in force."""
    if not review.parties().filter(organisation=organisation).exists():
        raise StateError(_("%(organisation)s is not a party in force.") % {"organisation": organisation})


@transaction.atomic
def name_reviewer(review, *, organisation, user, by, now) -> Reviewer:
    """An organisation names the officer by whom it takes part. What it consented to before falls away."""
    locked(review)
    require(review, *BEFORE_HELD, words=_("Reviewers are named before the findings are settled."))
    party_organisation(review, organisation)
    if not people_of(organisation, review.framework_id).filter(user=user).exists():
        raise StateError(_("%(person)s does not work here for %(organisation)s.") % facts_of(user, organisation))
    if Reviewer.objects.filter(review=review, organisation=organisation, user=user).exists():
        raise StateError(_("%(person)s is a reviewer already.") % facts_of(user, organisation))
    Consent.objects.filter(review=review, organisation=organisation).delete()
    made = Reviewer.objects.create(
        framework_id=review.framework_id, review=review, organisation=organisation, user=user, named_by=by, named_at=now
    )
    AuditEvent.objects.record("reviews.review:reviewer-named", review, by=by, now=now, organisation=organisation.name)
    return made


def facts_of(user, organisation) -> dict:
    """Names for a message."""
    return {"person": user, "organisation": organisation}


@transaction.atomic
def remove_reviewer(reviewer, *, by, now) -> None:
    """Somebody else, or nobody: until the review has begun."""
    review = locked(reviewer.review)
    require(review, Review.Status.OPEN, words=_("A reviewer can be taken off until the review begins."))
    AuditEvent.objects.record(
        "reviews.review:reviewer-removed", review, by=by, now=now, organisation=reviewer.organisation.name
    )
    reviewer.delete()


@transaction.atomic
def consent(review, *, organisation, by, now) -> Consent:
    """A party consents to the review being held by the others (HAR-5.2). Raises StateError if it has a reviewer."""
    locked(review)
    require(review, Review.Status.OPEN, words=_("Consent is given before the review begins."))
    party_organisation(review, organisation)
    if review.reviewers.filter(organisation=organisation).exists():
        raise StateError(_("%(organisation)s has named a reviewer.") % {"organisation": organisation})
    made, is_new = Consent.objects.get_or_create(
        review=review, organisation=organisation,
        defaults={"framework_id": review.framework_id, "given_by": by, "given_at": now},
    )  # fmt: skip
    if is_new:
        AuditEvent.objects.record("reviews.review:consented", review, by=by, now=now, organisation=organisation.name)
    return made


def in_the_way(review) -> list[str]:
    """What stands between the review and its beginning: parties in force without reviewer and without consent."""
    reviewing = set(review.reviewers.values_list("organisation", flat=True))
    answered = reviewing | set(review.consents.values_list("organisation", flat=True))
    words = _("%(organisation)s has neither named a reviewer nor consented to a review without one.")
    lacking = [words % {"organisation": one.name} for one in review.parties() if one.organisation_id not in answered]
    return lacking if reviewing else [_("Nobody has been named as reviewer."), *lacking]


@transaction.atomic
def start(review, *, by, now) -> None:
    """To be prepared → in progress. Raises NotReady while a party has neither reviewer nor consent (HAR-5.2)."""
    locked(review)
    with review.transition(Review.Status.IN_PROGRESS, by=by, now=now, single=single(review)):
        if lacking := in_the_way(review):
            raise NotReady(
                _("This review cannot begin yet."), lacking,
                what_to_do=_("Each party names a reviewer, or its representative consents to a review by the others."),
            )  # fmt: skip
        review.started_at = now
    informal.take_in(review, now=now)


def single(review) -> str:
    """The name of the only organisation that reviews, with the consent of the others; else ""."""
    names = set(review.reviewers.values_list("organisation__name", flat=True))
    return names.pop() if len(names) == 1 and review.parties().count() > 1 else ""


# --- findings


BEFORE_HELD = (Review.Status.OPEN, Review.Status.IN_PROGRESS)


def clause_words(review, uid) -> str:
    """Number and title of a clause of the reviewed version. Raises StateError if it is not part of it."""
    clause = review.version.clauses.filter(uid=uid).first() if uid else None
    if uid and clause is None:
        raise StateError(_("This clause is not part of the version that is reviewed."))
    return str(clause)[:250] if clause else ""


@transaction.atomic
def add_finding(review, *, by, now, clause_uid=None, **words) -> Finding:
    """A finding, while the review is in progress. words: severity, text, recommendation."""
    locked(review)
    require(review, Review.Status.IN_PROGRESS, words=_("Findings are written while the review is in progress."))
    finding = Finding.objects.create(
        framework_id=review.framework_id, review=review, clause_uid=clause_uid,
        clause_label=clause_words(review, clause_uid), made_by=by, made_at=now, **words,
    )  # fmt: skip
    AuditEvent.objects.record("reviews.finding:added", finding, by=by, now=now)
    return finding


@transaction.atomic
def change_finding(finding, *, revision, by, now, clause_uid=None, **words) -> None:
    """Other words for a finding, while the review is in progress. Raises FindingClash if somebody saved since."""
    review = locked(finding.review)
    require(review, Review.Status.IN_PROGRESS, words=_("The findings are settled. Add a correction instead."))
    finding.refresh_from_db()
    finding.review = review
    if finding.revision != revision:
        raise FindingClash(finding)
    finding.clause_uid, finding.clause_label = clause_uid, clause_words(review, clause_uid)
    for name, value in words.items():
        setattr(finding, name, value)
    finding.revision += 1
    finding.save()
    AuditEvent.objects.record("reviews.finding:changed", finding, by=by, now=now)


@transaction.atomic
def remove_finding(finding, *, by, now) -> None:
    """A finding that was none."""
    review = locked(finding.review)
    require(review, Review.Status.IN_PROGRESS, words=_("The findings are settled. Add a correction instead."))
    AuditEvent.objects.record("reviews.finding:removed", finding, by=by, now=now, text=finding.text)
    finding.delete()


@transaction.atomic
def correct(finding, *, by, now, **words) -> Finding:
    """A correction of a settled finding: a record of its own, the old words stay."""
    review = locked(finding.review)
    require(review, *AFTER_HELD, words=_("While the review is in progress, change the finding itself."))
    made = Finding.objects.create(
        framework_id=review.framework_id, review=review, corrects=finding, clause_uid=finding.clause_uid,
        clause_label=finding.clause_label, made_by=by, made_at=now, **words,
    )  # fmt: skip
    AuditEvent.objects.record("reviews.finding:corrected", made, by=by, now=now)
    return made


AFTER_HELD = (Review.Status.COMPLETED, Review.Status.REPORTED, Review.Status.AGREED, Review.Status.CLOSED)


@transaction.atomic
def complete(review, *, summary, by, now) -> Deadline:
    """In progress → findings settled: they are frozen, the cycle goes on, and the report is due (HAR-5.1, HAR-5.3).

    Returns the deadline of the report: the next meeting of the deciding body, or one month, whichever is sooner.
    """
    with review.transition(Review.Status.COMPLETED, by=by, now=now):
        if not summary.strip():
            raise NotReady(_("Say what was reviewed, and how."))
        review.summary, review.completed_at, review.completed_by = summary, now, by
    cycle.held(review, by=by, now=now)
    meeting = next_meeting(review.protocol.deciding_body, now)
    return Deadline.objects.start(
        FINDINGS, review, framework=review.framework, start=now, now=now, by=by, nation=review.protocol.nation,
        owner=review.protocol.lead_organisation, next_meeting=meeting and meeting.starts_at,
    )  # fmt: skip


def next_meeting(board, moment) -> Meeting | None:
    """The first meeting of the board after the moment, held or still to be held (READ-6)."""
    if board is None:
        return None
    found = Meeting.objects.filter(board=board, starts_at__gt=moment).exclude(status=Meeting.Status.CANCELLED)
    return found.order_by("starts_at", "pk").first()


def meeting_changed(meeting, *, by, now) -> None:
    """A meeting was planned, moved or cancelled: reports that are due by it are counted again, visibly (READ-6)."""
    waiting = Deadline.objects.open().filter(
        rule=FINDINGS, subject_type__app_label="reviews", subject_type__model="review"
    )
    reviews = Review.objects.select_related("protocol__tier__deciding_body", "protocol__partnership__board")
    by_id = reviews.in_bulk(waiting.values_list("subject_id", flat=True))
    for deadline in waiting:
        if by_id[deadline.subject_id].protocol.deciding_body != meeting.board:
            continue
        coming = next_meeting(meeting.board, deadline.started_at)
        reason = _("A meeting of %(board)s was planned, moved or cancelled") % {"board": meeting.board}
        deadline.recount(by=by, now=now, reason=reason, next_meeting=coming and coming.starts_at)
