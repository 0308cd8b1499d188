"""A representative with a browser and an authenticator app: signs in and signs over HTTP, through any number of crashes."""

import base64
import hmac
import http.client
import http.cookiejar
import os
import re
import struct
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from tests.crash.target import Broken

INPUT = re.compile(r"<input\b[^>]*>")
ATTRIBUTE = re.compile(r'\b(name|value|type)="([^"]*)"')
REFERENCE = re.compile(r'govuk-panel__body">.*?<strong>\s*([^<\s]+)\s*</strong>', re.DOTALL)
SUMMARY = re.compile(r'govuk-error-summary__list">(.*?)</ul>', re.DOTALL)
STEP = 30  # seconds that one code is shown
PATIENCE = 60.0
CUT = (OSError, http.client.HTTPException)  # what a client sees when the server dies under it


class Journal:
    """What was acknowledged, kept durably outside the server's folder before anything else happens."""

    def __init__(self, path: Path) -> None:
        self.parties: set[int] = set()
        self.path = path
        self._stream = path.open("ab", buffering=0)
        self._lock = threading.Lock()

    def write(self, party: int) -> None:
        """Note an acknowledged signature."""
        with self._lock:
            self._stream.write(f"{party}\n".encode())
            os.fsync(self._stream.fileno())
            self.parties.add(party)


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer to look at."""

    def redirect_request(self, *args, **kwargs):
        """None: it is raised as an HTTPError."""
        return


class Answer:
    """status, where it leads, and the page."""

    def __init__(self, status: int, location: str, page: str) -> None:
        self.status, self.location, self.page = status, location, page


class Signer:
    """One representative. `signed` once acknowledged; `reference` once the confirmation page was seen."""

    def __init__(self, facts: dict, base: str, sign_url: str, journal: Journal) -> None:
        self.party, self.email, self.password = facts["party"], facts["email"], facts["password"]
        self.signed, self.reference, self.entered = False, "", False
        self.failures: list[str] = []
        self.cuts = self.errors = self.waits = self.repeats = 0
        self._secret, self._base, self._url, self._journal = facts["secret"], base, sign_url, journal
        self._form: dict[str, str] = {}
        self._sent = False
        self._used: set[int] = set()
        self._browser = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()), NoRedirect()
        )

    def attempt(self, *, only_open: bool = False) -> None:
        """Sign in, open the form and send it, as far as the server lives; `only_open` stops before sending.

        What a crash can do to a client (no answer, a 5xx while the database is away) is counted and left for the next
        attempt; anything else that is not as it should be goes to `failures`.
        """
        try:
            if not self.entered:
                self.sign_in()
            if not self._form:
                self._form = self.open_form()
            if not only_open and not self.signed:
                self.send()
            if self.signed and not self.reference:
                self.look()
        except CUT:
            self.cuts += 1
        except Unavailable:
            return
        except Broken as error:
            self.failures.append(f"{self.email}: {error}")

    def sign_in(self) -> None:
        """Password, then a code of the app."""
        answer = self.call("/accounts/login/")
        if answer.status == 302 and "2fa" not in answer.location:
            self.entered = True  # an earlier attempt came through, only its answer was lost
            return
        if answer.status == 200:
            data = hidden(answer.page) | {"login": self.email, "password": self.password}
            answer = self.call("/accounts/login/", data)
        deadline = time.monotonic() + PATIENCE
        while answer.status == 302 and "2fa" in answer.location and time.monotonic() < deadline:
            page = self.call("/accounts/2fa/authenticate/")
            if page.status == 302:
                break
            answer = self.call("/accounts/2fa/authenticate/", hidden(page.page) | {"code": self.code()})
            if answer.status == 200 and "been used" in answer.page:
                answer = Answer(302, "2fa", "")
        if answer.status == 200 and "Too many" in answer.page:
            self.waits += 1
            raise Unavailable("too many sign-ins from one address")
        if answer.status != 302:
            raise Broken(f"sign-in answered {answer.status}: {errors_of(answer.page)}")
        self.entered = True

    def open_form(self) -> dict[str, str]:
        """The fields of the signing page with every statement ticked."""
        answer = self.call(self._url)
        if answer.status != 200:
            raise Broken(f"the signing page answered {answer.status} {answer.location}")
        fields = {}
        for tag in INPUT.findall(answer.page):
            found = dict(ATTRIBUTE.findall(tag))
            if found.get("type") in {"hidden", "checkbox"} and "name" in found:
                fields[found["name"]] = found.get("value", "on")
        if "sha256" not in fields:
            raise Broken(f"no form to sign: {answer.page[-1500:]}")
        return fields

    def send(self) -> None:
        """Send the form; one that was cut off is sent again exactly as it was, as a browser's reload does."""
        deadline = time.monotonic() + PATIENCE
        repeat = self._sent
        while time.monotonic() < deadline:
            if not self._sent:
                self._form["code"] = self.code()
            self._sent = True
            answer = self.call(self._url, self._form)
            if answer.status == 302 and answer.location.endswith("/done/"):
                self._journal.write(self.party)
                self.signed = True
                self.repeats += repeat
                return
            if answer.status == 200 and ("been used" in answer.page or "not right" in answer.page):
                self._sent = False  # that code is spent; a person enters the next one
                continue
            raise Broken(f"signing answered {answer.status} {answer.location}: {errors_of(answer.page)}")
        raise Broken("no code was accepted in a minute")

    def look(self) -> None:
        """Read the reference from the confirmation."""
        answer = self.call(f"{self._url}done/")
        found = REFERENCE.search(answer.page)
        if answer.status != 200 or found is None:
            raise Broken(f"the confirmation answered {answer.status} {answer.location}: {answer.page[-800:]}")
        self.reference = found[1]

    def call(self, path: str, data: dict[str, str] | None = None) -> Answer:
        """One request. Raises Unavailable for a 5xx and for a 429."""
        body = None if data is None else urllib.parse.urlencode(data).encode()
        request = urllib.request.Request(f"{self._base}{path}", body, headers={"Referer": f"{self._base}{path}"})
        try:
            with self._browser.open(request, timeout=PATIENCE) as response:
                return Answer(response.status, "", response.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                page = error.read().decode(errors="replace")
            if error.code >= 500:
                self.errors += 1
                raise Unavailable(f"{path} answered {error.code}") from None
            if error.code == 429:  # everybody here has one address, which may sign in so many times a minute
                self.waits += 1
                raise Unavailable(f"{path} asks for patience") from None
            return Answer(error.code, error.headers.get("Location", ""), page)

    def code(self) -> str:
        """A code of the app that was not entered before; waits for the next one when all three are used."""
        while True:
            here = int(time.time()) // STEP
            for counter in (here, here + 1, here - 1):
                if counter not in self._used:
                    self._used.add(counter)
                    return totp(self._secret, counter)
            time.sleep(STEP - time.time() % STEP + 0.2)


class Unavailable(Exception):
    """The server said 5xx, or that too many tried to sign in at once."""


def totp(secret: str, counter: int) -> str:
    """RFC 4226 with SHA-1 and six figures."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", counter), "sha1")
    offset = digest[-1] & 15
    return f"{(struct.unpack_from('>I', digest, offset)[0] & 0x7FFFFFFF) % 1_000_000:06}"


def hidden(page: str) -> dict[str, str]:
    """Hidden fields of the page's form, the CSRF token above all."""
    found = (dict(ATTRIBUTE.findall(tag)) for tag in INPUT.findall(page))
    kept = {each["name"]: each.get("value", "") for each in found if each.get("type") == "hidden" and each.get("name")}
    kept.pop("next", None)  # of the form that leaves
    return kept


def errors_of(page: str) -> str:
    """The words of the error summary, or the end of the page."""
    found = SUMMARY.search(page)
    return " ".join(re.sub(r"<[^>]+>", " ", found[1] if found else page[-800:]).split())
