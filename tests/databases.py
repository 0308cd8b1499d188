"""A migrated template database once per run; each process, race test and server gets its own copy."""

import itertools
import os
from contextlib import contextmanager

import psycopg2
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg2 import sql

TEMPLATE = "portal_test_template"
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
    call_command("migrate", verbosity=0)
    connections["default"].close()
    connections["default"].settings_dict.update(login)
    default["NAME"] = served
    settings.CONFIG["PORTAL_OWNER_DATABASE_URL"] = owner_url


@contextmanager
def copy_of_template():
    """A fresh database with the migrated schema; dropped afterwards. Gives its name."""
    name = f"portal_test_{os.getpid()}_{next(numbers)}"
    superuser("create database {} template {} owner portal_owner", name, TEMPLATE)
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
