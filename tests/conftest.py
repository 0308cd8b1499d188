"""Fixtures of all tests. The services are started by tests/early.py, before settings are read."""

import pytest

pytest_plugins = ["tests.databases", "tests.fixtures", "tests.sabotage.report"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Browser tests come last: from the first one on, Playwright's event loop runs in this thread, and what needs a
    loop of its own (sealing) could not start one any more."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
