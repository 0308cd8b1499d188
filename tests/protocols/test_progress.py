"""The progress report for the board (KEN-6iii): its figures, its page, and that it counts only what the reader sees."""

from datetime import date

import pytest
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from portal import subjects
from portal.permissions import Access, Role
from protocols import progress, progress_page
from protocols.models import Party, Protocol
from tests.builders import NOW, advance, make_organisation, make_version
from tests.portal.duties import Duties, at

pytestmark = pytest.mark.django_db
LATER = at(2027, 1, 5)


@pytest.fixture
def duties():
    """One protocol in force, one that has no version yet."""
    return Duties()


def figures(duties, role=Role.SECRETARY, now=LATER, organisation=None):
    """The report of somebody with this role."""
    user = duties.member(role, organisation)
    with duties.scope(), transaction.atomic():
        return progress.of(Access.of(user, duties.framework), now=now)


def test_protocols_count_once_by_the_version_that_counts(duties):
    """In force beside a newer draft is in force; a protocol with drafts only counts as a draft."""
    with duties.scope(), transaction.atomic():
        make_version(duties.protocol, major=2)
        make_version(duties.other)
    found = figures(duties)
    assert found.states == [("draft", 1), ("in-force", 1)]
    assert found.protocols == 2


def test_signed_share_of_what_is_open_or_in_force(duties):
    """Required parties: those who signed of those who were asked, tier by tier; drafts are not asked yet."""
    with duties.scope(), transaction.atomic():
        version = advance(make_version(duties.other, parties=2), "open-for-signature")
        version.parties.first().sign(by=None, now=NOW)
        Party.objects.filter(version=make_version(duties.protocol, major=2, parties=3)).count()
    found = figures(duties)
    assert [(one.tier, one.protocols, one.parties, one.signed) for one in found.signed] == [
        ("Individual protocol", 2, 4, 3)
    ]
    assert progress_page.share(found.have_signed, found.asked) == "75%"
    assert progress_page.share(0, 0) == "–"


def test_reviews_due_overdue_and_done(duties):
    """HAR-5.1, HAR-5.3: of the moment; the review of the protocol in force is due six months after it was complete."""
    assert figures(duties, now=at(2026, 10, 1)).reviews_soon == 1
    assert figures(duties).reviews_overdue == 1
    duties.owe("review.findings", start=at(2027, 1, 4))  # any review that was held owes its report, a triggered one too
    duties.owe("review.findings", start=at(2026, 1, 4))
    found = figures(duties)
    assert (found.reviews_soon, found.reviews_overdue, found.reviews_done) == (0, 1, 1)


def test_deadlines_month_by_month(duties):
    """By the month in which it was due in London: in time, late, not done yet; what is dropped or still to come is not."""
    late, met, _missed = (duties.owe(start=at(2026, 12, 18)) for _n in range(3))
    duties.owe(start=at(2027, 1, 4))  # due after the moment
    with duties.scope(), transaction.atomic():
        late.meet(by=None, now=at(2027, 1, 2))
        met.meet(by=None, now=at(2026, 12, 29))
    found = figures(duties)
    assert len(found.months) == 12
    assert (found.months[0].first, found.months[-1].first) == (date(2026, 2, 1), date(2027, 1, 1))
    december = next(one for one in found.months if one.first == date(2026, 12, 1))
    assert (december.met, december.late, december.missed) == (1, 1, 2)  # and the review, overdue since 15 December
    assert (found.due, found.in_time) == (4, 1)


def test_nothing_that_the_reader_may_not_see_is_in_a_number(duties, monkeypatch):
    """Protocols count for who may see them, and deadlines about what nobody registered nowhere."""
    assert figures(duties).protocols == 1
    none = figures(duties, Role.REPRESENTATIVE, organisation=make_organisation(framework=duties.framework))
    assert (none.states, none.signed, none.due) == ([], [], 0)
    monkeypatch.delitem(subjects.KINDS, Protocol._meta.label_lower)
    found = figures(duties)
    assert (found.due, found.reviews_overdue) == (0, 0)


def test_page_has_each_picture_with_its_sentence_and_its_table(duties, client):
    """Every number of a picture stands in a table; roles that do not see all protocols get 403."""
    duties.owe(start=at(2026, 6, 1))
    client.force_login(duties.member())
    page = client.get(reverse("progress", args=[duties.framework.slug])).content.decode()
    assert page.count("<svg xmlns") - page.count("govuk") * 0 >= 3
    assert page.count('role="img"') == page.count("<figure")
    shown = progress_page.of(figures(duties)) | {"framework": "x", "heading": "y"}
    printed = render_to_string("pdf/progress.html", shown)
    assert "Share of the deadlines that were met in time</th>" in printed
    assert "Of deadlines" not in printed
    for words in ("1 of 1 protocol is in force.", "2 of 2 required parties have signed", "Deadlines over time", "100%"):
        assert words in page
    client.force_login(duties.member(Role.REPRESENTATIVE, duties.partner))
    for name in ("progress", "progress-pdf"):
        assert client.get(reverse(name, args=[duties.framework.slug])).status_code == 403
