"""manage.py bank_holiday: bank holidays that were declared after this release."""

from datetime import date

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from portal import clock, closures, tenancy
from portal.errors import StateError
from portal.models import BankHoliday, ClosureDay, Framework
from portal.working_days import NATIONS


class Command(BaseCommand):
    """The table belongs to the whole installation, so its operator changes it; each framework is counted by a job."""

    help = "Lists, adds or removes a bank holiday that was declared late, and plans the count of open deadlines."

    def add_arguments(self, parser):
        """list; add NATION DATE TITLE; remove NATION DATE."""
        parser.add_argument("act", choices=["list", "add", "remove"])
        parser.add_argument("nation", nargs="?", choices=list(NATIONS))
        parser.add_argument("date", nargs="?", help="as 2027-05-10")
        parser.add_argument("title", nargs="?", default="")
        parser.add_argument("--dry-run", action="store_true", help="say what would move, change nothing")

    def handle(self, *args, act, nation, title, dry_run, **options):
        """Do it and say what was done."""
        if act == "list":
            for holiday in BankHoliday.objects.order_by("date", "nation"):
                self.stdout.write(f"{holiday.date} {holiday.nation} {holiday.title}")
            return
        day = self.day_of(options["date"])
        if nation is None or (act == "add") != bool(title.strip()):
            raise CommandError("Give a nation and a date; a title to add, none to remove.")
        if dry_run:
            self.tell(nation, day, title)
            return
        try:
            closures.change_table(nation, day, title.strip(), now=clock.now())
        except StateError as error:
            raise CommandError(str(error)) from error
        self.stdout.write("Done. The worker counts the open deadlines of each framework again.")

    def day_of(self, words):
        """A date, or an error in words."""
        try:
            return date.fromisoformat(words or "")
        except ValueError as error:
            raise CommandError(f"“{words}” is no date. Write it like 2027-05-10.") from error

    def tell(self, nation, day, title):
        """How many deadlines of each framework would move when the day is added."""
        if not title:
            raise CommandError("--dry-run belongs to add.")
        for framework in Framework.objects.order_by("slug"):
            with tenancy.scope(framework.pk), transaction.atomic():
                thought = ClosureDay(framework=framework, date=day, title=title, nation=nation)
                found = closures.moves(framework, added=thought)
            self.stdout.write(f"{framework.slug}: {len(found)} dates move")
