"""A parent outside the portal is whole from the beginning of a draft to the signature (KEN-4.1, HAR-10)."""

import json
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from portal import tenancy
from portal.errors import StateError
from portal.models import AuditEvent
from portal.permissions import Role
from protocols import documents, printing, rehanging
from protocols.models import Protocol
from signatories.obstacles import obstacles
from tests.builders import NOW, advance, make_framework, make_member, make_protocol, make_version
from tests.signatories.signing import make_signer, sign

pytestmark = pytest.mark.django_db
WORDS = "We are bound by County charter, dated 1 May 2019."


@pytest.fixture
def framework():
    made = make_framework()
    with tenancy.scope(made.pk):
        yield made


def url(name, version):
    return reverse(name, args=[version.framework.slug, version.protocol.reference, version.number])


def test_from_the_form_to_the_evidence(framework, client):
    """Named on the form with its date, shown while drafting, put right, frozen, printed, stated by the signer, kept."""
    drafter = make_member(framework, Role.DRAFTER)
    client.force_login(drafter)
    version = make_version(make_protocol(framework, external_parent="Charter", external_parent_dated=None))
    page = client.get(url("draft", version)).content.decode()
    assert url("draft-parent", version) in page
    sent = {"external_parent": "County charter", "external_parent_dated": "1 May 2019"}
    assert client.post(url("draft-parent", version), sent).status_code == 302
    assert "County charter, dated 1 May 2019" in client.get(url("draft", version)).content.decode()
    event = AuditEvent.objects.get(verb="protocols.version:parent-changed")
    assert (event.payload["was"], event.payload["external_parent"]) == ("Charter", "County charter")
    version.refresh_from_db()
    advance(version, "open-for-signature")
    text = json.loads(version.canonical.content())
    assert text["protocol"]["parent"] == {
        "reference": None, "title": "County charter", "version": None, "dated": "2019-05-01", "external": True,
    }  # fmt: skip
    extras = documents.extras_of(kind="text_copy", made_at=NOW, status_words="Open for signature")
    assert {"name": "Under", "value": "County charter, 1 May 2019"} in printing.protocol_context(text, extras)["facts"]
    party = version.parties.select_related("organisation").first()
    signer = make_signer(party)
    assert obstacles(party, signer, NOW).blocks == ()
    client.force_login(signer)
    address = reverse("sign", args=[framework.slug, version.protocol.reference, version.number, party.pk])
    assert WORDS in client.get(address).content.decode()
    said = json.loads(sign(party, signer).record)["intent"]["statements"][-1]
    assert said == {"key": "parent", "text": WORDS, "ticked": True}


def test_the_parent_is_put_right_by_the_rules_of_the_beginning(framework, client):
    """KEN-4.1: exactly one kind, one tier up; refused with the field named, and nothing changes."""
    general = make_version(make_protocol(framework, tier=1)).protocol
    other = make_version(make_protocol(framework)).protocol
    version = make_version(make_protocol(framework))
    client.force_login(make_member(framework, Role.DRAFTER))
    address = url("draft-parent", version)
    for sent, words in (
        ({"parent": general.pk, "external_parent": "Charter"}, "not both"),
        ({"external_parent": ""}, "name the external document"),
        ({"parent": other.pk}, "Select a valid"),
    ):
        answer = client.post(address, sent)
        assert answer.status_code == 200
        assert words in answer.content.decode() or "govuk-error-summary" in answer.content.decode()
    with pytest.raises(ValidationError):
        rehanging.change_parent(version, parent=other, by=None, now=NOW)
    assert Protocol.objects.get(pk=version.protocol_id).external_parent == "General protocol of the area"
    assert client.post(address, {"parent": general.pk}).status_code == 302
    kept = Protocol.objects.get(pk=version.protocol_id)
    assert (kept.parent, kept.external_parent, kept.external_parent_dated) == (general, "", None)


def test_what_was_frozen_keeps_its_parent(framework, client):
    """Once a version was opened, or the draft has left the desk: 409, and no trace. Others 403, strangers 404."""
    version = make_version(make_protocol(framework), status="in-force")
    later = make_version(version.protocol, major=2)
    before = AuditEvent.objects.count()
    with pytest.raises(StateError):
        rehanging.change_parent(later, parent=None, external_parent="Other", by=None, now=NOW)
    with pytest.raises(StateError):
        rehanging.change_parent(version, parent=None, external_parent="Other", by=None, now=NOW)
    assert AuditEvent.objects.count() == before
    assert Protocol.objects.get(pk=version.protocol_id).external_parent_dated == date(2020, 1, 1)
    client.force_login(make_member(framework, Role.DRAFTER))
    assert client.get(url("draft-parent", later)).status_code == 409
    assert url("draft-parent", later) not in client.get(url("draft", later)).content.decode()
    client.force_login(make_member(framework, Role.SECRETARY))
    assert client.post(url("draft-parent", later), {"external_parent": "x"}).status_code == 403
    client.force_login(make_member(make_framework(), Role.DRAFTER))
    assert client.post(url("draft-parent", later), {"external_parent": "x"}).status_code == 404
