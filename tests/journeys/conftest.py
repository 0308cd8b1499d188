"""One server for all journeys of a process, and browsers that look at every page with axe."""

from datetime import UTC, datetime

import pytest

from tests.axe import launch_arguments
from tests.databases import connected_to
from tests.journeys.people import Looker
from tests.journeys.server import running

START = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)  # a Monday, 09:00 in London, in summer time


def pytest_collection_modifyitems(items):
    """Everything here drives Chromium."""
    for item in items:
        if "tests/journeys/" in item.nodeid:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """After a failure say where everybody was, and what the server said last."""
    report = yield
    if report.when == "call" and report.failed and "looker" in item.funcargs:
        for context in item.funcargs["looker"].contexts:
            for page in context.pages:
                report.sections.append((page.url, page.locator("body").inner_text()[:3000]))
        report.sections.append(("web", item.funcargs["server"].log("web")))
        report.sections.append(("worker", item.funcargs["server"].log("worker")))
    return report


@pytest.fixture(scope="session")
def browser_type_launch_args():
    return launch_arguments()


@pytest.fixture(scope="session")
def started(django_db_setup, django_db_blocker):
    """A whole portal outside demo mode. Starting one takes seconds of processor time, so the modules share it."""
    with django_db_blocker.unblock(), running(start=START) as made:
        yield made


@pytest.fixture(scope="module")
def server(started, django_db_blocker):
    """The portal at START, without mails and counted attempts of other modules; each makes a framework of its own."""
    with django_db_blocker.unblock(), connected_to(started.database):
        started.begin_again(START)
        yield started


@pytest.fixture
def looker(browser, folder_of_the_run):
    """Opens browser contexts, and closes them."""
    made = Looker(browser, folder_of_the_run / "looked-at")
    yield made
    made.close()
