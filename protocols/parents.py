"""What a protocol rests on: the parents above it, signed or adopted, inside the portal or not (HAR-10)."""

from django.utils.translation import gettext as _

from portal.templatetags.dates import longdate
from protocols.models import Party, Version

APPLIES = (Version.Status.COMPLETED, Version.Status.IN_FORCE)


def adopted_above(protocol) -> list:
    """The parents that are adopted and not signed, up to the first one that is signed, nearest first."""
    found = []
    above = protocol.parent
    while above is not None and above.tier.adopted:
        found.append(above)
        above = above.parent
    return found


def resting_on_signed(protocol):
    """The protocol itself, or the topmost adopted one above it: its parent is what a signer must be bound by.

    Nobody but its one organisation is bound by an adopted document, so the duty of HAR-10 passes through it to the
    nearest parent that is signed; that parent may also stand outside the portal.
    """
    return [protocol, *adopted_above(protocol)][-1]


def bound_by(protocol, organisation, now) -> bool:
    """Is the organisation bound by a version of the protocol at this moment? One that is completed and past its
    moment counts although the sweep has not been there yet."""
    bound = Party.objects.bound([organisation]).filter(bound_from__lte=now, version__protocol=protocol)
    return bound.filter(version__status__in=APPLIES).exists()


def applies(protocol, now) -> bool:
    """Is a version of the protocol in force at this moment, whether or not the sweep has been there yet?"""
    return protocol.versions.filter(status__in=APPLIES, in_force_from__lte=now).exists()


def external_parent(protocol) -> str:
    """Title and date of the parent outside the portal, as in the statement; empty if there is none."""
    if not protocol.external_parent or protocol.external_parent_dated is None:
        return protocol.external_parent
    return _("%(title)s, dated %(date)s") % {
        "title": protocol.external_parent,
        "date": longdate(protocol.external_parent_dated),
    }


def bound_words(protocol) -> str:
    """The statement about the parent outside the portal, as it is ticked (decisions.md); empty if there is none."""
    words = external_parent(resting_on_signed(protocol))
    return _("We are bound by %(parent)s.") % {"parent": words} if words else ""
