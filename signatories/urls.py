"""Pages of signing, under /<framework>/."""

from django.urls import path

import protocols.finding  # noqa: F401  registers the converter "number"
from signatories import views, views_representatives, views_running, views_together

VERSION = "protocols/<slug:reference>/<number:number>/"

urlpatterns = [
    path("representatives/", views_representatives.representatives, name="representatives"),
    path("representatives/new/", views_representatives.new, name="representative-new"),
    path("representatives/<int:pk>/end/", views_representatives.end, name="representative-end"),
    path("representatives/delegate/", views_representatives.delegate, name="authority-delegate"),
    path("representatives/<int:pk>/take-back/", views_representatives.revoke, name="delegation-revoke"),
    path("sign/", views_together.choose, name="sign-several"),
    path("sign/together/", views_together.sign, name="sign-together"),
    path("sign/together/done/", views_together.done, name="sign-together-done"),
    path(f"{VERSION}open/", views_running.open_page, name="open-for-signature"),
    path(f"{VERSION}signatures/", views.signatures, name="signatures"),
    path(f"{VERSION}sign/<int:party>/", views.sign, name="sign"),
    path(f"{VERSION}sign/<int:party>/text-copy/", views.text_copy, name="sign-text-copy"),
    path(f"{VERSION}sign/<int:party>/done/", views.done, name="sign-done"),
    path(f"{VERSION}sign/<int:party>/decline/", views.decline, name="decline"),
    path(f"{VERSION}parties/<int:party>/invite/", views_running.invite, name="party-invite"),
    path(f"{VERSION}parties/<int:party>/release/", views_running.release, name="party-release"),
    path(f"{VERSION}withdraw/", views_running.withdraw, name="version-withdraw"),
]
