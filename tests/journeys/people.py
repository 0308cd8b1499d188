"""A person at a browser: reads mail, clicks, types codes of an authenticator app; every page met is looked at with axe."""

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import expect

from tests.axe import WIDTHS, assert_no_violations

WIDE, NARROW = WIDTHS
HEIGHT = 900
PERIOD = 30  # seconds for which a code is shown
PASSWORD = "heather-kettle-orchard"
NUMBERS = re.compile(r"[0-9a-f-]{36}|\d+")
FRAMEWORK = re.compile(r"(?<=localhost:#)/(?!accounts|me/|verify|static|demo)[a-z-]+#?/")


class Looker:
    """Opens browsers for people, and remembers which pages axe has seen, so that it looks at each once."""

    def __init__(self, browser, seen):
        self.browser = browser
        self.seen = seen  # by every journey of this run: most of them sign in, and begin at the same pages
        self.seen.mkdir(exist_ok=True)
        self.contexts = []
        self.switches = {}

    def context(self, *, width=WIDE, **options):
        """A browser of its own, with its own cookies."""
        size = {"width": width, "height": HEIGHT}
        made = self.browser.new_context(
            viewport=size, bypass_csp=True, accept_downloads=True, locale="en-GB", **options
        )
        made.set_default_timeout(60_000)  # a limit for busy machines, not a wait
        self.contexts.append(made)
        return made

    def page(self, *, java_script_enabled=True, **options):
        """A page in a browser of its own. Without JavaScript: switched off through the debugging protocol of Chromium, so
        that it can be switched on for axe; what the page itself would run is not parsed any more by then."""
        page = self.context(**options).new_page()
        if not java_script_enabled:
            self.switches[page] = page.context.new_cdp_session(page)  # for good: it takes the switch with it
            self.let_scripts_run(page, False)
        return page

    def let_scripts_run(self, page, allowed: bool) -> None:
        """Scripts of a page that came without."""
        self.switches[page].send("Emulation.setScriptExecutionDisabled", {"value": not allowed})

    def look(self, page, width, *, scripts=True) -> None:
        """axe, once for each page in each state: its address without numbers and framework, its heading and its errors.

        At both widths; without scripts, where the markup is the same that is looked at with them, at the person's own.
        """
        path = FRAMEWORK.sub("/*/", NUMBERS.sub("#", page.url.split("?")[0]))
        heading = tuple(NUMBERS.sub("#", text) for text in page.locator("h1").all_text_contents())
        state = (path, heading, page.locator(".govuk-error-message").count(), scripts)
        try:
            (self.seen / hashlib.sha256(repr(state).encode()).hexdigest()).touch(exist_ok=False)
        except FileExistsError:
            return
        assert width in WIDTHS
        if not scripts:
            assert page.locator(".govuk-frontend-supported").count() == 0, f"scripts of {page.url} have run"
            self.let_scripts_run(page, True)
            assert_no_violations(page)
            self.let_scripts_run(page, False)
            return
        for one in sorted(WIDTHS, key=lambda each: each == width):  # the person's own comes last, and stays
            page.set_viewport_size({"width": one, "height": HEIGHT})
            assert_no_violations(page)

    def close(self):
        """All of them."""
        for context in self.contexts:
            context.close()


@dataclass
class Way:
    """What it takes to get somewhere: pages seen, links and buttons and boxes clicked."""

    pages: list[str] = field(default_factory=list)
    clicks: int = 0


class Person:
    """Somebody with an address, a password and an authenticator app, in front of one browser of one width."""

    def __init__(self, server, looker, email, name="", *, password=PASSWORD, width=WIDE, **options):
        self.server, self.looker, self.email, self.name, self.width = server, looker, email, name, width
        self.password, self.scripts = password, options.get("java_script_enabled", True)
        self.page = looker.page(width=width, **options)
        self.secret = ""
        self.used = set()
        self.way = Way()
        self.page.on("framenavigated", self.arrived)

    # --- moving about

    @property
    def signing_in(self):
        """Is the page one of those for passwords and codes? What is done there does not count."""
        return self.page.url.startswith(f"{self.server.url}/accounts/")

    def arrived(self, frame):
        """Count the pages of the way."""
        if frame == self.page.main_frame and not self.signing_in:
            self.way.pages.append(frame.url)

    def clicked(self):
        """Count the clicks of the way."""
        self.way.clicks += not self.signing_in

    def look(self):
        """axe, unless it has seen this page."""
        self.looker.look(self.page, self.width, scripts=self.scripts)

    def go(self, path):
        """Open an address of the portal, or a whole one out of a mail."""
        response = self.page.goto(path if path.startswith("http") else self.server.url + path)
        self.look()
        return response

    def click(self, name, *, exact=True):
        """Follow a link or press a button of the page's own content, and see the page that comes."""
        main = self.page.get_by_role("main")
        found = main.get_by_role("link", name=name, exact=exact)
        self.clicked()
        found.or_(main.get_by_role("button", name=name, exact=exact)).click()
        self.page.wait_for_load_state()
        self.look()

    def press(self, name, *, until):
        """Press a button whose script leaves the page at a moment of its own, and look once that page has come."""
        self.clicked()
        self.page.get_by_role("button", name=name, exact=True).click()
        self.page.wait_for_url(until)
        self.look()

    def tick(self, *labels):
        """Radios and check boxes, by their words."""
        for label in labels:
            self.clicked()
            self.page.get_by_label(label, exact=True).check()

    def type(self, **fields):
        """Text boxes, by the name of the field."""
        for name, text in fields.items():
            self.page.locator(f"[name={name}]").fill(text)

    def choose(self, **fields):
        """Drop-down lists: the words of the option."""
        for name, words in fields.items():
            self.page.locator(f"select[name={name}]").select_option(label=words)

    def sees(self, *words):
        """Each of the texts is on the page."""
        for text in words:
            expect(self.page.get_by_role("main").get_by_text(text).first).to_be_visible()

    def heading(self, words):
        """The main heading says this."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(words)

    def refused(self, *messages):
        """The page came back with an error summary that has the focus and says this; its title begins "Error:"."""
        summary = self.page.locator(".govuk-error-summary")
        expect(summary).to_be_focused()
        assert self.page.title().startswith("Error:"), self.page.title()
        for message in messages:
            expect(summary.get_by_text(message)).to_be_visible()
        self.look()

    def download(self, name) -> bytes:
        """Click a link that leads to a file, and get its bytes."""
        self.clicked()
        with self.page.expect_download() as caught:
            self.page.get_by_role("main").get_by_role("link", name=name).click()
        return Path(caught.value.path()).read_bytes()

    def come(self, path):
        """Open an address, signing in on the way if the portal asks for it."""
        self.go(path)
        if self.signing_in:
            self.sign_in()

    # --- account

    def accept(self):
        """From the mail of the invitation to a whole account: password, authenticator app, recovery codes."""
        self.go(self.server.link(self.email, "invit"))
        self.heading("You are invited")
        self.type(password1=self.password, password2=self.password)
        self.click("Accept and make my account")
        self.set_up_app()

    def set_up_app(self):
        """Take the secret from the page, type the first code, keep the recovery codes."""
        self.heading("Set up your second step")
        self.click("Set up an authenticator app")
        self.heading("Set up your authenticator app")
        self.secret = self.page.locator(".portal-secret").inner_text().strip()
        self.type(code=self.code())
        self.click("Continue")

    def code(self):
        """A code of the app that is accepted now and was not used yet; the server's clock moves on if there is none."""
        while True:
            here = int(self.server.now.timestamp()) // PERIOD
            for counter in (here, here + 1, here - 1):
                if counter not in self.used:
                    self.used.add(counter)
                    return format_hotp_value(hotp_value(self.secret, counter))
            self.server.forward(seconds=PERIOD)

    def sign_in(self, *, path=""):
        """Password and code. Without a path: on the sign-in page that the portal has sent us to."""
        if path:
            self.go(path)
        self.heading("Sign in")
        self.type(login=self.email, password=self.password)
        self.click("Sign in")
        self.heading(re.compile("Enter your code|Confirm that it is you"))
        self.type(code=self.code())
        self.click("Sign in")
