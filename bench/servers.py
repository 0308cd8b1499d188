"""The portal and the floor as they are served: gunicorn with two processes each, on the same database."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
CONFIG = "portal/embedded/gunicorn_conf.py"


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Served:
    """One running gunicorn."""

    def __init__(self, application: str, environment: dict[str, str], log: Path, probe: str):
        self.port = free_port()
        began = time.perf_counter()
        env = os.environ | environment | {"PORTAL_URL": f"http://localhost:{self.port}", "PORTAL_LOG_LEVEL": "WARNING"}
        command = ["-m", "gunicorn", "--config", CONFIG, "--bind", f"127.0.0.1:{self.port}", application]
        with log.open("ab") as stream:
            self.process = subprocess.Popen(
                [sys.executable, *command], cwd=PROJECT, env=env, stdout=stream, stderr=stream, process_group=0
            )
        while not self._answers(probe):
            if self.process.poll() is not None:
                raise RuntimeError(f"{application} ended: {log.read_text()[-2000:]}")
            time.sleep(0.005)
        self.started_after = time.perf_counter() - began

    def _answers(self, probe: str) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", probe, headers={"Host": f"localhost:{self.port}"})
            return connection.getresponse().status < 500
        except OSError:
            return False
        finally:
            connection.close()

    def stop(self) -> None:
        """End it."""
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(30)

    def children(self) -> list[str]:
        """Ids of the web processes."""
        return Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()

    def processor(self) -> float:
        """Milliseconds of processor that the web processes have had so far: these do not grow when others work beside."""
        times = (
            path.read_text() for child in self.children() for path in Path(f"/proc/{child}/task").glob("*/schedstat")
        )
        return sum(int(text.split()[0]) for text in times) / 1e6

    def memory(self) -> list[float]:
        """PSS of each web process in MB."""
        found = []
        for child in self.children():
            text = Path(f"/proc/{child}/smaps_rollup").read_text()
            found.append(int(re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)[1]) / 1024)
        return found


@contextmanager
def both(environment: dict[str, str], log: Path):
    """(portal, floor), stopped afterwards."""
    portal = Served("portal.wsgi:application", environment, log, "/healthz")
    try:
        floor = Served(
            "bench.floor_wsgi:application",
            environment | {"DJANGO_SETTINGS_MODULE": "bench.floor_settings"},
            log,
            "/none/",
        )
        try:
            yield portal, floor
        finally:
            floor.stop()
    finally:
        portal.stop()
