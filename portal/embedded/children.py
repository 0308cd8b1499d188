"""Processes of the supervisor: started in groups of their own, restarted with growing patience, never left behind."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from portal.embedded.lifeline import die_with_parent

MARK = "PORTAL_SUPERVISED"
FIRST_DELAY, LAST_DELAY = 0.5, 30.0
HEALTHY_AFTER = 60.0
KILLED_AFTER = 10.0
LOG_LIMIT = 20_000_000  # bytes; the log before this one is kept as .1


class Child:
    """One long-running process, its log file and how patiently it is restarted."""

    def __init__(
        self, name: str, command: Sequence[str], *, env: Mapping[str, str], cwd: Path, logs: Path, patience: float
    ) -> None:
        """`patience` is how many seconds the process may take to stop before it is killed."""
        self.name = name
        self.log = logs / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.patience = patience
        self._command, self._env, self._cwd = list(command), dict(env), cwd
        self._delay = FIRST_DELAY
        self._started = self._not_before = 0.0

    def start(self) -> None:
        """Start the process with its output going to the log."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command,
                env=self._env,
                cwd=self._cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGTERM),
            )
        self._started = time.monotonic()

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self.process is not None and self.process.poll() is None

    def revive(self) -> str:
        """Start the process again if it has ended and its time has come; returns a line to tell, or ''."""
        if self.running:
            return ""
        now = time.monotonic()
        if self.process is not None:
            code = self.process.returncode
            self.kill()  # what is left of its group must not hold the port
            self.process = None
            self._delay = FIRST_DELAY if now - self._started > HEALTHY_AFTER else min(self._delay * 2, LAST_DELAY)
            self._not_before = now + self._delay
            return f"{self.name} ended ({code}); starting it again in {self._delay:.0f} s. See {self.log}"
        if now >= self._not_before:
            self.start()
        return ""

    def ask_to_stop(self) -> None:
        """Ask the process to finish what it is doing."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def ends_within(self, deadline: float) -> bool:
        """Wait until `deadline` (monotonic seconds) at most; whether the process has ended by then."""
        if self.process is None:
            return True
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(deadline - time.monotonic(), 0.01))
        return self.process.returncode is not None

    def wait_stopped(self, deadline: float) -> None:
        """Wait until `deadline` (monotonic seconds), then kill whatever is left of the process group."""
        self.ends_within(deadline)
        self.kill()
        if self.process is not None:
            self.process.wait()

    def kill(self) -> None:
        """Kill the whole group at once."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)


def rotate(logs: Path) -> None:
    """Keep each log that has grown too large once as .1 and begin it anew; its writers append and notice nothing."""
    for path in logs.glob("*.log"):
        if path.stat().st_size > LOG_LIMIT:
            shutil.copyfile(path, path.with_suffix(".log.1"))
            os.truncate(path, 0)


def tail(path: Path, lines: int = 15) -> str:
    """The last lines of a log."""
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]) if path.exists() else ""


def marked(home: Path) -> Iterator[int]:
    """Other processes that a supervisor of `home` started, by the mark in their environment."""
    mark = b"%s=%s" % (MARK.encode(), os.fsencode(home))
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    yield int(entry.name)
            except OSError:  # gone, or another account's
                continue


def end_marked(home: Path, patience: float) -> None:
    """Wait `patience` seconds for marked processes to end by themselves, then kill them."""
    deadline = time.monotonic() + patience
    while (left := list(marked(home))) and time.monotonic() < deadline:
        time.sleep(0.05)
    for pid in left:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    while list(marked(home)) and time.monotonic() < deadline + KILLED_AFTER:
        time.sleep(0.02)
