"""The committed style sheets and scripts: nothing reserved to gov.uk, nothing inline, no addresses recorded."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHEETS = sorted((ROOT / "static" / "css").glob("*.css"))
TEMPLATES = [path for path in sorted((ROOT / "templates").rglob("*.html")) if "pdf" not in path.parts]
RESERVED = re.compile(r"GDS Transport|crown|crest|govuk-logotype|@font-face", re.IGNORECASE)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_style_sheets_hold_nothing_reserved_to_gov_uk(sheet):
    """No GDS Transport, crown, crest or logotype: they may not be used away from gov.uk."""
    assert not RESERVED.search(sheet.read_text())


def test_no_reserved_pictures_or_fonts_are_shipped():
    """No file under static/ is named after what is reserved, and there are no web fonts."""
    names = [path.name for path in (ROOT / "static").rglob("*") if path.is_file()]
    assert names
    assert not [name for name in names if re.search(r"crown|crest|logotype|opengraph|\.woff2?$", name)]


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_style_sheets_name_only_files_that_exist(sheet):
    """Every url() is a file beside us: nothing is fetched from elsewhere."""
    for address in re.findall(r"url\(([^)]+)\)", sheet.read_text()):
        assert (sheet.parent / address.strip("\"'")).is_file(), address


def test_three_sheets_are_small():
    """The sheets together stay below 200 kB (about 25 kB when compressed)."""
    assert [path.name for path in SHEETS] == ["govuk.css", "moj.css", "portal.css"]
    assert sum(path.stat().st_size for path in SHEETS) < 200_000


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_templates_have_no_inline_script_or_style(template):
    """The content security policy allows neither inline script nor style attributes nor event handlers."""
    text = template.read_text()
    assert not re.search(r"\sstyle=|\son[a-z]+=|javascript:|<style", text)
    for script in re.findall(r"<script[^>]*>", text):
        assert "src=" in script


def test_lock_file_records_no_addresses():
    """package-lock.json pins by version and integrity hash alone."""
    lock = json.loads((ROOT / "frontend" / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    for name, package in packages.items():
        assert "resolved" not in package, name
        assert package.get("integrity") or package.get("optional"), name


@pytest.mark.parametrize("folder", ["static/css", "static/js", "static/images", "tests/vendor"])
def test_licences_stand_beside_what_is_vendored(folder):
    """Neither npm package ships a licence file, so ours stand beside the copies."""
    assert list((ROOT / folder).glob("LICENCE-*.txt"))
