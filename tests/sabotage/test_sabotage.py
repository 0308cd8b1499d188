"""The full sabotage set (spec: quality, "Sabotage"). Three sabotages stay in every run: tests/test_access.py."""

import json
import os
import resource
import subprocess
import sys

import pytest

from tests.sabotage.survivors import SURVIVORS
from tests.sabotage.table import table

SHARE = 0.95
PROCESSES = 2


def start(path, share) -> subprocess.Popen:
    """One process with services of its own, for a share of the guards; the tests beside it go first."""
    with open(f"{path}.log", "wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.sabotage"],
            env={**os.environ, "SABOTAGE_RESULT": str(path), "SABOTAGE_SHARE": f"{share}/{PROCESSES}"},
            stdout=log,
            stderr=log,
            preexec_fn=lambda: os.nice(5),
        )


def processor_time() -> float:
    """Seconds of all processes that were started here and have ended, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.slow
def test_guards_taken_away_are_noticed(tmp_path, record_property):
    """Every policy, permission, visible_to, @scoped and check in code taken away once, none left out: at least 95 % of all
    turn the normal tests red, and of each survivor it is written why."""
    before = processor_time()
    paths = [tmp_path / f"{share}.json" for share in range(1, PROCESSES + 1)]
    for run in [start(path, share) for share, path in enumerate(paths, 1)]:
        run.wait()
    used = processor_time() - before
    names, results = set(), []
    for path in paths:
        assert path.exists(), path.with_name(f"{path.name}.log").read_text(encoding="utf-8")[-6_000:]
        found = json.loads(path.read_text(encoding="utf-8"))
        assert not names or names == set(found["names"])
        names = set(found["names"])
        results += found["results"]
    record_property("sabotage", [*table(results), f"{used:.0f} s of processor time, with PostgreSQL"])
    judged = [f"{result['kind']}: {result['name']}" for result in results]
    assert sorted(judged) == sorted(names), "Each guard is judged, and once."
    survivors = {name for name, result in zip(judged, results, strict=True) if not result["by"]}
    assert len(names) - len(survivors) >= SHARE * len(names)
    assert survivors <= set(SURVIVORS), "These were noticed by no test."
    assert set(SURVIVORS) <= survivors, "These are noticed now, or gone: take them out of the list."
