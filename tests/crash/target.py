"""The server under attack: started as script/server starts it, hit with kill -9, watched until it serves again."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from portal.embedded.layout import PROJECT
from tests.portal.embedded_server import Server

SERVES_WITHIN = 240.0
STOPS_WITHIN = 120.0
PAGES = ("/healthz", "/", "/accounts/login/")
# What is hit, and how often in twenty. "step" is whatever runs before the first page: initdb, migrations, demonstration.
WHILE_SERVING = {"supervisor": 8, "everything": 3, "web": 2, "web worker": 3, "worker": 2, "database": 2}
WHILE_STARTING = {"supervisor": 10, "everything": 4, "step": 4, "database": 2}


class Broken(AssertionError):
    """A promise that was not kept."""


class Target(Server):
    """`python -m portal.embedded.supervisor`, which script/server becomes once the packages are there."""

    def another(self, output: Path) -> "subprocess.Popen[bytes]":
        """One more supervisor on the same data. What it says is added to `output`."""
        with output.open("ab") as stream:
            return subprocess.Popen(
                [sys.executable, "-m", "portal.embedded.supervisor"],
                cwd=PROJECT,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                start_new_session=True,
            )

    def launch(self) -> float:
        """Start, wait until every page of PAGES is shown, and say how many seconds that took."""
        self.output.write_bytes(b"")
        began = time.monotonic()
        self.start()
        self.ready()
        self.await_service()
        return time.monotonic() - began

    def await_service(self) -> None:
        """Wait until every page of PAGES is shown. Raises Broken after SERVES_WITHIN."""
        deadline = time.monotonic() + SERVES_WITHIN
        while (answers := [self.status(page) for page in PAGES]) != [200] * len(PAGES):
            if time.monotonic() > deadline:
                raise Broken(f"{PAGES} answer {answers}.\n{self.output.read_text()}")
            time.sleep(0.1)

    @property
    def phase(self) -> str:
        """The last line that the supervisor said."""
        lines = self.output.read_text().strip().splitlines() if self.output.exists() else []
        return lines[-1].strip() if lines else "nothing said yet"

    def hit(self, kind: str) -> str:
        """kill -9 of one kind of victim; returns what was hit, which is the supervisor where there is no such victim."""
        victims = self.victims(kind)
        if not victims:
            kind, victims = "supervisor", [self.pid]
        for pid in victims:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        return kind

    def victims(self, kind: str) -> list[int]:
        """The numbers of the processes of a kind, oldest first; one of them unless the kind is "everything"."""
        running = self.processes()
        if kind == "supervisor":
            return [self.pid]
        if kind == "everything":
            return sorted(running)
        words = {
            "web": "-m gunicorn",
            "web worker": "-m gunicorn",
            "worker": "celery -A portal",
            "database": "-c listen_addresses=",
            "step": "manage.py",
        }[kind]
        found = sorted(pid for pid, line in running.items() if words in line)
        if kind == "step":
            found += sorted(pid for pid, line in running.items() if "initdb" in line)
        return found[1:2] if kind == "web worker" else found[:1]

    @property
    def pid(self) -> int:
        """The supervisor's."""
        assert self.process is not None
        return self.process.pid

    def recover(self, kind: str) -> tuple[float, bool]:
        """After a hit: start again if the supervisor has ended, else wait until it has healed.

        Returns the seconds until the pages are shown, and whether it was started again.
        """
        assert self.process is not None
        began = time.monotonic()
        if kind in {"supervisor", "everything"}:
            self.process.wait()
            return self.launch(), True
        while self.process.poll() is None and "Stop with Ctrl-C" not in self.output.read_text():
            time.sleep(0.05)
        if self.process.poll() is not None:  # a step that was killed ends the start, with a message
            return self.launch(), True
        time.sleep(0.5)  # the supervisor looks four times a second
        self.await_service()
        return time.monotonic() - began, False

    def run_module(self, *words: str) -> str:
        """What `python -m …` prints, run beside the server as its account and with its data. Raises Broken if it fails."""
        done = subprocess.run(
            [sys.executable, "-m", *words], cwd=PROJECT, env=self.env_of_commands(), capture_output=True, text=True
        )
        if done.returncode != 0:
            raise Broken(f"{words}: {done.stdout[-2000:]}\n{done.stderr[-6000:]}")
        return done.stdout

    def env_of_commands(self) -> dict[str, str]:
        """The environment of a command beside the server."""
        return {**self.env, "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}

    def stop_clean(self) -> None:
        """Ctrl-C. Raises Broken if the status is not 0 or any process of this PORTAL_HOME is left."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        status = self.process.wait(STOPS_WITHIN)
        if status != 0 or (left := self.processes()):
            raise Broken(f"Ctrl-C: status {status}, left: {left if status == 0 else 'not looked at'}.")

    def require_tidy(self) -> None:
        """Raises Broken if a half cluster or a half file lies about."""
        place = self.layout.place
        left = [*place.glob("cluster.new-*"), *place.glob("*.new")]
        if left:
            raise Broken(f"Left behind: {left}")


def choose(chances: dict[str, int], dice: random.Random) -> str:
    """One kind of victim."""
    return dice.choices(list(chances), list(chances.values()))[0]
