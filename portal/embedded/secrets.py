"""Secrets that an installation makes for itself on its first start."""

import os
import secrets as system
from pathlib import Path

from portal.embedded.layout import Layout

BYTES = 48


def ensure(layout: Layout, name: str) -> str:
    """The secret `name` of this installation (64 URL-safe characters), made now if there is none.

    A kill at any moment leaves the whole secret or none, and of two processes that make it at once
    one wins and both return the same. Raises OSError if the folder cannot be written or the file not be read.
    """
    path = layout.secrets / name
    if not path.exists():
        layout.make()
        write_once(path, f"{system.token_urlsafe(BYTES)}\n".encode())
    return path.read_text(encoding="ascii").strip()


def write_once(path: Path, content: bytes, mode: int = 0o600) -> bool:
    """Write a file whole and durably under its name, unless the name is taken; True if it was written."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}-{system.token_hex(4)}")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(fresh, path)  # unlike rename, a link never replaces
        except FileExistsError:
            return False
        sync_folder(path.parent)
        return True
    finally:
        fresh.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make names in `folder` as durable as the files they name."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
