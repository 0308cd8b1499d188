"""Chapters of the demonstration: breaches of protocols between invented organisations, dated relative to today."""

from datetime import timedelta

from breaches import reporting
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
    """One breach in each stage of its procedure."""
    with tenancy.scope(story.framework.pk):
        just_reported(story)


def just_reported(story):
    """Yesterday; the regulator's clock runs; the police have acknowledged it, the council has not."""
    breach = report(
        story, "AISB-T1-001", LIST, by=story.representative(TRUST), in_breach=[TRUST], occurred=-2, identified=-1,
        reported=-1, controllers=[TRUST], data="yes",
    )  # fmt: skip
    notice = breach.notices.get(name=POLICE)
    reporting.acknowledge(notice, by=story.representative(POLICE), now=story.now - timedelta(hours=2))
