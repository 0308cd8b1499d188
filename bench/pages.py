"""Pages over HTTP: portal against floor, floor measured before and after."""

import re
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlencode

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import data, load

REPEATS, SECONDS, CLIENTS = 5, 1.5, 8
TIMED = 80
NO_STATEMENTS = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT", "SET", "SELECT SET_CONFIG")


@dataclass
class Row:
    """One line of the table of figures."""

    what: str
    n: int
    portal: float
    floor: float
    queries: int | None = None
    budget: float | None = None
    most_queries: int | None = None
    unit: str = "ms"
    least: bool = False  # the ratio must be at least the budget, not at most
    most: float | None = None  # a budget of its own, where nothing is there to compare with
    processor: tuple[float, float] | None = None  # ms of the web process for each request, portal and floor

    @property
    def ratio(self) -> float:
        """Portal to floor."""
        return self.portal / self.floor if self.floor else 0.0

    @property
    def met(self) -> bool:
        """Is the budget kept?"""
        kept = self.budget is None or (self.ratio >= self.budget if self.least else self.ratio <= self.budget)
        kept = kept and (self.most is None or self.portal <= self.most)
        return kept and (self.most_queries is None or (self.queries or 0) <= self.most_queries)


def cookie_of(person) -> str:
    """A session of this person, as the test client makes one."""
    client = Client()
    client.force_login(person)
    return "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())


def statements(person, path: str) -> int:
    """Statements of one GET, without transactions and settings; the first request fills caches of the process."""
    client = Client(headers={"host": "localhost"})
    client.force_login(person)
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(path)
    if response.status_code != 200:
        raise RuntimeError(f"{path} answered {response.status_code}")
    return len([one for one in captured if not one["sql"].lstrip().upper().startswith(NO_STATEMENTS)])


def middle(values: list[float]) -> float:
    """The median."""
    return sorted(values)[len(values) // 2]


def drive(server, path: str, cookie: str, **options) -> load.Times:
    """The same as load.drive, with the processor time of each request."""
    before = server.processor()
    times = load.drive(server.port, path, cookie, **options)
    times.processor = (server.processor() - before) / times.asked
    return times


def against(portal, floor, path: str, floor_path: str, cookie: str, *, clients: int = 1):
    """Medians of portal and floor over REPEATS rounds, each floor – portal – floor, in ms (or requests a second); and in
    ms of processor time."""
    ours, theirs, processor, floors = [], [], [], []
    for _ in range(REPEATS):
        first, own, last = (
            drive(server, where, cookie, clients=clients, seconds=SECONDS)
            for server, where in ((floor, floor_path), (portal, path), (floor, floor_path))
        )
        ours.append(own.per_second if clients > 1 else own.p50)
        theirs.append(((first.per_second + last.per_second) if clients > 1 else (first.p50 + last.p50)) / 2)
        processor.append(own.processor)
        floors.append((first.processor + last.processor) / 2)
    return middle(ours), middle(theirs), (middle(processor), middle(floors))


def read(portal, floor, framework, reader, n: int) -> list[Row]:
    """List, search, protocol page, and the list for eight clients."""
    cookie, base = cookie_of(reader), f"/{framework.slug}/protocols/"
    shown = data.reference(20 if n > 20 else 0)
    pages = [
        ("list (25 rows and count)", base, "/list/", 3.0, 8),
        ("search", f"{base}?q={data.WORD}", f"/list/?q={data.WORD}", 2.5, 8),
        ("protocol page with history", f"{base}{shown}/", f"/detail/{shown}/", 4.0, 12),
    ]
    rows = []
    for what, path, floor_path, budget, most in pages:
        ours, theirs, processor = against(portal, floor, path, floor_path, cookie)
        rows.append(Row(what, n, ours, theirs, statements(reader, path), budget, most, processor=processor))
    ours, theirs, processor = against(portal, floor, base, "/list/", cookie, clients=CLIENTS)
    rows.append(
        Row(f"list, {CLIENTS} clients", n, ours, theirs, None, 0.33, None, "requests/s", True, processor=processor)
    )
    return rows


def save(portal, floor, framework, drafter, clause, n: int) -> Row:
    """Save a clause of a draft through its form, against the floor's update of one row with its history."""
    cookie = cookie_of(drafter)
    version = clause.version
    path = f"/{framework.slug}/protocols/{version.protocol.reference}/{version.number}/draft/clauses/{clause.uid}/"
    url = f"/update/{clause.pk}/?text={'x' * 2600}"
    before = drive(floor, url, cookie, seconds=2.0)
    saver = Saver(portal, path, cookie)
    ours = saver.times()
    after = drive(floor, url, cookie, seconds=2.0)
    processor = (middle(saver.processor), (before.processor + after.processor) / 2)
    theirs = before.milliseconds + after.milliseconds
    client = Client(headers={"host": "localhost"})
    client.force_login(drafter)
    hidden = dict(Saver.FIELD.findall(client.get(path).content.decode()))
    with CaptureQueriesContext(connection) as captured:
        answer = client.post(path, hidden | Saver.WORDS | {"text": "New words."})
    if answer.status_code != 302:
        raise RuntimeError(f"Saving answered {answer.status_code}")
    asked = len([one for one in captured if not one["sql"].lstrip().upper().startswith(NO_STATEMENTS)])
    words = "save a draft (history and ledger)"
    return Row(words, n, middle(ours), middle(theirs), asked, 6.0, 15, processor=processor)


class Saver:
    """Fetches the form (not timed) and sends it (timed)."""

    FIELD = re.compile(r'<input type="hidden" name="(\w+)"(?: value="([^"]*)")?')

    WORDS = {"label": "1.1", "title": "", "kind": "clause"}

    def __init__(self, server, path: str, cookie: str):
        self.connection = HTTPConnection("127.0.0.1", server.port, timeout=60)
        self.server, self.path, self.cookie, self.host = server, path, cookie, f"localhost:{server.port}"
        self.processor: list[float] = []

    def ask(self, method: str, body: str | None = None):
        """One request and its whole answer."""
        headers = {"Host": self.host, "Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        self.connection.request(method, self.path, body=body, headers=headers)
        response = self.connection.getresponse()
        return response, response.read().decode()

    def times(self) -> list[float]:
        """Milliseconds of each save."""
        found = []
        for number in range(TIMED):
            response, page = self.ask("GET")
            if token := re.search(r"\bcsrf=[^;]+", response.getheader("Set-Cookie", "")):
                self.cookie += f"; {token[0]}"
            hidden = dict(self.FIELD.findall(page)) | self.WORDS | {"text": f"{data.BODY} Number {number}."}
            processor, began = self.server.processor(), time.perf_counter()
            response, page = self.ask("POST", urlencode(hidden))
            found.append((time.perf_counter() - began) * 1000)
            self.processor.append(self.server.processor() - processor)
            if response.status != 302:
                words = re.sub(r"<[^>]*>|\s+", " ", page)
                raise RuntimeError(f"Saving answered {response.status}: {words[:1500]}")
        return found[5:]
