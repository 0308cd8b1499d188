"""A private PostgreSQL as a direct child on a private unix socket.

It must be started from the main thread: the kernel's parent-death signal is bound to the thread that forks.
"""

import fcntl
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from portal.embedded import binaries
from portal.embedded.errors import LaunchError
from portal.embedded.layout import SUPERUSER, Layout
from portal.embedded.lifeline import die_with_parent
from portal.embedded.secrets import sync_folder

STOP_AFTER = 60.0
ORPHANS_GONE_AFTER = 60.0
RECOVERY_NOTICE_AFTER = 5.0
ATTEMPTS = 3
STILL_HELD = ("pre-existing shared memory", "lock file", "could not bind")  # by a server that is just ending

# Fit for a small machine; durability stays as PostgreSQL has it by default.
CONFIG = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "512MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
    "cluster_name": "concordat",
}


def lock(path: Path, refusal: str) -> int:
    """Lock the file `path` and return its descriptor; raise LaunchError(refusal) if another process has it locked."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise LaunchError(refusal) from None
    return descriptor


class Postgres:
    """The database server of one layout. `config` overrides CONFIG, `say` is told of slow steps."""

    def __init__(
        self, layout: Layout, *, config: Mapping[str, str] | None = None, say: Callable[[str], None] = lambda line: None
    ) -> None:
        self.layout = layout
        self.config = {**CONFIG, **(config or {})}
        self.say = say
        self.process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None
        self._bin = Path()
        self._drop: dict[str, Any] = {}
        self._env = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC", "PORTAL_HOME": str(layout.home)}

    def __enter__(self) -> "Postgres":
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    @property
    def running(self) -> bool:
        """Whether the server process lives."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Make the cluster if there is none, start the server and wait until it answers.

        Raises LaunchError with what to do: no binaries, no account, another server on this data, or it fails to start.
        """
        self.layout.make()
        account = binaries.account(self.layout) if os.geteuid() == 0 else None
        if account is not None:
            binaries.settle(self.layout, account, self.say)
            self._drop = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        if self._lock is None:
            self._lock = lock(
                self.layout.place / "cluster.lock",
                f"Another server already uses the data in {self.layout.home}. Stop that one first.",
            )
        self._bin = binaries.find(self.layout, account, self.say)
        if not (self.layout.cluster / "PG_VERSION").exists():
            self._initdb(account)
        self._own_folder(self.layout.socket, account)
        self._wait_for_orphan()
        self._launch()

    def stop(self) -> None:
        """Stop the server: fast shutdown, and after 60 s without a checkpoint. Gives the lock back."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(STOP_AFTER)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait()
        self.process = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _initdb(self, account: pwd.struct_passwd | None) -> None:
        """Make the cluster beside its place and rename it: a kill leaves no half cluster."""
        for leftover in self.layout.place.glob("cluster.new-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        fresh = self.layout.place / f"cluster.new-{os.getpid()}"
        self._own_folder(fresh, account)
        self.say("Making the database")
        command = [str(self._bin / "initdb"), "-D", str(fresh), "-U", SUPERUSER, "-E", "UTF8", "--locale=C.UTF-8"]
        made = subprocess.run(
            [*command, "--data-checksums", "-A", "trust", "--no-instructions"],
            cwd="/",
            env=self._env,
            capture_output=True,
            text=True,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGKILL),
            **self._drop,
        )
        if made.returncode != 0:
            raise LaunchError(f"PostgreSQL could not make the database in {fresh}:\n{made.stdout}{made.stderr}")
        fresh.rename(self.layout.cluster)
        sync_folder(self.layout.place)

    def _own_folder(self, folder: Path, account: pwd.struct_passwd | None) -> None:
        """Make `folder` private to the database account; refuse one that belongs to somebody else."""
        uid = account.pw_uid if account else os.geteuid()
        try:
            folder.mkdir(mode=0o700)
            if account:
                os.chown(folder, account.pw_uid, account.pw_gid)
        except FileExistsError:
            found = folder.lstat()
            if os.geteuid() == 0 and found.st_uid == 0 and not folder.is_symlink():
                os.chown(folder, uid, account.pw_gid if account else -1)  # killed between mkdir and chown
            elif found.st_uid != uid or folder.is_symlink():
                raise LaunchError(f"{folder} belongs to another account. Remove it, then start again.") from None
            folder.chmod(0o700)

    def _wait_for_orphan(self) -> None:
        """Wait for a server whose supervisor was killed; take away a postmaster.pid that names a stranger."""
        note = self.layout.cluster / "postmaster.pid"
        deadline = time.monotonic() + ORPHANS_GONE_AFTER
        while note.exists():
            first = (note.read_text().splitlines() or [""])[0].strip()
            if not first.isdigit() or not _works_in(int(first), self.layout.cluster):
                note.unlink(missing_ok=True)
                return
            if time.monotonic() > deadline:
                raise LaunchError(
                    f"A PostgreSQL started by something else (process {first}) runs on {self.layout.cluster}. "
                    "Stop that process, then start again."
                )
            time.sleep(0.05)

    def _launch(self) -> None:
        """Start `postgres` until it stays: backends of a killed server hold its memory for a moment."""
        config = {**self.config, "unix_socket_directories": f'"{self.layout.socket}"'}
        command = [str(self._bin / "postgres"), "-D", str(self.layout.cluster)]
        command += [word for key, value in config.items() for word in ("-c", f"{key}={value}")]
        logfile = self.layout.log / "postgres.log"
        began = time.monotonic()
        for attempt in itertools.count(1):
            with logfile.open("ab") as log:
                self.process = subprocess.Popen(
                    command,
                    cwd="/",
                    env=self._env,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    preexec_fn=die_with_parent(signal.SIGINT),
                    **self._drop,
                )
            if self._ready():
                return
            tail = "\n".join(logfile.read_text(errors="replace").splitlines()[-8:])
            held = any(word in tail for word in STILL_HELD) and time.monotonic() - began < ORPHANS_GONE_AFTER
            if not held and attempt >= ATTEMPTS:
                raise LaunchError(f"PostgreSQL does not start. The end of {logfile} says:\n{tail}")
            time.sleep(0.1)

    def _ready(self) -> bool:
        """True once the server takes connections, False once it has ended."""
        assert self.process is not None
        ask = [str(self._bin / "pg_isready"), "-q", "-h", str(self.layout.socket), "-p", "5432", "-U", SUPERUSER]
        began, told = time.monotonic(), False
        while self.process.poll() is None:
            if subprocess.run(ask, env=self._env, check=False).returncode == 0:
                return True
            if not told and time.monotonic() - began > RECOVERY_NOTICE_AFTER:
                told = True
                self.say("The database is repairing itself after a hard stop")
            time.sleep(0.02)
        return False


def _works_in(pid: int, folder: Path) -> bool:
    """True if process `pid` lives and has `folder` as its working directory, as PostgreSQL's postmaster has."""
    try:
        return Path(f"/proc/{pid}/cwd").samefile(folder)
    except OSError:  # no such process, a zombie, or a stranger's process that we may not look into
        return False
