"""The pages of a comparison: which texts a reader may choose, what is shown, the PDF (SIG-new)."""

import io
from datetime import date

import pikepdf
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.pdf import RenderError
from portal.permissions import Role
from portal.tenancy import scope
from protocols import views_compare, workflow
from protocols.models import Clause
from tests.builders import NOW, advance, make_framework, make_member, make_organisation, make_party, make_version

pytestmark = pytest.mark.django_db


class Case:
    """1.0 in force after two circulated drafts; 2.0 circulated once and back on the desk.

    `partner` is a party of 1.0, `joiner` of 2.0 alone, `stranger` of nothing.
    """

    def __init__(self, client):
        self.client = client
        self.framework = make_framework()
        with scope(self.framework.pk), transaction.atomic():
            names = ("lead", "partner", "joiner", "stranger")
            self.bodies = {name: make_organisation(name.title(), framework=self.framework) for name in names}
            self.first = make_version(framework=self.framework, parties=0)
            for name in ("lead", "partner"):
                make_party(self.first, self.bodies[name])
            self.round(self.first)
            self.say(self.first, "We share what is strictly needed.")
            advance(self.first, "in-force")
            self.protocol = self.first.protocol
            self.second = workflow.next_version(self.protocol, major=True, by=None, now=NOW)
            self.second.effective_on = date(2027, 1, 1)
            self.second.save()
            make_party(self.second, self.bodies["joiner"])
            self.say(self.second, "We share what is needed for the purpose.")
            self.round(self.second)
            self.say(self.second, "A later thought of the drafter.")
        self.people = {"drafter": make_member(self.framework, Role.DRAFTER, self.bodies["lead"])}
        for name in ("partner", "joiner", "stranger"):
            self.people[name] = make_member(self.framework, Role.REPRESENTATIVE, self.bodies[name])

    @staticmethod
    def round(version):
        """One consultation, and back to the desk."""
        one = workflow.open_consultation(version, closes_on=date(2026, 7, 1), by=None, now=NOW)
        workflow.close_consultation(one, by=None, now=NOW)
        workflow.take_back(version, reason="Comments", by=None, now=NOW)

    @staticmethod
    def say(version, text):
        """What clause 1.1 says."""
        Clause.objects.filter(version=version, label="1.1").update(text=text)

    def get(self, who, *sides, name="redline", **query):
        """A page, as somebody."""
        if self.people.get(who):
            self.client.force_login(self.people[who])
        return self.client.get(reverse(name, args=[self.framework.slug, self.protocol.reference, *sides]), query)

    def offered(self, who):
        """The texts that the chooser offers, newest first."""
        form = self.get(who, name="compare").context["form"]
        return [key for key, _words in form.fields["old"].choices] if form else []


@pytest.fixture
def case(client):
    """As above."""
    return Case(client)


def test_a_drafter_compares_everything_a_party_what_it_got(case):
    """A circulated draft stays readable for those who got it; the draft on the desk is for those who see all."""
    assert case.offered("drafter") == ["2.0", "2.0-draft-1", "1.0", "1.0-draft-1"]
    assert case.offered("partner") == ["2.0-draft-1", "1.0", "1.0-draft-1"]
    assert case.offered("joiner") == []
    page = case.get("joiner", name="compare").content
    assert b"only one text" in page
    above = f'href="{reverse("protocol", args=[case.framework.slug, case.protocol.reference])}"'.encode()
    assert (above in page, above in case.get("partner", name="compare").content) == (False, True)


ANSWERS = [
    ("partner", ("1.0", "2.0"), 404),  # the draft on the drafter's desk
    ("partner", ("2.0", "1.0"), 404),
    ("joiner", ("1.0", "2.0-draft-1"), 404),  # 1.0 was never the joiner's
    ("joiner", ("1.0-draft-1", "2.0-draft-1"), 404),
    ("stranger", ("1.0-draft-1", "1.0"), 404),
    ("drafter", ("1.0", "3.0"), 404),
    ("drafter", ("1.0", "1.0-draft-9"), 404),
    ("drafter", ("01.0", "2.0"), 404),
    ("drafter", ("1.0", "1.0"), 409),
]


@pytest.mark.parametrize("name", ["redline", "redline-pdf"])
def test_both_sides_must_be_the_readers(case, name):
    """A side that the reader may not see does not exist; a text is not compared with itself."""
    assert case.get("nobody", "1.0-draft-1", "1.0", name=name).status_code == 302
    found = [(who, sides, case.get(who, *sides, name=name).status_code) for who, sides, _status in ANSWERS]
    assert found == ANSWERS
    assert case.get("stranger", name="compare").status_code == 404


def test_what_changed_is_marked_in_words(case):
    """Insertions and deletions by element, sign and hidden words; the sum in a sentence; a list that leads there."""
    response = case.get("partner", "1.0", "2.0-draft-1")
    page = response.content.decode()
    assert "What changed from 1.0 to 2.0 draft 1" in page
    # two dates, and the party that joins
    assert "1 clause changed; 3 changes in details and schedules." in page
    assert "strictly " in page.split("<del>")[2].split("</del>")[0]  # the first is the legend's
    assert "[taken out:" in page
    assert "[put in:" in page
    clause = next(one for one in response.context["changes"])
    assert f'href="#{clause["anchor"]}"' in page
    assert f'id="{clause["anchor"]}"' in page
    assert "A later thought" not in page


def test_changes_only_leave_out_what_stayed(case):
    """The section keeps its heading, so that the reader knows where the clause stands; other definitions are gone."""
    whole = case.get("drafter", "1.0", "2.0").content.decode()
    changes = case.get("drafter", "1.0", "2.0", show="changes").content.decode()
    assert "means anything written down." in whole
    assert "means anything written down." not in changes
    assert "1 Purpose" in changes
    assert "A later thought" in changes
    assert 'aria-current="page">Changes only' in changes


def test_the_address_keeps_both_sides(case):
    """The chooser leads to an address that can be sent on, older text first, whichever way round was chosen."""
    response = case.get("drafter", name="compare", old="2.0", new="1.0-draft-1")
    assert response.url == reverse("redline", args=[case.framework.slug, case.protocol.reference, "1.0-draft-1", "2.0"])
    form = case.get("drafter", name="compare").context["form"]
    assert (form["old"].value(), form["new"].value()) == ("1.0", "2.0")


def test_a_wrong_choice_is_said_clearly(case):
    """Beside the field, with the choice kept."""
    for query, words in (
        ({"old": "1.0", "new": "1.0"}, "Choose two different texts"),
        ({"old": "1.0"}, "Select the later text"),
        ({"old": "7.0", "new": "1.0"}, "Select earlier text from the list"),
    ):
        page = case.get("drafter", name="compare", **query).content.decode()
        assert words in page
        assert "Error: " in page


def test_nothing_is_written_and_the_statements_stay_few(case):
    """GET changes nothing; the number of statements does not grow with the drafts."""
    address = case.get("drafter", "1.0", "2.0").request["PATH_INFO"]
    with CaptureQueriesContext(connection) as captured:
        case.client.get(address)
    sql = [one["sql"].split()[0] for one in captured]
    assert not {"INSERT", "UPDATE", "DELETE"} & set(sql)
    assert sql.count("SELECT") <= 24


def test_the_pdf_says_that_it_is_no_signed_document(case, monkeypatch):
    """Title, language and the words for what was put in and taken out; it is kept nowhere."""
    response = case.get("drafter", "1.0", "2.0", name="redline-pdf", show="changes")
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment; filename=")
    with pikepdf.open(io.BytesIO(response.content)) as pdf:
        assert str(pdf.docinfo.Title).startswith("Comparison of 1.0 with 2.0: ")
        assert str(pdf.Root.Lang) == "en-GB"

    def refuse(*_arguments, **_options):
        raise RenderError("The document took longer than 40 seconds.")

    monkeypatch.setattr(views_compare, "comparison_pdf", refuse)
    assert case.get("drafter", "1.0", "2.0", name="redline-pdf").status_code == 409


def test_the_protocol_page_leads_there(case):
    """Compare beside the text; what the next version changes beside the news of it."""
    page = case.client
    page.force_login(case.people["drafter"])
    body = page.get(reverse("protocol", args=[case.framework.slug, case.protocol.reference])).content.decode()
    base = f"/{case.framework.slug}/protocols/{case.protocol.reference}/compare/"
    assert f'href="{base}"' in body
    assert f'href="{base}1.0/2.0/?show=changes"' in body
