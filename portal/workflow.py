"""Verbs of people and tenancy. One transaction each, recorded in the ledger; `by=` and `now=` are keyword-only.

Every verb but `create_framework` needs the framework's scope.
"""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from portal import doorbell, endings, organisations, tenancy
from portal.errors import StateError
from portal.models import (
    AuditEvent,
    Board,
    Framework,
    Invitation,
    MemberOrganisation,
    Membership,
    Organisation,
    OutgoingEmail,
    PublicPages,
    User,
)
from portal.models.people import INVITATION_LIFE, inviters, sync_permissions
from portal.permissions import Role

FIELDS_OF_ORGANISATION = ("name", "address", "telephone", "ico_number", "ico_expires", "ods_code", "nation")


def create_framework(
    *,
    name: str,
    slug: str,
    by: User | None,
    now: datetime,
    nation: str = "england-and-wales",
    preset: str = Framework.Preset.GENERAL_INDIVIDUAL,
    board: str = "",
) -> Framework:
    """A new tenant with its governing board. Tiers come from protocols.presets, which the command applies after.

    Raises IntegrityError for a slug that is taken or reserved.
    """
    with transaction.atomic():
        framework = Framework.objects.create(name=name, slug=slug, nation=nation, preset=preset)
        with tenancy.scope(framework.pk):
            AuditEvent.objects.record(
                "portal.framework:created", framework, by=by, now=now, slug=slug, nation=nation, preset=preset
            )
            add_board(framework, board or _("%(framework)s Board") % {"framework": name}, by=by, now=now)
    return framework


@transaction.atomic
def add_board(
    framework: Framework, name: str, *, kind: str = Board.Kind.FRAMEWORK, by: User | None, now: datetime
) -> Board:
    """A deciding body, of the framework or of a partnership."""
    board = Board.objects.create(framework=framework, name=name, kind=kind)
    AuditEvent.objects.record("portal.board:created", board, by=by, now=now)
    return board


@transaction.atomic
def change_public_pages(framework: Framework, facts: dict[str, Any], *, by: User | None, now: datetime) -> PublicPages:
    """What the framework says on its public pages. facts: fields of PublicPages; the ledger keeps which changed."""
    pages, _created = PublicPages.objects.select_for_update().get_or_create(
        framework=framework, defaults={"changed_at": now}
    )
    changed = sorted(name for name, value in facts.items() if getattr(pages, name) != value)
    for name, value in facts.items():
        setattr(pages, name, value)
    pages.changed_at = now
    pages.save()
    AuditEvent.objects.record("portal.publicpages:changed", pages, by=by, now=now, fields=changed)
    return pages


# --- organisations


@transaction.atomic
def new_organisation(
    framework: Framework, *, joined_on: date, by: User | None, now: datetime, **facts: Any
) -> MemberOrganisation:
    """A new organisation that belongs to this framework. facts: FIELDS_OF_ORGANISATION."""
    organisation = Organisation.objects.create(**facts)
    return organisations.join(framework, organisation, joined_on=joined_on, by=by, now=now)


@transaction.atomic
def edit_organisation(member: MemberOrganisation, *, by: User, now: datetime, **facts: Any) -> Organisation:
    """Change the particulars of an organisation: its own administrator always, a framework's while it belongs to no other
    framework. Every framework that it belongs to has it in its ledger. Raises StateError otherwise."""
    if not only_here(member) and not runs(by, member):
        raise StateError(
            _("%(organisation)s belongs to other frameworks too, so its particulars cannot be changed from here.")
            % {"organisation": member.organisation},
            _("Ask an administrator of the organisation itself, or the operator of this installation, to change them."),
        )
    organisation = Organisation.objects.select_for_update().get(pk=member.organisation_id)
    changed = {
        name: str(getattr(organisation, name) or "")
        for name, value in facts.items()
        if getattr(organisation, name) != value
    }
    for name, value in facts.items():
        setattr(organisation, name, value)
    organisation.save(update_fields=list(facts))
    said: dict[str, Any] = {
        "organisation": organisation.pk,
        "was": changed,
        "to": {name: str(facts[name] or "") for name in changed},
    }
    for framework in tenancy.frameworks_of(organisation.pk):
        with tenancy.scope(framework, user_id=by.pk):
            row = MemberOrganisation.objects.select_related("organisation").get(organisation=organisation)
            AuditEvent.objects.record("portal.memberorganisation:edited", row, by=by, now=now, **said)
    return organisation


def runs(person: User, member: MemberOrganisation) -> bool:
    """Is the person an administrator of the organisation itself, in this framework?"""
    held = Membership.objects.live().filter(user=person, organisation=member.organisation_id)
    return held.filter(framework=member.framework_id, role=Role.ORGANISATION_ADMIN).exists()


def only_here(member: MemberOrganisation) -> bool:
    """Is this framework the only one that the organisation belongs to, now or before?"""
    return tenancy.frameworks_of(member.organisation_id) == (member.framework_id,)


# --- people


@transaction.atomic
def invite(
    framework: Framework,
    *,
    email: str,
    full_name: str,
    organisation: Organisation,
    role: str,
    by: User | None,
    now: datetime,
    job_title: str = "",
) -> Invitation:
    """Offer a role by mail. An open invitation to the same address for the same role is replaced (its link stops working).

    Raises StateError if the organisation is not active here, or the person holds the role already.
    """
    email = User.objects.normalize_email(email).lower()
    must_be_active(framework, organisation)
    held = framework.memberships.live().filter(user__email=email, organisation=organisation, role=role)
    if held.exists():
        raise StateError(
            _("%(email)s already holds this role for %(organisation)s.")
            % {"email": email, "organisation": organisation},
            _("Choose another role, or look at the list of people."),
        )
    for older in open_offers(framework).select_for_update().filter(email=email, organisation=organisation, role=role):
        revoke_invitation(older, by=by, now=now)
    invitation = Invitation.objects.create(
        framework=framework,
        organisation=organisation,
        email=email,
        full_name=full_name,
        job_title=job_title,
        role=role,
        invited_by=by,
        invited_at=now,
        expires_at=now + INVITATION_LIFE,
    )
    AuditEvent.objects.record(
        "portal.invitation:sent",
        invitation,
        by=by,
        now=now,
        role=role,
        organisation=organisation.pk,
        expires_at=invitation.expires_at.isoformat(),
    )
    OutgoingEmail.objects.queue(
        "people.invitation",
        to=email,
        key=f"people.invitation:{invitation.pk}",
        now=now,
        framework=framework,
        invitation=invitation.pk,
    )
    doorbell.ring()
    return invitation


@transaction.atomic
def revoke_invitation(invitation: Invitation, *, by: User | None, now: datetime) -> None:
    """Take an offer back. Raises StateError if it was accepted or revoked before."""
    invitation.refresh_from_db(from_queryset=Invitation._base_manager.select_for_update(of=("self",)))
    if invitation.accepted_at or invitation.revoked_at:
        raise StateError(_("This invitation has been used or taken back already."))
    invitation.revoked_at = now
    invitation.save(update_fields=["revoked_at"])
    AuditEvent.objects.record("portal.invitation:revoked", invitation, by=by, now=now)


@transaction.atomic
def accept_invitation(
    invitation: Invitation, *, now: datetime, user: User | None = None, password: str = ""
) -> Membership:
    """Take up an offer: an existing account that was signed in to, or a new account with a password.

    Account, membership and grants appear together or not at all. Raises StateError if the invitation is not
    open any more, its organisation is not active here, or the account is not the one it was sent to.
    """
    invitation.refresh_from_db(from_queryset=Invitation._base_manager.select_for_update(of=("self",)))
    if not invitation.open(now):
        raise StateError(_("This invitation has been used, taken back, or is too old."), _("Ask for a new invitation."))
    framework = invitation.framework
    must_be_active(framework, invitation.organisation)
    if user is None:
        user = new_account(invitation, password)
    elif user.email.lower() != invitation.email.lower():
        raise StateError(
            _("This invitation was sent to another address than the one of your account."),
            _("Sign out, then sign in with the address that received the invitation."),
        )
    membership, created = Membership.objects.get_or_create(
        framework=framework,
        user=user,
        organisation=invitation.organisation,
        role=invitation.role,
        ended_at=None,
        defaults={"started_at": now},
    )
    sync_permissions(framework, user)
    invitation.accepted_at = now
    invitation.save(update_fields=["accepted_at"])
    AuditEvent.objects.record("portal.invitation:accepted", invitation, by=user, now=now)
    if created:
        AuditEvent.objects.record(
            "portal.membership:started",
            membership,
            by=user,
            now=now,
            role=membership.role,
            organisation=membership.organisation_id,
            user=user.pk,
        )
    return membership


def new_account(invitation: Invitation, password: str) -> User:
    """The account that an invitation promises. Raises StateError if the address got one in the meantime."""
    if User.objects.filter(email=invitation.email).exists():
        raise StateError(
            _("There is an account for this address already."), _("Sign in with it, then open the link again.")
        )
    return User.objects.create_user(invitation.email, invitation.full_name, password, job_title=invitation.job_title)


@transaction.atomic
def end_membership(membership: Membership, *, by: User | None, now: datetime, reason: str = "") -> None:
    """End a role at once, with everything that ends with it: what other apps hang on it (portal.endings), and the open
    invitations that the person sent, unless another role still lets them invite. The next request finds it gone.

    Raises StateError if it has ended before, or if the framework would be left without an administrator.
    """
    framework = membership.framework
    # one lock for the framework: two administrators who end each other's role at once leave one of them
    Framework.objects.select_for_update().get(pk=framework.pk)
    membership.refresh_from_db(from_queryset=Membership._base_manager.select_for_update(of=("self",)))
    if membership.ended_at:
        raise StateError(_("This role has ended already."))
    admins = framework.memberships.live().filter(role=Role.FRAMEWORK_ADMIN)
    if membership.role == Role.FRAMEWORK_ADMIN and not admins.exclude(pk=membership.pk).exists():
        raise StateError(
            _("%(person)s is the last administrator of this framework.") % {"person": membership.user},
            _("Invite another administrator first. When they have accepted, end this role."),
        )
    membership.ended_at = now
    membership.save(update_fields=["ended_at"])
    sync_permissions(framework, membership.user)
    for offer in orphaned_invitations(membership):
        revoke_invitation(offer, by=by, now=now)
    AuditEvent.objects.record(
        "portal.membership:ended",
        membership,
        by=by,
        now=now,
        role=membership.role,
        organisation=membership.organisation_id,
        user=membership.user_id,
        reason=reason,
    )
    endings.run(membership, by=by, now=now)


def orphaned_invitations(membership: Membership) -> QuerySet[Invitation]:
    """Open invitations that the person sent and without this role may no longer send."""
    others = inviters(membership.framework_id).filter(user=membership.user).exclude(pk=membership.pk)
    sent = open_offers(membership.framework).filter(invited_by=membership.user)
    return sent.none() if others.exists() else sent


def open_offers(framework: Framework) -> QuerySet[Invitation]:
    """Invitations that were neither taken up nor taken back."""
    return Invitation.objects.filter(framework=framework, accepted_at__isnull=True, revoked_at__isnull=True)


def must_be_active(framework: Framework, organisation: Organisation) -> None:
    """Raises StateError unless the organisation is an active member of the framework."""
    active = MemberOrganisation.Status.ACTIVE
    if not MemberOrganisation.objects.filter(framework=framework, organisation=organisation, status=active).exists():
        raise StateError(
            _("%(organisation)s is not an active member of this framework.") % {"organisation": organisation}
        )
