"""Accessibility checks in Chromium with axe-core (vendored in ``tests/vendor``, MPL-2.0)."""

import os
from functools import cache
from pathlib import Path

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = (1100, 390)


def launch_arguments() -> dict:
    """Arguments of ``chromium.launch``: Debian's Chromium that has no window, which takes half the processor time of the
    whole browser; without its sandbox only where it cannot have one, as root."""
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {"executable_path": "/usr/bin/chromium-headless-shell", "args": arguments}


@cache
def source() -> str:
    """axe itself."""
    return AXE.read_text(encoding="utf-8")


def violations(page) -> list[str]:
    """What axe finds on the page as it stands, one line per element. The context needs ``bypass_csp=True``."""
    if not page.evaluate("'axe' in window"):  # looked at before, at another width
        page.evaluate(source())  # a script element of it takes twice the processor time
    # without resultTypes axe also writes down every element that passes, which takes longer than finding those that do not
    result = page.evaluate("rules => axe.run({runOnly: rules, resultTypes: ['violations']})", RULES)
    return [
        f"{rule['id']}: {rule['help']}: {node['html'][:200]}" for rule in result["violations"] for node in rule["nodes"]
    ]


def assert_no_violations(page) -> None:
    """axe finds nothing, and the page does not scroll sideways at its present width."""
    found = violations(page)
    assert not found, f"{page.url}\n" + "\n".join(found)
    width, shown = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert width <= shown, f"{page.url} is {width} px wide in a window of {shown} px"
