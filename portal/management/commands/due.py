"""``manage.py due``: ask the deadline engine, or check it with a table of your own. Needs no database."""

import csv
import io
import re
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, cast

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.clock import LONDON
from portal.deadlines import RULES, DeadlineError, Due, Unit, due
from portal.working_days import ENGLAND_AND_WALES, NATIONS

COLUMNS = ["rule", "start", "nation", "due"]
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?",
)


def parse_moment(text: str) -> date | datetime:
    """An ISO date, or an ISO date and time with offset. Raises DeadlineError for anything else."""
    text = text.strip()
    try:
        if DATE.fullmatch(text):
            return date.fromisoformat(text)
        if DATE_TIME.fullmatch(text):
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None:
                raise DeadlineError(_("“%(text)s” needs an offset from UTC, such as +00:00.") % {"text": text})
            return moment
    except DeadlineError:
        raise
    except ValueError:
        pass
    raise DeadlineError(
        _("“%(text)s” is neither a date, such as 2026-11-02, nor a date and time with an offset.") % {"text": text}
    )


def due_value(answer: Due) -> str:
    """The ``due`` column: an ISO date, for hours London's ISO time with offset; " provisional" after it if it is."""
    if answer.unit is Unit.HOURS:
        return answer.due_at.astimezone(LONDON).isoformat()
    return answer.due_date.isoformat() + (" provisional" if answer.provisional else "")


class Command(BaseCommand):
    help = "Print when a duty is due and why; with --csv, fill in the dates of a table (rules.md, section 4)."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("key", nargs="?", metavar="KEY", help="Rule: " + ", ".join(RULES))
        parser.add_argument(
            "start", nargs="?", metavar="START", help="Date; for hours a date and time with offset (2027-03-26T12:00Z)."
        )
        parser.add_argument(
            "--nation",
            default=ENGLAND_AND_WALES,
            help=f"Whose bank holidays count: {', '.join(NATIONS)}. Default: {ENGLAND_AND_WALES}.",
        )
        parser.add_argument("--n", default="1", help="Round of review.annual. Default: 1.")
        parser.add_argument("--next-meeting", help="Date, or date and time, of the next meeting, for review.findings.")
        parser.add_argument(
            "--csv",
            action="store_true",
            help="Read rule,start,nation from standard input (with a header row), write rule,start,nation,due.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            given: dict[str, Any] = {"n": self._round(options["n"])}
            if options["next_meeting"]:
                given["next_meeting"] = parse_moment(options["next_meeting"])
            if not options["csv"]:
                self._one(options, given)
                return
        except DeadlineError as error:
            raise CommandError(str(error)) from error
        if options["key"]:
            raise CommandError(_("Give either KEY and START, or --csv."))
        self._table(options["nation"], given)

    def _round(self, text: str | int) -> int:
        if not re.fullmatch(r"[0-9]{1,4}", str(text)):
            raise DeadlineError(_("--n is a whole number, not “%(text)s”.") % {"text": text})
        return int(text)

    def _one(self, options: dict[str, Any], given: dict[str, Any]) -> None:
        if not options["key"] or not options["start"]:
            raise DeadlineError(_("Give KEY and START, or --csv. See --help."))
        answer = due(options["key"], parse_moment(options["start"]), nation=options["nation"], **given)
        self.stdout.write(due_value(answer))
        self.stdout.write(answer.explanation)
        if answer.note:
            self.stdout.write(answer.note)

    def _table(self, default_nation: str, given: dict[str, Any]) -> None:
        lines = _lines(cast(io.TextIOWrapper, sys.stdin))
        header = next(lines, "").replace('"', "").replace(" ", "").lower()
        if header not in {"rule,start,nation", "rule,start"}:
            raise CommandError(_("The first row must be: rule,start,nation"))
        out = csv.writer(self.stdout, lineterminator="\n")
        out.writerow(COLUMNS)
        rows = bad = 0
        for line in lines:
            if not line.strip():
                continue
            rows += 1
            row = [line, "", ""]
            try:
                cells = _cells(line)
                row = [*cells, "", ""][:3]
                result = self._answer(cells, default_nation, given)
            except csv.Error:
                result = "error: " + _("this row is not CSV")
            except DeadlineError as error:
                result = f"error: {error}"
            bad += result.startswith("error: ")
            out.writerow([*row, result])
        if bad:
            raise CommandError(
                ngettext("%(bad)d row of %(rows)d had an error.", "%(bad)d rows of %(rows)d had an error.", bad)
                % {"bad": bad, "rows": rows}
            )

    def _answer(self, cells: list[str], default_nation: str, given: dict[str, Any]) -> str:
        if not 2 <= len(cells) <= 3:
            raise DeadlineError(_("a row has the three columns rule, start and nation"))
        rule, start, nation = (cell.strip() for cell in (*cells, "")[:3])
        return due_value(due(rule, parse_moment(start), nation=nation or default_nation, **given))


def _lines(stream: io.TextIOWrapper) -> Iterator[str]:
    """The lines of standard input: UTF-8 with or without a byte order mark, a wrong byte spoils only its own row."""
    stream.reconfigure(encoding="utf-8-sig", errors="replace", newline=None)
    for line in stream:
        yield line.rstrip("\n")


def _cells(line: str) -> list[str]:
    """One line at a time, so that a quote left open in one row cannot swallow the rows after it."""
    return next(csv.reader([line], strict=True), [])
