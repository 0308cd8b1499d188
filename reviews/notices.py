"""Mails about reviews: opened, findings reported, plan agreed. They say reference and number only, and carry one link."""

from django.utils.translation import gettext_lazy as _

from portal.models import OutgoingEmail
from portal.notices import absolute, holders, notice
from portal.permissions import Access, Perm
from reviews.models import Review

TAKES_PART = _("You get this message because you prepare reviews or represent a party of this protocol.")


def queue(kind, people, review, *, now) -> None:
    """One mail to each person, in the act's own transaction."""
    for person in dict.fromkeys(people):
        OutgoingEmail.objects.queue(
            kind, to=person, key=f"{kind}:{review.pk}:{person.pk}", now=now, framework=review.framework_id,
            review=review.pk,
        )  # fmt: skip


def who_takes_part(review) -> list:
    """Drafters and secretaries of the lead organisation, and the representatives of the parties in force."""
    lead = holders(review.framework_id, Perm.REVIEW, organisations=[review.protocol.lead_organisation_id])
    parties = review.parties().values("organisation")
    return [*lead, *holders(review.framework_id, Perm.REPRESENT, organisations=parties)]


def tell_opened(review, *, now) -> None:
    """A review is to be prepared: to the representatives. The lead is reminded of its deadline on the same day, by the
    ladder (KEN-1.2); of a review without one it is told here."""
    people = who_takes_part(review)
    if review.deadline is not None:
        people = holders(review.framework_id, Perm.REPRESENT, organisations=review.parties().values("organisation"))
    queue("reviews.opened", people, review, now=now)


def tell_reported(review, *, now) -> None:
    """The report is distributed: to the parties, the reviewers, and those who keep the deciding body's records (HAR-5.3)."""
    reviewers = [one.user for one in review.reviewers.select_related("user")]
    people = [*who_takes_part(review), *holders(review.framework_id, Perm.DECIDE), *reviewers]
    queue("reviews.reported", people, review, now=now)


def tell_agreed(review, *, now) -> None:
    """What the deciding body decided: to the same and to the drafters."""
    people = [*who_takes_part(review), *holders(review.framework_id, Perm.REVIEW)]
    queue("reviews.agreed", people, review, now=now)


def subject_of(email) -> Review | None:
    """The review of a mail, if its reader may still see it."""
    found = Review.objects.select_related("protocol", "version", "framework", "deadline", "decision")
    review = found.filter(pk=email.ids["review"]).first()
    if review is None:
        return None
    seen = Review.objects.visible_to(Access.of(email.user, review.framework))
    return review if seen.filter(pk=review.pk).exists() else None


def about(review) -> dict:
    """What every mail of this module says."""
    return {
        "reference": review.protocol.reference,
        "number": review.version.number,
        "kind": review.get_kind_display().lower(),
        "framework_name": review.framework.name,
        "link": absolute(review.get_absolute_url()),
    }


@notice("reviews.opened", why=TAKES_PART)
def opened(email):
    """Only while it has not begun."""
    review = subject_of(email)
    if review is None or review.status != Review.Status.OPEN:
        return None
    return about(review) | {"due_at": review.deadline.due_at if review.deadline else None}


@notice("reviews.reported", why=TAKES_PART)
def reported(email):
    """Where the report is."""
    review = subject_of(email)
    return review and about(review)


@notice("reviews.agreed", why=TAKES_PART)
def agreed(email):
    """The outcome, without its reasons."""
    review = subject_of(email)
    if review is None or review.decision is None:
        return None
    return about(review) | {
        "outcome": review.get_outcome_display().lower(),
        "decided_on": review.decision.decided_on,
        "actions": review.actions.count(),
    }
