"""Rows of the ledger as people read them: filtered by the address, a page at a time, by day, in words.

The database filters, counts and cuts; only the rows of one page are turned into words.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.forms import GovForm
from portal.models import AuditEvent, AuditPerson, Membership
from portal.sentences import Audience, Topic, in_words, tells_reason, verbs
from portal.templatetags.dates import londontime, longdate, longdatetime

HASH = re.compile(r"[0-9a-f]{40,}")
SYSTEM = "system"


class TimelineFilter(GovForm):
    """By topic and person. The persons are given by `offer`."""

    mark_optional = False

    topic = forms.ChoiceField(
        label=_("What it is about"), required=False, choices=[("", _("Everything")), *Topic.choices]
    )
    person = forms.CharField(label=_("Person"), required=False, max_length=20, widget=forms.Select)

    def __init__(self, *args, topics=(), **kwargs):
        super().__init__(*args, **kwargs)
        if topics:
            self.fields["topic"].choices = [("", _t("Everything")), *topics]  # type: ignore[attr-defined]

    def offer(self, persons: Iterable[tuple[int, str]]) -> None:
        """Fill the select. persons: (id, name)."""
        everybody = [("", _t("Everybody")), (SYSTEM, _t("The system")), *persons]
        self.fields["person"].widget.choices = everybody

    def clean_person(self):
        """An id, the system, or nobody in particular."""
        value = self.cleaned_data["person"]
        if value and value != SYSTEM and not re.fullmatch(r"[0-9]{1,18}", value):
            raise forms.ValidationError(_t("Choose a person from the list"))
        return value

    def wanted(self) -> tuple[str, str]:
        """(topic, person); one that makes no sense narrows nothing and is shown as an error."""
        self.is_valid()
        return self.cleaned_data.get("topic", ""), self.cleaned_data.get("person", "")


def narrowed(events, topic: str, person: str):
    """Events of one topic, by one person; an empty one leaves them wide."""
    if topic:
        events = events.filter(verb__in=verbs(topic=topic))
    if person == SYSTEM:
        events = events.filter(person__user_id__isnull=True)
    elif person:
        events = events.filter(person__user_id=int(person))
    return events


def persons_of(events) -> list[tuple[int, str]]:
    """(id, name) of everybody who did one of these events, by name: of the reader's events, never of a whole chain."""
    rows = AuditPerson._base_manager.filter(event__in=events.order_by(), user_id__isnull=False).exclude(name="")
    names = {key: name for key, name in rows.values_list("user_id", "name").distinct() if key is not None}
    return sorted(names.items(), key=lambda row: row[1])


# --- words


def offices(events: Iterable[AuditEvent], framework) -> dict[int, str]:
    """Event id → "board secretary of Anyshire Council": the roles that the person held at that moment."""
    users = {event.pk: getattr(getattr(event, "person", None), "user_id", None) for event in events}
    wanted = set(users.values()) - {None}
    by_user: dict[int, list[Membership]] = {}
    if wanted:
        for one in Membership.objects.filter(framework=framework, user__in=wanted).select_related("organisation"):
            by_user.setdefault(one.user_id, []).append(one)
    return {event.pk: office(by_user.get(users[event.pk] or 0, []), event.at) for event in events}


def office(memberships, at) -> str:
    """The roles held at a moment, in words; "" when there were none."""
    then = [one for one in memberships if one.started_at <= at and (one.ended_at is None or one.ended_at >= at)]
    words = []
    for organisation, mine in groupby(
        sorted(then, key=lambda one: (one.organisation.name, one.role)), key=lambda one: one.organisation.name
    ):
        roles = _t(" and ").join(one.get_role_display().lower() for one in mine)
        words.append(_t("%(roles)s of %(organisation)s") % {"roles": roles, "organisation": organisation})
    return "; ".join(words)


def told(events, framework, *, audience: Audience) -> list[dict]:
    """Events for a page: title, by, at, time; for those who read the ledger with what it holds literally."""
    events = list(events)
    roles = offices(events, framework)
    return [told_one(event, roles.get(event.pk, ""), audience) for event in events]


def told_one(event, role: str, audience: Audience) -> dict:
    """One row in words."""
    name = getattr(getattr(event, "person", None), "name", "")
    by = f"{name}, {role}" if name and role else name or _t("the system")
    reason = event.payload.get("reason", "") if tells_reason(event, audience) else ""
    return {
        "title": in_words(event),
        "by": by,
        "at": event.at,
        "time": londontime(event.at),
        "text": _t("Reason: %(reason)s") % {"reason": reason} if reason and not HASH.search(str(reason)) else "",
        "subject": event.subject_label,
        "literal": list(literally(event)) if audience == Audience.AUDIT else [],
    }


def literally(event) -> Iterator[str]:
    """What the row holds, for those who compare it with an extract of the ledger."""
    yield _t("Recorded as %(verb)s") % {"verb": event.verb}
    yield _t("Moment: %(moment)s") % {"moment": longdatetime(event.at)}
    yield _t("Hash: %(hash)s") % {"hash": shortened(event.hash)}
    yield from lines_of(event.payload)


def lines_of(payload: dict, prefix: str = "") -> Iterator[str]:
    """The details as "name: value" lines; what is nested stands under its outer name."""
    for name, value in payload.items():
        if isinstance(value, dict):
            yield from lines_of(value, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}: {shortened(str(value))}"


def shortened(text: str) -> str:
    """A hash by its beginning: whole ones are wider than a phone."""
    return f"{text[:16]}…" if HASH.fullmatch(text) else text


def by_day(rows: Iterable[dict]) -> list[dict]:
    """Rows in order, grouped by their day in London: [{"day": "27 March 2027", "rows": […]}]."""
    grouped = groupby(rows, key=lambda row: clock.london_date(row["at"]))
    return [{"day": longdate(day), "rows": list(mine)} for day, mine in grouped]


def persons_in(framework) -> list[tuple[int, str]]:
    """(id, name) of everybody who holds or held a role in the framework, by name."""
    rows = Membership.objects.filter(framework=framework).values_list("user_id", "user__full_name").distinct()
    return sorted(rows, key=lambda row: row[1])
