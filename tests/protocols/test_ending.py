"""How a version ends: superseded, withdrawn, expired; and what that does to those who were bound (SIG-force, SIG-new)."""

from datetime import date, timedelta

import pytest

from portal import sweep
from portal.errors import NotReady
from portal.models import AuditEvent, Deadline, OutgoingEmail
from portal.permissions import Access, Role
from portal.tenancy import scope
from protocols import protocol_page
from protocols.models import Party, Version
from tests.builders import NOW, advance, fill, make_decision, make_framework, make_member, make_party, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def old():
    """Version 1.0 in force with two parties, inside its framework's scope."""
    framework = make_framework()
    with scope(framework.pk):
        yield make_version(framework=framework, status="in-force", effective_on=date(2026, 6, 1))


def successor_of(old, organisations):
    """Version 2.0, signed by some of the parties, effective next month."""
    version = Version.objects.create(
        framework=old.framework,
        protocol=old.protocol,
        major=2,
        effective_on=date(2026, 7, 1),
        review_first_months=6,
        review_then_months=12,
    )
    fill(version)
    for organisation in organisations:
        make_party(version, organisation)
    return advance(version, "completed")


def test_coming_into_force_supersedes_the_old_version(old):
    """SIG-new: signatures stay with the old version; who signed both is bound by the new one, who did not is
    "not re-signed", is told once, and is bound by nothing any more."""
    stays, leaves = [party.organisation for party in old.parties.all()]
    told = make_member(old.framework, Role.REPRESENTATIVE, leaves)
    new = successor_of(old, [stays])
    later = new.in_force_from + timedelta(days=3)
    sweep.run_jobs({"jobs": 0, "failed": 0}, now=later)
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.status, new.status) == ("superseded", "in-force")
    assert old.ended_at == new.in_force_from, "the due moment counts, not the sweep's"
    parties = {party.organisation: party for party in old.parties.all()}
    assert (parties[stays].status, parties[leaves].status) == ("signed", "not-re-signed")
    table = protocol_page.signing(old, protocol_page.parties_of([old], Access.of(told, old.framework))[old.pk])
    assert table["heading"] == "Who has signed: 2 of 2", "not to have signed the next one takes nothing back"
    assert table["rows"][1][2]["note"].startswith("signed on ")
    assert parties[stays].bound_until == parties[leaves].bound_until == new.in_force_from
    assert not Party.objects.bound([leaves.pk]).exists()
    assert Party.objects.bound([stays.pk]).get().version == new
    mails = OutgoingEmail.objects.filter(kind="protocols.not-re-signed")
    assert [mail.user for mail in mails] == [told]


def test_a_version_in_force_is_withdrawn_by_decision_and_reason(old):
    """Both are needed; afterwards nobody is bound (HAR-2.3)."""
    with pytest.raises(NotReady):
        old.withdraw(by=None, now=NOW, reason="The service has closed")
    with pytest.raises(NotReady):
        old.withdraw(by=None, now=NOW, reason=" ", decision=make_decision(old, "withdrawn"))
    old.withdraw(by=None, now=NOW, reason="The service has closed", decision=make_decision(old, "withdrawn"))
    assert Version.objects.get(pk=old.pk).status == "withdrawn"
    assert not Party.objects.filter(bound_until__isnull=True, bound_from__isnull=False).exists()


def test_a_version_expires_only_on_its_own_date():
    """Expiry is planned when it comes into force, and happens at 00:00 of the day after."""
    framework = make_framework()
    with scope(framework.pk):
        version = make_version(
            framework=framework, status="in-force", effective_on=date(2026, 6, 1), expires_on=date(2026, 12, 31)
        )
        sweep.run_jobs({"jobs": 0, "failed": 0}, now=NOW + timedelta(days=30))
        assert Version.objects.get(pk=version.pk).status == "in-force"
        sweep.run_jobs({"jobs": 0, "failed": 0}, now=NOW + timedelta(days=365))
        ended = Version.objects.get(pk=version.pk)
        assert ended.status == "expired"
        assert ended.ended_at.isoformat() == "2027-01-01T00:00:00+00:00"


def owed(version) -> list:
    """When the clocks of the reviews began that the protocol still owes."""
    return list(Deadline.objects.open().filter(rule__startswith="review.").values_list("started_at", flat=True))


def test_a_signed_successor_ends_the_reviews_of_the_old_version(old):
    """HAR-5.1, SIG-new: both clocks run until the new version is in force; then only its own, and the end is recorded."""
    new = successor_of(old, [party.organisation for party in old.parties.all()])
    new.completed_at = old.completed_at + timedelta(days=1)  # the builders complete everything at one moment
    new.save()
    Deadline.objects.filter(pk=Deadline.objects.order_by("-pk").first().pk).update(started_at=new.completed_at)
    assert sorted(owed(old)) == [old.completed_at, new.completed_at]
    new.bring_into_force(now=new.in_force_from)
    assert owed(new) == [new.completed_at]
    assert AuditEvent.objects.filter(verb="portal.deadline:dropped").count() == 1


def test_a_withdrawn_version_owes_no_review(old):
    """A review of what is not in force any more is never asked for, nor shown as overdue (UK-pub)."""
    assert owed(old) == [old.completed_at]
    old.withdraw(by=None, now=NOW + timedelta(days=60), reason="Merged.", decision=make_decision(old))
    assert owed(old) == []


def test_a_successor_withdrawn_before_it_was_in_force_leaves_the_old_clock(old):
    """The version in force goes on to owe its reviews."""
    new = successor_of(old, [party.organisation for party in old.parties.all()])
    new.completed_at = old.completed_at + timedelta(days=1)
    new.save()
    Deadline.objects.filter(pk=Deadline.objects.order_by("-pk").first().pk).update(started_at=new.completed_at)
    new.withdraw(by=None, now=NOW + timedelta(days=2), reason="Wrong text.")
    assert owed(old) == [old.completed_at]
