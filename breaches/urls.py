"""Pages of breaches under /<framework>/. Each view module lists its own."""

from django.urls import include, path

urlpatterns = [
    path("", include("breaches.views_register")),
    path("", include("breaches.views_reporting")),
    path("", include("breaches.views_breach")),
    path("", include("breaches.views_regulator")),
    path("", include("breaches.views_written")),
    path("", include("breaches.views_hearing")),
    path("", include("breaches.views_session")),
    path("", include("breaches.views_outcome")),
]
