"""Mail about somebody's own account: a row of the outbox that belongs to no framework."""

from django.db import transaction

from portal import doorbell, tenancy
from portal.models import OutgoingEmail


def queue_account_mail(kind: str, user, *, now, **ids) -> OutgoingEmail:
    """Queue a mail about somebody's own account. It belongs to no framework."""
    with tenancy.installation(), transaction.atomic():
        mail = OutgoingEmail.objects.queue(kind, to=user, key=f"{kind}:{user.pk}:{now.isoformat()}", now=now, **ids)
        doorbell.ring()
    return mail


def as_if_queued(*, now) -> None:
    """The work of queueing a mail, and nothing of it kept: how long a page takes must not tell who has an account."""
    with tenancy.installation(), transaction.atomic():
        before = transaction.savepoint()
        OutgoingEmail.objects.queue(
            "account.password_reset", to="nobody@example.org", key=f"nobody:{now.isoformat()}", now=now
        )
        transaction.savepoint_rollback(before)
        doorbell.ring()
