"""What the pages of deadlines, feeds and closure days name, in the demonstration."""

from datetime import UTC, datetime, timedelta

from portal.models import CalendarFeed, ClosureDay, Deadline, SavedFilter, User
from protocols.models import Protocol


def things(world, framework) -> dict:
    """What the addresses of these pages name."""
    return {
        "deadline": Deadline.objects.filter(rule="review.first").first().pk,
        "provisional_deadline": Deadline.objects.start(
            "meeting.minutes",
            Protocol.objects.get(reference="HSP-ISP-014"),
            framework=framework,
            start=datetime(2030, 12, 30, 12, tzinfo=UTC),
            now=world.now,
            nation=framework.nation,
        ).pk,
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
