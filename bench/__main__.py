"""`python -m bench [--sizes 1000 10000 100000] [--quick]`: prints the table of docs/performance.md."""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.services import ensure_services

ensure_services()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
os.environ.setdefault("PORTAL_URL", "http://localhost:8000")

import django  # noqa: E402  the services come first: settings name them

django.setup()

import psycopg2  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from bench import acts, data, due, load, pages, signing  # noqa: E402
from bench.servers import PROJECT, both  # noqa: E402
from portal.tenancy import scope  # noqa: E402
from protocols.models import Clause  # noqa: E402
from tests.builders import make_version  # noqa: E402
from tests.databases import connected_to, copy_of_template, make_template  # noqa: E402

HEAD = (
    "| What | N | portal | floor | ratio | processor | budget | statements | |\n|---|---|---|---|---|---|---|---|---|"
)


def say(line: str = "") -> None:
    """Print at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def line(row: pages.Row) -> str:
    """A row of the table."""
    sign = "≥" if row.least else "≤"
    budget = f"{sign} {row.budget} ×" if row.budget else f"≤ {row.most} {row.unit}" if row.most else ""
    asked = (f"{row.queries} (≤ {row.most_queries})" if row.most_queries else row.queries) if row.queries else ""
    floor = f"{row.floor:.1f} {row.unit} | {row.ratio:.2f} ×" if row.floor else " | "
    verdict = ("met" if row.met else "NOT MET") if budget else ""
    processor = ""
    if row.processor:
        own, theirs = row.processor
        processor = f"{own:.1f} to {theirs:.1f} ms: {own / theirs:.1f} ×"
    return f"| {row.what} | {row.n:,} | {row.portal:.1f} {row.unit} | {floor} | {processor} | {budget} | {asked} | {verdict} |"


def environment(name: str) -> dict[str, str]:
    """What the served processes read to be on this database."""
    return {
        variable: f"{os.environ[variable].rsplit('/', 1)[0]}/{name}"
        for variable in ("DATABASE_URL", "PORTAL_OWNER_DATABASE_URL")
    }


def raw(framework, reader) -> tuple[float, float]:
    """List and count in plain psycopg2, as the owner: what the database alone needs, in ms."""
    name = connection.settings_dict["NAME"]
    with scope(framework.pk), transaction.atomic():
        organisation = reader.memberships.values_list("organisation_id", flat=True).first()
    theirs = psycopg2.connect(environment(name)["PORTAL_OWNER_DATABASE_URL"])
    where = (
        " from protocols_protocol p where p.framework_id = %s and exists (select 1 from protocols_version v"
        " join protocols_party a on a.version_id = v.id where v.protocol_id = p.id and a.organisation_id = %s)"
    )
    with theirs, theirs.cursor() as cursor:

        def ask(sql):
            cursor.execute(
                sql + where + (" order by reference limit 25" if "title" in sql else ""), [framework.pk, organisation]
            )
            cursor.fetchall()

        listed = load.loop(lambda: ask("select p.reference, p.title"), times=30).p50
        counted = load.loop(lambda: ask("select count(*)"), times=30).p50
    theirs.close()
    return listed, counted


def measure(n: int, folder: Path, memory_at: int) -> list[pages.Row]:
    """Everything that depends on the number of protocols."""
    with copy_of_template() as name, connected_to(name):
        began = time.perf_counter()
        framework, reader, drafter = data.make(n)
        with scope(framework.pk), transaction.atomic():
            draft = make_version(framework=framework)
            clause = Clause.objects.select_related("version__protocol").filter(version=draft, kind="clause").first()
        admin = psycopg2.connect(os.environ["PORTAL_SUPERUSER_DATABASE_URL"], dbname=name)
        admin.autocommit = True
        with admin.cursor() as cursor:
            cursor.execute("vacuum analyze")
        admin.close()
        listed, counted = raw(framework, reader)
        say(
            f"N = {n:,}: filled in {time.perf_counter() - began:.0f} s, {data.size()}; raw SQL: list {listed:.2f} ms,"
            f" count {counted:.2f} ms; control {load.control():.0f} ms"
        )
        with both(environment(name), folder / "servers.log") as (portal, floor):
            rows = told(pages.read(portal, floor, framework, reader, n))
            rows += told([pages.save(portal, floor, framework, drafter, clause, n)])
            rows += told(signing.sign(portal, floor, framework, drafter, clause, n))
            if n == memory_at:
                rows += told(memory(portal, f"/{framework.slug}/protocols/", pages.cookie_of(reader), n))
        return rows


def told(rows: list[pages.Row]) -> list[pages.Row]:
    """Print the rows, and give them."""
    for row in rows:
        say(line(row))
    return rows


def memory(portal, path: str, cookie: str, n: int) -> list[pages.Row]:
    """PSS of the heavier web process, at the start and after 10,000 requests: flat, and at most 130 MB."""
    found = acts.memory(portal, path, cookie)
    words = f"memory of a web process (PSS) after {found['requests']:,.0f} requests, to before"
    return [pages.Row(words, n, found["after"], found["before"], None, 1.05, None, "MB", most=130.0)]


def once(count: int, folder: Path) -> list[pages.Row]:
    """What does not depend on it."""
    with copy_of_template() as name, connected_to(name):
        framework, _reader, _drafter = data.make(20)
        with scope(framework.pk), transaction.atomic():
            make_version(framework=framework)
        rows = [acts.reminders(framework, count), acts.print_pdf(), *due.measure(framework)]
        start = acts.cold_start(environment(name), folder / "servers.log")
    for row in rows:
        say(line(row))
    packages, size = acts.installed()
    say(
        f"Cold start to the first page: {start:.2f} s (budget 1.0 s). Installed for serving: {packages} packages, {size:.0f} MB (budget 300 MB)."
    )
    return rows


def growth(rows: list[pages.Row]) -> None:
    """How the median grows from the smallest to the largest N (list: at most 1.3 times)."""
    for what in dict.fromkeys(row.what for row in rows):
        sizes = sorted((row for row in rows if row.what == what), key=lambda row: row.n)
        if len(sizes) > 1 and sizes[0].floor:
            factor = sizes[-1].portal / sizes[0].portal
            say(
                f"{what}: {sizes[0].n:,} → {sizes[-1].n:,}: {factor:.2f} × (floor {sizes[-1].floor / sizes[0].floor:.2f} ×)"
            )


def main() -> int:
    """Exit status 1 if a budget is not met."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--sizes", nargs="*", type=int, default=[1_000, 10_000, 100_000])
    parser.add_argument("--reminders", type=int, default=10_000)
    asked = parser.parse_args()
    settings.ALLOWED_HOSTS = ["localhost", "testserver"]
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=PROJECT, capture_output=True, text=True
    ).stdout.strip()
    say(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, commit {commit}, load {os.getloadavg()[0]:.1f}, control {load.control():.0f} ms\n\n{HEAD}"
    )
    with tempfile.TemporaryDirectory() as folder:
        make_template()
        rows = (
            once(asked.reminders, Path(folder)) if asked.reminders else []
        )  # 0: only what depends on the number of protocols
        for n in asked.sizes:
            rows += measure(n, Path(folder), sorted(asked.sizes)[len(asked.sizes) // 2])
    say()
    growth(rows)
    return 0 if all(row.met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
