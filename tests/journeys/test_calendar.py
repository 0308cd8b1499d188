"""A secretary's week, from the front page to a calendar program; an administrator adds a late bank holiday (issue 4).

Wide with JavaScript, and on a phone without."""

from datetime import timedelta
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.db import transaction
from icalendar import Calendar

from portal import clock
from portal.models import Deadline
from portal.permissions import Role
from portal.templatetags.dates import longdate
from portal.tenancy import scope
from tests import builders
from tests.journeys.people import NARROW, WIDE, Person
from tests.portal.duties import Duties, at

BOTH = [(WIDE, True), (NARROW, False)]


@pytest.fixture(scope="module")
def duties(server):
    """A framework just before Christmas: minutes due on 29 December, others overdue since the week before."""
    server.move_to(at(2026, 12, 21))
    with server.inside():
        duties = Duties(name="Eastshire Partnership", slug="eastshire")
        duties.owe(start=at(2026, 12, 18))
        duties.owe("breach.notify_partners", start=at(2026, 12, 9))
        duties.people = {role: duties.member(role) for role in (Role.SECRETARY, Role.FRAMEWORK_ADMIN)}
    return duties


def person_of(server, looker, user, width, javascript):
    """Somebody with the app that the builders gave them, at a time when no code has been used."""
    person = Person(server, looker, user.email, password=builders.PASSWORD, width=width, java_script_enabled=javascript)
    person.secret = decrypt(Authenticator.objects.get(user=user, type="totp").data["secret"])
    server.forward(seconds=120)
    return person


def fetched(address):
    """UID → entry of the calendar, as a calendar program reads it."""
    with urlopen(address, timeout=20) as answer:
        return {str(one["uid"]): one for one in Calendar.from_ical(answer.read()).walk("VEVENT")}


@pytest.mark.parametrize("width, javascript", BOTH)
def test_a_secretarys_week(server, looker, duties, width, javascript):
    """What needs doing → list → month → one's own calendar program → revoked, and the address is no more."""
    person = person_of(server, looker, duties.people[Role.SECRETARY], width, javascript)
    person.come("/me/")
    person.sees("Overdue", "Report the breach to the other partners", "overdue by 3 working days")
    person.click("Eastshire Partnership")
    person.sees("Overdue", "overdue by 3 working days", "Circulate the minutes with action and sanctions")
    person.click("due within 5 working days")
    person.sees("State: Due within 5 working days", "1 deadline")
    person.click("See them in a calendar")
    person.sees("State: Due within 5 working days")
    person.heading("Calendar: December 2026")
    person.sees("Circulate the minutes with action and sanctions")
    person.click("January 2027", exact=False)
    person.sees("Nothing stands in this month")
    person.click("Show them in your own calendar program")
    person.click("Make the feed")
    address = person.page.locator("#feed-address").inner_text()
    assert person.page.evaluate("document.documentElement.scrollWidth") <= width
    found = fetched(address)
    minutes = next(one for one in found.values() if "minutes" in str(one["summary"]))
    assert str(minutes["summary"]).endswith(": REF-ONE")
    assert str(minutes.decoded("dtstart")) == "2026-12-29"
    person.go("/eastshire/calendar-feeds/")
    assert address.rsplit("/", 1)[1] not in person.page.content()
    person.click("Revoke", exact=False)
    person.click("Revoke")
    person.sees("The calendar feed is revoked")
    with pytest.raises(HTTPError, match="404"):
        fetched(address)


def days(duties):
    """The day on which the minutes are due, whoever moved it before, and the next one: both are working days."""
    with scope(duties.framework.pk), transaction.atomic():
        due = clock.london_date(Deadline.objects.get(rule="meeting.minutes").due_at)
    return longdate(due), longdate(due + timedelta(days=1))


@pytest.mark.parametrize("width, javascript", BOTH)
def test_an_administrator_adds_a_late_bank_holiday(server, looker, duties, width, javascript):
    """READ-8: what moves is shown before, with both dates; nothing typed is lost on the way back; then it has moved."""
    day, then = days(duties)
    person = person_of(server, looker, duties.people[Role.FRAMEWORK_ADMIN], width, javascript)
    person.come("/eastshire/closure-days/")
    person.type(date=day)
    person.click("See what moves")
    person.refused("Enter what the day is for")
    person.type(title="Jubilee bank holiday")
    person.tick("A bank holiday declared late: England and Wales")
    person.click("See what moves")
    person.sees("1 date moves.", "Circulate the minutes with action and sanctions", then)
    person.click("Change the day")
    assert person.page.locator("[name=title]").input_value() == "Jubilee bank holiday"
    person.click("See what moves")
    person.click("Add the day")
    person.sees("1 deadline was counted anew.", "Late bank holiday: England and Wales")
    person.go("/eastshire/deadlines/?rule=meeting.minutes")
    person.click("Circulate the minutes with action and sanctions")
    person.sees("Friday 25 December 2026 (Christmas Day)", "HAR-6.6", "REF-ONE First protocol")
    person.sees(f"Moved from {day} to {then}", f"Bank holiday declared late: {day}, Jubilee bank holiday")
