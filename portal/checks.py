"""System checks: settings that would be dangerous, and tables of rules that would be incomplete. Each with a hint.

``manage.py check`` and every management command run them, and so do ``portal/wsgi.py`` and ``portal/celery.py``
before they serve, because gunicorn and Celery would not.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.urls import URLPattern, URLResolver, get_resolver

from portal.deadlines import RULES, DeadlineRule
from portal.notices import NOTICES, Notice

TAG = "portal"
LOCAL_NAMES = {"localhost", "127.0.0.1", "::1"}
#: IDs of rules.md, as HAR-6.2, HAR-11.1b or UK-164A.
SOURCE = re.compile(r"(HAR|KEN|DUD|DCS|HAM|UK|LAW|SIG|REV)-[A-Za-z0-9.¶]+")


@checks.register(TAG)
def demo_stays_at_home(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Demo people can be entered with one click: never where anybody else can reach them, never without the flag."""
    if not settings.PORTAL_DEMO:
        pages = [route for route in _routes(get_resolver().url_patterns) if route.startswith("demo/")]
        return [
            checks.Error(
                f"The demo page /{page} is routed although the installation is no demonstration.",
                hint="Route pages under /demo/ only if settings.PORTAL_DEMO is true.",
                id="portal.E002",
            )
            for page in pages
        ]
    names = {urlsplit(settings.PORTAL_URL).hostname or "", *settings.ALLOWED_HOSTS} - LOCAL_NAMES
    if not names:
        return []
    return [
        checks.Error(
            f"Demo mode is on, and the portal can be reached as {', '.join(sorted(names)) or 'no name'}.",
            hint="Demo mode works on localhost only. Set PORTAL_DEMO=0, or remove PORTAL_URL and PORTAL_ALLOWED_HOSTS.",
            id="portal.E001",
        )
    ]


@checks.register(TAG)
def demo_mail_stays_at_home(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """In demo mode no mail server but the sink on this machine is ever contacted."""
    if not settings.PORTAL_DEMO or settings.EMAIL_HOST in LOCAL_NAMES:
        return []
    return [
        checks.Error(
            f"Demo mode is on, and mail would go to the server {settings.EMAIL_HOST}.",
            hint="Remove PORTAL_EMAIL_URL: the demonstration keeps its mail in a folder. Or set PORTAL_DEMO=0.",
            id="portal.E003",
        )
    ]


@checks.register(TAG)
def weaker_settings_only_on_localhost(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Cookies and passkeys may do without https only on http://localhost (ASVS V3)."""
    url = urlsplit(settings.PORTAL_URL)
    if url.scheme == "http" and url.hostname == "localhost":
        return []
    found: list[checks.CheckMessage] = []
    if url.scheme != "https":
        found.append(
            checks.Error(
                f"PORTAL_URL is {settings.PORTAL_URL}: passwords and signatures would travel in the clear.",
                hint="Use an https address (a proxy in front may end TLS), or http://localhost for a trial.",
                id="portal.E004",
            )
        )
    weak = [name for name in ("SESSION", "CSRF", "LANGUAGE") if not _strong_cookie(name)]
    found += [
        checks.Error(
            f"The {name.lower()} cookie lacks Secure or the __Host- prefix.",
            hint=f"Set {name}_COOKIE_SECURE and a {name}_COOKIE_NAME that begins with __Host- outside http://localhost.",
            id="portal.E005",
        )
        for name in weak
    ]
    if getattr(settings, "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN", False):
        found.append(
            checks.Error(
                "Passkeys are allowed from insecure origins.",
                hint="MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN may be true on http://localhost only.",
                id="portal.E006",
            )
        )
    return found


@checks.register(TAG)
def rules_have_sources(
    app_configs: Any, *, rules: Mapping[str, DeadlineRule] = RULES, **kwargs: Any
) -> list[checks.CheckMessage]:
    """A deadline without a source is an invention: every rule cites its ID."""
    return [
        checks.Error(
            f"The deadline rule {rule.key} has no source that can be looked up: “{rule.source}”.",
            hint="Give the ID of the rule it implements, as in source='HAR-6.2'; several are separated by commas.",
            id="portal.E007",
        )
        for rule in rules.values()
        if not all(SOURCE.fullmatch(source.strip()) for source in rule.source.split(","))
    ]


@checks.register(TAG)
def notices_have_templates(
    app_configs: Any, *, notices: Mapping[str, Notice] = NOTICES, **kwargs: Any
) -> list[checks.CheckMessage]:
    """A kind of mail without its texts would fail at the moment it is needed."""
    return [
        checks.Error(
            f"The notice {kind} has no template {name}.",
            hint=f"Write templates/{name}.",
            id="portal.E008",
        )
        for kind in notices
        for name in (f"emails/{kind}.subject", f"emails/{kind}.txt")
        if not _exists(name)
    ]


def _routes(patterns: list[Any], prefix: str = "") -> Iterator[str]:
    for entry in patterns:
        route = prefix + str(entry.pattern).lstrip("^")
        if isinstance(entry, URLResolver):
            yield from _routes(entry.url_patterns, route)
        elif isinstance(entry, URLPattern):
            yield route


def _strong_cookie(name: str) -> bool:
    secure, cookie = getattr(settings, f"{name}_COOKIE_SECURE"), getattr(settings, f"{name}_COOKIE_NAME")
    return bool(secure) and cookie.startswith("__Host-")


def _exists(name: str) -> bool:
    try:
        get_template(name)
    except TemplateDoesNotExist:
        return False
    return True
