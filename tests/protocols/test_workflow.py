"""A protocol is begun, what a draft lacks, and its next version."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from portal.errors import NotReady, StateError
from portal.models import AuditEvent, Board, Framework
from portal.tenancy import scope
from protocols import presets, workflow
from protocols.gaps import warnings
from protocols.models import Clause, Protocol, Tier, Version
from tests.builders import (
    make_framework,
    make_organisation,
    make_protocol,
    make_user,
    make_version,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def inside():
    """The scope of a framework with its two tiers."""
    framework = make_framework()
    with scope(framework.pk):
        yield framework


@pytest.fixture
def begin(inside, now):
    """Begin a protocol with good facts, changed as the test says."""
    lead = make_organisation(framework=inside)

    def run(**facts):
        good = {
            "tier": Tier.objects.get(framework=inside, order=1), "reference": "GEN-1", "title": "General protocol",
            "lead_organisation": lead, "by": None, "now": now,
        }  # fmt: skip
        return workflow.create_protocol(inside, **good | facts)

    return run


def test_preset_general_and_individual(now):
    """HAR-2.1, HAM-2t: two tiers, the middle one left out, each with the framework's board as deciding body."""
    framework = Framework.objects.create(name="Anyshire", slug="anyshire")
    with scope(framework.pk):
        tiers = presets.apply(framework, by=make_user(), now=now)
        assert [(tier.order, tier.level, tier.name) for tier in tiers] == [
            (1, "overarching", "General protocol"),
            (2, "operational", "Individual protocol"),
        ]
        assert {tier.deciding_body for tier in tiers} == {Board.objects.get(name="Anyshire Board")}
        with pytest.raises(StateError):
            presets.apply(framework, by=None, now=now)
        assert Tier.objects.count() == 2


def test_begin_with_external_parent(inside, begin, now):
    """KEN-4.1: the parent may be an external document with its date. SIG-num: it begins as 1.0 draft 1."""
    author = make_user()
    version = begin(
        tier=Tier.objects.get(order=2),
        external_parent=" Area charter ",
        external_parent_dated=date(2004, 5, 1),
        by=author,
    )
    assert (version.name, version.status) == ("1.0 draft 1", "draft")
    assert (version.protocol.external_parent, version.protocol.external_parent_dated) == (
        "Area charter",
        date(2004, 5, 1),
    )
    assert version.protocol.nation == inside.nation
    assert version.protocol.history.get().history_user_id == author.pk
    assert AuditEvent.objects.get(verb="protocols.protocol:begun").chain == version.ledger_chain


def test_begin_with_parent_one_tier_up(inside, begin):
    """KEN-4.1: exactly one tier up."""
    general = begin().protocol
    individual = begin(tier=Tier.objects.get(order=2), parent=general, reference="IND-1").protocol
    assert individual.parent == general
    with pytest.raises(ValidationError) as caught:
        begin(tier=Tier.objects.get(order=2), parent=individual, reference="IND-2")
    assert set(caught.value.message_dict) == {"parent"}


def test_one_tier_up_skips_no_tier(inside, begin):
    """KEN-4.1: with three tiers, the third hangs on the second and never on the first."""
    third = Tier.objects.create(framework=inside, order=3, level="operational", name="Local arrangement")
    general = begin().protocol
    with pytest.raises(ValidationError) as caught:
        begin(tier=third, parent=general, reference="LOC-1")
    assert set(caught.value.message_dict) == {"parent"}


@pytest.mark.parametrize("reference", ["GEN-1", "gen-1", "Gen-1", " gen-1 "])
def test_reference_is_never_reused(inside, begin, reference):
    """SIG-num: unique in its framework, whatever its case."""
    begin()
    with pytest.raises(ValidationError) as caught:
        begin(reference=reference)
    assert set(caught.value.message_dict) == {"reference"}
    assert Protocol.objects.count() == 1


def test_same_reference_in_another_framework(inside, begin, now):
    """SIG-num: unique in its framework only."""
    begin()
    other = make_framework()
    with scope(other.pk):
        lead = make_organisation(framework=other)
        tier = Tier.objects.get(framework=other, order=1)
        facts = {"reference": "GEN-1", "title": "T", "lead_organisation": lead, "by": None, "now": now}
        assert workflow.create_protocol(other, tier=tier, **facts).protocol.reference == "GEN-1"


@pytest.mark.parametrize(
    "facts, field",
    [
        ({"reference": ""}, "reference"),
        ({"reference": "new"}, "reference"),
        ({"reference": "../x"}, "reference"),
        ({"reference": "A" * 41}, "reference"),
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"nation": "wales"}, "nation"),
        ({"external_parent": "Charter"}, "parent"),
    ],
)
def test_begin_refuses_by_field(inside, begin, facts, field):
    """A wrong fact is named with its field, and nothing is begun."""
    with pytest.raises(ValidationError) as caught:
        begin(**facts)
    assert set(caught.value.message_dict) == {field}
    assert not Protocol.objects.exists()
    assert not AuditEvent.objects.filter(verb__startswith="protocols.").exists()


def test_begin_refuses_what_is_of_elsewhere(inside, begin):
    """The lead organisation, tier and parent must be the framework's own."""
    other = make_framework()
    with scope(other.pk):
        foreign = make_protocol(other, tier=1)
        tier = foreign.tier
    with pytest.raises(ValidationError) as caught:
        begin(lead_organisation=make_organisation(), tier=tier)
    assert set(caught.value.message_dict) == {"lead_organisation", "tier"}
    with pytest.raises(ValidationError) as caught:
        begin(tier=Tier.objects.get(framework=inside, order=2), parent=foreign)
    assert set(caught.value.message_dict) == {"parent"}
    with pytest.raises(ValidationError) as caught:
        begin(tier=Tier.objects.get(framework=inside, order=2))
    assert set(caught.value.message_dict) == {"parent"}


# --- what is missing

LACKING = {
    "Title": lambda v: setattr(v.protocol, "title", " "),
    "Reference": lambda v: setattr(v.protocol, "reference", ""),
    "Tier": lambda v: setattr(v.protocol, "tier", None),
    "Parent": lambda v: setattr(v.protocol, "external_parent", ""),
    "Deciding body": lambda v: setattr(v.protocol.tier, "deciding_body", None),
    "Lead organisation": lambda v: setattr(v.protocol, "lead_organisation", None),
    "Effective date": lambda v: setattr(v, "effective_on", None),
    "Sign-up deadline": lambda v: setattr(v, "sign_by", None),
    "Review rule": lambda v: setattr(v, "review_then_months", None),
    "Text in section “1 Purpose”": lambda v: v.clauses.get(label="1.1").delete(),
    "The text": lambda v: [clause.delete() for clause in v.clauses.filter(parent__isnull=True)],
    "At least one purpose": lambda v: v.purposes.update(text=""),
    "At least one data item": lambda v: v.data_items.all().delete(),
    "At least one information flow": lambda v: v.data_flows.all().delete(),
    "At least two parties": lambda v: v.parties.last().delete(),
    "At least one party that must sign": lambda v: v.parties.update(required=False),
}


def test_nothing_missing(inside):
    """A whole draft lacks nothing."""
    assert workflow.missing(make_version(framework=inside)) == []


@pytest.mark.parametrize("words", LACKING)
def test_each_missing_thing_is_named(inside, words):
    """Submitting is refused with a list; each thing of the list alone is found, and named alone."""
    version = make_version(framework=inside)
    LACKING[words](version)
    found = workflow.missing(version)
    if words == "Tier":  # without a tier nobody decides
        assert found.pop().startswith("Deciding body")
    if words == "At least one data item":  # the flow cites it
        assert found.pop() == "Flow F1: which data items"
    assert [one.startswith(words) for one in found] == [True]


@pytest.mark.parametrize("field", ["address", "telephone"])
def test_two_parties_with_address_and_telephone(inside, field):
    """HAR-2.2: a party without address or telephone does not count as one of the two."""
    version = make_version(framework=inside)
    party = version.parties.last()
    setattr(party, field, " ")
    party.save()
    assert workflow.missing(version) == ["At least two parties with address and telephone number"]


def test_sub_heading_with_text_below_is_not_empty(inside):
    """A section may consist of sub-headings, as long as each of them says something."""
    version = make_version(framework=inside)
    common = {"framework": inside, "version": version}
    section = Clause.objects.create(**common, order=30, kind="heading", label="2", title="Care")
    sub = Clause.objects.create(**common, order=1, parent=section, kind="heading", title="Background")
    assert workflow.missing(version) == ["Text in section “2 Care”"]
    item = Clause.objects.create(**common, order=1, parent=sub, kind="item", label="a)", text="Yes.")
    assert workflow.missing(version) == []
    other = Clause.objects.create(**common, order=2, parent=section, kind="heading", title="Aims")
    assert workflow.missing(version) == ["Text in section “Aims”"]
    assert (item.parent, other.parent) == (sub, section)


def test_submitting_is_refused_with_the_list(inside, now):
    """The refusal carries every missing thing, and the draft stays a draft with no trace in the ledger."""
    version = workflow.create_protocol(
        inside, tier=Tier.objects.get(order=1), reference="GEN-9", title="T", lead_organisation=make_organisation(framework=inside),
        by=None, now=now,
    )  # fmt: skip
    before = AuditEvent.objects.count()
    with pytest.raises(NotReady) as caught:
        workflow.submit(version, by=None, now=now)
    assert caught.value.missing == workflow.missing(version) != []
    version.refresh_from_db()
    assert (version.status, AuditEvent.objects.count()) == ("draft", before)


def test_odd_dates_are_only_warned_of(inside):
    """HAR-r4: an effective date before the sign-up deadline is odd, not wrong."""
    version = make_version(
        framework=inside, sign_by=date(2026, 9, 1), effective_on=date(2026, 7, 1), expires_on=date(2026, 6, 1)
    )
    assert workflow.missing(version) == []
    assert len(warnings(version)) == 2


# --- the next version


@pytest.mark.parametrize("major, number", [(True, "2.0"), (False, "1.1")])
def test_next_version_copies_the_content(inside, now, major, number):
    """SIG-num, SIG-new: clauses keep their uids, parties are not yet invited, dates and signatures stay behind."""
    old = make_version(framework=inside, status="in-force")
    author = make_user()
    new = workflow.next_version(old.protocol, major=major, by=author, now=now)
    assert (new.name, new.status, new.effective_on, new.sign_by) == (f"{number} draft 1", "draft", None, None)
    assert (new.review_first_months, new.circulated_at, new.approval) == (6, None, None)

    def text(version):
        return [
            (c.uid, c.kind, c.label, c.title, c.text, c.parent and c.parent.uid)
            for c in version.clauses.order_by("order")
        ]

    assert text(new) == text(old)
    assert {party.status for party in new.parties.all()} == {"pending"}
    assert [p.organisation for p in new.parties.all()] == [p.organisation for p in old.parties.all()]
    assert [(p.label, p.text) for p in new.purposes.all()] == [("P1", "To keep people safe")]
    assert new.data_items.count() == new.terms.count() == 1
    assert new.clauses.first().history.get().history_user_id == author.pk
    old.refresh_from_db()
    assert old.status == "in-force"


def test_next_version_leaves_out_who_is_gone(inside, now):
    """A party that withdrew is not carried over."""
    old = make_version(framework=inside, status="in-force", parties=3)
    gone = old.parties.last()
    gone.withdraw(by=None, now=now, reason="Abolished")
    new = workflow.next_version(old.protocol, major=True, by=None, now=now)
    assert gone.organisation_id not in new.parties.values_list("organisation", flat=True)
    assert new.parties.count() == 2


@pytest.mark.parametrize("status", ["draft", "consultation", "approval", "approved", "open-for-signature", "completed"])
def test_no_next_version_beside_an_unfinished_one(inside, now, status):
    """One version at a time: the unfinished one is named."""
    version = make_version(framework=inside, status=status)
    with pytest.raises(StateError, match="not finished"):
        workflow.next_version(version.protocol, major=True, by=None, now=now)
    assert Version.objects.filter(protocol=version.protocol).count() == 1


def test_number_is_never_used_twice(inside, now):
    """SIG-num: a withdrawn 2.0 keeps its number; the next one that is signed again is 3.0."""
    old = make_version(framework=inside, status="in-force")
    second = workflow.next_version(old.protocol, major=True, by=None, now=now)
    Version.objects.filter(pk=second.pk).update(status="withdrawn")
    assert workflow.next_version(old.protocol, major=True, by=None, now=now).number == "3.0"
    Version.objects.filter(protocol=old.protocol, major=3).update(status="withdrawn")
    assert workflow.next_version(old.protocol, major=False, by=None, now=now).number == "1.1"
