"""Related documents (HAR-9): drafted, copied, frozen, printed; no title is ever taken from a protocol that is not public."""

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from portal.permissions import Role
from portal.tenancy import scope
from protocols import documents, gaps, workflow
from protocols.canonical import validate
from protocols.models import Publication, RelatedDocument
from protocols.printing import protocol_context
from tests.builders import NOW, advance, make_member, make_version
from tests.protocols.test_drafting import Desk

pytestmark = pytest.mark.django_db


class Library(Desk):
    """The desk, and another protocol of the framework that is in force."""

    def __init__(self, client):
        super().__init__(client)
        with scope(self.framework.pk):
            self.other = make_version(framework=self.framework, status="in-force")
            self.named = self.other.protocol
            self.hidden = make_version(framework=self.framework)

    def publish(self):
        """The other protocol becomes public as a summary."""
        with scope(self.framework.pk):
            facts = {"level": "summary", "summary": "S", "reason": "R", "review_on": NOW.date()}
            Publication.objects.decide(self.other, by=None, now=NOW, **facts)

    def add(self, **fields):
        """Send the form."""
        return self.client.post(self.url("draft-related-add"), self.form("draft-related-add") | fields)


@pytest.fixture
def desk(client):
    return Library(client)


def test_external_and_internal_documents_are_frozen_and_printed(desk):
    """HAR-9: title, owner, date and link; into the canonical JSON, the page and the PDF's schedule; frozen with the text."""
    facts = {"title": "Caldicott Guardian Agreement", "owner": "Anyshire Trust", "dated": "1 April 2024"}
    assert desk.add(**facts, link="https://example.org/agreement").status_code == 302
    assert desk.add(title="Safer Communities Protocol", protocol=desk.other.protocol_id).status_code == 302
    listed = desk.client.get(desk.url("draft-related")).content.decode()
    assert desk.named.reference in listed
    with scope(desk.framework.pk):
        data = documents.canonical(desk.version)
        validate(data)
        first = {
            "title": facts["title"],
            "owner": "Anyshire Trust",
            "dated": "2024-04-01",
            "link": "https://example.org/agreement",
        }
        assert data["related_documents"][0] == first
        assert data["related_documents"][1]["title"] == "Safer Communities Protocol"
        context = protocol_context(data, documents.extras_of(kind="draft", made_at=NOW, status_words="Draft"))
        assert [schedule["title"] for schedule in context["schedules"]].count("Related documents") == 1
        assert context["related"][0]["dated"] == "1 April 2024"
        advance(desk.version, "in-force")
        with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
            RelatedDocument.objects.filter(version=desk.version).update(title="Another one")
        copied = workflow.next_version(desk.version.protocol, major=True, by=None, now=NOW)
        assert [row.title for row in copied.related_documents.all()] == [facts["title"], "Safer Communities Protocol"]
    page = desk.client.get(desk.url("version")).content.decode()
    for words in ("Related documents", 'href="https://example.org/agreement"', "Safer Communities Protocol"):
        assert words in page
    assert reverse("protocol", args=["anyshire", desk.named.reference]) in page


def test_no_title_is_taken_from_a_protocol_that_is_not_public(desk):
    """The drafter must put an unpublished protocol's title into words of their own, and is warned; a public one's is taken over."""
    refused = desk.add(protocol=desk.other.protocol_id)
    assert "title" in refused.context["form"].errors
    assert desk.add(protocol=desk.hidden.protocol_id, title="x").context["form"].errors  # never circulated: no choice
    desk.add(protocol=desk.other.protocol_id, title="Our words for it")
    with scope(desk.framework.pk):
        assert any("Our words for it" in words for words in gaps.warnings(desk.version))
    desk.publish()
    assert desk.add(protocol=desk.other.protocol_id).status_code == 302
    with scope(desk.framework.pk):
        titles = list(RelatedDocument.objects.filter(version=desk.version).values_list("title", flat=True))
        assert titles == ["Our words for it", desk.named.title]
        assert not any("Our words" in words for words in gaps.warnings(desk.version))


def test_a_party_that_may_not_see_the_other_protocol_gets_no_link(desk, client):
    """It reads what is printed, and neither the reference nor the address nor the title of the other protocol."""
    desk.add(protocol=desk.other.protocol_id, title="Our words for it")
    with scope(desk.framework.pk):
        partner = desk.version.parties.last().organisation
        advance(desk.version, "open-for-signature")
    client.force_login(make_member(desk.framework, Role.REPRESENTATIVE, partner))
    for name in ("version",):
        page = client.get(desk.url(name)).content.decode()
        assert "Our words for it" in page
        assert desk.named.reference not in page
        assert desk.named.title not in page


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "ftp://example.org/", "//example.org", "example", "data:text/html,x"]
)
def test_only_web_addresses_are_links(desk, link):
    """http and https, nothing else."""
    assert "link" in desk.add(title="A guide", link=link).context["form"].errors


def test_a_title_is_asked_for_when_submitting(desk):
    """Optional to save, strict to submit."""
    assert desk.add(owner="Anyshire Trust").status_code == 302
    with scope(desk.framework.pk):
        assert workflow.missing(desk.version) == ["Title of related document “Anyshire Trust”"]
    assert desk.add().context["form"].errors
