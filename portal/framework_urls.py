"""Pages of the foundation under /<framework>/."""

from django.urls import path

from portal import views, views_ledger, views_organisations, views_people

urlpatterns = [
    path("", views.framework, name="framework"),
    path("people/", views_people.people, name="people"),
    path("people/invite/", views_people.invite, name="people-invite"),
    path("people/<int:pk>/end/", views_people.end, name="person-end"),
    path("invitations/<int:pk>/revoke/", views_people.revoke, name="invitation-revoke"),
    path("organisations/", views_organisations.organisations, name="organisations"),
    path("organisations/new/", views_organisations.new, name="organisation-new"),
    path("organisations/<int:pk>/edit/", views_organisations.edit, name="organisation-edit"),
    path("boards/", views_organisations.boards, name="boards"),
    path("closure-days/", views_organisations.closure_days, name="closure-days"),
    path("ledger/", views_ledger.ledger, name="ledger"),
]
