"""A loop of pytest that takes each guard away and runs the normal tests until one of them turns red.

It takes the place of pytest's own loop, so the tests, their fixtures and their database are the normal ones, and the
world of tests/test_access.py is built once. A test that is red without the sabotage too is no judge. Tests that caught
something before are asked first.
"""

import json
import os
import time
from collections import Counter
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol
from pytest_django.plugin import blocking_manager_key

from tests.access_rows import ROWS
from tests.sabotage.guards import Guard, guards
from tests.sabotage.judges import FIRST, MATRIX, THEN
from tests.sabotage.table import table


class Loop:
    """One run over all guards."""

    def __init__(self, session):
        self.session = session
        self.items = {item.nodeid: item for item in session.items}
        self.bad: set[str] = set()
        self.good: set[str] = set()
        self.hits: Counter[tuple[str, str]] = Counter()

    def run(self) -> list[dict]:
        """kind, name, by (the test that turned red, or ""), seconds: of each guard."""
        first = f"{MATRIX}<slug:framework>/]"
        if self.red(first):
            pytest.exit("The matrix is red before anything is taken away.")
        chosen = os.environ.get("SABOTAGE_ONLY", "").split(",")
        found = [guard for guard in guards() if any(words in f"{guard.kind}: {guard.name}" for words in chosen)]
        results = [self.judged(guard, self.of_matrix(guard)) for guard in found]
        for guard, result in zip(found, results, strict=True):
            if not result["by"]:
                later = self.judged(guard, self.of_files(guard))
                result |= {"by": later["by"], "seconds": result["seconds"] + later["seconds"]}
        self.session._setupstate.teardown_exact(None)
        return results

    def of_matrix(self, guard: Guard) -> list[str]:
        """Tests of the matrix and of the database in one world."""
        chosen: list[str] = []
        for which in FIRST.get(guard.kind, []):
            if which == "route":
                chosen += [name for name in self.items if name.endswith((f"[{guard.route}]", f"[{guard.route}-post]"))]
            elif which == "all":
                chosen += [name for name in self.items if name.startswith(MATRIX)]
            elif which == "few":
                chosen += [f"{MATRIX}{route}]" for route in of_each_kind()]
            else:
                chosen += [name for name in self.items if which in name]
        return chosen

    def of_files(self, guard: Guard) -> list[str]:
        """Tests of whole files."""
        files = tuple(f"tests/{file}::" for file in THEN.get(guard.kind, []))
        return [name for name in self.items if files and name.startswith(files)]

    def judged(self, guard: Guard, names: list[str]) -> dict:
        """Run these tests without the guard until one is red that is green with it."""
        began, by = time.monotonic(), ""
        topic = guard.name.rsplit(": ", 1)[-1]
        for name in sorted(names, key=lambda name: (-self.hits[topic, name], -self.hits[guard.kind, name])):
            if name in self.bad:
                continue
            if self.red(name, guard):
                if name in self.good or not self.red(name):
                    self.good.add(name)
                    self.hits.update([(topic, name), (guard.kind, name)])
                    by = name
                    break
                self.bad.add(name)
        if path := os.environ.get("SABOTAGE_RESULT"):
            with Path(f"{path}.progress").open("a", encoding="utf-8") as stream:
                stream.write(f"{time.monotonic() - began:6.1f} s  {guard.kind}: {guard.name} — {by}\n")
        return {"kind": guard.kind, "name": guard.name, "by": by, "seconds": time.monotonic() - began}

    def red(self, name, guard: Guard | None = None) -> bool:
        """Does the test fail (without the guard)?"""
        item = self.items[name]
        # another test of the same file comes "next", so that pytest keeps what the file shares
        following = next((each for each in self.session.items if each.fspath == item.fspath and each is not item), None)
        self.session._setupstate.teardown_exact(item)
        if guard is None:
            return any(report.failed for report in runtestprotocol(item, log=False, nextitem=following))
        with self.session.config.stash[blocking_manager_key].unblock(), guard.without():
            return any(report.failed for report in runtestprotocol(item, log=False, nextitem=following))


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
