"""Mails about meetings: agenda published, meeting moved or cancelled, minutes circulated. They name the board and the date,
never an item."""

from typing import cast

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal import boards, doorbell
from portal.models import Circulation, Framework, Meeting, Organisation, OutgoingEmail, User
from portal.notices import absolute, holders, notice
from portal.permissions import Access, Perm

SITS = _("You get this message because your organisation sits on this board.")


def audience(board) -> list[tuple[Organisation, list[User]]]:
    """Each organisation of the board with those of its people who speak for it in the framework: who may comment; where
    there is nobody of them, everybody who has a role there."""
    found = []
    for organisation in boards.organisations_of(board):
        people = holders(board.framework, Perm.COMMENT, organisations=[organisation.pk])
        people = people or holders(board.framework, Perm.VIEW, organisations=[organisation.pk])
        found.append((organisation, people))
    return found


def people_of(board) -> list[User]:
    """Each of them once."""
    return list(dict.fromkeys(person for _organisation, people in audience(board) for person in people))


def queue(kind: str, people, meeting: Meeting, *, key, now, **ids) -> None:
    """One mail to each, in the act's own transaction."""
    for person in people:
        OutgoingEmail.objects.queue(
            kind, to=person, key=f"{kind}:{key}:{person.pk}", now=now, framework=meeting.framework_id, meeting=meeting.pk,
            **ids,
        )  # fmt: skip
    doorbell.ring()


def tell_agenda(meeting: Meeting, *, now) -> None:
    """The agenda, or a revised one, is there."""
    queue("portal.agenda-sent", people_of(meeting.board), meeting, key=f"{meeting.pk}:{now.isoformat()}", now=now)


def tell_changed(meeting: Meeting, *, now) -> None:
    """A meeting whose agenda was published is moved or cancelled."""
    queue("portal.meeting-changed", people_of(meeting.board), meeting, key=f"{meeting.pk}:{now.isoformat()}", now=now)


def minutes_key(circulation: Circulation, user: int) -> str:
    """The key of one mail; the state of delivery is found by it."""
    return f"portal.minutes-circulated:{circulation.pk}:{user}"


def tell_minutes(circulation: Circulation, *, now) -> None:
    """The minutes, or corrected ones, to each recipient once, whoever else they speak for."""
    recipients = circulation.recipients.exclude(user=None).select_related("user")
    people = dict.fromkeys(recipient.user for recipient in recipients)
    queue(
        "portal.minutes-circulated", people, circulation.meeting, key=circulation.pk, now=now, number=circulation.number
    )


def facts_of(email: OutgoingEmail, page: str) -> dict | None:
    """The meeting, as the recipient may see it now; None when they may not any more."""
    framework = cast(Framework, email.framework)
    access = Access.of(email.user, framework)
    meeting = Meeting.objects.visible_to(access).select_related("board").filter(pk=email.ids["meeting"]).first()
    if meeting is None:
        return None
    return {
        "meeting": meeting,
        "board": meeting.board.name,
        "framework_name": framework.name,
        "number": email.ids.get("number", 1),
        "link": absolute(reverse(page, args=[framework.slug, meeting.pk])),
    }


@notice("portal.agenda-sent", why=SITS)
def agenda_sent(email):
    """Nothing to say once the meeting is over."""
    facts = facts_of(email, "meeting")
    return facts if facts and facts["meeting"].status == Meeting.Status.PLANNED else None


@notice("portal.meeting-changed", why=SITS)
def meeting_changed(email):
    """As it stands at sending."""
    facts = facts_of(email, "meeting")
    wanted = {Meeting.Status.PLANNED, Meeting.Status.CANCELLED}
    if facts is None or facts["meeting"].status not in wanted:
        return None
    return facts | {"cancelled": facts["meeting"].status == Meeting.Status.CANCELLED}


@notice("portal.minutes-circulated", why=SITS)
def minutes_circulated(email):
    """Where they are read."""
    return facts_of(email, "minutes")
