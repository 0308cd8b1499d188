"""Procedures and senior managers (HAR-8.1, HAR-8.2, HAR-8.3): kept by those who owe them, before and after signing."""

import pytest
from django.urls import reverse

from portal.errors import StateError
from portal.models import AuditEvent
from portal.permissions import Role
from portal.tenancy import scope
from protocols import arrangements, documents
from protocols.canonical import canonical_bytes
from protocols.models import Arrangement
from tests.builders import NOW, advance, make_framework, make_member, make_organisation, make_version

pytestmark = pytest.mark.django_db


class Circle:
    """A protocol in force between two parties, each with a representative, and its drafter."""

    def __init__(self, client):
        self.client, self.framework = client, make_framework(slug="anyshire")
        with scope(self.framework.pk):
            self.version = make_version(framework=self.framework, status="in-force")
            self.protocol = self.version.protocol
            self.parties = [party.organisation for party in self.version.parties.all()]
        self.drafter = make_member(self.framework, Role.DRAFTER, self.parties[0])
        self.signers = [make_member(self.framework, Role.REPRESENTATIVE, one) for one in self.parties]

    def url(self, name, *more):
        """Address of one of the pages."""
        return reverse(name, args=["anyshire", self.protocol.reference, *more])

    def post(self, person, name, *more, **fields):
        """Send a form as a person."""
        self.client.force_login(person)
        return self.client.post(self.url(name, *more), fields)

    def page(self, person, name="procedures"):
        """A page as a person sees it."""
        self.client.force_login(person)
        return self.client.get(self.url(name)).content.decode()

    def local(self, **fields):
        """A local procedure of the second party, added by its representative."""
        facts = {"title": "Front desk", "status": "in-preparation"} | fields
        return self.post(self.signers[1], "procedure-local", self.parties[1].pk, **facts)

    def only(self):
        """The one row."""
        with scope(self.framework.pk):
            return Arrangement.objects.get()

    def events(self):
        """Words of the ledger about procedures."""
        with scope(self.framework.pk):
            found = AuditEvent.objects.filter(verb__startswith="protocols.arrangement:").order_by("pk")
            return [(event.verb.split(":")[1], event.payload.get("status"), event.chain) for event in found]


@pytest.fixture
def circle(client):
    return Circle(client)


def test_local_procedure_from_not_started_to_in_place(circle):
    """HAR-8.1: its own representative keeps it, after signing too; each step is in the ledger, the frozen text stays."""
    with scope(circle.framework.pk):
        frozen = circle.version.canonical.content()
    assert circle.local(link="https://example.org/desk").status_code == 302
    row = circle.only()
    assert (row.organisation, row.changed_by) == (circle.parties[1], circle.signers[1])
    change = {"title": "Front desk", "status": "in-place", "base": arrangements.base_of(row)}
    assert circle.post(circle.signers[1], "procedure-edit", row.pk, **change).status_code == 302
    assert "In place" in circle.page(circle.signers[0])
    assert circle.post(circle.signers[1], "procedure-remove", row.pk, base=change["base"]).status_code == 409  # stale
    row = circle.only()
    base = arrangements.base_of(row)
    assert circle.post(circle.signers[1], "procedure-remove", row.pk, base=base).status_code == 302
    with scope(circle.framework.pk), pytest.raises(StateError):  # two who remove it at once: the second is told
        arrangements.remove(row, base=base, by=circle.signers[1], now=NOW)
    chain = circle.protocol.ledger_chain
    assert circle.events() == [
        ("added", "in-preparation", chain),
        ("changed", "in-place", chain),
        ("removed", "in-place", chain),
    ]
    with scope(circle.framework.pk):
        assert [one.history_type for one in Arrangement.history.all()] == ["-", "~", "+"]
        assert circle.version.canonical.content() == frozen
        assert canonical_bytes(documents.canonical(circle.version)) == frozen


def test_what_is_missing_is_said_and_stops_nobody(circle):
    """HAR-8.1, HAR-8.2, HAR-8.3: warnings on the page of the protocol until everything is in place."""
    first, second = (one.name for one in circle.parties)
    page = circle.page(circle.drafter, "protocol")
    for words in (
        f"No local procedure in place: {first}, {second}",
        "No joint procedure in place",
        "No senior manager designated",
    ):
        assert words in page
    for index, person in enumerate(circle.signers):
        organisation = circle.parties[index].pk
        circle.post(person, "procedure-local", organisation, title="Desk", status="in-place")
        circle.post(person, "manager-new", organisation, title="Odile Farrant", owner="Director")
    assert "Every partner has" not in circle.page(circle.drafter, "protocol")
    circle.post(circle.drafter, "procedure-joint", title="Referral", status="in-place")
    page = circle.page(circle.drafter, "protocol")
    assert "Every partner has what the protocol asks for in place." in page
    assert "Odile Farrant" in circle.page(circle.signers[0])
    assert "Odile Farrant" not in page
    with scope(circle.framework.pk):
        assert "Odile Farrant" not in str(list(AuditEvent.objects.values_list("subject_label", "payload")))


def test_each_keeps_their_own(circle):
    """Joint ones are the drafter's, local ones and managers the party's own representative's; others get 403, strangers 404."""
    circle.local()
    row, other = circle.only(), circle.parties[1].pk
    facts = {"title": "x", "status": "in-place", "owner": "y", "base": arrangements.base_of(row)}
    for person in (circle.signers[0], circle.drafter):
        for name, more in (
            ("procedure-local", other),
            ("manager-new", other),
            ("procedure-edit", row.pk),
            ("procedure-remove", row.pk),
        ):
            assert circle.post(person, name, more, **facts).status_code == 403, name
    assert circle.post(circle.signers[0], "procedure-joint", **facts).status_code == 403
    stranger = make_organisation(framework=circle.framework)
    no_party = make_member(circle.framework, Role.REPRESENTATIVE, stranger)
    assert circle.post(no_party, "procedure-local", stranger.pk, **facts).status_code == 404
    outside = make_member(make_framework(), Role.DRAFTER)
    assert circle.post(outside, "procedure-joint", **facts).status_code == 404
    assert len(circle.events()) == 1


@pytest.mark.parametrize(
    "fields", [{"title": ""}, {"status": "perfect"}, {"link": "javascript:alert(1)"}, {"title": "a\0b"}]
)
def test_bad_input_is_refused(circle, fields):
    """An error at the field, nothing kept."""
    assert circle.local(**fields).context["form"].errors
    assert circle.events() == []


def test_nothing_is_arranged_for_a_protocol_that_has_ended(circle):
    """409 for every act, and no trace."""
    circle.local()
    row = circle.only()
    with scope(circle.framework.pk):
        circle.version.status = "superseded"
        circle.version.save()
    facts = {"title": "x", "status": "in-place", "base": arrangements.base_of(row)}
    for name, more in (
        ("procedure-local", circle.parties[1].pk),
        ("procedure-edit", row.pk),
        ("procedure-remove", row.pk),
    ):
        assert circle.post(circle.signers[1], name, more, **facts).status_code == 409, name
    assert len(circle.events()) == 1


def test_draft_of_a_protocol_shows_them_to_its_drafters_only(circle):
    """A protocol whose draft was never circulated does not exist for the parties."""
    with scope(circle.framework.pk):
        draft = make_version(framework=circle.framework)
        arrangements.add(draft.protocol, "joint", None, {"title": "Early"}, by=None, now=NOW)
    url = reverse("procedures", args=["anyshire", draft.protocol.reference])
    circle.client.force_login(circle.signers[0])
    assert circle.client.get(url).status_code == 404
    circle.client.force_login(circle.drafter)
    assert "Early" in circle.client.get(url).content.decode()
    with scope(circle.framework.pk):
        advance(draft, "consultation")
