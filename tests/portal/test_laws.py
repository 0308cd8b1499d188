"""The law catalogue as data, and what it finds in a text (LAW-map)."""

from datetime import date

import pytest

from portal import laws


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("the annual Data Protection Act 1998 notification", ["dpa-1998"]),
        ("the  data protection\nact 2018", ["dpa-2018"]),
        ("the UK GDPR", ["uk-gdpr"]),
        ("Human Rights Act 2000", ["hra-2000"]),
        ("the Children’s Act", ["childrens-act"]),
        ("Children's Act and Children Act 1989", ["children-1989", "childrens-act"]),
        ("Crime and Disorder Regulations 2007", ["cd-regulations-2007"]),
        ("Crime and Disorder (Prescribed Information) Regulations 2007", ["cd-information-2007"]),
        ("the Caldecott principles", ["caldecott"]),
        ("the PCT and the LSC", ["pct", "lsc"]),
        ("the Information Commissioner", ["commissioner"]),
        ("the Information Commission", ["commission"]),
        ("Section 115; Appendix C of the General Protocol; apct; Children Act 20041", []),
        ("", []),
    ],
)
def test_what_a_text_names(text, keys):
    """LAW-map: whole names only, whatever the spaces and apostrophes; a longer name is no shorter one."""
    assert [law.key for law in laws.cited_in([text])] == keys


def test_the_catalogue_is_whole():
    """What replaces something is there; nothing ends before it begins; every change is dated and in order."""
    for law in laws.CATALOGUE.values():
        assert set(law.replaced_by) <= set(laws.CATALOGUE)
        assert law.in_force is None or law.repealed is None or law.in_force < law.repealed
        assert [change.on for change in law.changes] == sorted(change.on for change in law.changes)
    old = laws.CATALOGUE["dpa-1998"]
    assert (old.repealed, old.replaced_by) == (date(2018, 5, 25), ("uk-gdpr", "dpa-2018"))
    assert ("section 29(3) form", "request under DPA 2018 Schedule 2 Part 1 paragraph 2") in old.parts
    assert laws.CATALOGUE["commissioner"].replaced_by == ("commission",)


def test_changes_by_date():
    """Everything after one day and up to another; the next one after a day."""
    found = laws.changes(after=date(2026, 2, 5), until=date(2026, 6, 19))
    assert [(change.law, change.on) for change in found] == [("dpa-2018", date(2026, 6, 19))]
    assert laws.next_change(date(2026, 2, 5)) == date(2026, 6, 19)
    assert laws.CATALOGUE["dpa-1998"].out_of_date(date(2018, 5, 25))
    assert not laws.CATALOGUE["dpa-1998"].out_of_date(date(2018, 5, 24))
