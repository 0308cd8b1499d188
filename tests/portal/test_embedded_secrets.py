"""Secrets of the first start."""

import subprocess
import sys
from pathlib import Path

from portal.embedded.layout import PROJECT, Layout
from portal.embedded.secrets import ensure, write_once


def test_secret_is_made_once_and_private(tmp_path: Path) -> None:
    """The second call returns the first one's secret; only the owner can read it."""
    layout = Layout(tmp_path / "var")
    first = ensure(layout, "secret-key")
    assert len(first) == 64
    assert ensure(layout, "secret-key") == first
    assert ensure(layout, "other") != first
    assert (layout.secrets / "secret-key").stat().st_mode & 0o777 == 0o600
    assert layout.secrets.stat().st_mode & 0o777 == 0o700
    assert sorted(path.name for path in layout.secrets.iterdir()) == ["other", "secret-key"]


def test_many_processes_agree(tmp_path: Path) -> None:
    """Web and worker may both make the secret on the first start: all get the same."""
    code = (
        "import sys; from pathlib import Path; from portal.embedded.layout import Layout;"
        "from portal.embedded.secrets import ensure; sys.stdout.write(ensure(Layout(Path(sys.argv[1])), 'key'))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "var")]
    running = [subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert len({process.communicate()[0] for process in running}) == 1


def test_write_once_never_replaces(tmp_path: Path) -> None:
    """A name that is taken keeps its content, and no other file is left."""
    path = tmp_path / "file"
    assert write_once(path, b"first")
    assert not write_once(path, b"second")
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]
