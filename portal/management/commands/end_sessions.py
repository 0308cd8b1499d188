"""manage.py end_sessions: sign somebody out everywhere, for a stolen phone or a person who has left."""

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from portal import clock, tenancy
from portal.account_mail import queue_account_mail
from portal.models import AuditEvent, SignIn, User


class Command(BaseCommand):
    """Only the operator may end somebody else's sessions; people end their own on "Where you are signed in"."""

    help = "Ends every session of one account. The person is told by mail and can sign in again."

    def add_arguments(self, parser):
        """Whose, and why."""
        parser.add_argument("email", help="address of the account")
        parser.add_argument("--reason", required=True, help="kept in the ledger")

    def handle(self, *args, **options):
        """End, record and tell in one transaction."""
        now = clock.now()
        user = User.objects.filter(email=options["email"].lower()).first()
        if user is None:
            raise CommandError(f"There is no account for {options['email']}.")
        with tenancy.installation(), transaction.atomic():
            held = list(SignIn.objects.select_for_update().filter(user=user))
            if not held:
                raise CommandError(f"{user.email} is not signed in anywhere.")
            for session in held:
                facts = {"user": user.pk, "reason": options["reason"]}
                AuditEvent.objects.record("portal.session:ended", session, by=None, now=now, **facts)
            SignIn.objects.filter(user=user).end()
            queue_account_mail("account.sessions_ended", user, now=now)
        self.stdout.write(f"{user.email} is signed out everywhere ({len(held)}).")
