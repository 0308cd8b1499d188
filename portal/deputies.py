"""Who stands in for whom at an organisation: named by its own administrator. One transaction each; needs the scope."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from portal.errors import NotReady
from portal.models import AuditEvent, Deputy, Framework, Membership, Organisation, User


def people_of(framework: Framework, organisation: Organisation) -> QuerySet[User]:
    """Everybody who holds a live role for the organisation here."""
    held = Membership.objects.live().filter(framework=framework, organisation=organisation)
    return User.objects.filter(pk__in=held.values("user")).order_by("full_name", "pk")


def principals(framework: Framework, organisation: Organisation) -> QuerySet[User]:
    """Whoever has or may have a deputy: those who hold a role, and those who held one and have a deputy."""
    named = Deputy.objects.filter(framework=framework, organisation=organisation)
    found = people_of(framework, organisation) | User.objects.filter(pk__in=named.values("user"))
    return found.distinct()


@transaction.atomic
def name(
    framework: Framework, organisation: Organisation, user: User, deputy: User | None, *, by: User | None, now: datetime
) -> None:
    """Name a person's deputy, another one, or none. Raises NotReady for a deputy who holds no role there."""
    Framework.objects.select_for_update().get(pk=framework.pk)
    found = Deputy.objects.filter(framework=framework, organisation=organisation, user=user)
    if deputy is None:
        if found.delete()[0]:
            record("portal.deputy:removed", organisation, framework, by=by, now=now, user=user.pk)
        return
    if deputy == user or not people_of(framework, organisation).filter(pk=deputy.pk).exists():
        raise NotReady(
            _("The deputy must be somebody else who holds a role for %(organisation)s here.")
            % {"organisation": organisation}
        )
    row = found.first()
    if row is not None and row.deputy_id == deputy.pk:
        return
    Deputy.objects.update_or_create(
        framework=framework, organisation=organisation, user=user, defaults={"deputy": deputy, "named_at": now}
    )
    record("portal.deputy:named", organisation, framework, by=by, now=now, user=user.pk, deputy=deputy.pk)


def record(verb, organisation, framework, *, by, now, **facts):
    """In the ledger: ids of the people, never their names."""
    subject = Deputy(framework=framework, organisation=organisation)
    AuditEvent.objects.record(verb, subject, by=by, now=now, organisation=organisation.pk, **facts)
