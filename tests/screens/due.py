"""Pages of deadlines, calendars, feeds, closure days and the progress report, and what they need."""

from datetime import timedelta

from portal.models import CalendarFeed, ClosureDay, Deadline, SavedFilter, User
from tests.screens.ways import ADMIN, SECRETARY, SIGNER, Page, fill, send


def things(world, framework) -> dict:
    """What the addresses of these pages name."""
    return {
        "deadline": Deadline.objects.filter(rule="review.first").first().pk,
        "saved_filter": SavedFilter.objects.create(
            framework=framework,
            user=User.objects.get(email=world.person("secretary")),
            name="Late reviews",
            query="state=overdue&rule=review.first",
            saved_at=world.now,
        ).pk,
        "closure_day": ClosureDay.objects.create(
            framework=framework, date=world.now.date() + timedelta(days=40), title="Council offices closed"
        ).pk,
        "feed": CalendarFeed.objects.make(framework, User.objects.get(email=world.person("secretary")), now=world.now)[
            0
        ].pk,
    }


DUE = [
    Page("deadlines", SECRETARY, framework="anyshire"),
    Page("deadlines", SECRETARY, framework="anyshire", state="filtered", query="?state=all&rule=review.first&first=x"),
    Page("deadlines", SIGNER, framework="anyshire", state="nothing found", query="?protocol=zzz"),
    Page("calendar", SECRETARY, framework="anyshire"),
    Page("calendar", SECRETARY, framework="anyshire", state="empty month", query="?month=2050-02"),
    Page("deadline", SECRETARY, {"pk": "deadline"}),
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
