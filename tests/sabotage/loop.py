"""A loop of pytest that takes each guard away and runs the normal tests until one of them turns red.

It takes the place of pytest's own loop, so the tests, their fixtures and their database are the normal ones, and the
world of tests/test_access.py is built once. First every test runs as it is, and it is noted which checks decided
something in it: only those tests are asked when the check is away. A test that is red as it is is no judge. Tests that
caught something before are asked first, then the quickest.
"""

import json
import os
import signal
import time
from collections import Counter
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol
from pytest_django.plugin import blocking_manager_key

from portal.db import statements
from tests.access_rows import ROWS
from tests.sabotage.guards import Guard, guards, routes_of
from tests.sabotage.judges import ACCESS, FIRST, MATRIX, NOT_ASKED, THEN
from tests.sabotage.mutants import watched
from tests.sabotage.table import table

# A test that hangs without the guard is red
SECONDS = 60


class Loop:
    """One run over all guards."""

    def __init__(self, session):
        self.session = session
        self.items = {item.nodeid: item for item in session.items if not item.nodeid.endswith(NOT_ASKED)}
        self.bad: set[str] = set()
        self.seconds: dict[str, float] = {}
        self.reached: dict[str, list[str]] = {}  # test → what decided something in it
        self.hits: Counter[tuple[str, str]] = Counter()

    def run(self) -> list[dict]:
        """kind, name, by (the test that turned red, or ""), asked (how many tests), seconds: of each guard."""
        if self.red(f"{MATRIX}<slug:framework>/]"):  # makes the world
            pytest.exit("The matrix is red before anything is taken away.")
        chosen = os.environ.get("SABOTAGE_ONLY", "").split(",")
        every = guards()
        found = [guard for guard in every if any(words in f"{guard.kind}: {guard.name}" for words in chosen)]
        self.record(every, found)
        results = [self.judged(guard, self.of_matrix(guard)) for guard in found]
        for guard, result in zip(found, results, strict=True):
            if not result["by"]:
                later = self.judged(guard, self.of_files(guard))
                result["by"] = later["by"]
                result["asked"] += later["asked"]
                result["seconds"] += later["seconds"]
        self.session._setupstate.teardown_exact(None)
        return results

    def record(self, every: list[Guard], found: list[Guard]) -> None:
        """Run each test as it is, and note what it reaches."""
        stored = Path(os.environ.get("SABOTAGE_REACHED", os.devnull))
        if stored.is_file():
            self.reached, self.seconds, bad = json.loads(stored.read_text(encoding="utf-8"))
            self.bad = set(bad)
        if not any(guard.key for guard in found):
            return
        began, seen = time.monotonic(), set()
        functions = dict.fromkeys(function for guard in every for function in guard.functions)
        with watched(list(functions), seen):
            for index, name in enumerate(self.items):
                if index % 100 == 0:
                    self.say(f"{time.monotonic() - began:6.1f} s  {index} of {len(self.items)} tests as they are")
                if name not in self.reached:
                    seen.clear()
                    start = time.monotonic()
                    if self.red(name):
                        self.bad.add(name)
                    self.seconds[name] = time.monotonic() - start
                    self.reached[name] = sorted(seen)
        self.say(f"{time.monotonic() - began:6.1f} s  red as they are: {sorted(self.bad)}")
        if "SABOTAGE_REACHED" in os.environ:  # what is there already is not run again
            stored.write_text(json.dumps([self.reached, self.seconds, sorted(self.bad)]), encoding="utf-8")

    def of_matrix(self, guard: Guard) -> list[str]:
        """Tests of the matrix and of the database in one world."""
        if guard.key:
            return [name for name in self.items if name.startswith(ACCESS) and guard.key in self.reached.get(name, ())]
        chosen: list[str] = []
        for which in FIRST.get(guard.kind, []):
            if which == "route":
                chosen += [name for name in self.items if name.endswith((f"[{guard.route}]", f"[{guard.route}-post]"))]
            elif which == "perm":
                chosen += [f"{MATRIX}{route}]" for route in sorted(routes_of(guard.perm))]
            elif which == "few":
                chosen += [f"{MATRIX}{route}]" for route in of_each_kind()]
            else:
                chosen += [name for name in self.items if which in name]
        return chosen

    def of_files(self, guard: Guard) -> list[str]:
        """Tests of the other files."""
        if guard.key:
            return [
                name for name in self.items if not name.startswith(ACCESS) and guard.key in self.reached.get(name, ())
            ]
        files = tuple(f"tests/{file}::" for file in THEN.get(guard.kind, []))
        return [name for name in self.items if files and name.startswith(files)]

    def judged(self, guard: Guard, names: list[str]) -> dict:
        """Run these tests without the guard until one is red that is green with it."""
        began, by = time.monotonic(), ""
        topics = [guard.name.rsplit(": ", 1)[-1], guard.name.split(":")[0], guard.kind]
        names = [name for name in names if name not in self.bad]
        mine = routes_of(guard.perm) if guard.perm else ()
        names = list(dict.fromkeys(names))
        names.sort(
            key=lambda name: (
                *[-self.hits[topic, name] for topic in topics],
                not name.removesuffix("]").endswith(tuple(f"[{route}" for route in mine)),
                self.seconds.get(name, 1),
            )
        )
        for name in names:
            if self.red(name, guard):
                self.hits.update([(topic, name) for topic in topics])
                by = name
                break
        seconds = time.monotonic() - began
        asked = names.index(by) + 1 if by else len(names)
        self.say(f"{seconds:6.1f} s  {asked:3} of {len(names):3}  {guard.kind}: {guard.name} — {by}")
        return {"kind": guard.kind, "name": guard.name, "by": by, "asked": asked, "seconds": seconds}

    @staticmethod
    def say(line: str) -> None:
        """How far it is."""
        if path := os.environ.get("SABOTAGE_RESULT"):
            with Path(f"{path}.progress").open("a", encoding="utf-8") as stream:
                stream.write(f"{line}\n")

    def red(self, name, guard: Guard | None = None) -> bool:
        """Does the test fail (without the guard)?"""
        item = self.items[name]
        # another test of the same file comes "next", so that pytest keeps what the file shares
        following = next((each for each in self.session.items if each.fspath == item.fspath and each is not item), None)
        self.session._setupstate.teardown_exact(item)
        statements.forget()  # they were written with, or without, the guard of before
        signal.signal(signal.SIGALRM, hangs)
        signal.alarm(SECONDS if guard else 0)
        try:
            if guard is None:
                return any(report.failed for report in runtestprotocol(item, log=False, nextitem=following))
            with self.session.config.stash[blocking_manager_key].unblock(), guard.without():
                return any(report.failed for report in runtestprotocol(item, log=False, nextitem=following))
        finally:
            signal.alarm(0)


def hangs(_signal, _frame):
    """It took too long."""
    raise TimeoutError(f"after {SECONDS} seconds")


def of_each_kind() -> list[str]:
    """One address of each sort: the same answers to the same people."""
    return list({tuple(sorted(row.answers.items())): route for route, row in reversed(ROWS.items())}.values())


def play(session) -> bool:
    """In the place of pytest's own loop."""
    results = Loop(session).run()
    if path := os.environ.get("SABOTAGE_RESULT"):
        Path(path).write_text(json.dumps(results, indent=1), encoding="utf-8")
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    for line in table(results):
        reporter.write_line(line)
    return True
