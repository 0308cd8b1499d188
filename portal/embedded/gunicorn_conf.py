"""gunicorn's settings, for `script/server` and for containers alike."""

import gc
import os
import signal
from typing import Any

from portal.embedded.lifeline import bind_to

wsgi_app = "portal.wsgi:application"
worker_class = "gthread"
workers = 2
threads = 4
timeout = 90  # seconds; a large protocol is rendered inside one request
graceful_timeout = 15
keepalive = 5
preload_app = True  # loaded once and shared by the web processes: they start sooner and need less memory
control_socket_disable = True
accesslog = None  # the portal writes its own structured line for each request


def pre_fork(server: Any, worker: Any) -> None:
    """What was loaded stays shared memory: the collector of a web process does not touch it."""
    gc.freeze()


def post_fork(server: Any, worker: Any) -> None:
    """A web process ends with gunicorn's master, however that ends."""
    bind_to(worker.ppid, signal.SIGTERM)


if os.path.isdir("/dev/shm"):
    worker_tmp_dir = "/dev/shm"  # heartbeat files: a slow disk must not look like a hanging worker
