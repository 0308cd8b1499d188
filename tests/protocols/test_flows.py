"""Information flows: from whom to whom, what, what for, how, how often, passed on or not, under which power, who may look."""

import pytest
from django.urls import reverse

from portal.permissions import Role
from portal.tenancy import scope
from protocols import documents, workflow
from protocols.models import DataFlow
from tests.builders import (
    FLOW,
    NOW,
    make_framework,
    make_member,
    make_organisation,
    make_party,
    make_protocol,
    make_version,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def framework():
    """The tenant, with its scope held for the test's own look at rows."""
    made = make_framework("Anyshire Board", slug="anyshire")
    with scope(made.pk):
        yield made


@pytest.fixture
def version(framework):
    return make_version(framework=framework)


LACKING = {
    "from whom": {"source": ""},
    "to whom": {"recipients": []},
    "which data items": {"items": ["D1", "D9"]},
    "for which purpose": {"purposes": []},
    "how it is sent": {"method": " "},
    "how often": {"frequency": ""},
    "whether it may be passed on": {"onward": ""},
    "power or duty": {"power": ""},
    "who may look at the information": {"readers": "\n"},
    "how those who look are checked": {"vetting": ""},
}


@pytest.mark.parametrize("words", LACKING)
def test_what_a_flow_lacks_is_named(version, words):
    """HAR-3.8, HAR-4.8, HAR-7.3, KEN-2.2, HAM-voice: each is optional to save and asked for when the draft is submitted."""
    version.data_flows.update(**LACKING[words])
    assert workflow.missing(version) == [f"Flow F1: {words}"]


def test_a_flow_that_cites_what_is_gone_is_named(framework, version):
    """A party that was taken out again leaves the flow that named it incomplete, not silently shorter."""
    party = make_party(version)
    version.data_flows.update(source=str(party.organisation_id))
    assert workflow.missing(version) == []
    party.delete()
    assert workflow.missing(version) == ["Flow F1: from whom"]
    assert documents.canonical(version)["data_flows"][0]["from"] == ""


def test_flows_are_asked_of_the_operational_tier_only(framework):
    """HAM-voice: only an operational protocol must have flows; one that stands is whole in every tier."""
    general = make_version(make_protocol(framework, tier=1))
    general.data_flows.update(vetting="")
    assert workflow.missing(general) == ["Flow F1: how those who look are checked"]
    general.data_flows.all().delete()
    assert workflow.missing(general) == []


def test_next_version_has_the_same_flows(framework):
    """Parties, items and purposes are cited so that the next version can take a flow over as it stands."""
    old = make_version(framework=framework, status="in-force")
    new = workflow.next_version(old.protocol, major=True, by=None, now=NOW)
    assert documents.canonical(new)["data_flows"] == documents.canonical(old)["data_flows"] != []


def test_a_drafter_adds_changes_and_removes_a_flow(client, framework, version):
    """The page offers the draft's own parties, items and purposes, and the text then says it in words."""
    organisation = make_organisation("Anyshire Trust", framework=framework)
    make_party(version, organisation)
    client.force_login(make_member(framework, Role.DRAFTER))
    args = [framework.slug, version.protocol.reference, version.number]
    page = client.get(reverse("draft-flows-add", args=args)).content.decode()
    assert "Every other party, those that join later included" in page
    typed = FLOW | {"source": str(organisation.pk), "onward": "listed", "onward_to": "The coroner", "revision": 1}
    assert client.post(reverse("draft-flows-add", args=args), typed).status_code == 302
    flow = DataFlow.objects.get(version=version, label="F2")
    html = client.get(reverse("draft-flows", args=args)).content.decode()
    assert "Anyshire Trust" in html
    html = client.get(reverse("version", args=args)).content.decode()
    for words in (
        "F2 From Anyshire Trust to every other party",
        "The coroner",
        "Never outside the parties",
        "Enhanced check",
    ):
        assert words in html
    edit = reverse("draft-flows-edit", args=[*args, flow.pk])
    stale = typed | {"revision": 1, "base": "0" * 64, "method": "By post", "recipients": [str(organisation.pk)]}
    response = client.post(edit, stale)
    assert response.status_code == 409
    assert "Every other party" in response.content.decode()  # what stands, in words
    assert "By post" in response.content.decode()
    remove = reverse("draft-flows-remove", args=[*args, flow.pk])
    version.refresh_from_db()
    assert client.post(remove, {"revision": version.revision}).status_code == 302
    assert not DataFlow.objects.filter(pk=flow.pk).exists()


def test_an_everybody_flow_lists_nobody_besides(client, framework, version):
    """ "Every other party" and names together would be two answers: the first is kept."""
    organisation = version.parties.first().organisation
    client.force_login(make_member(framework, Role.DRAFTER))
    args = [framework.slug, version.protocol.reference, version.number]
    typed = {"recipients": ["all", str(organisation.pk)], "revision": 1}
    assert client.post(reverse("draft-flows-add", args=args), typed).status_code == 302
    assert DataFlow.objects.get(version=version, label="F2").recipients == ["all"]
