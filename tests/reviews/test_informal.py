"""Sharing outside the protocol is reported without blame, and becomes a finding (KEN-3.2iii)."""

from django.urls import reverse

from portal.models import AuditEvent
from reviews import informal
from reviews.models import Finding, InformalReport
from tests.builders import NOW


def test_a_report_becomes_a_finding_of_the_next_review(case):
    """KEN-3.2iii: once, when the review begins; one that comes while it is in progress at once."""
    informal.report(case.protocol, text="By telephone", why="Too slow", now=NOW)
    review = case.review("in-progress")
    finding = review.findings.get()
    assert (finding.is_informal, finding.severity) == (True, "medium")
    assert "By telephone" in finding.text
    assert "Too slow" in finding.text
    informal.report(case.protocol, text="By fax", now=NOW)
    assert review.findings.count() == 2
    assert not informal.waiting(case.protocol).exists()


def test_nobody_is_named_who_does_not_wish_it(case, client):
    """KEN-3.2iii: neither the row nor the ledger knows the person, the address or the browser; with a tick the name stays."""
    client.force_login(case.viewer)
    address = reverse("informal-report", args=[case.framework.slug, case.protocol.reference])
    assert client.post(address, {"text": "By telephone", "why": ""}).status_code == 302
    report = InformalReport.objects.get()
    event = AuditEvent.objects.select_related("person").get(verb="reviews.informalreport:made")
    assert report.reported_by is None
    assert (event.person.user_id, event.person.name, event.person.ip, event.person.user_agent) == (None, "", "", "")
    assert event.request_id == ""
    client.post(address, {"text": "By fax", "with_name": "on"})
    assert InformalReport.objects.get(text="By fax").reported_by == case.viewer


def test_what_was_typed_is_not_lost(case, client):
    """An empty report comes back with what was written beside it."""
    client.force_login(case.viewer)
    address = reverse("informal-report", args=[case.framework.slug, case.protocol.reference])
    page = client.post(address, {"text": "", "why": "Because it takes days"}).content.decode()
    assert "Say what was shared, and how" in page
    assert "Because it takes days" in page
    assert not Finding.objects.exists()
