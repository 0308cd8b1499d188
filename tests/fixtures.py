"""Fixtures that most tests use."""

from datetime import UTC, datetime

import pytest

NOW = datetime(2026, 6, 15, 10, 0, tzinfo=UTC)


@pytest.fixture
def now():
    """Monday 15 June 2026, 11:00 in London: time is an argument."""
    return NOW
