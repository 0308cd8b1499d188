"""The demonstration as it is loaded: four frameworks, every state, nobody real, nothing twice."""

from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import transaction
from django.urls import reverse

import breaches.demo  # noqa: F401  registers its chapters, as the demo mode does
import reviews.demo  # noqa: F401
from breaches.models import Breach
from portal import clock, organisations, todo
from portal.models import (
    AuditEvent,
    Board,
    Deadline,
    DeadlineChange,
    Framework,
    Meeting,
    MemberOrganisation,
    Membership,
    Organisation,
    OutgoingEmail,
    User,
)
from portal.tenancy import scope
from protocols import demo_texts
from protocols.models import Comment, Consultation, Party, Pilot, Protocol, Publication, RelatedDocument, Tier, Version
from signatories import demo
from signatories.demo.people import PEOPLE
from signatories.models import Authority
from tests.officers import assert_no_officers

REAL = {party["organisation"] for party in demo_texts.load("haringey")["parties"]}
SHARED = "Vale and Moor Police"
S, P = Version.Status, Party.Status


@pytest.fixture(scope="module")
def told(django_db_setup, django_db_blocker):
    """The whole demonstration by its real verbs, once for this file; it is rolled back. Yields when it was loaded."""
    before, settings.PORTAL_DEMO = settings.PORTAL_DEMO, True
    with django_db_blocker.unblock(), transaction.atomic():
        now = clock.now()
        assert demo.load(now=now)
        yield now
        transaction.set_rollback(True)
    settings.PORTAL_DEMO = before


@pytest.fixture
def in_each(told):
    """function(framework) → its result, by slug, each in the scope of its framework."""

    def ask(question):
        found = {}
        for framework in Framework.objects.all():
            with scope(framework.pk):
                found[framework.slug] = question(framework)
        return found

    return ask


def everything(found):
    """The results of all frameworks in one list."""
    return [one for results in found.values() for one in results]


def test_a_framework_for_each_preset(in_each):
    """KEN-4.1, HAM-2t, HAR-2.1, DUD-7: one each, with the tiers of the preset; tier 2 of Kent's belongs to partnerships
    (KEN-4.3iii), and Dudley's policy is adopted, not signed (DUD-8)."""
    presets = in_each(lambda framework: framework.preset)
    assert sorted(presets.values()) == sorted(Framework.Preset.values)
    by_preset = {preset: slug for slug, preset in presets.items()}
    kent, dudley = by_preset[Framework.Preset.THREE_TIER], by_preset[Framework.Preset.PROTOCOL_POLICY_EXCHANGE]
    owners = in_each(lambda framework: list(Protocol.objects.values_list("tier__level", "partnership__name")))[kent]
    assert all(bool(owner) == (level == Tier.Level.PARTNERSHIP) for level, owner in owners)
    assert {level for level, _owner in owners} == set(Tier.Level.values)
    shown = in_each(
        lambda framework: sorted(
            version.get_status_display() for version in Version.objects.filter(protocol__tier__adopted=True)
        )
    )
    assert shown.pop(dudley) == ["Adopted", "In force"]
    assert everything(shown) == []


def test_versions_in_every_state(in_each):
    """Every row of the table of transitions can be looked at."""
    found = everything(in_each(lambda framework: list(Version.objects.values_list("status", flat=True))))
    assert set(found) == set(Version.Status.values)


def test_parties_in_every_standing_that_a_verb_reaches(in_each):
    """HAM-signed: waiting, signed, declined, withdrawn, not re-signed, adopted; one organisation is suspended."""
    found = everything(in_each(lambda framework: list(Party.objects.values_list("status", flat=True))))
    assert set(found) == {P.PENDING, P.INVITED, P.SIGNED, P.DECLINED, P.WITHDRAWN, P.NOT_RE_SIGNED, P.ADOPTED}
    suspended = in_each(
        lambda framework: list(
            MemberOrganisation.objects.filter(status=MemberOrganisation.Status.SUSPENDED).values_list(
                "organisation__name", flat=True
            )
        )
    )
    assert len(everything(suspended)) == 1
    assert REAL.isdisjoint(everything(suspended))


def test_a_consultation_is_open(in_each, told):
    """HAR-¶9: comments on clauses with replies, some without a response, and a closing date to come."""
    rounds = everything(in_each(lambda framework: list(Consultation.objects.filter(closed_at=None))))
    assert [one.closes_on > clock.london_date(told) for one in rounds] == [True]
    facts = everything(
        in_each(
            lambda framework: [
                (bool(one.clause_uid), one.replies.count(), bool(one.response))
                for one in Comment.objects.filter(consultation__closed_at=None)
            ]
        )
    )
    assert {(True, 1, True), (True, 0, False), (False, 0, False)} == set(facts)


def test_publication_of_all_three_levels(in_each):
    """UK-pub: in full, summary only, not published, each with its reason."""
    found = everything(in_each(lambda framework: list(Publication.objects.in_effect())))
    assert {one.level for one in found} == set(Publication.Level.values)
    assert all(one.reason for one in found)
    assert all(one.summary for one in found if one.level != Publication.Level.NONE)


def test_reviews_are_overdue_only_where_everything_is_invented(in_each, told):
    """REV: one published protocol of an invented framework is overdue for review, and one action there (HAR-5.5); none of
    real bodies."""
    late = in_each(
        lambda framework: list(
            Deadline.objects.open().filter(due_at__lt=told).values_list("rule", "owner__name").distinct()
        )
    )
    rules = [rule for rule, _owner in late.pop("anyshire") if rule.startswith("review.")]
    assert sorted(rules) == ["review.action", "review.first"]
    assert everything(late) == []


def test_dates_have_moved_visibly(in_each):
    """READ-6: a meeting was called, and the report of a review is due at it; the date it had is kept. Nothing of real bodies
    moved."""
    moved = in_each(lambda framework: set(DeadlineChange.objects.values_list("deadline__rule", flat=True)))
    assert moved["elmshire"] == {"review.findings"}
    assert not moved["haringey"]


def test_a_breach_in_each_stage(in_each, told):
    """HAR-6.1 to HAR-6.6: only where everything is invented, with meetings past and planned at a time of day; minutes are
    owed once, so that no meeting of a breach is overdue or on the secretary's list when the breach is circulated."""
    stages = in_each(lambda framework: sorted(Breach.objects.values_list("status", flat=True)))
    assert set(stages.pop("anyshire")) == set(Breach.Status.values)
    assert everything(stages) == []
    with scope(Framework.objects.get(slug="anyshire").pk):
        held = Meeting.objects.filter(board__kind=Board.Kind.PARTIES)
        assert set(held.values_list("status", flat=True)) == {"planned", "held", "circulated"}
        assert all((at := one.starts_at.astimezone(clock.LONDON)).minute or at.hour > 8 for one in held)
        assert not held.filter(starts_at__gt=told).exclude(status="planned").exists()
        minuted = set(Breach.objects.filter(status__in=["circulated", "closed"]).values_list("pk", flat=True))
        assert set(held.filter(status="circulated").values_list("minuted_with__subject_id", flat=True)) == minuted
        late = Deadline.objects.overdue(told).filter(rule="meeting.minutes")
        assert not [one for one in late if isinstance(one.subject, Meeting) and one.subject in held]
        person = next(person for person in PEOPLE if (person.framework, person.role) == ("anyshire", "secretary"))
        titles = [item.title for item in todo.items(User.objects.get(email=person.email))]
        waiting = [title for title in titles if title.startswith("Write the minutes of the meeting of the parties")]
        assert len(waiting) == 2  # presented, and in closed session: until the recall the minutes are the meeting's


def test_real_organisations_are_parties_only_of_the_haringey_texts(in_each):
    """HAR-2.2: with what the source prints, and no ICO number; nobody else is there, and they are nowhere else."""
    parties = in_each(lambda framework: set(Party.objects.values_list("organisation__name", flat=True)))
    members = in_each(lambda framework: set(MemberOrganisation.objects.values_list("organisation__name", flat=True)))
    assert parties.pop("haringey") == members.pop("haringey") == REAL
    assert all(names.isdisjoint(REAL) for names in [*parties.values(), *members.values()])
    for organisation in Organisation.objects.filter(name__in=REAL):
        assert not organisation.ico_number
        assert not organisation.ods_code
    invented = Organisation.objects.exclude(name__in=REAL)
    assert all(one.telephone.startswith("01632 960") and one.ico_number.startswith("ZA0000") for one in invented)
    assert all("ZZ" in one.address for one in invented)


def test_frameworks_have_nothing_in_common_but_one_police_force(in_each):
    """The other two share no organisation with anybody, so that whatever slips from one into another is seen."""
    members = in_each(lambda framework: set(MemberOrganisation.objects.values_list("organisation__name", flat=True)))
    names = sorted(everything(members))
    assert {name for name in names if names.count(name) > 1} == {SHARED}
    assert {slug for slug, held in members.items() if SHARED in held} == {"elmshire", "millborough"}


def test_one_representative_has_something_to_sign_in_two_frameworks(told, client):
    """What needs doing shows both, each with its own link."""
    (person,) = {one.email for one in PEOPLE if one.organisation == SHARED}
    client.force_login(User.objects.get(email=person))
    page = client.get(reverse("me")).content.decode()
    assert "EIS-2-003" in page or "Children missing education: weekly list" in page
    assert "MIL-DEA-002" in page or "Going home from hospital: a home that is ready" in page


def test_titles_and_references_stand_once(in_each):
    """Two protocols that read alike would be taken for one."""
    found = everything(in_each(lambda framework: list(Protocol.objects.values_list("title", "reference"))))
    titles, references = zip(*found, strict=True)
    assert len(set(titles)) == len(titles)
    assert len(set(references)) == len(references)


def test_what_else_a_newcomer_is_shown(in_each):
    """A parent outside the portal, pilots, a delegated authority, related documents, flows with who may look (HAM-voice)."""
    assert everything(in_each(lambda framework: list(Protocol.objects.exclude(external_parent=""))))
    assert everything(in_each(lambda framework: list(Pilot.objects.undecided())))
    assert everything(in_each(lambda framework: list(Authority.objects.filter(delegated_from__isnull=False))))
    related = in_each(
        lambda framework: list(RelatedDocument.objects.exclude(protocol=None).values_list("protocol__reference"))
    )
    assert related["anyshire"]
    operational = in_each(lambda framework: list(Version.objects.filter(protocol__tier__level=Tier.Level.OPERATIONAL)))
    for slug, versions in operational.items():
        with scope(Framework.objects.get(slug=slug).pk):
            for version in versions:
                flows = list(version.data_flows.all())
                assert flows, version
                assert all(flow.roles and flow.vetting for flow in flows)


def test_nobody_is_real(told, in_each):
    """Every person is invented, with an address at example.org; nobody whom the sources name is in any text."""
    assert all(urlsplit(f"//{user.email}").hostname == "example.org" for user in User.objects.all())
    assert_no_officers("\n".join(User.objects.values_list("full_name", flat=True)), where="people")
    kept = in_each(
        lambda framework: (
            list(Comment.objects.values_list("text", "response"))
            + list(Pilot.objects.values_list("evaluation"))
            + list(Authority.objects.values_list("granted_by", "capacity"))
        )
    )
    assert_no_officers(repr(kept), where="words")
    held = in_each(lambda framework: list(Membership.objects.values_list("user__email", flat=True)))
    assert set(everything(held)) == {person.email for person in PEOPLE}


def test_everything_happened_before_now(in_each, told):
    """Made with `now=` in the past: no act stands later than the loading."""
    acts = in_each(lambda framework: list(AuditEvent.objects.values_list("at", flat=True)))
    assert max(everything(acts)) <= told


def test_a_newcomers_mailbox_is_empty(in_each):
    """What happened before today was mailed to nobody."""
    waiting = in_each(lambda framework: list(OutgoingEmail.objects.exclude(status="sent").filter(framework=framework)))
    assert everything(waiting) == []


def test_again_changes_nothing(in_each, told):
    """A second `manage.py demo` finds everything there."""
    counts = in_each(lambda framework: (Version.objects.count(), AuditEvent.objects.count()))
    assert demo.load(now=told) is False
    assert in_each(lambda framework: (Version.objects.count(), AuditEvent.objects.count())) == counts


def test_a_part_is_loaded_whole_or_not_at_all(told, monkeypatch):
    """Killed half-way: nothing of the part is there, so that a repetition makes the whole of it."""
    made = []

    def first(story):
        made.append(Framework.objects.create(name="Half", slug="half", preset=Framework.Preset.TWO_TIER))
        story.framework = made[0]

    def second(story):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        demo.load_part({"half": first, "other": second}, told)
    assert made
    assert not Framework.objects.filter(slug="half").exists()


def test_lifting_the_suspension_is_possible(in_each, told):
    """What the people of the demonstration are told they can try, they can: here the administrator of Elmshire."""
    framework = Framework.objects.get(slug="elmshire")
    with scope(framework.pk):
        member = MemberOrganisation.objects.get(status=MemberOrganisation.Status.SUSPENDED)
        organisations.lift(member, reason="It has renewed its registration.", by=None, now=told)
        assert member.status == MemberOrganisation.Status.ACTIVE
