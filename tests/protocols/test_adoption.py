"""A tier that is adopted by one organisation, and signed by nobody (DUD-7, DUD-8); what hangs below it (HAR-10)."""

import json
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.template.loader import render_to_string
from django.urls import reverse

from portal import sweep, tenancy
from portal.errors import NotReady, StateError, TransitionNotAllowed
from portal.models import AuditEvent, Deadline, Framework, Job, OutgoingEmail
from portal.permissions import Role
from protocols import adoption, documents, presets, printing, workflow
from protocols.gaps import missing
from protocols.models import Adoption, Party, Protocol, Publication, Tier, Version
from signatories import workflow as signing
from signatories.obstacles import obstacles
from signatories.statements import statements
from tests.builders import (
    NOW,
    advance,
    fill,
    make_decision,
    make_member,
    make_organisation,
    make_party,
    make_protocol,
    make_version,
)
from tests.signatories.signing import make_signer

pytestmark = pytest.mark.django_db
FACTS = {"body": "Cabinet", "decided_on": date(2026, 6, 10), "reference": "CAB/7"}


class Case:
    """The four-tier words of Dudley: a protocol in force between two bodies, and a policy of the first one."""

    def __init__(self):
        self.framework = Framework.objects.create(
            name="Anyvale Partnership", slug="anyvale", preset="protocol-policy-exchange"
        )
        self.secretary = self.drafter = None

    def begin(self):
        """Tiers, bodies, people, the protocol in force. Needs the scope."""
        presets.apply(self.framework, by=None, now=NOW)
        self.council = make_organisation("Anyvale Council", framework=self.framework)
        self.trust = make_organisation("Anyvale Trust", framework=self.framework)
        self.secretary = make_member(self.framework, Role.SECRETARY, self.council)
        self.drafter = make_member(self.framework, Role.DRAFTER, self.council)
        top = make_protocol(self.framework, tier=1, lead=self.council)
        self.top = Version.objects.create(
            framework=self.framework, protocol=top, effective_on=date(2026, 6, 1), sign_by=date(2026, 6, 1),
            review_first_months=6, review_then_months=12,
        )  # fmt: skip
        fill(self.top)
        for organisation in (self.council, self.trust):
            make_party(self.top, organisation)
        advance(self.top, "in-force")
        return self

    def policy(self, status="approved", adopter=None, effective_on=date(2026, 6, 1), **parent):
        """A policy of the council in some state before its adoption."""
        tier = Tier.objects.get(order=2)
        parent = parent or {"parent": self.top.protocol}
        protocol = make_protocol(self.framework, tier=2, lead=adopter or self.council, **parent)
        assert protocol.tier == tier
        version = Version.objects.create(
            framework=self.framework, protocol=protocol, effective_on=effective_on, review_first_months=6,
            review_then_months=12,
        )  # fmt: skip
        fill(version)
        make_party(version, adopter or self.council)
        return advance(version, status)

    def agreement(self, policy, status="open-for-signature"):
        """A data exchange agreement between both bodies under a policy."""
        protocol = make_protocol(self.framework, tier=3, lead=self.council, parent=policy.protocol)
        version = Version.objects.create(
            framework=self.framework, protocol=protocol, effective_on=date(2026, 7, 1), sign_by=date(2026, 6, 30),
            review_first_months=6, review_then_months=12,
        )  # fmt: skip
        fill(version)
        for organisation in (self.council, self.trust):
            make_party(version, organisation)
        return advance(version, status)

    def url(self, name, version):
        return reverse(name, args=[self.framework.slug, version.protocol.reference, version.number])


@pytest.fixture
def case(monkeypatch):
    """Inside the framework's scope; the text copy is not rendered (one test does)."""
    monkeypatch.setattr(documents, "render_protocol", lambda *args: b"%PDF-1.7 placeholder")
    made = Case()
    with tenancy.scope(made.framework.pk):
        yield made.begin()


def trace(version):
    """What a refused act must leave as it was."""
    fresh = Version.objects.get(pk=version.pk)
    chain = AuditEvent.objects.filter(chain=version.ledger_chain).count()
    return fresh.status, fresh.canonical_id, chain, Adoption.objects.count(), OutgoingEmail.objects.count()


def test_from_approval_to_force_without_a_signature(case):
    """DUD-8: approved, adopted by the organisation's recorded decision, in force; with deadline, seal and mails; every
    step is in the ledger, and the record of the adoption cannot be changed."""
    version = case.policy()
    made = adoption.adopt(version, **FACTS, by=case.secretary, now=NOW)
    version.refresh_from_db()
    assert (version.status, version.get_status_display(), version.frozen) == ("completed", "Adopted", True)
    assert (made.adopted_by, made.body, made.reference, made.recorded_by) == (
        "Anyvale Council", "Cabinet", "CAB/7", case.secretary,
    )  # fmt: skip
    party = version.parties.get()
    assert (party.status, party.signed_at, party.bound_from) == ("adopted", None, NOW)
    assert Deadline.objects.open().filter(rule="review.first", subject_id=version.protocol_id).exists()
    # jobs of other apps are about other things, which may have the same number
    planned = Job.objects.filter(kind__startswith="protocols.", subject_id=version.pk)
    assert set(planned.values_list("kind", flat=True)) == {"protocols.seal", "protocols.bring_into_force"}
    verbs = AuditEvent.objects.filter(chain=version.ledger_chain).values_list("verb", flat=True)
    assert {"protocols.party:adopted", "protocols.version:completed", "protocols.adoption:recorded"} <= set(verbs)
    told = {mail.user for mail in OutgoingEmail.objects.filter(kind="protocols.adopted").select_related("user")}
    assert told == {case.drafter, case.secretary}
    Job.objects.filter(kind="protocols.seal").delete()
    sweep.run_jobs({"jobs": 0, "failed": 0}, now=NOW + timedelta(hours=1))
    version.refresh_from_db()
    assert version.status == "in-force"
    assert Party.objects.bound([case.council.pk]).filter(version=version).exists()
    with pytest.raises(DatabaseError), transaction.atomic():
        Adoption.objects.update(reference="Another")


def test_a_later_effective_date_is_waited_for(case):
    """SIG-force holds here too: adopted today, in force at 00:00 of the effective date."""
    version = case.policy(effective_on=date(2026, 9, 1))
    adoption.adopt(version, **FACTS, by=case.secretary, now=NOW)
    version.refresh_from_db()
    assert version.in_force_from.isoformat() == "2026-08-31T23:00:00+00:00"
    assert version.parties.get().bound_from == version.in_force_from


def test_a_new_policy_replaces_the_old_one(case):
    """The old one is superseded; nobody is "not re-signed", since nobody signed; nobody is bound by the old one."""
    old = case.policy()
    adoption.adopt(old, **FACTS, by=case.secretary, now=NOW)
    old.refresh_from_db()
    old.bring_into_force(now=old.in_force_from)
    new = workflow.next_version(old.protocol, major=True, by=case.drafter, now=NOW)
    new.effective_on, new.review_first_months, new.review_then_months = date(2026, 6, 1), 6, 12
    new.save()
    assert missing(new) == []
    adoption.adopt(advance(new, "approved"), **FACTS, by=case.secretary, now=NOW)
    new.refresh_from_db()
    new.bring_into_force(now=new.in_force_from)
    old.refresh_from_db()
    assert (old.status, old.parties.get().status, new.parties.get().status) == ("superseded", "adopted", "adopted")
    assert [party.version for party in Party.objects.bound([case.council.pk]).exclude(version=case.top)] == [new]


def test_what_submitting_asks_for(case):
    """One organisation with its address; neither a second party nor a sign-up deadline."""
    version = case.policy("draft")
    assert missing(version) == []
    make_party(version, case.trust)
    assert missing(version) == ["The one organisation that adopts it, with address and telephone number"]


@pytest.mark.parametrize("status", ["draft", "approval"])
def test_only_an_approved_version_is_adopted(case, status):
    """Any other state is refused, and leaves no trace."""
    version = case.policy(status)
    before = trace(version)
    with pytest.raises(StateError):
        adoption.adopt(version, **FACTS, by=case.secretary, now=NOW)
    assert trace(version) == before


def test_signed_is_not_adopted_and_adopted_is_not_signed(case):
    """Neither road leads into the other tier, by verb or by workflow."""
    policy, agreement = case.policy(), case.agreement(case.policy(), "approved")
    for version, words in (
        (policy, "adopted by one organisation"),
        (agreement, "is signed by its parties, not adopted"),
    ):
        before = trace(version)
        with pytest.raises(StateError, match=words):
            if version is policy:
                signing.open_for_signature(version, by=case.drafter, now=NOW)
            else:
                adoption.adopt(version, **FACTS, by=case.secretary, now=NOW)
        assert trace(version) == before
    with pytest.raises(TransitionNotAllowed):
        agreement.complete(now=NOW)
    with pytest.raises(StateError, match="is adopted, not signed"):
        policy.open_for_signature(documents.Frozen(b"{}", b"%PDF"), by=case.drafter, now=NOW)
    with pytest.raises(StateError):
        agreement.parties.first().adopt(by=case.secretary, now=NOW)
    with pytest.raises(StateError):
        case.policy("approval").parties.first().adopt(by=case.secretary, now=NOW)


@pytest.mark.parametrize("changes", [{"body": " "}, {"reference": ""}])
def test_an_adoption_says_enough(case, changes):
    """Who decided, and the reference, are needed; refused without a trace."""
    version = case.policy()
    before = trace(version)
    with pytest.raises(NotReady):
        adoption.adopt(version, **FACTS | changes, by=case.secretary, now=NOW)
    assert trace(version) == before


def test_who_adopts_is_bound_by_the_parent(case):
    """HAR-10: an organisation that is not bound by the protocol above cannot adopt a policy under it."""
    stranger = make_organisation("Stranger", framework=case.framework)
    version = case.policy(adopter=stranger)
    before = trace(version)
    with pytest.raises(StateError, match="not bound by"):
        adoption.adopt(version, **FACTS, by=case.secretary, now=NOW)
    assert trace(version) == before


def test_one_organisation_adopts_below_what_applies(case):
    """DUD-8, HAR-10: exactly one party; and a policy that rests on another policy waits until that one is in force."""
    version = case.policy()
    second = make_party(version, case.trust)
    before = trace(version)
    with pytest.raises(StateError, match="exactly one"):
        adoption.adopt(version, **FACTS, by=case.secretary, now=NOW)
    second.delete()
    lower = case.policy(parent=version.protocol)
    with pytest.raises(StateError, match="is not in force"):
        adoption.adopt(lower, **FACTS, by=case.secretary, now=NOW)
    assert trace(version) == before
    adoption.adopt(version, **FACTS, by=case.secretary, now=NOW)
    adoption.adopt(lower, **FACTS, by=case.secretary, now=NOW)
    assert lower.parties.get().status == "adopted"


def test_below_an_adopted_parent(case):
    """HAR-10: the policy must be in force; whoever signs below it must be bound by the protocol above it, since a
    policy binds only its own organisation."""
    policy = case.policy()
    agreement = case.agreement(policy)
    party = agreement.parties.select_related("organisation").get(organisation=case.trust)
    signer = make_signer(party)
    assert [block.rule for block in obstacles(party, signer, NOW).blocks] == ["HAR-10"]
    adoption.adopt(policy, **FACTS, by=case.secretary, now=NOW)
    assert obstacles(Party.objects.get(pk=party.pk), signer, NOW).blocks == ()
    held = case.top.parties.get(organisation=case.trust)
    held.withdraw(by=None, now=NOW, reason="Left")
    blocks = obstacles(Party.objects.get(pk=party.pk), signer, NOW).blocks
    assert [block.rule for block in blocks] == ["HAR-10"]
    assert case.top.protocol.title in blocks[0].words


def test_an_external_parent_above_an_adopted_one_is_stated(case):
    """HAR-10, decisions.md: the organisation states that it is bound by it, and so does whoever signs below."""
    version = case.policy(external_parent="County charter", external_parent_dated=date(2020, 1, 1))
    words = "We are bound by County charter, dated 1 January 2020."
    with pytest.raises(NotReady):
        adoption.adopt(version, **FACTS, by=case.secretary, now=NOW)
    made = adoption.adopt(version, **FACTS, bound=True, by=case.secretary, now=NOW)
    assert made.statement == words
    party = case.agreement(version).parties.get(organisation=case.trust)
    assert statements(party)[-1].text == words


# --- pages


def test_the_page_records_the_adoption(case, client):
    """The secretary finds it from protocol, approval and list of what needs doing; faults stand beside their field;
    afterwards every page says adopted and by whom, and none says signed."""
    version = case.policy()
    client.force_login(case.secretary)
    address = case.url("adoption", version)
    home = reverse("protocol", args=[case.framework.slug, version.protocol.reference])
    for page in (home, case.url("approval", version), reverse("framework", args=[case.framework.slug])):
        assert address in client.get(page).content.decode()
    assert "Anyvale Council" in client.get(address).content.decode()
    answer = client.post(address, {"body": ""}).content.decode()
    for words in ("Enter who decided in the organisation", "Enter the minute or decision reference"):
        assert words in answer
    sent = {"body": "Cabinet", "reference": "CAB/7"}
    sent |= {"decided_on_day": "10", "decided_on_month": "6", "decided_on_year": "2026"}
    assert client.post(address, sent).status_code == 302
    page = client.get(home).content.decode()
    assert "By Anyvale Council on 10 June 2026 (Cabinet)" in page
    assert "adopted version 1.0 (Cabinet, CAB/7)" in page
    for name in (home, case.url("version", version), reverse("protocols", args=[case.framework.slug])):
        text = client.get(
            name, {"q": version.protocol.reference} if name.endswith("protocols/") else {}
        ).content.decode()
        text = text.replace("Signed by all required</option>", "")  # a state that the filter of the list offers
        assert "igned by" not in text
        assert "Adopted" in text
    assert client.get(address).status_code == 409
    assert client.post(address, sent).status_code == 409
    assert client.get(case.url("signatures", version)).status_code == 302
    assert client.get(case.url("open-for-signature", version)).status_code == 403
    client.force_login(case.drafter)
    assert client.get(case.url("open-for-signature", version)).status_code == 409
    assert client.post(address, sent).status_code == 403


def test_the_public_reads_who_adopted_it(case, client):
    """UK-pub: organisation and day, nothing of signatures; the register names it too."""
    version = case.policy()
    adoption.adopt(version, **FACTS, by=case.secretary, now=NOW)
    version.refresh_from_db()
    version.bring_into_force(now=version.in_force_from)
    Publication.objects.decide(
        version, by=None, now=NOW, level="summary", summary="What we do.", reason="None", review_on=date(2027, 1, 1)
    )
    page = client.get(
        reverse("public-protocol", args=[case.framework.slug, version.protocol.reference])
    ).content.decode()
    assert "Anyvale Council adopted it on 10 June 2026" in page
    assert "have signed" not in page
    assert "Cabinet" not in page
    assert "Adopted by" in client.get(reverse("register", args=[case.framework.slug])).content.decode()


def test_the_document_says_adopted(case):
    """The printed page says by whom and when it was adopted; the frozen text says that the tier is adopted."""
    version = case.policy()
    adoption.adopt(version, **FACTS, by=case.secretary, now=NOW)
    version.refresh_from_db()
    text = json.loads(version.canonical.content())
    assert text["protocol"]["tier"]["adopted"] is True
    edition = documents.edition_of(version, "parties", 1, now=NOW)
    context = printing.protocol_context(*documents.material_of(edition, []))
    assert {"name": "Adopted", "value": "By Anyvale Council on 10 June 2026"} in context["facts"]
    html = render_to_string("pdf/protocol.html", {**context, "title": "", "lang": "en-GB"})
    for words in ("Awaiting signature", "Not signed", "Signed", "signatories", "Schedule of signatures"):
        assert words not in html
    assert (context["signatures_title"], context["adoption"]["body"]) == ("Adoption", "Cabinet")


def test_the_tier_of_other_versions_stays_out_of_their_text(case):
    """What is signed has the bytes it always had: the member is there only where it says something."""
    assert documents.canonical(case.top)["protocol"]["tier"].keys() == {"level", "name"}
    assert Protocol.objects.filter(tier__adopted=True).count() == 0
    assert make_version(case.top.protocol, major=2).get_status_display() == "Draft"
    assert make_decision(case.top, "withdrawn").outcome == "withdrawn"
