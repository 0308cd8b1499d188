"""manage.py backup: one archive of everything."""

import time
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal import backup, clock


class Command(BaseCommand):
    """Safe while the portal serves: the database is read as it was at one moment."""

    help = (
        "Writes database, stored files, secrets and seal key into one archive, readable by this account only."
        " Whoever has it has everything: keep it encrypted and elsewhere."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        """Where to."""
        parser.add_argument("--unless-new", action="store_true", help="do nothing if the database holds no tables yet")
        parser.add_argument("target", help="the archive to write: a new file, or a folder in which one is made")

    def handle(self, *args, target, unless_new, **options):
        """Write it, or say why not; a half archive is never left under its name."""
        now, began = clock.now(), time.monotonic()
        path = Path(target).absolute()
        if path.is_dir():
            path /= f"concordat-{now:%Y%m%dT%H%M%SZ}.tar"
        if not path.parent.is_dir():
            raise CommandError(f"The folder {path.parent} is not there. Make it first.")
        try:
            with backup.database_running(settings.LAYOUT):
                if unless_new and backup.is_empty():
                    self.stdout.write("The database is new: there is nothing to back up.")
                    return
                manifest = backup.make(path, now=now)
        except FileExistsError as error:
            raise CommandError(f"{path} is there already. Name a new file.") from error
        except (backup.BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        rows, files = sum(manifest["rows"].values()), len(manifest["sha256"]) - 1
        self.stdout.write(
            f"{path}: {path.stat().st_size:,} bytes, {rows:,} rows, {files} files, in {time.monotonic() - began:.1f} s."
        )
