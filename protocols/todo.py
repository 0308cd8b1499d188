"""What waits for drafters, commenters and secretaries (experience.md: "drafts waiting for me; comments to answer")."""

from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal import clock, todo
from portal.db.statements import prepared
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


@prepared
def in_state(user, *, perm, state):
    """Versions in this state in frameworks where the person holds the permission."""
    return versions(user, perm, state)


@todo.register
def drafts(user):
    """Drafts to finish, consultations to answer or close, approved drafts to open for signature: for drafters."""
    status = Version.Status
    for version in in_state(user, perm=Perm.DRAFT, state=status.DRAFT):
        yield todo.Item(
            _("Finish %(reference)s %(name)s") % named(version), address("draft", version), None, version.framework,
            version.protocol.title,
        )  # fmt: skip
    for one in rounds(user):
        version, due, waiting = one.version, clock.end_of_day(one.closes_on), one.waiting
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
    for version in between_rounds(user):
        title = _("Go on with %(reference)s %(name)s") % named(version)
        yield todo.Item(title, address("consultation", version), None, version.framework, version.protocol.title)
    for version in approved(user):
        words = _("Freeze the text of %(reference)s %(name)s") if version.approval.no_re_signing else None
        title = (words or _("Open %(reference)s %(name)s for signature")) % named(version)
        yield todo.Item(title, address("approval", version), None, version.framework, version.protocol.title)


@prepared
def rounds(user):
    """Open consultations in frameworks where the person drafts, with how many comments have no response yet."""
    found = Consultation.objects.filter(Exists(held(user, Perm.DRAFT)), closed_at__isnull=True)
    return found.select_related("version__protocol", "version__framework").annotate(
        waiting=Count("comments", filter=Q(comments__responded_at__isnull=True))
    )


@prepared
def between_rounds(user):
    """Versions in consultation whose last round is closed."""
    still_open = Consultation.objects.filter(version=OuterRef("pk"), closed_at__isnull=True)
    return versions(user, Perm.DRAFT, Version.Status.CONSULTATION).filter(~Exists(still_open))


@prepared
def approved(user):
    """Approved versions of a tier that is signed."""
    found = versions(user, Perm.DRAFT, Version.Status.APPROVED).filter(protocol__tier__adopted=False)
    return found.select_related("approval")


@todo.register
def comments(user):
    """Drafts on which the person's organisation is asked to comment and has not yet: for people of the parties."""
    for one in asked(user):
        version = one.version
        yield todo.Item(
            _("Comment on %(reference)s %(name)s") % named(version), address("consultation", version),
            clock.end_of_day(one.closes_on), version.framework, version.protocol.title,
        )  # fmt: skip


@prepared
def asked(user):
    """Consultations on which the person has said nothing, though their organisation is asked."""
    mine = held(user, Perm.COMMENT).filter(organisation__parties__version=OuterRef("version"))
    said = Comment.objects.filter(consultation=OuterRef("pk"), author=user)
    found = Consultation.objects.filter(
        Exists(mine), ~Exists(said), ~Exists(held(user, Perm.DRAFT)), closed_at__isnull=True
    )
    return found.select_related("version__protocol", "version__framework")


@todo.register
def approvals(user):
    """Drafts that wait for a decision: for those who record decisions."""
    for version in in_state(user, perm=Perm.DECIDE, state=Version.Status.APPROVAL):
        title = _("Record the decision on %(reference)s %(name)s") % named(version)
        yield todo.Item(title, address("approval", version), None, version.framework, version.protocol.title)


@todo.register
def adoptions(user):
    """Approved documents whose adoption by the one organisation is still to be recorded (DUD-8)."""
    for version in to_adopt(user):
        title = _("Record the adoption of %(reference)s %(name)s") % named(version)
        yield todo.Item(title, address("adoption", version), None, version.framework, version.protocol.title)


@prepared
def to_adopt(user):
    """Approved versions of a tier that is adopted and not signed."""
    return versions(user, Perm.DECIDE, Version.Status.APPROVED).filter(protocol__tier__adopted=True)


@todo.register
def ratifications(user):
    """Urgent approvals that the deciding body has still to ratify, by their date; and versions that stand although it
    refused (HAR-2.3): for those who record decisions."""
    for version in urgent(user):
        if version.answer == Decision.Outcome.RATIFIED:
            continue
        if version.answer:
            title, due = _("Withdraw %(reference)s %(name)s: ratification was refused") % named(version), None
        else:
            title = _("Have the urgent approval of %(reference)s %(name)s ratified") % named(version)
            due = clock.end_of_day(version.approval.ratify_by) if version.approval.ratify_by else None
        yield todo.Item(title, address("approval", version), due, version.framework, version.protocol.title)


@prepared
def urgent(user):
    """Versions that stand by an urgent approval, with `answer`: what the deciding body said of it afterwards, or None."""
    answers = Decision.objects.filter(
        subject_type=Version._meta.label_lower, subject_id=OuterRef("pk"), pk__gt=OuterRef("approval"),
        outcome__in=workflow.RATIFICATIONS,
    )  # fmt: skip
    found = versions(user, Perm.DECIDE, *sorted(set(Version.Status.values) - workflow.OVER))
    found = found.filter(approval__outcome=Decision.Outcome.URGENT)
    return found.annotate(answer=Subquery(answers.values("outcome")[:1])).select_related("approval")


@todo.register
def publications(user):
    """Versions in force of which nobody has decided yet what the public sees (UK-pub): for those who decide it."""
    for version in undecided(user):
        title = _("Decide what is published of %(reference)s %(name)s") % named(version)
        yield todo.Item(title, address("publication", version), None, version.framework, version.protocol.title)
    for version in to_look_at_again(user, clock.today()):
        title = _("Look again at what is published of %(reference)s %(name)s") % named(version)
        due = clock.end_of_day(version.review_on)
        yield todo.Item(title, address("publication", version), due, version.framework, version.protocol.title)


@prepared
def undecided(user):
    """Versions in force without any publication decision."""
    decided = Publication.objects.filter(version=OuterRef("pk"))
    return versions(user, Perm.DECIDE, Version.Status.IN_FORCE).filter(~Exists(decided))


@prepared
def to_look_at_again(user, today):
    """Versions whose publication decision in effect is to be looked at again by this day, with `review_on`."""
    found = versions(user, Perm.DECIDE, Version.Status.COMPLETED, Version.Status.IN_FORCE)
    return found.annotate(review_on=in_effect("review_on")).filter(review_on__lte=today)


@todo.register
def requests_to_join(user):
    """Organisations that asked to join and have no answer yet (HAM-register): for those who record authority."""
    for one in asked_to_join(user):
        title = _("Answer %(organisation)s, which asks to join") % {"organisation": one.organisation}
        yield todo.Item(title, reverse("join-request", args=[one.framework.slug, one.pk]), None, one.framework)


@prepared
def asked_to_join(user):
    """Requests without an answer where the person records authority."""
    found = JoinRequest.objects.waiting().filter(Exists(held(user, Perm.AUTHORISE))).select_related("framework")
    return found.order_by("made_at", "pk")
