"""What the journey does not type itself: the rest of the Haringey text, and the general protocol above it."""

from django.db import transaction

from portal import clock
from portal.models import User
from portal.tenancy import scope
from protocols import demo_texts
from protocols.models import Clause, DataFlow, DataItem, Purpose, Term, Version
from signatories.demo import Story

TEXT = demo_texts.load("haringey")
FACTS = TEXT["protocol"]
REFERENCE = FACTS["reference"]
COUNCIL, TRUST, POLICE = (party["organisation"] for party in TEXT["parties"])
CLAUSES = demo_texts.with_uids(TEXT["clauses"], REFERENCE)


def section(label: str) -> dict:
    """A numbered section of the text, references resolved."""
    return next(clause for clause in CLAUSES if clause["label"] == label)


def add_the_rest(framework) -> Version:
    """Put in what is not there yet. What was typed in the browser stays as it is, and must say what the text says."""
    with scope(framework.pk), transaction.atomic():
        version = Version.objects.select_related("protocol").get(protocol__reference=REFERENCE)
        typed = version.clauses.count()
        assert add_clauses(version, CLAUSES, None) == typed, "A clause that was typed is not the text's own."
        own = {"framework": framework, "version": version}
        for model, key, rows in (
            (Term, "term", TEXT["definitions"]),
            (Purpose, "label", TEXT["purposes"]),
            (DataItem, "label", TEXT["data_items"]),
        ):
            for row in rows:
                model.objects.get_or_create(**own, **{key: row[key]}, defaults=row)
        for number, row in enumerate(demo_texts.flows(TEXT), 1):
            DataFlow.objects.get_or_create(**own, label=f"F{number}", defaults=row)
        return version


def add_clauses(version, nodes, parent) -> int:
    """Add a level of the tree and what is below it, in the order of the text; returns how many were there before."""
    found = 0
    for order, node in enumerate(nodes, 1):
        facts = {name: node[name] for name in ("kind", "label", "title", "text")}
        row = version.clauses.filter(parent=parent, **facts).first()
        found += row is not None
        if row is None:
            row = Clause(framework_id=version.framework_id, version=version, parent=parent, uid=node["uid"], **facts)
        row.order = order
        row.save()
        found += add_clauses(version, node["children"], row)
    return found


def general_protocol(framework, people: dict[str, str], *, now) -> None:
    """The protocol above it (HAR-10): signed by the same three, in force from today, all of it by the real verbs.

    people: role or organisation → address of the person.
    """
    story = Began(framework, people, now=now)
    text = demo_texts.load("haringey_general")
    with scope(framework.pk), transaction.atomic():
        version = story.begin(text, text["protocol"]["reference"], None, now)
        story.fill(version, text)
        version.effective_on = version.sign_by = clock.london_date(now)
        version.review_first_months, version.review_then_months = 6, 12
        version.save()
        story.approve_and_open(version, approved=0, opened=0, minute="Minute 3")
        story.sign_all(version)


class Began(Story):
    """The demonstration's story on a framework that people have begun in their browsers."""

    def __init__(self, framework, people, *, now):
        super().__init__(framework.slug, now=now)
        self.framework, self.people = framework, people

    def day(self, offset, at=None):
        """Everything happens now, whatever the day and the hour."""
        return self.now

    def who(self, role):
        """The person with a role."""
        return User.objects.get(email=self.people[role])

    def sign_all(self, version):
        """Each representative signs, with a code of their own app."""
        self.user = {email: User.objects.get(email=email) for email in self.people.values()}
        self.sign(version, first=0)
