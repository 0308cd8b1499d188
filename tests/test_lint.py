"""Rules of this project that no ready-made linter knows. Each finder is itself tried on a text that breaks it."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
APPS = ("portal", "protocols", "signatories", "breaches", "reviews")
PYTHON = sorted(path for app in APPS for path in (ROOT / app).rglob("*.py"))
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".txt", ".subject"})


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def dotted(node: ast.AST) -> str:
    """``a.b.c`` of an expression, or the empty string."""
    if isinstance(node, ast.Attribute):
        left = dotted(node.value)
        return f"{left}.{node.attr}" if left else ""
    return node.id if isinstance(node, ast.Name) else ""


def offenders(finder: Callable[[str], Iterable[int]], paths: list[Path], spared: tuple[str, ...] = ()) -> list[str]:
    """``file:line`` of everything that the finder objects to, outside the spared files and folders."""
    return [
        f"{name(path)}:{line}"
        for path in paths
        if not name(path).startswith(spared)
        for line in finder(path.read_text(encoding="utf-8"))
    ]


def found_by(pattern: re.Pattern[str]) -> Callable[[str], Iterable[int]]:
    """A finder of the lines on which a pattern begins."""
    return lambda text: [text.count("\n", 0, match.start()) + 1 for match in pattern.finditer(text)]


# --- one source of time

CLOCKS = re.compile(
    r"(^|\.)(datetime\.(now|utcnow|today)|date\.today|timezone\.(now|localtime|localdate)|time\.(time|time_ns|localtime|gmtime)"
    r"|functions\.Now)$"
)
CLOCK_NAMES = {
    "django.utils.timezone": {"now", "localtime", "localdate"},
    "time": {"time", "time_ns", "localtime", "gmtime"},
    "django.db.models.functions": {"Now"},
}
#: clock.py is the source; the embedded services know nothing of Django or of business, and name files by the time.
OWN_CLOCK = ("portal/clock.py", "portal/embedded/")


def clocks_asked(source: str) -> Iterator[int]:
    """Lines that ask the system for the time, by call, by reference, by import or by a self-filling field."""
    for node in ast.walk(ast.parse(source)):
        if (
            (isinstance(node, ast.Attribute) and CLOCKS.search(dotted(node)))
            or (
                isinstance(node, ast.ImportFrom)
                and {alias.name for alias in node.names} & CLOCK_NAMES.get(node.module or "", set())
            )
            or (isinstance(node, ast.keyword) and node.arg in {"auto_now", "auto_now_add"})
        ):
            yield node.lineno


def test_only_the_clock_is_asked_for_the_time():
    """Time is an argument: portal.clock.now() is the only source, so that one moved clock moves everything."""
    assert offenders(clocks_asked, PYTHON, OWN_CLOCK) == []


@pytest.mark.parametrize(
    "source",
    [
        "datetime.now(UTC)",
        "datetime.datetime.utcnow()",
        "date.today()",
        "models.DateTimeField(default=timezone.now)",
        "models.DateTimeField(auto_now_add=True)",
        "time.time()",
        "from time import time",
        "from django.utils.timezone import now",
        "from django.db.models.functions import Lower, Now",
    ],
)
def test_the_finder_of_clocks_finds_them(source):
    """Positive control."""
    assert list(clocks_asked(source)) == [1]


def test_the_finder_of_clocks_leaves_other_time_alone():
    """Intervals and conversions are no source of time."""
    innocent = "import time\nfrom portal import clock\nclock.now()\ntime.monotonic()\ndatetime.fromisoformat(x)\ntimezone.override('UTC')\n"
    assert list(clocks_asked(innocent)) == []


# --- one place for lengths

LENGTHS = re.compile(r"\b(5|five|10|ten|20|twenty) working days|\b(72|seventy-two)[ -]hours?", re.IGNORECASE)


def docstrings(tree: ast.AST) -> set[int]:
    """Identities of the constants that only document."""
    return {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def lengths_written(source: str) -> Iterator[int]:
    """Lines on which code, not its documentation, spells out the length of a deadline."""
    tree = ast.parse(source)
    spared = docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in spared:
            if LENGTHS.search(node.value):
                yield node.lineno
        elif isinstance(node, ast.keyword) and node.arg == "hours" and ast.unparse(node.value) == "72":
            yield node.value.lineno


def test_lengths_of_deadlines_stand_in_one_file():
    """portal/deadlines.py is the only file where the lengths of HAR-6.1, HAR-6.2, HAR-6.3 or UK-33 may stand."""
    assert offenders(lengths_written, PYTHON, ("portal/deadlines.py",)) == []


def steps_written(source: str) -> Iterator[int]:
    """Lines on which a step of a ladder of reminders is made."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in {"Step", "Ladder"}:
            yield node.lineno


def test_steps_of_reminders_stand_in_one_file():
    """portal/ladders.py is the only file where the steps of reminders may stand; other apps name a rule."""
    assert offenders(steps_written, PYTHON, ("portal/ladders.py",)) == []


def test_the_finder_of_steps_finds_them():
    """Positive control."""
    assert list(steps_written("x = 1\ny = ladders.Step('late', days=3)\n")) == [2]


def test_no_template_writes_a_length():
    """Pages and mails print what the engine says: a protocol may have lengths of its own (READ-10)."""
    # the gallery shows components with made-up figures
    assert offenders(found_by(LENGTHS), TEMPLATES, ("templates/components/gallery.html",)) == []


def test_the_finder_of_lengths_finds_them():
    """Positive control, with documentation left alone."""
    assert list(lengths_written("x = _('Report within 5 working days')\ny = timedelta(hours=72)\n")) == [1, 2]
    assert list(lengths_written('"""Not within 72 hours."""\nx = 5\n')) == []


# --- one sender of mail

SENDERS = re.compile(
    r"(^|\.)(send_mail|send_mass_mail|mail_admins|mail_managers|email_user|EmailMessage|EmailMultiAlternatives|SMTP|SMTP_SSL)$"
)
MAY_SEND = ("portal/notices.py", "portal/sweep.py", "portal/embedded/")


def mails_sent(source: str) -> Iterator[int]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and SENDERS.search(dotted(node.func)):
            yield node.lineno


def test_only_the_outbox_sends_mail():
    """decisions.md: every mail is a row first; no other code talks to a mail server."""
    assert offenders(mails_sent, PYTHON, MAY_SEND) == []


def test_the_finder_of_mail_finds_it():
    """Positive control."""
    assert list(mails_sent("send_mail('a')\nmail.EmailMessage('a')\nuser.email_user('a')\nsmtplib.SMTP()\n")) == [
        1,
        2,
        3,
        4,
    ]


# --- texts and templates


def test_no_file_grows_past_400_lines():
    """architecture.md: split a file before 400 lines. First migrations are written by a machine."""
    texts = [*PYTHON, *TEMPLATES, *(ROOT / "tests").rglob("*.py"), *(ROOT / "script").iterdir()]
    long = {name(path) for path in texts if path.is_file() and len(path.read_text(encoding="utf-8").splitlines()) > 400}
    assert {path for path in long if not path.endswith("/migrations/0001_initial.py")} == set()


def test_no_code_trusts_markup_or_names_this_machine():
    """Nothing marks text as safe markup, and no path of a developer's machine is committed."""
    assert offenders(found_by(re.compile(r"\bmark_safe\b|(?<![\w.])/wor[k]/")), [*PYTHON, *TEMPLATES]) == []


UNSAFE_TEMPLATE = re.compile(
    r"\|\s*safe\b|\{%\s*autoescape\s+off|<script(?![^>]*\bsrc=)|<style(?![^>]*\bnonce=)|\sstyle=[\"']|\son[a-z]+=[\"']",
    re.IGNORECASE,
)


def test_templates_escape_and_hold_no_inline_script_or_style():
    """The content security policy forbids inline code, and escaping is never switched off in a page.

    Text mails have no markup to escape; PDF templates carry their style in themselves and never reach a browser.
    """
    pages = [path for path in TEMPLATES if path.suffix == ".html"]
    assert offenders(found_by(UNSAFE_TEMPLATE), pages, ("templates/pdf/",)) == []


@pytest.mark.parametrize(
    "text",
    [
        "{{ x|safe }}",
        "{% autoescape off %}",
        "<script>1</script>",
        "<style>a{}</style>",
        '<p style="a">',
        '<a onclick="b">',
    ],
)
def test_the_finder_of_unsafe_templates_finds_them(text):
    """Positive control."""
    assert UNSAFE_TEMPLATE.search(text)
    assert not UNSAFE_TEMPLATE.search('<script src="/a.js" defer></script><p class="style">safe on="x"</p>')
