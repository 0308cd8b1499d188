"""What waits for drafters, commenters and secretaries (experience.md: "drafts waiting for me; comments to answer")."""

from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal import clock, todo
from portal.models import Decision, Membership
from portal.permissions import ROLE_PERMISSIONS, Perm
from protocols import workflow
from protocols.models import Comment, Consultation, JoinRequest, Publication, Version
from protocols.register import in_effect


def held(user, perm):
    """Memberships of the person whose role gives the permission, in the framework of the outer row."""
    roles = [role for role, perms in ROLE_PERMISSIONS.items() if perm in perms]
    return Membership.objects.live().filter(framework=OuterRef("framework"), user=user, role__in=roles)


def address(name, version) -> str:
    """The page of that name about a version."""
    return reverse(name, args=[version.framework.slug, version.protocol.reference, version.number])


def named(version) -> dict:
    """Reference and name, for a title."""
    return {"reference": version.protocol.reference, "name": version.name}


def versions(user, perm, *states):
    """Versions in these states in frameworks where the person holds the permission."""
    found = Version.objects.filter(Exists(held(user, perm)), status__in=states)
    return found.select_related("protocol", "framework").order_by("pk")


@todo.register
def drafts(user):
    """Drafts to finish, consultations to answer or close, approved drafts to open for signature: for drafters."""
    status = Version.Status
    for version in versions(user, Perm.DRAFT, status.DRAFT):
        yield todo.Item(
            _("Finish %(reference)s %(name)s") % named(version), address("draft", version), None, version.framework,
            version.protocol.title,
        )  # fmt: skip
    rounds = Consultation.objects.filter(Exists(held(user, Perm.DRAFT)), closed_at__isnull=True)
    rounds = rounds.select_related("version__protocol", "version__framework").annotate(
        waiting=Count("comments", filter=Q(comments__responded_at__isnull=True))
    )
    for one in rounds:
        version, due = one.version, clock.end_of_day(one.closes_on)
        waiting = one.waiting  # type: ignore[attr-defined]  # counted above
        href = address("consultation", version)
        if waiting:
            title = ngettext(
                "Answer %(count)d comment on %(reference)s %(name)s",
                "Answer %(count)d comments on %(reference)s %(name)s",
                waiting,
            ) % {"count": waiting, **named(version)}
        else:
            title = _("Close the consultation on %(reference)s %(name)s") % named(version)
        yield todo.Item(title, href, due, version.framework, version.protocol.title)
    still_open = Consultation.objects.filter(version=OuterRef("pk"), closed_at__isnull=True)
    for version in versions(user, Perm.DRAFT, status.CONSULTATION).filter(~Exists(still_open)):
        title = _("Go on with %(reference)s %(name)s") % named(version)
        yield todo.Item(title, address("consultation", version), None, version.framework, version.protocol.title)
    approved = versions(user, Perm.DRAFT, status.APPROVED).filter(protocol__tier__adopted=False)
    for version in approved.select_related("approval"):
        words = _("Freeze the text of %(reference)s %(name)s") if version.approval.no_re_signing else None
        title = (words or _("Open %(reference)s %(name)s for signature")) % named(version)
        yield todo.Item(title, address("approval", version), None, version.framework, version.protocol.title)


@todo.register
def comments(user):
    """Drafts on which the person's organisation is asked to comment and has not yet: for people of the parties."""
    mine = held(user, Perm.COMMENT).filter(organisation__parties__version=OuterRef("version"))
    said = Comment.objects.filter(consultation=OuterRef("pk"), author=user)
    asked = Consultation.objects.filter(
        Exists(mine), ~Exists(said), ~Exists(held(user, Perm.DRAFT)), closed_at__isnull=True
    )
    for one in asked.select_related("version__protocol", "version__framework"):
        version = one.version
        yield todo.Item(
            _("Comment on %(reference)s %(name)s") % named(version), address("consultation", version),
            clock.end_of_day(one.closes_on), version.framework, version.protocol.title,
        )  # fmt: skip


@todo.register
def approvals(user):
    """Drafts that wait for a decision: for those who record decisions."""
    for version in versions(user, Perm.DECIDE, Version.Status.APPROVAL):
        title = _("Record the decision on %(reference)s %(name)s") % named(version)
        yield todo.Item(title, address("approval", version), None, version.framework, version.protocol.title)


@todo.register
def adoptions(user):
    """Approved documents whose adoption by the one organisation is still to be recorded (DUD-8)."""
    for version in versions(user, Perm.DECIDE, Version.Status.APPROVED).filter(protocol__tier__adopted=True):
        title = _("Record the adoption of %(reference)s %(name)s") % named(version)
        yield todo.Item(title, address("adoption", version), None, version.framework, version.protocol.title)


@todo.register
def ratifications(user):
    """Urgent approvals that the deciding body has still to ratify, by their date; and versions that stand although it
    refused (HAR-2.3): for those who record decisions."""
    answers = Decision.objects.filter(
        subject_type=Version._meta.label_lower, subject_id=OuterRef("pk"), pk__gt=OuterRef("approval"),
        outcome__in=workflow.RATIFICATIONS,
    )  # fmt: skip
    urgent = versions(user, Perm.DECIDE, *(set(Version.Status.values) - workflow.OVER)).filter(
        approval__outcome=Decision.Outcome.URGENT
    )
    for version in urgent.annotate(answer=Subquery(answers.values("outcome")[:1])).select_related("approval"):
        if version.answer == Decision.Outcome.RATIFIED:
            continue
        if version.answer:
            title, due = _("Withdraw %(reference)s %(name)s: ratification was refused") % named(version), None
        else:
            title = _("Have the urgent approval of %(reference)s %(name)s ratified") % named(version)
            due = clock.end_of_day(version.approval.ratify_by) if version.approval.ratify_by else None
        yield todo.Item(title, address("approval", version), due, version.framework, version.protocol.title)


@todo.register
def publications(user):
    """Versions in force of which nobody has decided yet what the public sees (UK-pub): for those who decide it."""
    decided = Publication.objects.filter(version=OuterRef("pk"))
    for version in versions(user, Perm.DECIDE, Version.Status.IN_FORCE).filter(~Exists(decided)):
        title = _("Decide what is published of %(reference)s %(name)s") % named(version)
        yield todo.Item(title, address("publication", version), None, version.framework, version.protocol.title)
    again = versions(user, Perm.DECIDE, Version.Status.COMPLETED, Version.Status.IN_FORCE)
    again = again.annotate(review_on=in_effect("review_on")).filter(review_on__lte=clock.today())
    for version in again:
        title = _("Look again at what is published of %(reference)s %(name)s") % named(version)
        due = clock.end_of_day(version.review_on)
        yield todo.Item(title, address("publication", version), due, version.framework, version.protocol.title)


@todo.register
def requests_to_join(user):
    """Organisations that asked to join and have no answer yet (HAM-register): for those who record authority."""
    found = JoinRequest.objects.waiting().filter(Exists(held(user, Perm.AUTHORISE))).select_related("framework")
    for one in found.order_by("made_at", "pk"):
        title = _("Answer %(organisation)s, which asks to join") % {"organisation": one.organisation}
        yield todo.Item(title, reverse("join-request", args=[one.framework.slug, one.pk]), None, one.framework)
