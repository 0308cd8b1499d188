"""What the portal reads from its environment: one table, from which the docs are printed.

Each variable may also be given as ``<NAME>_FILE``: the path of a file whose (stripped) content is the value.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg2
from django.core.exceptions import ImproperlyConfigured
from psycopg2.extensions import parse_dsn

from portal.embedded import secrets
from portal.embedded.layout import Layout


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable. `default` is text, or a function of the Layout that gives text."""

    name: str
    help: str
    default: str | Callable[[Layout], str]
    default_words: str = ""
    secret: bool = False


ENVIRONMENT = [
    Variable(
        "PORTAL_HOME",
        "Folder for everything the portal keeps outside its database: files, keys, logs, and the embedded database cluster.",
        lambda layout: str(layout.home),
        "`var/` in the project",
    ),
    Variable("PORTAL_PORT", "Port on which `script/server` listens.", "8000"),
    Variable(
        "PORTAL_URL",
        "Address at which people reach the portal. Links in mails are built from it, never from the Host header.",
        "",
        "`http://localhost:PORTAL_PORT`",
    ),
    Variable("PORTAL_ALLOWED_HOSTS", "Further host names that may be used, separated by commas.", ""),
    Variable(
        "PORTAL_TRUSTED_PROXIES",
        "How many proxies in front of the portal set X-Forwarded-For. 0 = none is trusted.",
        "0",
    ),
    Variable(
        "PORTAL_DEMO",
        "`1` loads demonstration data, shows “Demonstration” on every page and PDF, and offers “Sign in as …”. Only on localhost.",
        "0",
    ),
    Variable(
        "PORTAL_SECRET_KEY",
        "Secret from which sessions and links are signed.",
        lambda layout: secrets.ensure(layout, "secret-key"),
        "made on first start in `PORTAL_HOME/secrets`",
        secret=True,
    ),
    Variable(
        "DATABASE_URL",
        "PostgreSQL for serving, as the role `portal_app`. Unset: the embedded cluster.",
        lambda layout: layout.embedded_url("portal_app"),
        "embedded",
    ),
    Variable(
        "PORTAL_OWNER_DATABASE_URL",
        "PostgreSQL as the role `portal_owner`: used only by `migrate`, `backup` and `setup_database`.",
        lambda layout: layout.embedded_url("portal_owner"),
        "embedded",
    ),
    Variable(
        "PORTAL_SUPERUSER_DATABASE_URL",
        "PostgreSQL as a role that may create roles and databases: used only by `setup_database`.",
        lambda layout: layout.embedded_url("postgres"),
        "embedded",
    ),
    Variable(
        "REDIS_URL", "Redis as message broker and cache. Unset: a folder as broker and the database as cache.", ""
    ),
    Variable(
        "PORTAL_EMAIL_URL",
        "Mail server, as `smtp://user:password@host:port` or `smtps://…`. Unset: `script/server` keeps all mail in `PORTAL_HOME/mail`.",
        "",
        "mail sink",
        secret=True,
    ),
    Variable("PORTAL_FROM_EMAIL", "Sender of all mail.", "Concordat <concordat@example.org>"),
    Variable(
        "PORTAL_SEAL_PKCS12",
        "Key and certificate that seal PDFs and ledger checkpoints.",
        lambda layout: str(layout.seal / "seal.p12"),
        "made on first start in `PORTAL_HOME/seal`; tamper evidence only",
    ),
    Variable(
        "PORTAL_SEAL_PASSPHRASE",
        "Passphrase of that file.",
        lambda layout: secrets.ensure(layout, "seal-passphrase"),
        "made on first start",
        secret=True,
    ),
    Variable(
        "PORTAL_TSA_URL",
        "Time-stamp authority (RFC 3161) for seals. If it is down the seal waits; it never falls back silently.",
        "",
    ),
    Variable("PORTAL_TSA_CERTIFICATES", "PEM file with the certificates of that authority which are trusted.", ""),
    Variable("PORTAL_OLDEST_HEARTBEAT", "Seconds since the last sweep after which `/readyz` turns red.", "300"),
    Variable("PORTAL_OLDEST_MAIL", "Seconds that a mail may wait past its moment before `/readyz` turns red.", "600"),
    Variable(
        "PORTAL_OLDEST_UNSENT_MAIL",
        "Seconds since a mail was queued that is still not sent, however often it was tried, after which `/readyz` turns red.",
        "14400",
    ),
    Variable(
        "PORTAL_OLDEST_DEAD_MAIL",
        "Seconds that a mail which was given up may lie before `/readyz` turns red: try it again, or leave it out.",
        "86400",
    ),
    Variable("PORTAL_LOG_LEVEL", "Least level that is logged: DEBUG, INFO, WARNING or ERROR.", "INFO"),
]
READY = ("PORTAL_OLDEST_HEARTBEAT", "PORTAL_OLDEST_MAIL", "PORTAL_OLDEST_UNSENT_MAIL", "PORTAL_OLDEST_DEAD_MAIL")
TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def raw(name: str, environ: Mapping[str, str], layout: Layout) -> str:
    """The text of one variable: from itself, from its file, or its default."""
    variable = next(variable for variable in ENVIRONMENT if variable.name == name)
    if (value := environ.get(name)) is not None:
        return value
    if path := environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE names {path}, which cannot be read: {error.strerror}.") from error
    return variable.default(layout) if callable(variable.default) else variable.default


def read(environ: Mapping[str, str], layout: Layout) -> dict[str, Any]:
    """All variables in the types that settings use, plus DATABASE, OWNER_DATABASE and EMAIL."""
    values: dict[str, Any] = {v.name: raw(v.name, environ, layout) for v in ENVIRONMENT}
    values["PORTAL_URL"] = (values["PORTAL_URL"] or f"http://localhost:{values['PORTAL_PORT']}").rstrip("/")
    values["PORTAL_DEMO"] = boolean("PORTAL_DEMO", values["PORTAL_DEMO"])
    values["PORTAL_TRUSTED_PROXIES"] = whole("PORTAL_TRUSTED_PROXIES", values["PORTAL_TRUSTED_PROXIES"])
    values["READY"] = {name: whole(name, values[name]) for name in READY}
    values["PORTAL_ALLOWED_HOSTS"] = [h.strip() for h in values["PORTAL_ALLOWED_HOSTS"].split(",") if h.strip()]
    values["DATABASE"] = database(values["DATABASE_URL"])
    values["EMAIL"] = email(values["PORTAL_EMAIL_URL"])
    return values


def boolean(name: str, text: str) -> bool:
    """True or False from the usual words; anything else says what may be written."""
    if text.strip().lower() in TRUE:
        return True
    if text.strip().lower() in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} is “{text}”. Set it to 1 or 0.")


def whole(name: str, text: str) -> int:
    """A whole number of 0 or more."""
    if not text.strip().isdecimal():
        raise ImproperlyConfigured(f"{name} is “{text}”. Set it to a whole number.")
    return int(text)


def database(url: str) -> dict[str, Any]:
    """Django's settings for one PostgreSQL address in libpq's URL form."""
    try:
        dsn = dict(parse_dsn(url))
    except psycopg2.Error as error:
        raise ImproperlyConfigured(
            "DATABASE_URL cannot be read. Its form is postgres://user:password@host:port/name."
        ) from error
    known = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    options = {key: value for key, value in dsn.items() if key not in known}
    return {
        "ENGINE": "portal.db",
        **{setting: dsn.get(key, "") for key, setting in known.items()},
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
        "OPTIONS": {"connect_timeout": "10", "options": "-c statement_timeout=60000 -c lock_timeout=20000", **options},
    }


def email(url: str) -> dict[str, Any]:
    """Django's e-mail settings from an smtp:// or smtps:// address; localhost:1 (refused) when unset."""
    if not url:
        return {"EMAIL_HOST": "localhost", "EMAIL_PORT": 1}
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ImproperlyConfigured("PORTAL_EMAIL_URL cannot be read. Its form is smtp://user:password@host:port.")
    tls = parts.scheme == "smtp" and parts.hostname not in {"localhost", "127.0.0.1", "::1"} and parts.port != 25
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": tls,
    }
