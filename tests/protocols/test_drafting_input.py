"""Bad input, foreign ids, reading and permissions on the drafting pages: clear errors, nothing changed, no 500."""

import uuid

import pytest
from django.urls import reverse

from portal.models import Organisation
from portal.permissions import Role
from portal.tenancy import scope
from protocols.models import Clause
from tests.builders import advance, make_framework, make_member, make_organisation, make_version
from tests.protocols.test_drafting import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    return Desk(client)


BAD_TEXTS = {
    "a megabyte": ("word " * 200_000, "100000 characters or fewer"),
    "NUL": ("a\0b", "null character"),
    "right-to-left override": ("a\u202eb", "right-to-left override"),
    "unprintable": ("Snow ☃", "U+2603 SNOWMAN"),
    "too many table rows": ("|a|b|\n|-|-|\n" + "|1|2|\n" * 500, "500 table rows"),
}


@pytest.mark.parametrize("name", BAD_TEXTS)
def test_bad_text_is_refused_by_name(desk, name):
    """Caps and characters: the page says what is wrong, what was typed stays, nothing is saved."""
    text, words = BAD_TEXTS[name]
    form = desk.form("clause-edit", desk.clause.uid) | {"text": text}
    before = desk.trace()
    response = desk.client.post(desk.url("clause-edit", desk.clause.uid), form)
    page = response.content.decode()
    assert response.status_code == 200
    assert words in page
    assert "<title>Error: " in page
    assert desk.trace() == before


def test_no_form_for_what_cannot_be_changed(desk):
    """A draft that was submitted: 409, and what to do about it."""
    with scope(desk.framework.pk):
        advance(desk.version, "approval")
    response = desk.client.get(desk.url("clause-new"))
    assert response.status_code == 409
    assert "Take it back to draft first" in response.content.decode()


def test_cap_counts_the_whole_text(desk):
    """100,000 words in the whole protocol, however they are spread over clauses."""
    with scope(desk.framework.pk):
        for order in range(6):
            Clause.objects.create(
                framework=desk.framework, version=desk.version, order=order, kind="unnumbered", text="a " * 16_666
            )
    form = desk.form("clause-edit", desk.clause.uid) | {"text": "one more " * 10}
    assert "100,000 words" in desk.client.post(desk.url("clause-edit", desk.clause.uid), form).content.decode()


def test_depth_is_capped(desk):
    """Thirty levels, no more."""
    with scope(desk.framework.pk):
        clause = desk.clause
        for _level in range(28):
            clause = Clause.objects.create(
                framework=desk.framework,
                version=desk.version,
                parent=clause,
                order=1,
                kind="item",
                label="a)",
                text="x",
            )
    form = desk.form("clause-new") | {
        "place": f"inside:{clause.uid}",
        "kind": "item",
        "label": "i.",
        "text": "too deep",
    }
    assert "30 deep" in desk.client.post(desk.url("clause-new"), form).content.decode()
    assert desk.client.get(desk.url("draft-clauses")).status_code == 200


BAD_FORMS = [
    ("draft-details", {"effective_on": "31 February 2026"}, "effective_on"),
    ("draft-details", {"effective_on": "1 January 0001"}, "effective_on"),
    ("draft-details", {"sign_by": "9999-12-31"}, "sign_by"),
    ("draft-details", {"review_first_months": "-1"}, "review_first_months"),
    ("draft-details", {"review_first_months": "9" * 5000}, "review_first_months"),
    ("draft-details", {"classification": "TOP SECRET"}, "classification"),
    ("draft-details", {"title": "x" * 201}, "title"),
    ("draft-details", {"revision": "x"}, "revision"),
    ("draft-details", {"revision": ""}, "__all__"),
    ("clause-new", {"kind": "sonnet"}, "kind"),
    ("clause-new", {"kind": "heading", "place": "after:nonsense"}, "__all__"),
    ("clause-new", {"kind": "heading", "place": "after:" + str(uuid.uuid4())}, "__all__"),
    ("draft-terms-add", {"term": "", "text": ""}, "term"),
    ("draft-terms-add", {"term": "RECORD", "text": "again"}, "term"),
    ("draft-purposes-add", {"text": ""}, "text"),
    ("draft-items-add", {"level": "4", "name": "x"}, "level"),
    ("draft-items-add", {"level": "", "name": ""}, "level"),
    ("draft-flows-add", {"items": ["D9"]}, "items"),
    ("draft-flows-add", {"recipients": ["all", "999999999"]}, "recipients"),
    ("draft-flows-add", {"source": "\0"}, "source"),
    ("draft-flows-add", {"onward": "listed"}, "onward_to"),
    ("draft-flows-add", {"onward_to": "The coroner"}, "onward"),
    ("draft-flows-add", {"vetting": "☃"}, "vetting"),
    ("draft-parties-add", {"organisation": ""}, "organisation"),
    ("draft-parties-add", {"organisation": "x\0"}, "organisation"),
    ("draft-parties-add", {"organisation": "9" * 30}, "organisation"),
]


@pytest.mark.parametrize("name, fields, wrong", BAD_FORMS)
def test_bad_forms_are_refused_by_field(desk, name, fields, wrong):
    """Empty, wrong, out of range, stale: an error at the field, no change, no 500."""
    form = desk.form(name)
    before = desk.trace()
    response = desk.client.post(desk.url(name), form | fields)
    assert response.status_code == 200
    assert wrong in response.context["form"].errors
    assert desk.trace() == before


def test_only_organisations_of_the_framework_become_parties(desk):
    """Foreign ids: an organisation that is no member here, or a party already, is no choice."""
    stranger = Organisation.objects.create(name="Otherplace Council")
    with scope(desk.framework.pk):
        already = desk.version.parties.first().organisation
    for organisation in (stranger, already):
        response = desk.client.post(desk.url("draft-parties-add"), {"organisation": organisation.pk})
        assert "organisation" in response.context["form"].errors


def test_party_that_cannot_be_printed(desk):
    """HAR-2.2: name and address go into the document as they are, so what cannot be printed is named at once."""
    odd = make_organisation("Snowmen ☃ United", desk.framework)
    response = desk.client.post(desk.url("draft-parties-add"), {"organisation": odd.pk})
    assert "U+2603 SNOWMAN" in response.content.decode()


def test_own_parent_foreign_child(desk):
    """Foreign ids: a clause or row of another version, or of another framework, is not found under my draft."""
    with scope(desk.framework.pk):
        mine = make_version(framework=desk.framework)
    other = make_framework()
    with scope(other.pk):
        foreign = make_version(framework=other)
    for version, framework in ((mine, desk.framework), (foreign, other)):
        with scope(framework.pk):
            clause = version.clauses.first()
            rows = {
                "terms": version.terms.get(),
                "items": version.data_items.get(),
                "purposes": version.purposes.get(),
                "flows": version.data_flows.get(),
                "parties": version.parties.first(),
            }
        before = desk.trace()
        assert desk.client.get(desk.url("clause-edit", clause.uid)).status_code == 404
        assert desk.client.get(desk.url("clause-remove", clause.uid)).status_code == 404
        assert desk.client.post(desk.url("draft-clauses"), {"move": f"up:{clause.uid}"}).status_code == 404
        assert desk.client.post(desk.url("draft-parties"), {"move": f"up:{rows['parties'].pk}"}).status_code == 404
        form = {"kind": "heading", "title": "x", "revision": 1, "place": f"inside:{clause.uid}"}
        assert desk.client.post(desk.url("clause-new"), form).context["form"].errors
        for word, row in rows.items():
            for act in ("edit", "remove"):
                url = desk.url(f"draft-{word}-{act}", row.pk)
                assert desk.client.get(url).status_code == 404
                assert desk.client.post(url, {"revision": 1}).status_code == 404
        assert desk.trace() == before


@pytest.mark.parametrize("move", ["", "up", "up:", "sideways:1", "up:1", "up:\0", "up:" + "9" * 40])
def test_bad_moves_are_not_found(desk, move):
    """Nonsense in a button's value changes nothing."""
    before = desk.trace()
    for page in ("draft-clauses", "draft-parties", "draft-terms"):
        assert desk.client.post(desk.url(page), {"move": move}).status_code == 404
    assert desk.trace() == before


@pytest.mark.parametrize("number", ["1.1", "9999.9999", "0.0"])
def test_no_such_version(desk, number):
    """Another number is not found."""
    url = reverse("draft", args=["anyshire", desk.reference, number])
    assert desk.client.get(url).status_code == 404


def pages(desk):
    """Every address of the drafting pages."""
    with scope(desk.framework.pk):
        version = desk.version
        rows = {
            "terms": version.terms.get(),
            "items": version.data_items.get(),
            "purposes": version.purposes.get(),
            "flows": version.data_flows.get(),
            "parties": version.parties.first(),
        }
    uid, url = desk.clause.uid, desk.url
    found = [reverse("protocol-new", args=["anyshire"])]
    found += [
        url("draft"),
        url("draft-details"),
        url("draft-delete"),
        url("draft-clauses"),
        url("clause-new"),
        url("clause-edit", uid),
        url("clause-remove", uid),
    ]
    for word, row in rows.items():
        found += [
            url(f"draft-{word}"),
            url(f"draft-{word}-add"),
            url(f"draft-{word}-edit", row.pk),
            url(f"draft-{word}-remove", row.pk),
        ]
    return [*found, url("consultation-open"), *not_now(desk), url("approval-submit")]


def not_now(desk):
    """Addresses that a draft on its desk answers with 409, for reading as for doing."""
    return [
        reverse("version-new", args=["anyshire", desk.reference]),
        desk.url("draft-again"),
        desk.url("consultation-close"),
    ]


def test_reading_changes_nothing(desk):
    """GET changes nothing, on any of the pages."""
    before = desk.trace()
    expected = dict.fromkeys(not_now(desk), 409) | {desk.url("approval-submit"): 302}
    for url in pages(desk):
        assert desk.client.get(url).status_code == expected.get(url, 200), url
    assert desk.trace() == before


def test_what_cannot_be_done_now_shows_no_form(desk):
    """A page whose form would be refused answers 409 at once, in the words of the refusal."""
    for url in not_now(desk):
        read, sent = desk.client.get(url), desk.client.post(url, {"reason": "x", "change": "major"})
        assert (read.status_code, sent.status_code) == (409, 409), url
        assert read.content.decode().count("<form") == sent.content.decode().count("<form")


@pytest.mark.parametrize("role", [role for role in Role if role != Role.DRAFTER])
def test_only_drafters_draft(desk, client, role):
    """A member who is no drafter gets 403 and changes nothing, whatever they send."""
    client.force_login(make_member(desk.framework, role, desk.council))
    before = desk.trace()
    for url in pages(desk):
        assert client.get(url).status_code == 403, url
        assert (
            client.post(url, {"revision": 1, "move": "up:1", "reason": "x", "closes_on": "1 July 2099"}).status_code
            == 403
        ), url
    assert desk.trace() == before


def test_strangers_find_nothing(desk, client):
    """A drafter of another framework gets 404; nobody signed in is sent to the sign-in page."""
    other = make_framework()
    client.force_login(make_member(other, Role.DRAFTER))
    assert {client.get(url).status_code for url in pages(desk)} == {404}
    client.logout()
    assert {client.get(url).status_code for url in pages(desk)} == {302}
