"""All addresses of the portal: the composition root.

Apps hang their pages under /<framework>/ (`<app>/urls.py`) and those that belong to no framework at the root
(`<app>/root_urls.py`). Words that stand where a framework's slug would stand are RESERVED_SLUGS.
"""

from importlib import import_module

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from django.utils.module_loading import module_has_submodule

from portal import views, views_errors, views_health, views_ledger, views_people, views_public

APPS = ("protocols", "signatories", "breaches", "reviews")

handler400 = views_errors.bad_request
handler403 = views_errors.forbidden
handler404 = views_errors.not_found
handler500 = views_errors.server_error


def pages_of_apps(module: str, prefix: str) -> list[URLResolver]:
    """The pages of every app that has a module of this name."""
    having = [app for app in APPS if module_has_submodule(import_module(app), module)]
    return [path(prefix, include(f"{app}.{module}")) for app in having]


urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("me/", views.me, name="me"),
    path("accounts/", include("portal.account_urls")),
    path("invitations/<str:token>/", views_people.invitation, name="invitation"),
    path("checkpoints/", views_ledger.checkpoints, name="checkpoints"),
    path("help/", views_public.help_page, name="help"),
    path("accessibility/", views_public.accessibility, name="accessibility"),
    path("privacy/", views_public.privacy, name="privacy"),
    path("cookies/", views_public.cookies, name="cookies"),
    path("healthz", views_health.healthz, name="healthz"),
    path("readyz", views_health.readyz, name="readyz"),
    *pages_of_apps("root_urls", ""),
    path("<slug:framework>/", include("portal.framework_urls")),
    *pages_of_apps("urls", "<slug:framework>/"),
]
if settings.PORTAL_DEMO:
    urlpatterns.insert(0, path("demo/", include("portal.demo_urls")))
