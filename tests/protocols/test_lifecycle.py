"""Every step that a table of states does not have is refused and leaves no trace; act and ledger are one transaction."""

from datetime import date

import pytest
from django.db import transaction

from portal import clock
from portal.errors import NotReady, StateError, TransitionNotAllowed
from portal.models import AuditEvent, Deadline, Decision, Job, OutgoingEmail
from portal.models.ledger import AuditEventQuerySet
from portal.tenancy import scope
from protocols import drafting, workflow
from protocols.models import (
    Clause,
    Comment,
    Consultation,
    Consulted,
    DraftIssue,
    DraftRecipient,
    Intention,
    Party,
    Protocol,
    Purpose,
    Reply,
    Tier,
    Version,
)
from tests.builders import (
    NOW,
    advance,
    make_decision,
    make_framework,
    make_organisation,
    make_party,
    make_user,
    make_version,
    quick_frozen,
)

pytestmark = pytest.mark.django_db

STATES, STANDINGS = Version.Status.values, Party.Status.values


@pytest.fixture
def inside():
    """The scope of a framework with its two tiers."""
    framework = make_framework()
    with scope(framework.pk):
        yield framework


def trace():
    """Everything that a step could have left behind."""
    models = [
        Protocol,
        Version,
        Party,
        Clause,
        Purpose,
        Consultation,
        Comment,
        DraftIssue,
        DraftRecipient,
        Reply,
        Consulted,
        Intention,
        Decision,
        Deadline,
        Job,
        OutgoingEmail,
    ]
    histories = [model.history.count() for model in (Protocol, Version, Clause)]
    return [list(model.objects.order_by("pk").values()) for model in models], histories, AuditEvent.objects.count()


@pytest.mark.parametrize("status", Version.TRANSITIONS["draft"])
def test_a_version_leaves_draft_by_being_circulated(inside, status):
    """Its parties read it as soon as it is no draft: VersionQuerySet.visible_to() rests on that."""
    assert advance(make_version(framework=inside), status).circulated_at == NOW


def put(row, status, **fields):
    """Put a row into a state without its verbs: the refusals must not depend on how it got there."""
    if status == "continued":
        fields |= {"signature_of": row.pk, "signed_at": None}
    type(row).objects.filter(pk=row.pk).update(status=status, **fields)
    row.refresh_from_db()
    return row


def test_tables_are_whole():
    """decisions.md, Transitions: every state stands in its table, and leads only to states that exist."""
    for model, states in ((Version, STATES), (Party, STANDINGS)):
        assert set(model.TRANSITIONS) == set(states)
        assert {target for targets in model.TRANSITIONS.values() for target in targets} <= set(states)


@pytest.mark.parametrize("source", STATES)
def test_version_steps_that_the_table_lacks(inside, source):
    """From every state, every step that is not in the table is refused: 409, no change, no ledger row."""
    version = put(make_version(framework=inside), source)
    before = trace()
    for target in STATES:
        if target in Version.TRANSITIONS[source]:
            continue
        with pytest.raises(TransitionNotAllowed), version.transition(target, by=None, now=NOW):
            pytest.fail("the guards of a step that does not exist were run")
        assert trace() == before


@pytest.mark.parametrize("source", STANDINGS)
def test_party_steps_that_the_table_lacks(inside, source):
    """HAM-signed: the same for the standing of a party."""
    party = put(make_version(framework=inside).parties.first(), source, signed_at=NOW)
    before = trace()
    for target in STANDINGS:
        if target in Party.TRANSITIONS[source]:
            continue
        with pytest.raises(TransitionNotAllowed), party.transition(target, by=None, now=NOW):
            pytest.fail("the guards of a step that does not exist were run")
        assert trace() == before


def facts(version, **more):
    """A decision of the tier's own body."""
    return {"board": version.protocol.tier.deciding_body, "decided_on": NOW.date(), "reference": "M7"} | more


def by_verb(name):
    """A verb of the model, called with what it needs."""
    extra = {
        "return_to_draft": {"by": None, "reason": "x"},
        "submit_for_approval": {"by": None, "missing": []},
        "start_consultation": {"by": None},
        "withdraw": {"by": None, "reason": "x"},
    }
    return lambda version: getattr(version, name)(now=NOW, **extra.get(name, {}))


# verb → (the states from which it may start, the call)
VERSION_VERBS = {
    "start_consultation": ({"draft"}, by_verb("start_consultation")),
    "open_consultation": ({"draft"}, lambda v: workflow.open_consultation(v, closes_on=date(2026, 7, 1), by=None, now=NOW)),
    "return_to_draft": ({"consultation", "approved"}, by_verb("return_to_draft")),
    "take_back": ({"consultation", "approved"}, lambda v: workflow.take_back(v, reason="x", by=None, now=NOW)),
    "submit_for_approval": ({"draft", "consultation"}, by_verb("submit_for_approval")),
    "submit": ({"draft", "consultation"}, lambda v: workflow.submit(v, by=None, now=NOW)),
    "approve": ({"approval"}, lambda v: workflow.decide(v, by=None, now=NOW, **facts(v, outcome="approved"))),
    "refer back": ({"approval"}, lambda v: workflow.decide(v, by=None, now=NOW, **facts(v, outcome="referred-back", reason="x"))),
    "refuse": ({"approval"}, lambda v: workflow.decide(v, by=None, now=NOW, **facts(v, outcome="refused", reason="x"))),
    "carry_decision": (set(), lambda v: workflow.carry_decision(v, by=None, now=NOW)),
    "open_for_signature": ({"approved"}, lambda v: v.open_for_signature(quick_frozen(v), by=None, now=NOW)),
    "complete": ({"open-for-signature"}, by_verb("complete")),
    "bring_into_force": ({"completed"}, by_verb("bring_into_force")),
    "supersede": ({"in-force"}, lambda v: v.supersede(v, now=NOW)),
    "withdraw": ({"open-for-signature", "completed", "in-force"}, by_verb("withdraw")),
    "expire": ({"in-force"}, by_verb("expire")),
    "change_clause": (
        {"draft"},
        lambda v: drafting.change_clause(
            v.clauses.last(), {"kind": "clause", "label": "1", "title": "", "text": "x"}, revision=v.revision, base="", by=None, now=NOW
        ),
    ),
    "add_row": ({"draft"}, lambda v: drafting.add_row(v, Purpose, {"text": "x"}, by=None, now=NOW)),
    "add_party": ({"draft"}, lambda v: drafting.add_party(v, make_organisation(framework=v.framework), required=True, by=None, now=NOW)),
    "move": ({"draft"}, lambda v: drafting.move(v.parties.last(), up=True, by=None, now=NOW)),
    "remove": ({"draft"}, lambda v: drafting.remove(v.purposes.get(), revision=v.revision, base="", by=None, now=NOW)),
}  # fmt: skip


@pytest.mark.parametrize("verb", VERSION_VERBS)
def test_version_verbs_in_wrong_states(inside, verb):
    """Every verb, in every state in which it has no business: refused as a state error, and nothing stays behind."""
    allowed, call = VERSION_VERBS[verb]
    version = make_version(framework=inside)
    for state in set(STATES) - allowed:
        put(version, state)
        before = trace()
        with pytest.raises(StateError):
            call(version)
        assert trace() == before, state


PARTY_VERBS = {
    "invite": ({"pending", "declined"}, lambda p: p.invite(by=None, now=NOW)),
    "sign": ({"invited", "declined"}, lambda p: p.sign(by=None, now=NOW)),
    "decline": ({"invited"}, lambda p: p.decline(by=None, now=NOW, reason="x")),
    "withdraw": ({"signed", "continued"}, lambda p: p.withdraw(by=None, now=NOW, reason="x")),
    "not_re_signed": ({"signed", "continued"}, lambda p: p.not_re_signed(now=NOW)),
}


@pytest.mark.parametrize("verb", PARTY_VERBS)
def test_party_verbs_in_wrong_standings(inside, verb):
    """HAM-signed: every verb of a party in every wrong standing is refused and leaves no trace."""
    allowed, call = PARTY_VERBS[verb]
    party = make_version(framework=inside, status="open-for-signature").parties.first()
    for standing in set(STANDINGS) - allowed:
        put(party, standing, signed_at=NOW)
        before = trace()
        with pytest.raises(StateError):
            call(party)
        assert trace() == before, standing


@pytest.mark.parametrize(
    "state", ["draft", "consultation", "approval", "approved", "superseded", "withdrawn", "expired"]
)
def test_party_cannot_be_asked_or_sign_while_the_version_is_not_open(inside, state):
    """SIG-force: standing alone is not enough, the version must be open or in force."""
    version = make_version(framework=inside)
    first, second = version.parties.all()
    put(second, "invited")
    put(version, state)
    before = trace()
    for call in (PARTY_VERBS["invite"][1],):
        with pytest.raises(StateError):
            call(Party.objects.get(pk=first.pk))
    for verb in ("sign", "decline"):
        with pytest.raises(StateError):
            PARTY_VERBS[verb][1](Party.objects.get(pk=second.pk))
    assert trace() == before


@pytest.mark.parametrize("expires_on", [None, date(2026, 12, 1)])
def test_nothing_expires_before_its_date(inside, expires_on):
    """In force without an expiry date, or before it: refused, and no trace."""
    version = make_version(framework=inside, status="in-force", expires_on=expires_on)
    before = trace()
    with pytest.raises(StateError):
        version.expire(now=clock.start_of_day(date(2026, 11, 30)))
    assert trace() == before
    if expires_on:
        version.expire(now=clock.start_of_day(expires_on))
        assert version.status == "expired"


def test_nothing_is_opened_or_completed_without_what_it_takes(inside):
    """HAR-2.3, SIG-force: no decision, no signing; no effective date, no completion; nothing completed, nothing kept."""
    version = make_version(framework=inside, status="approved")
    before = trace()
    with pytest.raises(StateError):
        version.kept()
    put(version, "approved", approval=None)
    with pytest.raises(NotReady, match="board"):
        version.open_for_signature(quick_frozen(version), by=None, now=NOW)
    put(version, "approved", approval=Decision.objects.get())
    assert trace() == before
    advance(version, "open-for-signature")
    put(version, "open-for-signature", effective_on=None)
    before = trace()
    with pytest.raises(NotReady, match="effective date"):
        version.complete(by=None, now=NOW)
    assert trace() == before


@pytest.mark.parametrize("missing", ["canonical", "text_copy", "completed_at", "in_force_from"])
def test_a_version_lacking_one_thing_is_not_taken_as_complete(inside, missing):
    """A sealed edition is made only of what is whole."""
    version = make_version(framework=inside, status="completed")
    assert version.kept().canonical == version.canonical
    setattr(version, missing, None)
    with pytest.raises(StateError):
        version.kept()


def test_an_outcome_of_another_question_decides_no_approval(inside):
    """HAR-2.3: "no longer required" is a decision about a party, not about the text."""
    version = make_version(framework=inside, status="approval")
    decision = make_decision(version, "not-required")
    before = trace()
    with pytest.raises(StateError):
        version.decide(decision, by=None, now=NOW)
    assert trace() == before


def test_a_party_relies_on_a_signature_of_its_own(inside):
    """HAR-2.3: never on another organisation's, nor on one that does not stand any more; adoption is for tiers of it."""
    earlier = make_version(framework=inside, status="in-force")
    mine, others = earlier.parties.all()
    version = make_version(earlier.protocol, parties=0, status="draft", major=2)
    party = make_party(version, mine.organisation)
    before = trace()
    for signed in (others, put(mine, "withdrawn")):
        with pytest.raises(StateError):
            party.carry_on(signed, reference="Minute 7", by=None, now=NOW)
    with pytest.raises(StateError):
        party.adopt(by=None, now=NOW)
    put(mine, "signed")
    assert trace() == before
    party.carry_on(mine, reference="Minute 7", by=None, now=NOW)
    assert party.signature_of == mine


# --- act and ledger are one


def good(state):
    """A version in that state, and for consultation an open round with an answered comment."""

    def make(framework):
        version = make_version(framework=framework, status=state if state != "consultation" else "draft")
        if state == "consultation":
            workflow.open_consultation(version, closes_on=date(2026, 7, 1), by=None, now=NOW)
        return version

    return make


def say(version):
    organisation = version.parties.first().organisation
    return workflow.comment(
        workflow.current_round(version), organisation=organisation, clause_uid=None, text="x", by=make_user(), now=NOW
    )


ACTS = {
    **{name: (good(sorted(allowed)[0]), call) for name, (allowed, call) in VERSION_VERBS.items() if allowed and name not in {"expire", "take_back", "return_to_draft", "submit"}},
    "take_back": (good("approved"), VERSION_VERBS["take_back"][1]),
    "submit": (good("draft"), VERSION_VERBS["submit"][1]),
    "comment": (good("consultation"), say),
    "close": (good("consultation"), lambda v: workflow.close_consultation(workflow.current_round(v), by=None, now=NOW)),
    "next_version": (good("in-force"), lambda v: workflow.next_version(v.protocol, major=True, by=None, now=NOW)),
    "begin": (
        good("draft"),
        lambda v: workflow.create_protocol(
            v.framework, tier=Tier.objects.get(order=1), reference="NEW-1", title="T",
            lead_organisation=v.protocol.lead_organisation, by=None, now=NOW,
        ),
    ),
    "details": (
        good("draft"),
        lambda v: drafting.change_details(
            v, {name: getattr(v, name) for name in drafting.DETAIL_FIELDS} | {"title": "Other"}, revision=v.revision, base="", by=None, now=NOW
        ),
    ),
}  # fmt: skip


class LedgerDown(Exception):
    """The ledger cannot be written."""


@pytest.mark.parametrize("act", ACTS)
def test_no_act_without_its_ledger_row(inside, monkeypatch, act):
    """Audit event and change are one transaction: if the ledger cannot be written, the act never happened."""
    make, call = ACTS[act]
    version = make(inside)
    before = trace()
    with monkeypatch.context() as broken:

        def fail(*args, **kwargs):
            raise LedgerDown

        broken.setattr(AuditEventQuerySet, "record", fail)
        with pytest.raises(LedgerDown), transaction.atomic():
            call(version)
    assert trace() == before
    version.refresh_from_db()
    call(version)
    assert trace()[2] > before[2]


def test_decision_is_rolled_back_with_a_refused_step(inside):
    """HAR-2.3: a decision that cannot be followed is not recorded either."""
    version = make_version(framework=inside, status="approved")
    count = Decision.objects.count()
    with pytest.raises(StateError):
        workflow.decide(version, by=None, now=NOW, **facts(version, outcome="refused", reason="x"))
    assert Decision.objects.count() == count
    with pytest.raises(TransitionNotAllowed):
        version.decide(make_decision(version, "refused"), by=None, now=NOW)
