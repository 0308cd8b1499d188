"""`script/server` as a whole: it starts, heals, survives kill -9, and leaves nothing behind."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator

import pytest

from tests.portal.embedded_server import Server

pytestmark = pytest.mark.server


@pytest.fixture
def server() -> Iterator[Server]:
    """A server without demonstration data, not started."""
    made = Server()
    yield made
    made.close()


def wait_until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until `condition` holds; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def find(server: Server, words: str) -> list[int]:
    """Process numbers whose command line holds `words`, oldest first."""
    return sorted(pid for pid, line in server.processes().items() if words in line)


def test_start_heal_and_stop(server: Server) -> None:
    """Every part comes back after kill -9; after kill -9 of the supervisor every other process ends by itself, and the
    next start serves, in seconds; Ctrl-C leaves no process."""
    server.start()
    said = server.ready()
    assert f"http://localhost:{server.port}" in said
    assert server.status("/healthz") == 200

    other = server.another(server.folder / "other")
    assert other.wait(60) == 1
    assert "already running" in (server.folder / "other").read_text()
    assert server.status("/healthz") == 200  # the refusal has not touched the first

    for words in ("-m gunicorn", "celery -A portal", "portal.embedded.mailsink"):
        (oldest, *rest) = find(server, words)
        os.kill(oldest, signal.SIGKILL)
        wait_until(lambda rest=rest: not set(rest) & set(server.processes()), 20)  # type: ignore[misc]
        wait_until(lambda words=words: bool(find(server, words)))  # type: ignore[misc]
    wait_until(lambda: server.status("/healthz") == 200)
    for database in find(server, "-c listen_addresses="):
        os.kill(database, signal.SIGKILL)
    wait_until(lambda: server.status("/readyz") == 200, 90)

    server.kill()
    wait_until(lambda: server.processes() == {}, 40)
    began = time.monotonic()
    server.start()
    server.ready()
    assert time.monotonic() - began < 20
    wait_until(lambda: server.status("/readyz") == 200)
    assert server.interrupt() == 0
    assert server.processes() == {}


def test_taken_port_is_told_before_anything_is_made(server: Server) -> None:
    """The message names the port and the remedy; no database is made for nothing."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", server.port))
        taken.listen()
        server.start()
        assert server.process is not None
        assert server.process.wait(60) == 1
    said = server.output.read_text()
    assert f"Port {server.port} is used by another program" in said
    assert f"PORTAL_PORT={server.port + 1} script/server" in said
    assert not server.layout.cluster.exists()
