"""The pages of those who run the signing: open, invite again, release, withdraw."""

import pytest
from django.core.cache import cache
from django.db import transaction
from django.urls import reverse

from portal import pdf, tenancy
from portal.errors import NotReady
from portal.models import Board, OutgoingEmail
from portal.permissions import Role
from protocols.models import Version
from signatories import workflow
from tests.builders import NOW, make_framework, make_member, make_version
from tests.signatories.signing import make_signer, sign

pytestmark = pytest.mark.django_db
NAMES = ("open-for-signature", "party-invite", "party-release", "version-withdraw")


class Running:
    """A version in some state with its drafter and secretary."""

    def __init__(self, client, status):
        cache.clear()
        self.client, self.framework = client, make_framework()
        with tenancy.scope(self.framework.pk), transaction.atomic():
            made = make_version(status=status, framework=self.framework)
            self.version = Version.objects.select_related("protocol__tier__deciding_body").get(pk=made.pk)
            self.first, self.second = made.parties.select_related("organisation")
            self.secretary = make_member(self.framework, Role.SECRETARY)
            self.signer = make_signer(self.first, by=self.secretary, full_name="Tamsin Reid")
        self.drafter = make_member(self.framework, Role.DRAFTER, self.first.organisation)

    def url(self, name):
        """Address of a page about the version or its second party."""
        more = [self.second.pk] if name.startswith("party-") else []
        return reverse(name, args=[self.framework.slug, self.version.protocol.reference, self.version.number, *more])

    def go(self, user, name, data=None):
        """GET, or POST with data, as a person."""
        self.client.force_login(user)
        return self.client.get(self.url(name)) if data is None else self.client.post(self.url(name), data)

    def act(self, verb, *arguments, **options):
        """Do something in the framework's scope."""
        with tenancy.scope(self.framework.pk), transaction.atomic():
            return verb(*arguments, **options)

    def status(self):
        """Of version and second party."""
        return self.act(
            lambda: (Version.objects.get(pk=self.version.pk).status, self.version.parties.get(pk=self.second.pk).status)
        )

    def mails(self, kind):
        """People who get mails of a kind."""
        return self.act(lambda: {mail.user for mail in OutgoingEmail.objects.filter(kind=kind).select_related("user")})


@pytest.fixture
def make(client, time_machine):
    """Makes a case at NOW."""
    time_machine.move_to(NOW, tick=False)
    return lambda status: Running(client, status)


def test_open(make):
    """Check answers, then the real text copy is made, everybody invited, and who cannot be reached is named."""
    case = make("approved")
    page = case.go(case.drafter, "open-for-signature").content.decode()
    for words in (
        case.version.protocol.title,
        case.first.name,
        "Tamsin Reid",
        f"Nobody may sign for {case.second.name} yet",
        "1 July 2026",
    ):
        assert words in page
    assert case.status() == ("approved", "pending")
    response = case.go(case.drafter, "open-for-signature", {})
    assert (response.status_code, case.status()) == (302, ("open-for-signature", "invited"))
    page = case.client.get(response.url).content.decode()
    assert "1 person is being invited by email." in page
    assert f"Nobody may sign for {case.second.name} yet" in page
    stored = case.act(lambda: Version.objects.get(pk=case.version.pk).text_copy.content())
    assert stored.startswith(b"%PDF-1.7")
    assert case.mails("signatories.invitation") == {case.signer}
    assert case.go(case.drafter, "open-for-signature").status_code == 409


def test_a_copy_that_cannot_be_made(make, monkeypatch):
    """The reason is said in words, and nothing is opened."""
    case = make("approved")

    def refuse(version, *, now):
        raise pdf.RenderError("The fonts have no character U+1F600.")

    monkeypatch.setattr(workflow, "prepare", refuse)
    response = case.go(case.drafter, "open-for-signature", {})
    assert (response.status_code, case.status()) == (409, ("approved", "pending"))
    assert "U+1F600" in response.content.decode()


def test_invite_again(make):
    """The page names who is written to; a party that signed cannot be asked."""
    case = make("open-for-signature")
    assert f"Nobody may sign for {case.second.name} yet" in case.go(case.drafter, "party-invite").content.decode()
    person = case.act(make_signer, case.second, full_name="Omar Finch", by=case.secretary)
    assert "Omar Finch" in case.go(case.drafter, "party-invite").content.decode()
    assert case.go(case.drafter, "party-invite", {}).status_code == 302
    assert case.mails("signatories.invitation") == {person}
    case.act(sign, case.second, person)
    assert case.go(case.drafter, "party-invite").status_code == 409
    assert case.go(case.drafter, "party-invite", {}).status_code == 409


def decision(case, **changes):
    """The form of a decision."""
    board = case.version.protocol.tier.deciding_body
    data = {
        "board": board.pk,
        "decided_on_day": "12",
        "decided_on_month": "6",
        "decided_on_year": "2026",
        "reference": "Minute 9",
        "reason": "Silent since May",
    }
    return data | changes


def test_release(make):
    """The decision is recorded and the version completed in one act; all are told."""
    case = make("open-for-signature")
    case.act(sign, case.first, case.signer)
    assert case.go(case.secretary, "party-release").status_code == 200
    response = case.go(case.secretary, "party-release", decision(case))
    assert (response.status_code, case.status()) == (302, ("completed", "invited"))
    assert "All required parties have signed." in case.client.get(response.url).content.decode()
    assert case.signer in case.mails("signatories.completed")
    assert case.go(case.secretary, "party-release").status_code == 409


@pytest.mark.parametrize("wrong, field", [
    ({"board": ""}, "board"), ({"board": "999999"}, "board"), ({"board": "x" * 1000}, "board"), ({"decided_on_year": "2031"}, "decided_on"),
    ({"decided_on_day": "31", "decided_on_month": "2"}, "decided_on"), ({"reference": ""}, "reference"), ({"reason": "a\0b"}, "reason"),
])  # fmt: skip
def test_bad_decisions(make, wrong, field):
    """Each mistake is named beside its field; nothing is recorded."""
    case = make("open-for-signature")
    response = case.go(case.secretary, "party-release", decision(case, **wrong))
    assert (response.status_code, list(response.context["form"].errors)) == (200, [field])
    assert case.status() == ("open-for-signature", "invited")


def test_only_the_deciding_body_releases(make):
    """SIG-force: another board of the same framework, however real, is neither offered nor taken by the verb."""
    case = make("open-for-signature")
    other = case.act(Board.objects.create, framework=case.framework, name="Training board")
    response = case.go(case.secretary, "party-release", decision(case, board=other.pk))
    assert list(response.context["form"].errors) == ["board"]
    facts = {"decided_on": NOW.date(), "reference": "Minute 9", "reason": "Silent"}
    with pytest.raises(NotReady):
        case.act(workflow.release, case.second, by=case.secretary, now=NOW, board=other, **facts)
    assert case.status() == ("open-for-signature", "invited")


def test_a_foreign_board_is_refused(make):
    """A board of another framework is not in the list."""
    case, other = make("open-for-signature"), make("open-for-signature")
    response = case.go(
        case.secretary, "party-release", decision(case, board=other.version.protocol.tier.deciding_body_id)
    )
    assert list(response.context["form"].errors) == ["board"]


def test_withdraw(make):
    """A secretary withdraws with a reason that the parties can read; not twice."""
    case = make("open-for-signature")
    assert case.go(case.secretary, "version-withdraw", {"reason": " "}).status_code == 200
    response = case.go(case.secretary, "version-withdraw", {"reason": "Clause 4.1 was wrong."})
    assert (response.status_code, case.status()[0]) == (302, "withdrawn")
    assert "Clause 4.1 was wrong." in case.client.get(response.url).content.decode()
    assert case.go(case.secretary, "version-withdraw").status_code == 409
    assert case.go(case.secretary, "version-withdraw", {"reason": "Again"}).status_code == 409


def test_reading_the_pages_changes_nothing(make):
    """GET changes nothing on any of them."""
    case = make("open-for-signature")
    for name, user in zip(NAMES[1:], (case.drafter, case.secretary, case.secretary), strict=True):
        assert case.go(user, name).status_code == 200
    assert case.status() == ("open-for-signature", "invited")


@pytest.mark.parametrize("name", NAMES)
def test_who_may(make, name):
    """Drafters open and invite, secretaries release and withdraw; others 403, strangers 404."""
    case = make("approved" if name == "open-for-signature" else "open-for-signature")
    wrong = case.secretary if name in {"open-for-signature", "party-invite"} else case.drafter
    for user, status in ((wrong, 403), (case.signer, 403), (make_member(make_framework(), Role.SECRETARY), 404)):
        assert case.go(user, name).status_code == status
        assert case.go(user, name, {}).status_code == status
