"""Addresses outside any framework."""

from django.urls import path

from protocols import views_applying, views_verify

urlpatterns = [path("verify/", views_verify.verify, name="verify"), *views_applying.urlpatterns]
