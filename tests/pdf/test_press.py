"""portal.press: a process with the library loaded, a child for each document; it ends with whom it serves, and is replaced."""

import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from portal import press
from portal.pdf import RenderError, _run
from portal.press import PRESS, WORKER, Press

ROOT = Path(__file__).parents[2]
BOMB = "<table>" + "<tr><td>x</td><td>y</td></tr>" * 12_000 + "</table>"  # takes long


def job(html="<p>x</p>") -> bytes:
    """One document."""
    facts: dict = {
        "title": "t",
        "lang": "en",
        "created": "2026-07-28T11:20:00+00:00",
        "attachment": None,
        "keywords": [],
    }
    css = "@font-face { font-family: Text; src: url(font:SourceSans3_400Regular.ttf) } body { font-family: Text }"
    return json.dumps({"html": f"<html lang=en><body>{html}</body></html>", "css": [css], **facts}).encode()


@pytest.fixture
def own():
    """A press of the test alone."""
    made = Press()
    yield made
    made.stop(made.process)


def make(own, html="<p>x</p>", seconds=60):
    """Status and content of one document."""
    return own.make(job(html), megabytes=768, seconds=seconds)


def running(pid) -> bool:
    """Is there such a process, which has not ended yet?"""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def children(pid) -> list[str]:
    """Its children that have not ended, by number."""
    return [child for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split() if running(child)]


def wait_for(condition):
    """What the condition gives, once it is true."""
    until = time.monotonic() + 20
    while not (found := condition()):
        assert time.monotonic() < until, "it did not happen within 20 seconds"
        time.sleep(0.02)
    return found


def test_one_press_makes_many_documents(own):
    """The same process for all of them, and the same bytes: nothing of one document is in the next."""
    first = make(own)
    pid = own.process.pid
    assert make(own, "<h1>Another</h1>")[1] != first[1]
    assert make(own) == first
    assert first[0] == 0
    assert first[1].startswith(b"%PDF-")
    assert own.process.pid == pid


def test_several_at_the_same_time(own):
    """Threads share a press; each gets its own document."""
    found = {}

    def one(number):
        found[number] = make(own, f"<p>{'word ' * number}</p>")[1]

    threads = [threading.Thread(target=one, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: make(own, f"<p>{'word ' * number}</p>")[1] for number in range(1, 5)}


def test_a_press_that_ended_is_replaced(own):
    """It ends when it is idle, and may be killed: nobody who asks for a document sees that."""
    make(own)
    old = own.process
    old.kill()
    old.wait()
    assert make(own)[0] == 0
    assert own.process.pid != old.pid
    own.process.send_signal(signal.SIGSTOP)  # it takes the order never, and is then ended
    threading.Timer(0.3, own.process.kill).start()
    assert make(own)[0] == 0


def test_a_press_that_hangs_is_ended(own, monkeypatch):
    """Nobody waits longer than the document may take and a moment more."""
    make(own)
    own.process.send_signal(signal.SIGSTOP)
    monkeypatch.setattr(press, "GRACE", 0.2)
    hung = own.process
    with pytest.raises(press.NoPress):
        # the second one is not ready so soon
        make(own, seconds=0)
    assert not running(hung.pid)


def test_a_child_that_is_killed_is_no_document(own):
    """As the kernel kills when memory is short: an error, and the press makes the next one."""
    make(own)
    wait_for(lambda: not children(own.process.pid))

    def kill():
        os.kill(int(wait_for(lambda: children(own.process.pid))[0]), signal.SIGKILL)

    threading.Thread(target=kill).start()
    with pytest.raises(press.Stopped) as stopped:
        make(own, BOMB)
    assert stopped.value.late is False
    assert make(own)[0] == 0


def test_without_the_library_the_error_says_where_to_look(monkeypatch, tmp_path):
    """It cannot be loaded: no traceback for the person, one in the log."""
    monkeypatch.setattr(press, "WORKER", tmp_path / "no_worker.py")
    monkeypatch.setattr("portal.pdf.PRESS", Press())
    with pytest.raises(RenderError, match="the log of the server says why"):
        _run(job(), 768, 60)


def test_nothing_of_our_environment(own, monkeypatch):
    """Neither secrets nor addresses of databases are in the press or its children."""
    monkeypatch.setenv("PORTAL_SECRET_KEY", "of-nobody-else")
    make(own)
    assert b"of-nobody-else" not in Path(f"/proc/{own.process.pid}/environ").read_bytes()


def test_nothing_is_left_in_the_common_folder(own):
    """What the library writes while it makes a document goes with the scratch folder."""
    before = set(Path("/tmp").iterdir())
    make(own)
    assert not [
        path.name for path in set(Path("/tmp").iterdir()) - before if path.name.startswith(("weasyprint", "pdf-"))
    ]


def test_a_child_has_no_way_to_the_orders(own):
    """A document that took its process over could else read and answer the next ones: it has no socket at all."""
    make(own)
    wait_for(lambda: not children(own.process.pid))

    def make_bomb():
        with suppress(press.Stopped):
            make(own, BOMB)

    threading.Thread(target=make_bomb).start()
    (document,) = wait_for(lambda: children(own.process.pid))
    wait_for(
        lambda: f"Max address space {768 * 2**20}" in " ".join(Path(f"/proc/{document}/limits").read_text().split())
    )
    opened = [os.readlink(path) for path in Path(f"/proc/{document}/fd").iterdir()]
    assert opened and not [path for path in opened if path.startswith("socket:")]
    os.kill(int(document), signal.SIGKILL)


def test_the_press_leaves_no_entry_behind(own):
    """One that has ended is not kept as a zombie until the next document."""
    make(own)
    pid = own.process.pid
    own.process.send_signal(signal.SIGTERM)  # is for whom it serves: it goes on
    assert make(own)[0] == 0
    assert own.process.pid == pid
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not Path(f"/proc/{pid}").exists())


def test_it_ends_with_whom_it_serves():
    """The server is killed: neither the press nor the document that it makes outlives it. A fork of the server does not keep
    it alive, and has a press of its own."""
    script = (
        "import os, time\n"
        "from portal.press import PRESS\n"
        "from tests.pdf.test_press import BOMB, job\n"
        "PRESS.make(job(), megabytes=768, seconds=60)\n"
        "first = PRESS.process.pid\n"
        "reading, writing = os.pipe()\n"
        "if os.fork() == 0:\n"
        "    assert PRESS.make(job(), megabytes=768, seconds=60)[0] == 0\n"
        "    print(os.getpid(), PRESS.process.pid, sep='\\n', flush=True)\n"
        "    os.write(writing, b'1')\n"
        "    time.sleep(60)\n"
        "os.read(reading, 1)\n"
        "print(first, flush=True)\n"
        "PRESS.make(job(BOMB), megabytes=768, seconds=60)"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "portal.settings"}
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment) as server:
        assert server.stdout is not None
        fork, second, first = (int(server.stdout.readline()) for _ in range(3))
        try:
            assert first != second
            (document,) = wait_for(lambda: children(first))
            server.kill()
            server.wait()
            wait_for(lambda: not running(first) and not running(document))
            assert running(second)
        finally:
            os.kill(fork, signal.SIGKILL)
        wait_for(lambda: not running(second))


def test_it_ends_when_nobody_asks(monkeypatch):
    """After its idle time, though the other end is still open."""
    worker = runpy.run_path(str(WORKER))
    monkeypatch.setitem(worker["serve"].__globals__, "IDLE", 0.2)
    monkeypatch.setitem(worker["serve"].__globals__, "TICK", 0.1)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        worker["serve"](theirs)


def test_this_process_has_one():
    """What the portal asks is the one of this process."""
    assert isinstance(PRESS, Press)
