"""Processes of the supervisor: restarted with growing patience, stopped whole."""

import itertools
import subprocess
import sys
import time
from pathlib import Path

import pytest

from portal.embedded.children import MARK, Child, end_marked, marked
from portal.embedded.layout import PROJECT

STUBBORN = (
    "import os, signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); os.fork();"
    "sys.stderr.write('up\\n'); sys.stderr.flush(); time.sleep(600)"
)


def child(tmp_path: Path, code: str, patience: float = 0.3) -> Child:
    """A child that runs `code` and carries the mark of `tmp_path`."""
    env = {MARK: str(tmp_path)}
    return Child("job", [sys.executable, "-c", code], env=env, cwd=tmp_path, logs=tmp_path, patience=patience)


def wait_for(log: Path, lines: int) -> None:
    """Wait until the log has that many lines."""
    deadline = time.monotonic() + 10
    while not log.exists() or len(log.read_text().splitlines()) < lines:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_stubborn_group_is_killed_whole(tmp_path: Path) -> None:
    """A process that ignores SIGTERM is killed after its patience, and so is what it forked."""
    job = child(tmp_path, STUBBORN)
    job.start()
    wait_for(job.log, 2)
    assert len(list(marked(tmp_path))) == 2
    job.ask_to_stop()
    job.wait_stopped(time.monotonic() + job.patience)
    end_marked(tmp_path, 0.0)
    assert list(marked(tmp_path)) == []


def test_dead_child_is_revived_with_growing_delay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each early death doubles the wait, up to the limit; a death is told once with the name of the log."""
    monkeypatch.setattr("portal.embedded.children.FIRST_DELAY", 0.05)
    job = child(tmp_path, "raise SystemExit(3)")
    job._delay = 0.05
    job.start()
    told = []
    deadline = time.monotonic() + 20
    while len(told) < 3 and time.monotonic() < deadline:
        if line := job.revive():
            told.append((time.monotonic(), line))
        time.sleep(0.01)
    assert all("job ended (3)" in line and str(job.log) in line for _, line in told)
    gaps = [after[0] - before[0] for before, after in itertools.pairwise(told)]
    assert gaps[0] >= 0.1
    assert gaps[1] >= 0.2


def test_leftovers_of_a_killed_supervisor_are_ended(tmp_path: Path) -> None:
    """Only processes with the mark of this home are ended; others with PORTAL_HOME are somebody's shell."""
    code = "import time; time.sleep(600)"
    left = subprocess.Popen([sys.executable, "-c", code], env={MARK: str(tmp_path)}, cwd=PROJECT)
    other = subprocess.Popen([sys.executable, "-c", code], env={"PORTAL_HOME": str(tmp_path)}, cwd=PROJECT)
    deadline = time.monotonic() + 10
    while list(marked(tmp_path)) != [left.pid]:  # the environment changes at exec
        assert time.monotonic() < deadline
        time.sleep(0.02)
    end_marked(tmp_path, 0.1)
    assert left.wait(5) == -9
    assert other.poll() is None
    other.kill()
    other.wait()
