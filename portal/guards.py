"""Middleware that keeps people where they may be: address, session limits, second factor, no caching, 409 pages."""

import hashlib
from datetime import UTC, datetime

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpResponsePermanentRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme

from portal import clock, request_facts, typed
from portal.errors import NotReady, StateError
from portal.models import SignIn
from portal.models.people import needs_second_factor
from portal.text import normalise, without_forbidden

# Where a person without a second factor may still go: to set one up, or out
WITHOUT_SECOND_FACTOR = {
    "mfa_index",
    "mfa_set_up",
    "mfa_add_webauthn",
    "mfa_reauthenticate_webauthn",
    "mfa_activate_totp",
    "account_logout",
    "account_reauthenticate",
    "account_change_password",
    "mfa_reauthenticate",
}


SEEN_EVERY = 30  # seconds: how often the time of last use is written


class Guard:
    """Base: keeps get_response."""

    def __init__(self, get_response):
        self.get_response = get_response


class CanonicalHostMiddleware(Guard):
    """On a trial at localhost, 127.0.0.1 is redirected: passkeys need a name, and cookies one host."""

    def __call__(self, request):
        host = request.META.get("HTTP_HOST", "")
        if (
            settings.PORTAL_INSECURE_LOCALHOST
            and host.split(":")[0] == "127.0.0.1"
            and request.method in {"GET", "HEAD"}
        ):
            return HttpResponsePermanentRedirect(f"http://localhost{host[9:]}{request.get_full_path()}")
        return self.get_response(request)


class SessionLimitsMiddleware(Guard):
    """Idle 30 minutes, absolute 12 hours, ended at once when the account is disabled (ASVS 7.3)."""

    def __call__(self, request):
        key = request.session.session_key if request.user.is_authenticated else None
        if request.user.is_authenticated:
            now = clock.now().timestamp()
            started = request.session.setdefault("started", now)
            seen = request.session.get("seen", now)
            if now - seen > settings.SESSION_IDLE_SECONDS or now - started > settings.SESSION_ABSOLUTE_SECONDS:
                logout(request)
                if request.method != "POST":  # what was typed may wait until the person is back: KeepTypedMiddleware
                    note_session(request, key)
                    return redirect(f"{reverse(settings.LOGIN_URL)}?ended=1")
                request.session_ended = True
            elif now - seen > SEEN_EVERY or "seen" not in request.session:
                request.session["seen"] = now
                request.session.pop("noted", None)
        response = self.get_response(request)
        note_session(request, key)
        return response


def note_session(request, key: str | None) -> None:
    """Keep the list "Where you are signed in": one statement each half minute. key: of the session before the view."""
    if not request.user.is_authenticated:
        if key:
            SignIn.objects.filter(session_key=key).delete()
        return
    if request.session.session_key is None:
        request.session.save()
    if request.session.get("noted") == request.session.session_key:
        return
    now = clock.now()
    started = datetime.fromtimestamp(request.session.setdefault("started", now.timestamp()), UTC)
    SignIn.objects.note(
        request.session.session_key,
        was=key or "",
        user=request.user,
        started=started,
        now=now,
        ip=get_adapter(request).get_client_ip(request) or "",
        user_agent=request.META.get("HTTP_USER_AGENT", ""),
    )
    request.session["noted"] = request.session.session_key


class KeepTypedMiddleware(Guard):
    """A form that comes after its session has ended: its words wait, and the person signs in again."""

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        """After the check of the CSRF token, before the page asks who it is."""
        if request.user.is_authenticated or not getattr(view, "login_required", True):
            return None
        if typed.keep(request, now=clock.now()):
            return redirect(typed.sign_in_again(request))
        if getattr(request, "session_ended", False):
            return redirect(f"{reverse(settings.LOGIN_URL)}?ended=1")
        return None


def lacks_second_factor(user) -> bool:
    """Is this somebody signed in whose role asks for a second factor, and who has none yet?"""
    if not user.is_authenticated:
        return False
    # read with the person (portal.accounts.AuthenticationBackend)
    return not getattr(user, "has_second_factor", False) and needs_second_factor(user)


class SecondFactorMiddleware(Guard):
    """Whoever holds a role other than viewer sets up a second factor before anything else (ASVS 6.3.3)."""

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        """Send to set-up. Public pages stay open, but not a framework's: those show members more than others."""
        asks = getattr(view, "login_required", True) or getattr(view, "scoped_public", False)
        if not asks or request.resolver_match.url_name in WITHOUT_SECOND_FACTOR:
            return None
        return redirect("mfa_set_up") if lacks_second_factor(request.user) else None


class PrivateResponsesMiddleware(Guard):
    """Nothing of a signed-in person, and nothing that carries a token, is kept by any cache."""

    def __call__(self, request):
        response = self.get_response(request)
        if request.user.is_authenticated or request.path.startswith(("/accounts/", "/invitations/")):
            add_never_cache_headers(response)
        return response


class RequestFactsMiddleware(Guard):
    """Remember address, browser and session for ledger and evidence."""

    def __call__(self, request):
        session = request.session.session_key or ""
        token = request_facts.remember(
            ip=get_adapter(request).get_client_ip(request),
            user_agent=request.META.get("HTTP_USER_AGENT", "")[:300],
            request_id=getattr(request, "request_id", ""),
            session_hash=hashlib.sha256(session.encode()).hexdigest() if session else "",
        )
        try:
            return self.get_response(request)
        finally:
            request_facts.forget(token)


class StateErrorMiddleware(Guard):
    """A wrong state is an answer (409) that says what happened and what to do."""

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, error):
        """Render 409 for state errors; anything else goes on."""
        if not isinstance(error, StateError):
            return None
        missing = error.missing if isinstance(error, NotReady) else []
        context = {
            "explanation": error.explanation,
            "what_to_do": error.what_to_do,
            "missing": missing,
            "typed": typed_texts(request),
            "back_url": page_before(request),
        }
        return render(request, "409.html", context, status=409)


def page_before(request) -> str:
    """The page of this portal from which the form was sent, or nothing."""
    before = request.headers.get("Referer", "")
    here = {request.get_host()}
    known = before != request.build_absolute_uri() and url_has_allowed_host_and_scheme(
        before, here, require_https=request.is_secure()
    )
    return before if known else ""


def typed_texts(request) -> list[str]:
    """Texts of the form that was sent, to be copied from the page: of several words, so no ids, tokens or codes."""
    kept = [value for name, value in request.POST.items() if "password" not in name]
    return [without_forbidden(normalise(value)) for value in kept if len(value.split()) > 1]
