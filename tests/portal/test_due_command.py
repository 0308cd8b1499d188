"""``manage.py due``: anyone can check the deadline engine (rules.md section 4, formats in decisions.md)."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from portal.management.commands.due import Command

ROOT = Path(__file__).resolve().parents[2]


def ask(*arguments):
    """Standard output of the single form, as lines."""
    out = io.StringIO()
    call_command(Command(stdout=out), *arguments)
    return out.getvalue().splitlines()


@pytest.fixture
def table(monkeypatch):
    """Feed bytes to --csv; returns the output's lines and the message of the exit, None for status 0."""

    def run(data, *arguments):
        data = data if isinstance(data, bytes) else data.encode()
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
        out = io.StringIO()
        try:
            call_command(Command(stdout=out), "--csv", *arguments)
        except CommandError as error:
            return out.getvalue().splitlines(), str(error)
        return out.getvalue().splitlines(), None

    return run


# --- one date


def test_the_first_line_is_the_date_and_the_explanation_follows():
    """decisions.md: line 1 is exactly the value of the due column."""
    lines = ask("breach.report", "2026-12-18")
    assert lines[0] == "2027-01-06"
    assert lines[1].startswith(
        "10 working days from Friday 18 December 2026, not counting weekends, Friday 25 December"
    )
    assert len(lines) == 2


@pytest.mark.parametrize(
    "arguments, due",
    [
        (["breach.report", "2026-12-18", "--nation", "scotland"], "2027-01-07"),
        (["breach.notify_ico", "2027-03-26T12:00:00+00:00"], "2027-03-29T13:00:00+01:00"),
        (["breach.notify_ico", "2027-03-26T12:00Z"], "2027-03-29T13:00:00+01:00"),
        (["breach.notify_ico", "2026-11-20T10:15:30-05:00"], "2026-11-23T15:15:30+00:00"),
        (["review.annual", "2026-08-31"], "2028-02-29"),
        (["review.annual", "2026-08-31", "--n", "2"], "2029-02-28"),
        (["review.annual", "2026-08-31", "--n=0"], "2027-02-28"),
        (["review.findings", "2027-01-31"], "2027-02-28"),
        (["review.findings", "2027-01-31", "--next-meeting", "2027-02-10"], "2027-02-10"),
        (["review.findings", "2027-01-31T10:00Z", "--next-meeting", "2027-01-31T14:00Z"], "2027-01-31"),
        (["complaint.acknowledge", "2026-11-26"], "2026-12-29"),
        (["indemnity.response", "2026-12-24"], "2026-12-28"),
        (["assurance.expiry", "2026-12-26"], "2026-12-26"),
        (["audit.notice", "2027-01-31"], "2027-02-28"),
        (["breach.notify_partners", "2026-06-01T23:30:00+00:00"], "2026-06-09"),
        (["breach.report", "2030-12-24"], "2031-01-09 provisional"),
    ],
)
def test_every_form_of_start_and_option(arguments, due):
    """READ-1, READ-2, READ-3, READ-6, READ-8, READ-12 through the command."""
    assert ask(*arguments)[0] == due


def test_a_note_is_the_last_line():
    """READ-3, READ-12: what stays or warns earlier is said under the explanation."""
    assert ask("review.first", "2026-08-28")[2].endswith("The date stays.")


@pytest.mark.parametrize(
    "arguments, message",
    [
        ([], "KEY and START"),
        (["breach.report"], "KEY and START"),
        (["breach.lunch", "2026-12-18"], "no deadline rule"),
        (["breach.report", "18/12/2026"], "neither a date"),
        (["breach.report", "20261218"], "neither a date"),
        (["breach.report", "2026-02-30"], "neither a date"),
        (["breach.report", "2026-12-18T10:00"], "offset"),
        (["breach.notify_ico", "2026-12-18"], "bare date"),
        (["breach.report", "2026-12-18", "--nation", "wales"], "no bank holidays"),
        (["breach.report", "2026-12-18", "--nation", ""], "no bank holidays"),
        (["review.annual", "2026-12-18", "--n", "two"], "--n is a whole number"),
        (["review.findings", "2026-12-18", "--next-meeting", "soon"], "neither a date"),
        (["breach.report", "2026-12-18", "--csv"], "either KEY and START, or --csv"),
    ],
)
def test_what_cannot_be_answered_is_an_error(arguments, message):
    """decisions.md: errors are sentences on standard error and status 1."""
    with pytest.raises(CommandError, match=message) as caught:
        ask(*arguments)
    assert caught.value.returncode == 1


# --- a table


def test_a_good_table_has_a_header_and_status_zero(table):
    """decisions.md: header rows both ways, empty nation is England and Wales, rows are echoed as they came."""
    lines, failed = table(
        "rule,start,nation\n"
        "breach.report,2026-12-18,\n"
        "breach.report,2026-12-18,scotland\n"
        "breach.report,2026-12-18\n"
        "breach.notify_ico,2027-03-26T12:00:00+00:00,northern-ireland\n"
        "breach.report,2030-12-24,england-and-wales\n"
    )
    assert failed is None
    assert lines == [
        "rule,start,nation,due",
        "breach.report,2026-12-18,,2027-01-06",
        "breach.report,2026-12-18,scotland,2027-01-07",
        "breach.report,2026-12-18,,2027-01-06",
        "breach.notify_ico,2027-03-26T12:00:00+00:00,northern-ireland,2027-03-29T13:00:00+01:00",
        "breach.report,2030-12-24,england-and-wales,2031-01-09 provisional",
    ]


@pytest.mark.parametrize(
    "row, message",
    [
        ("breach.lunch,2026-12-18,", "no deadline rule"),
        (",2026-12-18,", "no deadline rule"),
        ("breach.report,,", "neither a date"),
        ("breach.report,2026-13-01,", "neither a date"),
        ("breach.report,2026-12-18,wales", "no bank holidays"),
        ("breach.report,2026-12-18T10:00:00,", "offset"),
        ("breach.notify_ico,2026-12-18,", "bare date"),
        ("breach.report,9999-12-31,", "too far"),
        ("breach.notify_ico,9999-12-31T23:00:00+00:00,", "too far"),
        ("breach.notify_ico,0001-01-01T00:00:00+05:00,", "too far"),
        ("breach.report", "three columns"),
        ("breach.report,2026-12-18,scotland,2027-01-07", "three columns"),
        ('"breach.report,2026-12-18,', "not CSV"),
        ("breach.report,2026-12-18,\x00", "no bank holidays"),
        ("x" * 200_000, "not CSV"),
    ],
)
def test_a_bad_row_says_why_and_the_rest_goes_on(table, row, message):
    """rules.md: "error: …" in the last column, the rows after it are answered, exit status 1."""
    lines, failed = table(f"rule,start,nation\n{row}\nbreach.report,2026-12-18,\n")
    assert len(lines) == 3
    assert "error: " in lines[1]
    assert message in lines[1]
    assert lines[2] == "breach.report,2026-12-18,,2027-01-06"
    assert failed == "1 row of 2 had an error."


def test_what_spreadsheets_add_does_no_harm(table):
    """A byte order mark, Windows line ends, blank lines, quotes and blanks around cells, a missing last line end."""
    data = '\ufeffrule,start,nation\r\n\r\n"breach.report", 2026-12-18 ,"scotland"\r\nbreach.report,2026-12-18,'
    lines, failed = table(data)
    assert failed is None
    assert [line.rsplit(",", 1)[1] for line in lines] == ["due", "2027-01-07", "2027-01-06"]


def test_a_wrong_byte_spoils_only_its_own_row(table):
    """A file that is not UTF-8 is answered as far as it can be."""
    lines, failed = table(b"rule,start,nation\nbreach\xff,2026-12-18,\nbreach.report,2026-12-18,\n")
    assert "error: " in lines[1]
    assert lines[2].endswith(",2027-01-06")
    assert failed


@pytest.mark.parametrize("data", ["", "breach.report,2026-12-18,\n", "start,rule,nation\n", '"rule\n'])
def test_a_table_without_its_header_is_refused(table, data):
    """decisions.md: the input has a header row; guessing at columns would give wrong dates."""
    lines, failed = table(data)
    assert lines == []
    assert failed == "The first row must be: rule,start,nation"


def test_options_hold_for_the_whole_table(table):
    """--n, --next-meeting and --nation are the same for every row that does not say otherwise."""
    data = (
        "rule,start,nation\nreview.annual,2026-08-31,\nbreach.report,2026-12-18,\nbreach.report,2026-12-18,scotland\n"
    )
    lines, _failed = table(data, "--n", "2", "--nation", "northern-ireland")
    assert [line.rsplit(",", 1)[1] for line in lines[1:]] == ["2029-02-28", "2027-01-06", "2027-01-07"]


# --- as a process


def test_the_command_needs_no_database(tmp_path):
    """Statuses and streams of the real process, with a database that cannot be reached."""
    nowhere = "postgres://nobody@127.0.0.1:1/nothing"
    environment = {
        "PATH": os.environ["PATH"],
        "PORTAL_HOME": str(tmp_path),
        "DATABASE_URL": nowhere,
        "PORTAL_OWNER_DATABASE_URL": nowhere,
    }

    def run(*arguments, given=""):
        command = [sys.executable, "manage.py", "due", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=environment, input=given, capture_output=True, text=True, check=False
        )

    good = run("breach.report", "2026-12-18")
    assert (good.returncode, good.stdout.splitlines()[0], good.stderr) == (0, "2027-01-06", "")
    bad = run("breach.report", "yesterday")
    assert (bad.returncode, bad.stdout) == (1, "")
    assert "neither a date" in bad.stderr
    rows = run("--csv", given="rule,start,nation\nbreach.report,2026-12-18,\nbreach.report,never,\n")
    assert rows.returncode == 1
    assert rows.stdout.splitlines()[1] == "breach.report,2026-12-18,,2027-01-06"
    assert "1 row of 2 had an error." in rows.stderr
