"""Photograph every page of a demonstration at both widths, and every page of its PDFs, into var/screens."""

import html
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

from portal.embedded.layout import PROJECT
from tests.axe import WIDTHS, launch_arguments
from tests.portal.embedded_server import Server
from tests.screens.pages import PAGES
from tests.screens.ways import OWNER, sign_in_whole

HEIGHT = 900
SEALED_WITHIN = 400.0  # seconds
OUT = PROJECT / "var" / "screens"


def say(words: str) -> None:
    """To the person at the terminal."""
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


class Photographer:
    """One browser; a signed-in context per person, made by the buttons of the demonstration."""

    def __init__(self, browser, url, world):
        self.browser, self.url, self.world = browser, url, world
        self.contexts = {}
        self.failed = []

    def context(self, email, persona):
        """Cookies of a person; nobody's own for "" each time."""
        if email and email in self.contexts:
            return self.contexts[email]
        size = {"width": WIDTHS[0], "height": HEIGHT}
        made = self.browser.new_context(viewport=size, locale="en-GB")
        made.set_default_timeout(15_000)
        if email:
            page = made.new_page()
            if persona == OWNER:
                page.goto(f"{self.url}/accounts/login/")
                sign_in_whole(page, self.world, email)
            else:
                page.goto(f"{self.url}/demo/")
                with page.expect_navigation():  # a page that is closed while another comes may never be closed
                    page.locator(f"form[action='/demo/sign-in/{self.world.key(email)}/'] button").first.click()
            page.close()
            self.contexts[email] = made
        return made

    def take(self, entry, address):
        """Both pictures of one entry."""
        context = self.context(self.world.email(entry), entry.persona)
        page = context.new_page()
        try:
            for width in WIDTHS:
                if not self.world.email(entry):
                    context.clear_cookies()
                page.set_viewport_size({"width": width, "height": HEIGHT})
                page.goto(self.url + address)
                if entry.before:
                    entry.before(page, self.world)
                    page.wait_for_load_state()
                page.screenshot(path=OUT / f"{entry.file}-{width}.png", full_page=True)
        except Error as error:
            self.failed.append(f"{entry.file} ({address}): {error.message.splitlines()[0]}")
        finally:
            page.close()
            if not self.world.email(entry):
                context.close()


def pdf_pages(documents) -> None:
    """A picture of each page of each PDF."""
    for name, content in documents.items():
        source = OUT / f"{name}.pdf"
        source.write_bytes(content)
        subprocess.run(["pdftoppm", "-r", "80", "-png", source, OUT / f"pdf-{name}"], check=True)


def link(name: str, width: int) -> str:
    """A small picture that leads to the whole one."""
    return f'<a href="{name}"><img src="{name}" alt="{name}" width="{width}"></a> '


def index() -> None:
    """var/screens/index.html: every picture that is there, also from earlier runs."""
    rows = []
    for entry in PAGES:
        names = [f"{entry.file}-{width}.png" for width in WIDTHS]
        there = [link(name, width // 3) for name, width in zip(names, WIDTHS, strict=True) if (OUT / name).exists()]
        title = html.escape(f"{entry.name or 'error'} {entry.state}, as {entry.persona}")
        rows.append(f"<h2>{title}</h2><p>{''.join(there)}</p>")
    pdfs = [link(path.name, 300) for path in sorted(OUT.glob("pdf-*.png"))]
    head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Every page</title>'
    (OUT / "index.html").write_text("\n".join([head, *rows, "<h2>PDF</h2>", *pdfs]), encoding="utf-8")


@contextmanager
def demonstration():
    """A demonstration in a folder of its own, and this process with its settings: its address, and its `World`."""
    server = Server(demo=True)
    try:
        say("Starting a demonstration in a folder of its own …")
        server.start()
        server.ready()
        os.environ.update(
            PORTAL_HOME=str(server.layout.home), PORTAL_PORT=str(server.port), PORTAL_DEMO="1",
            DJANGO_SETTINGS_MODULE="portal.settings", DJANGO_ALLOW_ASYNC_UNSAFE="true",
        )  # fmt: skip
        for name in ("DATABASE_URL", "REDIS_URL", "PORTAL_URL"):
            os.environ.pop(name, None)
        import django  # noqa: PLC0415  the settings are those of the server that was just started

        django.setup()
        from tests.screens.world import World  # noqa: PLC0415

        yield f"http://localhost:{server.port}", World()
    finally:
        server.close()


def main() -> int:
    """Start, walk, stop. The exit status is 1 if a page could not be photographed."""
    wanted = sys.argv[1:]
    if not wanted:
        shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True, exist_ok=True)
    with demonstration() as (url, world):
        return walk(url, world, wanted)


def walk(url, world, wanted) -> int:
    """Every page whose file name begins with one of the words; all without words."""
    began = time.monotonic()
    world.wait_for_seals(SEALED_WITHIN)
    world.make()
    chosen = [page for page in PAGES if not wanted or page.file.startswith(tuple(wanted))]
    entries = [(page, world.address(page)) for page in chosen]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_arguments())
        photographer = Photographer(browser, url, world)
        for entry, address in entries:
            say(f"  {entry.file}")
            photographer.take(entry, address)
        browser.close()
    if not wanted or "pdf" in wanted:
        pdf_pages(world.documents())
    index()
    say(f"{2 * len(entries)} pictures in {time.monotonic() - began:.0f} s: {Path(OUT, 'index.html')}")
    for line in photographer.failed:
        say(f"NOT PHOTOGRAPHED: {line}")
    return 1 if photographer.failed else 0


if __name__ == "__main__":
    sys.exit(main())
