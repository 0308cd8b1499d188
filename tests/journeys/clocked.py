"""What a browser test's server runs: the portal's WSGI application and its worker, both under a clock that tests move.

`PORTAL_TEST_CLOCK` names a file with a number: how many seconds the clock of these processes is ahead of the real one
(negative: behind). It is read before each request and each sweep, so a test moves the clock by writing the file.
The worker sweeps when the file `bell` beside it is written, and now and then without: sweeping all the time would take a
processor from the browser.
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
EVERY = 5.0  # seconds between two sweeps when nobody rings, as beat would ask for them
LOOKS = 0.05  # seconds between two looks whether somebody rings
BELL = CLOCK.with_name("bell")  # a test that waits for the worker writes it (Server.ring)


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
        heard = rung()
        clock.follow()
        sweep()
        swept = time.monotonic()
        while rung() == heard and time.monotonic() < swept + EVERY and not stop.is_set():
            time.sleep(LOOKS)


def rung() -> int:
    """When the bell was rung last; 0 if never."""
    try:
        return BELL.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


clock = MovingClock()
if __name__ == "__main__":
    work()
else:
    application = make_application()
