"""Pages of deadlines: list, one of them, CSV and XLSX, saved filters (READ-1 to READ-12 as far as a row shows them)."""

import csv
import io

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from portal import workflow
from portal.deadlines import RULES, Override
from portal.models import ClosureDay, SavedFilter
from portal.models.people import sync_permissions
from portal.permissions import Role
from tests.builders import NOW
from tests.portal.duties import Duties, at

pytestmark = pytest.mark.django_db


@pytest.fixture
def duties(client):
    """A framework whose secretary is signed in."""
    duties = Duties()
    duties.client, duties.secretary = client, duties.member()
    client.force_login(duties.secretary)
    return duties


def address(duties, name, *args, query=""):
    """An address in the framework."""
    return reverse(name, args=[duties.framework.slug, *args]) + query


def page(duties, name, *args, query=""):
    """The text of a page."""
    answer = duties.client.get(address(duties, name, *args, query=query))
    assert answer.status_code == 200
    return answer.content.decode()


def test_page_shows_rule_source_inputs_and_the_count_in_words(duties):
    """READ-1, READ-3, READ-7: a review on a Sunday stays there, with a note; working days name the days left out."""
    review = page(duties, "deadline", duties.owe("review.findings", start=at(2026, 12, 13)).pk)
    for words in (
        str(RULES["review.findings"].duty),
        "HAR-5.3: Haringey information sharing protocol, clause 5.3",
        "13 December 2026",
        "1 month",
    ):
        assert words in review
    minutes = page(duties, "deadline", duties.owe(start=at(2026, 12, 18), owner=duties.partner).pk)
    for words in (
        "HAR-6.6", "the meeting", "5 working days", "Friday 25 December 2026 (Christmas Day)", "England and Wales",
        "31 December 2030", "29 December 2026", "Partner Trust", "REF-ONE First protocol", "The source says working days",
    ):  # fmt: skip
        assert words in minutes
    plain = page(duties, "deadline", duties.owe("indemnity.response", start=at(2026, 12, 18)).pk)
    assert "not working days: every day counts" in plain


def test_a_date_on_a_day_off_stays_with_a_note(duties):
    """READ-3: 13 June 2027 is a Sunday."""
    shown = page(duties, "deadline", duties.owe("review.first", subject=duties.other, start=at(2026, 12, 13)).pk)
    assert "is not a working day (weekend). The date stays." in shown


def test_a_breach_found_late_shows_the_strict_and_the_practical_date(duties):
    """READ-4: both dates with their labels, on the page and in the list."""
    late = duties.owe(
        "breach.report", start=at(2026, 11, 2), found_late=True, practical_at=at(2026, 12, 2),
        practical_explanation="Counted from the identification on 18 November.",
    )  # fmt: skip
    shown = page(duties, "deadline", late.pk)
    for words in (
        "Strict date, counted from the breach", "16 November 2026", "ould not be met: found late",
        "Practical date, counted from the identification", "2 December 2026", "Counted from the identification on 18",
    ):  # fmt: skip
        assert words in shown
    row = page(duties, "deadlines", query="?rule=breach.report")
    assert "practical date 2 December 2026" in row
    assert "could not be met: found late" in row


def test_an_assumed_start_and_a_provisional_date_are_marked(duties):
    """READ-5, READ-8."""
    assumed = duties.owe("breach.meeting", assumed=True)
    assert "the date of the breach is not known" in page(duties, "deadline", assumed.pk)
    far = duties.owe(start=at(2030, 12, 30))
    shown = page(duties, "deadline", far.pk)
    assert "rovisional: bank holidays are not known that far ahead" in shown
    assert "bank holidays are known only from" in shown
    assert "provisional" in page(duties, "deadlines", query="?first=2031-01-01")


def test_clause_of_the_protocol_and_what_the_law_sets(duties):
    """READ-10: a length of the protocol's own with its clause; READ-9: the regulator's clock stands alone."""
    own = duties.owe(overrides={"meeting.minutes": Override(3, "6.6")})
    assert "Clause 6.6 of the protocol, which has a length of its own" in page(duties, "deadline", own.pk)
    assert "HAR-6.6, clause 6.6" in page(duties, "deadlines")
    regulator = page(duties, "deadline", duties.owe("breach.notify_ico", start=at(2027, 3, 26, 12)).pk)
    for words in ("No other date stands for it", "set by law", "29 March 2027 at 1pm", "UK GDPR article 33"):
        assert words in regulator
    assert "29 March 2027 at 1pm" in page(duties, "framework")  # among what needs doing, since hours count
    partners = page(duties, "deadline", duties.owe("breach.notify_partners").pk)
    assert "Keeping it says nothing about the regulator" in partners


def test_warnings_towards_day_29(duties):
    """READ-12: rolled to the next working day, warnings work towards the day before the last."""
    shown = page(duties, "deadline", duties.owe("complaint.acknowledge", start=at(2026, 11, 26)).pk)
    for words in ("29 December 2026", "Warnings work towards", "25 December 2026"):
        assert words in shown


def test_earlier_dates_and_why_they_moved(duties):
    """READ-8: the date it had, the reason and how it had been counted stay on the page; warnings keep the earlier date."""
    deadline = duties.owe(start=at(2026, 12, 18))
    with duties.scope(), transaction.atomic():
        ClosureDay.objects.create(framework=duties.framework, date=at(2026, 12, 29).date(), title="Offices closed")
        deadline.recount(by=duties.secretary, now=NOW, reason="A closure day was added")
    shown = page(duties, "deadline", deadline.pk)
    for words in (
        "Moved from 29 December 2026 to 30 December 2026", "A closure day was added", "Warnings work towards",
        "How 29 December 2026 was counted, until 15 June 2026 at 11am", "The deadline is the end of Tuesday 29 December 2026.",
    ):  # fmt: skip
        assert words in shown


def test_what_is_done_says_when(duties):
    """Done, done late, no longer to be done."""
    deadline = duties.owe(start=at(2026, 12, 18))
    with duties.scope(), transaction.atomic():
        deadline.meet(by=duties.secretary, now=at(2027, 1, 5))
    shown = page(duties, "deadline", deadline.pk)
    assert "Done late" in shown
    assert "5 January 2027 at 9am" in shown
    assert "overdue by" not in shown


def test_hidden_from_those_who_may_not_see_its_subject(duties):
    """404 for the page, nothing in list, downloads and calendar."""
    hidden = duties.owe(subject=duties.other, start=at(2026, 12, 18))
    duties.client.force_login(duties.member(Role.REPRESENTATIVE, duties.partner))
    assert duties.client.get(address(duties, "deadline", hidden.pk)).status_code == 404
    for name, query in (("deadlines", ""), ("deadlines-csv", ""), ("calendar", "?month=2026-12")):
        assert "REF-TWO" not in page(duties, name, query=query)
    assert ["REF-TWO" in str(row[1].value) for row in workbook(duties).iter_rows(min_row=2)] == [False]


def workbook(duties, query=""):
    """The sheet of the download."""
    answer = duties.client.get(address(duties, "deadlines-xlsx", query=query))
    assert answer["Content-Disposition"].endswith('.xlsx"')
    assert "no-store" in answer["Cache-Control"]
    return load_workbook(io.BytesIO(answer.content)).active


def test_downloads_have_the_rows_and_the_filters_of_the_page(duties):
    """The same filters in the address give the same rows in CSV and XLSX."""
    duties.owe(start=at(2026, 12, 18))
    duties.owe("audit.notice", subject=duties.other)
    query = "?rule=meeting.minutes"
    lines = list(csv.reader(io.StringIO(page(duties, "deadlines-csv", query=query).lstrip("\ufeff"))))
    assert [line[3] for line in lines[1:]] == ["2026-12-29"]
    assert lines[1][:3] == [
        "Circulate the minutes with action and sanctions", "REF-ONE First protocol", "The board secretaries of the framework",
    ]  # fmt: skip
    rows = [[cell.value or "" for cell in row] for row in workbook(duties, query).iter_rows()]
    assert rows == lines


def test_no_cell_is_a_formula(duties):
    """A title that a spreadsheet would run is text, in both downloads."""
    with duties.scope(), transaction.atomic():
        duties.other.reference, duties.other.title = "=1+1", "=cmd()"
        duties.other.save()
    duties.owe(subject=duties.other)
    assert '"\'=1+1 =cmd()"' in page(duties, "deadlines-csv")
    cell = next(cell for row in workbook(duties).iter_rows() for cell in row if "cmd" in str(cell.value))
    assert (cell.value, cell.data_type) == ("'=1+1 =cmd()", "s")


def list_of(shown) -> str:
    """The table, without the choices of the filter."""
    return "".join(part.partition("</table>")[0] for part in shown.split("<table")[1:])


def test_filters_stand_in_the_address_and_can_be_taken_off(duties):
    """Each filter in use is a tag with the address without it; nonsense is said and narrows nothing."""
    duties.owe(owner=duties.partner)
    query = f"?rule=meeting.minutes&organisation={duties.partner.pk}&first=1+January+2026"
    shown = page(duties, "deadlines", query=query)
    assert "Organisation: Partner Trust" in shown
    assert "From: 1 January 2026" in shown
    assert 'href="?rule=meeting.minutes&amp;first=1+January+2026"' in shown
    for part, shows in (("ef-on", True), ("REF-ONE", True), ("REF-TWO", False)):
        assert ("Circulate the minutes" in list_of(page(duties, "deadlines", query=f"?protocol={part}"))) is shows
    wrong = page(duties, "deadlines", query="?first=32+foo&rule=none&organisation=x")
    assert "must be a real date" in wrong
    assert "Circulate the minutes" in wrong


def test_saved_filters_are_ones_own(duties):
    """Saved under a name, used by a link, deleted; nobody else sees or deletes them; they grant nothing."""
    new = address(duties, "saved-filter-new", query="?state=overdue&rule=meeting.minutes&nonsense=1")
    assert "Duty: Circulate the minutes" in duties.client.get(new).content.decode()
    sent = {"name": "Late minutes", "query": "state=overdue&rule=meeting.minutes&nonsense=1"}
    assert duties.client.post(new, sent).status_code == 302
    assert "Late minutes" in page(duties, "deadlines")
    with duties.scope(), transaction.atomic():
        saved = SavedFilter.objects.get()
        assert saved.query == "state=overdue&rule=meeting.minutes"
    assert f"?{saved.query.replace('&', '&amp;')}" in page(duties, "deadlines")
    again = duties.client.post(new, sent | {"name": "late MINUTES"})
    assert "You have filters of this name already" in again.content.decode()
    delete = address(duties, "saved-filter-delete", saved.pk)
    duties.client.force_login(duties.member(Role.FRAMEWORK_ADMIN))
    assert "Late minutes" not in page(duties, "deadlines")
    assert duties.client.get(delete).status_code == 404
    assert duties.client.post(delete).status_code == 404
    duties.client.force_login(duties.secretary)
    assert "Late minutes" in duties.client.get(delete).content.decode()
    assert duties.client.post(delete).status_code == 302
    assert "Late minutes" not in page(duties, "deadlines")


def test_a_saved_filter_grants_nothing_to_who_lost_the_role(duties):
    """From secretary to viewer of the partner: the same address, what a viewer may see; without a role 404 everywhere."""
    duties.owe(), duties.owe(subject=duties.other)
    new = address(duties, "saved-filter-new", query="?rule=meeting.minutes")
    duties.client.post(new, {"name": "Minutes", "query": "rule=meeting.minutes"})
    with duties.scope(), transaction.atomic():
        saved, role = SavedFilter.objects.get(), duties.framework.memberships.get(user=duties.secretary)
        role.role, role.organisation = Role.VIEWER, duties.partner
        role.save()
        sync_permissions(duties.framework, duties.secretary)
    for name in ("deadlines", "deadlines-csv", "calendar"):
        shown = page(duties, name, query=f"?{saved.query}&month=2026-06")
        assert "REF-ONE" in shown
        assert "REF-TWO" not in shown
    assert "Minutes" in page(duties, "deadlines")
    with duties.scope(), transaction.atomic():
        workflow.end_membership(role, by=None, now=NOW)
    for name, args in (
        ("deadlines", ()),
        ("deadlines-csv", ()),
        ("saved-filter-new", ()),
        ("saved-filter-delete", (saved.pk,)),
    ):
        assert duties.client.get(address(duties, name, *args, query=f"?{saved.query}")).status_code == 404


def test_calendar_has_each_deadline_on_its_day_and_leads_to_other_months(duties):
    """The month in the address; filters are kept on the way to the next one; a month that is none is this month."""
    deadline = duties.owe(start=at(2026, 12, 18))
    shown = page(duties, "calendar", query="?month=2026-12&rule=meeting.minutes")
    cell = shown[shown.index('datetime="2026-12-29"') :].split("</td>")[0]
    assert address(duties, "deadline", deadline.pk) in cell
    assert "Circulate the minutes" in cell
    assert "?month=2027-01&amp;rule=meeting.minutes" in shown
    assert "?month=2026-11&amp;rule=meeting.minutes" in shown
    assert "Nothing stands in this month" in page(duties, "calendar", query="?month=2027-01")
    for month in ("2027-13", "x", "9999-12"):
        page(duties, "calendar", query=f"?month={month}")


def test_number_of_statements_is_the_same_for_few_and_many(duties):
    """List, month, downloads and the front pages ask no more for many deadlines than for few."""
    addresses = [
        *(
            address(duties, name, query="?month=2026-12")
            for name in ("deadlines", "calendar", "deadlines-csv", "framework")
        ),
        reverse("me"),
    ]

    def measured():
        found = []
        for one in addresses:
            duties.client.get(one)  # fills process-wide caches
            with CaptureQueriesContext(connection) as seen:
                assert duties.client.get(one).status_code == 200
            found.append(len(seen))
        return found

    duties.owe(start=at(2026, 12, 18))
    few = measured()
    for _n in range(15):
        duties.owe(start=at(2026, 12, 18))
    assert measured() == few
    assert max(few[:3]) <= 14  # the front pages ask every app
