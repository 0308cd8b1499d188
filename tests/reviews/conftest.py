"""A version in force with its people, at the moment at which it was signed."""

import pytest

from portal import tenancy
from tests.builders import NOW
from tests.reviews.holding import Case


@pytest.fixture
def case(db, time_machine):
    """Inside the scope of its framework."""
    time_machine.move_to(NOW, tick=False)
    made = Case()
    with tenancy.scope(made.framework.pk):
        yield made.begin()
