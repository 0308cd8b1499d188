"""The scope of a framework of the demonstration, by its name."""

from contextlib import contextmanager

from django.db import transaction

from portal.models import Framework
from portal.tenancy import scope


@contextmanager
def inside(slug):
    """The scope of a framework, in a transaction."""
    framework = Framework.objects.get(slug=slug)
    with scope(framework.pk), transaction.atomic():
        yield framework
