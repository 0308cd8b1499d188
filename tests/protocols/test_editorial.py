"""An editorial change that the deciding body exempts from signing again (HAR-2.3, SIG-num, SIG-new)."""

from datetime import timedelta

import pytest

from portal.errors import NotReady
from portal.models import AuditEvent, Deadline, Job, OutgoingEmail
from portal.permissions import Role
from portal.tenancy import scope
from protocols import editorial, workflow
from protocols.documents import canonical
from protocols.models import Party, Version
from signatories import workflow as signing
from signatories.obstacles import bound_by
from tests.builders import (
    NOW,
    advance,
    make_framework,
    make_member,
    make_organisation,
    make_party,
    make_version,
    quick_frozen,
)
from tests.protocols.test_approval import APPROVED, Table

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=60)


@pytest.fixture
def inside():
    """The scope of a framework with its two tiers."""
    framework = make_framework()
    with scope(framework.pk):
        yield framework


@pytest.fixture(autouse=True)
def no_rendering(monkeypatch):
    """The real bytes with a placeholder for the PDF."""
    monkeypatch.setattr(signing, "prepare", lambda version, now: quick_frozen(version))


def begin(framework, *, major=False):
    """The version after one that is in force with two parties, waiting for its decision."""
    first = make_version(framework=framework, status="in-force")
    version = workflow.next_version(first.protocol, major=major, by=None, now=NOW)
    version.effective_on, version.sign_by = LATER.date(), LATER.date()
    version.save()
    return first, version


def exempt(version, **more):
    """The deciding body approves, and exempts it from signing."""
    advance(version, "approval")
    facts = {
        "board": version.protocol.tier.deciding_body,
        "decided_on": NOW.date(),
        "reference": "M8",
        "outcome": "approved",
    }
    workflow.decide(version, by=None, now=NOW, no_re_signing=True, **facts | more)
    return version


def test_in_force_without_signatures(inside):
    """HAR-2.3, SIG-new: frozen, in force at its date, every party still bound, and no signature has moved."""
    first, version = begin(inside)
    signed = {party.organisation_id: (party.pk, party.signed_at) for party in first.parties.all()}
    representative = make_member(inside, Role.REPRESENTATIVE, first.parties.last().organisation)
    exempt(version)
    assert signing.open_for_signature(version, by=None, now=NOW).people == []
    assert (version.status, version.frozen) == ("completed", True)
    version.bring_into_force(now=version.in_force_from)
    first.refresh_from_db()
    assert (version.status, first.status) == ("in-force", "superseded")
    for party in version.parties.all():
        assert (party.status, party.signed_at) == ("continued", None)
        assert (party.signature_of_id, party.signature_of.signed_at) == signed[party.organisation_id]
        assert bound_by(version.protocol, party.organisation, version.in_force_from)
    assert {party.status for party in first.parties.all()} == {"signed"}
    mails = OutgoingEmail.objects.filter(user=representative)
    assert [mail.kind for mail in mails] == ["protocols.not-signed-again"]
    assert (
        canonical(version)["document_control"]["approvals"][0]["outcome"]
        == "Approved; editorial change, not signed again"
    )
    assert next(iter(editorial.words_of(version).values())).startswith("Signed version 1.0 on 15 June 2026")


def test_review_clock_is_not_restarted(inside):
    """SIG-new: a re-signed version restarts HAR-5.1, an editorial one does not."""
    _first, version = begin(inside)
    reviews = Deadline.objects.filter(rule="review.first")
    before = list(reviews.values_list("due_at", flat=True))
    signing.open_for_signature(exempt(version), by=None, now=LATER)
    assert list(reviews.values_list("due_at", flat=True)) == before


def test_a_third_version_relies_on_the_first_signature(inside):
    """HAR-2.3: two editorial changes in a row: both rest on the signature that was given, not on each other."""
    _first, version = begin(inside)
    signing.open_for_signature(exempt(version), by=None, now=NOW)
    version.bring_into_force(now=version.in_force_from)
    third = workflow.next_version(version.protocol, major=False, by=None, now=LATER)
    third.effective_on = third.sign_by = (LATER + timedelta(days=9)).date()
    third.save()
    signing.open_for_signature(exempt(third), by=None, now=LATER)
    assert {party.signature_of.version.number for party in third.parties.all()} == {"1.0"}
    signed_minors = Party.objects.filter(status="signed").values_list("version__minor", flat=True)
    assert set(signed_minors) == {0}


@pytest.mark.parametrize("case", ["major", "new party", "left out"])
def test_exemption_is_refused(inside, case):
    """HAR-2.3: not for a first number, not for a new party that must sign, not with a bound party left out; no trace."""
    _first, version = begin(inside, major=case == "major")
    if case == "new party":
        make_party(version, make_organisation(framework=inside))
    elif case == "left out":
        version.parties.last().delete()
    advance(version, "approval")
    before = AuditEvent.objects.count()
    with pytest.raises(NotReady):
        exempt(version)
    assert (Version.objects.get(pk=version.pk).status, AuditEvent.objects.count()) == ("approval", before)


def test_exemption_is_looked_at_again_when_it_is_frozen(inside):
    """HAR-2.3: a party whose signature has lost its force since the decision stops it, and nothing is frozen."""
    first, version = begin(inside)
    exempt(version)
    first.parties.last().withdraw(by=None, now=NOW, reason="x")
    jobs = Job.objects.count()
    with pytest.raises(NotReady):
        signing.open_for_signature(version, by=None, now=NOW)
    version.refresh_from_db()
    assert (version.status, version.frozen, Job.objects.count()) == ("approved", False, jobs)


def test_minor_version_without_exemption_is_signed(inside):
    """HAR-2.3: without such a decision an editorial version is signed like any other."""
    _first, version = begin(inside)
    advance(version, "approved")
    signing.open_for_signature(version, by=None, now=NOW)
    assert version.status == "open-for-signature"
    assert {party.status for party in version.parties.all()} == {"invited"}


def test_box_is_there_for_editorial_versions_only(client):
    """SIG-num: version 1.0 offers no exemption, and one that is sent all the same counts for nothing."""
    table = Table(client)
    table.post(table.drafter, "approval-submit")
    assert "need not sign again" not in table.get(table.secretary, "approval-decide").content.decode()
    table.post(table.secretary, "approval-decide", **APPROVED | {"no_re_signing": "on"})
    with scope(table.framework.pk):
        assert Version.objects.get(pk=table.version.pk).approval.no_re_signing is False
