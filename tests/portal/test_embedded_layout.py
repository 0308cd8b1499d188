"""Where an installation keeps its data."""

import os
from pathlib import Path

from portal.embedded.layout import PROJECT, Layout


def test_home_is_var_or_what_portal_home_names(tmp_path: Path) -> None:
    """Unset or empty means `var` in the project; a relative path counts from the project, not from where one stands."""
    assert Layout.from_env({}).home == PROJECT / "var"
    assert Layout.from_env({"PORTAL_HOME": ""}).home == PROJECT / "var"
    assert Layout.from_env({"PORTAL_HOME": str(tmp_path)}).home == tmp_path
    assert Layout.from_env({"PORTAL_HOME": "elsewhere"}).home == PROJECT / "elsewhere"


def test_folders_are_private_and_an_existing_home_keeps_its_mode(tmp_path: Path) -> None:
    """Root's own home folder can be passed through, because PostgreSQL runs as another account below it."""
    made = Layout(tmp_path / "made")
    made.make()
    assert made.home.stat().st_mode & 0o777 == (0o711 if os.geteuid() == 0 else 0o700)
    assert made.files.stat().st_mode & 0o777 == 0o700
    given = tmp_path / "given"
    given.mkdir(mode=0o750)
    given.chmod(0o750)
    Layout(given).make()
    assert given.stat().st_mode & 0o777 == 0o750


def test_note_says_where_the_cluster_lives(tmp_path: Path) -> None:
    """Cluster and socket follow the note; files and secrets stay at home."""
    layout = Layout(tmp_path)
    assert layout.cluster == tmp_path / "cluster"
    layout.where.write_text("/var/lib/concordat/abc\n")
    assert layout.cluster == Path("/var/lib/concordat/abc/cluster")
    assert layout.socket == Path("/var/lib/concordat/abc/socket")
    assert layout.files == tmp_path / "files"


def test_embedded_url(tmp_path: Path) -> None:
    """The socket's folder is percent-encoded as libpq wants it; the superuser gets the database that always exists."""
    layout = Layout(Path("/srv/my portal"))
    assert layout.embedded_url("portal_app") == "postgres://portal_app@%2Fsrv%2Fmy%20portal%2Fsocket:5432/portal"
    assert layout.embedded_url("postgres").endswith("/postgres")
