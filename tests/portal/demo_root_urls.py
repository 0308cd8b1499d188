"""The portal's addresses as a demonstration has them; settings are read before a test can turn the mode on."""

from django.urls import include, path

from portal.urls import handler400, handler403, handler404, handler500
from portal.urls import urlpatterns as ordinary

__all__ = ["handler400", "handler403", "handler404", "handler500"]

urlpatterns = [path("demo/", include("portal.demo_urls")), *ordinary]
