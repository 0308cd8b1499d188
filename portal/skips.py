"""Whom reminders pass over: kept as rows, told once to an administrator, and over when a mail reaches the person again."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.chain import Chain
from portal.models import Framework, OutgoingEmail, Skipped
from portal.models.outbox import Queued
from portal.notices import absolute, notice


def record(framework: Framework, chain: Chain, *, now: datetime) -> None:
    """Keep who was passed over in this run, and queue a mail to the administrators of each. Needs the scope."""
    known = {}
    for row in Skipped.objects.filter(framework=framework, cleared_at__isnull=True):
        known[row.organisation_id, row.user_id, row.reason] = row
        at_work = row.user_id in chain.reached([row.user_id])
        here = row.user_id in chain.people_of(row.organisation_id)
        back = at_work and (row.reason == Skipped.Reason.BOUNCED or here)
        if back:
            row.cleared_at = now
            row.save(update_fields=["cleared_at"])
    for (organisation, user), reason in list(chain.skipped.items()):
        if (organisation, user, reason) in known:
            continue
        facts: dict[str, Any] = {"organisation_id": organisation, "user_id": user, "reason": reason}
        row, made = Skipped.objects.get_or_create(
            framework=framework, cleared_at=None, **facts, defaults={"since": now}
        )
        if made:
            mails = [
                Queued("portal.skipped", person, f"skipped:{row.pk}:{person}", {"skipped": row.pk})
                for person, _level in chain.above(organisation)
            ]
            OutgoingEmail.objects.queue_many(mails, now=now, framework=framework)


@notice("portal.skipped", why=_("You get this message because you administer the organisation or the framework."))
def skipped(email):
    """Nothing is said once it is over."""
    found = Skipped.objects.select_related("user", "organisation", "framework")
    row = found.filter(pk=email.ids["skipped"], cleared_at__isnull=True).first()
    if row is None:
        return None
    return {
        "person": row.user.full_name,
        "bounced": row.reason == Skipped.Reason.BOUNCED,
        "organisation": row.organisation.name if row.organisation else "",
        "framework": row.framework,
        "link": absolute(reverse("people", args=[row.framework.slug])),
    }
