"""A real `script/server` in a folder of its own, for tests that start, kill and stop it."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from portal.embedded.layout import PROJECT, Layout

STARTS_WITHIN = 240.0


class Server:
    """`script/server` with an environment that holds nothing but what is asked for."""

    def __init__(self, *, demo: bool = False) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="concordat-server-"))
        self.folder.chmod(0o711)  # as root the database runs under another account
        self.layout = Layout(self.folder / "var")
        self.output = self.folder / "output"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.env = {"PORTAL_HOME": str(self.layout.home), "PORTAL_PORT": str(self.port), "PORTAL_DEMO": str(int(demo))}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin to start; `ready` waits for it."""
        self.process = self.another(self.output)

    def another(self, output: Path) -> "subprocess.Popen[bytes]":
        """One more `script/server` on the same data."""
        with output.open("wb") as stream:
            return subprocess.Popen(
                [str(PROJECT / "script/server")],
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                start_new_session=True,
            )

    def ready(self) -> str:
        """Wait until the address is printed and return everything printed so far."""
        assert self.process is not None
        deadline = time.monotonic() + STARTS_WITHIN
        while "Stop with Ctrl-C" not in (said := self.output.read_text()):
            assert self.process.poll() is None, said
            assert time.monotonic() < deadline, said
            time.sleep(0.05)
        return said

    def status(self, path: str, host: str = "localhost") -> int:
        """The HTTP status of one GET, 0 if nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path, headers={"Host": f"{host}:{self.port}"})
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def kill(self) -> None:
        """kill -9 of the supervisor."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def interrupt(self) -> int:
        """What Ctrl-C does; returns the exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(90)

    def processes(self) -> dict[int, str]:
        """Every process of the machine with this PORTAL_HOME in its environment: number and command line."""
        wanted = f"PORTAL_HOME={self.layout.home}".encode()
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    if wanted in (entry / "environ").read_bytes().split(b"\0"):
                        found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                except OSError:  # gone meanwhile, or another account's
                    continue
        return found

    def close(self) -> None:
        """Stop whatever runs and remove the folder."""
        if self.process is not None and self.process.poll() is None:
            self.interrupt()
        for pid in self.processes():
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)
