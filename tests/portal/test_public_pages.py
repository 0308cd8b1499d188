"""Help, accessibility statement, privacy notice, cookies: for everybody, editable by the framework's administrator."""

import re

import pytest
from django.db import transaction
from django.urls import reverse

from portal import tenancy
from portal.models import AuditEvent, PublicPages
from portal.permissions import Role
from tests.builders import make_framework, make_member
from tests.portal.test_accounts import sign_in

pytestmark = pytest.mark.django_db
FRAMEWORKS = ("framework-help", "framework-accessibility", "framework-privacy")
SAID = {
    "contact_name": "Records team",
    "contact_email": "records@anyshire.example.org",
    "contact_telephone": "01632 960123",
    "reply_days": "5",
    "controllers": "Anyshire Council\n1 High Street",
    "protection_officer": "Imogen Ashby",
    "privacy_text": "We also keep **minutes**.",
    "accessibility_status": "partially",
    "accessibility_text": "Maps have no text <script>alert(1)</script>.",
    "accessibility_reviewed_on_day": "1",
    "accessibility_reviewed_on_month": "6",
    "accessibility_reviewed_on_year": "2026",
}


@pytest.fixture
def framework():
    return make_framework("Anyshire Partnership")


def rows(framework, model):
    """All of the framework."""
    with tenancy.scope(framework.pk), transaction.atomic():
        return list(model.objects.filter(framework_id=framework.pk).order_by("pk"))


def test_default_texts_claim_no_more_than_is_known(client, framework):
    """Without anything filled in: partially compliant, with reasons; nobody's claim of a review (2018 Regulations)."""
    for address in (reverse("accessibility"), reverse("framework-accessibility", args=[framework.slug])):
        page = client.get(address).content.decode()
        assert "partially compliant" in page
        assert "No independent audit" in page
        assert "has not been reviewed here yet" in page
        assert "Equality and Human Rights Commission" in page


def test_northern_ireland_has_its_own_commission(client):
    """The body that enforces is named by nation."""
    framework = make_framework(nation="northern-ireland")
    page = client.get(reverse("framework-accessibility", args=[framework.slug])).content.decode()
    assert "Equality Commission for Northern Ireland" in page


def test_footer_leads_to_the_pages_of_the_framework_one_is_in(client, framework):
    """And to those of the installation elsewhere; cookies are the same everywhere."""
    inside = client.get(reverse("register", args=[framework.slug])).content.decode()
    outside = client.get(reverse("home")).content.decode()
    for name in FRAMEWORKS:
        assert f'href="{reverse(name, args=[framework.slug])}"' in inside
        assert f'href="{reverse(name.removeprefix("framework-"))}"' in outside
    assert all(f'href="{reverse("cookies")}"' in page for page in (inside, outside))


def test_cookies_page_names_every_cookie_that_is_set(client):
    """What a visit and a sign-in really set stands on the page, and nothing else."""
    user = make_member(make_framework(), Role.VIEWER, mfa=False)
    sign_in(client, user)
    page = client.get(reverse("cookies"))
    named = {row[0] for row in page.context["rows"]}
    assert set(client.cookies) <= named
    assert len(named) == 2


def test_administrator_fills_the_pages_in(client, framework):
    """What is said shows on the public pages, escaped; the ledger keeps which fields changed, not their text."""
    client.force_login(make_member(framework, Role.FRAMEWORK_ADMIN))
    answer = client.post(reverse("public-pages", args=[framework.slug]), SAID)
    assert answer.status_code == 302, answer.context["form"].errors
    client.logout()
    pages = {name: client.get(reverse(name, args=[framework.slug])).content.decode() for name in FRAMEWORKS}
    assert "Records team" in pages["framework-help"]
    assert "within 5 working days" in pages["framework-help"]
    assert "<strong>minutes</strong>" in pages["framework-privacy"]
    assert "Imogen Ashby" in pages["framework-privacy"]
    assert "1 June 2026" in pages["framework-accessibility"]
    assert not re.search(r"<script(?! type=.module. src)", pages["framework-accessibility"])
    event = rows(framework, AuditEvent)[-1]
    assert event.verb == "portal.publicpages:changed"
    assert "contact_name" in event.payload["fields"]
    assert "Records team" not in str(event.payload)


@pytest.mark.parametrize(
    "wrong", [{"reply_days": "0"}, {"reply_days": "x"}, {"contact_email": "x"}, {"accessibility_status": "best"}]
)
def test_wrong_input_changes_nothing(client, framework, wrong):
    """The page comes back with what is wrong; there is no row."""
    client.force_login(make_member(framework, Role.FRAMEWORK_ADMIN))
    answer = client.post(reverse("public-pages", args=[framework.slug]), SAID | wrong)
    assert "govuk-error-summary" in answer.content.decode()
    assert rows(framework, PublicPages) == []


def test_others_may_not(client, framework):
    """A secretary is refused, and nothing is written."""
    client.force_login(make_member(framework, Role.SECRETARY))
    assert client.post(reverse("public-pages", args=[framework.slug]), SAID).status_code == 403
    assert rows(framework, PublicPages) == []
