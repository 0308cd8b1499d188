"""Wake a worker early. The database is the scheduler, so a bell that nobody hears loses nothing."""

import structlog
from django.db import transaction
from kombu.exceptions import OperationalError

from portal.tasks import sweep

log = structlog.get_logger(__name__)


def ring():
    """After the commit, ask for a sweep; never fails and never sends inside a transaction."""
    transaction.on_commit(_ring)


def _ring():
    try:
        sweep.apply_async(retry=False, ignore_result=True)
    except (OperationalError, OSError) as error:
        log.warning("doorbell.unheard", error=type(error).__name__)
