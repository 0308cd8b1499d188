"""One archive that holds everything an installation keeps, and the way back from it.

An archive is a tar file: the database as pg_dump's custom format, the stored files, the secrets and the seal key, and
a manifest with the SHA-256 of each. Files are written before their rows (portal/models/files.py), so an archive that
dumps the database first and copies the files afterwards misses no file that a row names.
"""

import hashlib
import hmac
import io
import json
import os
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO, Any

import psycopg2
from django.conf import settings
from django.db.migrations.loader import MigrationLoader
from psycopg2 import sql
from psycopg2.extensions import make_dsn, parse_dsn

import portal
from portal.embedded import binaries
from portal.embedded.errors import LaunchError
from portal.embedded.launcher import Postgres
from portal.embedded.layout import Layout
from portal.models.pause import Pause

FORMAT = 1
MANIFEST, DUMP = "manifest.json", "database.dump"
FOLDERS = ("files", "secrets", "seal")  # of PORTAL_HOME
PRIVATE = 0o600
# Not kept: everybody signs in again, and whether mail is paused is decided where the archive is restored
TRANSIENT = ("portal_pause", "portal_cache", "django_session", "portal_signin")


class BackupError(Exception):
    """Why it cannot be done, and what to do."""


@contextmanager
def database_running(layout: Layout) -> Iterator[None]:
    """The embedded database, started for as long as this lasts if nobody else runs it."""
    if os.environ.get("DATABASE_URL"):
        yield
        return
    try:
        psycopg2.connect(layout.embedded_url("postgres"), connect_timeout=5).close()
    except psycopg2.OperationalError:
        layout.make()
        try:
            with Postgres(layout):
                yield
        except LaunchError as error:
            raise BackupError(str(error)) from error
    else:
        yield


@contextmanager
def owner(**options) -> Iterator[Any]:
    """A connection as portal_owner, who may read and write every row."""
    try:
        connection = psycopg2.connect(settings.CONFIG["PORTAL_OWNER_DATABASE_URL"], connect_timeout=10, **options)
    except psycopg2.OperationalError as error:
        raise BackupError(f"The database cannot be reached as portal_owner: {error}") from error
    try:
        yield connection
    finally:
        connection.close()


def program(name: str, server: int) -> Path:
    """pg_dump or pg_restore of at least the server's major version. Raises BackupError if there is none."""
    folders = [*binaries.candidates(), *(Path(part) for part in os.environ.get("PATH", "").split(os.pathsep) if part)]
    for folder in folders:
        path = folder / name
        if not path.exists():
            continue
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout.split()
        if len(said) >= 3 and int(said[2].split(".")[0]) >= server:
            return path
    raise BackupError(f"{name} of PostgreSQL {server} is not here. Install postgresql-client-{server}.")


def run(command: list[str | Path]) -> None:
    """Run one of PostgreSQL's programs as portal_owner. Raises BackupError with what it said.

    Every account of a machine reads the arguments of every process, so the password goes into the environment.
    """
    login = parse_dsn(settings.CONFIG["PORTAL_OWNER_DATABASE_URL"])
    secret = {"PGPASSWORD": login.pop("password")} if "password" in login else {}
    command = [*command[:1], f"--dbname={make_dsn(**login)}", *command[1:]]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | secret)
    if done.returncode != 0:
        raise BackupError(f"{Path(command[0]).name} failed:\n{done.stderr.strip()[-2000:]}")


def is_empty() -> bool:
    """Does the database hold no tables?"""
    with owner() as connection, connection.cursor() as cursor:
        cursor.execute("select not exists (select 1 from pg_tables where schemaname = 'public')")
        return bool(cursor.fetchone()[0])


def tables(cursor) -> dict[str, int]:
    """Rows of every table that an archive keeps."""
    cursor.execute("select tablename from pg_tables where schemaname = 'public' order by tablename")
    names = [name for (name,) in cursor.fetchall() if name not in TRANSIENT]
    counted = {}
    for name in names:
        cursor.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(name)))
        counted[name] = cursor.fetchone()[0]
    return counted


def sha256(stream: IO[bytes]) -> str:
    """SHA-256 of everything that is left in the stream."""
    digest = hashlib.sha256()
    while part := stream.read(1 << 20):
        digest.update(part)
    return digest.hexdigest()


def secret_key() -> str:
    """The key that is in force: of the environment, or of the file in PORTAL_HOME as it is now."""
    kept = settings.LAYOUT.secrets / "secret-key"
    named = os.environ.get("PORTAL_SECRET_KEY") or os.environ.get("PORTAL_SECRET_KEY_FILE")
    return settings.SECRET_KEY if named or not kept.exists() else kept.read_text(encoding="utf-8").strip()


def fingerprint(key: str) -> str:
    """Tells two secret keys apart without telling either."""
    return hmac.new(key.encode(), b"concordat backup", hashlib.sha256).hexdigest()[:16]


def make(target: Path, *, now: datetime) -> dict[str, Any]:
    """Write the archive `target` (0600) and return its manifest. It appears whole or not at all.

    Raises BackupError; FileExistsError if the target is there.
    """
    if target.exists():
        raise FileExistsError(target)
    layout: Layout = settings.LAYOUT
    hashes: dict[str, str] = {}
    with owner() as connection, TemporaryDirectory(dir=target.parent, prefix=".concordat-") as folder:
        connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with connection.cursor() as cursor:
            cursor.execute("select pg_export_snapshot()")
            snapshot = cursor.fetchone()[0]
            rows = tables(cursor)
            cursor.execute("select app, name from django_migrations order by id")
            applied = [f"{app}.{name}" for app, name in cursor.fetchall()]
            dump = Path(folder) / DUMP
            run(
                [
                    program("pg_dump", connection.server_version // 10_000),
                    "--format=custom",
                    "--enable-row-security",
                    f"--snapshot={snapshot}",
                    *(f"--exclude-table-data=public.{name}" for name in TRANSIENT),
                    f"--file={dump}",
                ]
            )
        part = Path(folder) / "archive.tar"  # nobody else can have put anything there, and it goes if this fails
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
        with os.fdopen(descriptor, "wb") as stream:
            with tarfile.open(fileobj=stream, mode="w") as archive:
                _add(archive, DUMP, dump, hashes)
                for path, name in _kept(layout):
                    _add(archive, name, path, hashes)
                manifest = {
                    "format": FORMAT, "version": portal.__version__, "made_at": now.isoformat(), "migrations": applied,
                    "rows": rows, "secret_key": fingerprint(secret_key()), "sha256": hashes,
                }  # fmt: skip
                content = json.dumps(manifest, indent=1).encode()
                entry = tarfile.TarInfo(MANIFEST)
                entry.size, entry.mode = len(content), PRIVATE
                archive.addfile(entry, io.BytesIO(content))
            stream.flush()
            os.fsync(stream.fileno())
        part.rename(target)
    return manifest


def _kept(layout: Layout) -> Iterator[tuple[Path, str]]:
    """Files to keep, with their names in the archive. Names that begin with a dot are being written."""
    for folder in FOLDERS:
        for path in sorted((layout.home / folder).rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                yield path, str(PurePosixPath(path.relative_to(layout.home)))


def _add(archive: tarfile.TarFile, name: str, path: Path, hashes: dict[str, str]) -> None:
    with path.open("rb") as stream:
        hashes[name] = sha256(stream)
        stream.seek(0)
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = os.fstat(stream.fileno()).st_size, PRIVATE
        archive.addfile(entry, stream)


def read_manifest(archive: tarfile.TarFile) -> dict[str, Any]:
    """The manifest, after every member was compared with it. Raises BackupError for anything that does not fit."""
    try:
        found = archive.extractfile(MANIFEST)
        manifest = json.loads(found.read()) if found else {}
    except (KeyError, ValueError) as error:
        raise BackupError("This is no archive of Concordat: it has no manifest.") from error
    if manifest.get("format") != FORMAT:
        raise BackupError(f"The archive has format {manifest.get('format')}, this version reads {FORMAT}.")
    left = dict(manifest["sha256"])
    for entry in archive:
        if entry.name == MANIFEST:
            continue
        parts = PurePosixPath(entry.name).parts
        known = entry.name == DUMP or (len(parts) > 1 and parts[0] in FOLDERS and ".." not in parts)
        content = archive.extractfile(entry) if entry.isfile() and known else None
        if content is None or sha256(content) != left.pop(entry.name, ""):
            raise BackupError(f"{entry.name} in the archive is not what was put into it. Take another archive.")
    if left:
        raise BackupError(f"The archive misses {next(iter(left))}. Take another archive.")
    ours = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    newer = [name for name in manifest["migrations"] if name not in ours and name.split(".")[0] in OUR_APPS]
    if newer:
        raise BackupError(
            f"The archive was made by version {manifest['version']}, which is newer than this one"
            f" ({portal.__version__}): it has {newer[0]}. Install that version, then restore."
        )
    return manifest


OUR_APPS = {"portal", "protocols", "signatories", "breaches", "reviews"}


def load(archive: tarfile.TarFile, manifest: dict[str, Any], *, now: datetime) -> dict[str, tuple[int, int]]:
    """Fill the empty database and PORTAL_HOME; mail is paused before its first row is there.

    Returns the tables whose number of rows differs from the manifest's, as (wanted, found): none when all is well.
    """
    layout: Layout = settings.LAYOUT
    if not is_empty():
        raise BackupError(
            "The database is not empty. Restore into a new one: name it in DATABASE_URL and"
            " PORTAL_OWNER_DATABASE_URL, or set PORTAL_HOME to an empty folder, and run this again."
        )
    with owner() as connection, TemporaryDirectory(dir=layout.home, prefix=".restore-") as folder:
        connection.autocommit = True
        with connection.cursor() as cursor:
            _put(archive, archive.getmember(DUMP), Path(folder))  # extract(filter=) is missing before Python 3.11.4
            restore = program("pg_restore", connection.server_version // 10_000)
            for section in ("pre-data", "data", "post-data"):
                run([restore, "--exit-on-error", f"--section={section}", Path(folder) / DUMP])
                if section == "pre-data":
                    cursor.execute(
                        "insert into portal_pause (name, since, reason) values (%s, %s, %s)",
                        [Pause.MAIL, now, f"restored from the backup of {manifest['made_at']}"],
                    )
            cursor.execute("analyze")
            found = tables(cursor)
    for entry in archive:
        if entry.name not in {MANIFEST, DUMP}:
            _put(archive, entry, layout.home)
    wanted = manifest["rows"]
    names = sorted({*wanted, *found})
    return {n: (wanted.get(n, 0), found.get(n, 0)) for n in names if wanted.get(n, 0) != found.get(n, 0)}


def _put(archive: tarfile.TarFile, entry: tarfile.TarInfo, home: Path) -> None:
    """Write one file durably, private to this account."""
    target = home / entry.name
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.restored")
    content = archive.extractfile(entry)
    assert content is not None
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
    with os.fdopen(descriptor, "wb") as stream:
        while part := content.read(1 << 20):
            stream.write(part)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.rename(target)
