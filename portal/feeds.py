"""Calendars outside the portal: who may see what is asked anew at each fetch; a reference and a duty, never a case.

A calendar program holds nothing but an address, and its owner may have left, so an entry says no more than a mail does.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Max, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal import clock, due, due_todo, endings, subjects
from portal.later import Later
from portal.meeting_subjects import in_calendars
from portal.models import AuditEvent, CalendarFeed, Deadline, Meeting, Membership
from portal.notices import absolute
from portal.permissions import Access

if TYPE_CHECKING:
    import icalendar
else:
    icalendar = Later("icalendar")

KEPT = timedelta(days=92)  # what was done stays so long in the calendar
MOST = 2000  # entries of one calendar
EVERY = timedelta(hours=1)  # how often a program is asked to look again


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. at: a day, or an aware moment. sequence rises with each change (RFC 5545)."""

    uid: str
    summary: str
    at: date | datetime
    changed_at: datetime
    sequence: int
    href: str = ""
    cancelled: bool = False


def access_of(feed: CalendarFeed) -> Access:
    """What the maker of the feed may do now: nothing once the role has ended, the organisation is suspended or the
    account is closed."""
    return Access.of(feed.user, feed.framework)


def entries(feed: CalendarFeed, access: Access, *, now: datetime) -> list[Entry]:
    """Deadlines and meetings of the feed that its maker may see now."""
    return [*deadlines(feed, access, now=now), *meetings(feed, access, now=now)]


def deadlines(feed: CalendarFeed, access: Access, *, now: datetime) -> Iterable[Entry]:
    """Of a person: what they see to. Of a board: what is about its meetings and the protocols on which it decides."""
    if feed.board_id:
        mine = due.visible(access).filter(of_board(feed.board_id, access))
    else:
        mine = Deadline.objects.filter(due_todo.mine(access))
    mine = mine.filter(Q(met_at__isnull=True, dropped_at__isnull=True) | Q(due_at__gte=now - KEPT))
    counted = mine.annotate(times=Count("changes"), moved_at=Max("changes__changed_at")).order_by("due_at", "pk")
    one: Any
    for one in due.with_subjects(counted, access)[:MOST]:
        is_over = one.met_at or one.dropped_at
        changed = [one.started_at if one.recorded_at is None else one.recorded_at, one.moved_at, is_over]
        yield Entry(
            uid=uid("deadline", one),
            summary=summary(one),
            at=one.due_at if due.in_hours(one) else clock.london_date(one.due_at),
            changed_at=max(moment for moment in changed if moment),
            sequence=one.times + bool(is_over),
            href=due.href(one, feed.framework),
            cancelled=one.dropped_at is not None,
        )


def summary(deadline: Deadline) -> str:
    """Duty and reference; no title, no word of the case."""
    words = _("%(duty)s: %(reference)s") % {
        "duty": due.duty(deadline),
        "reference": due.subject_reference(deadline),
    }
    if deadline.met_at:
        return _("Done. %(what)s") % {"what": words}
    return _("%(what)s (provisional date)") % {"what": words} if deadline.provisional else words


def of_board(board: int, access: Access) -> Q:
    """The condition: about one of its meetings, or about a protocol on which it decides or something of that."""
    about = (
        subjects.about(subjects.PROTOCOLS["board"](board), access) if "board" in subjects.PROTOCOLS else Q(pk__in=[])
    )
    held = subjects.rows(Meeting, access).filter(board=board).order_by().values("pk")
    return about | Q(subject_type=ContentType.objects.get_for_model(Meeting), subject_id__in=held)


def meetings(feed: CalendarFeed, access: Access, *, now: datetime) -> Iterable[Entry]:
    """Meetings that the maker may see, of the board or of every board; when each was moved stands in the ledger."""
    found = subjects.rows(Meeting, access).filter(starts_at__gte=now - KEPT).select_related("board")
    if feed.board_id:
        found = found.filter(board=feed.board_id)
    rows = list(found.order_by("starts_at", "pk")[:MOST])
    history = AuditEvent.objects.filter(
        framework_id=feed.framework_id,
        subject_type=Meeting._meta.label_lower,
        subject_id__in=[one.pk for one in rows],
    )
    acts = {
        pk: (times, at)
        for pk, times, at in history.order_by().values_list("subject_id").annotate(Count("pk"), Max("at"))
    }
    kind = subjects.KINDS.get(Meeting._meta.label_lower)
    for one in rows:
        times, at = acts.get(one.pk, (1, one.starts_at))
        one.framework = feed.framework
        yield Entry(
            uid=uid("meeting", one),
            summary=in_calendars(one.board),
            at=one.starts_at,
            changed_at=at,
            sequence=times - 1,
            href=kind.href(one) if kind else "",
            cancelled=one.status == Meeting.Status.CANCELLED,
        )


def uid(kind: str, row) -> str:
    """The same for good, whatever changes."""
    return f"{kind}-{row.framework_id}-{row.pk}@{urlsplit(settings.PORTAL_URL).hostname}"


def as_calendar(name: str, found: Iterable[Entry], *, now: datetime) -> bytes:
    """The file, RFC 5545: days as days, moments in UTC, so that no time zone has to be sent along."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Concordat//Deadlines and meetings//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", icalendar.prop.vDuration(EVERY), parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", icalendar.prop.vDuration(EVERY))
    for one in found:
        calendar.add_component(event(one, now=now))
    return calendar.to_ical()


def event(one: Entry, *, now: datetime) -> "icalendar.Event":
    """One entry. A day lasts until the next; it takes no time that somebody else could want."""
    made = icalendar.Event()
    made.add("uid", one.uid)
    made.add("dtstamp", now)
    made.add("last-modified", one.changed_at)
    made.add("sequence", one.sequence)
    made.add("summary", one.summary)
    made.add("dtstart", one.at)
    if not isinstance(one.at, datetime):
        made.add("dtend", one.at + timedelta(days=1))
        made.add("transp", "TRANSPARENT")
    made.add("status", "CANCELLED" if one.cancelled else "CONFIRMED")
    if one.href:
        made.add("url", absolute(one.href))
    return made


# --- what ends with a role


def left_behind(membership: Membership):
    """The live feeds of a person who has no other role in the framework."""
    others = Membership.objects.live().filter(framework=membership.framework_id, user=membership.user_id)
    found = CalendarFeed.objects.live().filter(framework=membership.framework_id, user=membership.user_id)
    return found.none() if others.exclude(pk=membership.pk).exists() else found


def ending_words(membership: Membership, now: datetime) -> list[str]:
    """For whoever is about to end the role."""
    return [str(ENDS)] if left_behind(membership).exists() else []


def end(membership: Membership, by, now: datetime) -> None:
    """Their addresses answer no more, also if they come back one day."""
    for feed in left_behind(membership):
        feed.revoke(by=by, now=now)


ENDS = gettext_lazy("Their calendar feeds of this framework end.")
endings.register(ending_words, end)
