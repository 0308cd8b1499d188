"""Pages of the foundation under /<framework>/."""

from django.urls import path

from portal import (
    views,
    views_calendar,
    views_deadlines,
    views_ledger,
    views_members,
    views_organisations,
    views_partnerships,
    views_people,
    views_public,
    views_saved_filters,
)

urlpatterns = [
    path("", views.framework, name="framework"),
    path("people/", views_people.people, name="people"),
    path("people/invite/", views_people.invite, name="people-invite"),
    path("people/<int:pk>/end/", views_people.end, name="person-end"),
    path("invitations/<int:pk>/revoke/", views_people.revoke, name="invitation-revoke"),
    path("organisations/", views_organisations.organisations, name="organisations"),
    path("organisations/new/", views_organisations.new, name="organisation-new"),
    path("organisations/join/", views_members.join, name="organisation-join"),
    path("organisations/<int:pk>/suspend/", views_members.suspend, name="organisation-suspend"),
    path("organisations/<int:pk>/lift/", views_members.lift, name="organisation-lift"),
    path("organisations/<int:pk>/edit/", views_organisations.edit, name="organisation-edit"),
    path("boards/", views_organisations.boards, name="boards"),
    path("partnerships/", views_partnerships.partnerships, name="partnerships"),
    path("partnerships/new/", views_partnerships.new, name="partnership-new"),
    path("partnerships/<int:pk>/edit/", views_partnerships.edit, name="partnership-edit"),
    path("closure-days/", views_organisations.closure_days, name="closure-days"),
    path("deadlines/", views_deadlines.deadlines, name="deadlines"),
    path("deadlines/deadlines.csv", views_deadlines.as_csv, name="deadlines-csv"),
    path("deadlines/deadlines.xlsx", views_deadlines.as_xlsx, name="deadlines-xlsx"),
    path("deadlines/calendar/", views_calendar.calendar, name="calendar"),
    path("deadlines/filters/new/", views_saved_filters.new, name="saved-filter-new"),
    path("deadlines/filters/<int:pk>/delete/", views_saved_filters.delete, name="saved-filter-delete"),
    path("deadlines/<int:pk>/", views_deadlines.deadline, name="deadline"),
    path("ledger/", views_ledger.ledger, name="ledger"),
    path("help/", views_public.framework_help, name="framework-help"),
    path("accessibility/", views_public.framework_accessibility, name="framework-accessibility"),
    path("privacy/", views_public.framework_privacy, name="framework-privacy"),
    path("public-pages/", views_public.edit, name="public-pages"),
]
