"""The comparison of two texts: nothing lost, identity kept, time bounded whatever the texts are (SIG-new)."""

import copy
import random
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.markdown import MAX_CHARACTERS
from protocols.redline import compare
from protocols.redline_rows import Mark, out_of_order
from protocols.redline_words import say, summary
from protocols.word_diff import DELETED, DOCUMENT_STEPS, EQUAL, INSERTED, TEXT_STEPS, Steps, compare_words
from tests.pdf.samples import golden

WORDS = st.lists(st.sampled_from(["the", "data", "3.2", "share", "–", "\n\n", ".", "shall not", "  "]), max_size=60)
TEXTS = st.one_of(st.text(max_size=300), WORDS.map(" ".join), WORDS.map("".join))


def uid(number: int) -> str:
    """A uid."""
    return f"00000000-0000-4000-8000-{number:012}"


def clause(number, label="", text="", *, kind="clause", title="", children=()):
    """A clause of the canonical JSON."""
    row = {"uid": uid(number), "kind": kind, "label": label, "title": title, "text": text}
    return row | {"children": list(children)}


def document(*clauses, **more) -> dict:
    """A whole document with these clauses."""
    return golden() | {"clauses": list(clauses)} | more


def compared(old, new):
    """Both ways round, clauses by uid of one way."""
    found = compare(old, new, say=say)
    return found, {one.uid: one for one in found.clauses}


# --- words


@given(TEXTS, TEXTS)
@example("a b c. d", "a c b.\n d")
@example("see 3.2.", "see 3.3.\n\nNew")
def test_the_pieces_give_back_both_texts(old, new):
    """Kept and put in is exactly the new text, kept and taken out the old one, character by character."""
    pieces = compare_words(old, new).pieces
    assert "".join(piece.text for piece in pieces if piece.op != DELETED) == new
    assert "".join(piece.text for piece in pieces if piece.op != INSERTED) == old
    assert all(piece.text for piece in pieces)


@given(TEXTS, TEXTS, st.integers(0, 200))
def test_no_more_steps_are_taken_than_allowed(old, new, allowed):
    """The cost of each look is known before; with steps for nothing the text is still whole."""
    steps = Steps(allowed)
    pieces = compare_words(old, new, steps).pieces
    assert 0 <= steps.left <= allowed
    assert steps.spent + steps.left == allowed
    assert "".join(piece.text for piece in pieces if piece.op != DELETED) == new


def test_whole_words_are_marked_and_not_more_of_them_than_changed():
    """The example of the study: two passages put in, one word exchanged, the space behind it kept."""
    old = "to share personal data for the purpose of preventing harm. It is kept for six years after the case closes."
    new = "to share personal data and special category data for the purpose of preventing serious harm. It is kept for seven years after the case closes."
    assert [piece for piece in compare_words(old, new).pieces if piece.op != EQUAL] == [
        (INSERTED, "and special category data "),
        (INSERTED, "serious "),
        (DELETED, "six"),
        (INSERTED, "seven"),
    ]


def test_a_number_is_never_cut():
    """3.2 → 3.3 is a change of the number, not of its last digit."""
    pieces = compare_words("as in 3.2 above", "as in 3.3 above").pieces
    assert [piece.text for piece in pieces] == ["as in ", "3.2", "3.3", " above"]


def test_a_text_written_anew_is_not_shown_as_confetti():
    """With hardly a word in common the old text is taken out and the new one put in."""
    pieces = compare_words(
        "We meet the board once a year in May.", "Each body names a lead officer for the data."
    ).pieces
    assert [piece.op for piece in pieces] == [DELETED, INSERTED]


# --- time


def words(count, rng) -> str:
    """Words as frequent as those of a language."""
    vocabulary = [f"word{n}" for n in range(3000)]
    return " ".join(rng.choices(vocabulary, [1 / (n + 1) for n in range(3000)], k=count))


def edited(text, share, rng) -> str:
    """Some of the words exchanged."""
    return " ".join(word if rng.random() > share else f"new{rng.randrange(900)}" for word in text.split(" "))


HOSTILE = {
    "two words in turn": lambda: ("a b " * 370, "b a a " * 250),
    "two words at random": lambda: tuple(" ".join(random.Random(n).choices("ab", k=590)) for n in (1, 2)),
    "one word, full stops": lambda: ("a. " * 7_500, "a . " * 7_400),
    "two words in turn, long": lambda: ("a b " * 7_500, "b a " * 7_400),
    "every second word": lambda: (" ".join(f"x{n}" for n in range(590)), " ".join(f"x{n} q" for n in range(295))),
    "backwards": lambda: (" ".join(map(str, range(7_000))), " ".join(map(str, reversed(range(7_000))))),
    "signs": lambda: ("-+" * 25_000, "+-" * 24_000 + "*"),
    "no space": lambda: ("a" * 50_000, "a" * 49_999 + "b"),
    "blanks": lambda: (" \n" * 25_000 + "a", "\n " * 25_000 + "b"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_never_pins_a_worker(name):
    """As many such clauses as a version may hold (1,000,000 characters), forty at most, stay within the steps of a
    document and within a second of CPU."""
    old, new = HOSTILE[name]()
    count = min(40, MAX_CHARACTERS // len(old))
    before = document(*[clause(n, f"1.{n}", old) for n in range(count)])
    after = document(*[clause(n, f"1.{n}", new) for n in range(count)])
    began = time.process_time()
    found = compare(before, after)
    assert time.process_time() - began < 1
    assert found.steps <= DOCUMENT_STEPS
    assert all((one.text.old, one.text.new) == (old, new) for one in found.clauses)


def test_a_passage_that_costs_too_much_says_so():
    """The honest way out: marked as replaced as a whole, not passed off as a comparison of words."""
    old, new = HOSTILE["two words in turn, long"]()
    steps = Steps(DOCUMENT_STEPS)
    assert compare_words(old, new, steps).whole
    assert steps.spent <= TEXT_STEPS + 10 * (len(old) + len(new))
    assert compare(document(clause(1, "1", old)), document(clause(1, "1", new))).whole


@pytest.mark.parametrize("clauses", [1, 150])
@pytest.mark.parametrize("share", [0.05, 0.4, 1.0])
def test_a_protocol_of_15000_words_takes_less_than_a_second_of_cpu(clauses, share):
    """In clauses of usual length or in a single one, lightly edited or written anew."""
    rng = random.Random(7)
    texts = [words(15_000 // clauses, rng) for _n in range(clauses)]
    before = document(*[clause(n, f"1.{n}", text) for n, text in enumerate(texts)])
    after = document(*[clause(n, f"1.{n}", edited(text, share, rng)) for n, text in enumerate(texts)])
    began = time.process_time()
    found = compare(before, after)
    assert time.process_time() - began < 1
    assert found.count(Mark.CHANGED) == clauses
    assert not found.whole or clauses == 1


# --- clauses


def test_clauses_are_matched_by_identity_not_by_number():
    """A clause put in between renumbers what follows; their words are found equal, and the numbers are named."""
    old = document(clause(1, "3.1", "One."), clause(2, "3.2", "Two."), clause(3, "3.3", "Three."))
    new = document(
        clause(1, "3.1", "One."), clause(9, "3.2", "New."), clause(2, "3.3", "Two."), clause(3, "3.4", "Three.")
    )
    found, by_uid = compared(old, new)
    assert [one.mark for one in found.clauses] == [Mark.SAME, Mark.ADDED, Mark.SAME, Mark.SAME]
    assert (by_uid[uid(2)].old_label, by_uid[uid(2)].new_label, by_uid[uid(2)].renumbered) == ("3.2", "3.3", True)
    assert not by_uid[uid(2)].moved
    assert summary(found) == "1 clause added, 2 renumbered."


def test_a_move_is_named_with_the_place_before_it():
    """One clause taken to another place is one move, not a clause less and a clause more."""
    old = document(*[clause(n, f"{n}", f"Text {n}.") for n in (1, 2, 3, 4)])
    new = document(*[clause(n, f"{place}", f"Text {n}.") for place, n in enumerate((2, 3, 4, 1), 1)])
    found, by_uid = compared(old, new)
    assert [one.uid for one in found.clauses if one.moved] == [uid(1)]
    assert (by_uid[uid(1)].old_place, by_uid[uid(1)].new_place) == ("1", "4")
    assert {one.mark for one in found.clauses} == {Mark.SAME}
    assert summary(found) == "1 clause moved, 3 renumbered."


def test_a_clause_below_another_heading_has_moved():
    """Its children went with it and did not move."""
    child = clause(5, "a)", "Child.", kind="item")
    sections = [clause(1, "1", title="First", kind="heading"), clause(2, "2", title="Second", kind="heading")]
    old, new = document(*copy.deepcopy(sections)), document(*copy.deepcopy(sections))
    old["clauses"][0]["children"] = [clause(4, "1.1", "Text.", children=[child])]
    new["clauses"][1]["children"] = [clause(4, "2.1", "Text.", children=[child])]
    _found, by_uid = compared(old, new)
    assert (by_uid[uid(4)].moved, by_uid[uid(4)].old_place, by_uid[uid(5)].moved) == (True, "1.1", False)


def test_a_removed_clause_stands_where_it_stood():
    """Behind the clause that it stood behind, with what stood below it."""
    old = document(clause(1, "1", "A."), clause(2, "2", "B.", children=[clause(3, "2.1", "C.")]), clause(4, "3", "D."))
    new = document(clause(1, "1", "A."), clause(4, "2", "D."))
    found, _by_uid = compared(old, new)
    assert [(one.label, one.mark) for one in found.clauses] == [
        ("1", Mark.SAME), ("2", Mark.REMOVED), ("2.1", Mark.REMOVED), ("2", Mark.SAME),
    ]  # fmt: skip


def test_recorded_predecessors_are_named():
    """A clause that was split off or merged says of what it was made, where that is recorded."""
    old = document(clause(1, "3.1", "A. B."))
    new = document(clause(1, "3.1", "A."), clause(2, "3.2", "B.") | {"predecessors": [uid(1)]})
    assert compared(old, new)[1][uid(2)].predecessors == ("3.1",)


def test_a_reference_is_compared_as_it_is_printed():
    """The words "see 3.2" change to "see 3.3" although the clause that is meant is the same."""
    ours = clause(2, "9", f"See {{{{clause:{uid(1)}}}}}.")
    _found, by_uid = compared(document(clause(1, "3.2", "X."), ours), document(clause(1, "3.3", "X."), ours))
    assert (by_uid[uid(2)].text.old, by_uid[uid(2)].text.new) == ("See 3.2.", "See 3.3.")


@given(st.permutations(range(8)))
def test_as_few_as_possible_have_moved(order):
    """Those that stay are in rising order, and no one of the others could stay with them."""
    moved = out_of_order(list(order), list(order))
    stay = [one for one in order if one not in moved]
    assert stay == sorted(stay)
    for one in moved:
        longer = [other for other in order if other in stay or other == one]
        assert longer != sorted(longer)


# --- everything else of the document


def test_title_dates_and_schedules_are_compared():
    """Details in words, definitions by term, items by label, parties by name."""
    new = golden()
    new["protocol"]["title"] = "Another title"
    new["version"]["effective_on"] = "2026-10-01"
    new["definitions"][0]["text"] = "means whoever lives in one home."
    new["purposes"].append({"label": "P3", "text": "To plan."})
    new["data_items"][0]["level"] = 2
    new["parties"].reverse()
    found = compare(golden(), new, say=say)
    facts = {part.name: (part.old, part.new) for part in found.facts if part.changed}
    assert facts["version.effective_on"] == ("1 September 2026", "1 October 2026")
    assert facts["protocol.title"][1] == "Another title"
    rows = {schedule.path: [row for row in schedule.rows if row.affected] for schedule in found.schedules}
    assert [(row.name, row.mark) for row in rows["definitions"]] == [("family", Mark.CHANGED)]
    assert [(row.name, row.mark) for row in rows["purposes"]] == [("P3", Mark.ADDED)]
    assert rows["data_items"][0].parts[0].old == "Aggregate and management information"
    assert [row.mark for row in rows["parties"]] == [Mark.SAME, Mark.SAME]
    assert summary(found) == "No clause changed; 7 changes in details and schedules."


def test_a_schedule_of_a_later_schema_is_compared_too():
    """A key that this code has never heard of: lists of objects, of plain values, objects and single values."""
    old = golden() | {
        "related_documents": [{"title": "Policy", "kinds": ["a", "b"]}],
        "tags": ["x", "y"],
        "pilot": False,
    }
    new = golden() | {"related_documents": [{"title": "Policy", "kinds": ["a", "c"]}], "tags": ["x"], "pilot": True}
    new["flows"] = {"made_by": {"name": "Us"}}
    found = compare(old, new, say=say)
    rows = {one.path: [(row.mark, [part.new for part in row.parts]) for row in one.rows] for one in found.schedules}
    assert rows["related_documents"] == [(Mark.CHANGED, ["a\nc"])]
    assert rows["tags"] == [(Mark.SAME, ["x"]), (Mark.REMOVED, [""])]
    assert {part.name: part.new for part in found.facts if part.changed} == {"pilot": "Yes", "flows.made_by.name": "Us"}


def test_the_same_text_is_said_to_be_the_same():
    """Software, number of the version and document control are not what is agreed."""
    new = golden() | {"software": "9.9"}
    new["document_control"]["drafts"].pop()
    new["version"]["number"] = "2.0"
    found = compare(golden(), new)
    assert not found.differs
    assert summary(found) == "The two texts are the same."
