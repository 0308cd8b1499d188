"""The exact words that a signer ticks, with a version number (evidence.md, group 4).

Whoever changes a word raises WORDING: the evidence keeps the words as shown and the number beside them.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from portal.templatetags.dates import longdate

WORDING = 1


@dataclass(frozen=True, slots=True)
class Statement:
    """key: name of the tick box. text: the words beside it, as shown."""

    key: str
    text: str


def statements(party) -> list[Statement]:
    """What the representative of this party must tick, none of it ticked beforehand.

    The last one only when the parent stands outside the portal (HAR-10): the statement is then the evidence.
    """
    protocol, name = party.version.protocol, {"organisation": party.name}
    shown = [
        Statement("read", _("I have read and understood this protocol.")),
        Statement("authorised", _("I am authorised to sign it for and on behalf of %(organisation)s.") % name),
        Statement("bound", _("%(organisation)s intends to be bound by it.") % name),
    ]
    if protocol.external_parent:
        shown.append(Statement("parent", _("We are bound by %(parent)s.") % {"parent": external_parent(protocol)}))
    return shown


def external_parent(protocol) -> str:
    """Title and date of the parent outside the portal, as in the statement."""
    if protocol.external_parent_dated is None:
        return protocol.external_parent
    return _("%(title)s, dated %(date)s") % {
        "title": protocol.external_parent,
        "date": longdate(protocol.external_parent_dated),
    }


def button_label(party) -> str:
    """The words on the one button."""
    return _("Sign for %(organisation)s") % {"organisation": party.name}
