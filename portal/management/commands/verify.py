"""Check the whole installation's evidence: ledger chains, seals, kept files."""

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from portal import ledger, tenancy
from portal.models import Framework, StoredFile


class Command(BaseCommand):
    """`manage.py verify`: exit status 1 and a line for each fault."""

    help = "Check every ledger chain, every seal and every kept file. Says what is broken; changes nothing."
    requires_system_checks: list[str] = []

    def handle(self, *args, **options):
        """Count and check."""
        found = [f"ledger: chain {chain}, row {seq}: {fault} does not match" for chain, seq, fault in ledger.faults()]
        found += [f"ledger: {fault}" for fault in ledger.seal_faults()]
        files = 0
        for framework in Framework.objects.all():
            with tenancy.scope(framework.pk), transaction.atomic():
                kept = list(StoredFile.objects.filter(framework=framework))
            for stored in kept:
                files += 1
                try:
                    stored.content()
                except OSError:
                    found.append(f"file {stored.uid}: missing")
                except ValueError:
                    found.append(f"file {stored.uid}: not the bytes that were stored")
        for line in found:
            self.stderr.write(line)
        if found:
            raise CommandError(f"{len(found)} faults found.")
        self.stdout.write(f"Ledger, seals and {files} kept files are whole.")
