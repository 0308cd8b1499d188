"""Pages of the documents under /<framework>/. Each view module lists its own."""

from django.urls import include, path

urlpatterns = [
    path("", include("protocols.views_drafting")),
    path("", include("protocols.views_unsaved")),
    path("", include("protocols.views_arrangements")),
    path("", include("protocols.views_clauses")),
    path("", include("protocols.views_schedules")),
    path("", include("protocols.views_consultation")),
    path("", include("protocols.views_comments")),
    path("", include("protocols.views_drafts")),
    path("", include("protocols.views_consulted")),
    path("", include("protocols.views_intention")),
    path("", include("protocols.views_approval")),
    path("", include("protocols.views_tiers")),
    path("", include("protocols.views_as_at")),
    path("", include("protocols.views_as_at_public")),
    path("", include("protocols.views_history")),
    path("", include("protocols.views_parent")),
    path("", include("protocols.views_adoption")),
    path("", include("protocols.views_pilot")),
    path("", include("protocols.views_joining")),
    path("", include("protocols.views_register")),
    path("", include("protocols.views_protocol")),
    path("", include("protocols.views_compare")),
    path("", include("protocols.views_publication")),
    path("", include("protocols.views_progress")),
    path("", include("protocols.views_files")),
]
