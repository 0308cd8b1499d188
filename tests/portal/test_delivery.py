"""Health of reminders: what an administrator of a framework sees, and trying again; what a dry run says."""

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from portal import clock, reminders
from portal.models import AuditEvent, Deadline, Heartbeat, Job, OutgoingEmail, Reminder, Skipped
from portal.permissions import Role
from tests.builders import NOW, make_member, make_protocol
from tests.portal.place import Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(client, time_machine):
    """A framework with its administrator signed in, at NOW."""
    time_machine.move_to(NOW, tick=False)
    return Place(client)


@pytest.fixture
def olive(place):
    """Drafts for the organisation."""
    return make_member(place.framework, Role.DRAFTER, place.body, full_name="Olive Owner")


def undelivered(place, user, status, **fields) -> OutgoingEmail:
    """A mail of the framework that did not arrive."""
    with place.in_scope(), transaction.atomic():
        mail = OutgoingEmail.objects.queue(
            "portal.reminder", to=user, key=f"{status}:{user.pk}", now=NOW - timedelta(days=4), framework=place.framework,
            at=NOW.isoformat(),
        )  # fmt: skip
        OutgoingEmail.objects.filter(pk=mail.pk).update(status=status, attempts=12, **fields)
    return mail


def test_what_the_page_says(place, olive):
    """Last sweep, waiting, dead and bounced mails, failed jobs, skipped people, next reminders."""
    Heartbeat.objects.create(name="sweep", at=NOW - timedelta(minutes=6))
    undelivered(place, olive, "dead", last_error="ConnectionRefusedError: away")
    with place.in_scope(), transaction.atomic():
        OutgoingEmail.objects.queue(
            "portal.reminder", to=olive, key="old", now=NOW - timedelta(hours=1), framework=place.framework
        )
        job = Job.objects.plan("protocols.seal", framework=place.framework, subject_id=1, run_at=NOW, key="j")
        Job.objects.filter(pk=job.pk).update(attempts=3, last_error="RenderError: the words of a closed session")
        Skipped.objects.create(
            framework=place.framework, organisation=place.body, user=olive, reason="bounced", since=NOW
        )
        protocol = make_protocol(place.framework, lead=place.body)
        Deadline.objects.start(
            "review.first", protocol, framework=place.framework, start=NOW, now=NOW, nation="england-and-wales",
            owner=place.body,
        )  # fmt: skip
    page = place.client.get(place.url("delivery")).content.decode()
    for words in (
        "too long ago: nothing is sent", "too long.", "Olive Owner", "ConnectionRefusedError: away", "RenderError",
        "Their mail came back", "15 September 2026 at 8am", "3 months before", protocol.reference,
    ):  # fmt: skip
        assert words in page, words
    assert "closed session" not in page
    with place.in_scope(), transaction.atomic():
        Deadline.objects.update(warn_on=date(2026, 12, 14))
    page = place.client.get(place.url("delivery")).content.decode()
    assert "3 months before the deadline (warnings work towards 14 December 2026)" in page


def test_trying_a_mail_again(place, olive):
    """A mail that was given up or came back waits again, from the start; its recipient is no longer passed over; the
    ledger has it; a second time is refused."""
    for status in ("dead", "bounced"):
        mail = undelivered(place, olive, status)
        with place.in_scope(), transaction.atomic():
            Skipped.objects.get_or_create(
                framework=place.framework, organisation=place.body, user=olive, reason="bounced", cleared_at=None,
                defaults={"since": NOW},
            )  # fmt: skip
        address = place.url("delivery-retry-mail", mail.pk)
        assert place.client.get(address).status_code == 405
        assert place.client.post(address).status_code == 302
        with place.in_scope(), transaction.atomic():
            mail.refresh_from_db()
            assert (mail.status, mail.attempts, mail.next_attempt_at, mail.queued_at) == ("queued", 0, NOW, NOW)
            assert not Skipped.objects.filter(cleared_at__isnull=True).exists()
        assert place.client.post(address).status_code == 409
    with place.in_scope(), transaction.atomic():
        events = AuditEvent.objects.filter(verb="portal.mail:retried")
        assert [event.person.user_id for event in events] == [place.admin.pk] * 2


def test_trying_work_again(place):
    """Work that was given up is due again; the ledger has it."""
    with place.in_scope(), transaction.atomic():
        job = Job.objects.plan("protocols.seal", framework=place.framework, subject_id=1, run_at=NOW, key="j")
        Job.objects.filter(pk=job.pk).update(attempts=12, given_up_at=NOW, last_error="X: y")
    address = place.url("delivery-retry-job", job.pk)
    assert place.client.post(address).status_code == 302
    with place.in_scope(), transaction.atomic():
        job.refresh_from_db()
        assert (job.given_up_at, job.attempts, job.run_at) == (None, 0, NOW)
        assert AuditEvent.objects.get(verb="portal.job:retried").person.user_id == place.admin.pk
    assert place.client.post(address).status_code == 409


def test_of_another_framework_nothing(place):
    """Its mails and jobs are not shown and not found; who may not configure gets 403."""
    foreign = Place(type(place.client)())
    lost = make_member(foreign.framework, Role.DRAFTER, foreign.body, full_name="Foreign Canary")
    mail = undelivered(foreign, lost, "dead")
    assert "Foreign Canary" not in place.client.get(place.url("delivery")).content.decode()
    assert place.client.post(place.url("delivery-retry-mail", mail.pk)).status_code == 404
    place.client.force_login(make_member(place.framework, Role.SECRETARY))
    assert place.client.get(place.url("delivery")).status_code == 403


def test_a_dry_run_says_what_would_be_done_and_changes_nothing(place, olive):
    """Jobs, reminders by person, mails; not a row is different afterwards."""
    with place.in_scope(), transaction.atomic():
        Deadline.objects.start(
            "breach.report", make_protocol(place.framework, lead=place.body), framework=place.framework, start=NOW,
            now=NOW, nation="england-and-wales", owner=place.body,
        )  # fmt: skip
        OutgoingEmail.objects.queue("portal.reminder", to=olive, key="k", now=NOW, framework=place.framework)
    before = everything(place)
    out = StringIO()
    call_command("sweep", "--dry-run", stdout=out)
    said = out.getvalue()
    for words in (
        place.framework.name,
        "job portal.remind: 1",
        "remind Olive Owner: breach.report at-once × 1",
        "mail portal.reminder: 1",
    ):
        assert words in said, said
    assert everything(place) == before
    with place.in_scope():
        assert reminders.remind(place.framework, now=clock.now()) == 1
    assert place.count(Reminder) == 1


def everything(place) -> list:
    """The rows that a sweep changes."""
    found = [sorted(Heartbeat.objects.values_list())]
    with place.in_scope(), transaction.atomic():
        for table in ("portal_job", "portal_outgoingemail", "portal_reminder", "portal_auditevent", "portal_skipped"):
            with connection.cursor() as cursor:
                cursor.execute(f"select md5(coalesce(string_agg(t::text, '' order by t::text), '')) from {table} t")
                found.append(cursor.fetchone())
    return found
