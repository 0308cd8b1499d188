"""What a sweep would do now, in words for an operator; nothing is changed (`manage.py sweep --dry-run`)."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

from portal import reminders, tenancy
from portal.models import Framework, Job, OutgoingEmail, Pause, User
from portal.models.reminder import RUN
from portal.sweep import due_work


def lines(*, now: datetime) -> Iterator[str]:
    """One for each framework, job, person and kind of mail."""
    found = due_work(now)
    yield f"Something is due in {len(found)} scopes."
    if Pause.objects.filter(name=Pause.MAIL).exists():
        yield "Mail is paused: nothing would be sent."
    frameworks = Framework.objects.in_bulk([pk for pk in found if pk is not None])
    for pk in found:
        framework = frameworks.get(pk)
        with tenancy.installation() if framework is None else tenancy.scope(framework.pk), transaction.atomic():
            yield f"{framework.name if framework else 'Installation'}:"
            yield from (f"  {line}" for line in of_scope(framework, now=now))


def of_scope(framework: Framework | None, *, now: datetime) -> Iterator[str]:
    """Of the current scope: jobs and reminders, then mails. A run of reminders is due when its job is."""
    if framework is not None:
        due = Job.objects.filter(done_at__isnull=True, given_up_at__isnull=True, run_at__lte=now)
        jobs = Counter(due.exclude(lease_until__gte=now).values_list("kind", flat=True))
        for kind, count in sorted(jobs.items()):
            yield f"job {kind}: {count}"
        if RUN in jobs:
            yield from reminded(framework, now=now)
    mails = Counter(OutgoingEmail.objects.due(now).values_list("kind", flat=True))
    for kind, count in sorted(mails.items()):
        yield f"mail {kind}: {count}"


def reminded(framework: Framework, *, now: datetime) -> Iterator[str]:
    """Who would be reminded of what: rules and steps, not what they are about."""
    found = reminders.due(framework, now=now)
    people = User.objects.in_bulk(list(found))
    for user, rows in sorted(found.items()):
        steps = Counter(f"{row.rule} {row.step}" for row in rows)
        yield f"remind {people[user].full_name}: " + ", ".join(f"{step} × {n}" for step, n in sorted(steps.items()))
