"""From frozen version to printed document: what is refused, what is left out, what is escaped."""

import copy

import pytest
from django.utils import translation

from portal.markdown import TextTooLarge
from portal.pdf import RenderError
from protocols.printing import protocol_context, render_protocol
from tests.pdf import samples


def context(change=None, kind="sealed"):
    version = samples.golden()
    if change:
        change(version)
    return protocol_context(version, samples.extras(version, kind))


def test_only_known_kinds_are_printed():
    """An edition is a draft, a text copy, a sealed edition or a public copy; anything else is a mistake."""
    extras = samples.extras(samples.golden(), "sealed")
    extras["edition"]["kind"] = "copy"
    with pytest.raises(ValueError, match=r"edition\.kind"):
        protocol_context(samples.golden(), extras)


def test_hash_of_another_version_is_refused():
    """The fingerprint on the cover is computed from what is printed; a different one given is a mistake."""
    extras = samples.extras(samples.golden(), "sealed")
    extras["edition"]["canonical_sha256"] = "0" * 64
    with pytest.raises(ValueError, match="canonical_sha256"):
        protocol_context(samples.golden(), extras)


def test_moments_without_offset_are_refused():
    """A time without its offset from UTC would be printed as two different moments."""
    extras = samples.extras(samples.golden(), "sealed")
    extras["signatures"][0]["signed_at"] = "2026-07-21T09:30:00"
    with pytest.raises(ValueError, match="offset"):
        protocol_context(samples.golden(), extras)


def test_malformed_version_is_refused():
    """What does not fit the schema is not printed."""
    with pytest.raises(ValueError, match=r"\$\.purposes: is missing"):
        context(lambda version: version.pop("purposes"))


def test_text_beyond_the_caps_is_refused():
    """100,000 words over all clauses together."""

    def fill(version):
        for clause in version["clauses"][0]["children"][:1] + version["clauses"][1]["children"][1:2]:
            clause["text"] = "word " * 50_001

    with pytest.raises(TextTooLarge, match="words"):
        context(fill)


def test_characters_without_a_glyph_are_refused_by_name():
    """A text that came past the forms is still never printed with boxes in it."""
    version = samples.golden()
    version["clauses"][0]["children"][0]["text"] += " ☃"
    with pytest.raises(RenderError, match=r"U\+2603 SNOWMAN"):
        render_protocol(version, samples.extras(version, "draft"))


def test_a_young_draft_can_be_previewed(tmp_path):
    """Dates, bodies, parties and schedules may still be missing in a draft; the preview is made all the same."""
    version = samples.golden()
    for name in ("definitions", "purposes", "data_items", "data_flows", "parties", "clauses", "attachments"):
        version[name] = []
    version["document_control"] = {"drafts": [], "approvals": []}
    version["protocol"] |= {"parent": None, "lead_organisation": None, "deciding_body": None}
    version["version"] |= {"effective_on": None, "sign_by": None}
    version["version"]["review"] = {"first_months": None, "then_months": None}
    extras = samples.extras(version, "draft")
    extras["edition"] |= {"verify_url": "", "canonical_sha256": None}
    path = tmp_path / "young.pdf"
    path.write_bytes(render_protocol(version, extras))
    text = samples.text_of(path)
    assert "Not yet approved" in text
    assert "None" not in text


def test_markup_in_fields_is_printed_as_typed(tmp_path):
    """Titles, names and addresses are no HTML: brackets and ampersands come out as they were typed."""
    version = samples.golden()
    version["protocol"]["title"] = "A <b>bold</b> & <script>x</script> title"
    version["parties"][0]["organisation"] = version["protocol"]["lead_organisation"] = "<i>Council</i> & Co"
    version["definitions"][0]["text"] = "{{ v }} <img src=x>"
    path = tmp_path / "markup.pdf"
    path.write_bytes(render_protocol(version, samples.extras(version, "sealed")))
    text = "".join(samples.text_of(path).split())
    for words in ("A <b>bold</b> & <script>x</script> title", "<i>Council</i> & Co", "{{ v }} <img src=x>"):
        assert words.replace(" ", "") in text


def test_levels_are_those_of_har_3_7():
    """Three levels with their words; one without items is left out."""
    levels = context()["levels"]
    assert [(level["level"], level["name"]) for level in levels] == [
        (1, "Aggregate and management information"),
        (2, "Minimum data requirements"),
        (3, "Detailed and sensitive information"),
    ]
    assert len(context(lambda version: version["data_items"].pop(0))["levels"]) == 2


def test_parties_without_a_signature_are_listed():
    """The schedule of a later edition names who has not signed; nobody disappears."""
    version = samples.golden()
    extras = samples.extras(version, "sealed")
    extras["signatures"].pop()
    rows = protocol_context(version, extras)["signature_rows"]
    assert [row["organisation"] for row in rows] == [party["organisation"] for party in version["parties"]]
    assert [row["signature"] for row in rows] == ["Signed electronically", "Signed electronically", "Not signed"]


@pytest.mark.parametrize(
    "first, then, completed, words",
    [
        (6, 12, "2026-08-31T10:00:00+00:00", "By 28 February 2027, then every year"),
        (6, 12, "2026-07-31T23:30:00+00:00", "By 1 February 2027, then every year"),
        (6, 12, None, "6 months after completion, then every year"),
        (1, 6, None, "1 month after completion, then every 6 months"),
        (6, None, None, "6 months after completion"),
    ],
)
def test_review_by(first, then, completed, words):
    """HAR-5.1, READ-3: months count from the London date of completion, to the same day or the last of the month."""
    version = samples.golden()
    version["version"]["review"] = {"first_months": first, "then_months": then}
    extras = samples.extras(version, "sealed") | {"completed_at": completed}
    facts = {fact["name"]: fact["value"] for fact in protocol_context(version, extras)["facts"]}
    assert facts["Review"] == words


def test_real_documents_say_nothing_of_demonstration():
    """Words and watermark appear only where the frozen text says that it is a demonstration."""
    real = context(lambda version: version.update(demonstration=False))
    assert real["watermark"] == []
    assert real["header_words"] == []
    draft = context(lambda version: version.update(demonstration=False), kind="draft")
    assert draft["watermark"] == ["DRAFT"]


def test_input_is_not_changed():
    """Version and extras are the caller's: printing leaves them as they are."""
    version = samples.golden()
    extras = samples.extras(version, "sealed")
    before = copy.deepcopy((version, extras))
    protocol_context(version, extras)
    assert (version, extras) == before


def test_language_of_the_document_is_that_of_the_version():
    """The words of the frame follow the version's language, not the reader's."""
    with translation.override("en-xx"):
        assert context()["levels"][0]["name"] == "Aggregate and management information"
