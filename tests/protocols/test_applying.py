"""What applies to me: all protocols of one's organisations, across frameworks, with export (KEN-3.2viii)."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from portal.models import MemberOrganisation
from portal.permissions import Role
from portal.tenancy import scope
from protocols import applying
from protocols.models import Party, Pilot, Protocol, Version
from protocols.views_register import coming_words
from tests.builders import (
    NOW,
    advance,
    join,
    make_decision,
    make_framework,
    make_organisation,
    make_party,
    make_protocol,
    make_user,
    make_version,
)

pytestmark = pytest.mark.django_db
LATER = datetime(2026, 8, 3, 12, tzinfo=UTC)


@pytest.fixture
def officer(client, time_machine):
    """Somebody of the police, who look into two of three frameworks in August 2026. Gives the frameworks and the force."""
    time_machine.move_to(LATER)
    places = [make_framework(name) for name in ("Anyshire Board", "Borough Board", "Closed Board")]
    police = make_organisation("Vale Police", framework=places[0])
    for place in places[1:]:
        take_in(place, police)
    person = make_user(mfa=False)
    for place in places[:2]:
        join(person, place, police, Role.VIEWER)
    client.force_login(person)
    return places, police, person


def take_in(framework, organisation):
    """A member of one more framework."""
    with scope(framework.pk):
        MemberOrganisation.objects.create(framework=framework, organisation=organisation, joined_on=NOW.date())


def version_of(framework, title, *parties, status="in-force", **fields) -> Version:
    """A version of a new protocol with these parties beside its lead organisation."""
    with scope(framework.pk):
        protocol = fields.pop("protocol", None) or make_protocol(framework, title=title)
        version = make_version(protocol, parties=1, **fields)
        for party in parties:
            make_party(version, party)
        return advance(version, status)


def shown(client, name="what-applies", **query):
    """Title → words of the tag, and the line below it, in order of the page."""
    page = client.get(reverse(name), query)
    assert page.status_code == 200
    return {row[0]["value"]: (row[2]["tag"], row[2]["note"]) for row in page.context["rows"]}


def change(framework, version, organisation, verb, **facts):
    """A verb of the organisation's party."""
    with scope(framework.pk):
        getattr(version.parties.get(organisation=organisation), verb)(by=None, now=LATER, **facts)


def test_everything_of_my_organisation_across_frameworks_what_applies_first(client, officer):
    """KEN-3.2viii: in both frameworks in which the person works, never in the third, and nothing of others."""
    (anyshire, borough, closed), police, _person = officer
    version_of(borough, "Youth", police)
    version_of(anyshire, "Missing people", police)
    version_of(anyshire, "Draft on a desk", police, status="draft")
    version_of(anyshire, "Of others")
    version_of(closed, "Elsewhere", police)
    version_of(anyshire, "Asked", police, status="consultation")
    version_of(borough, "To sign", police, status="open-for-signature")
    gone = version_of(borough, "Given up", police)
    change(borough, gone, police, "withdraw", reason="No longer needed")
    out = version_of(anyshire, "Suspended", police)
    change(anyshire, out, police, "suspend", reference="B 7")
    refused = version_of(anyshire, "Refused", police, status="open-for-signature")
    with scope(anyshire.pk):
        refused.parties.filter(organisation=police).update(required=False)
    change(anyshire, refused, police, "decline", reason="Not ours")
    with scope(anyshire.pk):
        advance(refused, "in-force")
    assert shown(client) == {
        "Missing people": ("Applies", "Since 1 July 2026"),
        "Suspended": ("Suspended", "Still bound; nothing is shared with your organisation"),
        "Youth": ("Applies", "Since 1 July 2026"),
        "Asked": ("Not yet", "In consultation"),
        "Refused": ("Not signed", "Declined. In force for others; existing arrangements go on"),
        "To sign": ("Not yet", "Waiting for signature"),
        "Given up": ("No longer", "Your organisation withdrew: 3 August 2026"),
    }


def test_the_version_that_binds_stands_and_the_next_one_is_named(client, officer):
    """SIG-new: the old version goes on until the new one is in force; one that is superseded is not listed twice."""
    (anyshire, *_rest), police, _person = officer
    first = version_of(anyshire, "Missing people", police)
    with scope(anyshire.pk):
        protocol = first.protocol
        Pilot.objects.create(framework=anyshire, version=first, starts_on=date(2026, 7, 1), ends_on=date(2026, 12, 31))
    version_of(anyshire, "", police, protocol=protocol, major=2, status="consultation")
    page = client.get(reverse("what-applies"))
    (row,) = page.context["rows"]
    assert (row[2]["tag"], row[3]) == (
        "Applies",
        {"value": "1.0", "note": "Pilot until 31 December 2026 · 2.0: in consultation"},
    )
    assert row[4]["value"] == "15 December 2026"  # six months after completion date (HAR-5.1)


def test_a_next_version_hides_neither_the_one_in_force_nor_that_the_organisation_left(client, officer):
    """HAM-register, HAR-6.6: what is in force stands, signed or not, and the one on its way is a note; of what has ended,
    the version that did bind."""
    (anyshire, *_rest), police, _person = officer
    for title, verb, facts in (("Refused", "decline", {"reason": "x"}), ("Left", "withdraw", {"reason": "x"})):
        first = version_of(anyshire, title, police, status="open-for-signature")
        with scope(anyshire.pk):
            first.parties.filter(organisation=police).update(required=False)
            if verb == "decline":
                change(anyshire, first, police, verb, **facts)
            advance(first, "in-force")
            if verb == "withdraw":
                change(anyshire, first, police, verb, **facts)
        with scope(anyshire.pk):
            protocol = first.protocol
        version_of(anyshire, "", police, protocol=protocol, major=2, status="consultation")
    bound = version_of(anyshire, "Over", police)
    with scope(anyshire.pk):
        protocol = bound.protocol
    never = version_of(anyshire, "", police, protocol=protocol, major=2, status="open-for-signature")
    with scope(anyshire.pk):
        never.withdraw(by=None, now=LATER, reason="x")
        bound.withdraw(by=None, now=LATER, reason="x", decision=make_decision(bound, "withdrawn"))
    rows = {row[0]["value"]: row for row in client.get(reverse("what-applies")).context["rows"]}
    on_its_way = {"value": "1.0", "note": "2.0: in consultation"}
    assert (rows["Refused"][2]["tag"], rows["Refused"][3]) == ("Not signed", on_its_way)
    assert (rows["Left"][2]["tag"], rows["Left"][3]) == ("No longer", on_its_way)
    assert (rows["Over"][2]["tag"], rows["Over"][3]["value"]) == ("No longer", "1.0")
    assert rows["Over"][2]["note"] == "The protocol was withdrawn: 3 August 2026"


DAY, AHEAD = datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC)
ELSE = "In force for others; existing arrangements go on"


@pytest.mark.parametrize(
    ("place", "status", "version", "bound_from", "tag", "why"),
    [
        (0, "signed", "in-force", DAY, "Applies", "Since 1 July 2026"),
        (0, "adopted", "in-force", DAY, "Applies", "Since 1 July 2026"),
        (0, "continued", "in-force", DAY, "Applies", "Since 1 July 2026, by an earlier signature"),
        (0, "suspended", "in-force", DAY, "Suspended", "Still bound; nothing is shared with your organisation"),
        (1, "suspended", "in-force", None, "Suspended", "Nothing is shared with your organisation"),
        (1, "signed", "completed", AHEAD, "Not yet", "Signed; from 1 September 2026"),
        (1, "signed", "completed", None, "Not yet", "Signed; waiting for the protocol that it supplements"),
        (1, "adopted", "completed", AHEAD, "Not yet", "Adopted; from 1 September 2026"),
        (1, "signed", "open-for-signature", None, "Not yet", "Signed; others have not signed yet"),
        (1, "invited", "open-for-signature", None, "Not yet", "Waiting for signature"),
        (1, "declined", "open-for-signature", None, "Not signed", "Declined"),
        (1, "invited", "in-force", None, "Not signed", ELSE),
        (1, "declined", "in-force", None, "Not signed", f"Declined. {ELSE}"),
        (1, "pending", "approval", None, "Not yet", "Awaiting approval"),
        (2, "signed", "superseded", DAY, "No longer", "Superseded: 3 August 2026"),
        (2, "signed", "expired", DAY, "No longer", "Expired: 3 August 2026"),
        (2, "invited", "withdrawn", None, "Never applied", "The protocol was withdrawn: 3 August 2026"),
        (2, "excluded", "superseded", DAY, "No longer", "Your organisation was excluded"),
        (2, "not-re-signed", "superseded", DAY, "No longer", "Your organisation has not signed the next version"),
        (2, "succeeded", "in-force", DAY, "No longer", "Another organisation took its place"),
    ],
)
def test_every_standing_says_what_it_means(place, status, version, bound_from, tag, why):
    """HAR-2.3, HAR-6.6, HAR-10, DUD-8, SIG-new: what the organisation is told of each state of party and version."""
    opened_at = DAY if version not in {"consultation", "approval", "approved"} else None
    of = Version(status=version, opened_at=opened_at, ended_at=LATER)
    party = Party(status=status, version=of, bound_from=bound_from)
    party.place = place
    assert applying.standing(party, None, now=LATER)[::2] == (tag, why)


def test_a_version_of_an_adopted_tier_on_its_way_is_signed_by_nobody():
    """DUD-8: in this list and in the framework's own."""
    words, new = dict(Version.Status.choices), {"major": 2, "minor": 0, "status": "completed"}
    assert coming_words(new, words, adopted=True) == "2.0: adopted"
    assert coming_words(new, words, adopted=False) == "2.0: signed by all required"


def test_filters_stay_in_the_address_and_hold_for_the_downloads(client, officer):
    """KEN-3.2viii: by framework, organisation, state and words of title, reference or purpose; CSV and workbook hold the same."""
    (anyshire, borough, _closed), police, person = officer
    version_of(anyshire, "Missing people", police)
    version_of(anyshire, "Asked", police, status="consultation")
    other = make_organisation("Borough Fire", framework=borough)
    join(person, borough, other, Role.VIEWER)
    version_of(borough, "Fires", other)
    offered = client.get(reverse("what-applies")).context["form"].fields
    assert [words for _key, words in offered["framework"].choices] == [
        "All frameworks",
        "Anyshire Board",
        "Borough Board",
    ]
    assert [words for _key, words in offered["organisation"].choices] == [
        "All my organisations",
        "Borough Fire",
        "Vale Police",
    ]
    assert list(shown(client, state="coming")) == ["Asked"]
    assert list(shown(client, framework=borough.pk)) == ["Fires"]
    assert list(shown(client, organisation=police.pk)) == ["Missing people", "Asked"]
    assert list(shown(client, q="MISSING")) == ["Missing people"]
    assert len(shown(client, q="keep people safe")) == 3
    with scope(anyshire.pk):
        reference = Protocol.objects.get(title="Asked").reference
    assert list(shown(client, q=reference.lower())) == ["Asked"]
    wrong = client.get(reverse("what-applies"), {"framework": "x", "state": "now"})
    assert "Select framework from the list" in wrong.content.decode()
    assert [row[0]["value"] for row in wrong.context["rows"]] == ["Missing people", "Fires"]
    assert "No protocol fits these filters" in client.get(reverse("what-applies"), {"q": "zzz"}).content.decode()

    answer = client.get(reverse("what-applies-csv"), {"state": "now", "framework": anyshire.pk})
    (line,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert {
        key: line[key] for key in ("Framework", "Organisation", "Protocol", "Does it apply?", "Why", "Version")
    } == {
        "Framework": "Anyshire Board",
        "Organisation": "Vale Police",
        "Protocol": "Missing people",
        "Does it apply?": "Applies",
        "Why": "Since 1 July 2026",
        "Version": "1.0",
    }
    assert line["Bound since"] == "2026-07-01"
    assert line["Purposes"] == "To keep people safe"
    assert line["Address"].startswith("http://")
    assert line["Address"].endswith(reverse("protocol", args=[anyshire.slug, line["Reference"]]))
    book = load_workbook(io.BytesIO(client.get(reverse("what-applies-xlsx")).content))
    assert [row[3].value for row in book.active.iter_rows(min_row=2)] == ["Missing people", "Fires", "Asked"]
    assert "no-store" in answer["Cache-Control"]


def test_a_signature_that_does_not_bind_yet_says_what_it_waits_for(client, officer):
    """SIG-force, HAR-10: for the others, for its day, for the protocol above."""
    (anyshire, *_rest), police, _person = officer
    signed = version_of(anyshire, "Others", police, status="open-for-signature")
    change(anyshire, signed, police, "sign")
    version_of(anyshire, "A day", police, status="completed", effective_on=LATER.date() + timedelta(days=29))
    with scope(anyshire.pk):
        upper = make_protocol(anyshire, tier=1, title="Above")
    above = version_of(anyshire, "", police, protocol=upper, status="open-for-signature")
    change(anyshire, above, police, "sign")
    with scope(anyshire.pk):
        below = make_protocol(anyshire, parent=upper, title="Below")
    version_of(anyshire, "", police, protocol=below)
    assert shown(client, state="coming") == {
        "A day": ("Not yet", "Signed; from 1 September 2026"),
        "Above": ("Not yet", "Signed; others have not signed yet"),
        "Below": ("Not yet", "Signed; waiting for the protocol that it supplements"),
        "Others": ("Not yet", "Signed; others have not signed yet"),
    }


def test_a_role_that_ended_and_a_drafter_who_sees_everything(client, officer):
    """The list is of one's own organisation, whatever else the role shows, and ends with the role."""
    (anyshire, borough, _closed), police, person = officer
    version_of(anyshire, "Missing people", police)
    version_of(borough, "Youth", police)
    version_of(anyshire, "Of others")
    with scope(borough.pk):
        borough.memberships.filter(user=person).update(ended_at=NOW)
    drafter = make_user()
    join(drafter, anyshire, police, Role.DRAFTER)
    assert list(shown(client)) == ["Missing people"]
    client.force_login(drafter)
    assert list(shown(client)) == ["Missing people"]
    client.force_login(make_user())
    assert "No protocol of your organisation yet" in client.get(reverse("what-applies")).content.decode()


def test_as_many_statements_for_many_rows_as_for_few(client, officer):
    """25 rows to a page, and no statement per row."""
    (anyshire, *_rest), police, _person = officer
    version_of(anyshire, "First", police)
    version_of(anyshire, "Second", police, status="consultation")
    shown(client)
    with CaptureQueriesContext(connection) as few:
        shown(client)
    for number in range(26):
        version_of(anyshire, f"Protocol {number:02}", police, status="consultation")
    with CaptureQueriesContext(connection) as many:
        assert len(shown(client)) == 25
    assert len(many) == len(few)
    assert len(shown(client, page=2)) == 3


def test_ways_to_the_list(client, officer):
    """From everywhere outside a framework, and from its protocols."""
    (anyshire, *_rest), _police, _person = officer
    address = reverse("what-applies")
    for page in (reverse("me"), reverse("protocols", args=[anyshire.slug])):
        assert f'href="{address}"' in client.get(page).content.decode()
    items = {item["text"]: item["is_active"] for item in client.get(address).context["navigation"]}
    assert items["What applies to me"]
    assert not items["What needs doing"]
