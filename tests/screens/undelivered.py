"""For the page "Health of reminders": a deputy, mails and work that failed, somebody whom reminders pass over."""

from portal import deputies
from portal.models import Job, MemberOrganisation, OutgoingEmail, Skipped, User


def undelivered(framework, now) -> User:
    """Make them for somebody of the first organisation, who is given back. Needs the scope."""
    body = MemberOrganisation.objects.first().organisation
    people = list(deputies.people_of(framework, body)[:2])
    if len(people) == 2:
        deputies.name(framework, body, *people, by=None, now=now)
    for status, words in (("dead", "ConnectionRefusedError: [Errno 111]"), ("bounced", "550 No such mailbox here")):
        mail = OutgoingEmail.objects.queue(
            "portal.reminder", to=people[0], key=status, now=now, framework=framework, at=now.isoformat()
        )
        OutgoingEmail.objects.filter(pk=mail.pk).update(status=status, attempts=12, last_error=words)
    Skipped.objects.create(framework=framework, organisation=body, user=people[0], reason="bounced", since=now)
    job = Job.objects.plan("protocols.seal", framework=framework, subject_id=0, run_at=now, key="given-up")
    Job.objects.filter(pk=job.pk).update(given_up_at=now, attempts=12, last_error="SealError: no authority")
    return people[0]
