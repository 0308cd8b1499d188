"""manage.py mail: what waits, and pausing it."""

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Count, Min
from django.utils.dateparse import parse_datetime

from portal import clock, tenancy
from portal.models import AuditEvent, Framework, OutgoingEmail, Pause


class Command(BaseCommand):
    """Nothing is lost by a pause: mail waits in its table."""

    help = "Shows how much mail waits, pauses all sending, or lets it go on."

    def add_arguments(self, parser):
        """status, pause or resume."""
        parser.add_argument("act", choices=["status", "pause", "resume"])
        parser.add_argument("--reason", default="paused by an operator", help="why it is paused")
        parser.add_argument(
            "--drop-before",
            metavar="TIME",
            help="with resume: mail queued before this time, as 2026-11-20T09:00Z, is not sent any more",
        )

    def handle(self, *args, act, reason, drop_before, **options):
        """Do it and show the result."""
        now = clock.now()
        if drop_before is not None and act != "resume":
            raise CommandError("--drop-before belongs to resume.")
        if act == "pause":
            with tenancy.installation(), transaction.atomic():
                row = {"since": now, "reason": reason[:200]}
                if Pause.objects.get_or_create(name=Pause.MAIL, defaults=row)[1]:
                    record("portal.mail:paused", None, now=now, reason=reason[:200])
        elif act == "resume":
            if drop_before is not None:
                self.drop(drop_before, now=now)
            with tenancy.installation(), transaction.atomic():
                if Pause.objects.filter(name=Pause.MAIL).delete()[0]:
                    record("portal.mail:resumed", None, now=now)
        self.status()

    def drop(self, text, *, now):
        """Leave out what was queued before a moment. The ledger of each framework says how much."""
        try:
            moment = parse_datetime(text)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            raise CommandError(f"“{text}” is no time with an offset. Write it like 2026-11-20T09:00Z.")
        dropped = 0
        for framework, scope in scopes():
            with scope, transaction.atomic():
                waiting = OutgoingEmail.objects.filter(status__in=WAITING, queued_at__lt=moment)
                if count := waiting.update(status=OutgoingEmail.Status.DROPPED, lease_until=None):
                    record("portal.mail:dropped", framework, now=now, count=count, before=moment.isoformat())
                    dropped += count
        self.stdout.write(f"{dropped} mails are not sent any more.")

    def status(self):
        """How many wait, since when, and whether they may go."""
        count, oldest = 0, None
        for _framework, scope in scopes():
            with scope, transaction.atomic():
                found = OutgoingEmail.objects.filter(status__in=WAITING).aggregate(n=Count("pk"), at=Min("queued_at"))
            count += found["n"]
            oldest = min(filter(None, [oldest, found["at"]]), default=None)
        since = f", the oldest since {oldest:%Y-%m-%d %H:%M} UTC" if oldest else ""
        self.stdout.write(f"{count} mails wait{since}.")
        pause = Pause.objects.filter(name=Pause.MAIL).first()
        self.stdout.write(
            f"Paused since {pause.since:%Y-%m-%d %H:%M} UTC: {pause.reason}." if pause else "Mail is being sent."
        )


WAITING = [OutgoingEmail.Status.QUEUED, OutgoingEmail.Status.SENDING]


def scopes():
    """Every framework with its scope, and the scope of mails that belong to none."""
    yield None, tenancy.installation()
    for framework in Framework.objects.all():
        yield framework, tenancy.scope(framework.pk)


def record(verb, framework, *, now, **facts):
    """In the ledger of the framework, or of the installation: the operator's act. Needs the scope."""
    AuditEvent.objects.record(verb, framework or OutgoingEmail(kind="mail"), by=None, now=now, **facts)
