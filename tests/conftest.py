"""Fixtures of all tests. The services are started by tests/early.py, before settings are read."""

import pytest

pytest_plugins = ["tests.databases", "tests.fixtures", "tests.sabotage.report"]


FIRST_OF_BROWSERS = "test_first_protocol.py"  # takes longest, so that the processes end together


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Files with browser tests come last: from the first one on, Playwright's event loop runs in this thread, and what
    needs a loop of its own (sealing) could not start one any more. By file, since a process takes whole files."""
    browsers = {item.path for item in items if item.get_closest_marker("browser") is not None}
    items.sort(key=lambda item: (item.path in browsers, item.path.name != FIRST_OF_BROWSERS))
