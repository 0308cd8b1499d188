"""Urgent, to be ratified: what the deciding body says of it afterwards (HAR-2.3)."""

from datetime import UTC, date, datetime

import pytest

from portal import todo
from portal.errors import NotReady, StateError
from portal.models import AuditEvent, Board, Decision
from portal.permissions import Role
from portal.tenancy import scope
from protocols import workflow
from protocols.models import Tier, Version
from signatories import workflow as signing
from tests.builders import NOW, advance, make_framework, make_member, make_user, make_version
from tests.protocols.test_approval import APPROVED, DAY, Table

pytestmark = pytest.mark.django_db
URGENT = APPROVED | {"outcome": "urgent", "ratify_by": "1 July 2099"}
RATIFIED = {"outcome": "ratified", "reference": "Minute 9", **DAY}


@pytest.fixture
def table(client):
    """A draft that was approved as urgent."""
    table = Table(client)
    table.post(table.drafter, "approval-submit")
    assert table.post(table.secretary, "approval-decide", **URGENT).status_code == 302
    return table


def facts(version, outcome, **more):
    """A decision of the deciding body on an urgent approval."""
    return {
        "board": version.protocol.tier.deciding_body,
        "decided_on": NOW.date(),
        "reference": "M9",
        "outcome": outcome,
    } | more


def make_urgent(version, by=None):
    """Approved as urgent, to be ratified by 1 July 2026."""
    advance(version, "approval")
    return workflow.decide(version, by=by, now=NOW, ratify_by=date(2026, 7, 1), **facts(version, "urgent"))


def waiting(framework, person):
    """Titles of what the secretary has to do, with the groups they stand in on 3 July 2026."""
    now = datetime(2026, 7, 3, 9, tzinfo=UTC)
    return {item.title: name for name, items in todo.by_urgency(todo.items(person), now=now).items() for item in items}


def test_ratified_over_http(table):
    """HAR-2.3: shown as outstanding with its date in words, recorded with date and reference, then no longer outstanding."""
    page = table.get(table.secretary, "approval").content.decode()
    for words in ("Approved as urgent, not ratified yet", "1 July 2099", "Record the ratification"):
        assert words in page
    assert "Record the ratification" not in table.get(table.drafter, "approval").content.decode()
    assert table.post(table.secretary, "approval-ratify", **RATIFIED).status_code == 302
    assert "not ratified yet" not in table.get(table.secretary, "approval").content.decode()
    assert table.post(table.secretary, "approval-ratify", **RATIFIED).status_code == 409
    assert table.get(table.secretary, "approval-ratify").status_code == 409
    assert table.state() == ("approved", 1, 2)


def test_urgent_needs_its_date(client):
    """HAR-2.3: an urgent approval says by when it is ratified."""
    table = Table(client)
    table.post(table.drafter, "approval-submit")
    response = table.post(table.secretary, "approval-decide", **URGENT | {"ratify_by": ""})
    assert "ratify_by" in response.context["form"].errors
    assert table.state() == ("approval", 1, 0)


def test_refused_before_signing_goes_back_to_draft(table):
    """HAR-2.3: with its reason on the task list; the approval is kept, unused."""
    refused = RATIFIED | {"outcome": "not-ratified"}
    assert "reason" in table.post(table.secretary, "approval-ratify", **refused).context["form"].errors
    table.post(table.secretary, "approval-ratify", **refused | {"reason": "Not urgent at all"})
    assert table.state() == ("draft", 2, 2)
    assert "Not urgent at all" in table.get(table.drafter, "draft").content.decode()


def test_only_the_secretary_records_it(table):
    """HAR-2.3: other members 403, strangers 404, and nothing is recorded."""
    for role in (Role.VIEWER, Role.REPRESENTATIVE, Role.AUDITOR, Role.FRAMEWORK_ADMIN, Role.DRAFTER):
        person = make_member(table.framework, role, table.lead)
        assert table.get(person, "approval-ratify").status_code == 403
        assert table.post(person, "approval-ratify", **RATIFIED).status_code == 403
    stranger = make_member(make_framework(), Role.SECRETARY)
    assert table.post(stranger, "approval-ratify", **RATIFIED).status_code == 404
    assert table.state() == ("approved", 1, 1)


def test_outstanding_and_overdue():
    """HAR-2.3, READ-11: outstanding until it is recorded, overdue by the clock alone, also while it is in force."""
    framework = make_framework()
    secretary = make_member(framework, Role.SECRETARY)
    with scope(framework.pk):
        version = make_version(framework=framework)
        make_urgent(version)
        title = f"Have the urgent approval of {version.protocol.reference} {version.name} ratified"
        assert waiting(framework, secretary)[title] == "overdue"
        advance(version, "in-force")
        title = f"Have the urgent approval of {version.protocol.reference} 1.0 ratified"
        assert waiting(framework, secretary)[title] == "overdue"
        workflow.ratify(version, by=None, now=NOW, **facts(version, "ratified"))
        assert title not in waiting(framework, secretary)


@pytest.mark.parametrize("status", ["open-for-signature", "completed", "in-force"])
def test_refused_after_opening_is_withdrawn_by_that_decision(status):
    """HAR-2.3: it cannot go back to draft any more; the secretary is told to withdraw it, and the refusal is the decision."""
    framework = make_framework()
    secretary = make_member(framework, Role.SECRETARY)
    with scope(framework.pk):
        version = make_version(framework=framework)
        make_urgent(version)
        advance(version, status)
        workflow.ratify(version, by=None, now=NOW, **facts(version, "not-ratified", reason="No"))
        assert version.status == status
        assert f"Withdraw {version.protocol.reference} 1.0: ratification was refused" in waiting(framework, secretary)
        signing.withdraw(version, reason="Not ratified", by=secretary, now=NOW)
        version.refresh_from_db()
        event = AuditEvent.objects.get(verb="protocols.version:withdrawn")
        assert (version.status, event.payload["decision"]) == ("withdrawn", "M9")
        assert not any("ratif" in title for title in waiting(framework, secretary))


def test_in_force_is_not_withdrawn_without_the_refusal():
    """HAR-2.3: a version in force whose approval stands is not withdrawn from the page."""
    framework = make_framework()
    with scope(framework.pk):
        version = make_version(framework=framework)
        make_urgent(version)
        advance(version, "in-force")
        with pytest.raises(StateError):
            signing.withdraw(version, reason="x", by=None, now=NOW)


@pytest.mark.parametrize(
    "more, error",
    [({"board": None}, NotReady), ({"reference": ""}, NotReady), ({"outcome": "approved"}, StateError), ({"outcome": "not-ratified"}, NotReady), ({"other": True}, NotReady), ({"nobody": True}, NotReady)],
)  # fmt: skip
def test_bad_ratifications(more, error):
    """HAR-2.3: only the tier's own deciding body, with reference and, for a refusal, reason; else nothing is left."""
    framework = make_framework()
    with scope(framework.pk):
        version = make_version(framework=framework)
        make_urgent(version)
        if "other" in more:
            more = {"board": Board.objects.create(framework=framework, name="Sports club")}
        if "nobody" in more:  # a tier without a deciding body cannot ratify at all
            Tier.objects.update(deciding_body=None)
            more = {"board": None}
        before = AuditEvent.objects.count()
        words = "the deciding body of this tier" if "board" in more else "."
        with pytest.raises(error, match=words):
            workflow.ratify(version, by=make_user(), now=NOW, **facts(version, "ratified") | more)
        assert (Decision.objects.count(), AuditEvent.objects.count()) == (1, before)
        assert Version.objects.get(pk=version.pk).status == "approved"
