"""Where documents are made: a process beside this one that has the PDF library loaded (portal/pdf_worker.py).

Loading it takes as long as many a document does, so it is done once; each document is made in a child that the press forks
and that goes with it. The press is started by the first document. It ends with this process, however that ends, and when
nobody has asked for a minute.
"""

import json
import os
import select
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

WORKER = Path(__file__).with_name("pdf_worker.py")
FONTS = Path(__file__).with_name("fonts")

# as in portal/pdf_worker.py, which imports nothing of the portal
BEGUN = b"+"
HEAD = struct.Struct(">BQ")
GRACE = 20  # seconds: to load the library on a busy machine


class Stopped(Exception):
    """The child did not get to an end. late: its seconds were over."""

    def __init__(self, *, late: bool):
        super().__init__()
        self.late = late


class NoPress(Exception):
    """Nobody takes orders: the library cannot be loaded. What it said stands in the log of this process."""


class Press:
    """One for each process."""

    def __init__(self):
        self.lock = threading.Lock()
        self.orders: socket.socket | None = None
        self.process: subprocess.Popen | None = None

    def make(self, job: bytes, *, megabytes: int, seconds: int) -> tuple[int, bytes]:
        """(status, PDF or reason) as the child answers. Raises Stopped and NoPress."""
        # a scratch folder that is removed even if the child is killed
        with tempfile.TemporaryDirectory(prefix="pdf-") as scratch:
            order = json.dumps({"scratch": scratch, "megabytes": megabytes, "seconds": seconds}).encode()
            for _attempt in range(2):  # a press that has nothing to do ends, perhaps just now
                began = time.monotonic()
                answer = self.answer(order, job, began + seconds + GRACE)
                if answer[:1] == BEGUN:
                    break
            else:
                raise NoPress
        head, content = answer[len(BEGUN) :][: HEAD.size], answer[len(BEGUN) + HEAD.size :]
        status, length = HEAD.unpack(head) if len(head) == HEAD.size else (None, 0)
        if status is None or len(content) != length:
            raise Stopped(late=time.monotonic() - began >= seconds)
        return status, content

    def answer(self, order: bytes, job: bytes, deadline: float) -> bytes:
        """All that comes back; nothing if no press took the order, BEGUN alone if its child was killed."""
        reading, writing = os.pipe()
        with open(reading, "rb", buffering=0) as stream:
            try:
                process = self.send(order, job, writing)
            finally:
                os.close(writing)
            answer = b"".join(self.parts(stream, process, deadline))
        if not answer:
            self.stop(process)
        return answer

    def parts(self, stream, process: subprocess.Popen, deadline: float) -> Iterator[bytes]:
        """What the pipe gives until it is closed. A press that keeps it open beyond the deadline is ended."""
        ready = select.poll()
        ready.register(stream, select.POLLIN)
        while ready.poll(max(0, deadline - time.monotonic()) * 1000):
            part = stream.read(1 << 20)
            if not part:
                return
            yield part
        self.stop(process)

    def send(self, order: bytes, job: bytes, answer: int) -> subprocess.Popen:
        """Hand over an order. Gives the press that has it, which may have ended before it took it."""
        with self.lock, open(os.memfd_create("pdf-job"), "w+b", buffering=0) as stream:
            stream.write(job)
            stream.seek(0)
            if self.orders is None or self.process is None:
                self.orders, self.process = self.start()
            with suppress(OSError):
                socket.send_fds(self.orders, [order], [stream.fileno(), answer])
            return self.process

    def start(self) -> tuple[socket.socket, subprocess.Popen]:
        """A new press. It gets nothing of our environment."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {
            "PATH": "/nonexistent",  # the library asks a compiler, if there is one, where its parts are
            "LANG": "C.UTF-8",
            "PYTHONHASHSEED": "0",
            "FONTCONFIG_FILE": str(FONTS / "fonts.conf"),
        }
        command = [sys.executable, "-I", "-W", "ignore", str(WORKER)]
        with theirs:
            process = subprocess.Popen(
                command, stdin=theirs.fileno(), stdout=subprocess.DEVNULL, env=environment, cwd="/"
            )
        threading.Thread(target=process.wait, daemon=True).start()  # when it ends, it leaves no entry behind
        return ours, process

    def stop(self, process: subprocess.Popen | None) -> None:
        """End this press, and what it makes with it. The next order starts another one."""
        if process is not None:
            process.kill()
            process.wait()
        with self.lock:
            if self.process is process:
                self.orders = self.process = None

    def forget(self) -> None:
        """In a process that was forked from this one: that press serves its parent, which must be the only one to keep it
        alive."""
        self.__init__()  # type: ignore[misc]  # the lock may be held by a thread that does not exist here


PRESS = Press()
os.register_at_fork(after_in_child=PRESS.forget)
