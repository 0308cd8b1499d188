"""kill -9 at random moments of the first start and of signing over HTTP: `script/crash [first-start N] [signing N] [seed S]`.

docs/crash-safety.md says what is promised. Everything is chosen by dice whose seed is printed.
"""

import json
import random
import statistics
import sys
import time

from tests.crash import campaign_signing, campaign_start
from tests.crash.target import Broken

DEFAULT = {"first-start": 10, "signing": 10}


def say(line: str) -> None:
    """One line for whoever watches."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def asked(words: list[str]) -> tuple[dict[str, int], int]:
    """How many kills of each kind, and the seed. Raises SystemExit with the usage."""
    pairs = dict(zip(words[::2], words[1::2], strict=False))
    if len(words) % 2 or set(pairs) - {*DEFAULT, "seed"} or not all(value.isdecimal() for value in pairs.values()):
        raise SystemExit("Usage: script/crash [first-start N] [signing N] [seed S]")
    seed = int(pairs.pop("seed", "0")) or random.SystemRandom().randrange(1, 10**6)
    return ({name: int(value) for name, value in pairs.items()} or DEFAULT), seed


def figures(name: str, seconds: list[float]) -> str:
    """Median and maximum."""
    if not seconds:
        return f"{name}: none"
    return f"{name}: {len(seconds)}, median {statistics.median(seconds):.1f} s, longest {max(seconds):.1f} s"


def main(words: list[str]) -> int:
    """0 when every promise was kept, else 1 with what was not."""
    wanted, seed = asked(words)
    say(
        f"Seed {seed}. Again with the same dice: script/crash {' '.join(f'{k} {v}' for k, v in wanted.items())} seed {seed}"
    )
    began = time.monotonic()
    try:
        if kills := wanted.get("first-start"):
            told = campaign_start.run(kills, random.Random(seed), say)
            say(figures("Starts after a kill", told.pop("restarts")))
            say(json.dumps(told, sort_keys=True))
        if kills := wanted.get("signing"):
            told = campaign_signing.run(kills, random.Random(seed), say)
            say(figures("Restarts", told.pop("restarts")))
            say(figures("Healed without a restart", told.pop("heals")))
            say(json.dumps(told, sort_keys=True))
    except Broken as error:
        say(f"BROKEN (seed {seed}): {error}")
        return 1
    say(f"Every promise was kept; {time.monotonic() - began:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
