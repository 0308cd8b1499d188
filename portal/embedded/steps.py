"""What must be done before the first page: each step is skipped when it is done and survives being killed."""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from portal.embedded.children import tail
from portal.embedded.errors import LaunchError
from portal.embedded.layout import PROJECT, Layout
from portal.embedded.lifeline import die_with_parent

KILL = 9
STAMP = "prepared"
# What decides about database and demo: if none of it changed since the stamp was written, nothing is to be done.
STAMPED = (
    "portal/__init__.py",
    "portal/permissions.py",
    "portal/db/*",
    "portal/data/*",
    "*/migrations/*.py",
    "*/management/commands/*.py",
    "*/presets.py",
    "*/demo/*.py",
    "*/demo_texts/**/*",
)


def say(line: str) -> None:
    """Tell the person at the terminal, if there is still one."""
    with contextlib.suppress(OSError):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def run(title: str, command: list[str], env: Mapping[str, str], log: Path, remedy: str) -> str:
    """Run one step to its end, say how long it took and return what it printed.

    Raises LaunchError with the end of its output and `remedy` if it fails.
    """
    say(f"  {title} …")
    began = time.monotonic()
    with log.open("a+", encoding="utf-8") as stream:
        start = stream.tell()
        done = subprocess.run(
            command,
            cwd=PROJECT,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
            preexec_fn=die_with_parent(KILL),
        )
        if done.returncode != 0:
            raise LaunchError(f"{title}: failed.\n{tail(log)}\n\n{remedy}\nEverything it said is in {log}")
        stream.seek(start)
        said = stream.read()
    say(f"  {title}: done in {time.monotonic() - began:.1f} s")
    return said


def manage(*words: str) -> list[str]:
    """The command line of one management command."""
    return [sys.executable, str(PROJECT / "manage.py"), *words]


def compile_messages(env: Mapping[str, str]) -> None:
    """Compile each translation that is newer than its compiled file; a kill leaves no half file."""
    for source in sorted(PROJECT.glob("locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        if shutil.which("msgfmt", path=env.get("PATH")) is None:
            raise LaunchError("The program msgfmt is missing. Install the package gettext, or run script/bootstrap.")
        fresh = target.with_suffix(f".mo.{os.getpid()}")
        made = subprocess.run(
            ["msgfmt", "--check-format", "-o", str(fresh), str(source)], env=dict(env), capture_output=True, text=True
        )
        if made.returncode != 0:
            fresh.unlink(missing_ok=True)
            raise LaunchError(f"The translation {source} has a mistake:\n{made.stderr}")
        fresh.replace(target)


def fingerprint(env: Mapping[str, str]) -> str:
    """SHA-256 over everything that decides what `prepare` would do."""
    digest = hashlib.sha256(env.get("PORTAL_DEMO", "").encode())
    for path in _stamped():
        digest.update(f"\0{path.relative_to(PROJECT)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _stamped() -> Iterator[Path]:
    """The files of STAMPED, each once, in order."""
    found = {path for pattern in STAMPED for path in PROJECT.glob(pattern)}
    return iter(sorted(path for path in found if path.is_file() and path.suffix != ".pyc"))


def prepare(layout: Layout, env: Mapping[str, str]) -> None:
    """Roles and database, migrations, and the demonstration in demo mode; raises LaunchError with what to do.

    The stamp is kept with the embedded cluster, so a new cluster has none. A database of one's own is always asked.
    """
    embedded = not env.get("DATABASE_URL")
    stamp = layout.place / STAMP
    wanted = fingerprint(env)
    if embedded and stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
        return
    log = layout.log / "setup.log"
    if embedded or env.get("PORTAL_SUPERUSER_DATABASE_URL"):
        run(
            "Roles and database",
            manage("setup_database"),
            env,
            log,
            "Check that PORTAL_SUPERUSER_DATABASE_URL names a role that may create roles and databases.",
        )
    run(
        "Tables",
        manage("migrate", "--no-input"),
        env,
        log,
        "Start again: a migration that was cut off begins anew. If it fails again, report it with that file.",
    )
    if env.get("PORTAL_DEMO") == "1":
        run(
            "Demonstration data and documents",
            manage("demo"),
            env,
            log,
            "Start again: what is there already is kept. To begin from nothing, move the folder "
            f"{layout.home} away while the server is stopped.",
        )
    if embedded:
        fresh = stamp.with_name(f"{STAMP}.new")
        fresh.write_text(wanted, encoding="ascii")
        fresh.replace(stamp)


def demo_people(layout: Layout, env: Mapping[str, str]) -> str:
    """The demonstration people, as `manage.py demo --people` prints them."""
    done = subprocess.run(
        manage("demo", "--people"), cwd=PROJECT, env=dict(env), capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    if done.returncode != 0:
        raise LaunchError(f"The demonstration people could not be listed:\n{done.stderr}")
    return done.stdout
