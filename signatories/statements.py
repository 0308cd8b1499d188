"""The exact words that a signer ticks, with a version number (evidence.md, group 4).

Whoever changes a word raises WORDING: the evidence keeps the words as shown and the number beside them.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from protocols.parents import bound_words

WORDING = 1


@dataclass(frozen=True, slots=True)
class Statement:
    """key: name of the tick box. text: the words beside it, as shown."""

    key: str
    text: str


def statements(party) -> list[Statement]:
    """What the representative of this party must tick, none of it ticked beforehand.

    The last one only when the parent that is signed stands outside the portal (HAR-10): the statement is then the evidence.
    """
    name = {"organisation": party.name}
    shown = [
        Statement("read", _("I have read and understood this protocol.")),
        Statement("authorised", _("I am authorised to sign it for and on behalf of %(organisation)s.") % name),
        Statement("bound", _("%(organisation)s intends to be bound by it.") % name),
    ]
    if words := bound_words(party.version.protocol):
        shown.append(Statement("parent", words))
    return shown


def button_label(party) -> str:
    """The words on the one button."""
    return _("Sign for %(organisation)s") % {"organisation": party.name}
