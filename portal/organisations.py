"""An organisation that is known already joins a framework; one is suspended and let in again.

One transaction each, recorded in the ledger; `by=` and `now=` are keyword-only. Each needs the framework's scope.
"""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from portal.errors import NotReady, StateError
from portal.models import AuditEvent, Framework, MemberOrganisation, Organisation, User
from portal.models.people import sync_permissions
from portal.permissions import Role

MOST = 10  # organisations of one name


def known(words: str) -> list[Organisation]:
    """Organisations of this installation with exactly this ICO number, ODS code or name; never a part of one."""
    words = " ".join(words.split())
    code = words.upper().replace(" ", "")
    if not words:
        return []
    same = Q(name__iexact=words) | Q(ico_number=code) | Q(ods_code=code)
    return list(Organisation.objects.filter(same).order_by("name", "pk")[:MOST])


@transaction.atomic
def join(
    framework: Framework, organisation: Organisation, *, joined_on: date, by: User | None, now: datetime
) -> MemberOrganisation:
    """An organisation of another framework, or one that had left, becomes a member. Raises StateError if it is one."""
    Framework.objects.select_for_update().get(pk=framework.pk)
    member = MemberOrganisation.objects.filter(framework=framework, organisation=organisation).first()
    if member is None:
        member = MemberOrganisation(framework=framework, organisation=organisation)
    elif member.status != MemberOrganisation.Status.LEFT:
        raise StateError(
            _("%(organisation)s is a member of this framework already.") % {"organisation": organisation},
            _("Look for it in the list of organisations."),
        )
    member.status, member.joined_on, member.left_on = MemberOrganisation.Status.ACTIVE, joined_on, None
    member.save()
    for user in people_of(member):
        sync_permissions(framework, user)
    AuditEvent.objects.record(
        "portal.memberorganisation:joined",
        member,
        by=by,
        now=now,
        organisation=organisation.pk,
        joined_on=joined_on.isoformat(),
    )
    return member


def suspend(member: MemberOrganisation, *, reason: str, by: User | None, now: datetime) -> None:
    """Active → suspended: from the next request on, its people come in no more. Their roles are kept for later.

    Raises StateError in another state, or if the framework would be left without an administrator.
    """
    states = MemberOrganisation.Status
    change(member, states.ACTIVE, states.SUSPENDED, reason=reason, by=by, now=now)


def lift(member: MemberOrganisation, *, reason: str, by: User | None, now: datetime) -> None:
    """Suspended → active: its people have their roles again. Raises StateError in another state."""
    states = MemberOrganisation.Status
    change(member, states.SUSPENDED, states.ACTIVE, reason=reason, by=by, now=now)


@transaction.atomic
def change(member, source, target, *, reason, by, now):
    """Move a member from one standing to the other, and its people's permissions with it."""
    framework = member.framework
    # one lock for the framework: two administrators who suspend each other at once leave one of them
    Framework.objects.select_for_update().get(pk=framework.pk)
    member.refresh_from_db(from_queryset=MemberOrganisation._base_manager.select_for_update(of=("self",)))
    if member.status != source:
        facts = {"organisation": member.organisation, "state": member.get_status_display().lower()}
        raise StateError(_("The standing of %(organisation)s here is “%(state)s”.") % facts)
    if not reason.strip():
        raise NotReady(_("Say why."))
    member.status = target
    member.save(update_fields=["status"])
    if not framework.memberships.live().filter(role=Role.FRAMEWORK_ADMIN).exists():
        raise StateError(
            _("No administrator of this framework would be left without %(organisation)s.")
            % {"organisation": member.organisation},
            _("Invite an administrator of another organisation first."),
        )
    for user in people_of(member):
        sync_permissions(framework, user)
    AuditEvent.objects.record(
        f"portal.memberorganisation:{'suspended' if target == member.Status.SUSPENDED else 'suspension-lifted'}",
        member,
        by=by,
        now=now,
        organisation=member.organisation_id,
        reason=reason,
    )


def people_of(member) -> list[User]:
    """Everybody who holds a role here for the organisation, whatever its standing."""
    held = member.framework.memberships.filter(organisation=member.organisation_id, ended_at__isnull=True)
    return list(User.objects.filter(pk__in=held.values("user")).order_by("pk"))
