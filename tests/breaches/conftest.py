"""What the tests of breaches share."""

import pytest

from portal import tenancy
from tests.breaches.cases import STARTED, Case


@pytest.fixture
def case(time_machine):
    """Four parties to a protocol in force, inside the framework's scope."""
    time_machine.move_to(STARTED, tick=False)
    made = Case()
    with tenancy.scope(made.framework.pk):
        yield made.begin()
