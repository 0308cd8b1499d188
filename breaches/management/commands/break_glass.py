"""An operator looks into a closed session in an emergency. Everybody of the session is told, in the same transaction."""

from django.core.management.base import BaseCommand, CommandError

from breaches.glass import break_glass
from breaches.models import Breach
from portal import clock, tenancy
from portal.models import Framework


class Command(BaseCommand):
    """manage.py break_glass FRAMEWORK NUMBER --operator NAME --reason WORDS"""

    help = "Prints what stands in the closed session of a breach, and tells everybody of the session that you looked."

    def add_arguments(self, parser):
        parser.add_argument("framework", help="the word in its address")
        parser.add_argument("number", type=int, help="number of the breach")
        parser.add_argument("--operator", required=True, help="your name")
        parser.add_argument("--reason", required=True, help="why this cannot wait for somebody of the session")

    def handle(self, *args, framework, number, operator, reason, **options):
        """Look, and tell."""
        if not operator.strip() or not reason.strip():
            raise CommandError("Say who you are and why.")
        tenant = Framework.objects.filter(slug=framework).first()
        if tenant is None:
            raise CommandError("There is no such framework.")
        with tenancy.scope(tenant.pk):
            breach = Breach.objects.select_related("framework").filter(number=number).first()
            if breach is None:
                raise CommandError("There is no such breach.")
            for line in break_glass(breach, operator=operator, reason=reason, now=clock.now()):
                self.stdout.write(line)
