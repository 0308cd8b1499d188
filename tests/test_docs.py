"""The docs: what is printed from the code is as the code is, and every page is reachable and links to what exists."""

import subprocess
import sys
from pathlib import Path

from django.core.management import call_command

DOCS = Path(__file__).resolve().parents[1] / "docs"


def test_printed_pages_are_current():
    """docs/configuration.md, transitions.md and roles.md equal what `manage.py write_docs` would write."""
    call_command("write_docs", check=True)


def test_the_docs_build_without_a_warning(tmp_path):
    """Sphinx with -W: a broken link between pages or a page that no contents list names fails."""
    built = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "-q", "-d", str(tmp_path / "tree"), str(DOCS), str(tmp_path / "html")],
        capture_output=True,
        text=True,
    )
    assert built.stderr == ""
    assert (tmp_path / "html" / "index.html").exists()
