"""Mails about breaches. Each names the reference of the breach and no word of what happened, nor of which protocol; the
one link is an address, and whoever opens it must sign in."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from breaches.models import Breach, PartyNotice
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
