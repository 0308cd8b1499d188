"""The pages of a report and of a breach as people use them."""

import io

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from breaches.models import Breach, ReportDraft
from breaches.parties import protocols_for
from portal import clock
from portal.models import Deadline
from portal.permissions import Role
from tests.builders import make_member

pytestmark = pytest.mark.django_db


def client_of(user) -> Client:
    """Signed in."""
    client = Client()
    client.force_login(user, backend="portal.accounts.AuthenticationBackend")
    return client


@pytest.fixture
def walk(case):
    """Walk through the report as a viewer of a party; gives the client and what was asked."""
    client = client_of(case.teacher)
    slug = case.framework.slug
    response = client.post(reverse("breach-report", args=[slug]))
    for key, answers in case.answers(personal_data="yes", data_kinds="addresses", controllers=[case.trust.pk]).items():
        assert response.status_code == 302 and response["Location"].endswith(f"/{key}/")
        assert client.get(response["Location"]).status_code == 200
        response = client.post(response["Location"], answers)
    assert response["Location"] == reverse("breach-report-check", args=[slug, ReportDraft.objects.get().pk])
    return client, response["Location"]


def test_five_questions_check_and_send(case, walk):
    """HAR-6.1: a viewer of a party reports; the confirmation names the 72-hour clock first (READ-9)."""
    client, check = walk
    page = client.get(check).content.decode()
    assert "A list went to the wrong address." in page and "Send the report" in page
    response = client.post(check, follow=True)
    text = response.content.decode()
    assert "Breach reported" in text and "BR-001" in text
    assert text.index("First: the regulator") < text.index("What happens next")
    # the organisation for which it was reported is not told of it and has read it; the one in breach is told
    assert "Told by email: Trust, Council, Police." in text
    notice = Breach.objects.get().notices.get(organisation=case.school)
    assert (notice.acknowledged_by, notice.told_at) == (case.teacher, notice.acknowledged_at)
    assert "Acknowledge for School" not in client.get(reverse("breach", args=[case.framework.slug, 1])).content.decode()
    again = client.post(check)
    assert again["Location"].endswith("/breaches/1/reported/")
    assert Breach.objects.count() == 1


def test_save_and_come_back(case):
    """Whatever was typed is kept, right or wrong; nobody else finds it."""
    client, slug = client_of(case.teacher), case.framework.slug
    first = client.post(reverse("breach-report", args=[slug]))["Location"]
    client.post(first, {"what_happened": "Half a sent", "occurred_from_day": "41", "later": "1"})
    page = client.get(first).content.decode()
    assert "Half a sent" in page and 'value="41"' in page and "error-summary" not in page
    assert "Report begun on" in client.get(reverse("breach-report", args=[slug])).content.decode()
    for other in (case.secretary, case.auditor, case.guilty):
        assert client_of(other).get(first).status_code == 404
        assert "Report begun on" not in client_of(other).get(reverse("breach-report", args=[slug])).content.decode()
    check = reverse("breach-report-check", args=[slug, ReportDraft.objects.get().pk])
    assert client.post(check).status_code == 409
    assert client.post(f"{check}discard/").status_code == 302
    assert not ReportDraft.objects.exists()


def test_page_of_a_breach(case, walk):
    """The regulator first; the picture, its sentence and its table; a party is asked to acknowledge, once."""
    client, check = walk
    client.post(check)
    url = reverse("breach", args=[case.framework.slug, 1])
    officer = client_of(case.officer)
    text = officer.get(url).content.decode()
    assert text.index("notify the regulator by") < text.index("Breach clock")
    assert "<svg" in text and "What was due when" in text
    assert "Acknowledge for Police" in text and "Acknowledge for School" not in text
    notice = Breach.objects.get().notices.get(organisation=case.police)
    assert officer.post(f"{url}notices/{notice.pk}/acknowledge/").status_code == 302
    assert "Acknowledge for Police" not in officer.get(url).content.decode()
    assert client_of(case.guilty).post(f"{url}notices/{notice.pk}/acknowledge/").status_code == 404


def test_register_and_its_export(case):
    """UK-33e: every breach stands in it; CSV and workbook are guarded against formulas; strangers see none."""
    case.report(
        what_happened="=SUM(A1:A9) went wrong", personal_data="yes", data_kinds="x", controllers=[case.trust.pk]
    )
    case.report()
    slug = case.framework.slug
    client = client_of(case.officer)
    page = client.get(reverse("breaches", args=[slug])).content.decode()
    assert "BR-001" in page and "BR-002" in page
    assert (
        "BR-001" not in client.get(reverse("breaches", args=[slug]) + "?q=BR-002").content.decode().split("<table")[1]
    )
    text = client.get(reverse("breaches-csv", args=[slug])).content.decode("utf-8-sig")
    assert "'=SUM(A1:A9) went wrong" in text and "Trust: " in text
    answer = client.get(reverse("breaches-xlsx", args=[slug]) + "?state=open")
    assert answer["Content-Disposition"] == 'attachment; filename="breaches.xlsx"'
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).active.rows)
    assert [row[0].value for row in rows] == ["Breach", "BR-002", "BR-001"]
    assert {(cell.data_type, cell.value) for cell in rows[2]} >= {("s", "'=SUM(A1:A9) went wrong")}
    assert not [cell for row in rows for cell in row if cell.data_type == "f"]
    stranger = client_of(make_member(case.framework, Role.DRAFTER))
    for name in ("breaches-csv", "breaches-xlsx"):
        assert b"BR-001" not in stranger.get(reverse(name, args=[slug])).content
    # who reports a breach chooses among the protocols that they may see (READ-9)
    for user, offered in ((case.teacher, [case.protocol]), (make_member(case.framework), [])):
        assert protocols_for(case.access(user)) == offered
    only = openpyxl.load_workbook(io.BytesIO(stranger.get(reverse("breaches-xlsx", args=[slug])).content)).active
    assert only.max_row == 1


def test_todo_and_subjects(case, walk):
    """What there is to do names the reference only; deadlines of a breach are listed for who may see it."""
    client, check = walk
    client.post(check)
    text = client_of(case.officer).get("/me/").content.decode()
    assert "Acknowledge breach BR-001 for Police" in text
    assert "wrong address" not in text
    text = client_of(case.guilty).get("/me/").content.decode()
    assert "Notify the regulator" in text
    assert Deadline.objects.filter(rule="breach.notify_ico").get().subject.get_absolute_url().endswith("/regulator/")
    assert clock.now()
