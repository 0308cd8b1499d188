"""What the pages of deadlines, feeds and closure days name, in the demonstration."""

from datetime import timedelta

from portal.models import CalendarFeed, ClosureDay, Deadline, SavedFilter, User


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
