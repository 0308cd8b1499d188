"""Consultations and further editions of the demonstration, from what stands in the texts."""

from datetime import timedelta

from django.db import transaction

from protocols import consulting, demo_texts, drafting, intentions
from protocols import workflow as life
from protocols.models import Version
from signatories.demo.story import Story, named


def consult(story: Story, version: Version, text: dict, *, opened: int, closes: int) -> None:
    """A round on the draft: who else was asked, comments, replies and responses, a day apart (HAR-¶9)."""
    facts, drafter = text["consultation"], story.who("drafter")
    round_ = life.open_consultation(
        version,
        closes_on=story.date(closes),
        by=drafter,
        now=story.day(opened),
        change=text["document_control"]["drafts"][-1]["change"],
    )
    for row in facts["consulted"]:
        held = {"held_on": story.date(-row["days_ago"])}
        consulting.add(
            version, **held, **{name: row[name] for name in ("kind", "name", "groups")}, by=drafter, now=story.day(-1)
        )
    reference = version.protocol.reference
    for number, row in enumerate(facts["comments"], 1):
        moment = story.day(opened + number)
        made = life.comment(
            round_,
            organisation=named(row["organisation"]),
            clause_uid=row["clause"] and demo_texts.clause_uid(reference, row["clause"]),
            text=row["text"],
            by=story.representative(row["organisation"]),
            now=moment,
        )
        for answer in row["replies"]:
            by, moment = story.representative(answer["organisation"]), moment + timedelta(hours=2)
            life.reply(made, organisation=named(answer["organisation"]), text=answer["text"], by=by, now=moment)
        if response := row.get("response"):
            moment += timedelta(hours=2)
            life.respond(made, text=response, outcome=row["outcome"], by=drafter, now=moment)


def intend(story: Story, version: Version, text: dict, *, offset: int) -> None:
    """What parties say before signature (HAR-r2)."""
    for row in text["consultation"]["intentions"]:
        intentions.give(
            version.parties.get(name=row["organisation"]),
            will_sign=row["will_sign"],
            sign_by=story.date(row["in_days"]) if row["will_sign"] else None,
            note=row["note"],
            by=story.representative(row["organisation"]),
            now=story.day(offset),
        )


@transaction.atomic
def next_edition(story: Story, version: Version, text: dict, *, begun: int, effective: int, sign_by: int) -> Version:
    """The next edition as a draft, with the changes of the text, by what a drafter has to hand (SIG-num, SIG-new)."""
    changes, by, now = text["changes"], story.who("drafter"), story.day(begun)
    protocol = version.protocol
    following = life.next_version(protocol, major=True, by=by, now=now)

    def clause(key):
        return following.clauses.get(uid=demo_texts.clause_uid(protocol.reference, key))

    act = {"by": by, "now": now}
    for key, words in changes["clauses"].items():
        row = clause(key)
        facts = {name: getattr(row, name) for name in ("kind", "label", "title")} | {"text": words}
        drafting.change_clause(row, facts, revision=None, base="", **act)
    for row in changes["added"]:
        facts = {"kind": "clause", "label": row["label"], "title": "", "text": row["text"]}
        drafting.add_clause(following, facts, place=f"after:{clause(row['after']).uid}", **act)
    for key in changes["removed"]:
        drafting.remove(clause(key), revision=None, base="", **act)
    drafting.change_details(
        following,
        {
            "effective_on": story.date(effective),
            "sign_by": story.date(sign_by),
            "expires_on": None,
            "review_first_months": version.review_first_months,
            "review_then_months": version.review_then_months,
            "classification": version.classification,
        },
        revision=None,
        base="",
        **act,
    )
    return following
