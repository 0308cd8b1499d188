"""What each kind of planned job does; the rows are portal.models.Job."""

from collections.abc import Callable
from datetime import datetime

from portal.models import Job

Handler = Callable[[Job, datetime], None]
JOBS: dict[str, Handler] = {}


def job(kind: str) -> Callable[[Handler], Handler]:
    """Register the handler of a kind. It runs in the framework's scope, outside a transaction, and must be safe
    to run twice; an exception means "try again later"."""

    def register(handler: Handler) -> Handler:
        if kind in JOBS:
            raise ValueError(f"The job {kind} is registered twice.")
        JOBS[kind] = handler
        return handler

    return register
