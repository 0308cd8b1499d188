"""axe finds nothing on any page, for any role, in any state; no page scrolls sideways on a phone (UK-acc).

The list is that of the photographs (tests/test_screens.py holds it to the routes), so a new page is looked at by itself.
"""

import os
import subprocess
import sys

import pytest

from portal.embedded.layout import PROJECT

pytestmark = [pytest.mark.browser, pytest.mark.server]
LIMIT = 3000  # seconds, for busy machines


def sweep(*words):
    """In a process of its own, as it takes the settings of the demonstration that it starts."""
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "TZ") if key in os.environ}
    command = [sys.executable, "-m", "tests.screens.sweep", *words]
    done = subprocess.run(command, cwd=PROJECT, env=kept, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    return done.stdout


def test_axe_on_each_page_once():
    """Every page in its first state, on a phone or at a desk, without JavaScript or with it."""
    assert " looks at " in sweep("--quick")


@pytest.mark.slow
def test_axe_on_every_page_role_and_state():
    """Everything: both widths, JavaScript on and off, error states, empty states."""
    assert " looks at " in sweep()
