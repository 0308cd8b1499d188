"""Fixtures that most tests use."""

from datetime import UTC, datetime

import pytest

NOW = datetime(2026, 6, 15, 10, 0, tzinfo=UTC)


@pytest.fixture
def now():
    """Monday 15 June 2026, 11:00 in London: time is an argument."""
    return NOW


@pytest.fixture(scope="session")
def folder_of_the_run(request, tmp_path_factory):
    """A folder that all processes of a run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if hasattr(request.config, "workerinput") else base
