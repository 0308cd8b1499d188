"""A loop of pytest that takes each guard away and runs the normal tests until one of them turns red.

It takes the place of pytest's own loop, so the tests, their fixtures and their database are the normal ones, and the
world of tests/test_access.py is built once for all that the matrix judges. Asked are, until one is red:

1. the test that caught it the last time (known.json), or the tests that the table in judges.py names for its kind;
2. the tests that caught other guards of the same function, and those of the test file of its module;
3. every test in which the check decided something: for that, all tests run once as they are, and what they reach is noted.

A test that is red with all guards in their place is no judge: each that caught something runs once more as it is.
"""

import json
import os
import signal
import time
from collections import Counter
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol
from pytest_django.plugin import blocking_manager_key

from portal.db import statements
from tests import test_access
from tests.access_kinds import INSIDE
from tests.access_rows import ROWS
from tests.sabotage import known
from tests.sabotage.guards import Guard, guards, routes_of
from tests.sabotage.judges import ACCESS, FIRST, MATRIX, NOT_ASKED, THEN, beside
from tests.sabotage.mutants import watched
from tests.sabotage.survivors import SURVIVORS
from tests.sabotage.table import table

# Kinds that the matrix hardly ever notices, and how many tests of a sort are asked before all are
IN_FILES = {"refusals", "guards.py", "obstacles.py"}
FEW = 20
# They are taken from a database: what a file shares, its own database too, is made before
IN_DATABASE = {"policies", "functions across tenants"}
# A test that hangs without the guard has caught nothing: how fast the machine is may not count
SECONDS = 300


@dataclass
class Result:
    """by: the test that turned red, or "". asked: how many tests."""

    kind: str
    name: str
    by: str = ""
    asked: int = 0
    seconds: float = 0.0

    @property
    def whole(self) -> str:
        """As in the lists of known catches and of survivors."""
        return f"{self.kind}: {self.name}"


class Loop:
    """One run over all guards, or over a share of them."""

    def __init__(self, session):
        self.session = session
        self.items = {item.nodeid: item for item in session.items if not item.nodeid.endswith(NOT_ASKED)}
        self.bad: set[str] = set()
        self.green: set[str] = set()
        self.seconds: dict[str, float] = {}
        self.reached: dict[str, list[str]] = {}  # test → what decided something in it
        self.hits: Counter[tuple[str, str]] = Counter()
        self.known = known.read()
        self.results: dict[str, Result] = {}
        self.standing = None  # the file whose shared things are there

    def run(self) -> dict:
        """names: of all guards there are. results: of those that were asked for."""
        test_access.World.first_fault_only = True
        if self.red(f"{MATRIX}<slug:framework>/]"):  # makes the world
            pytest.exit("The matrix is red before anything is taken away.")
        every = guards()
        self.results = {guard.name: Result(guard.kind, guard.name) for guard in every}
        chosen = os.environ.get("SABOTAGE_ONLY", "").split(",")
        share, of = map(int, os.environ.get("SABOTAGE_SHARE", "1/1").split("/"))
        found = [guard for guard in every if any(words in self.results[guard.name].whole for words in chosen)]
        found = sorted(found, key=self.place)[share - 1 :: of]
        self.judge(found, self.first)
        if "SABOTAGE_REACHED" not in os.environ:
            self.judge(found, self.near)
        self.keep(found)
        if self.unexplained(found):
            self.record(every)
            for late in (False, True):
                asked = [guard for guard in self.unexplained(found) if (guard.kind in IN_FILES) is late]
                self.judge(asked, self.few, matrix_first=not late)
                self.keep(found)
            for likely in (self.near, self.all):
                self.judge(self.unexplained(found), likely)
        self.session._setupstate.teardown_exact(None)
        return self.keep(found)

    def keep(self, guards_: list[Guard]) -> dict:
        """What was found until now, also in the file that SABOTAGE_RESULT names: a run may be broken off."""
        found = {
            "names": [result.whole for result in self.results.values()],
            "results": [asdict(self.results[guard.name]) for guard in guards_],
        }
        if path := os.environ.get("SABOTAGE_RESULT"):
            Path(path).write_text(json.dumps(found, indent=1), encoding="utf-8")
        return found

    def place(self, guard: Guard) -> tuple:
        """Beside the others that the same file judges, so that what its tests share is made once."""
        return (guard.kind, self.known.get(self.results[guard.name].whole, "").split("::")[0])

    def open(self, guards_: list[Guard]) -> list[Guard]:
        """Those that no test noticed yet."""
        return [guard for guard in guards_ if not self.results[guard.name].by]

    def unexplained(self, guards_: list[Guard]) -> list[Guard]:
        """Checks in code that no test noticed, and nothing is written about why that is right. The others count as not
        noticed, and the tests beside them are asked in every run."""
        return [guard for guard in self.open(guards_) if guard.key and self.results[guard.name].whole not in SURVIVORS]

    def judge(self, guards_: list[Guard], likely, *, matrix_first=True) -> None:
        """By the matrix, while its world is there, and by the other files."""
        for matrix in (matrix_first, not matrix_first):
            asked = []
            for guard in self.open(guards_):
                names = [name for name in likely(guard) if name.startswith(ACCESS) is matrix]
                if names := [name for name in dict.fromkeys(names) if name in self.items and name not in self.bad]:
                    self.without(guard, names)
                    asked.append(guard)
            self.verify(asked, likely, matrix)

    def verify(self, guards_: list[Guard], likely, matrix: bool) -> None:
        """What caught something is green with all guards in their place. If it is not, what one sabotage wrote may have
        spoiled the world for others: in a new one it is asked again, one guard at a time."""
        used = dict.fromkeys(self.results[guard.name].by for guard in guards_ if self.results[guard.name].by)
        red = {name for name in used if name not in self.green and self.red(name)}
        self.green |= set(used) - red
        again = [guard for guard in guards_ if self.results[guard.name].by in red]
        for guard in again:
            self.say(f"spoiled: {self.results[guard.name]}")
            self.results[guard.name].by = ""
        for name in red:
            self.new_world()
            if self.red(name):
                self.say(f"red as it is: {name}")
                self.bad.add(name)
        for guard in again:
            self.new_world()
            names = [name for name in likely(guard) if name.startswith(ACCESS) is matrix]
            names = [name for name in dict.fromkeys(names) if name in self.items and name not in self.bad]
            self.without(guard, names)
            by = self.results[guard.name].by
            if by:
                self.new_world()
                if self.red(by):
                    self.results[guard.name].by = ""

    def new_world(self) -> None:
        """Without what modules share."""
        self.session._setupstate.teardown_exact(None)
        self.standing = None

    def first(self, guard: Guard) -> list[str]:
        """What caught it the last time, else what the table says."""
        last = self.known.get(self.results[guard.name].whole)
        return [last] if last in self.items else self.of_table(guard)

    def near(self, guard: Guard) -> list[str]:
        """Also what the table says if something else caught it the last time; for code, what is close to it."""
        if not guard.key:
            return self.of_table(guard) if self.results[guard.name].whole in self.known else []
        function = guard.functions[0]
        names = self.by_place.get(f"{function.__module__}.{function.__code__.co_qualname}", [])
        names = [*names, *self.by_place.get(function.__module__, [])[:20]]
        return [*names, *(name for name in self.items if name.startswith(beside(function.__module__)))]

    @cached_property
    def by_place(self) -> dict[str, list[str]]:
        """Function, or module → the tests that caught something in it the last time, most often first."""
        times: dict[str, Counter[str]] = {}
        for whole, test in self.known.items():
            place = whole.split(": ")[1]
            for each in (place, place.rsplit(".", 1)[0], place.rsplit(".", 2)[0]):
                times.setdefault(each, Counter())[test] += 1
        return {place: [test for test, _n in tests.most_common()] for place, tests in times.items()}

    def all(self, guard: Guard) -> list[str]:
        """Every test in which it decided something."""
        names = [name for name, keys in self.keys.items() if guard.key in keys]
        return self.ordered(guard, names)

    def few(self, guard: Guard) -> list[str]:
        """The likeliest of them: some hundred tests may reach a check that one of these notices."""
        found = self.all(guard)
        return [
            name for part in (True, False) for name in [name for name in found if name.startswith(ACCESS) is part][:FEW]
        ]

    @cached_property
    def keys(self) -> dict[str, set[str]]:
        """To look into quickly."""
        return {name: set(keys) for name, keys in self.reached.items()}

    def ordered(self, guard: Guard, names: list[str]) -> list[str]:
        """What caught something like it before comes first; for code, the tests beside it and the addresses that are hidden
        from some members; then the quickest."""
        mine = tuple(f"[{route}" for route in routes_of(guard.perm)) if guard.perm else ()
        near = beside(guard.functions[0].__module__) if guard.key else ()

        def order(name):
            place, *hits = [-self.hits[topic, name] for topic in topics(guard)]
            likely = name.startswith(near) or hides(name) if guard.key else name.removesuffix("]").endswith(mine)
            return (place, not likely, *hits, self.seconds.get(name, 1))

        return sorted(names, key=order)

    def of_table(self, guard: Guard) -> list[str]:
        """What judges.py says of this kind."""
        chosen = [name for name in self.items if guard.key and name.startswith(beside(guard.functions[0].__module__))]
        for which in () if guard.key and guard.kind == "permissions.py" else FIRST.get(guard.kind, []):
            if which == "route":
                chosen += [name for name in self.items if name.endswith((f"[{guard.route}]", f"[{guard.route}-post]"))]
            elif which == "perm":
                chosen += [f"{MATRIX}{route}]" for route in sorted(routes_of(guard.perm))]
            elif which == "few":
                chosen += [f"{MATRIX}{route}]" for route in of_each_kind()]
            else:
                chosen += [name for name in self.items if which in name]
        files = tuple(f"tests/{file}::" for file in THEN.get(guard.kind, []))
        return self.ordered(guard, [*chosen, *(name for name in self.items if files and name.startswith(files))])

    def record(self, every: list[Guard]) -> None:
        """Run each test as it is, and note what it reaches."""
        stored = Path(os.environ.get("SABOTAGE_REACHED", os.devnull))
        if stored.is_file():
            self.reached, self.seconds, bad = json.loads(stored.read_text(encoding="utf-8"))
            self.bad |= set(bad)
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

    def without(self, guard: Guard, names: list[str]) -> None:
        """Run these tests without the guard until one is red."""
        result, began = self.results[guard.name], time.monotonic()
        for name in names:
            result.asked += 1
            if self.red(name, guard):
                self.hits.update([(topic, name) for topic in topics(guard)])
                result.by = name
                break
        seconds = time.monotonic() - began
        result.seconds += seconds
        self.say(f"{seconds:6.1f} s  {result.asked:3} of {len(names):3}  {result.whole} — {result.by}")

    @staticmethod
    def say(line: str) -> None:
        """How far it is."""
        if path := os.environ.get("SABOTAGE_RESULT"):
            with Path(f"{path}.progress").open("a", encoding="utf-8") as stream:
                stream.write(f"{line}\n")

    def red(self, name, guard: Guard | None = None) -> bool:
        """Does the test fail (without the guard)? One that hangs is not asked any further, and has not failed."""
        item, hung = self.items[name], []
        if guard and guard.kind in IN_DATABASE and self.standing != item.fspath:
            self.red(name)
        self.standing = item.fspath
        # another test of the same file comes "next", so that pytest keeps what the file shares
        following = next((each for each in self.session.items if each.fspath == item.fspath and each is not item), None)
        self.session._setupstate.teardown_exact(item)
        statements.forget()  # they were written with, or without, the guard of before

        def hangs(_signal, _frame):
            hung.append(name)
            raise TimeoutError(f"after {SECONDS} seconds")

        signal.signal(signal.SIGALRM, hangs)
        signal.alarm(SECONDS if guard else 0)
        try:
            if guard is None:
                return any(report.failed for report in runtestprotocol(item, log=False, nextitem=following))
            with self.session.config.stash[blocking_manager_key].unblock(), guard.without():
                reports = runtestprotocol(item, log=False, nextitem=following)
            return any(report.failed for report in reports) and not hung
        finally:
            signal.alarm(0)


def topics(guard: Guard) -> list[str]:
    """What a guard has in common with others, the closest first."""
    words, place = guard.name.rsplit(": ", 1)[-1], guard.name.split(":")[0]
    return [place, words, guard.kind] if guard.key else [words, place, guard.kind]


def hides(name: str) -> bool:
    """Is it about an address that some members of the framework do not find?"""
    row = ROWS.get(name.partition("[")[2].removesuffix("-post]").removesuffix("]"))
    return row is not None and any(row.answers[persona] == 404 for persona in INSIDE)


def of_each_kind() -> list[str]:
    """One address of each sort: the same answers to the same people."""
    return list({tuple(sorted(row.answers.items())): route for route, row in reversed(ROWS.items())}.values())


def play(session) -> bool:
    """In the place of pytest's own loop."""
    found = Loop(session).run()
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    for line in table(found["results"]):
        reporter.write_line(line)
    return True
