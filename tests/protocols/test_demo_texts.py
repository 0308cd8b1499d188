"""The texts of the demonstration: the source word for word, and our own texts in the same format."""

import copy
import re
from uuid import UUID

import pytest
from markdown_it import MarkdownIt

from protocols import demo_texts
from protocols.demo_texts.checks import problems
from tests.protocols.source_text import LABELS, PARTIES_FOOT, PARTIES_HEAD, SIGNATURES_HEAD, source_words

HARINGEY_ADDRESSES = {
    "Haringey Council": ("Civic centre High Road Wood Green London N22 8LE", "020 8489 0000"),
    "Haringey Teaching Primary Care Trust": (
        "Block A1 St Ann’s Hospital St. Ann’s Road Tottenham London N15 3TH",
        "020 8442 6000",
    ),
    "Metropolitan Police Service (Haringey Division)": (
        "Tottenham Police Station High Road Tottenham London N17",
        "020 8345 0765",
    ),
}


@pytest.fixture(scope="module")
def haringey():
    return demo_texts.load("haringey")


def clauses_of(data):
    return list(demo_texts.walk(data["clauses"]))


def by_key(data):
    return {clause["key"]: clause for clause in clauses_of(data)}


def tree_words(data):
    """The words of the clause tree in printed order, with the two tables where the text calls for them."""
    parties = data["parties"]
    tables = {
        "{{schedule:parties}}": [
            PARTIES_HEAD,
            *(f"{party['organisation']} {party['address']} {party['telephone']}" for party in parties),
            PARTIES_FOOT,
        ],
        "{{schedule:signatures}}": [SIGNATURES_HEAD, *(party["organisation"] for party in parties)],
    }
    words = []
    for clause in clauses_of(data):
        section = clause["kind"] == "heading" and clause["label"]
        label = "" if clause["label"] == "•" else clause["label"]
        title = clause["title"].lower() if section else clause["title"]
        for text in (label, title, *tables.get(clause["text"], [clause["text"]])):
            words += text.split()
    return words


def test_haringey_is_the_source_word_for_word(haringey):
    """Nothing is added to, left out of or changed in sections 1 to 13 but layout and the case of section titles."""
    assert tree_words(haringey) == source_words()


def test_a_changed_word_is_seen(haringey):
    """The word-for-word test is not blind: one word more, one less or one changed is seen."""
    for change in (lambda text: text + " indeed", lambda text: text[1:], lambda text: text.replace("’", "'")):
        data = copy.deepcopy(haringey)
        clause = by_key(data)["c12.2"]
        clause["text"] = change(clause["text"] + "’")
        assert tree_words(data) != source_words()


def test_the_numbered_clauses_are_the_51_of_the_source(haringey):
    """2.1–2.3, 3.1–3.9, 4.1–4.8, 5.1–5.14, 6.1–6.6, 7.1–7.4, 8.1–8.3, 11.1–11.2, 12.1–12.2, in this order."""
    labels = [clause["label"] for clause in clauses_of(haringey) if clause["kind"] == "clause"]
    assert len(labels) == 51
    assert labels == LABELS


def test_sections_are_1_to_13(haringey):
    """Thirteen sections with the titles of the source."""
    assert [section["label"] for section in haringey["clauses"]] == [str(number) for number in range(1, 14)]
    assert [section["title"] for section in haringey["clauses"]][1] == "Descriptions, parties & document control"


@pytest.mark.parametrize(
    ("key", "labels"),
    [
        ("c3.7", ["a)", "b)", "c)"]),
        ("c3.8", ["a)", "b)"]),
        ("i3.8.b", ["•"] * 8),
        ("c3.6", ["•"] * 9),
        ("c3.9", ["•"] * 10),
        ("c4.5", ["•"] * 4),
        ("s10-paragraph-2", ["i.", "ii."]),
        ("c11.1", ["(a)", "(b)", "(c)", "(d)", "(e)", "(f)", "(g)"]),
        ("s9", ["•"] * 9),
    ],
)
def test_items_have_the_labels_of_the_source(haringey, key, labels):
    """The items 3.7 a–c, 3.8 a–b, 10 i–ii and 11.1 a–g and the bullets stand under their clause."""
    children = by_key(haringey)[key]["children"]
    assert [child["label"] for child in children] == labels
    assert {child["kind"] for child in children} == {"item"}


def test_no_other_clause_has_items(haringey):
    """Items stand only where the source has them."""
    parents = {clause["key"] for clause in clauses_of(haringey) if any(c["kind"] == "item" for c in clause["children"])}
    assert parents == {"c3.6", "c3.7", "c3.8", "i3.8.b", "c3.9", "c4.5", "s9", "s10-paragraph-2", "c11.1"}


def test_sections_1_9_10_and_13_have_no_numbered_clause(haringey):
    """Section 9 is a bare list, sections 1, 10 and 13 are unnumbered paragraphs, as in the source."""
    for section in haringey["clauses"]:
        kinds = {clause["kind"] for clause in demo_texts.walk(section["children"])}
        if section["label"] in ("1", "9", "10", "13"):
            assert "clause" not in kinds
        else:
            assert "clause" in kinds


def test_section_3_has_its_five_sub_headings(haringey):
    """The sub-headings of section 3 carry no number and hold the clauses that stand under them."""
    section = haringey["clauses"][2]
    assert [(child["kind"], child["label"], child["title"]) for child in section["children"]] == [
        ("heading", "", "Background"),
        ("heading", "", "Purpose"),
        ("heading", "", "Information to be shared"),
        ("heading", "", "Minimum Data Requirements"),
        ("heading", "", "Detailed and sensitive information"),
    ]
    assert [[clause["label"] for clause in child["children"]] for child in section["children"]] == [
        ["3.1", "3.2", "3.3"],
        ["3.4", "3.5", "3.6"],
        ["3.7"],
        ["3.8"],
        ["3.9"],
    ]


def test_tables_stand_in_2_2_and_13(haringey):
    """The parties are printed in 2.2 (HAR-2.2), the signatures in section 13 (HAR-13)."""
    keys = by_key(haringey)
    assert keys["c2.2"]["text"] == "{{schedule:parties}}"
    assert keys["s13-signatures"]["text"] == "{{schedule:signatures}}"


@pytest.mark.parametrize("name", ["haringey", "haringey_general"])
def test_real_parties_have_what_the_source_prints_and_no_more(name):
    """Address and telephone as printed, no ICO number and no ODS code, one lead, every party required (HAR-2.2)."""
    parties = demo_texts.load(name)["parties"]
    assert {p["organisation"]: (" ".join(p["address"].split()), p["telephone"]) for p in parties} == HARINGEY_ADDRESSES
    assert all(party["ico_number"] is None and party["ods_code"] is None for party in parties)
    assert [party["organisation"] for party in parties if party["lead"]] == ["Haringey Council"]
    assert all(party["required"] for party in parties)


def test_haringey_schedules_come_from_the_text(haringey):
    """One purpose per bullet of 3.6 and one data item per entry of 3.7 a, 3.8 and 3.9, at three levels (HAR-3.7)."""
    assert [purpose["label"] for purpose in haringey["purposes"]] == [f"P{number}" for number in range(1, 10)]
    levels = [item["level"] for item in haringey["data_items"]]
    assert [levels.count(level) for level in (1, 2, 3)] == [1, 9, 10]
    text = " ".join(" ".join(clause["text"].lower().split()) for clause in clauses_of(haringey))
    for purpose in haringey["purposes"]:
        assert purpose["text"].lower() in text
    for item in haringey["data_items"]:
        assert item["name"].lower() in text and item["detail"].lower() in text
    assert haringey["definitions"][0]["term"] in by_key(haringey)["s1-definition-1"]["text"]
    assert haringey["definitions"][0]["text"] in by_key(haringey)["s1-definition-1"]["text"]


def test_haringey_dates_and_drafts(haringey):
    """Sign up by the end of July for 1 September (HAR-r4); review after 6 then 12 months (HAR-5.1); five drafts."""
    version = haringey["version"]
    assert (version["sign_by"], version["effective_on"]) == ("07-31", "09-01")
    assert version["review"] == {"first_months": 6, "then_months": 12}
    drafts = haringey["document_control"]["drafts"]
    assert [draft["number"] for draft in drafts] == [f"Draft {number}" for number in range(1, 6)]
    ages = [draft["days_before_last"] for draft in drafts]
    assert ages == sorted(ages, reverse=True) and ages[-1] == 0


def test_the_general_protocol_is_the_parent_and_says_that_it_is_ours(haringey):
    """The individual protocol supplements it (HAR-10); its first clause says that it is not in the sources."""
    general = demo_texts.load("haringey_general")
    assert general["protocol"]["parent"] is None
    assert haringey["protocol"]["parent"]["reference"] == general["protocol"]["reference"]
    assert haringey["protocol"]["parent"]["title"] == general["protocol"]["title"]
    first = by_key(general)["c1.1"]["text"]
    assert "not in the source documents" in first and "written for the demonstration" in first
    assert 12 <= sum(clause["kind"] == "clause" for clause in clauses_of(general)) <= 20


def test_anyshire_shares_nothing_with_haringey(haringey):
    """The second framework has its own names, parties and references, so that any leak of one is recognisable."""
    anyshire = demo_texts.load("anyshire")
    assert anyshire["framework"]["slug"] != haringey["framework"]["slug"]
    assert "haringey" not in repr(anyshire).lower()
    assert "anyshire" not in repr(haringey).lower()
    for party in anyshire["parties"]:
        assert re.fullmatch(r"01632 960\d{3}", party["telephone"]), "only numbers that Ofcom keeps for drama"
        assert re.fullmatch(r"ZA00000\d", party["ico_number"])


@pytest.mark.parametrize("name", demo_texts.NAMES)
def test_rendering_gives_the_same_words(name):
    """No text turns into a list, a heading, a link or code by accident: paragraphs and emphasis are all there is."""
    markdown = MarkdownIt("commonmark", {"html": False})
    for clause in clauses_of(demo_texts.load(name)):
        tokens = markdown.parse(clause["text"])
        assert {token.type for token in tokens} <= {"paragraph_open", "inline", "paragraph_close"}, clause["key"]
        printed = []
        for token in tokens:
            for child in token.children or []:
                assert child.type in ("text", "em_open", "em_close"), (clause["key"], child.type)
                printed.append(child.content)
            printed.append(" ")
        assert "".join(printed).split() == clause["text"].replace("*", "").split()


@pytest.mark.parametrize("name", demo_texts.NAMES)
def test_uids_are_stable_and_references_resolve(name):
    """The same text under the same reference always has the same uids; another reference has others."""
    data = demo_texts.load(name)
    reference = data["protocol"]["reference"]
    once = list(demo_texts.walk(demo_texts.with_uids(data["clauses"], reference)))
    assert once == list(demo_texts.walk(demo_texts.with_uids(data["clauses"], reference)))
    uids = [clause["uid"] for clause in once]
    assert len(set(uids)) == len(uids) == len(clauses_of(data))
    assert all(str(UUID(uid)) == uid for uid in uids)
    assert set(once[0]) == {"uid", "kind", "label", "title", "text", "children"}
    others = {clause["uid"] for clause in demo_texts.walk(demo_texts.with_uids(data["clauses"], "OTHER-1"))}
    assert others.isdisjoint(uids)
    for clause in once:
        for uid in re.findall(r"\{\{clause:([^}]+)\}\}", clause["text"]):
            assert uid in uids


def test_loading_gives_a_new_dictionary_each_time():
    """What one caller changes, another does not see."""
    demo_texts.load("anyshire")["clauses"].clear()
    assert demo_texts.load("anyshire")["clauses"]


def test_an_unknown_text_is_refused():
    """An unknown name is an error that names the texts there are."""
    with pytest.raises(demo_texts.DemoTextError, match="haringey_general"):
        demo_texts.load("../secrets")


def empty_a_section(data):
    data["clauses"][3]["children"] = []


def repeat_a_key(data):
    data["clauses"][4]["key"] = data["clauses"][3]["key"]


def break_a_reference(data):
    data["clauses"][2]["children"][0]["text"] = "See {{clause:nowhere}}."


def drop_a_telephone(data):
    data["parties"][0]["telephone"] = ""


def move_the_lead(data):
    data["protocol"]["lead_organisation"] = "Somebody else"


def raise_a_level(data):
    data["data_items"][0]["level"] = 4


def write_a_full_date(data):
    data["version"]["sign_by"] = "2006-07-31"


def decompose_an_accent(data):
    data["protocol"]["title"] = "Cafe\N{COMBINING ACUTE ACCENT}"


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (empty_a_section, "section s4 is empty"),
        (repeat_a_key, "key s4 stands twice"),
        (break_a_reference, "refers to nowhere"),
        (drop_a_telephone, "has no telephone"),
        (move_the_lead, "is not the lead organisation"),
        (raise_a_level, "no level 1, 2 or 3"),
        (write_a_full_date, "sign_by is not a month-day"),
        (decompose_an_accent, "NFC"),
    ],
)
def test_a_broken_text_is_refused(harm, says):
    """Each kind of mistake in a committed text is named; a sound text has none."""
    data = demo_texts.load("anyshire")
    assert problems(data, clauses_of(data)) == []
    harm(data)
    assert says in "; ".join(problems(data, clauses_of(data)))
