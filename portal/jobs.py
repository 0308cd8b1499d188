"""What each kind of planned job does; the rows are portal.models.Job."""

from collections.abc import Callable
from datetime import datetime

from portal.models import Job

Handler = Callable[[Job, datetime], None]
JOBS: dict[str, Handler] = {}


def job(kind: str) -> Callable[[Handler], Handler]:
    """Register the handler of a kind: called with the row and the moment, in the framework's scope but outside a
    transaction (open one: outside it tenant tables are empty). Safe to run twice; an exception means "later"."""

    def register(handler: Handler) -> Handler:
        if kind in JOBS:
            raise ValueError(f"The job {kind} is registered twice.")
        JOBS[kind] = handler
        return handler

    return register
