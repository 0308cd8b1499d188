"""Create the roles and the database, or print the SQL for somebody who may."""

import psycopg2
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from psycopg2 import sql
from psycopg2.extensions import parse_dsn

ROLES = [
    # NOINHERIT before the grant: with INHERIT the policies of portal_cross would apply without SET ROLE
    ("portal_owner", "login noinherit"),
    ("portal_app", "login noinherit"),
    ("portal_cross", "nologin noinherit"),
]
IN_DATABASE = """
grant portal_cross to portal_app;
alter schema public owner to portal_owner;
revoke create on schema public from public;
grant usage on schema public to portal_app, portal_cross;
alter default privileges for role portal_owner in schema public grant select, insert, update, delete on tables to portal_app;
alter default privileges for role portal_owner in schema public grant usage, select on sequences to portal_app;
alter default privileges for role portal_owner in schema public grant select on tables to portal_cross;
"""


class Command(BaseCommand):
    """Idempotent; uses PORTAL_SUPERUSER_DATABASE_URL, a role with CREATEROLE and CREATEDB."""

    help = "Create the roles portal_owner, portal_app, portal_cross and the database. Safe to run again."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        """--print: only show the SQL."""
        parser.add_argument("--print", action="store_true", dest="show", help="print the SQL instead of running it")

    def handle(self, *args, show, **options):
        """Run, or print."""
        name = settings.DATABASES["default"]["NAME"]
        if show:
            roles = "".join(f"create role {role} {how};\n" for role, how in ROLES)
            self.stdout.write(
                f"{roles}create database {name} owner portal_owner encoding 'UTF8';\n\\c {name}{IN_DATABASE}"
            )
            return
        try:
            self.create(name)
        except psycopg2.errors.InsufficientPrivilege as error:
            raise CommandError(
                "This database user may not create roles. Run `manage.py setup_database --print` and give its output"
                " to your database administrator."
            ) from error
        except psycopg2.OperationalError as error:
            raise CommandError(f"The database server cannot be reached: {error}") from error

    def create(self, name):
        """Create what is missing."""
        connection = psycopg2.connect(settings.CONFIG["PORTAL_SUPERUSER_DATABASE_URL"])
        connection.autocommit = True
        with connection.cursor() as cursor:
            for role, how in ROLES:
                cursor.execute("select 1 from pg_roles where rolname = %s", [role])
                if cursor.fetchone() is None:
                    cursor.execute(sql.SQL("create role {} " + how).format(sql.Identifier(role)))
            for variable in ("DATABASE_URL", "PORTAL_OWNER_DATABASE_URL"):
                login = parse_dsn(settings.CONFIG[variable])
                if login.get("password"):
                    cursor.execute(
                        sql.SQL("alter role {} password %s").format(sql.Identifier(login["user"])), [login["password"]]
                    )
            cursor.execute("select 1 from pg_database where datname = %s", [name])
            if cursor.fetchone() is None:
                # the creator must be a member of the owner; a superuser is anyway
                cursor.execute(
                    sql.SQL("create database {} owner portal_owner encoding 'UTF8' template template0").format(
                        sql.Identifier(name)
                    )
                )
        connection.close()
        inside = psycopg2.connect(settings.CONFIG["PORTAL_SUPERUSER_DATABASE_URL"], dbname=name)
        with inside, inside.cursor() as cursor:
            cursor.execute(IN_DATABASE)
        inside.close()
        self.stdout.write(f"Database {name} and its roles are there.")
