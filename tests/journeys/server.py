"""A real server for browser tests: gunicorn and a worker, a database of their own, a mail sink, a clock that moves.

Outside demo mode unless asked. Call inside `django_db_blocker.unblock()`; the calling process keeps its own clock.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

import time_machine
from django.conf import settings
from django.db import connection
from django.test import override_settings

from portal.embedded.layout import PROJECT, Layout
from portal.embedded.lifeline import die_with_parent
from portal.embedded.mailsink import MailSink
from tests.databases import copy_of_template

STARTS_WITHIN = 60.0
LINK = re.compile(r"^http://localhost:\d+/\S+$", re.MULTILINE)


class Server:
    """url: its address without a slash at the end. sink: its mail. `now` is what its clock shows."""

    def __init__(self, database: str, *, start: datetime):
        self.database = database
        self.folder = Path(tempfile.mkdtemp(prefix="journey-", dir=settings.PORTAL_HOME.parent))
        self.layout = Layout(self.folder / "var")
        self.layout.make()
        self.sink = MailSink(self.layout.mail)
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.clock = self.folder / "clock"
        self.ahead = timedelta(0)
        self.web = self.worker = None
        self.move_to(start)

    # --- the clock

    @property
    def now(self) -> datetime:
        """What the server's clock shows, aware, in UTC."""
        return datetime.now(UTC) + self.ahead

    def move_to(self, moment: datetime) -> None:
        """Move the server's clock to an aware moment; from the next request and sweep on it goes from there."""
        self.ahead = moment - datetime.now(UTC)
        waiting = self.clock.with_suffix(".new")
        waiting.write_text(f"{self.ahead.total_seconds():.6f}", encoding="ascii")
        waiting.rename(self.clock)

    def forward(self, **units) -> None:
        """Move it forward: forward(minutes=40)."""
        self.move_to(self.now + timedelta(**units))

    @contextmanager
    def inside(self):
        """This process as if it were one of the server's: its clock, its folder, its address. For builders and commands."""
        with time_machine.travel(self.now, tick=True), override_settings(LAYOUT=self.layout, PORTAL_URL=self.url):
            yield

    # --- processes

    def environment(self) -> dict[str, str]:
        """Of both processes: nothing of the test run but its services."""
        kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "TZ") if key in os.environ}
        return kept | {
            "PORTAL_HOME": str(self.layout.home),
            "PORTAL_URL": self.url,
            "PORTAL_DEMO": "0",
            "PORTAL_SECRET_KEY": settings.SECRET_KEY,  # the tests' builders write authenticator secrets too
            "PORTAL_TEST_CLOCK": str(self.clock),
            "PORTAL_EMAIL_URL": self.sink.url,
            "DATABASE_URL": with_name(os.environ["DATABASE_URL"], self.database),
            "REDIS_URL": "",  # the cache is in the database, so that no other test's counters are met
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "PYTHONUNBUFFERED": "1",
            "XDG_CACHE_HOME": str(self.folder / "cache"),
        }

    def spawn(self, name: str, words: list[str]) -> subprocess.Popen:
        """A process that ends with ours, even by kill -9; what it says is in log/<name>.log."""
        with (self.layout.log / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *words],
                cwd=PROJECT,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent(signal.SIGTERM),
            )

    def start(self) -> None:
        """Mail, web, worker; returns when both serve."""
        self.sink.start()
        words = ["--bind", f"127.0.0.1:{self.port}", "--workers", "1", "--threads", "6", "--worker-class", "gthread"]
        self.web = self.spawn(
            "web", ["-m", "gunicorn", *words, "--timeout", "120", "tests.journeys.clocked:application"]
        )
        self.start_worker()
        wait_until(self.answers, f"The server does not answer.\n{self.log('web')}")

    def answers(self) -> bool:
        """Does it serve?"""
        assert self.web.poll() is None, self.log("web")
        try:
            with urlopen(f"{self.url}/healthz", timeout=10) as response:
                return response.status == 200
        except OSError:
            return False

    def start_worker(self) -> None:
        """Start it; returns when it sweeps."""
        ready = self.folder / "ready"
        ready.unlink(missing_ok=True)
        self.worker = self.spawn("worker", ["-m", "tests.journeys.clocked", str(ready)])
        wait_until(lambda: ready.exists() or self.worker.poll() is not None, "The worker does not start.")
        assert self.worker.poll() is None, self.log("worker")

    def stop_worker(self) -> None:
        """Let it finish what it does, then end it."""
        end(self.worker)
        self.worker = None

    def begin_again(self, moment: datetime) -> None:
        """The clock at this moment, nobody's attempts and codes counted, no mail. This process must be connected to the
        server's database."""
        self.move_to(moment)
        with connection.cursor() as cursor:
            cursor.execute("delete from portal_cache")
        self.sink.clear()
        if self.worker is None:
            self.start_worker()

    def stop(self) -> None:
        """End everything and remove its folder."""
        for process in (self.worker, self.web):
            end(process)
        self.sink.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self, name: str) -> str:
        """The end of what a process said."""
        path = self.layout.log / f"{name}.log"
        return path.read_text(errors="replace")[-6000:] if path.exists() else ""

    def ring(self) -> None:
        """Have the worker sweep soon."""
        (self.folder / "bell").touch()

    def wait_until(self, condition, complaint: str) -> None:
        """Wait for something that the worker does."""

        def asked() -> bool:
            self.ring()
            return condition()

        wait_until(asked, f"{complaint}\n{self.log('worker')}", pause=0.25)

    # --- mail

    def mail(self, to: str, words: str = ""):
        """The newest mail to an address whose subject holds the words; waits for the worker, at most 60 s."""
        found = []

        def arrived() -> bool:
            found[:] = [m for m in self.sink.messages(to) if words.lower() in str(m["Subject"]).lower()]
            return bool(found)

        self.wait_until(arrived, f"No mail “{words}” to {to}.")
        return found[-1]

    def link(self, to: str, words: str = "") -> str:
        """The one link of that mail."""
        (link,) = set(LINK.findall(self.mail(to, words).get_content()))
        return link


@contextmanager
def running(*, start: datetime):
    """A server on a fresh database."""
    with copy_of_template() as name:
        server = Server(name, start=start)
        try:
            server.start()
            yield server
        finally:
            server.stop()


def with_name(url: str, database: str) -> str:
    """The same address with another database: what stands between the host and a question mark."""
    head, mark, query = url.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{database}{mark}{query}"


def free_port() -> int:
    """A port of this machine that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition, complaint: str, *, seconds: float = STARTS_WITHIN, pause: float = 0.05) -> None:
    """Wait until it holds; AssertionError with the complaint after so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, complaint
        time.sleep(pause)


def end(process: subprocess.Popen | None) -> None:
    """SIGTERM, and after 30 s SIGKILL."""
    if process is None or process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
