"""Middleware of every request."""

import re
import secrets
import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse

log = structlog.get_logger(__name__)

#: What we take over from a proxy. Anything else could forge log lines or headers.
ACCEPTED_REQUEST_ID = re.compile(r"[A-Za-z0-9_.-]{8,64}")


class RequestIdMiddleware:
    """Give each request an id, put it on every log line and on the response, and log the request once.

    An id from a trusted proxy (``X-Request-ID``) is kept if it is plain, otherwise a new one is made. The log line
    holds the route, not the address, so links that carry a token are never written down.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        offered = request.headers.get("X-Request-ID", "")
        # without a proxy it is the client that offers one: the id stands in evidence, so nobody chooses their own
        taken = settings.ALLAUTH_TRUSTED_PROXY_COUNT and ACCEPTED_REQUEST_ID.fullmatch(offered)
        request_id = offered if taken else secrets.token_hex(8)
        request.request_id = request_id  # type: ignore[attr-defined]
        # Not unbound at the end: Django logs 4xx and 5xx answers after the last middleware, and those lines need the
        # id most. The next request on this thread begins by clearing it.
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.monotonic()
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        route = request.resolver_match.route if request.resolver_match else None
        # The cached user only: to log a request must not cost a query, nor touch a user nobody asked for.
        user = getattr(request, "_cached_user", None)
        static = request.path_info.startswith(settings.STATIC_URL)  # WhiteNoise answers before any route is looked up
        write = log.debug if static or route in {"healthz", "readyz"} else log.info
        write(
            "request",
            method=request.method,
            route=f"/{route}" if route is not None else "static" if static else "unresolved",
            status=response.status_code,
            milliseconds=round((time.monotonic() - started) * 1000, 1),
            user=getattr(user, "pk", None),
        )
        return response
