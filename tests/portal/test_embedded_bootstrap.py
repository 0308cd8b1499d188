"""script/bootstrap, as far as it can be tried without installing anything."""

import subprocess
from pathlib import Path

from portal.embedded.layout import PROJECT


def bootstrap(tmp_path: Path, uid: int, installed: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run script/bootstrap of a copy of the project's script, as if `uid` ran it and only `installed` were there."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, body in {
        "id": f"echo {uid}",
        "apt-get": f'echo "$*" >>{tmp_path}/apt',
        "dpkg": ":",
        "getent": ":",
        "dpkg-query": f'for last; do :; done; case " {installed} " in *" $last "*) echo "install ok installed";; esac',
    }.items():
        (programs / name).write_text(f"#!/bin/sh\n{body}\n")
        (programs / name).chmod(0o755)
    copy = tmp_path / "project" / "script" / "bootstrap"
    copy.parent.mkdir(parents=True)
    copy.write_bytes((PROJECT / "script/bootstrap").read_bytes())
    command = ["/bin/sh", str(copy), *words]
    return subprocess.run(command, env={"PATH": str(programs)}, capture_output=True, text=True, check=False)


def test_ordinary_user_is_told_one_command(tmp_path: Path) -> None:
    """Without root it installs nothing and names exactly the missing packages."""
    done = bootstrap(tmp_path, 1000, "tzdata libpango-1.0-0 libpangoft2-1.0-0", "server")
    assert done.returncode == 1
    assert done.stderr.strip().endswith(
        "apt-get update && apt-get install -y --no-install-recommends libharfbuzz-subset0 gettext"
    )
    assert not (tmp_path / "project" / ".venv").exists()


def test_command_for_the_tests_keeps_debian_from_starting_a_database(tmp_path: Path) -> None:
    """Installing Debian's PostgreSQL by hand must not make a cluster that runs beside ours."""
    done = bootstrap(tmp_path, 1000, "", "test")
    assert "create_main_cluster = false" in done.stderr
    assert " postgresql " in done.stderr


def test_unknown_list_is_refused(tmp_path: Path) -> None:
    """A wrong word prints the usage."""
    done = bootstrap(tmp_path, 1000, "", "everything")
    assert done.returncode == 2
    assert "Usage" in done.stderr


def test_root_installs_only_what_is_missing(tmp_path: Path) -> None:
    """As root the missing packages are installed without a question and without Debian's recommendations."""
    bootstrap(tmp_path, 0, "tzdata libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0", "server")
    update, install = (tmp_path / "apt").read_text().splitlines()
    assert update.endswith(" update")
    assert install.endswith("--no-install-recommends install gettext")
    assert " -y " in install
