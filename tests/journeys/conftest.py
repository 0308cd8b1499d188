"""One server per module of journeys, and browsers that look at every page with axe."""

from datetime import UTC, datetime

import pytest

from tests.axe import launch_arguments
from tests.journeys.people import Looker
from tests.journeys.server import running

START = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)  # a Monday, 09:00 in London, in summer time


def pytest_collection_modifyitems(items):
    """Everything here drives Chromium."""
    for item in items:
        if "tests/journeys/" in item.nodeid:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args():
    return launch_arguments()


@pytest.fixture(scope="module")
def server(django_db_setup, django_db_blocker):
    """A whole portal outside demo mode, with its clock at START."""
    with django_db_blocker.unblock(), running(start=START) as made:
        yield made


@pytest.fixture
def looker(browser):
    """Opens browser contexts, and closes them."""
    made = Looker(browser)
    yield made
    made.close()
