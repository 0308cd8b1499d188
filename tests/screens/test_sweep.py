"""axe finds nothing on any page, for any role, in any state; no page scrolls sideways on a phone.

The list is that of the photographs (tests/test_screens.py holds it to the routes), so a new page is looked at by itself.
"""

import os
import signal
import subprocess
import sys

import pytest

from portal.embedded.layout import PROJECT
from portal.embedded.lifeline import die_with_parent
from tests.journeys.server import end

pytestmark = [pytest.mark.browser, pytest.mark.server]
LIMIT = 3000  # seconds, for busy machines


def sweep(*words):
    """In a process of its own, as it takes the settings of the demonstration that it starts."""
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "TZ") if key in os.environ}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.screens.sweep", *words],
        cwd=PROJECT,
        env=kept,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=die_with_parent(signal.SIGTERM),
    )
    try:
        said, _nothing = process.communicate(timeout=LIMIT)
    finally:
        end(process)
    assert process.returncode == 0, said[-20_000:]
    return said


@pytest.mark.slow  # the journeys look at every page that they meet in the normal run
def test_axe_on_one_page_in_four():
    """Pages in their first state, on a phone or at a desk, without JavaScript or with it. All of them: below."""
    assert " looks at " in sweep("--quick")


@pytest.mark.slow
def test_axe_on_every_page_role_and_state():
    """Everything: both widths, JavaScript on and off, error states, empty states."""
    assert " looks at " in sweep()
