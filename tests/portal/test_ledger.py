"""The ledger: append-only, chained per protocol, sealed, in one transaction with the act."""

import hashlib

import pytest
from django.db import DatabaseError, connection, transaction

from portal import ledger
from portal.models import AuditEvent, AuditPerson, LedgerSeal
from portal.models.ledger import AuditEventQuerySet, commitment
from portal.tenancy import installation, scope
from protocols.models import Version
from tests.builders import NOW, make_framework, make_user, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def framework():
    """A framework to write in."""
    return make_framework()


@pytest.mark.parametrize(
    "statement",
    [
        "update portal_auditevent set verb = 'x'",
        "delete from portal_auditevent",
        "truncate portal_auditevent cascade",
        "update portal_ledgerseal set root = 'x'",
        "delete from portal_ledgerseal",
        "update portal_storedfile set sha256 = 'x'",
        "delete from portal_decision",
        "update portal_auditperson set name = 'x'",
        "select * from portal_chainhead",
        "update portal_chainhead set seq = 0",
    ],
)
def test_the_serving_role_cannot_rewrite_history(framework, statement):
    """UPDATE, DELETE and TRUNCATE on the ledger are refused; heads of chains are out of reach."""
    with scope(framework.pk):
        make_version(framework=framework, status="open-for-signature")
        with (
            pytest.raises(DatabaseError, match=r"permission denied|append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_each_protocol_has_a_chain_of_its_own(framework):
    """Positions count per protocol, and every row names the hash before it."""
    with scope(framework.pk):
        for _ in range(2):
            make_version(framework=framework, status="approved")
        for chain in set(AuditEvent.objects.values_list("chain", flat=True)):
            rows = list(AuditEvent.objects.filter(chain=chain).order_by("seq"))
            assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
            assert [row.prev for row in rows] == ["", *[row.hash for row in rows[:-1]]]
    assert ledger.faults() == []


def test_a_chain_cannot_be_continued_from_another_framework(framework):
    """A row of framework B on A's chain is refused."""
    other = make_framework()
    with scope(framework.pk):
        version = make_version(framework=framework, status="approval")
    with pytest.raises(DatabaseError, match="another framework"), transaction.atomic(), scope(other.pk):
        AuditEvent.objects.record("x:y", other, by=None, now=NOW, chain=version.ledger_chain)


def test_act_and_row_stand_or_fall_together(framework, monkeypatch):
    """Breaking the ledger write rolls the act back."""
    with scope(framework.pk):
        version = make_version(framework=framework)

        def broken(self, *args, **kwargs):
            raise RuntimeError("the ledger is full")

        monkeypatch.setattr(AuditEventQuerySet, "record", broken)
        with pytest.raises(RuntimeError):
            version.start_consultation(by=None, now=NOW)
        assert Version.objects.get(pk=version.pk).status == "draft"
        assert Version.objects.get(pk=version.pk).circulated_at is None


def test_a_person_can_be_erased_and_the_chain_stays_whole(framework):
    """Personal fields are in a side row; the chain holds a salted commitment that proves them while they are there."""
    user = make_user("Wilhelmina Thorn")
    with scope(framework.pk):
        event = AuditEvent.objects.record("portal.framework:tested", framework, by=user, now=NOW)
        person = AuditPerson._base_manager.get(pk=event.pk)
        said = {"id": user.pk, "name": "Wilhelmina Thorn", "ip": "", "user_agent": ""}
        assert commitment(person.salt, said) == event.actor_commitment
        assert "Thorn" not in str(AuditEvent.objects.filter(pk=event.pk).values().get())


def test_seals_cover_every_row_once_and_follow_each_other(framework):
    """root = SHA-256(previous root, row hashes in id order), signed; nothing new → no seal."""
    with scope(framework.pk):
        make_version(framework=framework, status="approved")
    first = ledger.seal(now=NOW)
    assert ledger.seal(now=NOW) is None
    with scope(framework.pk):
        make_version(framework=framework, status="approval")
        hashes = list(AuditEvent.objects.filter(pk__gt=first.upto).order_by("pk").values_list("hash", flat=True))
    second = ledger.seal(now=NOW)
    assert (second.prev, second.count) == (first.root, len(hashes))
    assert second.root == hashlib.sha256(first.root.encode() + b"".join(map(bytes.fromhex, hashes))).hexdigest()
    assert ledger.seal_faults() == []


def test_the_installation_has_a_chain(framework):
    """Rows without a framework go to the chain `installation`."""
    user = make_user()
    with installation():
        event = AuditEvent.objects.record("portal.user:tested", user, by=user, now=NOW)
        event.refresh_from_db()
    assert event.chain == "installation"
    assert LedgerSeal.objects.count() == 0
