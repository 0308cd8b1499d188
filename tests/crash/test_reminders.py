"""Due reminders with a worker killed by -9 half-way: none lost, at most the send in flight twice (READ-11)."""

import os
import sys

import pytest

from tests.crash import campaign_reminders

pytestmark = pytest.mark.server


def say(line: str) -> None:
    """Shown when a test fails."""
    sys.stdout.write(f"{line}\n")


def check(told: dict) -> None:
    """Everybody has a row, a mail that was sent, and a message; a second copy at most for each kill."""
    say(str(told))
    people = told["people"]
    assert (told["reminders"], told["mails"], told["messages"], told["recipients"]) == (people,) * 4
    assert told["states"] == {"sent"}
    assert told["twice"] <= told["kills"]


def test_two_hundred_reminders_through_redis(own_database, tmp_path):
    """Two kills, Redis as broker."""
    check(campaign_reminders.run(tmp_path, own_database, people=200, broker=os.environ["REDIS_URL"], say=say))


@pytest.mark.slow
@pytest.mark.parametrize("broker", ["redis", "files"])
def test_ten_thousand_reminders(own_database, tmp_path, broker):
    """The same with 10,000, and with the embedded broker."""
    address = os.environ["REDIS_URL"] if broker == "redis" else ""
    check(campaign_reminders.run(tmp_path, own_database, people=10_000, broker=address, say=say))
