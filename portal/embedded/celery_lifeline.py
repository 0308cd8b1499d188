"""Included by the worker (`celery worker --include`): its children and the embedded beat end with it.

Celery itself leaves the embedded beat running when the worker is killed with -9.
"""

import os
from typing import Any

from celery.signals import beat_embedded_init, worker_process_init

from portal.embedded.lifeline import bind_to

WORKER = os.getpid()  # this module is imported before the worker forks


@worker_process_init.connect
@beat_embedded_init.connect
def bind(**kwargs: Any) -> None:
    """Bind the process that was just forked to the worker. A task cut off is found again by the next sweep."""
    bind_to(WORKER)
