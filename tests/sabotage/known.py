"""Which test caught a guard the last time: it is asked first, so a run need not find that out again. It decides nothing.

python -m tests.sabotage.known RESULTS… takes what runs found (SABOTAGE_RESULT) into known.json.
"""

import json
import sys
from pathlib import Path

FILE = Path(__file__).with_name("known.json")
# For these the table in judges.py names the test
BY_TABLE = ("policies: ", "@scoped of views: ")


def read() -> dict[str, str]:
    """Kind and name of the guard → test."""
    kept = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    return {guard: test for test, guards in kept.items() for guard in guards}


def write(found: dict[str, str]) -> None:
    """By test, so that each is named once."""
    kept: dict[str, list[str]] = {}
    for guard, test in sorted(found.items(), key=lambda each: (each[1], each[0])):
        kept.setdefault(test, []).append(guard)
    FILE.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def take(paths: list[str]) -> None:
    """What is not there any more is forgotten."""
    kept = read()
    for path in paths:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
        kept |= {f"{each['kind']}: {each['name']}": each["by"] for each in found["results"] if each["by"]}
        kept = {guard: test for guard, test in kept.items() if guard in found["names"]}
    write({guard: test for guard, test in kept.items() if not guard.startswith(BY_TABLE)})


if __name__ == "__main__":
    take(sys.argv[1:])
