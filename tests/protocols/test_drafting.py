"""Drafting over HTTP: sections saved, two people at once, hostile input refused, nothing changed by reading."""

import time

import pytest
from django.urls import reverse

from portal.models import AuditEvent
from portal.permissions import Role
from portal.tenancy import scope
from protocols import drafting, workflow
from protocols.differing import Run, runs
from protocols.errors import EditClash
from protocols.models import Clause, Protocol, Version
from tests.builders import NOW, make_framework, make_member, make_organisation, make_protocol, make_version

pytestmark = pytest.mark.django_db


class Desk:
    """A drafter signed in, a whole draft in front of them."""

    def __init__(self, client):
        self.client = client
        self.framework = make_framework(slug="anyshire")
        self.council = make_organisation("Anyshire Council", self.framework)
        self.drafter = make_member(self.framework, Role.DRAFTER, self.council)
        client.force_login(self.drafter)
        with scope(self.framework.pk):
            self.version = make_version(framework=self.framework)
            self.reference = self.version.protocol.reference
            self.clause = self.version.clauses.get(label="1.1")

    def url(self, name, *more):
        """Address of a page of the draft."""
        return reverse(name, args=["anyshire", self.reference, "1.0", *more])

    def form(self, name, *more):
        """The values with which a form page opens."""
        fields = self.client.get(self.url(name, *more)).context["form"]
        return {field.html_name: field.value() for field in fields if field.value() not in (None, False)}

    def trace(self):
        """Everything a request could have changed."""
        with scope(self.framework.pk):
            rows = list(Version.objects.order_by("pk").values())
            return (
                rows,
                list(Clause.objects.order_by("pk").values()),
                AuditEvent.objects.count(),
                Protocol.objects.count(),
            )


@pytest.fixture
def desk(client):
    return Desk(client)


# --- beginning


def test_begin_a_protocol(desk):
    """Tier, parent, reference, title → task list of version 1.0 draft 1, with what is missing."""
    with scope(desk.framework.pk):
        general = make_protocol(desk.framework, tier=1, lead=desk.council)
        tiers = list(general.tier.__class__.objects.order_by("order"))
    form = {
        "title": "Sharing for safety", "reference": "SAFE-1", "tier": tiers[1].pk, "parent": general.pk,
        "lead_organisation": desk.council.pk, "nation": "england-and-wales",
    }  # fmt: skip
    response = desk.client.post(reverse("protocol-new", args=["anyshire"]), form, follow=True)
    page = response.content.decode()
    assert response.redirect_chain[-1][0].endswith("/protocols/SAFE-1/1.0/draft/")
    for words in ("1.0 draft 1", "Not yet started", "At least two parties"):
        assert words in page
    again = desk.client.post(reverse("protocol-new", args=["anyshire"]), form | {"reference": "safe-1"})
    assert again.status_code == 200
    assert "never used again" in again.content.decode()


def test_parent_of_another_framework_is_no_choice(desk):
    """Foreign ids: a parent, tier or organisation of another framework does not exist here."""
    other = make_framework()
    with scope(other.pk):
        foreign = make_protocol(other, tier=1)
    form = {
        "title": "T", "reference": "X-1", "tier": foreign.tier_id, "parent": foreign.pk,
        "lead_organisation": foreign.lead_organisation_id, "nation": "atlantis",
    }  # fmt: skip
    response = desk.client.post(reverse("protocol-new", args=["anyshire"]), form)
    assert set(response.context["form"].errors) == {"tier", "parent", "lead_organisation", "nation"}


# --- sections


def test_every_section_is_saved(desk):
    """Details, clause, definition, purpose, data item, party: each with its ledger event, clauses with history."""
    client, url = desk.client, desk.url
    details = desk.form("draft-details") | {
        "title": "New title",
        "effective_on": "1 October 2026",
        "review_first_months": "3",
    }
    assert client.post(url("draft-details"), details).status_code == 302
    place = {"place": f"inside:{desk.clause.uid}"}
    item = desk.form("clause-new") | place | {"kind": "item", "label": "a)", "text": "names"}
    assert client.post(url("clause-new"), item).status_code == 302
    text = desk.form("clause-edit", desk.clause.uid) | {"text": "Only what is needed:"}
    assert client.post(url("clause-edit", desk.clause.uid), text).status_code == 302
    new = {"revision": 1}
    assert client.post(url("draft-terms-add"), new | {"term": "Child", "text": "under 18"}).status_code == 302
    assert client.post(url("draft-purposes-add"), new | {"text": "To learn"}).status_code == 302
    assert client.post(url("draft-items-add"), new | {"level": "3", "name": "Health"}).status_code == 302
    police = make_organisation("Anyshire Police", desk.framework)
    assert client.post(url("draft-parties-add"), {"organisation": police.pk, "required": "on"}).status_code == 302
    with scope(desk.framework.pk):
        version = Version.objects.get(pk=desk.version.pk)
        assert (version.protocol.title, str(version.effective_on), version.review_first_months) == (
            "New title",
            "2026-10-01",
            3,
        )
        assert version.clauses.get(label="a)").parent == desk.clause
        changed = version.clauses.get(pk=desk.clause.pk)
        assert (changed.text, changed.uid, changed.history.first().history_user_id) == (
            text["text"],
            desk.clause.uid,
            desk.drafter.pk,
        )
        assert [row.label for row in version.purposes.all()] == ["P1", "P2"]
        assert (version.data_items.last().label, version.data_items.last().level) == ("D2", 3)
        party = version.parties.get(organisation=police)
        assert (party.name, party.address, party.telephone) == (police.name, police.address, police.telephone)
        verbs = list(AuditEvent.objects.about(version).order_by("pk").values_list("verb", flat=True))
        assert [verb.split(":")[1] for verb in verbs] == [
            "details-changed", "clause-added", "clause-changed", "term-added", "purpose-added", "dataitem-added", "party-added",
        ]  # fmt: skip
        assert version.revision == 8


def test_everything_is_optional_to_save(desk):
    """A draft may be saved half empty; what is missing is named only when it is submitted."""
    details = desk.form("draft-details") | {"title": "", "effective_on": "", "sign_by": "", "review_first_months": ""}
    assert desk.client.post(desk.url("draft-details"), details).status_code == 302
    with scope(desk.framework.pk):
        assert "Title" in workflow.missing(Version.objects.get(pk=desk.version.pk))
    assert desk.client.get(desk.url("draft")).status_code == 200
    refused = desk.client.post(desk.url("approval-submit"))
    assert refused.status_code == 409
    assert "Effective date" in refused.content.decode()


def test_move_and_remove(desk):
    """Clauses and parties move one place; a clause goes with everything under it, and stays in the history."""
    with scope(desk.framework.pk):
        common = {"kind": "heading", "title": "", "text": ""}
        for label in ("2", "3"):
            drafting.add_clause(desk.version, common | {"label": label}, place="end", by=None, now=NOW)
        third, first = desk.version.clauses.get(label="3"), desk.version.clauses.get(label="1")
        parties = list(desk.version.parties.all())
    desk.client.post(desk.url("draft-clauses"), {"move": f"up:{third.uid}"})
    desk.client.post(desk.url("draft-parties"), {"move": f"down:{parties[0].pk}"})
    gone = desk.form("clause-remove", first.uid)
    assert desk.client.post(desk.url("clause-remove", first.uid), gone).status_code == 302
    with scope(desk.framework.pk):
        assert [clause.label for clause in desk.version.clauses.all().tree()] == ["3", "2"]
        assert [party.pk for party in desk.version.parties.all()] == [parties[1].pk, parties[0].pk]
        assert not desk.version.clauses.filter(label="1.1").exists()
        assert Clause.history.filter(uid=desk.clause.uid).first().history_type == "-"


def test_title_stays_once_a_version_is_signed_under_it(desk):
    """The title is the protocol's: a draft of 2.0 cannot rename what is in force."""
    with scope(desk.framework.pk):
        old = make_version(framework=desk.framework, status="in-force")
        new = workflow.next_version(old.protocol, major=True, by=None, now=NOW)
        url = reverse("draft-details", args=["anyshire", old.protocol.reference, "2.0"])
    assert "title" not in desk.client.get(url).context["form"].fields
    desk.client.post(url, {"title": "Renamed", "classification": "OFFICIAL", "revision": new.revision})
    with scope(desk.framework.pk):
        assert Protocol.objects.get(pk=old.protocol_id).title == old.protocol.title


def test_half_a_row_is_saved_and_missed_when_submitting(desk):
    """Everything is optional to save, in every form; gaps are named by what they are, and stop the submission."""
    half = {
        "clause-new": {"kind": "clause", "text": "Without a number"},
        "draft-terms-add": {"term": "Carer"},
        "draft-items-add": {"name": "Shoe size"},
        "draft-purposes-add": {"text": "Anything"},
    }
    for name, fields in half.items():
        assert desk.client.post(desk.url(name), desk.form(name) | fields).status_code == 302, name
    assert desk.client.post(desk.url("draft-terms-add"), {"revision": 1}).context["form"].errors
    with scope(desk.framework.pk):
        missing = workflow.missing(Version.objects.get(pk=desk.version.pk))
    assert missing == [
        "Number or letter of “Without a number”",
        "Meaning of “Carer”",
        "Level of data item D2",
    ]
    for page in ("draft", "version", "draft-terms", "draft-items", "draft-clauses"):
        assert desk.client.get(desk.url(page)).status_code == 200
    assert "Level not chosen yet" in desk.client.get(desk.url("version")).content.decode()
    assert desk.client.post(desk.url("approval-submit")).status_code == 409


# --- two people at once


def test_clash_shows_both_texts_and_loses_neither(desk):
    """Optimistic locking: the second to save sees both texts (409); saving again keeps theirs, merged or not."""
    url, mine = desk.url("clause-edit", desk.clause.uid), desk.form("clause-edit", desk.clause.uid)
    desk.client.post(url, mine | {"text": "First wins"})
    clash = desk.client.post(url, mine | {"text": "Second waits"})
    page = clash.content.decode()
    assert clash.status_code == 409
    assert ("First wins" in page, "Second waits" in page, page.count("portal-compare__side")) == (True, True, 2)
    with scope(desk.framework.pk):
        assert Clause.objects.get(pk=desk.clause.pk).text == "First wins"
    merged = {field.html_name: field.value() or "" for field in clash.context["form"]} | {"text": "First and second"}
    assert desk.client.post(url, merged).status_code == 302
    with scope(desk.framework.pk):
        assert Clause.objects.get(pk=desk.clause.pk).text == "First and second"


def test_change_elsewhere_disturbs_nobody(desk):
    """Two people on different clauses do not clash."""
    mine = desk.form("clause-edit", desk.clause.uid)
    desk.client.post(desk.url("draft-purposes-add"), {"text": "Another purpose", "revision": 1})
    assert desk.client.post(desk.url("clause-edit", desk.clause.uid), mine | {"text": "Mine"}).status_code == 302


@pytest.mark.parametrize(
    "section", ["draft-details", "draft-terms-edit", "draft-purposes-edit", "draft-items-edit", "draft-parties-edit"]
)
def test_clash_in_every_section(desk, section):
    """What two people change at once is shown twice, in every section."""
    with scope(desk.framework.pk):
        version = desk.version
        rows = {
            "terms": version.terms,
            "purposes": version.purposes,
            "items": version.data_items,
            "parties": version.parties,
        }
        more = [] if section == "draft-details" else [rows[section.split("-")[1]].first().pk]
    mine, url = desk.form(section, *more), desk.url(section, *more)
    field = next(name for name in ("title", "text", "detail", "address") if name in mine or name == "address")
    assert desk.client.post(url, mine | {field: "First wins"}).status_code == 302
    clash = desk.client.post(url, mine | {field: "Second waits"})
    assert clash.status_code == 409
    for words in ("First wins", "Second waits"):
        assert words in clash.content.decode()


def test_clause_removed_meanwhile_keeps_the_text(desk):
    """Somebody removed the clause while it was being changed: 409 with the text, which can be added as new."""
    mine, url = desk.form("clause-edit", desk.clause.uid), desk.url("clause-edit", desk.clause.uid)
    desk.client.post(desk.url("clause-remove", desk.clause.uid), desk.form("clause-remove", desk.clause.uid))
    response = desk.client.post(url, mine | {"text": "Precious words"})
    assert response.status_code == 409
    assert "Precious words" in response.content.decode()
    assert desk.url("clause-new") in response.content.decode()
    with scope(desk.framework.pk), pytest.raises(EditClash):
        drafting.move(desk.clause, up=True, by=desk.drafter, now=NOW)


def test_draft_sent_out_meanwhile_keeps_the_text(desk):
    """The draft was circulated while somebody was typing: 409 with the text, and no change."""
    mine, url = desk.form("clause-edit", desk.clause.uid), desk.url("clause-edit", desk.clause.uid)
    with scope(desk.framework.pk):
        version = Version.objects.get(pk=desk.version.pk)
        version.start_consultation(by=None, now=NOW)
    response = desk.client.post(url, mine | {"text": "Precious words"})
    assert response.status_code == 409
    assert "Precious words" in response.content.decode()
    with scope(desk.framework.pk):
        assert Clause.objects.get(pk=desk.clause.pk).text != "Precious words"


def test_removing_what_somebody_just_changed_is_refused(desk):
    """A stale confirmation page does not remove words that its reader never saw."""
    stale = desk.form("clause-remove", desk.clause.uid)
    desk.client.post(
        desk.url("clause-edit", desk.clause.uid), desk.form("clause-edit", desk.clause.uid) | {"text": "New words"}
    )
    assert desk.client.post(desk.url("clause-remove", desk.clause.uid), stale).status_code == 409
    with scope(desk.framework.pk):
        assert Clause.objects.filter(pk=desk.clause.pk).exists()


def test_preview_saves_nothing(desk):
    """Markdown is shown as it will read, on the server, and not saved; raw HTML stays text."""
    before = desk.trace()
    form = desk.form("clause-edit", desk.clause.uid) | {"text": "**bold** <script>alert(1)</script>", "act": "preview"}
    page = desk.client.post(desk.url("clause-edit", desk.clause.uid), form).content.decode()
    for words in ("<strong>bold</strong>", "&lt;script&gt;alert(1)"):
        assert words in page
    assert "<script>alert" not in page
    assert desk.trace() == before


def test_clash_marks_words_not_colours(desk):
    """What differs is marked by the words that only one side has, said to screen readers too; equal words are plain."""
    mine, url = desk.form("clause-edit", desk.clause.uid), desk.url("clause-edit", desk.clause.uid)
    desk.client.post(url, mine | {"text": "We share what the family needs."})
    clash = desk.client.post(url, mine | {"text": "We share what is needed today."})
    assert clash.context["mine"][0]["runs"] == [
        Run("We share what ", False),
        Run("is needed today", True),
        Run(".", False),
    ]
    assert clash.context["theirs"][0]["runs"][1] == Run("the family needs", True)
    assert "[only here: </span>is needed today<" in clash.content.decode().replace("\n", "")


@pytest.mark.parametrize("section", ["terms", "purposes", "items", "parties", "clauses", "details"])
@pytest.mark.parametrize("how", ["removed", "circulated"])
def test_words_that_come_too_late_are_shown_beside_what_stands(desk, section, how):
    """The row was removed, or the draft circulated, while somebody typed: 409 with both texts; a removed row can be added anew."""
    if (section, how) == ("details", "removed"):
        return
    with scope(desk.framework.pk):
        version = desk.version
        rows = {
            "terms": version.terms,
            "purposes": version.purposes,
            "items": version.data_items,
            "parties": version.parties,
        }
        more = [] if section == "details" else [desk.clause.uid if section == "clauses" else rows[section].first().pk]
    name = {"clauses": "clause-edit", "details": "draft-details"}.get(section, f"draft-{section}-edit")
    mine, url = desk.form(name, *more), desk.url(name, *more)
    field = next(word for word in ("title", "text", "detail", "address") if word in mine or word == "address")
    stood = mine.get(field, "")
    if how == "removed":
        gone = name.replace("edit", "remove")
        assert desk.client.post(desk.url(gone, *more), desk.form(gone, *more)).status_code == 302
    else:
        with scope(desk.framework.pk):
            Version.objects.get(pk=version.pk).start_consultation(by=None, now=NOW)
    before = desk.trace()
    late = desk.client.post(url, mine | {field: "Precious words"})
    page = late.content.decode()
    assert late.status_code == 409
    assert "Precious words" in page
    assert stood.split("\n")[0] in page
    assert ("until it was removed" in page) == (how == "removed")
    assert ("Save</button>" in page) == (how == "removed" and section != "parties")
    assert desk.trace() == before


def test_hostile_texts_are_compared_quickly():
    """However long and repetitive, a clash page costs a moment; nothing of either text is lost in the runs."""
    for left, right in (("a " * 40_000, "b a " * 20_000), ("a\n" * 40_000, "a b\n" * 20_000), ("x" * 90_000, "")):
        began = time.process_time()
        mine, theirs = runs(left, right)
        assert time.process_time() - began < 2
        assert ("".join(run.text for run in mine), "".join(run.text for run in theirs)) == (left, right)
