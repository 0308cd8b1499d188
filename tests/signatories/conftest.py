"""Fixtures of the tests of signing."""

import pytest
from django.core.cache import cache
from django.db import transaction

from portal import tenancy
from tests.builders import make_framework, make_version


@pytest.fixture
def framework():
    """A framework, entered."""
    cache.clear()
    framework = make_framework()
    with tenancy.scope(framework.pk), transaction.atomic():
        yield framework


@pytest.fixture
def version(framework):
    """An open version with two required parties, effective on 1 July."""
    return make_version(status="open-for-signature", framework=framework)
