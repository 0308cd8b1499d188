"""Bad input into every form of the portal, as the people who may use it: a clear error, nothing lost, no 500.

The forms are read from the pages themselves: every address that shows its form to a persona (tests/access_rows.py) is
opened, and every form on it is sent empty, too long, with characters that mislead, with dates and numbers that are
none, with ids of another framework, and stale.
"""

import os
from contextlib import contextmanager
from functools import lru_cache
from html import unescape
from urllib.parse import quote_plus, urlencode, urljoin

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from portal.text import normalise, without_forbidden
from tests.access_rows import INSIDE, ROWS
from tests.databases import connected_to, copy_of_template
from tests.html_forms import PageForm, forms_of
from tests.test_access import World

# Those who are shown every form between them; of an address that none of them opens, whoever else does
WHO = (
    "anonymous", "no-mfa", "drafter", "secretary", "representative", "framework_admin", "organisation_admin",
)  # fmt: skip
SUMMARY = "govuk-error-summary"
SUCCESS = "moj-alert--success"
LEAVING = "/accounts/logout/"
MEGABYTE = "A line of text that is far too long, é and ü. \n" * 20_000
# what is typed into every field that takes text
TYPED = {
    "null": "Before\0after",
    "right-to-left": "invoice\u202egpj.exe",
    "surrogate": "half a pair: \udc80 and \\ud800 and &#xD800;",
    "control": "bell\x07 escape\x1b[31m",
    "date": "31 February 2026",
    "number": "9" * 5_000,
    "figures": "٣²½-1e999",
    "markup": "<script>alert(1)</script>{{ 7*7 }}' or 1=1 --",
}
REFUSED = {"null", "right-to-left", "control"}  # never stored, whatever else is right
DATES = {"_day": ("31", "0", "x", "٣"), "_month": ("2", "13", "²", "é"), "_year": ("2026", "99999", "-1", "0000")}
FOREIGN = ("-1", "99999999999999999999", "abc\0")
quoted = lru_cache(maxsize=100)(quote_plus)  # a megabyte takes longer to quote than most forms to answer
NEVER_SHOWN = ("code",)  # a code is good once, so it is never shown again


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Both frameworks and every persona, shared by this module: each test takes back what it did."""
    with django_db_blocker.unblock(), copy_of_template() as name, connected_to(name):
        cache.clear()
        yield World()
    cache.clear()


@pytest.fixture(scope="module")
def walk(world):
    """Every form of every address, opened once."""
    return {route: list(found_forms(world, route)) for route in with_forms()}


@contextmanager
def taken_back():
    """Whatever is written inside is gone afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def found_forms(world, route: str):
    """(client, address, form) of every form that this address shows to somebody, each once."""
    seen = set()
    shown = [persona for persona in dict.fromkeys((*WHO, *INSIDE)) if ROWS[route].expected(persona) == 200]
    for persona in [persona for persona in shown if persona in WHO] or shown:
        client, url = world.clients[persona], world.url(route, world.ours)
        page = client.get(url)
        if page.streaming or not page.headers["Content-Type"].startswith("text/html"):
            break  # a file, for whoever asks
        for form in forms_of(page.content.decode()):
            goal = urljoin(url, form.action or url)
            key = (goal, tuple(form.fields))
            if key not in seen and not (goal == LEAVING and route != LEAVING.strip("/")):
                seen.add(key)
                yield persona, client, goal, form


def with_forms() -> list[str]:
    """Addresses that somebody may open."""
    return sorted(route for route, row in ROWS.items() if 200 in row.answers.values())


def send(client, goal: str, form: PageForm, data: dict[str, list[str]]):
    """As a browser would, which never leaves out the token. Halves of surrogate pairs go as the three bytes that they
    would be."""
    body = urlencode({"csrfmiddlewaretoken": "x"} | data, doseq=True, errors="surrogatepass", quote_via=quoted)
    if form.method == "get":
        return client.get(f"{goal}?{body}")
    return client.post(goal, body, content_type="application/x-www-form-urlencoded")


def sendings(form: PageForm, foreign: list[str]):
    """(what it is called, what is sent): everything that is tried on one form."""
    usual = form.data()
    yield "empty", {}
    yield "blank", {name: [""] for name in form.fields}
    for name, typed in TYPED.items():
        if form.prose:
            yield name, usual | {field: [typed] for field in form.prose}
    if form.prose:
        short = {field: ["x" * 3_000] for field in form.prose[1:]}
        yield "megabyte", usual | short | {form.prose[0]: [MEGABYTE]}
    parts = [field for field in form.fields if field.endswith(tuple(DATES))]
    for turn in range(4) if parts else ():
        yield f"date {turn}", usual | {field: [DATES[field[field.rindex("_") :]][turn]] for field in parts}
    chosen = [
        field for field in form.of_kind("select", "radio", "checkbox", "hidden") if field != "csrfmiddlewaretoken"
    ]
    for value in (*FOREIGN, *foreign) if chosen else ():
        yield f"id {value!r}", usual | {field: [value] for field in chosen}
    if chosen:
        yield "twice", {field: ["1", "2", "3"] for field in form.fields}


def complaint(called: str, goal: str, form: PageForm, sent: dict[str, list[str]], response) -> str:
    """What is wrong with an answer; empty when nothing is."""
    if response.status_code >= 500:
        return f"{response.status_code}"
    if response.status_code not in {200, 302, 400, 403, 404, 405, 409}:
        return f"odd status {response.status_code}"
    if form.method == "get":
        return ""
    if response.status_code == 302:
        return "accepted" if called in REFUSED and form.prose else ""
    if response.status_code == 409:
        return lost_in_answer(form, sent, response.content.decode())
    if response.status_code != 200:  # ids that are none may lead nowhere; what was typed must not
        return f"{response.status_code} for what was typed" if called in {*TYPED, "megabyte"} else ""
    page = response.content.decode()
    again = next(
        (each for each in forms_of(page) if set(form.prose) <= set(each.fields) and each.method == "post"), None
    )
    if SUMMARY not in page:
        # a form of hidden fields only confirms what the page shows, and shows it anew when it is not that any more
        done = again is None or SUCCESS in page or not set(form.fields) - set(form.of_kind("hidden"))
        return "" if done else "shown again without an error summary"
    return lost_text(form, sent, again) if again is not None else "an error summary without its form"


def lost_in_answer(form: PageForm, sent: dict[str, list[str]], page: str) -> str:
    """A 409 gives back what was typed, to be copied: texts of more than one word."""
    kept = unescape(page)
    texts = {name: sent.get(name, [""])[-1] for name in form.prose}
    return ", ".join(
        f"{name} lost" for name, text in texts.items() if " " in text and normalise(text).strip() not in kept
    )


def lost_text(form: PageForm, sent: dict[str, list[str]], again: PageForm) -> str:
    """Names of text fields whose text is not in the page any more."""
    lost = []
    for name in form.prose:
        typed = sent.get(name, [""])[-1].encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        shown = again.fields[name].values[0]
        kept = {one.strip() for one in (typed, normalise(typed), without_forbidden(normalise(typed)))}
        if not name.endswith((*NEVER_SHOWN, *DATES)) and normalise(shown).strip() not in kept:
            lost.append(f"{name}: {shown[:60]!r}")
    return f"lost {lost}" if lost else ""


@pytest.mark.parametrize("route", with_forms())
def test_bad_input_is_answered_with_an_error_and_nothing_is_lost(world, walk, route):
    """No 500; the form again with an error summary and with what was typed, characters that mislead taken out."""
    wrong = []
    foreign = [str(world.theirs.ids[kind]) for kind in ("draft-party", "clause", "membership")]
    for persona, client, goal, form in walk[route]:
        for called, sent in sendings(form, foreign):
            cache.clear()  # attempts are counted; here all of them come from one address
            with taken_back():
                response = send(client, goal, form, sent)
            if said := complaint(called, goal, form, sent, response):
                wrong.append(f"{persona} {goal} {called}: {said}")
    assert wrong == [], "\n".join(wrong)


def test_forms_are_found(walk):
    """Positive control: the walk meets the forms of every part, and knows their fields."""
    seen = {goal: form for found in walk.values() for _persona, _client, goal, form in found}
    names = {name for form in seen.values() for name in form.prose}
    assert len(seen) > 30
    assert {"title", "text", "reason", "telephone", "code"} <= names


def test_upload_too_large_is_told(world):
    """21 MB on /verify/: a page that says how large a file may be, not an error of the server."""
    upload = SimpleUploadedFile("large.pdf", b"%PDF-1.7\n" + os.urandom(21_000_000), content_type="application/pdf")
    response = world.clients["anonymous"].post("/verify/", {"file": upload})
    assert response.status_code == 413
    assert "20 MB" in response.content.decode()


def test_body_too_large_is_told(world):
    """More text than any form takes: 400 with a page of ours, and nothing is stored."""
    goal = world.url("<slug:framework>/protocols/new/", world.ours)
    response = world.clients["drafter"].post(
        goal, {"title": "x" * 6_000_000}, content_type="application/x-www-form-urlencoded"
    )
    assert response.status_code in {400, 413}
    assert "<h1" in response.content.decode()
