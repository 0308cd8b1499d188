"""Pages of the demonstration. Routed only if settings.PORTAL_DEMO is true."""

from django.urls import path

from portal import views_demo

urlpatterns = [
    path("", views_demo.demo, name="demo"),
    path("sign-in/<int:pk>/", views_demo.sign_in, name="demo-sign-in"),
    path("mail/", views_demo.mail, name="demo-mail"),
]
