"""/verify: genuine only by the kept hash and the seal together; of what is not published, nothing but that."""

import io
from datetime import timedelta

import pikepdf
import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal import installation_key, seal
from portal.models import StoredFile
from portal.permissions import Role
from portal.tenancy import scope
from protocols.models import Edition, Publication
from protocols.verification import tidy_code
from protocols.views_verify import TRIES
from tests.builders import NOW, make_framework, make_member, make_organisation, make_party, make_protocol, make_version
from tests.protocols.sealed import sealed_edition, small_pdf

pytestmark = pytest.mark.django_db
GENUINE, ALTERED, UNKNOWN = "portal-result--genuine", "portal-result--altered", "portal-result--unknown"
TITLE = "Canary title of the protocol"


@pytest.fixture(autouse=True)
def _fresh_limits():
    """Each test has its full share of requests."""
    cache.clear()


@pytest.fixture
def framework():
    return make_framework("Canary Board")


@pytest.fixture
def version(framework):
    """In force and not published. Tests take a scope only where they look at rows themselves."""
    with scope(framework.pk):
        return make_version(make_protocol(framework, title=TITLE, reference="CANARY-7"), status="in-force")


def publish(version, level):
    with scope(version.framework_id):
        Publication.objects.decide(
            version, by=None, now=NOW, level=level, summary="What it is.", reason="Agreed", review_on=NOW.date()
        )


def edition_of(version, **facts):
    with scope(version.framework_id):
        edition = sealed_edition(version, now=facts.pop("now", NOW), **facts)
        return edition, edition.file.content()


def send(client, content, name="protocol.pdf", **more):
    upload = SimpleUploadedFile(name, content, content_type="application/pdf")
    response = client.post(reverse("verify"), {"document": upload, **more})
    assert response.status_code == 200
    return response.content.decode()


def ask(client, code):
    response = client.post(reverse("verify"), {"code": code})
    assert response.status_code == 200
    return response.content.decode()


def says_nothing_of_it(html, version):
    """No title, reference, framework or party of the document."""
    with scope(version.framework_id):
        names = [party.name for party in version.parties.all()]
    return not any(word in html for word in (TITLE, "CANARY-7", "Canary Board", *names))


# --- genuine


def test_unpublished_is_genuine_and_in_force_and_nothing_more(client, version):
    """UK-pub: of an unpublished protocol only "genuine" and whether it is in force."""
    edition, content = edition_of(version)
    for html in (send(client, content), ask(client, edition.code)):
        assert GENUINE in html
        assert "This version is in force." in html
        assert "It is the current edition." in html
        assert "It is not published" in html
        assert says_nothing_of_it(html, version)


def test_published_is_named_and_linked(client, version):
    """As far as published: title, reference, and the page in the register."""
    _edition, content = edition_of(version)
    publish(version, "summary")
    html = send(client, content)
    assert TITLE in html
    assert "CANARY-7" in html
    assert "/register/CANARY-7/" in html
    assert "parties’ copy" in html


def test_members_who_may_see_get_title_and_link(client, framework, version):
    """A person of a party sees what it is; a member of the framework without a part in it does not."""
    _edition, content = edition_of(version)
    with scope(framework.pk):
        organisation = version.parties.first().organisation
    client.force_login(make_member(framework, Role.VIEWER, organisation, mfa=False))
    html = send(client, content)
    assert TITLE in html
    assert "/protocols/CANARY-7/" in html
    client.force_login(make_member(framework, Role.VIEWER, mfa=False))
    html = send(client, content)
    assert GENUINE in html
    assert TITLE not in html


def test_without_the_second_factor_members_see_what_the_public_sees(client, framework, version):
    """ASVS 6.3.3: a password alone names no unpublished protocol, whatever the role gives."""
    edition, _content = edition_of(version)
    for mfa, named in ((False, False), (True, True)):
        client.force_login(make_member(framework, Role.AUDITOR, mfa=mfa))
        assert (TITLE in ask(client, edition.code)) is named


def test_older_edition_says_what_happened_since(client, version):
    """ "Genuine, edition 1; since then two joined" for those who may know; else only that a newer one exists."""
    _old, content = edition_of(version)
    later = NOW + timedelta(days=30)
    with scope(version.framework_id):
        for _n in range(2):
            party = make_party(version)
            type(party).objects.filter(pk=party.pk).update(status="signed", signed_at=later, bound_from=later)
    edition_of(version, number=2, now=later)
    html = send(client, content)
    assert GENUINE in html
    assert "It is an older edition; a newer one exists." in html
    assert "joined" not in html
    publish(version, "summary")
    html = send(client, content)
    assert "It is edition 1; the current one is edition 2." in html
    assert "Since then 2 organisations have joined." in html


def test_text_copy_is_genuine_and_says_that_it_is_not_sealed(client, version):
    """The text copy is what is signed; it carries no seal."""
    with scope(version.framework_id):
        content = version.text_copy.content()
    html = send(client, content)
    assert GENUINE in html
    assert "exactly what the parties sign. It carries no seal" in html
    assert says_nothing_of_it(html, version)


def test_superseded_and_withdrawn_are_genuine_and_no_longer_in_force(client, version):
    """Genuine is one thing, in force another."""
    _edition, content = edition_of(version)
    with scope(version.framework_id):
        newer = make_version(version.protocol, major=2, status="in-force")
    assert "a newer version has replaced it" in send(client, content)
    _edition, content = edition_of(newer)
    with scope(version.framework_id):
        newer.withdraw(by=None, now=NOW, reason="Ended", decision=object())
    html = send(client, content)
    assert GENUINE in html
    assert "it was withdrawn" in html


def test_completed_is_not_in_force_yet(client, framework):
    """Before its effective date the document is genuine and not in force."""
    with scope(framework.pk):
        version = make_version(framework=framework, status="completed")
    _edition, content = edition_of(version)
    html = send(client, content)
    assert GENUINE in html
    assert "not in force yet" in html


# --- not genuine


def flipped(content, position):
    return content[:position] + bytes([content[position] ^ 1]) + content[position + 1 :]


def appended(content):
    """A page added by an incremental update: some readers still call the signature valid."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as document:
        document.add_blank_page()
        document.save(out)
    return content + b"\n" + out.getvalue()[-400:]


def rewritten(content):
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as document:
        document.save(out)
    return out.getvalue()


TAMPERING = {
    "a byte of the content": lambda content: flipped(
        content, content.index(b"/MediaBox") + 12 if b"/MediaBox" in content else 200
    ),
    "the zero padding of the seal": lambda content: flipped(content, content.rindex(b"0000000000>") + 4),
    "a byte of the seal": lambda content: flipped(content, content.index(b"/Contents <") + 2000),
    "something appended": appended,
    "one line end appended": lambda content: content + b"\n",
    "rewritten by a program": rewritten,
    "the end cut off": lambda content: content[:-200],
}


@pytest.mark.parametrize("attack", TAMPERING)
def test_altered_document_is_never_genuine(client, version, attack):
    """The tamper table: every change of the bytes is seen by the hash, also where the seal alone would say "valid"."""
    _edition, content = edition_of(version)
    publish(version, "full")
    changed = TAMPERING[attack](content)
    assert changed != content
    html = send(client, changed)
    assert ALTERED in html
    assert GENUINE not in html
    assert says_nothing_of_it(html, version)


def test_known_bytes_with_a_seal_that_does_not_hold_are_not_genuine(client, version):
    """The hash alone decides nothing either: the kept file must carry a good seal of this installation."""
    with scope(version.framework_id):
        edition = sealed_edition(version, now=NOW)
        content = small_pdf("never sealed")
        fake = StoredFile.objects.keep(
            content, framework=version.framework, name="x.pdf", media_type="application/pdf", purpose="sealed-edition",
            audience="parties", subject=version, now=NOW,
        )  # fmt: skip
        Edition.objects.filter(pk=edition.pk).update(file=fake, sha256=fake.sha256)
    html = send(client, content)
    assert ALTERED in html
    assert "cannot be confirmed" in html


def test_seal_of_another_key_is_unknown_here(client, version, tmp_path):
    """A file sealed by somebody else is not ours, whatever name its certificate carries."""
    key = tmp_path / "seal.p12"
    seal.ensure_key(key, b"secret", name=installation_key.NAME, now=NOW)
    foreign = seal.seal(small_pdf(), p12_path=key, passphrase=b"secret", now=NOW, reason="x")
    html = send(client, foreign)
    assert UNKNOWN in html
    assert GENUINE not in html


def test_strange_pdf_is_unknown_and_never_parsed(client, monkeypatch):
    """A stranger's bytes never reach the PDF library."""
    monkeypatch.setattr(installation_key, "check_pdf", None)
    html = send(client, small_pdf("of a stranger"))
    assert UNKNOWN in html
    assert "We do not know this document" in html
    assert UNKNOWN in send(client, b"%PDF-1.7\n" + b"\xff\x00" * 5000)


# --- codes


@pytest.mark.parametrize("typed", ["7k2m-q4rt-x901", " 7K2M Q4RT X9O1 ", "7K2MQ4RTX9OI", "7k2m–q4rt–x9ol"])
def test_codes_forgive(typed):
    """Case, spaces, dashes and look-alike letters do not matter."""
    assert tidy_code(typed) == "7K2M-Q4RT-X901"


def test_unknown_code(client):
    """A well-formed code that no document has."""
    html = ask(client, "0000-0000-0000")
    assert UNKNOWN in html
    assert "We do not know this code" in html


def test_code_says_that_it_proves_nothing_of_the_file(client, version):
    """A code can be copied onto any paper."""
    edition, _content = edition_of(version)
    html = ask(client, edition.code.lower().replace("-", " "))
    assert "This code belongs to a genuine document" in html
    assert "To know that the file in your hands is unchanged" in html


def test_code_in_the_address_is_looked_up_and_changes_nothing(client, version):
    """The QR of a document leads to the answer by GET, without a single writing statement on our tables."""
    edition, _content = edition_of(version)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(reverse("verify"), {"code": edition.code})
    assert GENUINE in response.content.decode()
    written = [q["sql"] for q in queries if q["sql"].lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE"))]
    assert not written


# --- bad input


@pytest.mark.parametrize(
    "content, words",
    [
        (b"", "The file is empty"),
        (b"<html>not a pdf</html>", "The file is not a PDF"),
        (b"PK\x03\x04 zip", "not a PDF"),
    ],
)
def test_wrong_file_is_named(client, content, words):
    """The type is told by the content, never by the name or the header."""
    html = send(client, content)
    assert words in html
    assert "Error: " in html
    assert 'class="portal-result' not in html


@pytest.mark.parametrize("code", ["ABC", "7K2M-Q4RT-X90U", "x" * 200, "7K2M-Q4RT-X90\0", "⅐K2M-Q4RT-X901"])
def test_wrong_code_is_named(client, code):
    """An error beside the field, no result and no 500."""
    html = ask(client, code)
    assert "Error: " in html
    assert 'class="portal-result' not in html


def test_nothing_sent_is_named(client):
    """One of the two is needed."""
    assert "Choose a PDF or enter a code" in ask(client, "")


def test_too_large_is_refused(client, settings):
    """At most 20 MB."""
    settings.UPLOAD_MAX_BYTES = 1000
    assert "smaller than 20 MB" in send(client, b"%PDF-" + b"x" * 1000)


def test_too_many_requests_wait(client, time_machine):
    """The 31st within five minutes is answered with 429; later it goes on."""
    time_machine.move_to(NOW)
    for _n in range(TRIES):
        assert client.post(reverse("verify"), {"code": "bad"}).status_code == 200
    response = client.post(reverse("verify"), {"code": "bad"})
    assert response.status_code == 429
    assert "Wait 5 minutes" in response.content.decode()
    time_machine.move_to(NOW + timedelta(minutes=6))
    assert client.post(reverse("verify"), {"code": "bad"}).status_code == 200


def test_joined_organisation_is_no_name_on_public_answers(client, version):
    """Even of a published protocol the answer names no party and no person."""
    with scope(version.framework_id):
        make_party(version, make_organisation("Canary Trust", framework=version.framework))
    _edition, content = edition_of(version)
    publish(version, "full")
    html = send(client, content)
    assert "Canary Trust" not in html


def test_an_upload_over_the_limit_is_refused_before_it_is_read(client, settings):
    """By its announced size, before the CSRF check or the view would read one byte of it."""

    class Unread(io.BytesIO):
        def read(self, *args):
            raise AssertionError("The body was read.")

    for address in (reverse("verify"), "/accounts/login/"):
        response = client.post(
            address,
            **{"wsgi.input": Unread(b"x"), "CONTENT_LENGTH": str(settings.UPLOAD_MAX_BYTES + 200_000)},
            content_type="multipart/form-data; boundary=x",
        )
        assert response.status_code == 413
        assert "A file can have at most 20 MB" in response.content.decode()
