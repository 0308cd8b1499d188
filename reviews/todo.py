"""What reviews ask of a person; what a deadline of the own organisation says already is not said twice (portal.todo)."""

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from portal import todo
from portal.db.statements import prepared
from portal.models import Deadline, Membership
from portal.permissions import ROLE_PERMISSIONS, Perm, Role
from protocols.models import Party, Version
from reviews.models import Consent, Review, Reviewer
from reviews.models.review import IN_FORCE
from reviews.workflow import FINDINGS


def held(user, perm):
    """Memberships of the person whose role gives the permission, in the framework of the outer row."""
    roles = [role for role, perms in ROLE_PERMISSIONS.items() if perm in perms]
    return Membership.objects.live().filter(framework=OuterRef("framework"), user=user, role__in=roles)


def found(reviews):
    """With what an item shows."""
    return reviews.select_related("protocol", "version", "framework", "deadline").order_by("pk")


def named(review) -> dict:
    """Reference and kind, for a title."""
    return {"reference": review.protocol.reference, "kind": review.get_kind_display().lower()}


def item(review, title, href="", *, dated=True, by=None, note="") -> todo.Item:
    """One thing to do, by the day of the review, or by another one. note: in place of the title of the protocol."""
    due = by or (review.deadline.due_at if dated and review.deadline else None)
    return todo.Item(title, href or review.get_absolute_url(), due, review.framework, note or review.protocol.title)


@todo.register
def answers(user):
    """Parties that have neither named a reviewer nor consented: for their representatives (HAR-5.2)."""
    for review in to_answer(user):
        for party in represented(user).filter(version=review.version_id):
            same = {"review": review, "organisation": party.organisation_id}
            if Reviewer.objects.filter(**same).exists() or Consent.objects.filter(**same).exists():
                continue
            title = _("Name a reviewer of %(organisation)s, or consent: %(reference)s, %(kind)s") % (
                named(review) | {"organisation": party.name}
            )
            href = reverse("review-take-part", args=[review.framework.slug, review.pk, party.organisation_id])
            yield item(review, title, href)


def represented(user):
    """Parties bound by a version that the person represents."""
    mine = Membership.objects.live().filter(user=user, role=Role.REPRESENTATIVE)
    return Party.objects.filter(
        Exists(mine.filter(framework=OuterRef("framework"), organisation=OuterRef("organisation"))), status__in=IN_FORCE
    )


@prepared
def to_answer(user):
    """Open reviews of versions that bind a party which the person represents."""
    return found(Review.objects.filter(status=Review.Status.OPEN, version__in=represented(user).values("version")))


@todo.register
def reviewing(user):
    """Reviews in progress in which the person is a reviewer."""
    for review in to_write(user):
        yield item(review, _("Write the findings: %(reference)s, %(kind)s") % named(review))


@prepared
def to_write(user):
    """Reviews in progress in which the person is a reviewer and still has a role."""
    mine = Reviewer.objects.filter(review=OuterRef("pk"), user=user)
    member = Membership.objects.live().filter(framework=OuterRef("framework"), user=user)
    return found(Review.objects.filter(Exists(mine), Exists(member), status=Review.Status.IN_PROGRESS))


@todo.register
def reporting(user):
    """Settled findings, for those who may report them; in the lead organisation the deadline says so already (HAR-5.3)."""
    waiting = settled(user)
    owed = Deadline.objects.open().filter(rule=FINDINGS, subject_type__model="review")
    days = dict(owed.filter(subject_id__in=[one.pk for one in waiting]).values_list("subject_id", "due_at"))
    for review in waiting:
        href = reverse("review-report", args=[review.framework.slug, review.pk])
        title = _("Report the findings: %(reference)s, %(kind)s") % named(review)
        yield item(review, title, href, dated=False, by=days.get(review.pk))


@prepared
def settled(user):
    """Reviews with settled findings where the person may report them, without those that their organisation leads."""
    lead = Membership.objects.live().filter(user=user, organisation=OuterRef("protocol__lead_organisation"))
    done = Review.objects.filter(Exists(held(user, Perm.REVIEW)), status=Review.Status.COMPLETED)
    return found(done.exclude(Exists(lead.filter(framework=OuterRef("framework")))))


@todo.register
def running(user):
    """For drafters and secretaries: triggered reviews, which no deadline names. For secretaries: what is to be decided,
    and versions that are to be withdrawn after a review."""
    for review in triggered(user):
        note = f"{review.protocol.title}. {review.why}"  # of two on one protocol, each says what it is about
        yield item(review, _("Hold the review of %(reference)s (%(kind)s)") % named(review), note=note)
    for review in reported(user):
        yield item(review, _("Record what was decided on the review of %(reference)s") % named(review), dated=False)
    for review in to_end(user):
        yield item(review, _("Withdraw %(reference)s: the review ended with this") % named(review), dated=False)


@prepared
def triggered(user):
    """Unfinished reviews without a date, where the person reviews."""
    return found(Review.objects.unfinished().filter(Exists(held(user, Perm.REVIEW)), deadline=None))


@prepared
def reported(user):
    """Reviews whose findings wait for a decision, where the person records decisions."""
    return found(Review.objects.filter(Exists(held(user, Perm.DECIDE)), status=Review.Status.REPORTED))


@prepared
def to_end(user):
    """Reviews that ended with "withdraw it", of versions that still stand."""
    states = [Version.Status.IN_FORCE, Version.Status.COMPLETED]
    ended = Review.objects.filter(Exists(held(user, Perm.DECIDE)), outcome="terminate", status=Review.Status.AGREED)
    return found(ended.filter(version__status__in=states))
