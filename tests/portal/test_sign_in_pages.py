"""The pages of signing in as allauth serves them: our words, our markup, errors that lead to the input."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "name, heading",
    [
        ("account_login", "Sign in"),
        ("account_reset_password", "Reset your password"),
        ("account_reset_password_done", "Check your email"),
        ("account_reset_password_from_key_done", "Your password is changed"),
        ("account_inactive", "This account is closed"),
    ],
)
def test_pages_before_signing_in(client, name, heading):
    """Every page that needs no account says where one is, under the strict content security policy."""
    response = client.get(reverse(name))
    html = response.content.decode()
    assert response.status_code == 200
    assert html.count("<h1") == 1
    assert heading in html
    assert "'unsafe-inline'" not in response["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path, host, status",
    [
        ("/", "localhost", 200),
        ("/static/css/portal.css", "localhost", 200),
        ("/no/such/page/", "localhost", 404),
        ("/", "elsewhere.example", 400),
        ("/me/", "localhost", 302),
    ],
)
def test_every_answer_has_the_headers(client, path, host, status):
    """Pages, errors, redirects and static files alike (ASVS 3.4)."""
    response = client.get(path, HTTP_HOST=host)
    assert response.status_code == status
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Referrer-Policy"] == "same-origin"


def test_login_lets_password_managers_help(client):
    """Autocomplete tokens, no placeholder, paste allowed (WCAG 3.3.8)."""
    html = client.get(reverse("account_login")).content.decode()
    assert 'autocomplete="current-password"' in html
    assert 'autocomplete="email"' in html
    assert "placeholder" not in html
    assert "novalidate" in html


def test_empty_login_says_what_to_enter(client):
    """Empty fields: error summary with links, title with "Error:"."""
    html = client.post(reverse("account_login"), {}).content.decode()
    assert "<title>Error: Sign in" in html
    assert '<a href="#id_login">Enter your email address</a>' in html
    assert '<a href="#id_password">Enter your password</a>' in html


def test_wrong_login_says_nothing_about_the_account(client):
    """The same words for an unknown address and a wrong password; the address stays in its box."""
    html = client.post(reverse("account_login"), {"login": "nobody@example.org", "password": "wrong"}).content.decode()
    assert "govuk-error-summary" in html
    assert 'value="nobody@example.org"' in html
    assert "wrong" not in html.replace("went wrong", "")


def test_a_bad_reset_link_says_how_to_get_a_new_one(client):
    """A used or broken link leads on."""
    html = client.get(reverse("account_reset_password_from_key", args=["zz", "no-such-key"])).content.decode()
    assert "This link cannot be used any more" in html
    assert reverse("account_reset_password") in html


def test_a_stranger_address_is_a_404_with_words(client):
    """No framework of this name: the page says what to check."""
    response = client.get("/no-such-framework/register/nothing/")
    assert response.status_code == 404
    assert "Page not found" in response.content.decode()
