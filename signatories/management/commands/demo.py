"""Load the demonstration, or show its people."""

from itertools import groupby

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from portal import clock
from portal.models import Framework
from portal.permissions import Role
from signatories import demo
from signatories.demo.people import PASSWORD, PEOPLE


class Command(BaseCommand):
    """Only in demo mode (PORTAL_DEMO=1). Safe to run again."""

    help = "Load the demonstration data, or with --people print its people with passwords and TOTP secrets."

    def add_arguments(self, parser):
        """--people."""
        parser.add_argument("--people", action="store_true", help="print the people instead of loading")

    def handle(self, *args, people, **options):
        """Load and seal, or print."""
        if not settings.PORTAL_DEMO:
            raise CommandError(_("The demonstration is loaded only in demo mode: set PORTAL_DEMO=1."))
        if people:
            self.print_people()
            return
        # what is still to be sealed, the worker seals; until then pages say "being sealed"
        loaded = demo.load_side_by_side(now=clock.now())
        self.stdout.write(_("The demonstration is loaded.") if loaded else _("The demonstration is there."))

    def print_people(self):
        """One line per person and role."""
        secrets = {
            row.user.email: decrypt(row.data["secret"])
            for row in Authenticator.objects.filter(type="totp").select_related("user")
        }
        self.stdout.write(
            _("People of the demonstration. The password of each is: %(password)s") % {"password": PASSWORD}
        )
        frameworks = dict(Framework.objects.values_list("slug", "name"))
        for slug, group in groupby(PEOPLE, lambda person: person.framework):
            self.stdout.write(f"\n{frameworks.get(slug, slug)}")
            for person in group:
                role = f"{Role(person.role).label}, {person.organisation}"
                self.stdout.write(f"  {person.email:34} TOTP {secrets.get(person.email, '')}  {role}")
                if person.tries:
                    self.stdout.write(f"{'':4}{person.tries}")
