"""The real services that tests talk to: one PostgreSQL and one Redis per pytest process, in a folder of their own."""

import atexit
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from portal.embedded.launcher import Postgres, lock
from portal.embedded.layout import APP_ROLE, OWNER_ROLE, SUPERUSER, Layout
from portal.embedded.lifeline import die_with_parent

PREFIX = "concordat-test-"
OURS = ("DATABASE_URL", "PORTAL_OWNER_DATABASE_URL", "PORTAL_SUPERUSER_DATABASE_URL", "REDIS_URL", "PORTAL_HOME")
_home: Path | None = None


def ensure_services() -> Path:
    """Start what the environment does not name and set DATABASE_URL, REDIS_URL and PORTAL_HOME; returns its folder.

    Called more than once it does nothing. Roles and databases are left to the caller, who has
    PORTAL_SUPERUSER_DATABASE_URL (database `postgres`). Everything ends with this process, even by kill -9.
    """
    global _home
    if _home is not None:
        return _home
    _forget_those_of_the_parent()
    _sweep_leftovers()
    given = {name for name in OURS if os.environ.get(name)}
    _home = Path(tempfile.mkdtemp(prefix=PREFIX))
    _home.chmod(0o711)  # PostgreSQL runs as another account when the tests run as root
    _lock = lock(_home / "lock", "A fresh folder is already locked.")  # held until this process ends
    atexit.register(shutil.rmtree, _home, ignore_errors=True)
    layout = Layout(_home / "var")
    os.environ["PORTAL_HOME"] = str(layout.home)
    layout.make()
    if not os.environ.get("DATABASE_URL"):
        # nothing here outlives this process, so nothing need reach the disk; servers under test keep their own settings
        server = Postgres(layout, config={"fsync": "off", "full_page_writes": "off"})
        server.start()
        atexit.register(server.stop)
        os.environ["DATABASE_URL"] = layout.embedded_url(APP_ROLE)
        os.environ["PORTAL_OWNER_DATABASE_URL"] = layout.embedded_url(OWNER_ROLE)
        os.environ["PORTAL_SUPERUSER_DATABASE_URL"] = layout.embedded_url(SUPERUSER)
    if not os.environ.get("REDIS_URL") and shutil.which("redis-server"):
        os.environ["REDIS_URL"] = _start_redis(_home)
    os.environ["CONCORDAT_TEST_SERVICES"] = " ".join(name for name in OURS if name not in given)
    return _home


def _forget_those_of_the_parent() -> None:
    """A worker of pytest-xdist inherits the addresses of its parent's services; it starts its own."""
    for name in os.environ.pop("CONCORDAT_TEST_SERVICES", "").split():
        os.environ.pop(name, None)


def _start_redis(home: Path) -> str:
    """Start Redis on a free port of this machine and return its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = (home / "redis.log").open("wb")
    process = subprocess.Popen(
        ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(home)],
        stdout=log,
        stderr=log,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=die_with_parent(signal.SIGTERM),
    )
    atexit.register(process.wait)
    atexit.register(process.terminate)
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return f"redis://127.0.0.1:{port}/0"
        time.sleep(0.05)
    raise RuntimeError(f"Redis did not start; see {log.name}")


def _sweep_leftovers() -> None:
    """Remove folders of test runs that were killed: nobody holds their lock."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            with (folder / "lock").open("rb") as stream:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:  # in use, still being made, or another account's
            continue
