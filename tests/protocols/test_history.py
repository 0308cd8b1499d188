"""The history of a protocol: in words, by day, filtered and cut by the database, for each reader what is theirs."""

import re

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.permissions import Role
from portal.tenancy import scope
from protocols import drafting, workflow
from protocols.models import Clause, Protocol
from tests.builders import NOW, advance, make_framework, make_member, make_organisation, make_party, make_version
from tests.protocols import late_story
from tests.protocols.late_story import at

pytestmark = pytest.mark.django_db
ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
VERB = re.compile(r"(?:portal|protocols|signatories)\.[a-z-]+:[a-z-]+")


@pytest.fixture
def framework():
    """One framework, with its scope held for the test's own look at rows."""
    made = make_framework(slug="area")
    with scope(made.pk):
        yield made


@pytest.fixture
def auditor(framework):
    """Reads the ledger."""
    return make_member(framework, Role.AUDITOR)


@pytest.fixture
def drafter(framework):
    """Changes drafts."""
    return make_member(framework, Role.DRAFTER, full_name="Jane Roe")


@pytest.fixture
def draft(framework, drafter):
    """A draft whose clause 1.1 was changed twice, and whose dates once, by the real acts."""
    with scope(framework.pk), transaction.atomic():
        version = make_version(framework=framework)
        for hour, text in ((11, "We share what is needed, and no more."), (12, "We share no more than is needed.")):
            clause = version.clauses.get(label="1.1")
            data = {"kind": "clause", "label": "1.1", "title": "", "text": text}
            drafting.change_clause(
                clause, data, revision=version.revision, base=drafting.fingerprint(clause), by=drafter,
                now=at(2026, 6, 15, hour),
            )  # fmt: skip
            version.refresh_from_db()
        return version


def page(client, name, *args, status=200, **query):
    """A page of the framework."""
    response = client.get(reverse(name, args=["area", *args]), query)
    assert response.status_code == status
    return response.content.decode()


def shown(html) -> str:
    """What is read: no tags, no attributes, no parts that open."""
    main = re.sub(r"<details.*?</details>", "", html.split("<main", 1)[1].split("</main>", 1)[0], flags=re.DOTALL)
    return re.sub(r"<[^>]*>", " ", main)


def test_history_is_in_words_by_day(client, framework, auditor):
    """No verb and no ISO date where people read; days as headings; due moments of the story in their place."""
    with scope(framework.pk), transaction.atomic():
        story = late_story.tell(framework)
    client.force_login(auditor)
    pages = [page(client, "protocol-history", story.protocol.reference, page=number) for number in (1, 2, 3)]
    words = " ".join(shown(html) for html in pages)
    assert not VERB.search(words)
    assert not ISO.search(words)
    for said in (
        "1 April 2025", "Version 1.0 came into force", "Gamma body was suspended".replace("Gamma", "Beta"),
        "Beta body withdrew", "Reason: Merged elsewhere", "Gamma body did not sign the new version",
        "Publication decided: published in full", ["To be done by 20 September 2025", " Hold the first review"][0],
    ):  # fmt: skip
        assert said in words, said
    assert words.index("Version 2.0 came into force") < words.index("Version 1.0 came into force")
    assert "Recorded as protocols.party:withdrawn" in pages[0] + pages[1]  # literally, for auditors, behind one click


def test_who_did_it_with_the_office_held_then(client, framework, auditor):
    """ "by Jane Roe, board secretary of …": the role of that moment, whatever it is today."""
    secretary = make_member(
        framework, Role.SECRETARY, make_organisation("Anyshire Council", framework=framework), full_name="Ann Other"
    )
    with scope(framework.pk), transaction.atomic():
        version = advance(make_version(framework=framework), "approval")
        workflow.decide(
            version, by=secretary, now=NOW, board=version.protocol.tier.deciding_body, decided_on=NOW.date(),
            reference="Minute 9", outcome="approved",
        )  # fmt: skip
    client.force_login(auditor)
    html = page(client, "protocol-history", version.protocol.reference)
    assert "by Ann Other, board secretary of Anyshire Council" in html
    assert "decided: approved (Minute 9)" in html


def test_filters(client, framework, draft, auditor, drafter):
    """By topic, by person, by the system; a person that is none is said to be wrong."""
    reference = draft.protocol.reference
    client.force_login(auditor)
    changed = "Clause 1.1 of version 1.0 was changed"
    assert page(client, "protocol-history", reference, topic="drafting").count(changed) == 2
    assert changed not in page(client, "protocol-history", reference, topic="signing")
    assert page(client, "protocol-history", reference, person=drafter.pk).count(changed) == 2
    assert changed not in page(client, "protocol-history", reference, person="system")
    assert "Choose a person from the list" in page(client, "protocol-history", reference, person="x")


def test_change_is_shown_field_by_field_below_its_act(client, framework, draft, auditor):
    """What was before and after, as words, said to be no evidence; the same row does not stand there a second time."""
    client.force_login(auditor)
    html = page(client, "protocol-history", draft.protocol.reference)
    assert "What was changed, field by field" in html
    assert "[taken out:" in html
    assert "Kept for browsing. The evidence is the ledger." in html
    assert "Clause 1.1 of version 1.0: changed" not in html


def test_change_without_an_act_stands_for_itself(client, framework, draft, auditor):
    """A row of the field history that no act of the ledger explains is what an auditor looks for."""
    with scope(framework.pk), transaction.atomic():
        clause = draft.clauses.get(label="1.1")
        clause.text = "Changed behind the ledger's back."
        clause.save()
    client.force_login(auditor)
    html = page(client, "protocol-history", draft.protocol.reference)
    assert "Clause 1.1 of version 1.0: changed" in html
    assert "Field history" in html
    assert "Clause 1.1 of version 1.0: changed" in page(
        client, "protocol-history", draft.protocol.reference, topic="fields"
    )


def test_what_others_are_told(client, framework, draft):
    """Who drafts sees acts on the text but nothing of reading; a party's viewer only milestones of its versions."""
    with scope(framework.pk), transaction.atomic():
        partner = make_organisation("Partner Trust", framework=framework)
        make_party(draft, partner)
        advance(draft, "consultation")
    reference = draft.protocol.reference
    client.force_login(make_member(framework, Role.DRAFTER))
    html = page(client, "protocol-history", reference)
    assert "Clause 1.1 of version 1.0 was changed" in html
    assert "As the ledger holds it" not in html
    client.force_login(make_member(framework, Role.VIEWER, partner))
    html = page(client, "protocol-history", reference)
    assert "went to consultation" in html
    assert "Clause 1.1" not in html
    assert "field by field" not in html
    assert "Clause 1.1" not in page(client, "protocol-history", reference, topic="fields")
    assert 'value="fields"' not in html
    client.force_login(make_member(framework, Role.VIEWER))
    page(client, "protocol-history", reference, status=404)


@pytest.mark.parametrize(
    ("role", "knows"), [(Role.VIEWER, (False, False)), (Role.DRAFTER, (False, True)), (Role.AUDITOR, (True, True))]
)
def test_how_much_the_page_says_it_shows(client, framework, draft, role, knows):
    """Whether it is the whole history, and whether drafts are in it; nothing of field history for those who see no drafts,
    also where an act of theirs changed fields."""
    with scope(framework.pk), transaction.atomic():
        advance(draft, "consultation")
        uid = draft.clauses.get(label="1.1").uid
    person = make_member(framework, role, draft.parties.last().organisation)
    client.force_login(person)
    answer = client.get(reverse("protocol-history", args=["area", draft.protocol.reference]))
    assert (answer.context["whole"], answer.context["sees_all"]) == knows
    changes = [event for day in answer.context["days"] for event in day["rows"] if event.get("changes")]
    assert bool(changes) is knows[1]
    one = client.get(reverse("clause-history", args=["area", draft.protocol.reference, uid]))
    assert one.context["sees_all"] is knows[1]
    rows = client.get(reverse("clause-histories", args=["area", draft.protocol.reference, "1.0"])).context["rows"]
    assert any(row[1]["value"] for row in rows) is knows[1]


def test_reasons_and_names_stay_with_whom_they_are_for(client, framework, drafter):
    """A party reads that another declined, not why (as the form promises), and no names of people of a draft it cannot see."""
    with scope(framework.pk), transaction.atomic():
        version = advance(make_version(framework=framework), "open-for-signature")
        refusing, reading = version.parties.select_related("organisation")
        refusing.decline(
            by=make_member(framework, Role.REPRESENTATIVE, refusing.organisation), now=NOW, reason="Canary why"
        )
        reader = make_member(framework, Role.VIEWER, reading.organisation)
        hidden = make_version(version.protocol, major=2, parties=0)
        clause = hidden.clauses.get(label="1.1")
        drafting.change_clause(
            clause, {"kind": "clause", "label": "1.1", "title": "", "text": "New."}, revision=hidden.revision,
            base=drafting.fingerprint(clause), by=drafter, now=NOW,
        )  # fmt: skip
    for person, reads in ((reader, False), (drafter, True)):
        client.force_login(person)
        pages = page(client, "protocol-history", version.protocol.reference) + page(
            client, "protocol", version.protocol.reference
        )
        assert pages.count("declined to sign") == 2
        assert ("Canary why" in pages, "Jane Roe" in pages) == (reads, reads)


def test_history_of_a_clause(client, framework, draft, drafter, auditor):
    """Every saved text by uid across versions, who and when, with the difference between the steps."""
    with scope(framework.pk), transaction.atomic():
        advance(draft, "in-force")
        second = workflow.next_version(
            Protocol.objects.get(pk=draft.protocol_id), major=True, by=drafter, now=at(2026, 9, 1)
        )
        clause = second.clauses.get(label="1.1")
    client.force_login(auditor)
    html = page(client, "clause-history", draft.protocol.reference, clause.uid)
    words = shown(html)
    assert words.count("Version 1.0") == 3
    assert "Taken over unchanged" in words
    assert "15 June 2026 at 1pm" in words
    assert "Jane Roe" in words
    assert "<del>" in html
    assert "<ins>" in html
    page(client, "clause-history", draft.protocol.reference, "00000000-0000-4000-8000-000000000001", status=404)


def test_history_of_a_clause_for_those_who_see_no_drafts(client, framework, draft):
    """A viewer of a party reads the text of each version, and nothing of how the drafts came to it."""
    with scope(framework.pk), transaction.atomic():
        viewer = make_member(framework, Role.VIEWER, draft.parties.last().organisation)
        advance(draft, "consultation")
        clause = Clause.objects.get(version=draft, label="1.1")
    client.force_login(viewer)
    html = page(client, "clause-history", draft.protocol.reference, clause.uid)
    assert "We share no more than is needed." in html
    assert "and no more." not in html
    assert "Jane Roe" not in html
    listed = page(client, "clause-histories", draft.protocol.reference, "1.0")
    assert "1.1" in listed
    assert "June 2026" not in listed  # nor how often and when it was saved


def test_links_to_the_histories(client, framework, draft, drafter):
    """From the protocol, from the text, from the editor."""
    client.force_login(drafter)
    reference = draft.protocol.reference
    with scope(framework.pk):
        uid = draft.clauses.get(label="1.1").uid
    assert f"/area/protocols/{reference}/history/" in page(client, "protocol", reference)
    assert f"/area/protocols/{reference}/1.0/history/" in page(client, "version", reference, "1.0")
    history = f"/area/protocols/{reference}/clauses/{uid}/history/"
    assert history in page(client, "clause-edit", reference, "1.0", uid)
    assert history in page(client, "clause-histories", reference, "1.0")


def test_clauses_without_title_are_told_apart(client, framework, draft, auditor):
    """WCAG 2.4.4: a clause is named by its number and title, else by how it begins; never by a bullet alone."""
    with scope(framework.pk), transaction.atomic():
        draft.clauses.filter(label="1.1").update(label="•", title="", text="Names and addresses of the children")
        draft.clauses.filter(label="1").update(title="", text="{{schedule:signatures}}")
    client.force_login(auditor)
    shown = page(client, "clause-histories", draft.protocol.reference, "1.0")
    assert "• Names and addresses of the children</a>" in shown
    assert "1 The table “Signatures”</a>" in shown
    assert "{{schedule" not in shown


def test_statements_do_not_grow_with_the_history(client, framework, draft, auditor, drafter):
    """Cut in the database: as many statements for two pages of history as for ten, and for page 1 as for page 2."""
    client.force_login(auditor)
    addresses = [("protocol-history", {}), ("protocol-history", {"page": 2}), ("ledger", {}), ("clause-history", {})]
    with scope(framework.pk):
        uid = draft.clauses.get(label="1.1").uid
    args = {"ledger": [], "clause-history": [draft.protocol.reference, uid]}
    counts: dict[str, set[int]] = {}
    for round_ in (1, 2):
        with scope(framework.pk), transaction.atomic():
            for minute in range(30 if round_ == 1 else 60):
                clause = draft.clauses.get(label="1.1")
                data = {"kind": "clause", "label": "1.1", "title": "", "text": f"Text {round_} {minute}"}
                draft.refresh_from_db()
                drafting.change_clause(
                    clause, data, revision=draft.revision, base=drafting.fingerprint(clause), by=drafter,
                    now=at(2026, 7, round_, 12).replace(minute=minute % 60),
                )  # fmt: skip
        for name, query in addresses:
            page(client, name, *args.get(name, [draft.protocol.reference]), **query)
            with CaptureQueriesContext(connection) as captured:
                page(client, name, *args.get(name, [draft.protocol.reference]), **query)
            counts.setdefault(f"{name}{query}", set()).add(len(captured))
    assert all(len(found) == 1 for found in counts.values()), counts
    assert max(max(found) for found in counts.values()) <= 30, counts
