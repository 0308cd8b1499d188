"""What was so at the end of a day: derived from moments, never from today's status (journey 7, SIG-force, UK-pub)."""

import csv
import io
from datetime import date

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.permissions import Access, Role
from portal.spreadsheets import neutral
from portal.tenancy import scope
from protocols import as_at
from protocols.as_at import AsAt
from protocols.models import Protocol, Version
from tests.builders import make_framework, make_member
from tests.protocols import late_story
from tests.protocols.late_story import at, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def framework():
    """One framework."""
    return make_framework(slug="area")


@pytest.fixture
def story(framework):
    """The long life of one protocol."""
    with scope(framework.pk), transaction.atomic():
        return late_story.tell(framework)


@pytest.fixture
def auditor(framework):
    """Sees everything."""
    return make_member(framework, Role.AUDITOR)


def standings(version, day) -> dict[str, str]:
    """Name → standing of the parties of a version."""
    rows = as_at.parties_then(AsAt(day)).filter(version=version)
    return {name.split()[0]: standing for name, standing in rows.values_list("name", "standing")}


def states(story, day) -> dict[str, str]:
    """Number → state of the versions that were there, for somebody who sees everything."""
    access = Access(None, story.protocol.framework, (), frozenset({"view_framework", "view_all_protocols"}))
    found = as_at.versions_of(access, AsAt(day)).filter(protocol=story.protocol)
    return {version.number: version.state for version in found}


def number_in_force(story, day) -> str:
    """The version in force, or nothing."""
    found = as_at.were_in_force(Version.objects.filter(protocol=story.protocol), AsAt(day)).first()
    return found.number if found else ""


IN_FORCE = [
    (date(2025, 3, 31), ""),  # completed; 1 April 00:00 London is 31 March 23:00 UTC
    (date(2025, 4, 1), "1.0"),  # the sweep came on 5 April: the due moment counts
    (date(2025, 12, 31), "1.0"),
    (date(2026, 1, 1), "2.0"),
    (date(2026, 6, 1), "2.0"),
]
STATES = [
    (date(2025, 3, 9), {"1.0": "draft"}),
    (date(2025, 3, 10), {"1.0": "open-for-signature"}),
    (date(2025, 3, 20), {"1.0": "completed"}),
    (date(2025, 4, 1), {"1.0": "in-force"}),
    (date(2025, 10, 1), {"1.0": "in-force", "2.0": "draft"}),
    (date(2025, 11, 20), {"1.0": "in-force", "2.0": "completed"}),
    (date(2026, 1, 1), {"1.0": "superseded", "2.0": "in-force"}),
]
STANDINGS = [
    (date(2025, 3, 10), {"Alpha": "invited", "Beta": "invited", "Gamma": "invited"}),
    (date(2025, 3, 20), {"Alpha": "signed", "Beta": "signed", "Gamma": "invited"}),
    (date(2025, 6, 15), {"Alpha": "signed", "Beta": "signed", "Gamma": "signed"}),
    (date(2025, 8, 1), {"Alpha": "signed", "Beta": "suspended", "Gamma": "signed"}),
    (date(2025, 8, 31), {"Alpha": "signed", "Beta": "suspended", "Gamma": "signed"}),
    (date(2025, 9, 1), {"Alpha": "signed", "Beta": "signed", "Gamma": "signed"}),
    (date(2026, 1, 1), {"Alpha": "signed", "Beta": "signed", "Gamma": "not-re-signed"}),
]


def test_every_day_of_the_story(framework, story):
    """SIG-force, HAM-signed: in force from 00:00 London of the effective date, whenever the sweep got to it; a version
    that was begun later is not there; late joiner, suspension and its end, not re-signed, each from its own day on."""
    with scope(framework.pk):
        assert [(day, number_in_force(story, day)) for day, _expected in IN_FORCE] == IN_FORCE
        assert [(day, states(story, day)) for day, _expected in STATES] == STATES
        assert [(day, standings(story.first, day)) for day, _expected in STANDINGS] == STANDINGS


def test_of_two_the_one_that_came_last_counts_while_the_sweep_is_late(framework, story):
    """SIG-force: the successor's due moment has passed, the older one is not yet superseded."""
    with scope(framework.pk):
        Version.objects.filter(pk=story.second.pk).update(status="completed")
        Version.objects.filter(pk=story.first.pk).update(status="in-force", ended_at=None)
        assert number_in_force(story, date(2026, 1, 2)) == "2.0"
        assert number_in_force(story, date(2025, 12, 31)) == "1.0"


def test_withdrawal_counts_from_its_day(framework, story):
    """The day before, the party that has withdrawn since was signed."""
    with scope(framework.pk):
        assert standings(story.second, date(2026, 2, 28))["Beta"] == "signed"
        assert standings(story.second, date(2026, 3, 1))["Beta"] == "withdrawn"


def test_review_that_was_next(framework, story):
    """HAR-5.1: of the first version until it is superseded; none before completion."""
    with scope(framework.pk):
        rows = {day: as_at.next_review(AsAt(day)) for day in (date(2025, 3, 19), date(2025, 3, 20))}
        found = [Protocol.objects.annotate(due=due).get(pk=story.protocol.pk).due for due in rows.values()]
        assert found[0] is None
        assert found[1].date() == date(2025, 9, 20)


# --- pages


def get(client, name, *args, day, **query):
    """A page as at a day."""
    return client.get(reverse(name, args=args), {"as-at": day} | query)


def test_protocol_page_as_at_a_day(client, framework, story, auditor):
    """Journey 7: version, standings and dates of that day, a banner, every link with the date."""
    client.force_login(auditor)
    response = get(client, "protocol", "area", "OLD-001", day="2025-08-15")
    page = response.content.decode()
    assert "As it stood on 15 August 2025" in page
    assert "Show today" in page
    assert "Suspended" in page
    assert "version 1.0" in page
    assert "Superseded" not in page
    assert "2.0" not in page.partition("<footer")[0]  # the foot names the release
    links = [part.split('"')[0] for part in page.split("<main", 1)[1].split('href="/area/protocols/')[1:]]
    kept = [link for link in links if link != "OLD-001/"]  # "Show today" is the one way back
    assert kept
    assert all("as-at=2025-08-15" in link for link in kept)


def test_text_as_at_a_day(client, framework, story, auditor):
    """The frozen text with the signatures of that day; a draft has no text of that day, and the page says so."""
    client.force_login(auditor)
    assert (
        "Who had signed: 2 of 3" in get(client, "version", "area", "OLD-001", "1.0", day="2025-04-02").content.decode()
    )
    assert "still being drafted" in get(client, "version", "area", "OLD-001", "2.0", day="2025-10-02").content.decode()
    assert get(client, "version", "area", "OLD-001", "2.0", day="2025-09-30").status_code == 404


WRONG = [
    ("32 foo", "Date must be a real date"),
    ("2199-01-01", "Date must be on or before"),
    ("1066-10-14", "Date must be on or after"),
    ("", "Enter a date"),
]


def test_a_date_that_is_none_or_has_not_come(client, framework, story, auditor):
    """400, said in words, with the box to put it right and nothing of any day shown."""
    client.force_login(auditor)
    for name in ("register", "protocols", "protocols-csv", "register-csv"):
        for typed, error in WRONG:
            response = get(client, name, "area", day=typed)
            page = response.content.decode()
            assert (response.status_code, error in page, "An old protocol" in page) == (400, True, False), (name, typed)


def test_a_date_in_words_goes_to_its_address(client, framework, story, auditor):
    """The address can be kept and passed on: always the ISO date, other filters stay."""
    client.force_login(auditor)
    response = get(client, "protocols", "area", day="1 March 2026", q="old")
    assert response.status_code == 302
    assert response["Location"] == "/area/protocols/?as-at=2026-03-01&q=old"


def test_members_list_and_its_file(client, framework, story, auditor):
    """One row with the version in force then; the file says the same, ISO dates inside."""
    client.force_login(auditor)
    page = get(client, "protocols", "area", day="2025-12-31").content.decode()
    assert "3 of 3" in page
    response = get(client, "protocols-csv", "area", day="2025-12-31")
    assert response["Content-Disposition"] == 'attachment; filename="protocols-as-at-2025-12-31.csv"'
    (row,) = csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")))
    assert (row["As at"], row["Version"], row["State"]) == ("2025-12-31", "1.0", "In force")
    assert (row["In force since"], row["Signed by"]) == ("2025-04-01", "Alpha body; Beta body; Gamma body")
    assert (row["Publication"], row["Review overdue"]) == ("Published in full", "Yes")
    filtered = get(client, "protocols", "area", day="2025-12-31", q="old", page="1").content.decode()
    assert '/area/protocols/protocols.csv?as-at=2025-12-31&amp;q=old"' in filtered  # same filters, every page
    assert b"OLD-001" not in get(client, "protocols-csv", "area", day="2025-12-31", q="zzz").content
    assert get(client, "protocols", "area", day="2025-02-01").content.decode().count("OLD-001") == 0


def test_nothing_that_the_reader_could_not_see_today(client, framework, story):
    """A partner's viewer sees the versions with its organisation, from when they were circulated; a stranger nothing."""
    with scope(framework.pk), transaction.atomic():
        story.second.parties.filter(organisation=story.gamma).delete()
    client.force_login(make_member(framework, Role.VIEWER, story.gamma))
    page = get(client, "protocol", "area", "OLD-001", day="2026-02-01").content.decode()
    assert "2.0" not in page.partition("<footer")[0]  # the foot names the release
    assert "no version" in get(client, "protocol", "area", "OLD-001", day="2025-03-05").content.decode()
    listed = get(client, "protocols", "area", day="2026-02-01").content.decode()
    assert ("OLD-001" in listed, ".csv" in listed) == (True, False)
    assert "OLD-001" not in get(client, "protocols", "area", day="2025-03-05").content.decode()
    client.force_login(make_member(framework, Role.VIEWER))
    assert get(client, "protocol", "area", "OLD-001", day="2026-02-01").status_code == 404
    assert get(client, "protocols-csv", "area", day="2026-02-01").status_code == 403


# --- the public


def shown_to_public(client, day) -> bool:
    """Is the protocol in the register of that day, in its file, and on its page? All three agree."""
    answers = {
        "OLD-001" in get(client, "register", "area", day=day).content.decode(),
        "OLD-001" in get(client, "register-csv", "area", day=day).content.decode(),
        get(client, "public-protocol", "area", "OLD-001", day=day).status_code == 200,
    }
    assert len(answers) == 1
    return answers.pop()


def test_public_register_as_at_a_day(client, framework, story):
    """UK-pub: what was in force and published then; nobody's name, no standing that is not public."""
    assert not shown_to_public(client, "2025-04-30")
    assert shown_to_public(client, "2025-05-01")
    assert not shown_to_public(client, "2026-01-05")  # 2.0 was in force, and not yet published
    assert shown_to_public(client, "2026-01-10")
    page = get(client, "public-protocol", "area", "OLD-001", day="2025-08-15").content.decode()
    assert "As it stood on 15 August 2025" in page
    assert "Summary 1.0" in page
    assert "uspended" not in page
    (row,) = csv.DictReader(
        io.StringIO(get(client, "register-csv", "area", day="2025-08-15").content.decode("utf-8-sig"))
    )
    assert row["Signed by"] == "Alpha body; Beta body; Gamma body"
    assert "Publication" not in row


def test_filters_of_the_public_register(client, framework, story):
    """By signatory of that day, by tier, by words; only what the register names anyway is offered."""
    with scope(framework.pk):
        tier = story.protocol.tier_id
    for query, found in (
        ({"organisation": story.gamma.pk}, True), ({"tier": tier}, True), ({"q": "old"}, True), ({"q": "zzz"}, False),
    ):  # fmt: skip
        page = get(client, "register", "area", day="2025-08-15", **query).content.decode()
        assert ("Summary" in page or "OLD-001" in page) is found, query
    assert (
        "OLD-001" not in get(client, "register", "area", day="2025-06-01", organisation=story.gamma.pk).content.decode()
    )
    assert "Gamma body" not in get(client, "register", "area", day="2025-06-01").content.decode().split("</select>")[1]


@pytest.mark.parametrize("taken", ["first", "second"])
def test_what_was_taken_from_the_public_since_is_not_shown(client, framework, story, taken):
    """UK-pub: a newest decision "not published", on the version or on the one in force today, hides earlier days too."""
    with scope(framework.pk), transaction.atomic():
        publish(getattr(story, taken), "none", at(2026, 5, 1))
    assert not shown_to_public(client, "2025-08-15")


def test_a_summary_that_was_put_right_shows_as_it_is_today(client, framework, story):
    """UK-pub: what was taken out of a summary does not come back by an older date, and the page says so."""
    with scope(framework.pk), transaction.atomic():
        story.first.publications.model.objects.decide(
            story.first, by=None, now=at(2026, 5, 1), level="summary", summary="Put right", reason="r",
            review_on=date(2027, 1, 1),
        )  # fmt: skip
    page = get(client, "public-protocol", "area", "OLD-001", day="2025-08-15").content.decode()
    assert "Put right" in page
    assert "Summary 1.0" not in page
    assert "The summary was changed since" in page


# --- files and statements


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\0=1"])
def test_formulas_are_neutralised(cell):
    """Quality: a cell that a spreadsheet would run begins with an apostrophe."""
    assert neutral(cell) == f"'{cell}"
    assert neutral("Anyshire = Council") == "Anyshire = Council"


def test_formula_in_a_title_is_harmless_in_the_file(client, framework, auditor):
    """End to end: the title of a protocol is text in the file."""
    with scope(framework.pk), transaction.atomic():
        late_story.tell(framework, title="=HYPERLINK(1)")
    client.force_login(auditor)
    for name in ("protocols-csv", "register-csv"):
        text = get(client, name, "area", day="2025-08-15").content.decode("utf-8-sig")
        assert '"\'=HYPERLINK(1)"' in text


def test_statements_do_not_grow_with_the_rows(client, framework, auditor):
    """Flat: as many statements for one protocol as for four, on the list, the register and both files."""
    client.force_login(auditor)
    counts: dict[str, set[int]] = {}
    for number in range(4):
        with scope(framework.pk), transaction.atomic():
            late_story.tell(framework, reference=f"OLD-{number}")
        if number in {0, 3}:
            for name in ("protocols", "register", "protocols-csv", "register-csv"):
                get(client, name, "area", day="2025-08-15")  # fills the caches of the process
                with CaptureQueriesContext(connection) as captured:
                    get(client, name, "area", day="2025-08-15")
                counts.setdefault(name, set()).add(len(captured))
    assert all(len(found) == 1 for found in counts.values()), counts
    assert max(max(found) for found in counts.values()) <= 20
