"""The cycle of reviews (HAR-5.1), opened three months before (KEN-1.2), always counted from the completion date (READ-3)."""

from datetime import UTC, date, datetime, timedelta

from portal import clock, notices
from portal.models import Deadline, Job, OutgoingEmail
from portal.working_days import ENGLAND_AND_WALES
from protocols.models import Protocol, Version
from protocols.register import next_review
from reviews import cycle
from reviews.models import Review
from tests.builders import NOW, advance, fill, make_decision, make_party, make_version
from tests.reviews.holding import Case

LATER = datetime(2026, 9, 15, 0, 0, tzinfo=UTC)


def owed(case) -> list[tuple[str, str]]:
    """Open deadlines of reviews: rule and London date."""
    rows = cycle.owed(case.protocol).order_by("due_at")
    return [(one.rule, str(clock.london_date(one.due_at))) for one in rows]


def successor(case, *, major, minor=0, now):
    """The next version, complete and in force."""
    version = Version.objects.create(
        framework=case.framework, protocol=case.protocol, major=major, minor=minor, effective_on=date(2026, 6, 1),
        review_first_months=6, review_then_months=12,
    )  # fmt: skip
    fill(version)
    for organisation in (case.lead, case.partner):
        make_party(version, organisation)
    return advance(version, "in-force", now=now)


def test_a_review_is_opened_three_months_before_its_date(case):
    """KEN-1.2: not a day earlier; once, however often the worker runs; and those who take part are told once."""
    assert owed(case) == [("review.first", "2026-12-15")]
    case.run_jobs(LATER - timedelta(hours=2))
    assert not Review.objects.exists()
    for _again in range(2):
        case.run_jobs(LATER + timedelta(days=2))  # after an outage as well (READ-11)
    review = Review.objects.get()
    assert (review.kind, review.status, review.version) == ("first", "open", case.version)
    assert cycle.open_for(review.deadline, now=LATER) is None
    mails = OutgoingEmail.objects.filter(kind="reviews.opened").select_related("user")
    assert {mail.user for mail in mails} == {case.signer}, "the lead is reminded by the ladder"
    text = notices.render(mails.first())
    assert "15 December 2026" in text.body
    assert case.protocol.title not in text.subject + text.body


def test_each_date_counts_from_the_completion_date(case):
    """HAR-5.1, READ-3: 6 months, then 12 more each time, from 15 June 2026, however late a review is held."""
    review = case.review("completed", now=datetime(2027, 2, 20, 9, 0, tzinfo=UTC))  # two months late
    assert owed(case) == [("review.annual", "2027-12-15")]
    review.deadline.refresh_from_db()
    assert review.deadline.met_at is not None
    case.run_jobs(datetime(2027, 9, 15, 3, 0, tzinfo=UTC))
    annual = Review.objects.get(kind="annual")
    case.advance(annual, "completed", now=datetime(2027, 10, 1, 9, 0, tzinfo=UTC))  # early
    assert owed(case) == [("review.annual", "2028-12-15")]
    assert {one.started_at for one in Deadline.objects.filter(rule__startswith="review.a")} == {NOW}


def test_a_month_end_is_not_chained(time_machine, db):
    """READ-3: completed on 31 August 2026; 6 months later is 28 February 2027, 18 months later 29 February 2028."""
    made = Case()
    now = datetime(2026, 8, 31, 10, 0, tzinfo=UTC)
    from portal import tenancy  # noqa: PLC0415

    with tenancy.scope(made.framework.pk):
        case = made.begin(now=now)
        assert owed(case) == [("review.first", "2027-02-28")]
        case.review("completed", now=datetime(2027, 2, 1, 9, 0, tzinfo=UTC))
        assert owed(case) == [("review.annual", "2028-02-29")]


def test_rounds_that_had_passed_are_not_begun_any_more(case):
    """A review held two years late meets its own date; the next date is the first one to come, and the ledger says how
    many were missed."""
    case.review("completed", now=datetime(2028, 6, 1, 9, 0, tzinfo=UTC))
    assert owed(case) == [("review.annual", "2028-12-15")]
    assert "reviews.review:rounds-missed" in case.verbs()


def test_own_lengths_of_a_protocol(time_machine, db):
    """READ-10: 3 months, then every 24, as the version says; the clause stands with each date."""
    made = Case()
    from portal import tenancy  # noqa: PLC0415

    with tenancy.scope(made.framework.pk):
        case = made.begin(review_first_months=3, review_then_months=24)
        assert owed(case) == [("review.first", "2026-09-15")]
        case.review("completed", now=datetime(2026, 9, 1, 9, 0, tzinfo=UTC))
        assert owed(case) == [("review.annual", "2028-09-15")]
        assert "version 1.0" in cycle.owed(case.protocol).get().explanation


def test_overdue_in_public_follows_the_review(case):
    """UK-pub, READ-11: the register's next review is the open deadline of the cycle; holding the review moves it on."""

    def shown():
        return Protocol.objects.annotate(due=next_review()).get(pk=case.protocol.pk).due

    after = datetime(2027, 1, 10, 9, 0, tzinfo=UTC)
    review = case.review("in-progress")
    assert shown() < after
    case.advance(review, "completed", now=after)
    assert shown() == clock.end_of_day(date(2027, 12, 15))
    assert case.protocol.nation == ENGLAND_AND_WALES


def test_a_version_signed_anew_ends_what_was_being_prepared(case):
    """SIG-new: the new version has a clock of its own; the review of the old one is dropped."""
    review = case.review("in-progress")
    successor(case, major=2, now=NOW + timedelta(days=100))
    review.refresh_from_db()
    assert review.status == "dropped"
    assert owed(case) == [("review.first", "2027-03-23")]


def test_an_editorial_version_takes_the_review_over(case):
    """SIG-new: the clock goes on, and so does the review, which is now about the text in force."""
    review = case.review("in-progress")
    new = successor(case, major=1, minor=1, now=NOW + timedelta(days=100))
    review.refresh_from_db()
    assert (review.status, review.version) == ("in-progress", new)
    assert owed(case) == [("review.first", "2026-12-15")]


def test_a_withdrawn_version_owes_no_review(case):
    """HAR-5.1: nothing is left to review, nobody is reminded, and the planned opening does nothing."""
    review = case.review("open")
    decision = make_decision(case.version, "withdrawn")
    case.version.withdraw(by=None, now=NOW, reason="Gone", decision=decision)
    review.refresh_from_db()
    assert review.status == "dropped"
    assert owed(case) == []
    case.run_jobs(NOW + timedelta(days=400))
    assert Review.objects.count() == 1


def test_a_review_of_effectiveness_is_asked_for_at_approval(case):
    """HAR-r5: the approval names a day; a review of effectiveness is owed from the first day in force, and is opened."""
    version = make_version(framework=case.framework, status="approval")
    from protocols import workflow as drafting  # noqa: PLC0415

    drafting.decide(
        version, by=case.secretary, now=NOW, board=version.protocol.deciding_body, decided_on=NOW.date(),
        reference="Minute 8", outcome="approved", effectiveness_by=date(2026, 11, 30),
    )  # fmt: skip
    assert not cycle.owed(version.protocol).exists()
    advance(version, "in-force")
    due = cycle.owed(version.protocol).get(rule="review.effectiveness")
    assert due.due_at == clock.end_of_day(date(2026, 11, 30))
    case.run_jobs(datetime(2026, 8, 30, 3, 0, tzinfo=UTC))
    review = Review.objects.get(protocol=version.protocol)
    assert (review.kind, review.deadline) == ("effectiveness", due)
    assert Job.objects.filter(key=f"reviews.prepare:{due.pk}").count() == 1
    assert next_review_date(version) == date(2026, 12, 15), "the public register shows the cycle only"


def next_review_date(version):
    """What the register shows."""
    return clock.london_date(Protocol.objects.annotate(due=next_review()).get(pk=version.protocol_id).due)
