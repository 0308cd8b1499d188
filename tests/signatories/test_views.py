"""The pages of a representative: read, sign, decline, and who has signed."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import transaction
from django.urls import reverse

from portal import tenancy
from portal.models import AuditEvent
from portal.permissions import Role
from protocols.models import Version
from signatories import workflow
from signatories.models import Authority, Refusal, Signature
from signatories.statements import statements
from tests.builders import NOW, join, make_framework, make_member, make_organisation, make_version
from tests.signatories.signing import make_signer, sign
from tests.totp import next_code

pytestmark = pytest.mark.django_db


class Open:
    """An open version, its first party, and that party's signer with a signed-in browser."""

    def __init__(self, client):
        cache.clear()
        self.client = client
        self.framework = make_framework()
        with tenancy.scope(self.framework.pk), transaction.atomic():
            self.version = make_version(status="open-for-signature", framework=self.framework)
            self.party, self.other = self.version.parties.all()
            self.user = make_signer(self.party, full_name="Tamsin Reid")
            self.hashes = [self.version.canonical.sha256, self.version.text_copy.sha256]
            self.boxes = [f"statement_{shown.key}" for shown in statements(self.party)]
        client.force_login(self.user)

    def url(self, name, *more):
        """Address of a page of the version."""
        return reverse(name, args=[self.framework.slug, self.version.protocol.reference, self.version.number, *more])

    def form(self, **changes):
        """What the signing page sends, by default everything as it should be."""
        page = self.client.get(self.url("sign", self.party.pk)).context["form"]
        data = dict.fromkeys(self.boxes, "on") | {"sha256": page["sha256"].value(), "opened": page["opened"].value()}
        data["code"] = next_code(self.user)
        return {key: value for key, value in (data | changes).items() if value is not None}

    def post(self, name="sign", party=None, **data):
        """Send a form."""
        return self.client.post(self.url(name, (party or self.party).pk), data)

    def rows(self, model):
        """All rows of a model in the framework."""
        with tenancy.scope(self.framework.pk), transaction.atomic():
            return list(model.objects.all())

    def act(self, verb, *arguments, **options):
        """Do something in the framework's scope."""
        with tenancy.scope(self.framework.pk), transaction.atomic():
            return verb(*arguments, **options)


@pytest.fixture
def case(client, time_machine):
    """As above, at NOW."""
    time_machine.move_to(NOW, tick=False)
    return Open(client)


def test_the_page_shows_what_is_signed(case):
    """Title, reference, version, both fingerprints, links to text and PDF, name, title, organisation, an empty form."""
    response = case.client.get(case.url("sign", case.party.pk))
    page = response.content.decode()
    version, party = case.version, case.party
    for words in (
        f"Sign: {version.protocol.title} 1.0", version.protocol.reference, *case.hashes,
        case.url("version"), case.url("sign-text-copy", party.pk), "Tamsin Reid", party.name, f"Sign for {party.name}",
        case.url("decline", party.pk),
    ):  # fmt: skip
        assert words in page
    assert "checked" not in page
    assert "portal operator’s" in page  # whose seal it is


def test_opening_the_page_signs_nothing(case):
    """GET keeps the time of first view and its access event, once; nothing else (a mail scanner cannot even sign in)."""
    for _ in range(3):
        assert case.client.get(case.url("sign", case.party.pk)).status_code == 200
    case.act(case.party.refresh_from_db)
    assert (case.party.viewed_at, case.party.status, case.rows(Signature)) == (NOW, "invited", [])
    assert [row.verb for row in case.rows(AuditEvent)].count("signatories.party:viewed") == 1
    case.client.logout()
    assert case.client.get(case.url("sign", case.party.pk)).status_code == 302


def test_four_pages_and_six_clicks(case):
    """Journey 1: page of the mail, boxes, code, button, confirmation with reference and PDF."""
    response = case.post(**case.form())
    assert (response.status_code, response.url) == (302, case.url("sign-done", case.party.pk))
    signature = case.rows(Signature)[0]
    page = case.client.get(response.url).content.decode()
    for words in (
        signature.reference,
        "1 required party has still to sign",
        case.url("sign-text-copy", case.party.pk),
        case.user.email,
    ):
        assert words in page
    assert len(case.boxes) + 2 <= 6  # each box, the code field, the button


def test_the_text_copy_is_the_stored_file(case):
    """The PDF is handed out byte for byte, and that it was fetched stands in the evidence."""
    response = case.client.get(case.url("sign-text-copy", case.party.pk))
    assert response.content == case.act(lambda: case.version.text_copy.content())
    assert response["Content-Disposition"].startswith("attachment")
    case.post(**case.form())
    assert '"text_copy_fetched_at":"2026-06-15T10:00:00+00:00"' in case.rows(Signature)[0].record


def test_when_the_page_was_opened_survives_an_error(case, time_machine):
    """The time of first opening is carried by a signed note; a forged one counts as none."""
    form = case.form(statement_bound=None)
    time_machine.move_to(NOW + timedelta(minutes=2), tick=False)
    page = case.post(**form)
    case.post(
        **form
        | {"statement_bound": "on", "code": next_code(case.user), "opened": page.context["form"]["opened"].value()}
    )
    assert '"page_opened_at":"2026-06-15T10:00:00+00:00"' in case.rows(Signature)[0].record


@pytest.mark.parametrize(
    "missing", ["statement_read", "statement_authorised", "statement_bound", "statement_parent", "code"]
)
def test_everything_must_be_given(case, missing):
    """A box that is not ticked, or no code: the page again with the error, nothing signed. So a demonstration's
    "Sign in as …" never counts: signing asks for the code on this page."""
    session = case.client.session
    session["account_authentication_methods"] = [
        {"method": "demo", "at": NOW.timestamp()},
        {"method": "mfa", "at": NOW.timestamp()},
    ]
    session.save()
    response = case.post(**case.form(**{missing: None}))
    assert (response.status_code, case.rows(Signature)) == (200, [])
    assert list(response.context["form"].errors) == [missing]
    assert "<title>Error: " in response.content.decode()


@pytest.mark.parametrize("code", ["000000", "abcdef", "1" * 10, "12345678", "９９９９９９"])
def test_a_wrong_code_signs_nothing(case, code):
    """The error stands beside the field, and the code is not shown again."""
    response = case.post(**case.form(code=code))
    assert (response.status_code, list(response.context["form"].errors), case.rows(Signature)) == (200, ["code"], [])
    assert f'value="{code}"' not in response.content.decode()


@pytest.mark.parametrize("sha256", ["0" * 64, "x" * 1_000_000, "\0"])
def test_another_text_is_an_answer(case, sha256):
    """A form with another hash: "This version was replaced", 409, no code used up."""
    form = case.form(sha256=sha256)
    response = case.post(**form)
    assert (response.status_code, case.rows(Signature)) == (409, [])
    assert "This version was replaced" in response.content.decode()
    assert case.post(**case.form(code=form["code"])).status_code == 302


def test_a_form_without_the_hash(case):
    """It signs nothing; the page comes back with the error and the hash, and keeps what was ticked."""
    response = case.post(**case.form(sha256=None))
    form = response.context["form"]
    assert (response.status_code, case.rows(Signature), form["sha256"].value()) == (200, [], case.hashes[0])
    assert "without the fingerprint" in response.content.decode()
    assert form["statement_read"].value()


def test_the_same_form_twice(case):
    """A double click: both answers lead to the one confirmation, although the code is used up."""
    form = case.form()
    first, second = case.post(**form), case.post(**form)
    assert (first.status_code, second.status_code, first.url) == (302, 302, second.url)
    assert len(case.rows(Signature)) == 1


def test_a_party_that_has_signed_sees_no_form(case):
    """Only what was done, and the way to the confirmation."""
    case.post(**case.form())
    response = case.client.get(case.url("sign", case.party.pk))
    assert response.context["form"] is None
    assert case.url("sign-done", case.party.pk) in response.content.decode()


def test_authority_ended_between_page_and_button(case):
    """409 in words; nothing is signed."""
    form = case.form()
    case.act(lambda: workflow.end_authority(Authority.objects.get(user=case.user), by=None, now=NOW))
    response = case.post(**form)
    assert (response.status_code, case.rows(Signature)) == (409, [])
    assert "authority" in response.content.decode()
    assert case.client.get(case.url("sign", case.party.pk)).context["form"] is None


@pytest.mark.parametrize("name", ["sign", "sign-done", "decline", "sign-text-copy"])
def test_somebody_elses_party_is_not_found(case, name):
    """No one signs for someone else; numbers that do not exist, or are enormous, are not found either."""
    for pk in (case.other.pk, 0, 10**30):
        assert case.client.get(case.url(name, pk)).status_code == 404
    assert case.post(name, party=case.other).status_code in {404, 405}


@pytest.mark.parametrize(
    "role, status",
    [(Role.VIEWER, 403), (Role.DRAFTER, 403), (Role.SECRETARY, 403), (Role.FRAMEWORK_ADMIN, 403), (None, 404)],
)
def test_only_representatives(case, role, status):
    """The sender never sees a signer's page; a stranger finds nothing at all."""
    user = (
        make_member(case.framework, role, case.party.organisation)
        if role
        else make_member(make_framework(), Role.REPRESENTATIVE)
    )
    case.client.force_login(user)
    for name in ("sign", "sign-done", "decline", "sign-text-copy"):
        assert case.client.get(case.url(name, case.party.pk)).status_code == status


def test_a_representative_without_authority_is_told(case):
    """The page says what is missing and offers neither form nor decline."""
    user = make_member(case.framework, Role.REPRESENTATIVE, case.party.organisation)
    case.client.force_login(user)
    response = case.client.get(case.url("sign", case.party.pk))
    assert "No authority is recorded" in response.content.decode()
    assert (response.context["form"], response.context["decline_href"]) == (None, "")
    assert case.client.get(case.url("decline", case.party.pk)).status_code == 409


@pytest.mark.parametrize(
    "reason, error", [("", "Say why"), ("a\0b", "invisible"), ("x" * 5001, "5000"), ("a‮b", "invisible")]
)
def test_bad_reasons(case, reason, error):
    """Empty, NUL, direction marks, too long: an error in words, nothing lost."""
    response = case.post("decline", reason=reason)
    assert (response.status_code, case.rows(Refusal)) == (200, [])
    assert error in str(response.context["form"].errors)


def test_decline_then_sign(case):
    """Declined with a reason that the others can read; while it is open the same page still signs."""
    response = case.post("decline", reason="Our board has not met.")
    assert response.url == case.url("signatures")
    page = case.client.get(response.url).content.decode()
    assert "Our board has not met." in page
    assert "Declined" in page
    assert case.url("sign", case.party.pk) in page
    assert case.post(**case.form()).status_code == 302
    case.act(case.party.refresh_from_db)
    assert case.party.status == "signed"


def test_who_reads_the_reason(case):
    """The other parties learn that a party declined, not why; drafters and secretaries read the reason."""
    case.post("decline", reason="Our board has not met.")
    for user, reads in (
        (case.act(make_signer, case.other), False),
        (make_member(case.framework, Role.SECRETARY), True),
    ):
        case.client.force_login(user)
        page = case.client.get(case.url("signatures")).content.decode()
        assert "Declined" in page
        assert ("Our board has not met." in page) is reads


def test_who_has_signed(case):
    """Every reader sees the table; signer's links only for oneself; names only inside."""
    case.post(**case.form())
    page = case.client.get(case.url("signatures")).content.decode()
    for words in (
        case.party.name,
        case.other.name,
        "Tamsin Reid",
        "15 June 2026 at 11am",
        "Signed",
        "Waiting for signature",
    ):
        assert words in page
    case.client.force_login(make_member(case.framework, Role.DRAFTER))
    page = case.client.get(case.url("signatures")).content.decode()
    assert case.url("party-invite", case.other.pk) in page
    assert "/sign/" not in page
    assert "Record who may sign for an organisation" not in page
    assert f"Nobody may sign for {case.other.name} yet" in page
    case.client.force_login(make_member(make_framework(), Role.DRAFTER))
    assert case.client.get(case.url("signatures")).status_code == 404
    case.client.logout()
    assert case.client.get(case.url("signatures")).status_code == 302


def test_a_person_of_two_parties(case):
    """Each party is signed for on its own page, each under its own authority."""
    join(case.user, case.framework, case.other.organisation, Role.REPRESENTATIVE)
    page = case.client.get(case.url("sign", case.other.pk))
    assert page.status_code == 200
    assert page.context["form"] is None


def test_the_child_waits_for_the_parent(case):
    """HAR-10 on the page: the obstacle, the way out, and no form."""
    organisation = make_organisation(framework=case.framework)

    def child():
        parent = make_version(status="open-for-signature", framework=case.framework).protocol
        version = make_version(parent.children.create(
            framework=case.framework, tier=case.version.protocol.tier, reference="CHILD-1", title="Child", nation="england-and-wales",
            lead_organisation=organisation, created_at=NOW,
        ), status="open-for-signature")  # fmt: skip
        return Version.objects.select_related("protocol").get(pk=version.pk), version.parties.get(
            organisation=organisation
        )

    case.version, party = case.act(child)
    case.client.force_login(case.act(make_signer, party))
    response = case.client.get(case.url("sign", party.pk))
    assert response.context["form"] is None
    assert "is not bound by" in response.content.decode()


def test_queries_of_the_pages_do_not_grow(case, django_assert_max_num_queries):
    """Signing page and list stay flat in the number of parties."""
    with django_assert_max_num_queries(45):
        case.client.get(case.url("sign", case.party.pk))
    case.act(sign, case.other)
    with django_assert_max_num_queries(40):
        case.client.get(case.url("signatures"))
