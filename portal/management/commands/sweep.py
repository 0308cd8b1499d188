"""One pass over what is due, from the command line: cron can do what beat does."""

import sys
from datetime import datetime

from django.core.management.base import BaseCommand, CommandError

from portal import clock, preview
from portal.sweep import sweep


class Command(BaseCommand):
    """`manage.py sweep`: the same as the worker's minute."""

    help = "Run due jobs, send queued mails, seal the ledger. Safe to run at any time and twice."

    def add_arguments(self, parser):
        """--dry-run, and --now for tests."""
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be done, reminded of and sent; change nothing"
        )
        parser.add_argument("--now", help="tests only: the moment, as ISO with offset")

    def handle(self, *args, dry_run, now, **options):
        """Sweep once."""
        if now and "pytest" not in sys.modules:
            raise CommandError("--now is only for tests: the portal has one clock.")
        moment = datetime.fromisoformat(now) if now else None
        if dry_run:
            for line in preview.lines(now=moment or clock.now()):
                self.stdout.write(line)
            return
        done = sweep(now=moment)
        self.stdout.write(
            f"Jobs done: {done['jobs']}. Mails sent: {done['sent']}. Failed, to be tried again: {done['failed']}."
        )
