"""Dates as people read them: ``27 March 2027``, ``27 March 2027 at 1:05pm``, ``in 53 days``. Always London time."""

import datetime as dt

from django import template
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal import clock

register = template.Library()


def _london_day(value):
    return clock.london_date(value) if isinstance(value, dt.datetime) else value


@register.filter
def longdate(value):
    """Date or aware date-time → ``27 March 2027``; empty in, empty out."""
    if not value:
        return ""
    return dateformat.format(_london_day(value), "j F Y")


@register.filter
def shortdate(value):
    """Date or aware date-time → ``27 Mar 2027``, for narrow columns only."""
    if not value:
        return ""
    return dateformat.format(_london_day(value), "j M Y")


@register.filter
def londontime(value):
    """Aware date-time → ``1:05pm``, ``1pm``, ``midday``, ``midnight`` in London."""
    if not value:
        return ""
    local = value.astimezone(clock.LONDON)
    if (local.hour, local.minute) in ((0, 0), (12, 0)):
        return _("midday") if local.hour else _("midnight")
    hour = local.hour % 12 or 12
    half = _("am") if local.hour < 12 else _("pm")
    return f"{hour}:{local.minute:02d}{half}" if local.minute else f"{hour}{half}"


@register.filter
def longdatetime(value):
    """Aware date-time → ``27 March 2027 at 1:05pm`` in London; a plain date gives the date alone."""
    if not value:
        return ""
    if not isinstance(value, dt.datetime):
        return longdate(value)
    return _("%(date)s at %(time)s") % {"date": longdate(value), "time": londontime(value)}


@register.filter
def isodate(value):
    """Value of a ``datetime`` attribute: ISO 8601, date-times with the London offset."""
    if not value:
        return ""
    return (
        value.astimezone(clock.LONDON).isoformat(timespec="seconds")
        if isinstance(value, dt.datetime)
        else value.isoformat()
    )


@register.filter
def contextual_days(value, today=None):
    """How far a due date is: ``in 53 days``, ``tomorrow``, ``today``, ``overdue by 2 days``. Calendar days in London.

    ``today`` (a date or date-time) is for pages "as at" a date; without it the clock is asked.
    """
    if not value:
        return ""
    days = (_london_day(value) - (_london_day(today) if today else clock.london_date(clock.now()))).days
    if days == 0:
        return _("today")
    if days == 1:
        return _("tomorrow")
    if days > 0:
        return ngettext("in %(days)d day", "in %(days)d days", days) % {"days": days}
    return ngettext("overdue by %(days)d day", "overdue by %(days)d days", -days) % {"days": -days}


@register.filter
def days_ago(value, today=None):
    """How long a past date is ago, without the word overdue: ``today``, ``yesterday``, ``12 days ago``."""
    if not value:
        return ""
    days = ((_london_day(today) if today else clock.london_date(clock.now())) - _london_day(value)).days
    if days <= 0:
        return _("today")
    if days == 1:
        return _("yesterday")
    return ngettext("%(days)d day ago", "%(days)d days ago", days) % {"days": days}


@register.filter
def overdue_working_days(count):
    """Number of working days past a deadline → ``overdue by 2 working days``."""
    return ngettext("overdue by %(days)d working day", "overdue by %(days)d working days", count) % {"days": count}
