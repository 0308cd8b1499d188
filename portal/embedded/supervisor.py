"""`script/server`: everything a trial needs, started in order, kept alive, and stopped whole."""

import http.client
import os
import signal
import socket
import sys
import time
from pathlib import Path
from types import FrameType
from typing import NoReturn

from portal.embedded import steps
from portal.embedded.children import FIRST_DELAY, HEALTHY_AFTER, LAST_DELAY, MARK, Child, end_marked, rotate, tail
from portal.embedded.errors import LaunchError
from portal.embedded.launcher import Postgres, lock
from portal.embedded.layout import PROJECT, Layout
from portal.embedded.steps import say

ANSWERS_WITHIN = 90.0
ORPHAN_PATIENCE = 20.0
LOOK_EVERY = 0.25
PATIENT_IN_SILENCE = 7.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
OWNERS_ONLY = ("PORTAL_OWNER_DATABASE_URL", "PORTAL_SUPERUSER_DATABASE_URL")


class Supervisor:
    """One run of the server for one layout."""

    def __init__(self, layout: Layout, environ: dict[str, str]) -> None:
        self.layout = layout
        self.port = _port(environ.get("PORTAL_PORT") or "8000")
        self.env = self._environment(environ)
        self.postgres = None if self.env.get("DATABASE_URL") else Postgres(layout, say=lambda line: say(f"  {line} …"))
        self.children: list[Child] = []
        self._lock: int | None = None
        self._database_delay = FIRST_DELAY
        self._database_since = 0.0

    def _environment(self, environ: dict[str, str]) -> dict[str, str]:
        """The environment of every child: ours, with PORTAL_HOME, the mark and the defaults of a trial."""
        env = dict(environ)
        env["PATH"] = f"{Path(sys.executable).parent}:{env.get('PATH') or '/usr/local/bin:/usr/bin:/bin'}"
        env["PORTAL_HOME"] = env[MARK] = str(self.layout.home)
        env["PORTAL_PORT"] = str(self.port)
        demo = env.get("PORTAL_DEMO", "0" if env.get("DATABASE_URL") else "1")  # never unasked into one's own database
        env["PORTAL_DEMO"] = "1" if demo.strip().lower() in {"1", "true", "yes", "on"} else "0"
        env.setdefault("LANG", "C.UTF-8")
        env.setdefault("PYTHONUNBUFFERED", "1")
        env.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
        if "HOME" not in env:
            env.setdefault("XDG_CACHE_HOME", str(self.layout.home / "cache"))  # fontconfig wants a place to write
        if env.get("DATABASE_URL") and not env.get("PORTAL_OWNER_DATABASE_URL"):
            raise LaunchError(
                "DATABASE_URL is set, so PORTAL_OWNER_DATABASE_URL must name the same database as the role that owns"
                " its tables. docs/configuration.md says how."
            )
        return env

    def prepare(self) -> None:
        """Everything before the first process that serves. Raises LaunchError."""
        self._lock = lock(
            self.layout.home / "server.lock",
            f"The server of {self.layout.home} is already running. Stop it first, or set PORTAL_HOME to another folder.",
        )
        end_marked(self.layout.home, ORPHAN_PATIENCE)  # of a supervisor that was killed
        _refuse_taken(self.port)
        if self.postgres is not None:
            self.postgres.start()
            self._database_since = time.monotonic()
        steps.compile_messages(self.env)
        steps.prepare(self.layout, self.env)

    def serve(self) -> None:
        """Start the processes that serve; the first page is there before the last of them. Raises LaunchError."""
        if not self.env.get("PORTAL_EMAIL_URL"):
            mail_port = _free_port()
            self.env["PORTAL_EMAIL_URL"] = f"smtp://127.0.0.1:{mail_port}"
            self._start("mail", ["-m", "portal.embedded.mailsink", "--port", str(mail_port)], patience=5)
        bind = [word for address in _addresses(self.port) for word in ("--bind", address)]
        config = str(PROJECT / "portal/embedded/gunicorn_conf.py")
        self._start("web", ["-m", "gunicorn", "--config", config, *bind], 20)
        self._wait_for_web()  # before the worker starts: the first page has the processor for itself
        pool = ["-B", "-c", "1", "-P", "prefork", "--include", "portal.embedded.celery_lifeline", "--loglevel", "INFO"]
        self._start("worker", ["-m", "celery", "-A", "portal", "worker", *pool], patience=20)

    def _start(self, name: str, words: list[str], patience: float) -> None:
        env = {key: value for key, value in self.env.items() if key not in OWNERS_ONLY}
        command = [sys.executable, *words]
        child = Child(name, command, env=env, cwd=PROJECT, logs=self.layout.log, patience=patience)
        self.children.append(child)
        child.start()

    def _wait_for_web(self) -> None:
        """Wait until the web process answers; a first page that fails is told with the end of its log."""
        web = next(child for child in self.children if child.name == "web")
        deadline = time.monotonic() + ANSWERS_WITHIN
        while not _answers(self.port):
            if not web.running or time.monotonic() > deadline:
                raise LaunchError(f"The web server does not answer. The end of {web.log}:\n{tail(web.log)}")
            time.sleep(0.1)

    def watch(self) -> NoReturn:
        """Keep everything alive until a signal ends it."""
        while True:
            if self.postgres is not None and not self.postgres.running:
                self._revive_database()
            for child in self.children:
                if line := child.revive():
                    say(line)
            rotate(self.layout.log)
            time.sleep(LOOK_EVERY)

    def _revive_database(self) -> None:
        """Start PostgreSQL again; it repairs itself. What is done meanwhile waits and is done later."""
        assert self.postgres is not None
        lived = time.monotonic() - self._database_since
        self._database_delay = FIRST_DELAY if lived > HEALTHY_AFTER else min(self._database_delay * 2, LAST_DELAY)
        say(f"The database ended; starting it again. See {self.layout.log / 'postgres.log'}")
        time.sleep(self._database_delay)
        self._database_since = time.monotonic()
        try:
            self.postgres.start()
        except LaunchError as error:
            say(str(error))

    def stop(self) -> bool:
        """Stop everything and wait until it is gone: web and worker finish what they do, then the database.

        Nothing happens, and the answer is False, if this run never got the lock: what runs then belongs to another supervisor.
        """
        if self._lock is None:
            return False
        for child in self.children:
            child.ask_to_stop()
        began = time.monotonic()
        for child in self.children:
            if not child.ends_within(began + PATIENT_IN_SILENCE):
                say(f"  Waiting for {child.name}, which is finishing its work (at most {child.patience:.0f} s) …")
            child.wait_stopped(began + child.patience)
        end_marked(self.layout.home, 0.0)
        if self.postgres is not None:
            self.postgres.stop()
        return True


def _port(text: str) -> int:
    """A port number; raises LaunchError for anything else."""
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise LaunchError(f"PORTAL_PORT is “{text}”. Set it to a number from 1 to 65535.")
    return int(text)


def _addresses(port: int) -> list[str]:
    """Where to listen: both addresses that `localhost` can mean, as far as this machine has them."""
    addresses = [f"127.0.0.1:{port}"]
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("::1", port))
        addresses.append(f"[::1]:{port}")
    except OSError:  # this machine has no IPv6, or somebody else listens there: 127.0.0.1 still serves
        return addresses
    return addresses


def _refuse_taken(port: int) -> None:
    """Raise LaunchError if another program listens on `port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise LaunchError(f"This account may not listen on port {port}. Set PORTAL_PORT to 1024 or more.") from None
        except OSError:
            raise LaunchError(
                f"Port {port} is used by another program. Start with another one: PORTAL_PORT={port + 1} script/server"
            ) from None


def _free_port() -> int:
    """A port of 127.0.0.1 that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    """Whether the web server says that it is healthy."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/healthz", headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _stop_asked(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """Run the server until Ctrl-C; the exit status is 0, or 1 after a message that says what to do."""
    for number in SIGNALS:
        signal.signal(number, _stop_asked)
    began = time.monotonic()
    supervisor = None
    try:
        layout = Layout.from_env()
        layout.make()
        supervisor = Supervisor(layout, dict(os.environ))
        say(f"Concordat keeps its data in {layout.home}")
        supervisor.prepare()
        supervisor.serve()
        if supervisor.env["PORTAL_DEMO"] == "1":
            say(f"\n{steps.demo_people(layout, supervisor.env).rstrip()}")
        address = supervisor.env.get("PORTAL_URL") or f"http://localhost:{supervisor.port}"
        say(f"\nReady after {time.monotonic() - began:.1f} s:  {address}")
        say("Stop with Ctrl-C.")
        supervisor.watch()
    except KeyboardInterrupt:
        say("\nStopping …")
        return 0
    except PermissionError as error:
        say(f"\nThis account may not use {error.filename}. Start as the user who owns that folder.")
        return 1
    except LaunchError as error:
        say(f"\n{error}")
        return 1
    finally:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave anything behind
        if supervisor is not None and supervisor.stop():
            say("Everything is stopped.")


if __name__ == "__main__":
    sys.exit(main())
