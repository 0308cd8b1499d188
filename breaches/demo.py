"""Chapters of the demonstration: breaches of protocols between invented organisations, dated relative to today."""

from datetime import time, timedelta

from breaches import closed, hearing, outcome, regulator, reporting, written
from portal import tenancy
from portal.demo import chapter
from portal.permissions import Access
from protocols.models import Protocol

COUNCIL, POLICE, TRUST = "Anyshire County Council", "Anyshire Police", "Anyshire Community Health Trust"


def boxes(name, day) -> dict[str, list[str]]:
    """A date as three boxes."""
    return {f"{name}_{part}": [str(getattr(day, part))] for part in ("day", "month", "year")}


def report(story, reference, text, *, by, in_breach, occurred, identified, reported, controllers=(), data="no"):
    """A breach as the five questions make one. occurred, identified, reported: days from today; occurred may be None."""
    now, protocol = story.day(reported), Protocol.objects.get(reference=reference)
    names = {party.name: str(party.organisation_id) for party in protocol.in_force.parties.all()}
    happened = {"what_happened": [text["what"]], "occurred": ["unknown" if occurred is None else "known"]}
    if occurred is not None:
        happened |= boxes("occurred_from", story.date(occurred))
    answers = {
        "happened": happened,
        "identified": {"identified_by": [text["who"]], "identified_time": ["09:30"]}
        | boxes("identified_on", story.date(identified)),
        "protocol": {"protocol": [str(protocol.pk)]},
        "organisations": {"in_breach": [names[one] for one in in_breach]},
        "data": {
            "personal_data": [data], "data_kinds": [text.get("kinds", "")], "people": [text.get("people", "")],
            "controllers": [names[one] for one in controllers],
        },
        "containment": {"containment": [text["contained"]]},
    }  # fmt: skip
    draft = reporting.begin(story.framework, by=by, now=now - timedelta(minutes=20))
    for key, typed in answers.items():
        reporting.keep(draft, key, typed, now=now)
    return reporting.submit(draft, Access.of(by, story.framework), by=by, now=now)


LIST = {
    "what": "A list of households with the partners’ remarks was sent to a mailing list instead of to one officer. "
    "Eleven people outside the protocol received it.",
    "who": "duty manager, Anyshire Community Health Trust",
    "kinds": "Addresses, family composition, partners’ remarks",
    "people": "64",
    "contained": "All eleven were telephoned within the hour and confirmed that they had deleted it. "
    "The mailing list is closed.",
}


@chapter("anyshire")
def anyshire(story) -> None:
    """A breach in each stage of its procedure; the oldest first, so that each meeting is about one of them."""
    with tenancy.scope(story.framework.pk):
        closed_with_lessons(story)
        minutes_circulated(story)
        minutes_written(story)
        outcome_told(story)
        in_closed_session(story)
        presented(story)
        written_up(story)
        just_reported(story)


DISC = {
    "what": "A disc with referrals was left on a train. It was handed in to lost property the next day.",
    "who": "records manager, Anyshire Community Health Trust",
    "contained": "The disc was collected by hand. It is encrypted, and was not opened.",
}


def written_up(story):
    """Found late: the strict date of the report had passed before anybody knew; the report is sent, the date corrected, the
    meeting called."""
    by = story.representative(TRUST)
    breach = report(
        story, "AISB-T1-001", DISC, by=by, in_breach=[TRUST], occurred=None, identified=-9, reported=-8,
        controllers=[TRUST], data="not-known",
    )  # fmt: skip
    for name in (COUNCIL, POLICE):
        reporting.acknowledge(breach.notices.get(name=name), by=story.representative(name), now=story.day(-7))
    written.correct(
        breach, text="The train company’s log shows the day.", occurred="known", occurred_from=story.date(-30), by=by,
        now=story.day(-6),
    )  # fmt: skip
    controller = breach.controllers.get()
    regulator.assess(
        controller, answer="yes", aware_at=controller.aware_at, risk="none", reasons="The disc is encrypted.", by=by,
        now=story.day(-8, time(15, 0)),
    )  # fmt: skip
    regulator.leave_it(
        controller, reasons="The disc is encrypted and was not opened.", by=by, now=story.day(-8, time(15, 30))
    )
    written.submit(
        breach, breach.in_breach.get().organisation, details="A member of staff took the disc home against our policy.",
        actions="Discs are no longer used. Everybody in the team has been trained again.", once="demonstration", by=by,
        now=story.day(-4),
    )  # fmt: skip
    hearing.call(breach, starts_at=story.day(6, time(10, 30)), place=HALL, by=story.who("secretary"), now=story.day(-3))


KEY = {
    "what": "The key card of the shared office was lent to somebody who is not vetted.",
    "who": "facilities manager, Anyshire County Council",
    "contained": "The card was taken back the same day, and the door log was checked.",
}
EXTRACT = {
    "what": "An extract with more items than the protocol lists was sent to the partners for three weeks.",
    "who": "information governance officer, Anyshire County Council",
    "contained": "The extract was stopped, and the partners deleted what they should not have had.",
}
DESK = {
    "what": "Requests to the duty desk were answered from a private mailbox over one weekend.",
    "who": "duty inspector, Anyshire Police",
    "contained": "The mailbox was emptied in the presence of the data protection officer.",
}


LETTERS = {
    "what": "Two letters about families were put into each other’s envelopes. Both were opened.",
    "who": "team manager, Anyshire Community Health Trust",
    "contained": "Both letters were collected by hand the same day, and both families were visited.",
}
SCREEN = {
    "what": "A screen with the list of the day faced a corridor that visitors use.",
    "who": "station manager, Anyshire Police",
    "contained": "The screen was turned, and a filter was put on it.",
}
QUOTE = {
    "what": "A case was quoted in a presentation to students, with so much detail that they could guess whose it was.",
    "who": "practice lead, Anyshire Community Health Trust",
    "contained": "The slides were withdrawn, and the students were asked not to keep them.",
}
HALL = "Anyshire Hall, room 2"


def minutes_later(moment, minutes):
    """In the course of a meeting."""
    return moment + timedelta(minutes=minutes)


def meeting(story, breach, *, called, begins, there):
    """Called, held and presented. called: days from today; begins: aware moment."""
    secretary = story.who("secretary")
    chair = story.representative(next(one for one in (POLICE, COUNCIL, TRUST) if one in there))
    hearing.call(breach, starts_at=begins, place=HALL, by=secretary, now=story.day(called))
    hearing.name_officers(breach, chair=chair, secretary=secretary, by=secretary, now=story.day(called))
    bodies = [party.organisation_id for party in hearing.remaining(breach) if party.name in there]
    hearing.present(breach, organisations=bodies, by=secretary, now=minutes_later(begins, 15))
    return secretary, chair, bodies


def presented(story):
    """Yesterday afternoon; the organisation in breach has not withdrawn yet."""
    breach = report(
        story, "AISB-T1-001", QUOTE, by=story.representative(TRUST), in_breach=[TRUST], occurred=-18, identified=-17,
        reported=-16,
    )  # fmt: skip
    written.submit(
        breach, breach.in_breach.get().organisation, details="The slides were made from notes of a supervision.",
        actions="Slides are read by a second person now.", once="demonstration", by=story.representative(TRUST),
        now=story.day(-8),
    )  # fmt: skip
    meeting(story, breach, called=-10, begins=story.day(-1, time(16, 0)), there=(COUNCIL, POLICE))


def in_closed_session(story):
    """Today: a note, a proposal with votes, not decided yet."""
    breach = report(
        story, "AISB-T1-001", EXTRACT, by=story.representative(POLICE), in_breach=[TRUST], occurred=-22, identified=-20,
        reported=-20,
    )  # fmt: skip
    trust = breach.in_breach.get().organisation
    written.submit(
        breach, trust, details="The extract was made from an old list of items.", once="demonstration",
        actions="The list is taken from the protocol itself now.", by=story.representative(TRUST), now=story.day(-12),
    )  # fmt: skip
    begins = story.day(-1, time(13, 30))
    secretary, chair, bodies = meeting(story, breach, called=-15, begins=begins, there=(COUNCIL, POLICE))
    closed.begin(breach, by=secretary, now=minutes_later(begins, 40))
    now = max(story.day(-1, time(15, 0)), story.now - timedelta(hours=1))
    closed.note(
        breach, text="The trust answered openly. The same list was in use at two other sites.", by=chair, now=now
    )
    proposal = closed.propose(
        breach, organisation=trust.pk, kind="action-plan", text="Check every extract against the protocol, each quarter",
        owner="Medical Director", due_on=story.date(60), by=chair, now=now,
    )  # fmt: skip
    closed.propose(
        breach, organisation=trust.pk, kind="suspension", text="Until the first check is done", by=secretary, now=now
    )
    closed.vote(proposal, dict.fromkeys(bodies, "for"), by=secretary, now=now)


def told(story, breach, guilty, *, begins, outcome_words, kind="action-plan", due=None):
    """Decided and recalled: everybody knows the outcome. begins: aware moment of the meeting; due: days from today."""
    rest = tuple({COUNCIL, POLICE, TRUST} - {guilty})
    called = (begins - story.now).days - 9
    secretary, chair, bodies = meeting(story, breach, called=called, begins=begins, there=rest)
    closed.begin(breach, by=secretary, now=minutes_later(begins, 40))
    act = {"by": secretary, "now": minutes_later(begins, 70)}
    owed = {"owner": "Head of Information", "due_on": story.date(due)} if due is not None else {}
    plan = closed.propose(
        breach, organisation=breach.in_breach.get().organisation_id, kind=kind, text=outcome_words, **owed, **act
    )
    closed.vote(plan, dict.fromkeys(bodies, "for"), **act)
    closed.decide(breach, outcome=outcome_words, **act)
    closed.recall(
        breach, told_by=f"The chair, {chair.full_name}", told_to=f"The director of {guilty}",
        told_at=minutes_later(begins, 80), by=secretary, now=minutes_later(begins, 90),
    )  # fmt: skip
    return secretary


def minute(story, breach, guilty, *, outcome_words, by, day):
    """The minutes are written. day: days from today."""
    text = f"The parties heard {guilty}.\n\nIt was agreed: {outcome_words}"
    outcome.write_minutes(breach, text=text, by=by, now=story.day(day))


def settle(story, breach, guilty, *, held, outcome_words, at, due):
    """Decided, recalled, minuted, circulated."""
    facts = {"outcome_words": outcome_words}
    secretary = told(story, breach, guilty, begins=story.day(held, at), due=due, **facts)
    minute(story, breach, guilty, by=secretary, day=held + 2, **facts)
    outcome.circulate(breach, by=secretary, now=story.day(held + 3))
    return secretary


def outcome_told(story):
    """A warning; the minutes are still to be written."""
    breach = report(
        story, "AISB-T1-001", SCREEN, by=story.representative(COUNCIL), in_breach=[POLICE], occurred=-27, identified=-26,
        reported=-25,
    )  # fmt: skip
    written.submit(
        breach, breach.in_breach.get().organisation, details="The desk was moved, and nobody looked at the screen.",
        actions="Every desk has been looked at.", once="demonstration", by=story.representative(POLICE), now=story.day(-17),
    )  # fmt: skip
    words = "A warning to the police. Screens are part of the yearly check of each station."
    told(story, breach, POLICE, begins=story.day(-3, time(10, 30)), outcome_words=words, kind="warning")


def minutes_written(story):
    """Not circulated yet."""
    breach = report(
        story, "AISB-T1-001", LETTERS, by=story.representative(TRUST), in_breach=[TRUST], occurred=-31, identified=-31,
        reported=-30,
    )  # fmt: skip
    written.submit(
        breach, breach.in_breach.get().organisation, details="Two letters were printed at the same moment.",
        actions="Letters are put into envelopes by one person and read by another.", once="demonstration",
        by=story.representative(TRUST), now=story.day(-21),
    )  # fmt: skip
    facts = {"outcome_words": "Letters about families are sent by the portal of the trust from next quarter on."}
    secretary = told(story, breach, TRUST, begins=story.day(-6, time(9, 30)), due=80, **facts)
    minute(story, breach, TRUST, by=secretary, day=-2, **facts)


def minutes_circulated(story):
    """The action is still to be done."""
    breach = report(
        story, "AISB-T1-001", DESK, by=story.representative(POLICE), in_breach=[POLICE], occurred=-45, identified=-44,
        reported=-44,
    )  # fmt: skip
    written.submit(
        breach, breach.in_breach.get().organisation, details="The duty rota had no shared mailbox at weekends.",
        actions="There is one now.", once="demonstration", by=story.representative(POLICE), now=story.day(-36),
    )  # fmt: skip
    words = "One shared mailbox for the desk, tested every month."
    settle(story, breach, POLICE, held=-25, at=time(14, 0), outcome_words=words, due=20)


def closed_with_lessons(story):
    """Closed, with what was learned."""
    breach = report(
        story, "AISB-T1-001", KEY, by=story.representative(COUNCIL), in_breach=[TRUST], occurred=None, identified=-90,
        reported=-89,
    )  # fmt: skip
    written.submit(
        breach, breach.in_breach.get().organisation, details="A contractor was let in with a borrowed card.",
        actions="Cards are personal from now on.", once="demonstration", by=story.representative(TRUST), now=story.day(-80),
    )  # fmt: skip
    words = "Cards are personal, and the log is read weekly."
    secretary = settle(story, breach, TRUST, held=-70, at=time(11, 0), outcome_words=words, due=-50)
    outcome.done(breach.sanctions.get(), note="Done, and checked by the council.", by=secretary, now=story.day(-48))
    outcome.close(
        breach,
        lessons="A shared room needs a rule of its own about who may let whom in.",
        by=secretary,
        now=story.day(-45),
    )


def just_reported(story):
    """Yesterday; the regulator's clock runs; the police have acknowledged it, the council has not."""
    breach = report(
        story, "AISB-T1-001", LIST, by=story.representative(TRUST), in_breach=[TRUST], occurred=-2, identified=-1,
        reported=-1, controllers=[TRUST], data="yes",
    )  # fmt: skip
    notice = breach.notices.get(name=POLICE)
    reporting.acknowledge(notice, by=story.representative(POLICE), now=story.now - timedelta(hours=2))
