"""What the page and the PDF of a breach show, put into rows."""

from collections import Counter

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from breaches import hearing
from breaches.finding import place
from breaches.models import Breach, Recall
from portal.models import OutgoingEmail
from portal.templatetags.dates import longdate, longdatetime

Mail = OutgoingEmail.Status
UNDER_WAY = (Mail.QUEUED, Mail.SENDING)
ARRIVED = (Mail.SENT, Mail.DELIVERED)


def questions(breach) -> list[dict]:
    """The five questions as they were answered."""
    people = "" if breach.people is None else str(breach.people)
    return [
        {"key": _("What happened"), "lines": breach.what_happened.split("\n")},
        {"key": _("When it happened"), "value": breach.occurred_words, "note": corrected(breach)},
        {"key": _("Identified"), "value": longdatetime(breach.identified_at), "note": breach.identified_by},
        {"key": _("Protocol"), "value": f"{breach.protocol} {breach.version.number}"},
        {"key": _("In breach"), "lines": [one.name for one in breach.in_breach.all()]},
        {"key": _("Is personal data affected?"), "value": breach.get_personal_data_display()},
        {"key": _("Kinds of data"), "lines": breach.data_kinds.split("\n") if breach.data_kinds else [], "empty": "–"},
        {"key": _("About how many people"), "value": people, "empty": _("Not stated")},
        {"key": _("What was done to contain it"), "lines": breach.containment.split("\n")},
        {
            "key": _("Reported"),
            "value": longdatetime(breach.reported_at),
            "note": _("for %(organisation)s") % {"organisation": breach.reported_for} if breach.reported_for else "",
        },
    ]


def corrected(breach) -> str:
    """That the day was another one at first (READ-5)."""
    first = breach.first_said
    now = {"occurred": breach.occurred, "occurred_from": str(breach.occurred_from or "")}
    if all(first.get(name) == value for name, value in now.items()):
        return ""
    days = {name: parse_date(first.get(name) or "") for name in ("occurred_from", "occurred_until")}
    said = Breach(occurred=first.get("occurred", ""), **days)
    return _("corrected; reported at first: %(words)s") % {"words": said.occurred_words}


def clock_headers() -> list[str]:
    """Of the table below the picture."""
    return [_("Duty"), _("Owed by"), _("Due"), _("State")]


def clock_rows(clocks) -> list[list]:
    """The table below the picture: strict and practical dates, and what was due before (READ-4, READ-5)."""
    return [
        [
            {"value": one.duty, "note": one.source},
            {"value": one.owner, "empty": _("Board secretary")},
            {"lines": due_lines(one)},
            one.cell,
        ]
        for one in clocks
    ]


def due_lines(clock) -> list[str]:
    """The strict date with what must be said of it, the practical one labelled, and earlier ones."""
    lines = [clock.due]
    if clock.statement:
        lines.append(clock.statement)
    if clock.practical:
        lines.append(_("%(day)s: practical date, counted from the identification") % {"day": clock.practical})
    lines += [_("before it was counted again: %(day)s") % {"day": earlier} for earlier in clock.was]
    return lines


def explanations(clocks) -> list[dict]:
    """How each date was counted."""
    found = []
    for one in clocks:
        lines = [one.explanation]
        if one.practical:
            lines.append(_("Practical date: %(how)s") % {"how": one.deadline.practical_explanation})
        found.append({"key": one.duty, "lines": lines})
    return found


def notice_rows(breach, *, may_tell) -> list[list]:
    """Every other party with delivery and acknowledgement (HAR-6.1)."""
    notices = list(breach.notices.select_related("acknowledged_by"))
    sent = deliveries(breach)
    rows = []
    for one in notices:
        seen = {"value": longdatetime(one.acknowledged_at), "empty": _("Not yet")}
        if one.acknowledged_by:
            seen["note"] = one.acknowledged_by.full_name
        told = {"value": delivery_words(one, sent.get(one.pk, Counter()))}
        lost = one.told_at is None or not reached(one, sent.get(one.pk, Counter()))
        if may_tell and one.acknowledged_at is None and lost:
            told = {
                "value": _("Record how they were told"),
                "link": place(breach, "breach-told", one.pk),
                "note": told["value"],
            }
        rows.append([one.name, told, seen])
    return rows


def deliveries(breach) -> dict[int, Counter]:
    """Notice → how many of its mails are in which state."""
    found: dict[int, Counter] = {}
    mails = OutgoingEmail.objects.filter(kind="breaches.reported", ids__breach=breach.pk, ids__has_key="notice")
    for notice, status in mails.values_list("ids__notice", "status"):
        found.setdefault(notice, Counter())[status] += 1
    return found


def reached(notice, states) -> bool:
    """Is there anybody who was, or will be, told? Of a notice whose mails are not kept any more, nothing came back."""
    if notice.told_at is not None and not states:
        return True
    return bool(notice.how) or any(states[state] for state in (*UNDER_WAY, *ARRIVED))


def delivery_words(notice, states) -> str:
    """How the notice stands: "sent" is said once the mail server took it, never more."""
    if notice.how:
        return _("told on %(day)s: %(how)s") % {"day": longdate(notice.told_at), "how": notice.how}
    said = []
    arrived, waiting = (sum(states[state] for state in group) for group in (ARRIVED, UNDER_WAY))
    failed = states[Mail.BOUNCED] + states[Mail.DEAD]
    if arrived:
        said.append(ngettext("sent to %(count)d person", "sent to %(count)d people", arrived) % {"count": arrived})
    if waiting:
        said.append(
            ngettext("%(count)d email is waiting", "%(count)d emails are waiting", waiting) % {"count": waiting}
        )
    if failed:
        said.append(ngettext("%(count)d email came back", "%(count)d emails came back", failed) % {"count": failed})
    if not said and notice.told_at is not None:
        said.append(_("told on %(day)s") % {"day": longdate(notice.told_at)})
    return ", ".join(said) or _("nobody there to write to")


def hearing_rows(breach) -> list[dict]:
    """The meeting as everybody knows it (HAR-6.3)."""
    held = hearing.of(breach)
    if held is None:
        return []
    there = [one.name for one in hearing.remaining(breach) if one.organisation_id in set(held.present)]
    return [
        {"key": _("Meeting"), "value": longdatetime(held.meeting.starts_at), "note": held.meeting.place},
        {"key": _("Chair"), "value": held.chair.full_name if held.chair else "", "empty": _("Not named yet")},
        {
            "key": _("Secretary of the session"),
            "value": held.secretary.full_name if held.secretary else "",
            "empty": _("Not named yet"),
        },
        {"key": _("There, of the other parties"), "lines": there, "empty": _("Not held yet")},
    ]


def outcome_rows(breach) -> list[dict]:
    """What was told at the recall (HAR-6.5), and what was learned."""
    rows = []
    if told := Recall.objects.filter(breach=breach).first():
        rows = [
            {"key": _("Outcome"), "lines": told.outcome.split("\n")},
            {"key": _("Told"), "value": longdatetime(told.told_at), "note": f"{told.told_by} → {told.told_to}"},
        ]
    if breach.lessons:
        rows.append({"key": _("What was learned"), "lines": breach.lessons.split("\n")})
    return rows
