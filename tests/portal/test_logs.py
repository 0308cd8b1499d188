"""Logs: one JSON object a line, with the request id, without secrets."""

import json
import logging
import re

import pytest
import structlog
from django.contrib.auth.models import AnonymousUser
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import ResolverMatch

from portal.logs import REDACTED, logging_config, request_id, scrub_text
from portal.middleware import RequestIdMiddleware

log = structlog.get_logger("tests.logs")


@pytest.fixture
def lines(capsys):
    """What was logged so far, each line parsed."""
    structlog.contextvars.clear_contextvars()
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    structlog.contextvars.clear_contextvars()


def serve(view, path="/", **headers):
    """Run a view behind the middleware, as Django's handler would."""
    return RequestIdMiddleware(convert_exception_to_response(view))(RequestFactory().get(path, headers=headers))


def ok(request):
    return HttpResponse("ok")


# --- lines


def test_our_lines_and_those_of_libraries_have_one_form(lines):
    """Event, level, logger and UTC time on every line, whoever wrote it."""
    log.info("outbox.sent", mail=7)
    logging.getLogger("some.library").warning("Took %s seconds", 3)
    ours, theirs = lines()
    assert (ours["event"], ours["mail"], ours["level"], ours["logger"]) == ("outbox.sent", 7, "info", "tests.logs")
    assert (theirs["event"], theirs["level"], theirs["logger"]) == ("Took 3 seconds", "warning", "some.library")
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", line["timestamp"]) for line in (ours, theirs))


def test_line_breaks_in_values_cannot_forge_a_line(lines):
    """One event is one line, whatever a person typed (ASVS 16.2)."""
    log.warning("denied", name='x"}\n{"event": "forged')
    assert len(lines()) == 1


def test_an_exception_is_one_line_without_local_variables(lines):
    """The traceback helps; what stood in a form does not belong there."""

    def fail(what_was_typed):
        raise ValueError("broken")

    typed = " ".join(["the name", "of a child"])
    try:
        fail(typed)
    except ValueError:
        log.exception("failed")
    (line,) = lines()
    assert "ValueError: broken" in line["exception"]
    assert typed not in line["exception"]


@pytest.mark.parametrize(
    "field",
    [
        "password",
        "new_password1",
        "token",
        "csrfmiddlewaretoken",
        "totp_secret",
        "otp",
        "Cookie",
        "authorization",
        "session_key",
    ],
)
def test_secret_fields_are_hidden(lines, field):
    """No secret reaches a log under its own name."""
    log.info("form", **{field: "hunter2"})
    (line,) = lines()
    assert line[field] == REDACTED
    assert "hunter2" not in json.dumps(line)


@pytest.mark.parametrize(
    "text, clean",
    [
        ("postgres://portal_app:s3cret@db/portal", f"postgres://{REDACTED}@db/portal"),
        ("smtp://user:p%40ss@mail.example.org:587", f"smtp://{REDACTED}@mail.example.org:587"),
        ("Not Found: /invitations/eyJhIjoxfQ:1vMabc:Zk3_x-9aXQ2/", f"Not Found: /invitations/{REDACTED}/"),
        ("/verify?code=ABCDEFGHJKLMNPQRSTUVWXYZ", f"/verify?code={REDACTED}"),
        (
            "/harrow/protocols/6f1c2a9e-1d2b-4c3d-8e9f-001122334455/",
            "/harrow/protocols/6f1c2a9e-1d2b-4c3d-8e9f-001122334455/",
        ),
        ("http://localhost:8000/healthz", "http://localhost:8000/healthz"),
        ("Nothing to hide", "Nothing to hide"),
    ],
)
def test_texts_lose_passwords_and_link_tokens(text, clean):
    """Links are keys: opaque parts of an address are hidden, names and UUIDs stay readable."""
    assert scrub_text(text) == clean


def test_an_exception_about_the_database_hides_its_password(lines):
    """Libraries put whole addresses into their messages."""
    try:
        raise OSError("cannot reach postgres://portal_app:s3cret@db/portal")
    except OSError:
        log.exception("failed")
    assert "s3cret" not in json.dumps(lines())


def test_the_readable_form_is_for_development(capsys):
    """debug=True writes lines for people, with the same secrets hidden."""
    try:
        logging_config(debug=True)
        log.info("hello", token="hunter2", who="Amira")
        written = capsys.readouterr().err
    finally:
        logging_config()
    assert "hello" in written
    assert "Amira" in written
    assert "hunter2" not in written


def test_the_level_is_a_setting(capsys):
    """PORTAL_LOG_LEVEL: what is below is not written; a word that is no level is refused when the process starts."""
    try:
        logging_config(level="warning")
        log.info("too quiet")
        log.warning("loud enough")
        written = capsys.readouterr().err
        with pytest.raises(ValueError, match="PORTAL_LOG_LEVEL is “LOUD”"):
            logging_config(level="loud")
    finally:
        logging_config()
    assert "loud enough" in written
    assert "too quiet" not in written


def test_no_handler_sends_mail():
    """The outbox is the only sender: Django's mail handler is not there."""
    handlers = [handler for name in ("", "django", "django.server") for handler in logging.getLogger(name).handlers]
    assert not any("mail" in type(handler).__name__.lower() for handler in handlers)


# --- requests


def test_a_request_has_one_id_everywhere(lines):
    """On the request, in every line written while it is handled, and on the response."""
    seen = []

    def view(request):
        seen.extend([request.request_id, request_id()])
        log.info("inside")
        return HttpResponse()

    response = serve(view)
    seen += [response["X-Request-ID"], *(line["request_id"] for line in lines())]
    assert len(seen) == 5
    assert len(set(seen)) == 1
    assert re.fullmatch(r"[0-9a-f]{16}", seen[0])


def test_two_requests_have_two_ids(lines):
    """Nothing of a request stays for the next one on the same thread."""
    structlog.contextvars.bind_contextvars(left_over="x")
    assert serve(ok)["X-Request-ID"] != serve(ok)["X-Request-ID"]
    assert all("left_over" not in line for line in lines())


def test_a_plain_id_of_the_proxy_is_kept(lines, settings):
    """One id from proxy to log."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert serve(ok, **{"X-Request-ID": "proxy-0123.ABC_9"})["X-Request-ID"] == "proxy-0123.ABC_9"


def test_without_a_proxy_nobody_chooses_an_id(lines, settings):
    """The id stands in ledger and evidence: a client's own is not taken over."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    assert serve(ok, **{"X-Request-ID": "proxy-0123.ABC_9"})["X-Request-ID"] != "proxy-0123.ABC_9"


@pytest.mark.parametrize("offered", ["short", "x" * 65, "has space in it", "a\nb" * 4, 'quote"quote"', "ünïcödé-id"])
def test_any_other_id_is_replaced(lines, settings, offered):
    """An id that could forge lines or headers is not taken over."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert re.fullmatch(r"[0-9a-f]{16}", serve(ok, **{"X-Request-ID": offered})["X-Request-ID"])


def test_the_line_of_a_request_holds_the_route_not_the_address(lines):
    """Who, what and outcome; tokens in paths and words in queries are never written down."""

    def view(request):
        request.resolver_match = ResolverMatch(view, (), {}, url_name="accept", route="invitations/<str:token>/")
        return HttpResponse(status=404)

    serve(view, "/invitations/very-secret-token/?q=the+name+of+a+child")
    (line,) = [line for line in lines() if line["event"] == "request"]
    assert (line["method"], line["route"], line["status"]) == ("GET", "/invitations/<str:token>/", 404)
    assert line["user"] is None
    assert line["milliseconds"] >= 0
    assert "very-secret-token" not in json.dumps(line)
    assert "child" not in json.dumps(line)


def test_the_line_names_the_user_by_number_and_costs_no_query(lines):
    """The id of a user who was looked up anyway; a user nobody asked for is not fetched (no database here)."""

    def view(request):
        request._cached_user = AnonymousUser()
        request._cached_user.pk = 42
        return HttpResponse()

    serve(view)
    assert lines()[-1]["user"] == 42


def test_probes_are_not_logged(lines):
    """Monitoring asks every few seconds; its lines would hide the others."""

    def view(request):
        request.resolver_match = ResolverMatch(view, (), {}, route="healthz")
        return HttpResponse()

    serve(view)
    assert lines() == []


def test_a_failing_view_is_logged_with_the_id_of_the_answer(lines, settings):
    """The reader of a 500 page can be helped: its id leads to the traceback."""
    settings.DEBUG_PROPAGATE_EXCEPTIONS = False

    def view(request):
        raise RuntimeError("broken")

    response = serve(view)
    assert response.status_code == 500
    written = lines()
    assert {line["request_id"] for line in written} == {response["X-Request-ID"]}
    assert any("RuntimeError: broken" in line.get("exception", "") for line in written)
