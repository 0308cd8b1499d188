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


@pytest.mark.slow
def test_signing_survives_ten_kills():
    """Every acknowledged signature is there once, with its reference; no half state; the edition is sealed, every mail has
    arrived; Ctrl-C leaves no process."""
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


def whole() -> dict:
    """What facts.py tells of a version that both parties have signed."""
    return {
        "verify": "",
        "told": {
            "status": "completed",
            "parties": [[1, "signed", True, True], [2, "signed", True, True]],
            "signatures": [[1, "SIG-A", 1], [2, "SIG-B", 2]],
            "chain": "",
            "persons": 2,
            "made": [1, 1],
            "completions": 1,
            "deadlines": 1,
            "jobs": [["protocols.seal", False, ""], ["protocols.bring_into_force", False, ""]],
            "mails": [["signatories.signed", "sent", "<1>", 1, ""], ["signatories.signed", "queued", "<2>", 2, ""]],
        },
    }


BROKEN = {
    "lost": {"signatures": [[1, "SIG-A", 1]]},
    "half state": {"parties": [[1, "signed", True, True], [2, "invited", True, False]]},
    "twice": {"signatures": [[1, "SIG-A", 1], [2, "SIG-B", 2], [2, "SIG-C", 3]]},
    "one reference": {"signatures": [[1, "SIG-A", 1], [2, "SIG-A", 2]]},
    "no ledger row": {"made": [1]},
    "chain": {"chain": "record 2 does not follow the one before it"},
    "not completed": {"status": "open-for-signature"},
    "completed twice": {"completions": 2},
    "no seal planned": {"jobs": [["protocols.bring_into_force", False, ""]]},
    "no confirmation": {"mails": []},
}


@pytest.mark.parametrize("changed", BROKEN.values(), ids=BROKEN)
def test_the_judge_sees_what_is_broken(changed):
    """Positive control: each broken promise is seen, and a whole version is not complained of."""
    found = whole()
    assert campaign_signing.faults(found, {1, 2}) == []
    found["told"] |= changed
    assert campaign_signing.faults(found, {1, 2}) != []


def test_the_judge_asks_verify():
    """What `manage.py verify` finds is a complaint."""
    assert campaign_signing.faults(whole() | {"verify": "ledger: broken"}, {1, 2}) != []
