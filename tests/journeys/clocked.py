"""What a browser test's server runs: the portal's WSGI application and its worker, both under a clock that tests move.

`PORTAL_TEST_CLOCK` names a file with a number: how many seconds the clock of these processes is ahead of the real one
(negative: behind). It is read before each request and each sweep, so a test moves the clock by writing the file.
"""

import os
import signal
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine

CLOCK = Path(os.environ["PORTAL_TEST_CLOCK"])
EVERY = 0.2  # seconds between two sweeps


class MovingClock:
    """Follows the file; time goes on from the moment that it names."""

    def __init__(self):
        self.shown = ""
        self.traveller = None
        self.lock = threading.Lock()
        self.follow()

    def follow(self):
        """Move if the file says something new."""
        wanted = CLOCK.read_text(encoding="ascii")
        with self.lock:
            if wanted == self.shown:
                return
            if self.traveller is not None:
                self.traveller.stop()
            self.shown = wanted
            self.traveller = time_machine.travel(datetime.now(UTC) + timedelta(seconds=float(wanted)), tick=True)
            self.traveller.start()


def make_application():
    """The portal's own application, looking at the clock before each request."""
    from portal.wsgi import application  # noqa: PLC0415  imported under the moved clock

    def clocked(environ, start_response):
        clock.follow()
        return application(environ, start_response)

    return clocked


def work():
    """Sweep until SIGTERM, finishing what is being done."""
    import django  # noqa: PLC0415  imported under the moved clock

    django.setup()
    from portal.sweep import sweep  # noqa: PLC0415  needs the settings

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    Path(sys.argv[1]).touch()  # ready
    while not stop.is_set():
        clock.follow()
        sweep()
        time.sleep(EVERY)


clock = MovingClock()
if __name__ == "__main__":
    work()
else:
    application = make_application()
