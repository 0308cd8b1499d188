"""Mails about breaches. Each names the reference of the breach and no word of what happened, nor of which protocol; the
one link is an address, and whoever opens it must sign in."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from breaches.attending import belongs
from breaches.models import Breach, BreakGlass, PartyNotice
from portal.notices import absolute, notice
from portal.permissions import Access

ALL = _("You get this message because you belong to a party of the protocol or keep the board’s records.")


def readable(email) -> Breach | None:
    """The breach, if its recipient may see it now: asked again at sending."""
    breach = Breach.objects.select_related("framework").filter(pk=email.ids["breach"]).first()
    if breach is None:
        return None
    return (
        breach
        if Breach.objects.visible_to(Access.of(email.user, breach.framework)).filter(pk=breach.pk).exists()
        else None
    )


def about(breach, name="breach", *more) -> dict:
    """Its reference, and one link."""
    return {
        "breach": breach,
        "framework": breach.framework,
        "link": absolute(reverse(name, args=[breach.framework.slug, breach.number, *more])),
    }


@notice("breaches.reported", why=ALL)
def reported(email):
    """HAR-6.1. Those of another party are asked to acknowledge it, unless somebody there has."""
    breach = readable(email)
    if breach is None:
        return None
    told = PartyNotice.objects.filter(pk=email.ids.get("notice")).first()
    return about(breach) | {"acknowledge": told is not None and told.acknowledged_at is None}


@notice("breaches.report-sent", why=ALL)
def report_sent(email):
    """HAR-6.2: the written report is distributed; the text stands on its page."""
    breach = readable(email)
    return breach and about(breach, "breach-written", email.ids["report"])


@notice("breaches.corrected", why=ALL)
def corrected(email):
    """What was reported is corrected (READ-5)."""
    breach = readable(email)
    return breach and about(breach)


@notice("breaches.meeting-called", why=ALL)
def meeting_called(email):
    """HAR-6.3: day and place stand on the page."""
    breach = readable(email)
    return breach and about(breach)


@notice("breaches.recalled", why=ALL)
def recalled(email):
    """HAR-6.5: the outcome was told, and stands on the page."""
    breach = readable(email)
    return breach and about(breach)


@notice("breaches.minutes", why=ALL)
def minutes(email):
    """HAR-6.6: the minutes are circulated."""
    breach = readable(email)
    return breach and about(breach)


@notice("breaches.lifted", why=ALL)
def lifted(email):
    """HAR-6.6: a suspension has ended; whose stands on the page."""
    breach = readable(email)
    return breach and about(breach)


@notice("breaches.closed", why=ALL)
def closed(email):
    """Closed, with what was learned."""
    breach = readable(email)
    return breach and about(breach)


@notice("breaches.no-contact", why=_("You get this message because you administer the framework."))
def no_contact(email):
    """Nobody can be reached any more at an organisation in breach, or at a party that was to be told: the administrators
    see to it."""
    breach = readable(email)
    return breach and about(breach)


@notice("breaches.glass-broken", why=_("You get this message because you may attend this closed session."))
def glass_broken(email):
    """HAR-6.4: an operator looked into the closed session; who belongs to an organisation in breach by now is not told."""
    breach = readable(email)
    if breach is None or belongs(email.user, breach):
        return None
    row = BreakGlass._base_manager.filter(breach=breach).order_by("pk").last()
    return row and about(breach) | {"row": row}
