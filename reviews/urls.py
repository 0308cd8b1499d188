"""Pages of reviews, under /<framework>/."""

from django.urls import path

from reviews import views, views_holding, views_informal, views_laws, views_plan

REVIEW = "reviews/<int:pk>/"
FINDING = f"{REVIEW}findings/<int:finding>/"
ACTION = f"{REVIEW}actions/<int:action>/"

urlpatterns = [
    path("reviews/", views.reviews, name="reviews"),
    path(REVIEW, views.review, name="review"),
    path(f"{REVIEW}parties/<int:organisation>/", views_holding.take_part, name="review-take-part"),
    path(f"{REVIEW}reviewers/<int:reviewer>/remove/", views_holding.remove_reviewer, name="reviewer-remove"),
    path(f"{REVIEW}start/", views_holding.start, name="review-start"),
    path(f"{REVIEW}findings/new/", views_holding.finding_new, name="finding-new"),
    path(FINDING, views_holding.finding_edit, name="finding-edit"),
    path(f"{FINDING}remove/", views_holding.finding_remove, name="finding-remove"),
    path(f"{FINDING}correct/", views_holding.finding_correct, name="finding-correct"),
    path(f"{REVIEW}complete/", views_holding.complete, name="review-complete"),
    path(f"{REVIEW}report/", views_plan.report, name="review-report"),
    path(f"{REVIEW}report.pdf", views_plan.report_pdf, name="review-report-pdf"),
    path(f"{REVIEW}decide/", views_plan.decide, name="review-decide"),
    path(f"{REVIEW}actions/new/", views_plan.action_new, name="action-new"),
    path(ACTION, views_plan.action_edit, name="action-edit"),
    path(f"{ACTION}remove/", views_plan.action_remove, name="action-remove"),
    path(f"{ACTION}done/", views_plan.action_done, name="action-done"),
    path("laws/", views_laws.laws, name="laws"),
    path("laws/change/", views_laws.change, name="law-change"),
    path("protocols/<slug:reference>/informal/", views_informal.informal_report, name="informal-report"),
]
