"""Further editions after the parties change: the same frozen text, another schedule of signatures (evidence.md)."""

import pytest

from portal.jobs import JOBS
from portal.models import Job
from portal.tenancy import scope
from protocols.models import Party, Publication
from signatories import tasks
from signatories.schedule import signature_rows
from tests.builders import NOW, make_framework, make_party, make_version
from tests.signatories.signing import make_signer, sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def framework():
    """The tenant, with its scope held for the test's own look at rows."""
    made = make_framework()
    with scope(made.pk):
        yield made


@pytest.fixture
def version(framework, time_machine):
    """In force, signed by two with evidence."""
    time_machine.move_to(NOW)
    made = make_version(framework=framework, status="open-for-signature")
    for party in made.parties.all():
        sign(party, make_signer(party))
    made.refresh_from_db()
    made.bring_into_force(now=made.in_force_from)
    return made


def planned(version, kind="protocols.seal"):
    return list(Job.objects.filter(kind=kind, subject_id=version.pk).order_by("pk").values_list("key", flat=True))


def publish(version):
    facts = {"summary": "S", "reason": "R", "review_on": NOW.date()}
    Publication.objects.decide(version, by=None, now=NOW, level="full", **facts)


def test_each_change_of_the_parties_plans_the_next_edition(version):
    """Edition 1 at completion; 2 after an accession, 3 after a withdrawal; the public copy follows if there is one."""
    assert planned(version) == [f"seal:{version.pk}:1"]
    publish(version)
    late = make_party(version, required=False, status="invited")
    late.sign(by=None, now=NOW)
    assert planned(version) == [f"seal:{version.pk}:{n}" for n in (1, 2)]
    version.parties.exclude(pk=late.pk).first().withdraw(by=None, now=NOW, reason="Reorganised")
    assert planned(version) == [f"seal:{version.pk}:{n}" for n in (1, 2, 3)]
    assert planned(version, "protocols.seal_public") == [
        f"public:{version.pk}",
        *(f"public:{version.pk}:{n}" for n in (2, 3)),
    ]


def test_nothing_is_planned_while_signatures_are_collected(framework):
    """Edition 1 is made at completion, whatever came before."""
    version = make_version(framework=framework, status="open-for-signature")
    version.parties.first().sign(by=None, now=NOW)
    assert planned(version) == []


def test_each_job_makes_the_edition_of_its_number(version, monkeypatch):
    """A job that runs twice makes the same edition twice, never the next one."""
    made = []
    monkeypatch.setattr(tasks, "make_edition", lambda pk, kind, rows, *, number, now: made.append((kind, number)))
    publish(version)
    make_party(version, required=False, status="invited").sign(by=None, now=NOW)
    for job in [*Job.objects.filter(kind__startswith="protocols.seal").order_by("pk")] * 2:
        JOBS[job.kind](job, NOW)
    assert sorted(set(made)) == [("parties", 1), ("parties", 2), ("public", 1), ("public", 2)]
    assert len(made) == 8


def test_a_signature_stays_when_its_party_has_left(version):
    """Signatures stay with the version signed: the schedule of a later edition says that the party has left since."""
    party = version.parties.first()
    Party.objects.filter(pk=party.pk).update(bound_from=NOW)
    party.refresh_from_db()
    party.withdraw(by=None, now=NOW, reason="Reorganised")
    words = {row["organisation"]: row["signature"] for row in signature_rows(version)}
    assert words.pop(party.name) == "Signed electronically; left on 15 June 2026"
    assert set(words.values()) == {"Signed electronically"}


def test_the_parties_read_that_one_is_suspended(version):
    """HAR-6.6, in their edition alone: what the public reads of it is a publication decision."""
    party = version.parties.first()
    party.suspend(by=None, now=NOW, reference="BR-001")
    words = {row["organisation"]: row["signature"] for row in signature_rows(version)}
    assert words.pop(party.name) == "Signed electronically; suspended"
    assert set(words.values()) == {"Signed electronically"}
    assert {row["signature"] for row in signature_rows(version, names=False)} == {"Signed electronically"}
