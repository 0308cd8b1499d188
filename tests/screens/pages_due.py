"""Pages of deadlines, calendars, feeds, closure days and the progress report."""

from tests.screens.ways import ADMIN, SECRETARY, SIGNER, Page, fill, send

DUE = [
    Page("deadlines", SECRETARY, framework="anyshire"),
    Page("deadlines", SECRETARY, framework="anyshire", state="filtered", query="?state=all&rule=review.first&first=x"),
    Page("deadlines", SIGNER, framework="anyshire", state="nothing found", query="?protocol=zzz"),
    Page("calendar", SECRETARY, framework="anyshire"),
    Page("calendar", SECRETARY, framework="anyshire", state="empty month", query="?month=2050-02"),
    Page("deadline", SECRETARY, {"pk": "deadline"}),
    Page("deadline", SECRETARY, {"pk": "provisional_deadline"}, state="provisional"),
    Page("saved-filter-new", SECRETARY, query="?state=overdue"),
    Page("saved-filter-new", SECRETARY, state="empty", query="?state=overdue", before=send),
    Page("saved-filter-delete", SECRETARY, {"pk": "saved_filter"}),
    Page("progress", SECRETARY, framework="anyshire"),
    Page("calendar-feeds", SECRETARY),
    Page("calendar-feeds", SECRETARY, state="made", before=send),
    Page("calendar-feed-revoke", SECRETARY, {"pk": "feed"}),
    Page(
        "closure-days", ADMIN, state="what moves", before=fill(date="29 December 2026", title="Council offices closed")
    ),
    Page("closure-day-remove", ADMIN, {"pk": "closure_day"}),
]
