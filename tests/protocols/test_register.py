"""The members' list, the protocol page, the text of a version, the public register."""

import pytest
from django.urls import reverse

from portal.permissions import Role
from portal.tenancy import scope
from protocols.models import Party, Publication, Version
from tests.builders import (
    NOW,
    advance,
    join,
    make_framework,
    make_member,
    make_organisation,
    make_party,
    make_protocol,
    make_user,
    make_version,
)
from tests.signatories.signing import make_signer, sign

pytestmark = pytest.mark.django_db
CAVEAT = "Information may be shared without a protocol."


@pytest.fixture
def framework():
    """The tenant, with its scope held for the test's own look at rows; every request enters a scope of its own."""
    made = make_framework("Anyshire Board", slug="anyshire")
    with scope(made.pk):
        yield made


@pytest.fixture
def drafter(framework):
    return make_member(framework, Role.DRAFTER)


def publish(version, level="summary", **facts):
    facts = {"summary": "We share to keep people safe.", "reason": "Agreed", "review_on": NOW.date()} | facts
    return Publication.objects.decide(version, by=None, now=NOW, level=level, **facts)


def page(client, name, *args, status=200, **query):
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == status, response.content[:500]
    return response.content.decode()


# --- the members' list


def test_list_shows_what_the_reader_may_see(client, framework, drafter):
    """A drafter sees every protocol; a party's person only those circulated to it."""
    shown = make_version(framework=framework, status="consultation")
    desk = make_version(framework=framework)
    organisation = shown.parties.last().organisation
    viewer = make_member(framework, Role.VIEWER, organisation, mfa=False)
    client.force_login(drafter)
    html = page(client, "protocols", framework.slug)
    assert shown.protocol.title in html
    assert desk.protocol.title in html
    assert "In consultation" in html
    client.force_login(viewer)
    html = page(client, "protocols", framework.slug)
    assert shown.protocol.title in html
    assert desk.protocol.title not in html
    assert "1 protocol<" in html


def test_list_knows_nothing_of_another_framework(client, framework, drafter):
    """Counts, filters and rows are of one framework (canary)."""
    other = make_framework("Elsewhere")
    with scope(other.pk):
        make_version(make_protocol(other, title="Canary protocol", reference="CANARY-1"), status="in-force")
    client.force_login(drafter)
    html = page(client, "protocols", framework.slug, q="canary")
    assert "CANARY-1" not in html
    assert "0 protocols" not in html
    assert CAVEAT in html
    assert page(client, "protocols", other.slug, status=404)


@pytest.mark.parametrize(
    "query, found",
    [
        ({"q": "mash"}, {"MASH-1"}),
        ({"q": "gen-9"}, {"GEN-9"}),
        ({"state": "in-force"}, {"GEN-9"}),
        ({"state": "draft"}, {"MASH-1"}),
        ({"q": "nothing of the kind"}, set()),
        ({"state": "no-such-state"}, {"MASH-1", "GEN-9"}),
        ({"tier": "x"}, {"MASH-1", "GEN-9"}),
        ({"tier": "999999999"}, set()),
        ({"page": "99"}, {"MASH-1", "GEN-9"}),
        ({"page": "-1"}, {"MASH-1", "GEN-9"}),
        ({"q": "mash\0"}, {"MASH-1", "GEN-9"}),
    ],
)
def test_list_filters_by_the_address(client, framework, drafter, query, found):
    """Filters stand in the address; a value that makes no sense narrows nothing and gives no 500."""
    make_version(make_protocol(framework, reference="MASH-1", title="Safeguarding MASH"))
    make_version(make_protocol(framework, reference="GEN-9", title="General"), status="in-force")
    client.force_login(drafter)
    html = page(client, "protocols", framework.slug, **query)
    assert {one for one in ("MASH-1", "GEN-9") if f">{one}</span>" in html} == found


def test_list_filters_by_tier_and_organisation_and_can_drop_each(client, framework, drafter):
    """Each filter in use is a tag whose link leaves the others in place."""
    one = make_version(make_protocol(framework, tier=1))
    two = make_version(make_protocol(framework, tier=2))
    organisation = two.parties.first().organisation
    tier = two.protocol.tier
    client.force_login(drafter)
    html = page(client, "protocols", framework.slug, tier=tier.pk, organisation=organisation.pk)
    assert two.protocol.title in html
    assert one.protocol.title not in html
    assert f'href="?organisation={organisation.pk}"' in html
    assert f"Organisation: {organisation.name}" in html


def test_empty_list_carries_the_caveat(client, framework, drafter):
    """DCS-isp on every empty search result, with no way to switch it off."""
    client.force_login(drafter)
    assert CAVEAT in page(client, "protocols", framework.slug)
    assert CAVEAT in page(client, "protocols", framework.slug, q="zlatoroh")


def test_list_has_25_to_a_page(client, framework, drafter):
    """The 26th protocol is on the second page, which keeps the filter."""
    lead = make_organisation(framework=framework)
    for n in range(26):
        Version.objects.create(
            framework=framework, protocol=make_protocol(framework, lead=lead, reference=f"SET-{n:02}", title="Set")
        )
    client.force_login(drafter)
    first = page(client, "protocols", framework.slug, q="set")
    assert "SET-24" in first
    assert "SET-25" not in first
    assert "?q=set&amp;page=2" in first
    assert "SET-25" in page(client, "protocols", framework.slug, q="set", page=2)


# --- the protocol page


def test_protocol_page_says_what_stands(client, framework, drafter):
    """Facts, standing of the parties, documents, versions and history on one page."""
    version = make_version(framework=framework, status="completed", parties=3)
    client.force_login(drafter)
    html = page(client, "protocol", framework.slug, version.protocol.reference)
    for words in (
        "Who has signed: 3 of 3",
        "Signed by all required",
        "1 July 2026",
        "Being sealed",
        "15 December 2026",
    ):
        assert words in html, words
    assert "Version 1.0 was signed by all required parties" in html
    assert CAVEAT in html  # an operational protocol (DCS-isp)


def test_protocol_page_before_opening_counts_parties_only(client, framework, drafter):
    """Nobody "has signed 0 of 2" of a draft."""
    version = make_version(framework=framework)
    client.force_login(drafter)
    html = page(client, "protocol", framework.slug, version.protocol.reference)
    assert "Parties: 2" in html
    assert "Who has signed" not in html


def test_partys_reader_sees_no_draft_of_the_desk(client, framework):
    """The next version being drafted is no version at all for a party: not in the table, the history or by address."""
    version = make_version(framework=framework, status="in-force")
    organisation = version.parties.last().organisation
    make_version(version.protocol, major=2)
    client.force_login(make_member(framework, Role.VIEWER, organisation, mfa=False))
    html = page(client, "protocol", framework.slug, version.protocol.reference)
    assert "2.0" not in html.partition("<footer")[0]  # the foot names the release
    page(client, "version", framework.slug, version.protocol.reference, "2.0", status=404)
    assert "2.0: draft" not in page(client, "protocols", framework.slug)
    assert version.protocol.title not in page(client, "protocols", framework.slug, state="draft")
    client.force_login(make_member(framework, Role.DRAFTER))
    assert "Version 2.0 draft 1: draft" in page(client, "protocol", framework.slug, version.protocol.reference)
    assert "2.0: draft" in page(client, "protocols", framework.slug, state="draft")


def test_the_parent_is_a_way_only_for_who_reads_it(client, framework, drafter):
    """HAR-10: a party of the lower protocol alone is told the parent's name, and offered no page that it would not find."""
    upper = make_version(make_protocol(framework, tier=1), status="in-force").protocol
    version = make_version(make_protocol(framework, parent=upper), status="consultation")
    href = f'href="{reverse("protocol", args=[framework.slug, upper.reference])}"'
    for user, offered in (
        (drafter, True),
        (make_member(framework, organisation=version.parties.last().organisation), False),
    ):
        client.force_login(user)
        html = page(client, "protocol", framework.slug, version.protocol.reference)
        assert (upper.title in html, href in html) == (True, offered)


def test_history_of_a_party_is_of_its_own_versions(client, framework, drafter):
    """A party's reader is told of the versions that it may read and of their parties; who drafts sees the rest too."""
    version = make_version(framework=framework, status="in-force")
    organisation = version.parties.last().organisation
    newer = make_version(version.protocol, major=2, parties=1)
    late = make_party(newer, make_organisation("Later Joiner Trust", framework=framework))
    advance(newer, "open-for-signature")
    newer.parties.exclude(pk=late.pk).delete()
    late.decline(by=drafter, now=NOW, reason="Not yet")
    address = ("protocol", framework.slug, version.protocol.reference)
    client.force_login(make_member(framework, Role.VIEWER, organisation, mfa=False))
    html = page(client, *address)
    assert "Version 1.0 came into force" in html
    for shown in (html, page(client, "protocol-history", *address[1:])):
        assert "Later Joiner Trust" not in shown
        assert "Version 2.0" not in shown
    client.force_login(drafter)
    html = page(client, *address)
    assert "Later Joiner Trust declined to sign" in html
    assert f"by {drafter.full_name}" in html


def test_signing_persons_are_named_to_members_and_never_to_the_public(client, framework, drafter, time_machine):
    """UK-pub: the public reads organisation, job title and date; no name, capacity, address, telephone or reference."""
    time_machine.move_to(NOW)
    version = make_version(framework=framework, status="open-for-signature")
    signatures = [
        sign(party, make_signer(party, full_name=f"Canary Person{n}")) for n, party in enumerate(version.parties.all())
    ]
    version.refresh_from_db()
    version.bring_into_force(now=version.in_force_from)
    publish(version, "full")
    client.force_login(drafter)
    html = page(client, "protocol", framework.slug, version.protocol.reference)
    assert "Canary Person0" in html
    assert "for and on behalf of" in html
    client.logout()
    for html in (
        page(client, "register", framework.slug),
        page(client, "public-protocol", framework.slug, version.protocol.reference),
        page(client, "register", framework.slug, q="Canary Person0"),
    ):
        shown = html.replace('value="Canary Person0"', "").replace(": Canary Person0", "")
        for hidden in ("Canary", "for and on behalf of", "High Street", "01632", signatures[0].reference):
            assert hidden not in shown
    html = page(client, "public-protocol", framework.slug, version.protocol.reference)
    assert "Director of Services" in html
    assert "15 June 2026" in html


def test_sign_button_only_for_the_representative_of_a_waiting_party(client, framework):
    """The button follows the person's own role for that organisation, not just any role."""
    version = make_version(framework=framework, status="open-for-signature")
    mine, theirs = (party.organisation for party in version.parties.all())
    person = make_user()
    join(person, framework, mine, Role.REPRESENTATIVE)
    join(person, framework, theirs, Role.VIEWER)
    client.force_login(person)
    html = page(client, "protocol", framework.slug, version.protocol.reference)
    assert f"Sign for {mine.name}" in html
    assert f"Sign for {theirs.name}" not in html


# --- the text


def test_version_page_is_the_whole_text_with_schedules(client, framework, drafter):
    """Clauses, definitions, purposes, data items by level (HAR-3.7) and parties, also once it is frozen."""
    version = make_version(framework=framework, status="open-for-signature")
    client.force_login(drafter)
    html = page(client, "version", framework.slug, version.protocol.reference, "1.0")
    for words in (
        "We share what is needed.",
        "means anything written down.",
        "To keep people safe",
        "Level 2",
        version.canonical.sha256,
    ):
        assert words in html, words
    assert CAVEAT in html


@pytest.mark.parametrize("number", ["9.9", "99999.1"])
def test_unknown_version_is_not_found(client, framework, drafter, number):
    """Also a number that no column could hold."""
    version = make_version(framework=framework)
    client.force_login(drafter)
    assert client.get(f"/{framework.slug}/protocols/{version.protocol.reference}/{number}/").status_code == 404


# --- the public register


def test_register_shows_only_what_a_decision_shows(client, framework):
    """UK-pub: in force and published as full or summary; every other protocol leaves no trace."""
    shown = make_version(make_protocol(framework, title="Shown protocol"), status="in-force")
    silent = make_version(make_protocol(framework, title="Silent protocol"), status="in-force")
    refused = make_version(make_protocol(framework, title="Refused protocol"), status="in-force")
    early = make_version(make_protocol(framework, title="Early protocol"), status="completed")
    publish(shown)
    publish(refused, "summary")
    publish(refused, "none")
    publish(early)
    html = page(client, "register", framework.slug)
    assert "Shown protocol" in html
    assert "1 published protocol in force" in html
    for hidden in (silent, refused, early):
        assert hidden.protocol.title not in html
        page(client, "public-protocol", framework.slug, hidden.protocol.reference, status=404)
        for party in Party._base_manager.filter(version=hidden.pk):
            assert party.name not in html
    html = page(client, "public-protocol", framework.slug, shown.protocol.reference)
    assert "We share to keep people safe." in html
    assert "The text itself is not published" in html
    members = f'href="{reverse("protocol", args=[framework.slug, shown.protocol.reference])}"'
    for organisation, offered in ((shown.parties.last().organisation, True), (None, False)):
        client.force_login(make_member(framework, organisation=organisation))
        assert (members in page(client, "public-protocol", framework.slug, shown.protocol.reference)) is offered


def test_public_page_says_who_has_not_signed(client, framework):
    """HAM-register: an organisation that has not signed is told that its existing arrangements apply."""
    version = make_version(framework=framework, status="open-for-signature", parties=3)
    late = version.parties.last()
    Party.objects.filter(pk=late.pk).update(required=False)
    for party in version.parties.exclude(pk=late.pk):
        party.sign(by=None, now=NOW)
    version.complete_if_signed(now=NOW)
    version.bring_into_force(now=version.in_force_from)
    publish(version)
    html = page(client, "public-protocol", framework.slug, version.protocol.reference)
    assert "Has not signed" in html
    assert "existing arrangements for sharing information apply" in html
    assert CAVEAT in html
    assert late.name not in page(client, "register", framework.slug)


def test_review_overdue_is_public_for_published_protocols(client, framework, time_machine):
    """ "Review overdue" when it is (HAM-register, KEN-5.4, DUD-5, READ-11)."""
    version = make_version(framework=framework, status="in-force")
    publish(version)
    time_machine.move_to(NOW)
    assert "Review overdue" not in page(client, "register", framework.slug)
    time_machine.move_to("2027-01-20 12:00+00:00")
    assert "Review overdue" in page(client, "register", framework.slug)
    shown = f'href="/anyshire/register/{version.protocol.reference}/"'
    assert shown in page(client, "register", framework.slug, state="review-overdue")
    html = page(client, "register", framework.slug, state="review-in-time")
    assert shown not in html
    assert "State: Not overdue for review" in html  # the filter as a tag that can be removed
    assert html.count("Clear filters") == 1
    assert CAVEAT in html


def test_register_shows_the_secretarys_summary_and_who_may_look(client, framework):
    """UK-pub and HAM-voice: the plain-language summary, not the list of purposes; roles and their vetting on the page."""
    version = make_version(framework=framework, status="in-force")
    publish(version, summary="We share so that nobody is forgotten.")
    html = page(client, "register", framework.slug)
    assert "We share so that nobody is forgotten." in html
    assert "To keep people safe" not in html
    html = page(client, "public-protocol", framework.slug, version.protocol.reference)
    for words in (
        "are they checked?",
        "Social workers",
        "Their managers",
        "Enhanced check",
        "To keep people safe",
        CAVEAT,
    ):
        assert words in html, words
    assert "Children Act 2004" not in html  # the text of the flows belongs to the whole text
    assert "We share what is needed." not in html


def test_public_search_and_filters(client, framework):
    """Search finds titles and references; the choices name only organisations that a published protocol names."""
    stranger = make_organisation("Unpublished Partner", framework=framework)
    version = make_version(make_protocol(framework, title="Housing"), status="in-force")
    publish(version)
    signed = version.parties.first()
    html = page(client, "register", framework.slug, q="housing", organisation=signed.organisation_id)
    assert ">Housing</a>" in html
    assert stranger.name not in html
    html = page(client, "register", framework.slug, q="hospital")
    assert ">Housing</a>" not in html
    assert CAVEAT in html
