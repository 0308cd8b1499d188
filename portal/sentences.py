"""What the ledger says, in words: one sentence for each verb, as data. Every app adds its own (<app>/sentences.py).

A verb that is recorded anywhere and has no sentence here fails tests/test_sentences.py.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum

from django.db.models import TextChoices
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.deadlines import RULES
from portal.models import Decision
from portal.permissions import Role
from portal.templatetags.dates import longdate, longdatetime


class Topic(TextChoices):
    """What a history can be narrowed to."""

    DRAFTING = "drafting", _("Drafting")
    CONSULTATION = "consultation", _("Consultation")
    APPROVAL = "approval", _("Approval and decisions")
    SIGNING = "signing", _("Signing and parties")
    FORCE = "force", _("In force, ended, published")
    DEADLINES = "deadlines", _("Deadlines and reviews")
    MEETINGS = "meetings", _("Meetings")
    BREACHES = "breaches", _("Breaches")
    READING = "reading", _("Documents read")
    PEOPLE = "people", _("People and organisations")
    SETTINGS = "settings", _("Settings")


class Audience(IntEnum):
    """Who is told on the page of a protocol; whoever reads the ledger is told everything."""

    READERS = 1  # whoever may read the version
    DESK = 2  # who sees every protocol
    AUDIT = 3  # who reads the ledger


@dataclass(frozen=True, slots=True)
class Sentence:
    """words: with places for the facts of the row. facts: row → further ones. reasons: who is told the reason beside."""

    words: object
    topic: Topic
    audience: Audience = Audience.AUDIT
    facts: Callable[..., dict] | None = field(default=None, compare=False)
    reasons: Audience = Audience.READERS


SENTENCES: dict[str, Sentence] = {}

NUMBER = re.compile(r"(\d+\.\d+)(?: draft \d+)?$")
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
ISO_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}\S*")
OUTCOMES = dict(Decision.Outcome.choices)
ROLES = dict(Role.choices)


def tell(
    topic: Topic,
    sentences: dict,
    *,
    audience: Audience = Audience.AUDIT,
    facts=None,
    reasons: Audience = Audience.READERS,
) -> None:
    """Add sentences of one topic. sentences: verb → words. reasons: who besides knowing of the act may know why."""
    for verb, words in sentences.items():
        if verb in SENTENCES:
            raise ValueError(f"The verb {verb} has two sentences.")
        SENTENCES[verb] = Sentence(words, topic, audience, facts, reasons)


def verbs(*, topic="", audience: Audience = Audience.AUDIT) -> list[str]:
    """The verbs of a topic (all without one) that this audience is told of."""
    return [
        verb for verb, one in SENTENCES.items() if one.audience <= audience and (not topic or one.topic.value == topic)
    ]


def tells_reason(event, audience: Audience) -> bool:
    """May this audience read why? A row without a sentence says so to those only who read the ledger."""
    sentence = SENTENCES.get(event.verb)
    return (sentence.reasons if sentence else Audience.AUDIT) <= audience


class Facts(dict):
    """Values for a sentence; one that an old ledger row does not have is left out."""

    def __missing__(self, key):
        return "–"


def facts_of(event) -> Facts:
    """What a row gives to its sentence, each value as people read it."""
    number = NUMBER.search(event.subject_label)
    facts = Facts({name: readable(value) for name, value in event.payload.items()})
    facts["subject"] = event.subject_label
    facts.setdefault("number", number[1] if number else "")
    facts["organisation"] = named(event.payload.get("organisation"), event.subject_label)
    if "outcome" in facts:
        facts["outcome"] = str(OUTCOMES.get(event.payload["outcome"], facts["outcome"])).lower()
    if "role" in facts:
        facts["role"] = str(ROLES.get(event.payload["role"], facts["role"])).lower()
    if "rule" in facts:
        rule = RULES.get(event.payload["rule"])
        facts["rule"] = str(rule.duty) if rule else facts["rule"]
    return facts


def named(value, otherwise: str) -> str:
    """A name in the payload; older rows hold an id there, or nothing."""
    return value if isinstance(value, str) and value else otherwise


def readable(value) -> str:
    """A value of a payload: dates and moments as people write them, never as ISO."""
    text = str(value)
    try:
        if ISO_DAY.fullmatch(text):
            return longdate(date.fromisoformat(text))
        if ISO_MOMENT.fullmatch(text):
            at = datetime.fromisoformat(text)
            # the end of a day, or its beginning, is that day to a reader
            return longdatetime(at) if at.tzinfo and not whole_day(at) else longdate(at)
    except ValueError:
        return text
    return text


def whole_day(at) -> bool:
    """Does the moment stand for a day: its first or last second in London?"""
    local = at.astimezone(clock.LONDON)
    return (local.hour, local.minute, local.second) in {(0, 0, 0), (23, 59, 59)}


def in_words(event) -> str:
    """The sentence of a row; one without words, which a test forbids, still says that something is there."""
    sentence = SENTENCES.get(event.verb)
    if sentence is None:
        return _t("Something that this page has no words for: %(subject)s") % {"subject": event.subject_label}
    facts = facts_of(event)
    if sentence.facts:
        facts |= sentence.facts(event)
    return capfirst(str(sentence.words) % facts)


# --- the foundation's own

tell(
    Topic.SETTINGS,
    {
        "portal.framework:created": _("The framework was set up"),
        "portal.board:created": _("%(subject)s was added as a deciding body"),
        "portal.closureday:created": _("%(date)s was recorded as a closure day"),
        "portal.closureday:declared": _("%(date)s was recorded as a bank holiday that was declared late"),
        "portal.closureday:removed": _("%(date)s is a working day again"),
        "portal.bankholiday:added": _("The operator added a bank holiday: %(subject)s"),
        "portal.bankholiday:removed": _("The operator removed a bank holiday: %(subject)s"),
        "portal.publicpages:changed": _("The public pages of the framework were changed"),
        "portal.mail:paused": _("The operator paused all mail"),
        "portal.mail:resumed": _("The operator let mail be sent again"),
        "portal.mail:retried": _("A message that had not arrived was tried again"),
        "portal.job:retried": _("Planned work that had been given up was tried again"),
        "portal.mail:dropped": _("The operator left out mails that waited: %(count)s of before %(before)s"),
    },
)
tell(
    Topic.PEOPLE,
    {
        "portal.memberorganisation:joined": _("%(subject)s joined the framework"),
        "portal.memberorganisation:edited": _("The details of %(subject)s were changed"),
        "portal.memberorganisation:suspended": _("%(subject)s was suspended from the framework"),
        "portal.memberorganisation:suspension-lifted": _("%(subject)s was let in again"),
        "portal.deputy:named": _("A deputy was named for somebody of %(subject)s"),
        "portal.deputy:removed": _("Somebody of %(subject)s has no deputy any more"),
        "portal.partnership:created": _("The partnership %(subject)s was set up"),
        "portal.partnership:edited": _("The partnership %(subject)s was changed"),
        "portal.invitation:sent": _("Somebody was invited (%(subject)s)"),
        "portal.invitation:revoked": _("An invitation was taken back (%(subject)s)"),
        "portal.invitation:accepted": _("An invitation was accepted (%(subject)s)"),
        "portal.membership:started": _("A role began (%(subject)s)"),
        "portal.membership:ended": _("A role ended (%(subject)s)"),
        "portal.second-factor:reset": _("A second factor was taken off an account"),
        "portal.session:ended": _("Somebody was signed out"),
        "portal.calendarfeed:made": _("A calendar feed was made (%(subject)s)"),
        "portal.calendarfeed:revoked": _("A calendar feed was revoked (%(subject)s)"),
    },
)
tell(
    Topic.APPROVAL,
    {"portal.decision:recorded": _("%(body)s decided: %(outcome)s (%(reference)s)")},
    audience=Audience.READERS,
)
tell(
    Topic.MEETINGS,
    {
        "portal.meeting:planned": _("A meeting was planned for %(starts_at)s (%(subject)s)"),
        "portal.meeting:moved": _("A meeting was moved to %(starts_at)s, before %(was)s (%(subject)s)"),
        "portal.meeting:cancelled": _("A meeting was cancelled (%(subject)s)"),
        "portal.meeting:held": _("A meeting was held (%(subject)s)"),
        "portal.meeting:minuted": _("The minutes of a meeting were written (%(subject)s)"),
        "portal.meeting:handed-over": _("The minutes of a meeting are kept with what it was about (%(subject)s)"),
        "portal.meeting:taken-back": _("A meeting has minutes of its own again (%(subject)s)"),
        "portal.meeting:circulated": _("The minutes of a meeting were circulated (%(subject)s)"),
        "portal.meeting:attendance-corrected": _("Who was at a meeting was put right (%(subject)s)"),
        "portal.agenda:compiled": _("What is due was put on an agenda (%(subject)s)"),
        "portal.agenda:sent": _("An agenda was published (%(subject)s)"),
        "portal.agendaitem:added": _("An item was put on an agenda (%(subject)s)"),
        "portal.agendaitem:changed": _("An item of an agenda was changed (%(subject)s)"),
        "portal.agendaitem:moved": _("The order of an agenda was changed (%(subject)s)"),
        "portal.agendaitem:removed": _("An item was taken off an agenda (%(subject)s)"),
        "portal.agendaitem:put-back": _("An item was put on an agenda again (%(subject)s)"),
        "portal.paper:added": _("A paper was attached (%(subject)s)"),
        "portal.paper:fetched": _("A restricted paper was fetched (%(subject)s)"),
        "portal.paper:removed": _("A paper was taken off (%(subject)s)"),
        "portal.boardpaper:written": _("The board paper was written (%(subject)s)"),
        "portal.minute:written": _("Minutes were written (%(subject)s)"),
        "portal.minute:corrected": _("Circulated minutes were corrected (%(subject)s)"),
        "portal.minute:corrections-circulated": _("Corrected minutes were circulated (%(subject)s)"),
        "portal.board:rules-changed": _("Quorum, majority or the headings of papers were changed (%(subject)s)"),
    },
    audience=Audience.READERS,
)
tell(
    Topic.DEADLINES,
    {
        "portal.deadline:started": _("To be done by %(due)s: %(rule)s"),
        "portal.deadline:met": _("Done: %(rule)s"),
        "portal.deadline:reopened": _("To be done again: %(rule)s"),
        "portal.deadline:dropped": _("No longer to be done: %(rule)s"),
        "portal.deadline:recounted": _("The due date moved from %(was)s to %(due)s: %(rule)s"),
    },
    audience=Audience.READERS,
)
