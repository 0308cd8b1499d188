"""Approval: submitted, decided, carried over, taken back (HAR-2.3)."""

from datetime import date

import pytest
from django.urls import reverse

from portal import notices, todo
from portal.errors import NotReady, StateError
from portal.models import AuditEvent, Board, Decision, OutgoingEmail
from portal.permissions import Role
from portal.tenancy import scope
from protocols import workflow
from protocols.models import Version
from tests.builders import NOW, make_framework, make_member, make_party, make_user, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def inside():
    """The scope of a framework with its two tiers."""
    framework = make_framework()
    with scope(framework.pk):
        yield framework


@pytest.mark.parametrize(
    "outcome, more, status, draft",
    [
        ("approved", {}, "approved", 1),
        ("urgent", {"ratify_by": date(2026, 7, 1)}, "approved", 1),
        ("approved-with-changes", {"listed_changes": "4.1: ten days"}, "draft", 2),
        ("referred-back", {"reason": "Unclear"}, "draft", 2),
        ("refused", {"reason": "No"}, "draft", 2),
    ],
)
def test_decision_leads_on_or_back(inside, now, outcome, more, status, draft):
    """HAR-2.3: every outcome is kept with date and reference; only approved and urgent lead on."""
    version = make_version(framework=inside, status="approval")
    decision = workflow.decide(
        version, by=None, now=now, board=version.protocol.tier.deciding_body, decided_on=now.date(), reference="Minute 7",
        outcome=outcome, **more,
    )  # fmt: skip
    assert (version.status, version.draft) == (status, draft)
    assert version.approval == (decision if status == "approved" else None)
    assert workflow.last_decision(version) == decision


@pytest.mark.parametrize(
    "facts",
    [
        {"reference": ""},
        {"board": None},
        {"board": None, "delegated_to": "Director"},
        {"outcome": "approved-with-changes"},
        {"outcome": "referred-back"},
        {"outcome": "refused"},
        {"outcome": "urgent"},
    ],
)
def test_decision_must_say_enough(inside, now, facts):
    """HAR-2.3: without body, reference, list or reason it is refused and leaves nothing."""
    version = make_version(framework=inside, status="approval")
    good = {
        "board": version.protocol.tier.deciding_body,
        "decided_on": now.date(),
        "reference": "M7",
        "outcome": "approved",
    }
    before = AuditEvent.objects.count()
    with pytest.raises(NotReady):
        workflow.decide(version, by=None, now=now, **good | facts)
    version.refresh_from_db()
    assert (version.status, workflow.last_decision(version), AuditEvent.objects.count()) == ("approval", None, before)


def test_decision_of_another_board_is_refused(inside, now):
    """HAR-2.3: the tier's own deciding body decides."""
    version = make_version(framework=inside, status="approval")
    other = Board.objects.create(framework=inside, name="Sports club")
    with pytest.raises(NotReady):
        workflow.decide(
            version, by=None, now=now, board=other, decided_on=now.date(), reference="M7", outcome="approved"
        )


def test_approved_taken_back_keeps_the_decision_unused(inside, now):
    """A drafter may take approved back to draft: the decision stays recorded, the new draft needs its own."""
    version = make_version(framework=inside, status="approved")
    decision = version.approval
    workflow.take_back(version, reason="A mistake in 4.1", by=None, now=now)
    assert (version.status, version.draft, version.approval) == ("draft", 2, None)
    assert workflow.last_decision(version) == decision
    assert AuditEvent.objects.get(verb="protocols.version:draft").payload["decision_unused"] == decision.pk


def test_listed_changes_carry_the_decision_over(inside, now):
    """HAR-2.3: drafter and secretary, two people, confirm that only the listed changes were made."""
    drafter, secretary = make_user(), make_user()
    version = make_version(framework=inside, status="approval")
    body = version.protocol.tier.deciding_body
    facts = {"board": body, "decided_on": now.date(), "reference": "M7"}
    decision = workflow.decide(
        version, by=secretary, now=now, outcome="approved-with-changes", listed_changes="4.1", **facts
    )
    workflow.submit(version, by=drafter, now=now, only_listed_changes=True)
    with pytest.raises(NotReady):
        workflow.carry_decision(version, by=drafter, now=now)
    workflow.carry_decision(version, by=secretary, now=now)
    assert (version.status, version.approval) == ("approved", decision)


def test_no_decision_to_carry_over(inside, now):
    """Without an approval with listed changes, or without the drafter's confirmation, nothing is carried over."""
    version = make_version(framework=inside)
    with pytest.raises(StateError):
        workflow.submit(version, by=None, now=now, only_listed_changes=True)
    workflow.submit(version, by=None, now=now)
    with pytest.raises(NotReady):
        workflow.carry_decision(version, by=make_user(), now=now)
    version.refresh_from_db()
    assert version.status == "approval"


# --- over HTTP


class Table:
    """A whole draft, its drafter and the board's secretary."""

    def __init__(self, client):
        self.client = client
        self.framework = make_framework(slug="anyshire")
        with scope(self.framework.pk):
            self.version = make_version(framework=self.framework)
            self.reference = self.version.protocol.reference
            self.lead = self.version.protocol.lead_organisation
            self.body = self.version.protocol.tier.deciding_body
        self.drafter = make_member(self.framework, Role.DRAFTER, self.lead)
        self.secretary = make_member(self.framework, Role.SECRETARY, self.lead)

    def url(self, name):
        return reverse(name, args=["anyshire", self.reference, "1.0"])

    def get(self, person, name):
        self.client.force_login(person)
        return self.client.get(self.url(name))

    def post(self, person, name, **form):
        self.client.force_login(person)
        return self.client.post(self.url(name), form)

    def state(self):
        with scope(self.framework.pk):
            version = Version.objects.get(pk=self.version.pk)
            return version.status, version.draft, Decision.objects.count()


DAY = {"decided_on_day": "2", "decided_on_month": "2", "decided_on_year": "2026"}
APPROVED = {"who": "board", "outcome": "approved", "reference": "Minute 7", **DAY}


@pytest.fixture
def table(client):
    return Table(client)


def test_approval_over_http(table):
    """HAR-2.3: submit, record the decision with date and reference, approved; shown with who decided and when."""
    assert "Submit for approval" in table.get(table.drafter, "approval").content.decode()
    assert table.post(table.drafter, "approval-submit").status_code == 302
    assert table.post(table.drafter, "approval-submit").status_code == 409
    assert "Record the decision" in table.get(table.secretary, "approval").content.decode()
    assert table.post(table.secretary, "approval-decide", **APPROVED).status_code == 302
    assert table.state() == ("approved", 1, 1)
    page = table.get(table.drafter, "approval").content.decode()
    for words in ("Minute 7", "2 February 2026", str(table.body), "Take back to draft"):
        assert words in page
    assert table.post(table.secretary, "approval-decide", **APPROVED).status_code == 409
    assert table.state() == ("approved", 1, 1)


def test_a_decision_on_another_draft_is_refused(table):
    """HAR-2.3: a page left open while the draft went back and came again records nothing on the new text."""

    def shown():
        return {"draft": table.get(table.secretary, "approval-decide").context["form"]["draft"].value()}

    table.post(table.drafter, "approval-submit")
    stale = shown()
    back = APPROVED | {"outcome": "referred-back", "reason": "Unclear"}
    table.post(table.secretary, "approval-decide", **back | stale)
    table.post(table.drafter, "approval-submit")
    answer = table.post(table.secretary, "approval-decide", **APPROVED | stale)
    assert (answer.status_code, bool(answer.context["form"].non_field_errors())) == (200, True)
    facts = {"board": table.body, "decided_on": NOW.date(), "reference": "Minute 7", "outcome": "approved"}
    with scope(table.framework.pk), pytest.raises(StateError):
        workflow.decide(Version.objects.get(pk=table.version.pk), by=None, now=NOW, draft=1, **facts)
    assert table.state() == ("approval", 2, 1)
    assert table.post(table.secretary, "approval-decide", **APPROVED | shown()).status_code == 302
    assert table.state() == ("approved", 2, 2)


def test_delegated_decision(table):
    """HAR-2.3: an officer under a named scheme may decide."""
    table.post(table.drafter, "approval-submit")
    form = APPROVED | {
        "who": "delegated",
        "delegated_to": "Director of Services",
        "delegation_scheme": "Scheme 2025, 4.2",
    }
    assert table.post(table.secretary, "approval-decide", **form).status_code == 302
    assert "Director of Services, Scheme 2025, 4.2" in table.get(table.drafter, "approval").content.decode()


def test_referred_back_shows_the_reason(table):
    """HAR-2.3: back to draft 2, with the reason on the task list."""
    table.post(table.drafter, "approval-submit")
    table.post(
        table.secretary, "approval-decide", **APPROVED | {"outcome": "referred-back", "reason": "Clause 4 is unclear"}
    )
    assert table.state() == ("draft", 2, 1)
    page = table.get(table.drafter, "draft").content.decode()
    for words in ("Referred back", "Clause 4 is unclear", "1.0 draft 2"):
        assert words in page


def test_listed_changes_over_http(table):
    """HAR-2.3: the list on the task list, the drafter's tick, the secretary's confirmation: the first decision holds."""
    table.post(table.drafter, "approval-submit")
    table.post(
        table.secretary,
        "approval-decide",
        **APPROVED | {"outcome": "approved-with-changes", "listed_changes": "4.1: ten days"},
    )
    assert "4.1: ten days" in table.get(table.drafter, "draft").content.decode()
    assert "Only the listed changes" in table.get(table.drafter, "approval").content.decode()
    assert table.post(table.drafter, "approval-submit", only_listed_changes="on").status_code == 302
    assert "only the listed changes were made" in table.get(table.secretary, "approval").content.decode()
    assert table.post(table.drafter, "approval-confirm").status_code == 403
    assert table.post(table.secretary, "approval-confirm").status_code == 302
    assert table.state() == ("approved", 2, 1)


@pytest.mark.parametrize(
    "fields, wrong",
    [
        ({"who": ""}, "who"),
        ({"who": "delegated"}, "delegated_to"),
        ({"who": "delegated", "delegated_to": "Director"}, "delegation_scheme"),
        ({"reference": ""}, "reference"),
        ({"reference": "x" * 101}, "reference"),
        ({"reference": "M\x007"}, "reference"),
        ({"outcome": "not-required"}, "outcome"),
        ({"outcome": "withdrawn"}, "outcome"),
        ({"outcome": "approved-with-changes"}, "listed_changes"),
        ({"outcome": "refused"}, "reason"),
        ({"outcome": "referred-back"}, "reason"),
        ({"decided_on_day": "31"}, "decided_on"),
        ({"decided_on_year": "2999"}, "decided_on"),
        ({"decided_on_year": "0"}, "decided_on"),
        ({"decided_on_month": ""}, "decided_on"),
    ],
)
def test_bad_decisions(table, fields, wrong):
    """Every wrong or missing fact is an error at its field, and nothing is recorded."""
    table.post(table.drafter, "approval-submit")
    response = table.post(table.secretary, "approval-decide", **APPROVED | fields)
    assert wrong in response.context["form"].errors
    assert table.state() == ("approval", 1, 0)


def test_who_may_submit_and_decide(table):
    """Only drafters submit, only the secretary records; other members and strangers change nothing."""
    assert table.post(table.secretary, "approval-submit").status_code == 403
    table.post(table.drafter, "approval-submit")
    for name in ("approval-decide", "approval-confirm"):
        assert table.post(table.drafter, name, **APPROVED).status_code == 403
    for role in (Role.VIEWER, Role.REPRESENTATIVE, Role.AUDITOR, Role.FRAMEWORK_ADMIN):
        person = make_member(table.framework, role, table.lead)
        assert table.get(person, "approval").status_code == 403
        for name in ("approval-submit", "approval-decide", "approval-confirm"):
            assert table.post(person, name, **APPROVED).status_code == 403
    stranger = make_member(make_framework(), Role.SECRETARY)
    for name in ("approval", "approval-submit", "approval-decide", "approval-confirm"):
        assert table.get(stranger, name).status_code == 404
        assert table.post(stranger, name, **APPROVED).status_code == 404
    assert table.state() == ("approval", 1, 0)


def test_reading_the_approval_changes_nothing(table):
    """GET changes nothing, the addresses that only take POST included."""
    for person in (table.drafter, table.secretary):
        for name in ("approval", "approval-submit", "approval-decide", "approval-confirm"):
            assert table.get(person, name).status_code in {200, 302, 403, 409}
    assert table.state() == ("draft", 1, 0)


def test_mails_of_an_approval(table):
    """Secretaries are asked, drafters told the outcome; a mail that came too late says nothing."""
    table.post(table.drafter, "approval-submit")
    with scope(table.framework.pk):
        asked = OutgoingEmail.objects.get(kind="protocols.approval-asked")
        assert asked.user == table.secretary
        assert str(table.body) in notices.render(asked).body
    table.post(table.secretary, "approval-decide", **APPROVED)
    with scope(table.framework.pk):
        asked.refresh_from_db()
        assert notices.render(asked) is None
        decided = OutgoingEmail.objects.get(kind="protocols.approval-decided")
        assert decided.user == table.drafter
        assert "Approved" in notices.render(decided).subject


def test_what_waits_for_whom(table):
    """experience.md: drafts to finish, comments to answer, decisions to record, each for the one who does it."""
    partner = make_member(table.framework, Role.REPRESENTATIVE)
    with scope(table.framework.pk):
        organisation = partner.memberships.get().organisation
        make_party(table.version, organisation)

        def waiting():
            return [[item.title for item in todo.items(person)] for person in (table.drafter, partner, table.secretary)]

        name = f"{table.reference} 1.0 draft 1"
        assert waiting() == [[f"Finish {name}"], [], []]
        one = workflow.open_consultation(table.version, closes_on=NOW.date(), by=None, now=NOW)
        assert waiting() == [[f"Close the consultation on {name}"], [f"Comment on {name}"], [f"Comment on {name}"]]
        said = workflow.comment(one, organisation=organisation, clause_uid=None, text="x", by=partner, now=NOW)
        assert waiting()[:2] == [[f"Answer 1 comment on {name}"], []]
        workflow.respond(said, text="y", by=table.drafter, now=NOW)
        workflow.close_consultation(one, by=table.drafter, now=NOW)
        assert waiting() == [[f"Go on with {name}"], [], []]
        workflow.submit(table.version, by=table.drafter, now=NOW)
        assert waiting() == [[], [], [f"Record the decision on {name}"]]
