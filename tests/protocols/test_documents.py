"""From rows to documents: the canonical JSON of a version, the freeze, the sealed editions."""

import json

import pytest
from django.db import DatabaseError, transaction

from portal.errors import StateError
from portal.models import StoredFile
from portal.models.files import path_of
from portal.tenancy import scope
from protocols import documents
from protocols.canonical import canonical_bytes, sha256_hex, validate
from protocols.models import Clause, DataItem, Version
from tests.builders import NOW, make_framework, make_organisation, make_protocol, make_version, quick_frozen

pytestmark = pytest.mark.django_db


@pytest.fixture
def framework():
    """A framework, entered."""
    framework = make_framework()
    with scope(framework.pk):
        yield framework


def test_the_canonical_json_holds_every_schedule(framework):
    """Definitions (HAR-1), parties with address and telephone (HAR-2.2), purposes each citable (HAR-3.4, HAR-3.6),
    data items with their level (HAR-3.7), the clauses as a tree with their uids, and the approval (HAR-2.3)."""
    version = make_version(framework=framework, status="approved")
    data = documents.canonical(version)
    validate(data)
    assert data["definitions"] == [{"term": "Record", "text": "means anything written down."}]
    assert data["purposes"] == [{"label": "P1", "text": "To keep people safe"}]
    assert data["data_items"] == [{"label": "D1", "level": 2, "name": "Name", "detail": ""}]
    for party in data["parties"]:
        assert party["address"]
        assert party["telephone"]
    assert [party["lead"] for party in data["parties"]] == [True, False]
    section = data["clauses"][0]
    assert (section["label"], section["title"], section["children"][0]["label"]) == ("1", "Purpose", "1.1")
    assert section["uid"] == str(Clause.objects.get(label="1").uid)
    assert data["document_control"]["approvals"][0]["reference"] == "Minute 7"
    assert data["version"]["review"] == {"first_months": 6, "then_months": 12}
    assert data["lang"] == "en-GB"


@pytest.mark.parametrize("level", DataItem.Level.values)
def test_every_level_of_data_is_told_apart(framework, level):
    """HAR-3.7: aggregate and management, minimum data requirements, detailed and sensitive."""
    version = make_version(framework=framework)
    version.data_items.update(level=level)
    assert documents.canonical(version)["data_items"][0]["level"] == level


def test_the_parent_is_named_as_it_stands(framework):
    """KEN-4.1: inside the portal with the version in force, outside with its date, or none at the top."""
    top = make_version(make_protocol(framework, tier=1), status="in-force")
    below = make_version(make_protocol(framework, parent=top.protocol))
    outside = make_version(make_protocol(framework))
    assert documents.canonical(top)["protocol"]["parent"] is None
    assert documents.canonical(below)["protocol"]["parent"] == {
        "reference": top.protocol.reference,
        "title": top.protocol.title,
        "version": "1.0",
        "dated": "2026-06-15",
        "external": False,
    }
    assert documents.canonical(outside)["protocol"]["parent"]["external"] is True


def test_what_is_signed_is_stored_once(framework):
    """The freeze keeps canonical JSON and text copy; their hashes are those of the bytes; the rows refuse a change."""
    version = make_version(framework=framework, status="open-for-signature")
    kept = version.canonical.content()
    assert sha256_hex(kept) == version.canonical.sha256
    assert json.loads(kept)["protocol"]["reference"] == version.protocol.reference
    assert version.text_copy.sha256 == sha256_hex(version.text_copy.content())
    assert StoredFile.objects.filter(subject_id=version.pk).count() == 2


def test_a_text_that_changed_while_it_was_rendered_is_not_frozen(framework):
    """Under the lock the text is compared with what was rendered; nothing is kept of a stale copy."""
    version = make_version(framework=framework, status="approved")
    frozen = quick_frozen(version)
    clause = version.clauses.get(label="1.1")
    clause.text = "We share nothing."
    clause.save()
    with pytest.raises(StateError):
        version.open_for_signature(frozen, by=None, now=NOW)
    assert Version.objects.get(pk=version.pk).status == "approved"
    assert not StoredFile.objects.exists()


def test_a_changed_organisation_does_not_change_what_was_frozen(framework):
    """Name, address and registration number are copied at the freeze (SIG-new: a signature never moves)."""
    lead = make_organisation("Old Name Council", framework=framework)
    version = make_version(make_protocol(framework, lead=lead), status="open-for-signature")
    lead.name, lead.address = "New Name Council", "Elsewhere"
    lead.save()
    assert "Old Name Council" in version.canonical.content().decode()
    assert canonical_bytes(documents.canonical(version)) != version.canonical.content()


def test_a_file_that_is_not_what_was_stored_is_never_handed_out(framework):
    """The bytes are checked against the row each time they are read."""
    version = make_version(framework=framework, status="open-for-signature")
    path = path_of(version.canonical.sha256)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + b" ")
    with pytest.raises(ValueError, match="recorded SHA-256"):
        version.canonical.content()
    path.unlink()
    with pytest.raises(OSError, match="No such file"):
        version.canonical.content()


@pytest.mark.parametrize("name", ["clauses", "terms", "purposes", "data_items", "data_flows"])
def test_frozen_rows_refuse_every_road(framework, name):
    """SIG-new: once the text is frozen the database itself refuses to change, add or take away a piece of it."""
    version = make_version(framework=framework, status="open-for-signature")
    row = getattr(version, name).last()
    copy = type(row).objects.get(pk=row.pk)
    copy.pk = None
    for act in (row.save, row.delete, copy.save, lambda: type(row).objects.filter(pk=row.pk).update(version=version)):
        with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
            act()


def test_frozen_files_are_never_exchanged(framework):
    """SIG-new: what was signed is what is kept; nobody thaws a version, not even by update()."""
    version = make_version(framework=framework, status="open-for-signature")
    rows = Version.objects.filter(pk=version.pk)
    thawed = {"canonical": None, "text_copy": None, "opened_at": None, "status": "draft"}
    for facts in (thawed, {"canonical": version.text_copy}):
        with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
            rows.update(**facts)
    rows.update(status="withdrawn")
