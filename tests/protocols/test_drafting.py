"""Drafting over HTTP and by its verbs: sections saved, clashes shown, hostile input refused."""

import pytest
from django.urls import reverse

from portal.permissions import Role
from portal.tenancy import scope
from protocols import workflow
from protocols.models import Protocol, Version
from tests.builders import make_framework, make_member, make_organisation, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    """A framework with a draft, and its drafter signed in."""
    framework = make_framework(slug="anyshire")
    council = make_organisation("Anyshire Council", framework)
    drafter = make_member(framework, Role.DRAFTER, council)
    client.force_login(drafter)
    with scope(framework.pk):
        version = make_version(framework=framework)
    return client, framework, version, drafter


def page(name, version, *more):
    return reverse(name, args=["anyshire", version.protocol.reference, version.number, *more])


def test_pages(desk):
    client, framework, version, _drafter = desk
    with scope(framework.pk):
        clause = version.clauses.get(label="1.1")
        purpose, party, item, term = version.purposes.get(), version.parties.first(), version.data_items.get(), version.terms.get()
        protocol = version.protocol
    urls = [
        reverse("protocol-new", args=["anyshire"]),
        reverse("version-new", args=["anyshire", protocol.reference]),
        page("draft", version), page("draft-details", version), page("draft-clauses", version), page("clause-new", version),
        page("clause-edit", version, clause.uid), page("clause-remove", version, clause.uid),
        page("draft-terms", version), page("draft-purposes", version), page("draft-items", version), page("draft-parties", version),
        page("draft-terms-add", version), page("draft-parties-add", version), page("draft-items-add", version),
        page("draft-terms-edit", version, term.pk), page("draft-purposes-edit", version, purpose.pk),
        page("draft-items-edit", version, item.pk), page("draft-parties-edit", version, party.pk),
        page("draft-parties-remove", version, party.pk),
        page("consultation", version), page("consultation-open", version), page("approval", version), page("draft-again", version),
        page("comment-new", version),
    ]
    for url in urls:
        response = client.get(url)
        assert response.status_code == 200, (url, response.status_code)
