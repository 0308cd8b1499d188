"""A draft that was never circulated can be deleted; everything else stays, and a reference stays used (SIG-num)."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from portal.errors import StateError
from portal.models import AuditEvent
from portal.permissions import Role
from portal.tenancy import scope
from protocols import workflow
from protocols.deleting import delete_draft
from protocols.models import Clause, DataItem, Party, Protocol, RetiredReference, Term, Version
from tests.builders import NOW, advance, make_member, make_protocol, make_version
from tests.protocols.test_drafting import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    return Desk(client)


def test_draft_goes_with_its_protocol_and_the_reference_stays_used(desk):
    """SIG-num: the only draft takes the protocol along; both acts are in the ledger, the reference is never free again,
    not even below the code."""
    with scope(desk.framework.pk):
        protocol = desk.version.protocol
    page = desk.client.get(desk.url("draft"))
    assert desk.url("draft-delete") in page.content.decode()
    response = desk.client.post(desk.url("draft-delete"), desk.form("draft-delete"), follow=True)
    assert response.redirect_chain == [(reverse("protocols", args=["anyshire"]), 302)]
    assert "is deleted" in response.content.decode()
    with scope(desk.framework.pk):
        assert not Version.objects.exists()
        assert not Protocol.objects.exists()
        assert not any(model.objects.exists() for model in (Clause, Term, DataItem, Party))
        assert RetiredReference.objects.get().reference == desk.reference
        verbs = AuditEvent.objects.filter(chain=protocol.ledger_chain).order_by("seq").values_list("verb", flat=True)
        assert list(verbs)[-2:] == ["protocols.version:deleted", "protocols.protocol:deleted"]
        assert Clause.history.filter(history_type="-").count() == 2
        facts = {"tier": protocol.tier_id, "external_parent": "Charter", "lead_organisation": desk.council.pk}
        form = facts | {"title": "Again", "reference": desk.reference.lower(), "nation": "england-and-wales"}
        again = desk.client.post(reverse("protocol-new", args=["anyshire"]), form)
        assert "never used again" in again.content.decode()
        with pytest.raises(IntegrityError, match="was used before"), transaction.atomic():
            make_protocol(desk.framework, reference=desk.reference.lower())


def test_draft_of_a_next_version_goes_alone(desk):
    """The protocol and its version in force stay."""
    with scope(desk.framework.pk):
        advance(desk.version, "in-force")
        draft = workflow.next_version(desk.version.protocol, major=True, by=None, now=NOW)
        assert delete_draft(draft, revision=1, by=desk.drafter, now=NOW) is False
        assert [version.number for version in Version.objects.all()] == ["1.0"]
        assert not RetiredReference.objects.exists()


@pytest.mark.parametrize(
    "state", ["consultation", "approval", "approved", "open-for-signature", "in-force", "returned"]
)
def test_what_others_have_seen_stays(desk, state):
    """In every other state, and in a draft that came back from the parties: refused with 409, for reading as for doing."""
    with scope(desk.framework.pk):
        advance(desk.version, "consultation" if state == "returned" else state)
        if state == "returned":
            workflow.take_back(desk.version, reason="Comments", by=None, now=NOW)
    before = desk.trace()
    for response in (
        desk.client.get(desk.url("draft-delete")),
        desk.client.post(desk.url("draft-delete"), {"revision": 1}),
    ):
        assert response.status_code == 409
        assert "never circulated" in response.content.decode()
    assert desk.url("draft-delete") not in desk.client.get(desk.url("draft")).content.decode()
    assert desk.trace() == before


def test_parent_of_other_protocols_stays(desk):
    """A protocol that others supplement (HAR-10) cannot be deleted under them."""
    with scope(desk.framework.pk):
        top = make_version(make_protocol(desk.framework, tier=1))
        make_protocol(desk.framework, parent=top.protocol)
        with pytest.raises(StateError, match="supplement"):
            delete_draft(top, revision=1, by=None, now=NOW)


def test_draft_that_somebody_changed_meanwhile_stays(desk):
    """A stale confirmation page deletes no words that its reader never saw."""
    stale = desk.form("draft-delete")
    desk.client.post(
        desk.url("clause-edit", desk.clause.uid), desk.form("clause-edit", desk.clause.uid) | {"text": "New"}
    )
    before = desk.trace()
    assert desk.client.post(desk.url("draft-delete"), stale).status_code == 409
    assert desk.trace() == before


def test_only_drafters_delete(desk, client):
    """Wrong role 403, and nothing changes."""
    client.force_login(make_member(desk.framework, Role.SECRETARY, desk.council))
    before = desk.trace()
    assert client.post(desk.url("draft-delete"), {"revision": 1}).status_code == 403
    assert desk.trace() == before


def test_every_row_of_a_draft_has_its_history(desk):
    """Definitions, purposes, data items and parties: who changed which word (simple-history), as clauses have it."""
    with scope(desk.framework.pk):
        rows = {"draft-terms": desk.version.terms, "draft-purposes": desk.version.purposes,
                "draft-items": desk.version.data_items, "draft-parties": desk.version.parties}  # fmt: skip
        for name, found in rows.items():
            row = found.first()
            changed = desk.form(f"{name}-edit", row.pk) | {"address" if "parties" in name else "text": "Changed words"}
            if name == "draft-items":
                changed["detail"] = "Changed words"
            assert desk.client.post(desk.url(f"{name}-edit", row.pk), changed).status_code == 302
            assert row.history.first().history_user_id == desk.drafter.pk
            assert row.history.count() == 2
