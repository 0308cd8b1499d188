"""python -m tests.sabotage [words]: the whole set, or the guards whose kind or name holds the words."""

import importlib
import os
import sys

import pytest

from tests.sabotage.judges import FILES


class Plugin:
    """Takes the place of pytest's loop; what it needs of Django is imported when the settings are there."""

    @staticmethod
    def pytest_runtestloop(session):
        """See loop.py."""
        return importlib.import_module("tests.sabotage.loop").play(session)


if __name__ == "__main__":
    if sys.argv[1:]:
        os.environ["SABOTAGE_ONLY"] = " ".join(sys.argv[1:])
    files = [f"tests/{file}" for file in FILES]
    sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", *files], plugins=[Plugin()]))
