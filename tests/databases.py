"""A migrated template database once per run; each process, race test and server gets its own copy.

Migrating takes ten times as long as loading what it made, so that is kept beside the other temporary files, under a name
that changes with everything it was made from.
"""

import fcntl
import hashlib
import itertools
import os
import subprocess
import tempfile
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg2 import sql

from portal.backup import program
from portal.embedded.layout import PROJECT

TEMPLATE = "portal_test_template"
# what the schema and its first rows are made from
SOURCES = (
    "*/migrations/*.py", "*/models/**/*.py", "portal/db/*", "portal/data/*", "portal/permissions.py", "requirements.txt",
    "portal/management/commands/setup_database.py", "tests/databases.py",
)  # fmt: skip
WEEK = 7 * 24 * 3600
numbers = itertools.count(1)


def superuser(statement, *names):
    """Run one statement as the database superuser, outside a transaction."""
    connection = psycopg2.connect(os.environ["PORTAL_SUPERUSER_DATABASE_URL"])
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*[sql.Identifier(name) for name in names]))
    connection.close()


def make_template():
    """Roles, database, migrations: as an installation is made, by the same commands."""
    default = settings.DATABASES["default"]
    served = default["NAME"]
    default["NAME"] = TEMPLATE
    owner_url = settings.CONFIG["PORTAL_OWNER_DATABASE_URL"]
    settings.CONFIG["PORTAL_OWNER_DATABASE_URL"] = owner_url.rsplit("/", 1)[0] + f"/{TEMPLATE}"
    connections["default"].settings_dict["NAME"] = TEMPLATE
    login = {key: connections["default"].settings_dict[key] for key in ("USER", "PASSWORD", "OPTIONS")}
    call_command("setup_database", verbosity=0)
    kept = kept_schema()
    with one_at_a_time(kept.with_suffix(".lock")):  # the process beside this one waits for what this one makes
        if kept.exists() and kept.stat().st_uid == os.getuid():
            postgres("pg_restore", "--exit-on-error", kept)
        else:
            call_command("migrate", verbosity=0)
            fresh = kept.with_suffix(f".{os.getpid()}")
            fresh.touch(mode=0o600)
            postgres("pg_dump", "--format=custom", f"--file={fresh}")
            fresh.rename(kept)
            for old in kept.parent.glob(f"concordat-schema-{os.getuid()}-*"):
                if old.stat().st_mtime < kept.stat().st_mtime - WEEK:
                    old.unlink(missing_ok=True)
    connections["default"].close()
    connections["default"].settings_dict.update(login)
    default["NAME"] = served
    settings.CONFIG["PORTAL_OWNER_DATABASE_URL"] = owner_url


@contextmanager
def one_at_a_time(path: Path):
    """Hold the lock of this name, which goes with the process."""
    with path.open("ab") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def kept_schema() -> Path:
    """Where the migrated schema of this account, this PostgreSQL and these sources is kept."""
    digest = hashlib.sha256(str(server_version()).encode())
    for path in sorted({path for pattern in SOURCES for path in PROJECT.glob(pattern) if path.is_file()}):
        digest.update(path.relative_to(PROJECT).as_posix().encode() + b"\0" + path.read_bytes())
    return Path(tempfile.gettempdir()) / f"concordat-schema-{os.getuid()}-{digest.hexdigest()[:24]}.dump"


@cache
def server_version() -> int:
    """Of PostgreSQL, as it counts: 150018."""
    connection = psycopg2.connect(os.environ["PORTAL_SUPERUSER_DATABASE_URL"])
    version = connection.server_version
    connection.close()
    return version


def postgres(name: str, *words) -> None:
    """Run one of PostgreSQL's programs on the template, as the superuser of the tests."""
    url = os.environ["PORTAL_SUPERUSER_DATABASE_URL"].rsplit("/", 1)[0]
    subprocess.run([program(name, server_version() // 10_000), f"--dbname={url}/{TEMPLATE}", *words], check=True)


@contextmanager
def copy_of_template():
    """A fresh database with the migrated schema; dropped afterwards. Gives its name."""
    name = f"portal_test_{os.getpid()}_{next(numbers)}"
    # as files, not through the log of changes, where PostgreSQL knows both ways
    way = " strategy file_copy" if server_version() >= 150_000 else ""
    superuser(f"create database {{}} template {{}} owner portal_owner{way}", name, TEMPLATE)
    try:
        yield name
    finally:
        superuser("drop database {} with (force)", name)


@contextmanager
def connected_to(name):
    """Point this process's connections at the named database, as portal_app."""
    before = connections["default"].settings_dict["NAME"]
    for alias in connections:
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name
    try:
        yield
    finally:
        for alias in connections:
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = before


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker):
    """Replaces pytest-django's: our roles, our migrate, no flush."""
    with django_db_blocker.unblock():
        superuser("drop database if exists {} with (force)", TEMPLATE)
        make_template()
        with copy_of_template() as name, connected_to(name):
            yield


@pytest.fixture
def own_database(django_db_setup, django_db_blocker):
    """A database of its own with real commits: for races and servers. Gives its name."""
    with django_db_blocker.unblock(), copy_of_template() as name, connected_to(name):
        yield name


@contextmanager
def as_owner(name):
    """A cursor on the named database as portal_owner, committed on leaving."""
    url = os.environ["PORTAL_OWNER_DATABASE_URL"].rsplit("/", 1)[0]
    connection = psycopg2.connect(f"{url}/{name}")
    try:
        with connection, connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()
