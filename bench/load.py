"""A closed loop of requests over kept connections, with the standard library only."""

import contextlib
import http.client
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Times:
    """Milliseconds of each request, and requests per second over all clients."""

    milliseconds: list[float] = field(default_factory=list)
    per_second: float = 0.0
    bytes: int = 0
    asked: int = 0  # requests altogether, with those that warm up
    processor: float = 0.0  # ms of processor for each

    @property
    def p50(self) -> float:
        """The median."""
        return statistics.median(self.milliseconds)


def once(connection, path: str, headers: dict[str, str]) -> int:
    """One request that must answer 200; returns the number of bytes."""
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    content = response.read()
    if response.status != 200:
        raise RuntimeError(f"{path} answered {response.status}: {content[:300]!r}")
    return len(content)


def drive(port: int, path: str, cookie: str, *, clients: int = 1, seconds: float = 2.0, warm: int = 5) -> Times:
    """Ask for one page as fast as it answers, with so many clients at once."""
    headers = {"Host": f"localhost:{port}", "Cookie": cookie, "Connection": "keep-alive"}
    times, faults = Times(), []
    began = threading.Barrier(clients + 1)

    def client():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            for _ in range(warm):
                times.bytes = once(connection, path, headers)
            began.wait()
            connection.close()  # the server may have closed one that waited for the others; the next request opens it
            end = time.perf_counter() + seconds
            while time.perf_counter() < end:
                start = time.perf_counter()
                once(connection, path, headers)
                times.milliseconds.append((time.perf_counter() - start) * 1000)
        except (OSError, RuntimeError, http.client.HTTPException) as error:
            faults.append(error)
            began.abort()
        finally:
            connection.close()

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    with contextlib.suppress(threading.BrokenBarrierError):
        began.wait()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    times.per_second = len(times.milliseconds) / seconds
    times.asked = len(times.milliseconds) + warm * clients
    return times


def loop(act: Callable[[], object], *, times: int = 60, warm: int = 5) -> Times:
    """The same for something done in this process."""
    for _ in range(warm):
        act()
    found = Times()
    for _ in range(times):
        start = time.perf_counter()
        act()
        found.milliseconds.append((time.perf_counter() - start) * 1000)
    found.per_second = 1000 / statistics.mean(found.milliseconds)
    return found


def control() -> float:
    """Milliseconds of a fixed piece of work: how much of the processor this run had."""
    start = time.perf_counter()
    sum(i * i for i in range(400_000))
    return (time.perf_counter() - start) * 1000
