"""manage.py restore: an empty installation becomes the one that was backed up. No mail leaves."""

import subprocess
import sys
import tarfile
import time

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from portal import backup, clock


class Command(BaseCommand):
    """Everything is compared before anything is written, and verified afterwards."""

    help = (
        "Restores an archive of `backup` into an empty database and PORTAL_HOME, brings older tables up to date, and"
        " verifies ledger and files. Mail stays paused until `manage.py mail resume`."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        """From where."""
        parser.add_argument("archive", help="the archive that `manage.py backup` wrote")

    def handle(self, *args, archive, **options):
        """Restore, bring up to date, verify, and say what to do next."""
        began, now = time.monotonic(), clock.now()
        try:
            with tarfile.open(archive) as opened:
                manifest = backup.read_manifest(opened)
                self.stdout.write(f"Archive of {manifest['made_at']}, version {manifest['version']}: whole.")
                with backup.database_running(settings.LAYOUT):
                    if settings.CONFIG["PORTAL_SUPERUSER_DATABASE_URL"]:
                        call_command("setup_database", stdout=self.stdout)
                    different = backup.load(opened, manifest, now=now)
                    self.stdout.write(f"Restored after {time.monotonic() - began:.1f} s.")
                    self.again("migrate", "--no-input", "--verbosity", "0")
                    self.again("verify")
        except (backup.BackupError, OSError, tarfile.TarError) as error:
            raise CommandError(str(error)) from error
        for table, (wanted, found) in different.items():
            self.stderr.write(f"{table}: {found} rows, but {wanted} were backed up")
        if different:
            raise CommandError("Some tables are not what was backed up. Do not use this database.")
        if backup.fingerprint(backup.secret_key()) != manifest["secret_key"]:
            self.stderr.write(
                "PORTAL_SECRET_KEY is not the one of the old installation: second factors cannot be read and links in"
                " mails do not work. Set the old one."
            )
        rows = sum(manifest["rows"].values())
        self.stdout.write(
            f"{rows:,} of {rows:,} rows and {len(manifest['sha256']) - 1} files are there, after"
            f" {time.monotonic() - began:.1f} s.\n"
            "Everybody signs in again. Mail is paused: look with `manage.py mail status`, then"
            " `manage.py mail resume --drop-before TIME` leaves out what was sent before the loss."
        )

    def again(self, *words):
        """Run a command in a process of its own: secrets that came with the archive are read afresh."""
        done = subprocess.run(
            [sys.executable, sys.argv[0], *words], cwd=settings.BASE_DIR, capture_output=True, text=True, check=False
        )
        self.stdout.write(done.stdout.rstrip())
        if done.returncode:
            raise CommandError(f"`manage.py {words[0]}` found faults after restoring:\n{done.stderr.strip()[-2000:]}")
