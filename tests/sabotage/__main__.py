"""python -m tests.sabotage [words]: the whole set, or the guards whose kind or name holds the words.

SABOTAGE_REACHED names a file in which it is kept which test reaches which check. Tests that stand there are not run again to
find that out (while one works on a few guards; it is as old as it is). SABOTAGE_RESULT names a file for what was found.
SABOTAGE_SHARE=1/2 is the first of two processes that share the guards.
"""

import importlib
import os
import sys

import pytest

from tests.sabotage.judges import MARKERS, files


class Plugin:
    """Takes the place of pytest's loop; what it needs of Django is imported when the settings are there."""

    @staticmethod
    def pytest_runtestloop(session):
        """See loop.py."""
        return importlib.import_module("tests.sabotage.loop").play(session)


if __name__ == "__main__":
    if sys.argv[1:]:
        os.environ["SABOTAGE_ONLY"] = " ".join(sys.argv[1:])
    sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "-m", MARKERS, *files()], plugins=[Plugin()]))
