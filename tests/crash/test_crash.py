"""kill -9 at random moments (docs/crash-safety.md). `script/crash` does the same and prints figures."""

import random
import sys

import pytest

from tests.crash import campaign_signing, campaign_start
from tests.crash.driver import asked, figures

pytestmark = pytest.mark.server


def say(line: str) -> None:
    """Shown when a test fails."""
    sys.stdout.write(f"{line}\n")


def dice() -> random.Random:
    """Other dice each time, with the seed told."""
    seed = random.SystemRandom().randrange(1, 10**6)
    say(f"Seed {seed}")
    return random.Random(seed)


def test_signing_survives_a_kill():
    """Every acknowledged signature is there once, with its reference; no half state; Ctrl-C leaves no process."""
    told = campaign_signing.run(1, dice(), say, parties=6, short=True)
    assert told["acknowledged"] == told["present"] == 6
    assert told["status"] == "completed"


@pytest.mark.slow
def test_signing_survives_ten_kills():
    """The same with thirty parties, until the edition is sealed and every mail has arrived."""
    told = campaign_signing.run(10, dice(), say)
    assert told["acknowledged"] == told["present"] == told["parties"]
    assert told["status"] == "completed"


@pytest.mark.slow
def test_first_start_survives_ten_kills():
    """Each start after a kill serves; the demonstration is as whole as without."""
    assert campaign_start.run(10, dice(), say)["kills"] == 10


def test_words_of_the_command():
    """`script/crash` without words does twenty kills; a seed repeats them; anything else is refused."""
    assert asked([])[0] == {"first-start": 10, "signing": 10}
    assert asked(["signing", "3", "seed", "7"]) == ({"signing": 3}, 7)
    assert figures("Restarts", [1.0, 3.0, 9.0]) == "Restarts: 3, median 3.0 s, longest 9.0 s"
    with pytest.raises(SystemExit, match="Usage"):
        asked(["signing", "many"])
