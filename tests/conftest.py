"""Fixtures of all tests. The services are started by tests/early.py, before settings are read."""

import gc
from pathlib import Path

import pytest
from django.test import client

pytest_plugins = ["tests.databases", "tests.fixtures", "tests.sabotage.report"]


HERE = Path(__file__).parent
FIRST_OF_BROWSERS = "test_first_protocol.py"  # takes longest, so that the processes end together


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Files with browser tests come last: from the first one on, Playwright's event loop runs in this thread, and what
    needs a loop of its own (sealing) could not start one any more. By file, since a process takes whole files; the large
    files of this folder come first, so that all processes come to the browsers at about the same time."""
    browsers = {item.path for item in items if item.get_closest_marker("browser") is not None}
    items.sort(key=lambda item: (item.path in browsers, item.path.name != FIRST_OF_BROWSERS, item.path.parent != HERE))


def pytest_collection_finish():
    """Modules and tests stay until the end: the collector need not look at them again and again, nor at every few hundred
    new objects. 160 tests of the database took 3 and 11 % less processor time in two pairs of runs."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)


def keep_the_page(store, signal, sender, template, context, **facts):
    """Django keeps a copy of the context of each template that a page includes, a hundred for some. Our tests ask for that
    of the page itself, which comes first: 4 to 8 per cent less processor time where many pages are looked at."""
    if "templates" not in store:
        store_rendered_templates(store, signal, sender, template, context, **facts)


store_rendered_templates = client.store_rendered_templates
client.store_rendered_templates = keep_the_page
