"""axe on every page of tests/screens/pages.py, with JavaScript and without, and no page wider than a phone.

    python -m tests.screens.sweep [--quick] [words that file names begin with]

One demonstration, one browser; each person signs in once for each way. Prints what is wrong, and ends with status 1.

Without JavaScript: the page is loaded, and its forms are sent, with scripts switched off through the debugging protocol
of Chromium, so that what is looked at is what such a browser shows (`noscript` included). Only then are scripts allowed
again, in the same session, so that axe can run; those of the page stay unloaded, as the page is not parsed again. axe
comes in through the same protocol, which no Content-Security-Policy holds back: ours stays in force.
"""

import signal
import sys
import time
from dataclasses import dataclass, field

from playwright.sync_api import Error, sync_playwright

from tests.axe import AXE, RULES, WIDTHS, launch_arguments
from tests.screens.__main__ import HEIGHT, SEALED_WITHIN, Photographer, demonstration, say
from tests.screens.pages import PAGES

NARROWEST = 320  # WCAG 2.2, 1.4.10: what 1280 px are at 400 %
LOOK = """rules => axe.run(document, {runOnly: rules, resultTypes: ["violations"], preload: false}).then(found =>
    found.violations.flatMap(rule => rule.nodes.map(node => `${rule.id}: ${rule.help}: ${node.html.slice(0, 160)}`)))"""
WIDER = """shown => document.documentElement.scrollWidth <= shown ? "" :
    [...document.querySelectorAll("body *")].filter(node => node.getBoundingClientRect().right > shown + 1)
    .map(node => `${node.tagName.toLowerCase()}.${node.className}`).slice(0, 4).join(", ") || "something"
"""


@dataclass
class Found:
    """What is wrong, a line each."""

    lines: list[str] = field(default_factory=list)

    def add(self, entry, how, words):
        """Say it at once, and remember it."""
        self.lines.append(f"{entry.file} [{how}] {words}")
        say(self.lines[-1])


class Sweep(Photographer):
    """Looks instead of taking pictures."""

    def __init__(self, browser, url, world, *, scripts, found):
        super().__init__(browser, url, world)
        self.scripts, self.found = scripts, found
        self.source = AXE.read_text(encoding="utf-8")

    @property
    def how(self):
        """Words for what was done."""
        return "JavaScript on" if self.scripts else "JavaScript off"

    def take(self, entry, address, widths=WIDTHS):
        """One page at its widths."""
        if entry.scripted and not self.scripts:
            return
        context = self.context(self.world.email(entry), entry.persona)
        page = context.new_page()
        page.on("pageerror", lambda error: self.found.add(entry, self.how, f"script: {error}"))
        page.on("console", lambda said: self.heard(entry, said.text))
        switch = context.new_cdp_session(page)
        try:
            if not self.scripts:
                switch.send("Emulation.setScriptExecutionDisabled", {"value": True})
            page.set_viewport_size({"width": widths[0], "height": HEIGHT})
            page.goto(self.url + address)
            if entry.before:
                entry.before(page, self.world)
                page.wait_for_load_state()
            switch.send("Emulation.setScriptExecutionDisabled", {"value": False})
            self.look(entry, page, widths)
        except Error as error:
            self.found.add(entry, self.how, f"{address}: {error.message.splitlines()[0]}")
        finally:
            page.close()
            if not self.world.email(entry):
                context.close()

    def heard(self, entry, text):
        """The browser complains when a page breaks its own policy."""
        if "Content Security Policy" in text:
            self.found.add(entry, self.how, text)

    def look(self, entry, page, widths):
        """Title, axe at each width, no scrolling sideways."""
        said, summary, alert = (
            page.title().startswith("Error:"),
            page.locator(".govuk-error-summary").count() > 0,
            page.locator(".moj-alert--error").count() > 0,  # two texts clash
        )
        if (summary or entry.refused) != said and not (said and alert):
            self.found.add(entry, self.how, f"title “{page.title()}”, {'an' if summary else 'no'} error summary")
        page.evaluate(self.source)
        for width in widths:
            page.set_viewport_size({"width": width, "height": HEIGHT})
            for line in page.evaluate(LOOK, RULES):
                self.found.add(entry, f"{width} px, {self.how}", line)
        for width in (*widths, NARROWEST):
            page.set_viewport_size({"width": width, "height": HEIGHT})
            if wide := page.evaluate(WIDER, width):
                self.found.add(entry, f"{width} px, {self.how}", f"is {wider(page)} px wide: {wide}")


def wider(page) -> int:
    """How wide the page is."""
    return page.evaluate("document.documentElement.scrollWidth")


def quick(entries):
    """For every day: (entry, scripts, widths): one page in four in its first state, at a desk with JavaScript and on a
    phone without it by turns."""
    first = {}
    for entry, address in entries:
        first.setdefault(entry.name or entry.file, (entry, address))
    for number, (entry, address) in enumerate(list(first.values())[::4]):
        scripts = entry.scripted or number % 2 == 0
        yield entry, address, scripts, WIDTHS[:1] if scripts else WIDTHS[1:]


def whole(entries):
    """Everything both ways."""
    for scripts in (True, False):
        for entry, address in entries:
            yield entry, address, scripts, WIDTHS


def main() -> int:
    """Start, look, stop."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends the server as well
    words = [word for word in sys.argv[1:] if word != "--quick"]
    found = Found()
    with demonstration() as (url, world):
        world.wait_for_seals(SEALED_WITHIN)
        world.make()
        began = time.monotonic()
        entries = [(page, world.address(page)) for page in PAGES if not words or page.file.startswith(tuple(words))]
        looks = list((quick if "--quick" in sys.argv else whole)(entries))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(**launch_arguments())
            sweeps = {way: Sweep(browser, url, world, scripts=way, found=found) for way in (True, False)}
            for entry, address, scripts, widths in looks:
                sweeps[scripts].take(entry, address, widths)
            browser.close()
        say(f"{len(looks)} looks at {len(entries)} pages and states in {time.monotonic() - began:.0f} s")
    return 1 if found.lines else 0


if __name__ == "__main__":
    sys.exit(main())
