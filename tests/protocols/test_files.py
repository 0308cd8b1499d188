"""The one way to a kept file: audiences, and how it leaves the portal."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from portal.models import AuditEvent, StoredFile
from portal.models.files import path_of
from portal.permissions import Role
from portal.tenancy import scope
from protocols.models import Edition, Publication
from tests.builders import NOW, join, make_framework, make_member, make_user, make_version
from tests.protocols.sealed import sealed_edition

pytestmark = pytest.mark.django_db


@pytest.fixture
def framework():
    """The tenant, with its scope held for the test's own look at rows; every request enters a scope of its own."""
    made = make_framework()
    with scope(made.pk):
        yield made


@pytest.fixture
def version(framework):
    return make_version(framework=framework, status="in-force")


def publish(version, level, *, at=NOW):
    facts = {"summary": "What it is about.", "reason": "Agreed", "review_on": NOW.date()}
    return Publication.objects.decide(version, by=None, now=at, level=level, **facts)


def fetch(client, framework, stored):
    return client.get(reverse("file", args=[framework.slug, stored.uid]))


def test_text_copy_is_for_readers_of_the_version(client, framework, version):
    """MEMBERS: whoever sees the version; a member of another party-less organisation and a stranger get 404."""
    stored = version.text_copy
    assert fetch(client, framework, stored).status_code == 404
    for person, status in [
        (make_member(framework, Role.VIEWER, version.parties.first().organisation, mfa=False), 200),
        (make_member(framework, Role.VIEWER, mfa=False), 404),
        (make_member(framework, Role.AUDITOR), 200),
        (make_member(make_framework(), Role.FRAMEWORK_ADMIN), 404),
    ]:
        client.force_login(person)
        assert fetch(client, framework, stored).status_code == status


def test_download_never_runs_in_the_portal(client, framework, version):
    """Attachment, a name without surprises, sandboxed, never sniffed, never cached."""
    stored = StoredFile.objects.keep(
        b"%PDF-1.7 x",
        framework=framework,
        name='../"Réport"; x.html\r\nSet-Cookie: a=b',
        media_type="application/pdf",
        purpose="text-copy",
        audience="members",
        subject=version,
        now=NOW,
    )
    client.force_login(make_member(framework, Role.DRAFTER))
    response = fetch(client, framework, stored)
    assert response.content == b"%PDF-1.7 x"
    assert response["Content-Disposition"] == 'attachment; filename="R-port-x.html-Set-Cookie-a-b"'
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]
    assert client.post(reverse("file", args=[framework.slug, stored.uid])).status_code == 405


def test_sealed_copy_is_for_parties_and_each_fetch_is_an_event(client, framework, version):
    """PARTIES: representatives of a party and those who see everything; a party's mere viewer gets 404. The protocol's page
    has a link for those who get it."""
    stored = sealed_edition(version, now=NOW).file
    page = reverse("protocol", args=[framework.slug, version.protocol.reference])
    mine = version.parties.first().organisation
    for role, organisation, status in [
        (Role.REPRESENTATIVE, mine, 200),
        (Role.SECRETARY, None, 200),
        (Role.VIEWER, mine, 404),
        (Role.REPRESENTATIVE, None, 404),
    ]:
        client.force_login(make_member(framework, role, organisation))
        assert (str(stored.uid) in client.get(page).content.decode()) is (status == 200)
        assert fetch(client, framework, stored).status_code == status
    fetched = AuditEvent.objects.filter(verb="protocols.file:fetched", chain=version.ledger_chain)
    assert fetched.count() == 2
    assert fetched.first().payload["sha256"] == stored.sha256


def test_representative_of_a_stranger_is_no_party_by_another_role(client, framework, version):
    """Viewer for the party and representative for somebody else does not add up to "represents a party"."""
    stored = sealed_edition(version, now=NOW).file
    person = make_user()
    join(person, framework, version.parties.first().organisation, Role.VIEWER)
    client.force_login(make_member(framework, Role.REPRESENTATIVE))
    join(person, framework, make_version(framework=framework).parties.first().organisation, Role.REPRESENTATIVE)
    client.force_login(person)
    assert fetch(client, framework, stored).status_code == 404


def test_public_copy_only_while_the_decision_in_effect_is_full(client, framework, version):
    """UK-pub: full opens it to everybody, a later decision closes it again; nothing but "full" counts."""
    stored = sealed_edition(version, now=NOW, kind=Edition.Kind.PUBLIC).file
    for day, (level, status) in enumerate([(None, 404), ("summary", 404), ("full", 200), ("none", 404)]):
        if level:
            publish(version, level, at=NOW + timedelta(days=day))
        assert fetch(client, framework, stored).status_code == status
    client.force_login(make_member(framework, Role.SECRETARY))
    assert fetch(client, framework, stored).status_code == 200
    assert not AuditEvent.objects.filter(verb="protocols.file:fetched").exists()


def test_unknown_and_foreign_files_answer_alike(client, framework, version):
    """A file of another framework is as unknown as one that never was."""
    other = make_framework()
    client.force_login(make_member(framework, Role.DRAFTER))
    foreign = client.get(reverse("file", args=[other.slug, version.text_copy.uid]))
    unknown = client.get(reverse("file", args=[framework.slug, uuid.uuid4()]))
    with scope(other.pk):
        theirs = make_version(framework=other, status="open-for-signature").text_copy
    here = fetch(client, framework, theirs)
    assert {foreign.status_code, unknown.status_code, here.status_code} == {404}
    assert len({len(response.content) for response in (unknown, here)}) == 1


def test_damaged_file_is_never_handed_out(client, framework, version):
    """The bytes are compared with the recorded SHA-256 before they leave."""
    path_of(version.text_copy.sha256).write_bytes(b"%PDF-1.7 something else")
    client.force_login(make_member(framework, Role.DRAFTER))
    with pytest.raises(ValueError, match="SHA-256"):
        fetch(client, framework, version.text_copy)
