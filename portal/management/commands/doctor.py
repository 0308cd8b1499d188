"""manage.py doctor: what is wrong with this installation, and what to do."""

from django.core.management.base import BaseCommand, CommandError

from portal.doctor import State, examine


class Command(BaseCommand):
    """Changes nothing and sends nothing."""

    help = "Looks at everything an operator answers for. Exit status 1 if something fails."
    requires_system_checks: list[str] = []

    def handle(self, *args, **options):
        """One line for each finding."""
        failed = 0
        for finding in examine():
            failed += finding.state is State.FAIL
            self.stdout.write(f"{finding.state:<5} {finding.what:<14} {finding.words}")
            if finding.remedy:
                self.stdout.write(f"{'':<21}→ {finding.remedy}")
        if failed:
            raise CommandError(f"{failed} of the things above must be mended.")
