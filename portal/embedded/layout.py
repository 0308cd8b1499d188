"""Where one installation keeps its data.

Standard library only: settings and the supervisor import this before Django is configured.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

PROJECT = Path(__file__).resolve().parents[2]
DATABASE = "portal"
APP_ROLE = "portal_app"
OWNER_ROLE = "portal_owner"
SUPERUSER = "postgres"
SOCKET_FILE = ".s.PGSQL.5432"
SOCKET_LIMIT = 107  # bytes that fit into sockaddr_un.sun_path beside its closing NUL
SHARED_PLACE = Path("/var/lib/concordat")


@dataclass(frozen=True)
class Layout:
    """The folders of the installation whose data live in `home` (an absolute path)."""

    home: Path

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Layout":
        """The layout that PORTAL_HOME names, or `var` in the project; a relative path counts from the project."""
        return cls((PROJECT / (env.get("PORTAL_HOME") or "var")).resolve())

    @property
    def digest(self) -> str:
        """Twelve hexadecimal characters that stand for the path of `home`."""
        return hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]

    @property
    def where(self) -> Path:
        """The note that says where the cluster lives when the database account cannot reach `home`."""
        return self.home / "where"

    @property
    def place(self) -> Path:
        """The folder around cluster and socket: `home`, or what the note names."""
        try:
            return Path(self.where.read_text(encoding="utf-8").strip())
        except FileNotFoundError:
            return self.home

    @property
    def shared_place(self) -> Path:
        """The folder to use instead of `home` when the database account cannot reach it."""
        return SHARED_PLACE / self.digest

    @property
    def cluster(self) -> Path:
        """PostgreSQL's data folder."""
        return self.place / "cluster"

    @property
    def socket(self) -> Path:
        """The folder of PostgreSQL's unix socket; under /tmp if the path would be too long for the kernel.

        A comma also sends it there: libpq reads one as the border between two hosts.
        """
        socket = self.place / "socket"
        if len(os.fsencode(socket / SOCKET_FILE)) <= SOCKET_LIMIT and "," not in str(socket):
            return socket
        return Path("/tmp") / f"concordat-{self.digest}"  # 0700, and its owner is checked before use

    @property
    def files(self) -> Path:
        """Stored files."""
        return self.home / "files"

    @property
    def mail(self) -> Path:
        """Messages that the mail sink kept."""
        return self.home / "mail"

    @property
    def broker(self) -> Path:
        """Celery's filesystem broker."""
        return self.home / "broker"

    @property
    def secrets(self) -> Path:
        """One file for each secret, readable by its owner only."""
        return self.home / "secrets"

    @property
    def seal(self) -> Path:
        """Keys and certificates of the installation's seal."""
        return self.home / "seal"

    @property
    def static(self) -> Path:
        """Static files, if they were collected; whitenoise wants the folder in any case."""
        return self.home / "static"

    @property
    def log(self) -> Path:
        """What the child processes write."""
        return self.home / "log"

    def make(self) -> None:
        """Make the folders that are missing, private to this account.

        A home made by root can be passed through (0711), because PostgreSQL runs as another account below it.
        A home that exists keeps its mode.
        """
        if not self.home.is_dir():
            self.home.mkdir(parents=True, exist_ok=True)
            self.home.chmod(0o711 if os.geteuid() == 0 else 0o700)
        for folder in (self.files, self.mail, self.broker, self.secrets, self.seal, self.log, self.static):
            folder.mkdir(mode=0o700, exist_ok=True)

    def embedded_url(self, role: str) -> str:
        """DATABASE_URL of the embedded database as `role`; the superuser meets the database `postgres` instead,
        because he makes the other one."""
        name = SUPERUSER if role == SUPERUSER else DATABASE
        return f"postgres://{role}@{quote(str(self.socket), safe='')}:5432/{name}"
