"""manage.py reset_second_factor: for somebody who lost the phone and every recovery code."""

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from portal import clock, tenancy
from portal.account_mail import queue_account_mail
from portal.models import AuditEvent, SignIn, User


class Command(BaseCommand):
    """Only the operator may: an account reaches into several frameworks, so no framework's administrator does it."""

    help = (
        "Removes the authenticator app, the passkeys and the recovery codes of one account and ends its sessions, after the operator has made sure by other"
        " means who is asking. The person signs in with the password and sets up a new app. They are told by mail."
    )

    def add_arguments(self, parser):
        """Whose."""
        parser.add_argument("email", help="address of the account")
        parser.add_argument("--reason", required=True, help="how the person was recognised; kept in the ledger")

    def handle(self, *args, **options):
        """Remove, record and tell in one transaction."""
        now = clock.now()
        user = User.objects.filter(email=options["email"].lower()).first()
        if user is None:
            raise CommandError(f"There is no account for {options['email']}.")
        with tenancy.installation(), transaction.atomic():
            held = list(Authenticator.objects.select_for_update().filter(user=user))
            if not held:
                raise CommandError(f"{user.email} has no second factor.")
            for authenticator in held:
                AuditEvent.objects.record(
                    "portal.second-factor:reset",
                    authenticator,
                    by=None,
                    now=now,
                    user=user.pk,
                    reason=options["reason"],
                )
                authenticator.delete()
            SignIn.objects.filter(user=user).end()
            queue_account_mail("account.second_factor_reset", user, now=now)
        self.stdout.write(f"{user.email} now signs in with the password alone and is led to set up a new app.")
