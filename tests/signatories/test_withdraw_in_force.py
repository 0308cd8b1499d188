"""A version in force is withdrawn by the deciding body's decision, with a reason, on a page of the secretary (HAR-2.3)."""

import pytest
from django.db import transaction
from django.urls import reverse

from portal import notices, tenancy
from portal.errors import NotReady
from portal.models import AuditEvent, Board, Decision, OutgoingEmail
from portal.permissions import Role
from protocols.models import Party, Version
from signatories import workflow
from tests.builders import NOW, make_framework, make_member
from tests.signatories.test_views_running import Running

pytestmark = pytest.mark.django_db
DAY = {"decided_on_day": "1", "decided_on_month": "6", "decided_on_year": "2026"}
SENT = {"who": "board", "reference": "Minute 12", "reason": "The service has closed"} | DAY


@pytest.fixture
def case(client, time_machine):
    time_machine.move_to(NOW, tick=False)
    return Running(client, "in-force")


def test_the_secretary_withdraws_it(case):
    """Reached from the protocol's page; afterwards nobody is bound, the decision is recorded, the representatives
    are told in words that fit, and the reason stands on the page of signatures."""
    home = reverse("protocol", args=[case.framework.slug, case.version.protocol.reference])
    case.client.force_login(case.secretary)
    assert case.url("version-withdraw") in case.client.get(home).content.decode()
    page = case.go(case.secretary, "version-withdraw").content.decode()
    assert "only by a decision of the deciding body" in page
    answer = case.go(case.secretary, "version-withdraw", {"reason": ""}).content.decode()
    for words in ("Say why the version is withdrawn", "Enter the minute or decision reference"):
        assert words in answer
    assert case.status()[0] == "in-force"
    assert case.go(case.secretary, "version-withdraw", SENT).status_code == 302
    assert case.status()[0] == "withdrawn"
    with tenancy.scope(case.framework.pk), transaction.atomic():
        decision = Decision.objects.get(outcome="withdrawn")
        assert (decision.reference, decision.reason, decision.board_id) == (
            "Minute 12", "The service has closed", case.version.protocol.deciding_body.pk,
        )  # fmt: skip
        assert not Party.objects.filter(bound_until__isnull=True, bound_from__isnull=False).exists()
        mail = OutgoingEmail.objects.filter(kind="signatories.withdrawn").first()
        assert "Nobody is bound by it any more" in notices.render(mail).body
    assert (
        "The service has closed"
        in case.client.get(case.url("version-withdraw").replace("withdraw", "signatures")).content.decode()
    )
    assert case.go(case.secretary, "version-withdraw", SENT).status_code == 409


def test_what_is_refused_leaves_no_trace(case):
    """Without a decision, a reason, or by another board: refused by the verb whatever the page does."""
    with tenancy.scope(case.framework.pk), transaction.atomic():
        body, other = case.version.protocol.deciding_body, Board.objects.create(framework=case.framework, name="Other")
        before = AuditEvent.objects.count()
        good = {"board": body, "decided_on": NOW.date(), "reference": "Minute 12"}
        for reason, facts in (("x", {}), (" ", good), ("x", good | {"board": other}), ("x", good | {"reference": ""})):
            with pytest.raises(NotReady):
                workflow.withdraw(case.version, reason=reason, by=case.secretary, now=NOW, **facts)
        assert AuditEvent.objects.count() == before
        assert not Decision.objects.filter(outcome="withdrawn").exists()
        assert Version.objects.get(pk=case.version.pk).status == "in-force"


def test_an_officer_may_withdraw_under_a_scheme(case):
    """A delegated decision names officer and scheme."""
    sent = SENT | {"who": "delegated"}
    assert "Enter the scheme of delegation" in case.go(case.secretary, "version-withdraw", sent).content.decode()
    sent |= {"delegated_to": "Director", "delegation_scheme": "Scheme, section 4"}
    assert case.go(case.secretary, "version-withdraw", sent).status_code == 302
    assert case.status()[0] == "withdrawn"


def test_only_the_secretary(case):
    """403 for others of the framework, 404 for strangers."""
    assert case.go(case.drafter, "version-withdraw", SENT).status_code == 403
    stranger = make_member(make_framework(), Role.SECRETARY)
    assert case.go(stranger, "version-withdraw", SENT).status_code == 404
    assert case.status()[0] == "in-force"
