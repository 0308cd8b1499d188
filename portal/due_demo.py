"""Chapter of the demonstration: filters that somebody keeps, and a closure day that has moved dates (READ-8)."""

from portal import closures, tenancy
from portal.demo import chapter
from portal.models import SavedFilter
from portal.models.deadline import calendar_of


@chapter("anyshire", last=True)
def anyshire(story) -> None:
    """Told last, so that the deadlines of the other chapters are there to be moved."""
    framework, secretary = story.framework, story.who("secretary")
    with tenancy.scope(framework.pk):
        for name, query in (("Overdue everywhere", "state=overdue"), ("First reviews", "rule=review.first")):
            SavedFilter.objects.create(
                framework=framework, user=secretary, name=name, query=query, saved_at=story.day(-20)
            )
        day = calendar_of(framework, framework.nation).next_working_day(story.date(2))
        closures.add(framework, day, "County offices closed", by=story.who("framework_admin"), now=story.now)
